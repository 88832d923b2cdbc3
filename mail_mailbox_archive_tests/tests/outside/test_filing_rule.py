"""A filing rule, from the dialog in Chromium to an email that nobody touched."""

from __future__ import annotations

from email.message import EmailMessage

from .case import USER, OutsideCase

MESSAGE = "mail.mailbox.message"
SERVER = "mx.spedbud.example"


class TestFilingRule(OutsideCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.admin.add("res.partner", name="Tilers", is_company=True)

    def setUp(self):
        super().setUp()
        self.anna = self.person("filer", USER, "base.group_partner_manager")
        self.box = self.mailbox(
            "filer@spedbud.example", self.anna, trusted_server=SERVER
        )

    def receive(self, subject, sender="jan@tilers.example", said="pass"):
        """Have an email arrive; return its message."""
        mail = EmailMessage()
        domain = sender.rpartition("@")[2]
        mail["Authentication-Results"] = f"{SERVER}; dmarc={said} header.from={domain}"
        mail["From"], mail["To"] = sender, "filer@spedbud.example"
        mail["Subject"] = subject
        mail["Message-ID"] = f"<{subject}@tilers.example>".lower().replace(" ", ".")
        mail.set_content(subject)
        self.dovecot.deliver("filer", mail.as_bytes())
        self.check(self.box, self.anna)
        domain = [("subject", "=", subject)]
        found = self.wait(
            lambda: self.anna.search_read(MESSAGE, domain, "id"), f"the email {subject}"
        )
        return found[0]["id"]

    def records(self, message):
        (row,) = self.anna.search_read(
            MESSAGE, [("id", "=", message)], "attached_records"
        )
        return [one["name"] for one in row["attached_records"] or []]

    def test_from_the_dialog_to_emails_that_nobody_touches(self):
        first = self.receive("Tiles")
        browser = self.browser(self.anna, f"/odoo/email-archives/{first}")
        browser.click(".o-mailbox-MessageViewer-archive")
        browser.click(".modal .o_data_row td[name=record_type_id]")
        browser.fill(".modal td[name=record_type_id] input", "Companies")
        browser.click(".o-autocomplete--dropdown-item", "Companies")
        browser.click(".modal .o_data_row td[name=res_id]")
        browser.fill(".modal td[name=res_id] input", "Tilers")
        browser.click(".o-autocomplete--dropdown-item", "Tilers")
        browser.find(".modal", "will read it")
        self.picture(browser, "rule_dialog")
        browser.click(".modal button[name=action_make_rule]")
        browser.find(".modal div[name=sender]")
        browser.find(".modal", "is not verified")
        self.picture(browser, "rule_form")
        browser.click(".modal .o_form_button_save")
        browser.gone(".modal")
        self.assertEqual(self.records(first), ["Tilers"])
        self.wait(
            lambda: self.anna.search_read("mail.mailbox.filing.rule", [], "sender"),
            "the rule",
        )

        forged = self.receive("Tiles 2", said="fail")
        second = self.receive("Tiles 3")
        self.wait(lambda: self.records(second) == ["Tilers"], "the email on its record")
        self.assertEqual(self.records(forged), [])
        browser.open(f"/odoo/email-archives/{second}")
        browser.find(".o-mailbox-RecordChips-chip .fa-refresh")
        self.picture(browser, "rule_email")

        browser.open(
            "/odoo/action-mail_mailbox_archive.mail_mailbox_filing_rule_action"
        )
        browser.click(".o_data_row td[name=name]")
        browser.click("button[name=action_try]")
        browser.find(".modal", "Suggested. It is not verified who sent it.")
        self.picture(browser, "rule_trial")
        self.assertEqual(browser.error(), "")
        self.open_by_message_id(browser, second)

    def open_by_message_id(self, browser, message):
        """See that a link with a Message-ID opens the email, to who may read it."""
        path = "/mail_mailbox_archive/email?message_id="
        for written in ("%3Ctiles.3@tilers.example%3E", "tiles.3@tilers.example"):
            browser.open("/odoo/email-archives")
            browser.run(f"location.href = {path + written!r}")
            browser.find(".o-mailbox-MessageViewer", "Tiles 3")
            address = browser.run("location.pathname")
            self.assertEqual(address, f"/odoo/email-archives/{message}")
        stranger = self.person("filer_stranger", USER)
        missing = self.anna.get(path + "missing@tilers.example")
        hidden = stranger.get(path + "tiles.2@tilers.example")
        self.assertEqual((hidden.status, missing.status), (404, 404))
        self.assertEqual(hidden.body, missing.body)
        for junk in ("", "%3C%3E", "%25", "a" * 5000):
            self.assertEqual(self.anna.get(path + junk).status, 404)
