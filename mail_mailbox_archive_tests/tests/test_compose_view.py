"""Writing mail in the browser, with a real SMTP and a real IMAP server."""

import json

from odoo.tests import tagged

from .browser import WatchedCase
from .common import sending_allowed, write_mail
from .sending import PASSWORD as SMTP_PASSWORD
from .sending import SmtpSink
from .servers.dovecot import PASSWORD
from .test_poll import PollCase

EMAIL = "biuro@spedbud.example"
FIELD = ".o_field_widget[name={name}]"
#: Takes a text field of a form for typing, its text chosen.
TAKE = """
const field = document.querySelector(%s);
const input = field && field.querySelector("input, textarea, [contenteditable=true]");
if (!input) {
    return false;
}
input.focus();
input.select ? input.select() : document.getSelection().selectAllChildren(input);
return document.activeElement === input;
"""
#: What stands in a field; undefined for text with a format.
ACTIVE = "document.activeElement.value"
#: Clicks on the one thing with these words that can be seen.
CLICK = """
const found = [...document.querySelectorAll(%s)].filter(
    (el) => el.checkVisibility() && !el.disabled && el.textContent.includes(%s)
);
found[0]?.click();
return found.length > 0;
"""
LINES = (
    "[...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
    ".map((el) => el.textContent)"
)
BLUE = "document.querySelector('button .o-mailbox-ArchiveMenu-fresh')?.textContent"


class ComposeViewCase(PollCase, WatchedCase):
    """A browser, a mailbox that sends, and the steps of who writes."""

    options = {"special_use": {"Wysłane": "\\Sent"}}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.smtp = cls.enterClassContext(SmtpSink())
        cls.enterClassContext(sending_allowed(cls.env))
        # the road of the code: a server that no mailbox owns
        cls.env["ir.mail_server"].create(
            {
                "name": "The company's own",
                "smtp_host": "127.0.0.1",
                "smtp_port": cls.smtp.port,
                "smtp_encryption": "none",
            }
        )
        # a worker is no part of this: the test itself works the outbox off
        cls.env["ir.config_parameter"].set_param("mail_mailbox_archive.undo_seconds", 0)

    def fill(self, browser, **values):
        for name, value in values.items():
            selector = f".o_form_view {FIELD.format(name=name)}"
            while True:
                browser.wait(TAKE % json.dumps(selector))
                browser.write(value)
                # a default that came meanwhile undid the choice of the old text
                if browser.run(f"[undefined, {json.dumps(value)}].includes({ACTIVE})"):
                    break
            browser.run("document.activeElement.blur()")

    def click(self, browser, selector, words=""):
        browser.wait(CLICK % (json.dumps(selector), json.dumps(words)))

    def choose(self, browser, name, label):
        """Choose in a drop-down list of a form."""
        field = FIELD.format(name=name)
        self.click(browser, f"{field} input")
        self.click(browser, ".o_select_menu_item", label)

    def wait_for(self, browser, selector, words=""):
        browser.wait(
            f"return [...document.querySelectorAll({json.dumps(selector)})].some("
            f"(el) => el.textContent.includes({json.dumps(words)}))"
        )

    def work_off(self, browser):
        """Wait until a mail is in the outbox, and send it."""
        self.wait_for(browser, ".o_notification", "in the outbox")
        with self.meanwhile():
            self.env["mail.mailbox.outbox"].sudo()._work_off(0.1)

    def make_ready(self, mailbox=None, signature="<p>Spedbud, signed</p>"):
        """Have a mailbox send, as after its verification."""
        mailbox = mailbox or self.mailbox
        mailbox.write(
            {
                "provider": "smtp",
                "smtp_host": "localhost",
                "smtp_port": self.smtp.port,
                "smtp_security": "none",
                "smtp_login": "office",
                "smtp_password": SMTP_PASSWORD,
                "signature": signature,
            }
        )
        mailbox.state = "ready"


