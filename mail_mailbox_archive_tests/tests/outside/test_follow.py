"""A conversation that is followed: archived once in Chromium, then automatically."""

from __future__ import annotations

from email.message import EmailMessage

from .case import USER, OutsideCase

MESSAGE = "mail.mailbox.message"
ROOT = "<root@roof.example>"
SERVER = "mx.spedbud.example"


class TestFollow(OutsideCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.admin.add("res.partner", name="Roofers", is_company=True)

    def setUp(self):
        super().setUp()
        self.anna = self.person("follower", USER, "base.group_partner_manager")
        self.box = self.mailbox(
            "follower@spedbud.example", self.anna, trusted_server=SERVER
        )

    def receive(self, subject, sender="jan@roof.example", said="pass", server=SERVER):
        """Have an email of the conversation arrive; return its message."""
        mail = EmailMessage()
        domain = sender.rpartition("@")[2]
        mail["Authentication-Results"] = f"{server}; dmarc={said} header.from={domain}"
        mail["From"], mail["To"] = sender, "follower@spedbud.example"
        mail["Subject"] = subject
        name = ROOT if subject == "Roof" else f"<{subject}@roof.example>".lower()
        mail["Message-ID"] = name.replace(" ", ".")
        if subject != "Roof":
            mail["References"] = ROOT
        mail.set_content(subject)
        self.dovecot.deliver("follower", mail.as_bytes())
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

    def test_from_the_dialog_to_replies_that_nobody_touches(self):
        first, before = self.receive("Roof"), self.receive("Re Roof 1")
        browser = self.browser(self.anna, f"/odoo/email-archives/{first}")
        browser.click(".o-mailbox-MessageViewer-archive")
        browser.click(".modal div[name=with_others] input")
        browser.find(".modal", "Re Roof 1")
        browser.click(".modal div[name=follow] input")
        browser.find(".modal", "is verified")
        self.choose_record(browser)
        self.picture(browser, "follow_dialog")
        browser.click(".modal button[name=action_confirm]")
        browser.find(".o-mailbox-MessageViewer-follow", "Roofers")
        self.assertEqual(self.records(first), ["Roofers"])
        self.assertEqual(self.records(before), ["Roofers"])

        forged = [
            self.receive("Re Roof 2", said="fail"),
            self.receive("Re Roof 3", sender="evil@attacker.example"),
            self.receive("Re Roof 4", server="mx.attacker.example"),
        ]
        reply = self.receive("Re Roof 5")
        self.wait(lambda: self.records(reply) == ["Roofers"], "the reply on its record")
        for message in forged:
            self.assertEqual(self.records(message), [])
        browser.open(f"/odoo/email-archives/{reply}")
        browser.find(".o-mailbox-RecordChips-chip .fa-refresh")
        self.picture(browser, "follow_reply")
        browser.click(".o-mailbox-MessageViewer-follow button", "Stop following")
        browser.gone(".o-mailbox-MessageViewer-follow")
        later, other = self.receive("Re Roof 6"), self.receive("Roof is done")
        self.assertTrue(other)
        self.assertEqual(self.records(later), [])
        self.assertEqual(browser.error(), "")

    def choose_record(self, browser):
        """Choose the company in the line of the form, by typing its name."""
        browser.click(".modal .o_data_row td[name=record_type_id]")
        browser.fill(".modal td[name=record_type_id] input", "Companies")
        browser.click(".o-autocomplete--dropdown-item", "Companies")
        browser.click(".modal .o_data_row td[name=res_id]")
        browser.fill(".modal td[name=res_id] input", "Roofers")
        browser.click(".o-autocomplete--dropdown-item", "Roofers")
        browser.find(".modal", "will read it")
