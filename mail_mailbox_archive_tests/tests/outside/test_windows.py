"""Emails are written in windows: beside the list, several, on a phone, by keys."""

from __future__ import annotations

import json
import time

from .test_team import ARRIVAL
from .test_writing import BODY, WritingCase

WINDOW = ".o-mailbox-ComposeWindow"
OPEN = f"{WINDOW}:not({WINDOW}-folded)"
DRAFT = "mail.mailbox.draft"
MESSAGE = "mail.mailbox.message"


class TestWindows(WritingCase):
    logins = ("windows_anna", "windows_bob")

    def subjects(self, address):
        return [mail["Subject"] for mail in self.received(address)]

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
        shown = "document.querySelector('.o-mailbox-MessageViewer-subject')"
        # above it is what other tests left on top
        for _line in range(20):
            anna.settle(1)
            anna.key("j")
            anna.find(".o-mailbox-MessageViewer-subject")
            if "Roof" in anna.run(f"{shown}.textContent"):
                break
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

    def begin_two(self, browser):
        """Answer two emails, side by side; the focus is in the second."""
        for subject in ("Roof", "Gate"):
            browser.click(".o-mailbox-MailLine-subject", subject)
            browser.find(".o-mailbox-MessageViewer-subject", subject)
            self.answer(browser)
            browser.find(f"{OPEN} .modal-title", f"Re: {subject}")
            self.focused_in(browser, f"Re: {subject}")
            browser.write(f"About the {subject}")

    def focused_in(self, browser, title):
        browser.wait(
            "const open = document.activeElement.closest("
            f"'{WINDOW}'); return document.activeElement.matches('{BODY}') && "
            f"open.querySelector('.modal-title').textContent === '{title}'"
        )

    def test_the_keys_are_those_of_the_window_in_focus(self):
        self.open_office("windows_access")
        self.receive("Roof", "Gate")
        anna = self.queue(self.anna, size="1700x900")
        self.begin_two(anna)
        # in the Queue they are no window's
        anna.run("document.activeElement.blur()")
        for key in "qsx":
            anna.key(key, alt=True)
            anna.settle(1)
        self.assertEqual(anna.run(f"document.querySelectorAll('{OPEN}').length"), 2)
        # the other window is older, and the page behind has such a button, too
        anna.run(
            "const own = document.body.appendChild(document.createElement('button'));"
            "own.textContent = own.dataset.hotkey = 'q'; own.style.position = 'fixed';"
            "own.onclick = () => { window.pressed = true; }; document.body.prepend(own)"
        )
        anna.run(f"[...document.querySelectorAll('{OPEN} {BODY}')].at(-1).focus()")
        self.focused_in(anna, "Re: Gate")
        anna.key("q", alt=True)
        anna.gone(f"{WINDOW} .modal-title", "Re: Gate")
        anna.find(f"{OPEN} .modal-title", "Re: Roof")
        self.assertFalse(anna.run("!!window.pressed"))
        self.wait(lambda: "Re: Gate" in self.subjects("jan@roof.example"), "the answer")
        anna.run(f"document.querySelector('{OPEN} {BODY}').focus()")
        anna.key("s", alt=True)
        anna.gone(WINDOW)
        self.assertIn("Re: Roof", self.drafts(self.anna))
        self.assertEqual(anna.error(), "")

    def test_who_makes_no_pause_is_kept_as_well(self):
        self.open_office("windows_typing")
        self.receive("Roof")
        anna = self.queue(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        self.answer(anna)
        words, end, kept = [], time.monotonic() + 20, ""
        while time.monotonic() < end:
            words.append(f"w{len(words)}")
            anna.write(f"{words[-1]} ")
            time.sleep(0.5)
            if len(words) == 30:
                here = [("mailbox_id", "=", self.box)]
                (draft,) = self.anna.search_read(DRAFT, here, "body")
                kept = draft["body"]
        self.assertIn("w5", kept)
        self.assertIn(" ".join(words), anna.text(BODY).replace("\u00a0", " "))
        self.assertEqual(anna.error(), "")

    def test_closing_the_tab_keeps_what_was_written(self):
        self.open_office("windows_tab")
        self.receive("Roof")
        anna = self.queue(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        self.answer(anna)
        anna.run(
            "window.sent = [], navigator.sendBeacon = (url) => sent.push(url) && true, "
            "null"
        )
        anna.write("Half an answer")
        anna.run("window.dispatchEvent(new Event('beforeunload', {cancelable: true}))")
        beacons = anna.run("window.sent")
        self.assertTrue([url for url in beacons if "mailbox.draft/web_save" in url])

    def action_of(self, browser, model, method, *arguments):
        """Do in a browser what a method of the server returns."""
        given = json.dumps([model, method, list(arguments)])
        browser.run(
            "(({action, orm}) => void orm.call("
            f"...{given}).then((one) => action.doAction(one)))"
            "(odoo.__WOWL_DEBUG__.root.env.services), null"
        )

    def test_whatever_the_server_opens_is_a_window_beside_the_page(self):
        self.open_office("windows_ways")
        lines = self.receive("Roof")
        (row,) = self.anna.call(
            ARRIVAL, "read", [lines["Roof"]], ["mailbox_message_id"]
        )
        message = row["mailbox_message_id"][0]
        anna = self.queue(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        anna.find(".o-mailbox-MessageViewer-subject", "Roof")
        for given, title in (
            ((MESSAGE, "action_compose", [message], "reply_all"), "Re: Roof"),
            ((MESSAGE, "action_compose", [message], "forward"), "Fwd: Roof"),
            ((DRAFT, "action_new"), "New email"),
        ):
            before = len(self.drafts(self.anna))
            self.action_of(anna, *given)
            anna.find(f"{OPEN} .modal-title", title)
            anna.find(".o-mailbox-MessageViewer-subject", "Roof")
            anna.settle(1)
            anna.click(f"{OPEN} .btn-close")
            anna.gone(WINDOW)
            # nobody wrote on it
            self.assertEqual(len(self.drafts(self.anna)), before)
        self.assertEqual(anna.error(), "")

    def test_edit_in_the_outbox(self):
        self.open_office("windows_outbox")
        self.receive("Roof")
        draft = self.anna.call(DRAFT, "prepare_new", mailbox_id=self.box)
        values = {"subject": "Planned", "email_to": "jan@roof.example"}
        self.anna.change(DRAFT, draft, **values, send_at="2036-01-01 00:00:00")
        self.anna.call(DRAFT, "action_send", [draft])
        anna = self.browser(self.anna, "/odoo/email-outbox")
        anna.find(".o_data_row", "Planned")
        anna.click("button[name=action_edit]")
        anna.find(f"{OPEN} .modal-title", "Planned")
        anna.find(".o_data_row", "Taken back into the drafts.")
        self.assertFalse(anna.run("!!document.querySelector('.o_dialog')"))
        self.picture(anna, "window_outbox")
        anna.click(f"{OPEN} .btn-close")
        anna.gone(WINDOW)
        self.assertIn("Planned", self.drafts(self.anna))
        phone = self.browser(self.anna, "/odoo/email-drafts", size="390x844")
        phone.click(".o_data_row .o_data_cell, .o_kanban_record", "Planned")
        phone.find(f"{OPEN} .modal-title", "Planned")
        box = "document.querySelector('.modal-content').getBoundingClientRect()"
        self.assertTrue(phone.run(f"{box}.width === innerWidth && {box}.top <= 1"))
        for browser in (anna, phone):
            self.assertEqual(browser.error(), "")

    def test_on_a_laptop_the_list_stays_in_sight(self):
        self.open_office("windows_laptop")
        self.receive("Roof", "Gate")
        # whose drafts no other test counts
        bob = self.queue(self.bob, size="1366x768")
        self.begin_two(bob)
        bob.find(f"{WINDOW}-folded", "Re: Roof")
        bob.settle(1)
        self.picture(bob, "window_laptop")
        left, edge = bob.run(
            f"[document.querySelector('{OPEN}').getBoundingClientRect().left,"
            " document.querySelector('.o-mailbox-MailLine').getBoundingClientRect()"
            ".right]"
        )
        self.assertGreaterEqual(left, 0.45 * 1366)
        self.assertGreaterEqual(left, edge)
        self.assertEqual(bob.error(), "")

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
