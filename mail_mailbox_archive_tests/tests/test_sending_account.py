"""Accounts at providers that administrators set up for everybody."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestSendingAccount(SendingCase):
    def test_account_keys_are_never_read_back(self):
        account = self.env["mail.mailbox.sending.account"].create(
            {"name": "Ours", "provider": "sendgrid", "api_key": "SG.very-secret"}
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertTrue(account.has_api_key)
        self.assertFalse(account.with_user(self.manager).api_key)
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM mail_mailbox_sending_account")
        self.assertNotIn("very-secret", str(self.env.cr.fetchall()))
        with self.assertRaises(AccessError):
            account.with_user(self.manager).read(["key_secret"])
        self.assertFalse(account.copy().has_api_key)
        with self.assertRaises(AccessError):
            account.with_user(self.member).write({"name": "Mine"})
        self.assertEqual(account.with_user(self.member).name, "Ours")

    def test_mailbox_needs_an_account_that_fits(self):
        company = self.env["res.company"].create({"name": "Other"})
        account = self.env["mail.mailbox.sending.account"].create(
            {
                "name": "Theirs",
                "provider": "sendgrid",
                "api_key": "SG.x",
                "company_ids": company.ids,
            }
        )
        for vals in (
            {"provider": "sendgrid", "sending_account_id": account.id},
            {"provider": "sendgrid", "sending_account_id": False},
            {"provider": "smtp", "smtp_host": False},
            {"provider": "smtp", "smtp_host": "https://smtp.example"},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.mailbox.write(vals)
        account.company_ids |= self.mailbox.company_id
        self.mailbox.write({"provider": "sendgrid", "sending_account_id": account.id})
