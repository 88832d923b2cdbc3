"""What an assistant may call, from the side of those whose mail it is not."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.mail_mailbox_archive_tests.tests.common import MailboxCase

from ..hooks import uninstall_hook
from ..models import mail_mailbox_assistant
from ..models.ir_http import SCOPE, TOOLS


@tagged("post_install", "-at_install")
class TestAssistant(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.anna, cls.eve, cls.boss = cls.member, cls.colleague, cls.manager
        cls.shared = cls.make_mailbox("crane@spedbud.example", cls.anna, cls.eve)
        cls.own = cls.make_mailbox("anna@spedbud.example", cls.anna, private=True)
        cls.open_one = cls.deliver_in(cls.shared, "Crane offer")
        cls.secret = cls.deliver_in(cls.own, "Crane salary")
        cls.company = cls.env["res.partner"].create(
            {"name": "Assisted Cranes", "is_company": True}
        )

    @classmethod
    def deliver_in(cls, mailbox, subject):
        arrival = cls.deliver(mailbox, subject=subject, text="The crane is broken.")
        return arrival.mailbox_message_id

    def of(self, user):
        return self.env["mail.mailbox.assistant"].with_user(user)

    def found(self, user, words="crane"):
        answer = self.of(user).search_emails(words)
        return {one["email"]["subject"] for one in answer["emails"]}

    def calls(self, user):
        return self.env["mail.mailbox.assistant.call"].with_user(user).search([])

    def test_a_private_mailbox_is_closed_until_its_people_open_it(self):
        self.assertEqual(self.found(self.anna), {"Crane offer"})
        answer = self.of(self.anna).read_email(self.secret.id)
        self.assertEqual(set(answer), {"refused"})
        self.own.with_user(self.anna).open_to_assistants = True
        self.assertEqual(self.found(self.anna), {"Crane offer", "Crane salary"})
        # its people see what was listed; of a shared mailbox only what was read
        actions = self.secret.with_user(self.anna).history_ids.mapped("action")
        self.assertEqual(actions, ["assistant_found"])
        self.assertFalse(self.open_one.with_user(self.anna).history_ids)
        text = self.of(self.anna).read_email(self.secret.id)["email"]["text"]
        self.assertIn("is broken", text)

    def test_who_has_no_emails_has_no_calls(self):
        for groups in ("base.group_portal", "base.group_user"):
            login = groups.replace(".", "_")
            user = new_test_user(self.env, login, groups)
            with self.assertRaises(AccessError):
                self.of(user).search_emails("crane")
            calls = self.env["mail.mailbox.assistant.call"].sudo()
            self.assertFalse(calls.search([("user_id", "=", user.id)]))

    def test_an_answer_has_an_end(self):
        for limit in (0, 1_000_000):
            with patch.object(mail_mailbox_assistant, "MAX_EMAILS", 1):
                self.deliver_in(self.shared, f"Crane {limit}")
                answer = self.of(self.anna).search_emails("crane", limit=limit)
                self.assertEqual(len(answer["emails"]), 1)

    def test_what_its_person_may_not_read_is_not_there(self):
        self.own.with_user(self.anna).open_to_assistants = True
        self.assertEqual(self.found(self.eve), {"Crane offer"})
        self.assertIn("refused", self.of(self.eve).read_email(self.secret.id))
        self.assertEqual(self.found(self.outsider), set())

    def test_an_email_that_is_also_in_a_closed_mailbox_stays_closed(self):
        self.deliver_in(self.own, "Crane offer")
        self.assertEqual(len(self.open_one.sudo().arrival_ids), 2)
        self.assertEqual(self.found(self.anna), set())
        # nobody else learns from it where the email is
        self.assertEqual(self.found(self.eve), {"Crane offer"})

    def test_archived_from_a_closed_mailbox_it_stays_closed(self):
        self.secret.with_user(self.anna)._archive(
            self.company.with_user(self.anna), mailbox=self.own.with_user(self.anna)
        )
        self.assertEqual(self.found(self.anna), {"Crane offer"})

    def test_only_its_people_open_it(self):
        with self.assertRaises(AccessError):
            self.own.with_user(self.boss).open_to_assistants = True
        guest = self.env["mail.mailbox.break.glass.wizard"].with_user(self.boss)
        values = {"mailbox_id": self.own.id, "reason": "An audit of cranes"}
        guest.create(values).action_confirm()
        with self.assertRaises(AccessError):
            self.own.with_user(self.boss).open_to_assistants = True
        self.own.with_user(self.anna).open_to_assistants = True
        # whoever has temporary access has no assistant there
        self.assertEqual(self.found(self.boss), {"Crane offer"})

    def test_a_mailbox_that_becomes_private_is_closed(self):
        self.shared.with_user(self.boss).open_to_assistants = True
        self.shared.with_user(self.boss).write(
            {"private": True, "open_to_assistants": True}
        )
        self.assertFalse(self.shared.open_to_assistants)
        self.assertEqual(self.found(self.anna), set())

    def test_a_context_opens_nothing(self):
        hostile = {"active_test": False, "mail_mailbox_archive": True, "su": True}
        assistant = self.of(self.anna).with_context(**hostile)
        self.assertIn("refused", assistant.read_email(self.secret.id))

    def test_each_call_is_noted_for_its_person_alone(self):
        self.of(self.anna).search_emails("crane")
        self.of(self.anna).read_email(self.open_one.id)
        self.of(self.anna).read_email(self.secret.id)
        tools = [call.tool for call in self.calls(self.anna)]
        self.assertEqual(tools, ["read_email", "read_email", "search_emails"])
        self.assertTrue(self.calls(self.anna)[0].refused)
        self.assertFalse(self.calls(self.eve) | self.calls(self.boss))
        actions = self.open_one.with_user(self.eve).history_ids.mapped("action")
        self.assertEqual(actions, ["assistant_read"])
        self.assertFalse(self.secret.with_user(self.anna).history_ids)
        with self.assertRaises(AccessError):
            self.calls(self.anna).unlink()

    def test_a_proposal_is_offered_to_its_person_and_archives_nothing(self):
        propose = self.of(self.anna).propose_filing
        self.env["mail.mailbox.record.type"].search(
            [("res_model", "=", "res.partner")]
        )[0].active = True
        (record,) = self.of(self.anna).find_records("Assisted Cran")["records"]
        answer = propose(self.open_one.id, record["model"], record["id"], "it says so")
        self.assertEqual(answer["proposed"], "Assisted Cranes")
        self.assertFalse(self.open_one.link_ids)
        found, _note = self.open_one.with_user(self.anna)._suggest_for_archiving()
        mine = [one for one in found if one.record == self.company]
        self.assertEqual([one.enough for one in mine], [False])
        self.assertIn("it says so", mine[0].reason)
        others, _note = self.open_one.with_user(self.eve)._suggest_for_archiving()
        self.assertNotIn(self.company, [one.record for one in others])
        self.assertIn("refused", propose(self.secret.id, "res.partner", record["id"]))
        for model in ("res.users", "mail.mailbox", "no.model", ""):
            self.assertIn("refused", propose(self.open_one.id, model, 1))

    def test_a_draft_is_written_where_assistants_may_and_not_sent(self):
        both = self.own | self.shared
        both.write({"provider": "smtp", "smtp_host": "smtp.example.com"})
        # what its verification proves is proven elsewhere
        both.state = "ready"
        before = self.env["mail.mailbox.outbox"].search_count([])
        answer = self.of(self.anna).write_draft(
            "<b>Dear</b> Bob", to="bob@example.com", subject="Crane"
        )
        draft = self.env["mail.mailbox.draft"].browse(answer["draft_id"])
        self.assertEqual(draft.create_uid, self.anna)
        self.assertNotIn("<b>", draft.body)
        self.assertNotEqual(draft.mailbox_id, self.own)
        self.assertEqual(self.env["mail.mailbox.outbox"].search_count([]), before)
        refused = self.of(self.anna).write_draft("x", reply_to=self.secret.id)
        self.assertEqual(set(refused), {"refused"})

    def test_its_keys_go_with_the_add_on(self):
        keys = self.env["res.users.apikeys"]
        tomorrow = datetime.now() + timedelta(hours=12)
        for scope in (SCOPE, "rpc"):
            keys.with_user(self.anna)._generate(scope, f"for {scope}", tomorrow)
        uninstall_hook(self.env)
        left = keys.search([("user_id", "=", self.anna.id)])
        self.assertEqual(left.mapped("scope"), ["rpc"])

    def test_it_can_call_what_it_needs_and_no_more(self):
        model = type(self.env["mail.mailbox.assistant"])
        own = {
            name
            for cls in model.__mro__
            if cls.__module__.startswith("odoo.addons.mail_mailbox_archive")
            for name in vars(cls)
            if not name.startswith("_") and callable(getattr(cls, name))
        }
        self.assertEqual(own & set(TOOLS), set(TOOLS))
        self.assertFalse(any("send" in name for name in TOOLS))
