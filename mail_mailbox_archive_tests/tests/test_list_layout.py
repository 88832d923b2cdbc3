"""How the list of emails stands on a laptop's screen, and its keys."""

import base64
import os
from pathlib import Path

from odoo.tests import tagged

from .browser import WatchedCase
from .common import MailboxCase

#: Lines that are in sight as a whole.
IN_SIGHT = """
(() => {
    const list = document.querySelector(".o_list_renderer").getBoundingClientRect();
    const bottom = Math.min(list.bottom, innerHeight);
    const head = document.querySelector(".o_list_renderer thead");
    const top = head.getBoundingClientRect().bottom;
    return [...document.querySelectorAll(".o_data_row")].filter((row) => {
        const box = row.getBoundingClientRect();
        return box.top >= top - 1 && box.bottom <= bottom + 1;
    }).length;
})()
"""
#: Whether what emails are attached to has a column.
COLUMN = """
[...document.querySelectorAll("[data-name=attached_to], td[name=attached_to]")]
    .some((cell) => cell.checkVisibility())
"""
PANE = ".o-mailbox-MailList-pane"
SUBJECT = ".o-mailbox-MessageViewer-subject"


@tagged("post_install", "-at_install")
class TestListLayout(MailboxCase, WatchedCase):
    """The open email beside the list, below it or not at all; kept for each person."""

    browser_size = "1366x768"

    def setUp(self):
        super().setUp()
        self.mailbox.write({"provider": "smtp", "smtp_host": "localhost"})
        self.mailbox.state = "ready"
        self.partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        for number in range(40):
            line = self.deliver(
                self.mailbox,
                subject=f"Mail {number} about the crane that stands in the yard",
                text="Of Spostex, in the yard, with all that was asked for",
            )
            if number % 3 == 0:
                line.mailbox_message_id.with_user(self.member)._archive(self.partner)
        self.settings = self.env["res.users.settings"]._find_or_create_for_user(
            self.member
        )

    def open_queue(self, path="/odoo/email-queue"):
        browser = self.open_browser(path, "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.settle(0.3)
        return browser

    def choose(self, browser, selector):
        browser.run("document.querySelector('.o-mailbox-ListLayout').click()")
        browser.wait(f"return !!document.querySelector({selector!r})")
        browser.run(f"document.querySelector({selector!r}).click()")
        browser.settle(0.3)

    def subject(self, browser, number):
        browser.wait(
            f"return document.querySelector('{SUBJECT}')?.textContent"
            f".startsWith('Mail {number} ')"
        )

    def place(self, browser):
        """Return where the open email is beside the list."""
        return browser.run(
            f"(() => {{const pane = document.querySelector('{PANE}');"
            "if (!pane) return 'none';"
            "const list = document.querySelector('.o_list_renderer');"
            "const [one, other] = [pane, list].map((el) => el.getBoundingClientRect());"
            "return one.top >= other.bottom - 1 ? 'below' : 'beside'})()"
        )

    def picture_of(self, browser, name):
        if folder := os.environ.get("MAILBOX_PICTURES"):
            content = base64.b64decode(browser.picture("body"))
            Path(folder, f"{name}.png").write_bytes(content)

    def test_fifteen_lines_on_a_laptop(self):
        browser = self.open_queue()
        self.picture_of(browser, "layout_usual")
        self.choose(browser, ".o-mailbox-ListLayout-compact")
        browser.key("j")
        self.subject(browser, 39)
        # the narrow list has no column of records, which would take the subject's place
        self.assertFalse(browser.run(COLUMN))
        self.picture_of(browser, "layout_compact")
        self.assertGreaterEqual(browser.run(IN_SIGHT), 15)
        self.choose(browser, "[data-pane=none]")
        self.assertTrue(browser.run(COLUMN))
        self.picture_of(browser, "layout_compact_alone")
        self.assertGreaterEqual(browser.run(IN_SIGHT), 15)
        self.choose(browser, "[data-pane=below]")
        self.subject(browser, 39)
        self.assertEqual(self.place(browser), "below")
        self.picture_of(browser, "layout_compact_below")

    def test_pane_is_put_elsewhere_and_stays_there(self):
        browser = self.open_queue()
        browser.key("j")
        self.subject(browser, 39)
        self.assertEqual(self.place(browser), "beside")
        self.choose(browser, "[data-pane=below]")
        self.assertEqual(self.place(browser), "below")
        # on another screen of that person
        browser.open(self.base_url() + "/odoo/email-queue")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.settle(0.3)
        self.assertEqual(self.place(browser), "below")
        self.choose(browser, "[data-pane=none]")
        self.assertEqual(self.place(browser), "none")
        browser.run("document.querySelector('.o-mailbox-MailLine').click()")
        browser.wait(f"return !!document.querySelector('.o_form_view {SUBJECT}')")

    def test_keys_where_the_pane_is_hidden(self):
        self.settings.mailbox_list_pane = "none"
        browser = self.open_queue()
        self.assertEqual(self.place(browser), "none")
        browser.key("ArrowDown", "ArrowDown")
        browser.key("ArrowDown", "ArrowDown")
        browser.wait(
            "return document.querySelector('.o-mailbox-MailList-open')"
            "?.textContent.includes('Mail 38 ')"
        )
        browser.key("Enter", "Enter")
        self.subject(browser, 38)
        for key, number in (("ArrowRight", 37), ("ArrowLeft", 38), ("j", 37)):
            browser.key(key, key if len(key) > 1 else "")
            self.subject(browser, number)
            browser.settle(0.3)

    def test_arrows_reply_all_and_forward(self):
        browser = self.open_queue()
        for key, number in (("ArrowDown", 39), ("ArrowDown", 38), ("ArrowUp", 39)):
            browser.key(key, key)
            self.subject(browser, number)
        self.write_by_keys(browser)
        line = browser.run("document.querySelector('[data-mail-id]').dataset.mailId")
        page = f"/odoo/email-queue/{line}"
        browser.open(self.base_url() + page)
        self.subject(browser, 39)
        browser.settle(0.3)
        self.write_by_keys(browser)

    def write_by_keys(self, browser):
        """Begin a reply to all and a forwarded email, each by its key."""
        title = (
            "return [...document.querySelectorAll('.o-mailbox-ComposeWindow input,"
            " .o-mailbox-ComposeWindow')].map((el) => el.value || el.textContent)"
            ".join().includes(%r)"
        )
        for key, prefix in (("R", "Re: Mail 39"), ("f", "Fwd: Mail 39")):
            browser.run(
                "document.querySelector('.o_data_row .o_data_cell, "
                ".o_form_view')?.focus?.(); document.activeElement.blur()"
            )
            browser.key(key, shift=key.isupper())
            browser.wait(title % prefix)
            browser.key("Escape", "Escape")
            browser.wait("return !document.querySelector('.o-mailbox-ComposeWindow')")
