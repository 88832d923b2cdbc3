"""Who runs a private mailbox: its people, whatever somebody else administers."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.mailbox.private import HARMLESS

from .sending import SendingCase

#: What a person who belongs to the mailbox may not write either, or not alone.
NOT_PLAIN = {"one2many", "many2many", "many2one", "reference", "many2one_reference"}


@tagged("post_install", "-at_install")
class TestPrivateRun(SendingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_mailbox(
            "board@spedbud.example", cls.member, private=True, **cls.smtp_values()
        )
        cls.board.write({"state": "ready"})
        cls.system = cls.make_user(
            "system", "base.group_system", "mail_mailbox_archive.group_manager"
        )
        # created a while ago
        cls.env.flush_all()
        cls.env.cr.execute(
            "UPDATE mail_mailbox SET create_date = create_date - interval '1 day'"
        )
        cls.env.invalidate_all()

    def settings(self):
        """Yield each field of a mailbox that is written, with another value of its."""
        samples = {
            "char": "evil.example",
            "text": "evil",
            "html": "<p>evil</p>",
            "boolean": lambda now: not now,
            "integer": 2525,
            "float": 1.0,
            "date": "2026-01-01",
            "datetime": "2026-01-01 00:00:00",
        }
        for name, field in self.board._fields.items():
            plain = field.store and not field.readonly and name != "id"
            if getattr(field, "automatic", False) or not (plain or field.inverse):
                continue
            if field.related or field.type in NOT_PLAIN or name in HARMLESS:
                continue
            if field.type == "selection":
                values = [one for one, _l in field._description_selection(self.env)]
                yield name, next((v for v in values if v != self.board[name]), False)
            elif field.type in samples:
                sample = samples[field.type]
                yield name, sample(self.board[name]) if callable(sample) else sample

    def test_every_setting_is_its_peoples(self):
        changed = 0
        for name, value in self.settings():
            for user in (self.manager, self.system):
                with self.subTest(field=name, user=user.login):
                    before = self.board[name]
                    with self.assertRaises(UserError):
                        with self.env.cr.savepoint():
                            self.board.with_user(user).write({name: value})
                    self.env.invalidate_all()
                    self.assertEqual(self.board[name], before)
            changed += 1
        self.assertGreater(changed, 25)

    def test_nor_what_belongs_to_its_settings(self):
        line = self.board.skip_folder_ids[:1]
        for user in (self.manager, self.system):
            board = self.board.with_user(user)
            for change in (
                lambda board=board: board.write(
                    {"skip_folder_ids": [Command.create({"name": "All"})]}
                ),
                lambda user=user: line.with_user(user).write({"name": "All"}),
                lambda user=user: line.with_user(user).unlink(),
                lambda user=user: line.with_user(user).create(
                    {"mailbox_id": self.board.id, "name": "All"}
                ),
                board.unlink,
                board.action_archive,
                board.action_request_code,
                board.action_oauth_sign_in,
                board.action_test_sending,
            ):
                with self.assertRaises(UserError):
                    with self.env.cr.savepoint():
                        change()
        self.assertTrue(self.board.active and line.exists())

    def test_its_people_run_it(self):
        board = self.board.with_user(self.member)
        board.write({"smtp_host": "127.0.0.1", "signature": "<p>B</p>"})
        board.skip_folder_ids = [Command.create({"name": "All"})]
        self.assertEqual(self.board.smtp_host, "127.0.0.1")

    def test_administrator_orders_the_list(self):
        self.board.with_user(self.manager).write({"sequence": 3, "color": 2})
        self.assertEqual((self.board.sequence, self.board.color), (3, 2))

    def test_administrator_sets_one_up_for_others(self):
        mailbox = (
            self.env["mail.mailbox"]
            .with_user(self.manager)
            .create(
                {
                    "name": "HR",
                    "email": "hr@spedbud.example",
                    "imap_enabled": False,
                    "private": True,
                    "responsible_id": self.member.id,
                    "user_ids": [Command.set(self.member.ids)],
                }
            )
        )
        self.assertTrue(mailbox.skip_folder_ids)

    def test_keys_of_a_shared_account_lead_it_nowhere(self):
        """Whoever has the keys of an account finds there what was sent through it."""
        accounts = self.env["mail.mailbox.sending.account"]
        account = accounts.create(
            {"name": "Shared", "provider": "sendgrid", "api_key": "SG.company"}
        )
        values = {"provider": "sendgrid", "sending_account_id": account.id}
        other = self.make_mailbox("other@spedbud.example", self.colleague, **values)
        (self.board | other).write(values)
        for mailbox in self.board | other:
            mailbox.write(
                {"state": "ready", "proven_address": mailbox.email_normalized}
            )
        account.with_user(self.manager).hourly_limit = 50
        self.assertEqual(self.board.state, "ready")
        account.with_user(self.manager).api_key = "SG.mine"
        self.assertEqual((self.board.state, other.state), ("draft", "ready"))
        told = self.env["mail.activity"].search([("summary", "ilike", "board@")])
        self.assertEqual(told.user_id, self.member)
        # whatever an administrator may press
        self.board.with_user(self.manager).action_approve()
        self.assertFalse(self.board.verification_due)
        with self.assertRaises(UserError):
            self.board.with_user(self.manager).action_request_code()
        with self.assertRaises(UserError):
            self.board.with_user(self.member)._check_may_send()

    def test_administrator_sees_that_it_is_held_and_not_which_mail(self):
        """A hold on a mailbox is a setting; one on a mail in it tells of the mail."""
        secret = self.deliver(self.board, subject="Salaries").mailbox_message_id
        holds = self.env["mail.mailbox.hold"].with_user(self.member)
        given = {"mailbox_message_id": secret.id}
        of_mail = holds.create(given | {"reason": "Court, salaries"})
        of_talk = holds.create(
            given | {"reason": "Court, all of it", "scope": "conversation"}
        )
        of_box = holds.create(
            {"reason": "Audit", "scope": "mailbox", "mailbox_id": self.board.id}
        )
        for user, wanted in (
            (self.member, of_mail | of_talk | of_box),
            (self.manager, of_box),
            (self.system, of_box),
            (self.colleague, holds.browse()),
        ):
            own = holds.with_user(user)
            self.assertEqual(own.search([]), wanted)
            for hold in (of_mail | of_talk | of_box) - wanted:
                with self.assertRaises(AccessError):
                    own.browse(hold.id).read(["reason"])

    def test_glass_is_broken_for_it(self):
        wizard = self.env["mail.mailbox.break.glass.wizard"].with_user(self.manager)
        wizard.create(
            {"mailbox_id": self.board.id, "reason": "The board's server has moved"}
        ).action_confirm()
        self.board.with_user(self.manager).smtp_host = "127.0.0.1"
        self.assertEqual(self.board.smtp_host, "127.0.0.1")

    def test_its_mail_is_in_no_list_of_mails_of_others(self):
        mail = self.queue(email_from=self.board.email, subject="Salaries")
        mails = self.env["mail.mail"].with_user(self.system)
        for domain in ([], [("subject", "=", "Salaries")], [("id", "=", mail.id)]):
            self.assertNotIn(mail, mails.search(domain))
        self.assertFalse(mails.search_count([("subject", "=", "Salaries")]))
        self.assertNotIn(
            mail.id, call_kw(mails, "search", [[("email_from", "ilike", "board")]], {})
        )
        for read in (
            lambda: mails.browse(mail.id).read(["body_html"]),
            lambda: mails.browse(mail.id).write({"email_to": "x@y.example"}),
            lambda: mails.browse(mail.id).unlink(),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                read()
        other = self.queue(subject="Offer")
        self.assertIn(other, mails.search([("subject", "=", "Offer")]))

    def test_content_goes_from_the_list_once_it_is_sent(self):
        mail = self.queue(email_from=self.board.email, subject="Salaries")
        message = mail.mail_message_id
        self.run_queue(mail)
        self.assertEqual(len(self.smtp.take()), 1)
        self.assertFalse(mail.exists() or message.exists())
