"""Queue and Archives with one line for each conversation, in the browser."""

import base64
import os
from datetime import timedelta
from pathlib import Path

from odoo.tests import tagged

from .browser import WatchedCase
from .common import WARSAW_NOON, MailboxCase, write_mail

ROOT = "<roof@spostex.example>"
NOON = WARSAW_NOON.replace(tzinfo=None)
#: Of each line its subject, its number and whom it names.
LINES = """[...document.querySelectorAll('.o-mailbox-MailLine')].map((line) => [
    line.querySelector('.o-mailbox-MailLine-subject').textContent,
    line.querySelector('.o-mailbox-MailLine-count > span')?.textContent || '',
    line.querySelector('.o-mailbox-MailLine-who').textContent,
].join('|')).join(' ')"""
BOLD = "!!document.querySelector('.o-mailbox-MailLine.o-mailbox-MailLine-unread')"
OPEN = ".o-mailbox-MailList-open .o-mailbox-MailLine-subject"
TOGGLE = ".o-mailbox-MailList-conversations"
ROOF = "Roof 3|3|Jan, Anna"
GATE = "Gate||Anna Nowak"
CRANE = "Crane||Anna Nowak"


@tagged("post_install", "-at_install")
class TestConversationView(MailboxCase, WatchedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Spostex S.A.", "is_company": True}
        )
        cls.deliver(cls.mailbox, subject="Crane")
        cls.roof(1, "Anna <anna@spostex.example>", message_id=ROOT)
        cls.roof(2, "Jan <jan@spostex.example>")
        cls.deliver(cls.mailbox, subject="Gate").internal_date = NOON + timedelta(
            minutes=2
        )
        cls.last = cls.roof(3, "Jan <jan@spostex.example>")

    @classmethod
    def roof(cls, number, sender, **headers):
        """Deliver an email of a conversation; return its line."""
        headers = {"references": ROOT} | headers
        mail = write_mail(
            f"Roof {number}",
            "About Spostex.",
            **{
                "from": sender,
                "to": "office@spedbud.example, anna@spostex.example, "
                "jan@spostex.example",
            },
            **headers,
        )
        arrival = cls.deliver(cls.mailbox, mail)
        arrival.internal_date = NOON + timedelta(minutes=number)
        return arrival

    def wait_lines(self, browser, *lines):
        try:
            browser.wait(f"return {LINES} === {' '.join(lines)!r}", 45)
        except AssertionError as error:
            raise AssertionError(
                str(browser.run(LINES)) + browser.run("document.body.innerText")
            ) from error

    def choose_conversations(self):
        """As the person did before, on another computer."""
        settings = self.env["res.users.settings"]
        settings = settings._find_or_create_for_user(self.member)
        settings.mailbox_conversations = True

    def unread(self):
        """Return what of the conversation nobody has read here."""
        arrivals = self.env["mail.mailbox.arrival"]
        return arrivals.search([("subject", "like", "Roof"), ("unread", "=", True)])

    def picture(self, browser, name):
        if folder := os.environ.get("MAILBOX_PICTURES"):
            data = base64.b64decode(browser.picture("body"))
            Path(folder, f"{name}.png").write_bytes(data)

    def test_it_is_chosen_once_and_for_every_computer(self):
        flat = ("Roof 3||Jan", GATE, "Roof 2||Jan", "Roof 1||Anna", CRANE)
        browser = self.open_queue()
        self.wait_lines(browser, *flat)
        self.assertEqual(
            browser.run(f"document.querySelector('{TOGGLE}').ariaPressed"), "false"
        )
        browser.run(f"document.querySelector('{TOGGLE}').click()")
        self.wait_lines(browser, ROOF, GATE, CRANE)
        browser.run("location.reload()")
        browser.wait("return !document.querySelector('.o-mailbox-MailLine')")
        self.wait_lines(browser, ROOF, GATE, CRANE)
        self.assertEqual(
            browser.run(f"document.querySelector('{TOGGLE}').ariaPressed"), "true"
        )
        self.picture(browser, "conversations")
        browser.settle()
        with self.meanwhile():
            settings = self.member.res_users_settings_id
            self.assertTrue(settings.mailbox_conversations)
        browser.key("c")
        self.wait_lines(browser, *flat)

    def test_a_reply_moves_its_line_and_keys_act_on_the_conversation(self):
        self.choose_conversations()
        browser = self.open_queue()
        self.wait_lines(browser, ROOF, GATE, CRANE)
        # what is opened is read, and what stands beside it
        browser.key("j")
        browser.wait(f"return !({BOLD.replace('MailLine.', 'MailList-open .')})")
        browser.settle()
        with self.meanwhile():
            roof = self.env["mail.mailbox.arrival"].search(
                [("subject", "like", "Roof")]
            )
            self.assertEqual(set(roof.mapped("unread")), {False})
        browser.key("j")
        browser.wait(f"return document.querySelector('{OPEN}')?.textContent === 'Gate'")
        browser.key("k")
        browser.wait(
            f"return document.querySelector('{OPEN}')?.textContent === 'Roof 3'"
        )
        browser.settle()
        with self.meanwhile():
            self.roof(4, "Anna <anna@spostex.example>")
            self.mailbox._notify_changed()
        self.wait_lines(browser, "Roof 4|4|Anna, Jan", GATE, CRANE)
        # one's place is the conversation's; nobody has looked at what just came
        browser.wait(
            f"return document.querySelector('{OPEN}')?.textContent === 'Roof 4'"
        )
        self.assertEqual(
            browser.run(
                "document.querySelector('.o-mailbox-MessageViewer-subject').textContent"
            ),
            "Roof 3",
        )
        browser.key("e")
        browser.wait(
            "return document.querySelector('.o_notification')?.textContent"
            ".includes('Not put away')"
        )
        browser.run("document.querySelector('.o-mailbox-MailLine').click()")
        browser.wait(
            "return document.querySelector('.o-mailbox-MessageViewer-subject')"
            ".textContent === 'Roof 4'"
        )
        browser.settle()
        browser.key("t")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine-owner')")
        browser.key("e")
        self.wait_lines(browser, GATE, CRANE)
        browser.key("u")
        self.wait_lines(browser, "Roof 4|4|Anna, Jan", GATE, CRANE)

    def test_what_is_selected_is_all_that_was_counted(self):
        """An older email that was stored later does not stand in the way."""
        self.choose_conversations()
        late = self.roof(0, "Jan <jan@spostex.example>")
        browser = self.open_queue()
        self.wait_lines(browser, "Roof 3|4|Jan, Anna", GATE, CRANE)
        browser.run("document.querySelector('.o_data_row input').click()")
        browser.wait("return !!document.querySelector('.o_data_row_selected')")
        browser.key("e")
        self.wait_lines(browser, GATE, CRANE)
        browser.settle()
        with self.meanwhile():
            self.assertEqual(late.conversation_id.state, "done")

    def test_archiving_a_line_archives_its_conversation(self):
        self.choose_conversations()
        browser = self.open_queue()
        self.wait_lines(browser, ROOF, GATE, CRANE)
        browser.run("document.querySelector('.o_data_row input').click()")
        browser.wait("return !!document.querySelector('.o_data_row_selected')")
        browser.key("a")
        browser.wait(
            "return document.querySelector('.modal [name=with_others] input')?.checked"
        )
        browser.wait(
            "return document.activeElement?.getAttribute('name') === 'action_confirm'"
        )
        browser.key("Enter", "Enter")
        browser.wait("return !document.querySelector('.modal')")
        browser.settle()
        with self.meanwhile():
            links = self.env["mail.mailbox.link"].search([])
            self.assertEqual(
                set(links.mailbox_message_id.mapped("subject")),
                {"Roof 1", "Roof 2", "Roof 3"},
            )
        browser.open(self.base_url() + "/odoo/email-archives")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.wait(f"return {LINES}.split('|')[1] === '3'")
        browser.settle()
        self.picture(browser, "conversations_archives")

    def test_grouped_it_lists_emails(self):
        self.choose_conversations()
        browser = self.open_queue()
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
        browser.wait(
            "const item = [...document.querySelectorAll('.o_menu_item')].find("
            "(el) => el.textContent.trim() === 'Mailbox'); item?.click(); return !!item"
        )
        browser.wait("return !!document.querySelector('.o_group_header')")
        browser.run("document.querySelector('.o_group_header').click()")
        browser.wait("return document.querySelectorAll('.o_data_row').length === 5")

    def test_on_a_phone(self):
        self.choose_conversations()
        self.browser_size = "390,844"
        browser = self.open_queue()
        self.wait_lines(browser, ROOF, GATE, CRANE)
        self.picture(browser, "conversations_phone")
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))
        self.assertTrue(
            browser.run(
                f"(r => r.width && r.right <= innerWidth)"
                f"(document.querySelector('{TOGGLE}').getBoundingClientRect())"
            )
        )
        browser.run("document.querySelector('.o-mailbox-MailLine').click()")
        browser.wait(
            "return document.querySelector('.o_form_view "
            ".o-mailbox-MessageViewer-subject')?.textContent === 'Roof 3'"
        )
        browser.settle()
        with self.meanwhile():
            roof = self.env["mail.mailbox.arrival"].search(
                [("subject", "like", "Roof")]
            )
            self.assertEqual(set(roof.mapped("unread")), {False})
