"""A filing rule, from the dialog in Chromium to an email that nobody touched."""

from __future__ import annotations

from .case import USER
from .filing import FilingCase


class TestFilingRule(FilingCase):
    login, company = "filer", "Tilers"

    def receive(self, subject, **said):
        """Have an email arrive; return its message."""
        name = f"<{subject}@tilers.example>"
        return super().receive(subject, "jan@tilers.example", name, **said)

    def test_from_the_dialog_to_emails_that_nobody_touches(self):
        first = self.receive("Tiles")
        browser = self.browser(self.anna, f"/odoo/email-archives/{first}")
        browser.click(".o-mailbox-MessageViewer-archive")
        self.choose_record(browser, "Tilers")
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
