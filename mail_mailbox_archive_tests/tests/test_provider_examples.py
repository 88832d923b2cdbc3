"""A provider of another add-on, in an account, from its form to its webhook."""

import json
import tempfile
from pathlib import Path

from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, tagged

from odoo.addons.mail_mailbox_archive_tests.providers import (  # noqa: F401
    folder,
    mailgun_like,
)

from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestProviderExamples(SendingCase, HttpCase):
    def make(self, provider, **values):
        accounts = self.env["mail.mailbox.sending.account"].with_user(self.manager)
        account = accounts.create({"name": "Ours", "provider": provider})
        for line in account.setting_ids.filtered(lambda one: one.name in values):
            line["typed" if line.secret else "value"] = values[line.name]
        self.env.flush_all()
        self.env.invalidate_all()
        return account

    def test_form_asks_for_what_the_provider_says(self):
        account = self.make("mailgun_like")
        self.assertEqual(
            account.setting_ids.mapped("label"),
            ["Sending domain", "Server", "Webhook signing key"],
        )
        self.assertEqual(account.setting_ids[1].value, "api.mailgun.net")
        with Form(account) as form:
            form.api_key = "key-1"
            with form.setting_ids.edit(0) as line:
                line.value = "mg.example.com"
            with form.setting_ids.edit(2) as line:
                line.typed = "signing"
        values = account._read_settings__(lambda setting: True)
        self.assertEqual(
            dict(values),
            {
                "api_key": "key-1",
                "domain": "mg.example.com",
                "host": "api.mailgun.net",
                "signing_key": "signing",
            },
        )
        account.provider = "sendgrid"
        self.assertFalse(account.setting_ids)
        self.assertFalse(account.has_api_key)

    def test_secrets_are_not_read_back_and_are_for_one_host(self):
        account = self.make("mailgun_like", signing_key="signing-5ecret")
        account.api_key = "key-1"
        (line,) = account.setting_ids.filtered("has_secret")
        self.assertFalse(line.typed)
        with self.assertRaises(AccessError):
            line.read(["value_secret"])
        with self.assertRaises(AccessError):
            line.with_user(self.member).read(["value"])
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM mail_mailbox_sending_setting")
        self.assertNotIn("5ecret", str(self.env.cr.fetchall()))
        account.setting_ids.filtered(lambda one: one.name == "host").value = "evil.test"
        self.assertEqual(account.action_test()["params"]["type"], "danger")
        with self.assertRaisesRegex(Exception, "elsewhere"):
            account._open_provider__()

    def test_which_settings_there_are_is_nobodys_choice(self):
        account = self.make("folder")
        with self.assertRaises(AccessError):
            self.env["mail.mailbox.sending.setting"].with_user(self.manager).create(
                {"account_id": account.id, "name": "more"}
            )
        with self.assertRaises(AccessError):
            account.setting_ids.name = "other"

    def test_nothing_is_sent_before_all_is_entered(self):
        account = self.make("folder")
        self.assertIn("incomplete", account.action_test()["params"]["message"])

    def test_an_email_leaves_through_a_folder(self):
        with tempfile.TemporaryDirectory() as path:
            account = self.make("folder", folder=path)
            self.assertEqual(account.action_test()["params"]["type"], "success")
            self.assertFalse(account.reports)
            self.mailbox.write({"provider": "folder", "sending_account_id": account.id})
            with self.mailbox._open_provider__() as provider:
                self.assertEqual(provider.code, "folder")
                self.assertIn("0 emails", provider.check())
            self.assertEqual(list(Path(path).iterdir()), [])

    def test_webhook_asks_the_provider_who_called(self):
        account = self.make("mailgun_like", signing_key="signing")
        url = account.hook_url.partition("/mail_mailbox_archive")[2]
        unsigned = {"event-data": {"event": "opened"}}
        for key, status in (("signing", 401), (False, 200)):
            if not key:
                line = account.setting_ids.filtered("has_secret")
                line.sudo().value_secret = False
                self.env.flush_all()
            answer = self.url_open(
                "/mail_mailbox_archive" + url,
                data=json.dumps(unsigned),
                headers={"Content-Type": "application/json"},
            )
            self.assertEqual(answer.status_code, status)

    def test_webhook_secret_of_emaillabs_is_asked_for(self):
        account = self.make("emaillabs")
        account.write({"hook_key": "shared", "smtp_account": "1.office.smtp"})
        self.env.flush_all()
        url = account.hook_url.partition("/mail_mailbox_archive")[2]
        answer = self.url_open("/mail_mailbox_archive" + url, data={"p": "W10="})
        self.assertEqual(answer.status_code, 401)
