"""An answer being written: two people, each in a browser of their own."""

from __future__ import annotations

import sys
import time

from .test_team import QueueCase

BODY = ".o-mailbox-Compose-body .odoo-editor-editable"


class WritingCase(QueueCase):
    """Two people who answer what is in their Queue."""

    def answer(self, browser):
        """Answer the email that is open; wait until one can write."""
        browser.click(".o-mailbox-MessageViewer-answer[data-mode=reply]")
        browser.find(BODY)
        browser.wait(f"return document.activeElement.matches('{BODY}')")


class TestWriting(WritingCase):
    logins = ("writing_anna", "writing_bob")

    def test_seen_by_the_other_and_by_who_begins_a_second_answer(self):
        self.open_office("team_writing")
        self.receive("Roof")
        anna, bob = self.open_both()
        begun = time.monotonic()
        self.answer(anna)
        words = "Writing_anna has been writing an answer to this email since"
        bob.find(".o-mailbox-TeamBar .o-mailbox-Writers-person", words)
        sys.stderr.write(f"\nseen after {time.monotonic() - begun:.1f} s\n")
        bob.find(".o-mailbox-MailLine-writing")
        self.picture(bob, "writing_bar")
        self.answer(bob)
        bob.find(".o_form_view .o-mailbox-Writers-person", words)
        self.picture(bob, "writing_second")
        anna.find(".o_form_view .o-mailbox-Writers-person", "Writing_bob")
        anna.write("I am at it")
        anna.click("button[name=action_send]")
        bob.gone(".o-mailbox-Writers-person")
        bob.gone(".o-mailbox-MailLine-writing")
        anna.find(".o-mailbox-TeamBar .o-mailbox-Writers-person", "Writing_bob")
        bob.click("button[name=action_discard]")
        anna.gone(".o-mailbox-Writers-person")
        for browser in (anna, bob):
            self.assertEqual(browser.error(), "")

    def test_whose_browser_is_gone_writes_no_more(self):
        self.open_office("team_left")
        self.receive("Roof")
        anna, bob = self.queue(self.anna), self.queue(self.bob)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        self.answer(anna)
        bob.find(".o-mailbox-MailLine-writing")
        self.odoo.sql(
            "UPDATE mail_mailbox_writing SET until = now() AT TIME ZONE 'UTC'"
            " FROM mail_mailbox_conversation AS talk"
            " WHERE talk.id = conversation_id AND talk.mailbox_id = %s",
            self.box,
        )
        self.odoo.wake("mail_mailbox_archive.ir_cron_writing")
        bob.gone(".o-mailbox-MailLine-writing")
        self.assertEqual(bob.error(), "")
