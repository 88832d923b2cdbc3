"""Learning and the filing address in Chromium: proposed, copied, sent to, archived."""

from __future__ import annotations

from .filing import FilingCase


class TestFilingAddress(FilingCase):
    login, company = "addressee", "Glaziers"

    def test_the_address_is_copied_and_an_email_to_it_is_archived(self):
        self.admin.change("mail.mailbox", self.box, filing_by_address=True)
        # what the first import fetches is left as it is
        self.receive("Before", "jan@glass.example", "<before@glass.example>")
        path = f"/odoo/res.partner/{self.partner}"
        browser = self.browser(self.anna, path)
        browser.click(".o_notebook_headers .nav-link", "Attached - Emails")
        browser.click(".o-mailbox-AttachedEmails-address")
        browser.find(".o-mailbox-FilingAddress code")
        self.picture(browser, "filing_address")
        address = browser.run(
            "document.querySelector('.o-mailbox-FilingAddress code').innerText"
        )
        self.assertRegex(address, r"^addressee\+partner-\d+\.[a-z2-7]{24}@spedbud")
        browser.click(".modal-footer .btn-primary")

        sender = "jan@glass.example"
        headers = {"Delivered-To": address}
        first = self.receive("Panes", sender, "<panes@glass.example>", headers)
        self.wait(
            lambda: self.records(first) == ["Glaziers"], "the email on its record"
        )
        browser.open(f"/odoo/email-archives/{first}")
        browser.find(".o-mailbox-RecordChips-chip .fa-refresh")
        self.picture(browser, "filing_address_email")
        token = address.split(".")[1].split("@")[0]
        self.assertNotIn(token, browser.run("document.body.innerHTML").lower())
        self.assertEqual(browser.error(), "")


class TestLearning(FilingCase):
    login, company = "learner", "Window cleaners"

    def test_what_was_chosen_before_is_proposed(self):
        for number in range(3):
            name = f"<chosen{number}@window.example>"
            message = self.receive(f"Order {number}", "eva@window.example", name)
            self.archive(message)
        last = self.receive("Order 4", "eva@window.example", "<chosen4@window.example>")
        browser = self.browser(self.anna, f"/odoo/email-archives/{last}")
        browser.click(".o-mailbox-MessageViewer-archive")
        browser.find(
            ".modal", "You archived emails of this correspondent here before (3)"
        )
        self.picture(browser, "learning")
        browser.click(".o-mailbox-Suggestions-chip", "Window cleaners")
        self.picture(browser, "learning_chosen")
        self.assertEqual(browser.error(), "")

    def archive(self, message):
        """Archive an email to the company, as the dialog does."""
        kind = self.anna.search_read(
            "mail.mailbox.record.type", [("name", "=", "Companies")], "id"
        )[0]["id"]
        line = {"record_type_id": kind, "res_id": self.partner}
        context = {"active_model": "mail.mailbox.message", "active_ids": [message]}
        (wizard,) = self.anna.call(
            "mail.mailbox.archive.wizard",
            "create",
            [{"line_ids": [[0, 0, line]]}],
            context=context,
        )
        self.anna.call("mail.mailbox.archive.wizard", "action_confirm", [wizard])
