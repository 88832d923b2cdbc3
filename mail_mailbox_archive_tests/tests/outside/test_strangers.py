"""What strangers do first: a provider of their own, a database restored as a copy."""

import json
import tempfile
import urllib.error
import urllib.request
from email import message_from_bytes
from pathlib import Path

from .case import OutsideCase

ACCOUNT = "mail.mailbox.sending.account"
ACCOUNTS = "/odoo/action-mail_mailbox_archive.mail_mailbox_sending_account_action"
QUEUE = "/odoo/action-mail_mailbox_archive.mail_mailbox_arrival_action"
MANAGER = "mail_mailbox_archive.group_manager"
NOTICE = ".o-mailbox-CopyNotice"


class TestStrangers(OutsideCase):
    def test_a_provider_of_another_add_on_sends(self):
        boss = self.person("provider_boss", MANAGER)
        folder = self.enter(tempfile.TemporaryDirectory())
        account = boss.add(ACCOUNT, name="Folder", provider="folder")
        domain = [("account_id", "=", account)]
        (line,) = boss.search_read("mail.mailbox.sending.setting", domain, "label")
        self.assertEqual(line["label"], "Folder")
        boss.change("mail.mailbox.sending.setting", line["id"], value=folder)
        values = {"provider": "folder", "sending_account_id": account}
        box = self.mailbox("provider_box@spedbud.example", boss, **values)
        draft = boss.call("mail.mailbox.draft", "prepare_new", mailbox_id=box)
        boss.change(
            "mail.mailbox.draft",
            draft,
            email_to="bob@folder.example",
            subject="By a folder",
            body="<p>Dear Bob</p>",
        )
        boss.call("mail.mailbox.draft", "action_send", [draft])
        (file,) = self.wait(lambda: [*Path(folder).glob("*.eml")], "the file")
        self.assertEqual(
            message_from_bytes(file.read_bytes())["subject"], "By a folder"
        )
        people = json.loads(file.with_suffix(".json").read_text())
        self.assertEqual(people, ["bob@folder.example"])

    def test_form_asks_for_what_a_provider_needs(self):
        boss = self.person("provider_boss", MANAGER)
        for provider, shown, hidden in (
            ("mailgun_like", ("api_key", "setting_ids", "hook_url"), ("secret_key",)),
            ("folder", ("setting_ids",), ("api_key", "hook_url", "region")),
            ("emaillabs", ("secret_key", "smtp_account"), ("setting_ids",)),
        ):
            account = boss.add(ACCOUNT, name=f"Ours, {provider}", provider=provider)
            browser = self.browser(boss, f"{ACCOUNTS}/{account}")
            browser.find(".o_field_widget[name=provider]")
            for name in shown:
                browser.find(f".o_field_widget[name={name}]")
            for name in hidden:
                browser.gone(f".o_field_widget[name={name}]")
            self.picture(browser, f"provider_{provider}")

    def test_a_hook_of_several_databases_is_led_by_the_header(self):
        odoo = self.another_odoo(databases=2)
        boss = self.person("hook_boss", MANAGER, odoo=odoo)
        values = {"provider": "sendgrid", "api_key": "SG.secret"}
        account = boss.add(ACCOUNT, name="Ours", **values)
        url = boss.fields(ACCOUNT, account, "hook_url")["hook_url"]
        path = url.partition("/mail_mailbox_archive/")[2]

        def post(**headers):
            address = f"{odoo.base}/mail_mailbox_archive/{path}"
            headers["Content-Type"] = "application/json"
            request = urllib.request.Request(address, b"[]", headers)
            try:
                with urllib.request.urlopen(request) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                return error.code

        ours, another = odoo.databases
        self.assertEqual(post(), 404)
        self.assertEqual(post(**{"X-Odoo-Database": ours}), 200)
        self.assertEqual(post(**{"X-Odoo-Database": another}), 404)

    def test_a_copy_says_why_nothing_comes(self):
        odoo = self.another_odoo()
        anna = self.person("copy_anna", odoo=odoo)
        self.mailbox("copy_box@spedbud.example", anna, odoo=odoo)
        key = "UPDATE ir_config_parameter SET value = %s WHERE key = 'database.uuid'"
        odoo.sql(key, "9d2f7c6a-0000-4000-8000-000000000000")
        odoo.kill_workers()
        odoo.wait_until_it_answers()
        odoo.wake("mail_mailbox_archive.ir_cron_poll_1")
        admin = odoo.client("admin")
        noticed = [("summary", "ilike", "this database is a copy")]
        self.wait(
            lambda: admin.call("mail.activity", "search_count", noticed), "the notice"
        )
        browser = self.browser(anna, QUEUE)
        browser.find(NOTICE, "A system administrator can confirm it")
        browser = self.browser(admin, QUEUE)
        browser.find(NOTICE)
        self.picture(browser, "copy_queue")
        browser.click(f"{NOTICE} button")
        browser.find(".settings .alert", "This database is a copy")
        self.picture(browser, "copy_settings")
        settings = admin.add("res.config.settings")
        admin.call("res.config.settings", "action_confirm_mailbox_database", [settings])
        self.assertFalse(admin.call("mail.activity", "search_count", noticed))
        browser.open(QUEUE)
        browser.gone(NOTICE)
