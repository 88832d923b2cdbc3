"""Automatic answers: given once, to people, and to no machine."""

from datetime import timedelta
from unittest.mock import patch

from odoo.modules.neutralize import neutralize_database
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.send import providers

from .autoresponder import JOURNAL, NOON, AutoresponderCase
from .common import write_mail
from .reliability.extent import extent
from .sending import CUT

LOG = "odoo.addons.mail_mailbox_archive.models.autoresponder.answer"


@tagged("post_install", "-at_install")
class TestAnswers(AutoresponderCase):
    """Who gets an answer, and what it is."""

    def test_a_person_gets_one_answer(self):
        arrival = self.receive(
            "Order 17", **{"from": "Anna Nowak <anna@spostex.example>"}
        )
        (received,) = self.answer()
        self.assertEqual(received.mail_from.strip("<>"), "")
        self.assertEqual(received.rcpt_to, ("anna@spostex.example",))
        message = received.message
        self.assertEqual(message["Subject"], "Re: Away: Order 17")
        self.assertEqual(message["Auto-Submitted"], "auto-replied")
        self.assertEqual(message["X-Auto-Response-Suppress"], "All")
        self.assertEqual(message["In-Reply-To"], arrival.mailbox_message_id.message_id)
        self.assertIn("office@spedbud.example", message["From"])
        self.assertIn("Dear Anna Nowak", received.text)
        self.assertIn("<p>Dear Anna Nowak, I am away.", received.html)
        entry = self.entries()
        self.assertEqual((entry.state, entry.reason), ("answered", False))
        self.assertEqual(entry.recipient, "anna@spostex.example")
        # listed as sent, and not answered in turn
        sent = self.mailbox.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", self.mailbox.id), ("direction", "=", "outgoing")]
        )
        self.assertEqual(len(sent), 1)
        self.assertFalse(self.answer())

    def test_it_answers_from_the_address_that_was_written_to(self):
        address = "sales@spedbud.example"
        alias = self.env["mail.mailbox.address"].create(
            {"mailbox_id": self.mailbox.id, "email": address}
        )
        self.receive("One", to=address, **{"from": "anna@spostex.example"})
        (first,) = self.answer()
        # not verified yet: nothing leaves from it
        self.assertIn("office@spedbud.example", first.message["From"])
        alias.sudo().write({"approval": "approved", "proven_address": address})
        self.receive("Two", to=address, return_path="<ola@spostex.example>")
        (second,) = self.answer()
        self.assertIn(address, second.message["From"])
        self.assertIn(address, second.message["Reply-To"])

    def test_once_in_seven_days_and_then_again(self):
        for number, days, count in ((1, 0, 1), (2, 6, 0), (3, 7.1, 1)):
            with self.at(NOON + timedelta(days=days)):
                self.receive(f"Order {number}")
                self.assertEqual(len(self.answer()), count, days)
        self.assertEqual(self.entries().mapped("reason"), [False, "answered", False])

    def test_two_messages_of_one_person_in_one_batch(self):
        self.receive("One")
        self.receive("Two")
        self.assertEqual(len(self.answer()), 1)

    def test_return_path_that_is_new_each_time(self):
        """A ticket system's: one answer, whatever it calls itself."""
        for number in range(4):
            self.receive(
                f"Ticket {number}",
                return_path=f"<b-{number}@desk.example>",
                **{"from": "support@desk.example"},
            )
        self.assertEqual(len(self.answer()), 1)
        self.assertEqual(self.entries().mapped("reason"), [False, *["per_message"] * 3])
        with self.at(NOON + timedelta(days=20)):
            self.receive(
                "Ticket 9",
                return_path="<b-9@desk.example>",
                **{"from": "support@desk.example"},
            )
            self.assertFalse(self.answer())

    def test_server_that_writes_no_return_path(self):
        """The author is answered then; with an empty one nobody is."""
        self.receive("One", return_path=None)
        (received,) = self.answer()
        self.assertEqual(received.rcpt_to, ("anna.nowak@spostex.example",))
        self.assertIn("until turned off", self.mailbox.autoresponder_status)

    def test_mail_without_a_return_path_where_others_have_one(self):
        self.receive("Usual", return_path="<bob@spostex.example>")
        self.receive("One", return_path=None)
        self.answer()
        self.assertEqual(self.entries().mapped("reason"), [False, "no_return_path"])

    def test_status_says_what_would_happen(self):
        self.assertIn("Replying until", self.mailbox.autoresponder_status)
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.autoresponder_cap", "0"
        )
        self.mailbox.invalidate_recordset()
        self.assertIn("Too many automatic replies", self.mailbox.autoresponder_status)

    def test_machines_get_none_and_the_journal_says_why(self):
        self.receive("News", list_id="<news.spostex.example>")
        self.assertFalse(self.answer())
        entry = self.entries()
        self.assertEqual((entry.state, entry.reason), ("withheld", "list"))
        self.assertEqual(entry.detail, "list-id")

    def test_addresses_of_our_own_get_none(self):
        self.make_mailbox("sales@spedbud.example", active=False)
        alias = self.env["mail.alias"].create(
            {
                "alias_name": "jobs",
                "alias_model_id": self.env["ir.model"]._get_id("mail.mailbox"),
                "alias_domain_id": self.env["mail.alias.domain"]
                .create({"name": "spedbud.example"})
                .id,
            }
        )
        for one in ("sales@spedbud.example", alias.alias_full_name):
            self.receive(one, return_path=f"<{one}>")
            self.assertFalse(self.answer(), one)
            self.assertEqual(self.entries()[-1].reason, "own")

    def test_other_addresses_of_the_mailbox(self):
        self.receive("One", to="info@spedbud.example")
        self.assertFalse(self.answer())
        self.mailbox.autoresponder_addresses = "hello@spedbud.example, "
        self.mailbox.autoresponder_addresses += "info@spedbud.example"
        self.receive("Two", to="Info <info@spedbud.example>")
        self.assertEqual(len(self.answer()), 1)

    def test_hostile_subject_and_name(self):
        self.receive(
            "{{first_name}} <script>alert(1)</script>",
            **{"from": '"<img src=x onerror=alert(1)>" <anna@spostex.example>'},
        )
        (received,) = self.answer()
        self.assertNotIn("<script", received.html)
        self.assertNotIn("<img", received.html)
        self.assertIn("{{first_name}}", received.message["Subject"])

    def test_two_mailboxes_that_answer_write_each_other_twice_at_most(self):
        other = self.make_mailbox("sales@spedbud.example", **self.smtp_values())
        other.state = "ready"
        self.switch_on(other)
        total = 0
        mail = self.receive(
            "Hello", return_path=f"<{other.email}>", **{"from": other.email}
        )
        for _turn in range(6):
            answers = self.answer()
            total += len(answers)
            for one in answers:
                to = other if other.email in one.rcpt_to else self.mailbox
                one.message["Return-Path"] = "<>"
                self.place(to, [one.message], NOON, True)
        self.assertTrue(mail)
        self.assertLessEqual(total, 2)

    def test_two_strangers_systems_that_do_not_say_what_they_are(self):
        """The other one strips every header, and answers whatever comes."""
        total = 0
        self.receive("Turn 0")
        for turn in range(1, 20):
            total += len(self.answer())
            self.receive(f"Turn {turn}")
        self.assertEqual(total, 1)

    def test_a_thousand_forged_senders_stop_at_the_cap(self):
        """In the short form a hundred, five times the cap."""
        count = extent(100, 1_000)
        mails = [
            write_mail(
                f"Forged {number}",
                return_path=f"<victim{number}@firma.example>",
                **{"from": f"victim{number}@firma.example"},
                to=self.mailbox.email,
            )
            for number in range(count)
        ]
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.autoresponder_cap", "20"
        )
        self.place(self.mailbox, mails, NOON, True)
        self.assertEqual(len(self.entries()), count)
        self.assertEqual(len(self.answer()), 20)
        self.assertTrue(self.mailbox.autoresponder_paused)
        self.assertIn("Paused", self.mailbox.autoresponder_status)
        activity = self.mailbox.activity_ids
        self.assertEqual(activity.user_id, self.member)
        states = self.entries().mapped("state")
        self.assertEqual(
            (states.count("answered"), states.count("withheld")), (20, count - 20)
        )
        with self.at(NOON + timedelta(days=1)):
            self.receive("After")
            self.assertFalse(self.answer(), "it stays paused until somebody looks")
            self.mailbox.with_user(self.member).action_resume_autoresponder()
            self.receive("Resumed")
            self.assertEqual(len(self.answer()), 1)
        self.assertFalse(self.mailbox.activity_ids)

    def test_five_thousand_old_messages_are_not_even_listed(self):
        half = extent(150, 2_500)
        mails = [write_mail(f"Old {n}", to=self.mailbox.email) for n in range(2 * half)]
        self.place(self.mailbox, mails[:half], NOON - timedelta(days=400), True)
        self.place(self.mailbox, mails[half:], NOON, False)
        self.assertFalse(self.entries())
        self.assertFalse(self.answer())

    def test_a_failure_that_passes_is_tried_again(self):
        self.receive("Order")
        self.smtp.answer = "451 later"
        self.assertFalse(self.answer())
        entry = self.entries()
        self.assertEqual((entry.state, entry.tries), ("waiting", 1))
        self.smtp.answer = None
        self.assertFalse(self.answer(), "not before its time")
        with self.at(NOON + timedelta(minutes=11)):
            self.assertEqual(len(self.answer()), 1)
        self.assertEqual(entry.state, "answered")

    def test_a_failure_that_stays_is_told(self):
        self.receive("Order")
        self.smtp.answer = "554 no"
        self.assertFalse(self.answer())
        self.assertEqual(self.entries().state, "failed")
        self.assertIn("refused", self.entries().detail)

    def test_an_answer_that_may_have_left_is_not_sent_again(self):
        self.receive("Order")
        self.smtp.answer = CUT
        self.answer()
        self.assertEqual(self.entries().state, "failed")
        self.smtp.answer = None
        self.receive("Order again")
        self.assertFalse(self.answer(), "it counts as answered")

    def test_a_fault_does_not_stop_the_next_answer(self):
        self.receive("One")
        self.receive("Two", return_path="<bob@spostex.example>")
        smtp, calls = providers.get("smtp"), []
        send = smtp.send

        def fail_once(provider, *args):
            calls.append(args)
            if len(calls) == 1:
                raise ValueError("fault")
            return send(provider, *args)

        with (
            patch.object(smtp, "send", fail_once),
            mute_logger(LOG),
        ):
            self.assertEqual(len(self.answer()), 1)
        self.assertEqual(self.entries().mapped("state"), ["failed", "answered"])

    def test_an_interrupted_answer_is_noted_and_not_repeated(self):
        self.receive("Order")
        entry = self.entries()
        entry.write({"state": "sending", "answered_at": NOON - timedelta(hours=2)})
        self.assertFalse(self.answer())
        self.assertEqual(entry.state, "failed")

    def test_a_mailbox_that_is_not_ready_any_more(self):
        self.receive("Order")
        self.mailbox.state = "draft"
        self.assertFalse(self.answer())
        self.assertIn("not verified", self.entries().detail)
        self.assertIn("not ready", self.mailbox.autoresponder_status)

    def test_journal_is_purged_after_ninety_days(self):
        self.receive("Old")
        self.receive("New")
        old, new = self.entries()
        for entry, days in ((old, 91), (new, 89)):
            self.env.cr.execute(
                "UPDATE mail_mailbox_autoresponder_journal SET create_date = %s"
                " WHERE id = %s",
                (NOON - timedelta(days=days), entry.id),
            )
        self.env.invalidate_all()
        self.assertEqual(self.env[JOURNAL]._gc_journal(), (1, False))
        self.assertEqual(self.entries(), new)

    def test_a_copy_of_the_database_never_answers(self):
        self.receive("Order")
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        self.assertFalse(self.mailbox.autoresponder_enabled)
        self.assertFalse(self.answer())
        self.assertEqual(self.entries().state, "withheld")
