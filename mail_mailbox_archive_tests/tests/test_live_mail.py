"""Mail that arrives by IMAP while somebody looks at the Queue."""

from odoo.tests import tagged

from .browser import WatchedCase
from .common import write_mail
from .test_poll import PollCase

LINES = (
    "[...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
    ".map((el) => el.textContent)"
)
RED = "document.querySelector('button .o-mailbox-ArchiveMenu-unread')?.textContent"
BLUE = "document.querySelector('button .o-mailbox-ArchiveMenu-fresh')?.textContent"
#: Moves the browser's clock on, and says so as a machine that wakes up does.
LATER = """
const now = Date.now.bind(Date);
Date.now = () => now() + %d * 1000;
window.dispatchEvent(new Event("focus"));
"""


@tagged("post_install", "-at_install")
class TestLiveMail(PollCase, WatchedCase):
    def fetch(self, subject):
        """Have the server receive a message, and the scheduled action fetch it."""
        self.server.deliver(self.login, write_mail(subject).as_bytes())
        with self.meanwhile():
            self.poll()
            self.assertWorks()

    def test_it_appears_and_both_circles_change(self):
        self.fetch("Before")
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(f"return {LINES}.join() === 'Before'")
        self.assertEqual((browser.run(RED), browser.run(BLUE)), ("1", None))
        browser.settle()
        self.fetch("Just came")
        browser.wait(f"return {LINES}.join() === 'Just came,Before'")
        browser.wait(f"return {RED} === '2' && {BLUE} === '1'")
        asked = len(browser.requests)
        browser.run(f"(() => {{{LATER % 240}}})()")
        self.assertEqual(browser.run(BLUE), "1")
        browser.run(f"(() => {{{LATER % 61}}})()")
        browser.wait(f"return {BLUE} === undefined")
        self.assertEqual(browser.run(RED), "2")
        # by the browser's own clock: the server was not asked
        new = [path for path, _in_frame in self.paths(browser)[asked:]]
        self.assertNotIn("/web/dataset/call_kw/mail.mailbox/get_badge", new)

    def test_an_outsider_has_an_empty_panel(self):
        self.fetch("Not for everybody")
        browser = self.open_browser("/odoo", "mailbox_outsider")
        browser.wait("return !!document.querySelector('.o-mailbox-ArchiveMenu')")
        browser.settle()
        self.fetch("Nor this")
        # what does not come takes its time
        browser.settle(1)
        self.assertEqual((browser.run(RED), browser.run(BLUE)), (None, None))
        browser.run("document.querySelector('.o-mailbox-ArchiveMenu-more').click()")
        shown = browser.wait(
            "return document.querySelector('.o-mailbox-ArchiveMenu-content "
            ".o-mailbox-ArchiveMenu-empty')?.textContent"
        )
        self.assertIn("You have no mailbox yet", shown)
        self.assertFalse(
            browser.run("!!document.querySelector('.o-mailbox-NewestMessage')")
        )

    def test_on_a_phone(self):
        self.fetch("Before")
        self.browser_size = "390,844"
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(f"return {LINES}.join() === 'Before'")
        browser.settle()
        self.fetch("On the way")
        browser.wait(f"return {LINES}[0] === 'On the way' && {BLUE} === '1'")
        browser.run("document.querySelector('.o-mailbox-ArchiveMenu-more').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-NewestMessage')")
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))
        browser.run("document.querySelector('.o-mailbox-NewestMessage').click()")
        browser.wait(
            "return document.querySelector('.o_form_view "
            ".o-mailbox-MessageViewer-subject')?.textContent === 'On the way'"
        )
        browser.run(
            "document.querySelector('.o-mailbox-MessageViewer-archive').click()"
        )
        browser.wait(
            "return !!document.querySelector('.modal button[name=action_confirm]')"
        )
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))
