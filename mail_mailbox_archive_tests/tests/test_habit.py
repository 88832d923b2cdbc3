"""Suggestions by what people chose before: ranked, told in words, and to whom."""

from odoo import Command
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.read import habits

from .test_suggestion import SuggestionCase


@tagged("post_install", "-at_install")
class TestHabit(SuggestionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids = [Command.link(cls.colleague.id)]
        cls.task = cls.make_company("Roofs Task")

    def choose(self, record, times=1, user=None, **values):
        """Have emails arrive and a person archive them."""
        for number in range(times):
            values.setdefault("subject", "")
            subject = f"{values['subject']} a{number}"
            message = self.receive(user=user, **{**values, "subject": subject})
            message._archive(record.with_user(user or self.member))

    def best(self, message):
        suggestions, _note = message._suggest_for_archiving()
        return suggestions[0] if suggestions else None

    def test_it_is_offered_with_its_reason_and_not_chosen(self):
        self.choose(self.task, times=5)
        best = self.best(self.receive())
        self.assertEqual(best.record, self.task)
        self.assertFalse(best.enough)
        self.assertEqual(
            best.reason,
            "You archived emails of this correspondent here before (5).",
        )
        groups, left = self.receive()._group(self.receive()._suggest_for_each())
        self.assertFalse(groups)
        self.assertEqual(len(left), 1)

    def test_it_is_put_before_weaker_evidence_and_not_before_a_conversation(self):
        contact = self.make_company("Contact", email="somebody@unknown.example")
        self.assertEqual(self.best(self.receive()).record, contact)
        self.choose(self.task, times=8)
        self.assertEqual(self.best(self.receive()).record, self.task)
        first = self.receive(message_id="<t@x.example>", subject="Begun")
        first._archive(self.spostex.with_user(self.member))
        reply = self.receive(references="<t@x.example>", subject="Re: Begun")
        self.assertEqual(self.best(reply).record, self.spostex)

    def test_what_it_agrees_with_stays_chosen(self):
        contact = self.make_company("Contact", email="somebody@unknown.example")
        self.choose(contact, times=3)
        best = self.best(self.receive())
        self.assertEqual(best.record, contact)
        self.assertTrue(best.enough)
        self.assertIn("this contact. You archived emails of this", best.reason)

    def test_records_of_the_kind_that_is_chosen_for_a_sender(self):
        self.make_company("Contact", email="somebody@unknown.example")
        orders = [self.make_order(f"SO100{number}") for number in range(9)]
        message = self.receive(subject="SO1000 please")
        self.assertEqual(self.best(message).record.name, "Contact")
        for number, order in enumerate(orders[1:], 1):
            self.choose(order, subject=f"SO100{number}")
        best = self.best(message)
        self.assertEqual(best.record, orders[0])
        self.assertTrue(best.enough)
        self.assertIn("records of this kind before (8)", best.reason)

    def test_a_domain_a_folder_and_a_word(self):
        self.choose(self.task, times=3, **{"from": "jan@firm.example"})
        message = self.receive(**{"from": "eva@firm.example"})
        self.assertIn("emails of firm.example here", self.best(message).reason)
        self.choose(self.spostex, 3, **{"from": "a@gmail.com"}, subject="Scaffolding")
        message = self.receive(**{"from": "b@gmail.com"}, subject="Your scaffolding")
        self.assertEqual(self.best(message).record, self.spostex)
        self.assertIn("“scaffolding” in the subject", self.best(message).reason)
        folder = self.make_folder(self.mailbox, "Cranes")
        crane = self.make_company("Crane Hire")
        for number in range(3):
            message = self.receive(**{"from": f"c{number}@gmail.com"}, subject="x")
            message.sudo().arrival_ids.folder_id = folder
            message._archive(crane.with_user(self.member))
        message = self.receive(**{"from": "d@gmail.com"}, subject="y")
        message.sudo().arrival_ids.folder_id = folder
        self.assertEqual(self.best(message).record, crane)
        self.assertIn("this folder here before (3)", self.best(message).reason)

    def test_what_was_sent_goes_by_its_recipient(self):
        mine = {"from": self.mailbox.email, "to": "jan@firm.example"}
        self.choose(self.task, times=3, **mine)
        self.assertEqual(self.best(self.receive(**mine)).record, self.task)
        other = {"from": self.mailbox.email, "to": "eva@gmail.com"}
        self.assertFalse(self.best(self.receive(**other)))

    def test_a_colleague_s_choice_in_the_same_mailbox(self):
        self.choose(self.task, times=3, user=self.colleague)
        self.assertEqual(
            self.best(self.receive()).reason,
            "Emails of this correspondent in this mailbox were archived here before "
            "(3).",
        )

    # What is told to nobody else

    def test_a_choice_that_one_may_not_read_is_not_told(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.choose(self.task, times=3, user=self.colleague)
        message = self.receive()
        self.task.company_id = elsewhere
        self.assertFalse(self.best(message))

    def test_nor_one_for_other_roles(self):
        role = self.env["res.groups"].create({"name": "Foreman", "mail_role": True})
        self.colleague.group_ids = [Command.link(role.id)]
        for number in range(3):
            message = self.receive(user=self.colleague, subject=f"Secret {number}")
            record = self.task.with_user(self.colleague)
            message._archive(record, role.with_user(self.colleague))
        # in the mailbox as well it would be read by its people
        self.env["mail.mailbox.arrival"].search([]).unlink()
        self.assertFalse(self.best(self.receive()))

    def test_nor_one_from_another_mailbox_or_a_private_one(self):
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        board = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        for mailbox in other | board:
            more = {"user": self.colleague, "mailbox": mailbox}
            self.choose(self.task, times=3, subject=mailbox.name, **more)
        self.assertFalse(self.best(self.receive()))
        # to who made them they are known
        mine = self.best(self.receive(user=self.colleague))
        self.assertIn("(6)", mine.reason)

    def test_nor_a_record_that_is_gone(self):
        self.choose(self.task, times=3)
        self.task.unlink()
        self.assertFalse(self.best(self.receive()))

    def test_what_was_archived_automatically_is_no_choice(self):
        rule = self.env["mail.mailbox.filing.rule"].create(
            {
                "name": "Roofs",
                "sender": "unknown.example",
                "record_type_id": self.env.ref(
                    "mail_mailbox_archive.record_type_company"
                ).id,
                "res_id": self.task.id,
                "action": "suggest",
            }
        )
        for number in range(3):
            message = self.receive(subject=f"Auto {number}")
            message._archive(self.task.with_user(self.member), cause=rule)
        self.assertFalse(self.best(self.receive()))

    def test_what_was_undone_is_no_choice(self):
        self.choose(self.task, times=3)
        links = self.env["mail.mailbox.link"].with_user(self.member).search([])
        links.action_unfile()
        self.assertFalse(self.best(self.receive()))

    # What it costs

    def test_it_asks_as_many_queries_for_many_as_for_one(self):
        self.choose(self.task, times=3)
        for sender in range(5):
            sender = f"s{sender}@firm{sender}.example"
            self.choose(self.task, times=2, **{"from": sender})
        messages = [
            self.receive(**{"from": f"s{n}@firm{n}.example"}, subject=f"Many {n}")
            for n in range(5)
        ]

        def count(some):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("subject")
            before = self.env.cr.sql_log_count
            self.assertTrue(some._get_habits())
            return self.env.cr.sql_log_count - before

        count(messages[0])
        one = count(messages[0])
        self.assertLessEqual(count(messages[0].union(*messages)), one)
        self.assertLessEqual(one, 8)

    def test_what_is_looked_at_does_not_grow(self):
        self.choose(self.task, times=3)
        traits = [habits.Traits("somebody@unknown.example", "unknown.example")]
        self.env.flush_all()
        self.env.cr.execute(
            "INSERT INTO mail_mailbox_link (mailbox_message_id, res_model, res_id,"
            " mailbox_id, user_id, correspondent, correspondent_domain, record_state)"
            " SELECT mailbox_message_id, res_model, -number, mailbox_id, user_id,"
            " correspondent, correspondent_domain, record_state"
            " FROM mail_mailbox_link, generate_series(1, 2000) AS number"
        )
        links = self.env["mail.mailbox.link"].with_user(self.member)
        self.assertLessEqual(len(links._find_choices(traits, self.mailbox)), 1200)
        self.env.cr.execute("ANALYZE mail_mailbox_link")
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        for column in ("correspondent", "correspondent_domain"):
            self.env.cr.execute(
                f"EXPLAIN SELECT id FROM mail_mailbox_link WHERE {column} = 'x'"
                " ORDER BY id DESC LIMIT 10"
            )
            self.assertIn(
                f"mail_mailbox_link_{column}_idx", str(self.env.cr.fetchall())
            )
