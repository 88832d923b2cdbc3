"""The autoresponder in the browser, with a clock that is moved."""

from datetime import datetime

from odoo.tests import tagged

from .autoresponder import AutoresponderCase
from .browser import WatchedCase

PAGE = "document.querySelector('.o_notebook [name=autoresponder]')"
STATES = (
    "[...document.querySelectorAll('.o_data_row td[name=state]')]"
    ".map((el) => el.textContent.trim())"
)


@tagged("post_install", "-at_install")
class TestBrowser(AutoresponderCase, WatchedCase):
    def text(self, name):
        selector = f".o_field_widget[name={name}]"
        return f"document.querySelector({selector!r})?.textContent"

    def switch_to_journal(self, browser):
        browser.run(
            "document.querySelector('[name=action_show_autoresponder_journal]').click()"
        )
        browser.wait("return !!document.querySelector('.o_list_view')")

    def open_mailbox(self, browser=None):
        path = f"/odoo/email-mailboxes/{self.mailbox.id}"
        if browser is None:
            browser = self.open_browser(path, "mailbox_member")
        else:
            browser.open(self.base_url() + path)
        browser.wait(f"return !!{PAGE}")
        browser.run(f"{PAGE}.click()")
        browser.wait("return !!document.querySelector('[name=autoresponder_status]')")
        return browser

    def test_the_answer_leaves_at_the_right_minute(self):
        self.mailbox.write(
            {
                "autoresponder_when": "periods",
                "autoresponder_period_ids": [
                    (
                        0,
                        0,
                        {
                            "first_day": "2026-11-02",
                            "first_hour": 17.0,
                            "last_day": "2026-11-03",
                            "last_hour": 8.0,
                        },
                    )
                ],
            }
        )
        status = self.text("autoresponder_status")
        type(self).clock = datetime(2026, 11, 2, 15, 59)
        browser = self.open_mailbox()
        browser.wait(
            f"return {status} === "
            "'Not replying now; next from Monday 2 Nov 2026, 17:00'"
        )
        self.assertIn(
            "Dear Anna Example", browser.run(self.text("autoresponder_preview"))
        )
        with self.meanwhile():
            self.receive("Too early", return_path="<early@spostex.example>")
            self.assertFalse(self.answer())
        type(self).clock = datetime(2026, 11, 2, 16, 0)
        with self.meanwhile():
            self.receive("In time", return_path="<intime@spostex.example>")
            (received,) = self.answer()
        self.assertEqual(received.rcpt_to, ("intime@spostex.example",))
        self.open_mailbox(browser)
        browser.wait(f"return {status} === 'Replying until Tuesday 3 Nov 2026, 8:00'")
        self.switch_to_journal(browser)
        browser.wait(f"return {STATES}.join() === 'Replied,No reply'")
        self.assertIn(
            "does not reply at this time",
            browser.run("document.querySelector('.o_list_view').textContent"),
        )
        type(self).clock = datetime(2026, 11, 3, 7, 0)
        with self.meanwhile():
            self.receive("Too late", return_path="<late@spostex.example>")
            self.assertFalse(self.answer())

    def test_what_would_happen_now(self):
        arrival = self.receive("Order")
        browser = self.open_browser(f"/odoo/email-queue/{arrival.id}", "mailbox_member")
        browser.wait("return !!document.querySelector('[name=action_would_answer]')")
        browser.run("document.querySelector('[name=action_would_answer]').click()")
        told = browser.wait(
            "return document.querySelector('.o_notification')?.textContent"
        )
        self.assertIn("would reply to anna@spostex.example", told)

    def test_switched_off_for_all_is_seen_on_the_mailbox(self):
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.autoresponders_off", "True"
        )
        browser = self.open_mailbox()
        browser.wait(
            "return [...document.querySelectorAll('.alert')].some("
            "(el) => el.textContent.includes('All autoresponders are turned off'))"
        )
