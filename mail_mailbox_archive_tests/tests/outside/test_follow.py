"""A conversation that is followed: archived once in Chromium, then automatically."""

from __future__ import annotations

from .filing import FilingCase

ROOT = "<root@roof.example>"


class TestFollow(FilingCase):
    login, company = "follower", "Roofers"

    def receive(self, subject, sender="jan@roof.example", **said):
        """Have an email of the conversation arrive; return its message."""
        name = ROOT if subject == "Roof" else f"<{subject}@roof.example>"
        references = {} if subject == "Roof" else {"References": ROOT}
        return super().receive(subject, sender, name, references, **said)

    def test_from_the_dialog_to_replies_that_nobody_touches(self):
        first, before = self.receive("Roof"), self.receive("Re Roof 1")
        browser = self.browser(self.anna, f"/odoo/email-archives/{first}")
        browser.click(".o-mailbox-MessageViewer-archive")
        browser.click(".modal div[name=with_others] input")
        browser.find(".modal", "Re Roof 1")
        browser.click(".modal div[name=follow] input")
        browser.find(".modal", "is verified")
        self.choose_record(browser, "Roofers")
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
