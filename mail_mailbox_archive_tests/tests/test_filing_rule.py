"""Filing rules: what they archive, and above all what they only suggest."""

import itertools

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import USER, make_older
from .matrix_world import MAGIC
from .test_follow import JAN, FollowCase


@tagged("post_install", "-at_install")
class FilingRuleCase(FollowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.companies = cls.env.ref("mail_mailbox_archive.record_type_company")
        cls.contacts = cls.env.ref("mail_mailbox_archive.record_type_contact")

    def rule(self, user=None, **values):
        values = {
            "name": "Partner",
            "record_type_id": self.companies.id,
            "res_id": self.spostex.id,
            **({} if values.get("target") else {"words": "roof"}),
            **values,
        }
        rules = self.env["mail.mailbox.filing.rule"].with_user(user or self.member)
        return rules.create(values)

    def assertFiled(self, message, record=None, rule=None):
        self.work_off()
        links = message.sudo().link_ids
        self.assertEqual(links.mapped("res_id"), [(record or self.spostex).id])
        self.assertTrue(links.rule_id)
        if rule:
            self.assertEqual(links.rule_id, rule)

    def offers(self, rule, message):
        """Return what the rule alone suggests: records, and whether one is chosen."""
        found = rule._suggest(message.with_user(self.member))
        return sorted(
            ((one.record, one.enough) for one in found),
            key=lambda offer: offer[0].display_name,
        )

    def suggested(self, message, user=None):
        """Return the record that the form chooses for ``message``, if it does."""
        message = message.with_user(user or self.member)
        suggestions, _note = message._suggest_for_archiving()
        return next((one for one in suggestions if one.score == 98), None)


class TestFilingRule(FilingRuleCase):
    def test_it_archives_with_roles_and_a_reason(self):
        self.member.group_ids = [Command.link(self.foreman.id)]
        rule = self.rule(role_ids=[Command.set(self.foreman.ids)])
        message = self.receive(subject="A new roof")
        self.assertFiled(message, rule=rule)
        self.assertEqual(message.role_ids, self.foreman)
        self.assertEqual(message.link_ids.user_id, self.member)
        line = message.with_user(self.member).history_ids
        self.assertEqual(line.note, "Automatically: by the filing rule “Partner”.")
        records = message.with_user(self.member).attached_records
        self.assertEqual(records[0]["automatic"], "rule")

    def detach_and_undo(self, message, between=lambda: None):
        """Detach ``message`` and undo it; return its link."""
        done = message.with_user(self.member).link_ids.action_unfile()
        between()
        lines = self.env["mail.mailbox.history"].browse(done["params"]["undo"])
        lines.with_user(self.member).action_undo()
        return message.sudo().link_ids

    def test_what_archived_an_email_is_so_after_undoing(self):
        rule = self.rule()
        by_rule = self.receive(subject="A new roof", references="")
        self.assertFiled(by_rule, rule=rule)
        follow = self.follow()
        followed = self.receive()
        self.work_off()
        addressed = self.receive(subject="Walls", references="")
        self.archive(self.spostex, messages=addressed)
        addressed.sudo().link_ids.by_address = True
        for message, name, cause in (
            (by_rule, "rule_id", rule),
            (followed, "follow_id", follow),
            (addressed, "by_address", True),
        ):
            link = self.detach_and_undo(message)
            self.assertEqual(link[name], cause)
            self.assertTrue(link._get_cause())
        # a habit is what people do
        links = (by_rule | followed).sudo().link_ids
        self.assertFalse(any(links.mapped("correspondent")))
        link = self.detach_and_undo(by_rule, lambda: rule.sudo().unlink())
        self.assertFalse(link.rule_id)

    def test_what_does_not_meet_it_stays(self):
        self.rule(words="walls")
        message = self.receive(subject="A new roof")
        self.assertProposed(message)
        self.assertFalse(self.suggested(message))

    def test_a_first_import_stays(self):
        self.rule()
        self.assertProposed(self.receive(subject="A new roof", live=False))

    def test_it_only_suggests(self):
        self.rule(action="suggest")
        message = self.receive(subject="A new roof")
        self.assertProposed(message)
        suggestion = self.suggested(message)
        self.assertEqual(suggestion.record, self.spostex)
        self.assertTrue(suggestion.enough)
        self.assertIn("Partner", suggestion.reason)

    def test_a_sender_has_to_be_verified(self):
        self.rule(words=False, sender="partner.example")
        forged = self.receive(verified=False)
        self.assertProposed(forged)
        self.assertFalse(self.suggested(forged).enough)
        self.assertFiled(self.receive())

    def test_a_forged_reply_with_the_words_of_the_subject(self):
        self.rule()
        self.assertFiled(self.receive(subject="A new roof"))
        for values in (
            {"sender": "evil@attacker.example"},
            {"verified": False},
            {"sender": "evil@attacker.example", "verified": False},
        ):
            forged = self.receive(subject="Re: A new roof", **values)
            self.assertProposed(forged)
            self.assertFalse(self.suggested(forged).enough)
        self.assertFiled(self.receive(subject="Re: A new roof"))
        # what begins a conversation needs no proof
        stranger = {"sender": "eva@elsewhere.example", "verified": False}
        self.assertFiled(self.receive(subject="Your roof", references="", **stranger))

    def test_who_made_it_is_asked_when_it_archives(self):
        self.rule()
        message = self.receive(subject="A new roof")
        self.mailbox.sudo().user_ids = [Command.set(self.colleague.ids)]
        self.assertProposed(message)

    def test_who_left_archives_nothing(self):
        self.rule()
        self.mailbox.responsible_id = self.colleague
        self.member.active = False
        self.assertProposed(self.receive(subject="A new roof"))

    def test_a_record_that_they_cannot_open(self):
        secret = self.env["res.partner"].create(
            {"name": "Secret", "company_id": self.other_company().id}
        )
        with self.assertRaises(AccessError):
            self.rule(res_id=secret.id)
        rule = self.rule()
        self.spostex.sudo().company_id = secret.company_id
        message = self.receive(subject="A new roof")
        self.assertProposed(message)
        self.assertFalse(self.suggested(message))
        self.assertFalse(rule.res_name)

    def other_company(self):
        return self.env["res.company"].create({"name": "Elsewhere"})

    def test_a_private_mailbox_that_it_does_not_name(self):
        private = self.make_private()
        self.rule()
        message = self.receive(private, subject="A new roof")
        self.assertProposed(message)
        self.assertFalse(self.suggested(message).enough)

    def test_a_private_mailbox_that_it_names_keeps_its_bond(self):
        private = self.make_private()
        self.rule(mailbox_ids=[Command.set(private.ids)])
        message = self.receive(private, subject="A new roof")
        self.assertFiled(message)
        self.assertEqual(message.link_ids.mailbox_id, private)
        self.assertFalse(message.with_user(self.outsider).has_access("read"))

    def make_private(self):
        return self.make_mailbox(
            email="board@spedbud.example",
            private=True,
            user_ids=[Command.set(self.member.ids)],
            trusted_server=self.mailbox.trusted_server,
        )

    def test_never_archived_addresses(self):
        self.rule()
        self.env["mail.mailbox.never.archive"].create({"name": "partner.example"})
        self.assertProposed(self.receive(subject="A new roof"))

    def test_a_stopped_rule(self):
        rule = self.rule()
        message = self.receive(subject="A new roof")
        rule.active = False
        self.assertProposed(message)
        self.assertProposed(self.receive(subject="Another roof"))
        rule.active = True
        self.assertFiled(self.receive(subject="The third roof"))

    def test_two_rules_and_two_records(self):
        self.rule()
        self.rule(res_id=self.north.id)
        message = self.receive(subject="A new roof")
        self.work_off()
        self.assertEqual(
            sorted(message.link_ids.mapped("res_name")),
            ["North Pier Ltd", "Spostex S.A."],
        )

    def test_an_email_that_was_archived_already(self):
        self.rule()
        message = self.receive(subject="A new roof")
        self.archive(self.spostex, messages=message)
        self.work_off()
        self.assertEqual(len(message.sudo().link_ids), 1)
        self.assertFalse(message.sudo().link_ids.rule_id)

    # What it finds

    def test_the_sender_s_contact(self):
        jan = self.env["res.partner"].create(
            {"name": "Jan", "email": JAN, "parent_id": self.spostex.id}
        )
        self.rule(target="sender")
        self.assertFiled(self.receive())
        self.env["mail.mailbox.filing.rule"].search([]).unlink()
        rule = self.rule(target="sender", record_type_id=self.contacts.id)
        self.assertFiled(self.receive(), jan, rule)

    def test_two_contacts_with_one_address(self):
        self.spostex.email = self.north.email = JAN
        rule = self.rule(target="sender")
        message = self.receive()
        self.assertProposed(message)
        expected = [(self.north, False), (self.spostex, False)]
        self.assertEqual(self.offers(rule, message), expected)

    def test_the_sender_s_domain(self):
        self.spostex.email = "office@partner.example"
        self.rule(target="domain")
        self.assertFiled(self.receive())
        self.assertProposed(self.receive(sender="x@elsewhere.example"))

    def test_a_public_provider_is_nobody_s_domain(self):
        self.spostex.email = "office@gmail.com"
        self.rule(target="domain")
        self.assertProposed(self.receive(sender="jan@gmail.com"))

    def test_who_is_ours_is_no_sender(self):
        self.env.company.partner_id.email = JAN
        self.rule(target="sender")
        self.assertProposed(self.receive())

    def test_the_record_with_the_number(self):
        orders = self.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        jan = self.spostex.child_ids.create(
            {"name": "Jan", "email": JAN, "parent_id": self.spostex.id}
        )
        first, second = self.env["mailbox.test.order"].create(
            [{"name": name, "partner_id": jan.id} for name in ("SO0012", "SO00123")]
        )
        values = {"record_type_id": orders.id, "res_id": False}
        rule = self.rule(target="number", **values)
        self.assertFiled(self.receive(subject="Re: so0012, please"), first)
        self.assertFiled(self.receive(subject="SO00123"), second)
        self.assertProposed(self.receive(subject="About an order"))
        both = self.receive(subject="SO0012 and SO00123")
        self.assertProposed(both)
        self.assertEqual(self.offers(rule, both), [(first, False), (second, False)])
        first.user_id = self.colleague
        self.assertProposed(self.receive(subject="once more SO0012"))

    def test_whose_number_is_believed(self):
        orders = self.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        order = self.env["mailbox.test.order"].create({"name": "SO0012"})
        values = {"record_type_id": orders.id, "res_id": False, "target": "number"}
        rule = self.rule(**values)
        self.assertIn("not verified", rule.note)
        self.assertIn("nothing to do with", rule.note)

        def write(sender=JAN, **more):
            return self.receive(sender=sender, subject="SO0012", references="", **more)

        # nobody has anything to do with it yet
        message = write()
        self.assertProposed(message)
        self.assertEqual(self.offers(rule, message), [(order, False)])
        # a contact of its customer, a colleague of one, and who was in touch about it
        contacts = self.env["res.partner"]
        anna = {"name": "Anna", "email": "anna@customer.example"}
        customer = contacts.create(
            {"name": "Customer", "is_company": True, "email": "info@customer.example"}
        )
        contacts.create({**anna, "parent_id": customer.id})
        order.partner_id = customer
        self.assertFiled(write("anna@customer.example"), order)
        self.assertFiled(write("piotr@customer.example"), order)
        self.assertProposed(write("eva@elsewhere.example"))
        self.assertProposed(write())
        # where one contact works somewhere else, the others there are not known
        tax = {"name": "Tax", "email": "jan@tax.example", "parent_id": customer.id}
        contacts.create(tax)
        self.assertFiled(write("jan@tax.example"), order)
        self.assertProposed(write("ola@tax.example"))
        self.archive(order, messages=write(cc="tom@elsewhere.example"))
        self.assertFiled(write(), order)
        self.assertFiled(write("tom@elsewhere.example"), order)
        # none of which is worth anything if it is not them
        for sender in ("anna@customer.example", "piotr@customer.example", JAN):
            self.assertProposed(write(sender, verified=False))
        # who makes a rule for a sender vouches for them
        rule.sender = "elsewhere.example"
        self.assertFiled(write("eva@elsewhere.example"), order)
        self.assertProposed(write("eva@elsewhere.example", verified=False))
        self.assertNotIn("nothing to do with", rule.note)

    def test_a_number_in_what_was_sent_from_here(self):
        orders = self.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        order = self.env["mailbox.test.order"].create({"name": "SO0012"})
        self.rule(target="number", record_type_id=orders.id, res_id=False)
        folder = self.make_folder(self.mailbox, "Sent")
        folder.role = "sent"

        def send(**more):
            mine = self.receive(
                sender=self.mailbox.email,
                verified=False,
                subject="SO0012",
                references="",
                **more,
            )
            mine.arrival_ids.folder_id = folder
            return mine

        # what answers a stranger makes nobody known who wrote the number before
        stranger = {"sender": "x@evil.example", "subject": "SO0012", "references": ""}
        self.assertProposed(self.receive(**stranger))
        self.assertProposed(send(to="x@evil.example"))
        self.assertProposed(self.receive(**stranger))
        self.archive(order, messages=self.receive(subject="Your order"))
        self.assertFiled(send(to=JAN), order)
        self.assertFiled(send(to="x@elsewhere.example", cc=JAN), order)

    # How it is made

    def test_what_cannot_be_a_rule(self):
        for values in (
            {"words": False},
            {"words": " , "},
            {"res_id": False},
            {"sender": "nobody"},
            {"recipient": "x@y@z"},
            {"target": "number"},
            {
                "target": "sender",
                "record_type_id": self.env["mail.mailbox.record.type"]
                .create(
                    {
                        "name": "Bank",
                        "model_id": self.env["ir.model"]._get_id("res.bank"),
                    }
                )
                .id,
            },
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.rule(**values)
        with self.assertRaises(UserError):
            self.rule(role_ids=[Command.set(self.env.ref(USER).ids)])

    def test_what_is_entered_is_compared(self):
        rule = self.rule(sender="@Straße.example; Jan@X.example", file_endings="*.PDF")
        self.assertEqual(rule.sender, "xn--strae-oqa.example, jan@x.example")
        self.assertEqual(rule.file_endings, "pdf")

    def test_a_record_with_the_same_number_is_another(self):
        rule = self.rule()
        make_older(self.spostex)
        self.assertProposed(self.receive(subject="A new roof"))
        self.assertIn("no longer exists", rule.note)

    def test_a_merged_record(self):
        rule = self.rule()
        self.env["mail.mailbox.link"]._move(self.spostex, self.north)
        self.assertFiled(self.receive(subject="A new roof"), self.north, rule)

    def test_a_deleted_record(self):
        rule = self.rule()
        self.spostex.unlink()
        self.assertProposed(self.receive(subject="A new roof"))
        self.assertIn("no longer exists", rule.note)

    # Whose it is

    def test_nobody_acts_for_somebody_else(self):
        with self.assertRaises(AccessError):
            self.rule(user_id=self.manager.id)
        rule = self.rule()
        with self.assertRaises(AccessError):
            rule.user_id = self.manager
        with self.assertRaises(AccessError):
            rule.with_user(self.colleague).words = "walls"
        rule.with_user(self.manager).name = "Renamed"
        self.assertEqual(rule.user_id, self.member)
        rule.with_user(self.manager).words = "walls"
        self.assertEqual(rule.user_id, self.manager)

    def test_a_copy_acts_for_who_copies(self):
        rule = self.rule()
        self.assertEqual(rule.copy()._get_record(), self.spostex)
        copied = rule.with_user(self.manager).copy()
        self.assertEqual(copied.user_id, self.manager)

    def test_every_deciding_field_changes_for_whom_it_acts(self):
        values = {
            "mailbox_ids": [Command.set(self.mailbox.ids)],
            "folder": "INBOX",
            "sender": JAN,
            "recipient": JAN,
            "words": "walls",
            "file_endings": "pdf",
            "target": "sender",
            "record_type_id": self.companies.id,
            "res_id": self.north.id,
            "role_ids": [Command.set(self.foreman.ids)],
            "action": "suggest",
            "at_least": 1,
        }
        own = {"name", "active", "sequence", "user_id", "for_everybody"}
        own |= {"res_model", "res_create_date"}
        fields = self.env["mail.mailbox.filing.rule"]._fields.values()
        stored = {field.name for field in fields if field.store} - MAGIC
        self.assertEqual(stored - own, set(values))
        for name, value in values.items():
            rule = self.rule()
            rule.with_user(self.manager).write({name: value})
            self.assertEqual(rule.user_id, self.manager, name)

    def test_it_is_seen_and_suggests_only_to_its_maker(self):
        rule = self.rule(action="suggest")
        message = self.receive(subject="A new roof")
        self.mailbox.sudo().user_ids |= self.colleague
        self.assertFalse(self.suggested(message, self.colleague))
        self.assertFalse(rule.with_user(self.colleague).has_access("read"))
        with self.assertRaises(AccessError):
            rule.for_everybody = True
        rule.with_user(self.manager).for_everybody = True
        self.assertTrue(self.suggested(message, self.colleague))

    # Tried, and made from an archiving

    def test_a_trial_archives_nothing(self):
        rule = self.rule(sender="partner.example")
        message = self.receive(subject="A new roof", live=False)
        forged = self.receive(subject="Your roof", verified=False, live=False)
        action = rule.action_try()
        trial = self.env["mail.mailbox.filing.trial"].browse(action["res_id"])
        outcomes = {
            line.mailbox_message_id: (line.records, line.outcome)
            for line in trial.with_user(self.member).line_ids
        }
        self.assertEqual(outcomes[message], ("Spostex S.A.", "Archived."))
        self.assertEqual(
            outcomes[forged],
            ("Spostex S.A.", "Suggested. It is not verified who sent it."),
        )
        self.work_off()
        self.assertFalse((message | forged).sudo().link_ids)

    def test_a_rule_from_an_archiving(self):
        message = self.receive(subject="Something else")
        wizard = self.fill(self.open_form(messages=message), self.spostex)
        wizard.mailbox_id = self.mailbox
        action = wizard.action_make_rule()["params"]["next"]
        self.assertTrue(message.sudo().link_ids)
        rules = self.env[action["res_model"]].with_user(self.member)
        rule = Form(rules.with_context(**action["context"])).save()
        self.assertEqual(rule.sender, JAN)
        self.assertEqual(rule.mailbox_ids, self.mailbox)
        self.assertEqual(rule._get_record(), self.spostex)
        self.assertFiled(self.receive(subject="The next one"), rule=rule)

    def test_storing_asks_nothing_more_for_many_rules(self):
        def count(rules):
            self.env["mail.mailbox.filing.rule"].search([]).unlink()
            for number in range(rules):
                self.rule(name=str(number), sender=f"s{number}.example", words="x y")
            self.receive(subject="warm")
            before = self.env.cr.sql_log_count
            self.receive(subject="counted")
            return self.env.cr.sql_log_count - before

        self.assertLessEqual(count(50), count(1))


class TestFilingRuleTable(FilingRuleCase):
    """Each combination of what may speak against archiving: one is enough."""

    def test_nothing_is_archived_against_a_single_objection(self):
        objections = {
            "unverified": lambda rule: None,
            "suggests": lambda rule: rule.sudo().write({"action": "suggest"}),
            "inactive": lambda rule: rule.sudo().write({"active": False}),
            "gone": lambda rule: rule.sudo()._write({"res_id": 2**30}),
        }
        for size in range(len(objections) + 1):
            for chosen in itertools.combinations(objections, size):
                rule = self.rule(sender="partner.example", words="")
                for name in chosen:
                    objections[name](rule)
                self.env.invalidate_all()
                self.env.registry.clear_cache()
                message = self.receive(verified="unverified" not in chosen)
                self.work_off()
                with self.subTest(chosen=chosen):
                    self.assertEqual(bool(message.sudo().link_ids), not chosen)
                rule.sudo().unlink()