@tagged("post_install", "-at_install")
class TestComposeView(ComposeViewCase):
    """From a new mailbox to an email in Sent, answers and drafts."""

    def test_from_a_new_mailbox_to_the_sent_folder(self):
        browser = self.open_browser("/odoo/email-mailboxes/new", "mailbox_manager")
        self.fill(browser, email=EMAIL, name="Spedbud, {{first_name}}")
        self.choose(browser, "imap_security", "None")
        self.fill(
            browser,
            imap_host="localhost",
            imap_port=str(self.server.port),
            imap_login=self.login,
            imap_password=PASSWORD,
        )
        self.click(browser, ".nav-link", "Sending")
        self.choose(browser, "provider", "SMTP")
        self.choose(browser, "smtp_security", "None")
        self.fill(
            browser,
            smtp_host="localhost",
            smtp_port=str(self.smtp.port),
            smtp_login="office",
            smtp_password=SMTP_PASSWORD,
            signature="Spedbud, ul. Polna 1",
        )
        self.click(browser, ".o_form_button_save")
        self.click(browser, "button", "Email me the code")
        self.wait_for(browser, ".modal", "eight digits")
        code = self.read_code()
        self.fill(browser, code=str((int(code) + 1) % 10**8).zfill(8))
        self.click(browser, ".modal button", "Confirm")
        self.wait_for(browser, ".o_error_dialog", "That is not the code emailed to")
        self.click(browser, ".o_error_dialog button", "Close")
        self.fill(browser, code=code)
        self.click(browser, ".modal button", "Confirm")
        self.wait_for(browser, ".o_notification", "is ready to send")
        # the mail that proved its settings
        self.smtp.take()
        self.send_new(browser)

    def read_code(self):
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, (EMAIL,))
        return "".join(c for c in received.text.split(":")[1] if c.isdigit())[:8]

    def send_new(self, browser):
        browser.open(self.base_url() + "/odoo/email-queue")
        self.click(browser, "button", "New email")
        self.wait_for(browser, ".modal .o-mailbox-Signature", "ul. Polna 1")
        self.fill(
            browser,
            email_to="Anna Nowak <anna@spostex.example>",
            email_bcc="boss@spedbud.example",
            subject="Our offer",
            body="Good morning",
        )
        self.click(browser, ".modal button", "Send")
        self.work_off(browser)
        self.wait_for(browser, ".o_notification", "Sent: ")
        browser.wait(f"return {LINES}.join() === 'Our offer' && {BLUE} === '1'")
        self.wait_for(browser, ".o_data_row [aria-label=Sent]")
        (received,) = self.smtp.take()
        self.assertEqual(
            set(received.rcpt_to), {"anna@spostex.example", "boss@spedbud.example"}
        )
        self.assertNotIn(b"boss", received.content)
        self.assertIn(f"<{EMAIL}>", received.message["From"])
        for text in (received.text, received.html):
            self.assertIn("Good morning", text)
            self.assertEqual(text.count("ul. Polna 1"), 1)
        with self.meanwhile():
            # which folder is the Sent one is known from the first check on
            self.poll(self.env["mail.mailbox"].search([("email", "=", EMAIL)]))
            self.env.ref("mail_mailbox_archive.ir_cron_append").method_direct_trigger()
        with self.server.selected(self.login, "Wysłane") as client:
            _type, ((_number, source), *_rest) = client.fetch("1", "(BODY.PEEK[])")
        self.assertIn(b"Our offer", source)

    def test_a_customer_is_answered_from_the_records_tab(self):
        self.make_ready()
        customer = self.env["res.partner"].create(
            {"name": "Spostex", "email": "office@spostex.example"}
        )
        mail = write_mail("Question", "How much is it?", cc="ola@spostex.example")
        picture = "<p>How much?</p><img src='https://t.example/x.png' alt='Logo'>"
        mail.add_alternative(picture, subtype="html")
        self.server.deliver(self.login, mail.as_bytes())
        self.poll()
        message = self.arrivals().mailbox_message_id
        message.with_user(self.member)._archive(customer)
        # read now: later the browser's requests use the same cursor
        answered = message.message_id
        browser = self.open_browser(
            f"/odoo/res.partner/{customer.id}", "mailbox_member"
        )
        self.click(browser, ".nav-link[name=mailbox_archive]")
        self.click(browser, ".o-mailbox-AttachedEmail-line", "Question")
        self.click(browser, ".o-mailbox-MessageViewer-answer[data-mode=reply_all]")
        self.wait_for(browser, ".modal .o_field_widget[name=archives_to]", "Spostex")
        self.wait_for(
            browser, ".modal [name=email_cc] .o-mailbox-People-chip", "ola@spostex"
        )
        # one writes at once, where the text begins
        browser.write("It is attached.")
        self.click(browser, ".modal button", "Send")
        self.wait_for(browser, ".modal", "nothing is attached.")
        self.click(browser, ".modal button", "Send anyway")
        self.work_off(browser)
        self.wait_for(browser, ".o_notification", "Sent: ")
        self.wait_for(browser, ".o-mailbox-AttachedEmail", "Re: Question")
        (received,) = self.smtp.take()
        sent = received.message
        self.assertEqual(sent["In-Reply-To"], answered)
        self.assertIn(answered, sent["References"])
        self.assertIn("How much?", received.html)
        self.assertNotIn("t.example", received.html)
        before_quote = received.html.index("signed") < received.html.index("How much?")
        self.assertTrue(before_quote)
        self.assertEqual(self.strangers(browser), [])

    def test_what_was_begun_is_kept_and_what_was_not_is_forgotten(self):
        self.make_ready()
        self.deliver(self.mailbox, write_mail("Question"))
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        for subject, kept in (("", 0), ("Half an idea", 1)):
            self.click(browser, "button", "New email")
            browser.wait("return !!document.querySelector('.modal [name=subject]')")
            if subject:
                self.fill(browser, subject=subject)
            self.click(browser, ".modal .btn-close")
            browser.wait("return !document.querySelector('.modal')")
            with self.meanwhile():
                found = drafts.search([])
                self.assertEqual(len(found), kept)
        with self.meanwhile():
            self.assertEqual(found.subject, "Half an idea")
            others = self.env["mail.mailbox.draft"].with_user(self.manager)
            self.assertFalse(others.search([]))
        self.go_on(browser)
        with self.meanwhile():
            self.assertFalse(drafts.search([]))

    def go_on(self, browser):
        """Go on with the draft by keys alone; then discard it, which is asked."""
        action = "mail_mailbox_archive.mail_mailbox_draft_action"
        browser.open(f"{self.base_url()}/odoo/action-{action}")
        self.click(browser, ".o_data_row .o_data_cell", "Half an idea")
        browser.wait(TAKE % json.dumps(".modal [name=email_to]"))
        browser.write("now")
        self.wait_for(browser, ".o-mailbox-People-option.active", "Anna Nowak")
        browser.key("Enter", "Enter")
        self.wait_for(browser, ".modal .o-mailbox-People-chip", "Anna Nowak")
        browser.wait(
            "return !document.querySelector('.o-mailbox-People-option')"
            " && document.activeElement.matches('.o-mailbox-People-input')"
        )
        browser.write("nobody;")
        self.wait_for(browser, ".o-mailbox-People-wrong", "nobody")
        self.click(browser, ".modal button", "Discard")
        self.click(browser, ".modal button", "Go on writing")
        self.wait_for(browser, ".o-mailbox-People-wrong", "nobody")
        self.click(browser, ".modal button", "Discard")
        self.wait_for(browser, ".modal", "What you have written is lost.")
        browser.run(
            "[...document.querySelectorAll('.modal')].at(-1)"
            ".querySelector('.btn-primary').click()"
        )
        browser.wait("return !document.querySelector('.modal')")

    def test_r_answers_and_a_private_mailbox_asks(self):
        private = self.make_mailbox("board@spedbud.example", self.member, private=True)
        self.deliver(private, write_mail("Secret", to="board@spedbud.example"))
        self.make_ready()
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        self.click(browser, ".o-mailbox-MailLine", "Secret")
        self.wait_for(browser, ".o-mailbox-MessageViewer-subject", "Secret")
        browser.key("r")
        self.wait_for(browser, ".o-mailbox-Compose-private", "private mailbox")
        browser.write("Thank you")
        self.click(browser, ".modal button", "Send")
        self.wait_for(browser, ".modal", "from a mailbox that other people can read?")
        self.assertFalse(self.smtp.take())
        browser.run(
            "[...document.querySelectorAll('.modal .btn-primary')]"
            ".findLast((el) => el.checkVisibility()).click()"
        )
        self.work_off(browser)
        self.wait_for(browser, ".o_notification", "Sent: ")
        self.assertEqual(len(self.smtp.take()), 1)
