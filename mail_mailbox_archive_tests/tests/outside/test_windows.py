"""Emails are written in windows: beside the list, several, on a phone, by keys."""

from __future__ import annotations

from .test_writing import BODY, WritingCase

WINDOW = ".o-mailbox-ComposeWindow"
OPEN = f"{WINDOW}:not({WINDOW}-folded)"
DRAFT = "mail.mailbox.draft"


class TestWindows(WritingCase):
    def drafts(self, person):
        return {one["subject"] for one in person.search_read(DRAFT, [], "subject")}

    def test_one_reads_on_and_goes_elsewhere(self):
        self.open_office("windows_read")
        self.receive("Roof", "Gate")
        anna = self.queue(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        self.answer(anna)
        anna.write("I am reading on")
        anna.click(".o-mailbox-MailLine-subject", "Gate")
        anna.find(".o-mailbox-MessageViewer-subject", "Gate")
        anna.find(f"{OPEN} {BODY}", "I am reading on")
        self.picture(anna, "window_beside")
        # a second one: of two there is room for one, the other is folded
        self.answer(anna)
        anna.find(f"{WINDOW}-folded", "Re: Roof")
        anna.find(f"{OPEN} .modal-title", "Re: Gate")
        self.picture(anna, "window_two")
        anna.run(
            "odoo.__WOWL_DEBUG__.root.env.services.action.doAction("
            "'mail_mailbox_archive.mail_mailbox_draft_action'), null"
        )
        anna.find(".o_breadcrumb", "Drafts")
        anna.click(f"{WINDOW}-folded {WINDOW}-fold")
        anna.find(f"{OPEN} {BODY}", "I am reading on")
        anna.find(f"{WINDOW}-folded", "Re: Gate")
        anna.click(f"{OPEN} .btn-close")
        anna.find(".o_notification", "Kept in Drafts.")
        anna.find(".o_data_row", "Re: Roof")
        anna.click(f"{WINDOW}-folded {WINDOW}-fold")
        anna.click(f"{OPEN} button[name=action_discard]")
        anna.gone(WINDOW)
        self.assertIn("Re: Roof", self.drafts(self.anna))
        self.assertNotIn("Re: Gate", self.drafts(self.anna))
        self.assertEqual(anna.error(), "")

    def test_with_the_keyboard_alone(self):
        self.open_office("windows_keys")
        self.receive("Roof")
        anna = self.queue(self.anna)
        anna.find(".o-mailbox-MailLine-subject", "Roof")
        anna.settle()
        anna.key("j")
        anna.find(".o-mailbox-MessageViewer-subject", "Roof")
        anna.key("r")
        anna.wait(f"return document.activeElement.matches('{BODY}')")
        anna.write("Half an answer")
        # the text is left, and found again
        anna.run("document.activeElement.blur()")
        anna.key("w")
        anna.wait(f"return document.activeElement.matches('{BODY}')")
        anna.key("Escape", "Escape")
        anna.gone(WINDOW)
        anna.find(".o_notification", "Kept in Drafts.")
        self.assertIn("Re: Roof", self.drafts(self.anna))
        self.assertEqual(anna.error(), "")

    def test_on_a_phone_it_fills_the_screen(self):
        self.open_office("windows_phone")
        lines = self.receive("Roof")
        path = f"/odoo/email-queue/{lines['Roof']}"
        anna = self.browser(self.anna, path, size="390x844")
        self.answer(anna)
        box = "document.querySelector('.modal-content').getBoundingClientRect()"
        self.assertTrue(anna.run(f"{box}.width === innerWidth && {box}.top <= 1"))
        self.assertTrue(anna.run(f"{box}.height === innerHeight"))
        self.assertTrue(anna.run("document.body.scrollWidth <= innerWidth"))
        self.picture(anna, "window_phone")
        anna.write("On my way")
        anna.click(f"{WINDOW}-fold")
        anna.find(".o-mailbox-MessageViewer-subject", "Roof")
        self.picture(anna, "window_phone_folded")
        anna.click(f"{WINDOW}-fold")
        anna.find(BODY, "On my way")
        anna.click("button[name=action_send]")
        anna.gone(WINDOW)
        self.wait(lambda: self.received("jan@roof.example"), "the answer")
        self.assertEqual(anna.error(), "")
