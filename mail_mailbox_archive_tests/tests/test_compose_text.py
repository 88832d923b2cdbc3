"""The text of an email in the browser, and what its recipient gets of it."""

import json
import os
from base64 import b64decode
from pathlib import Path

from odoo.tests import tagged

from .common import write_mail
from .test_compose_view import ComposeViewCase

#: Where pictures go, for who wants to look at them.
PICTURES = os.environ.get("MAILBOX_PICTURES")
CLIPBOARD = Path(__file__).parent / "samples" / "clipboard"
EDITABLE = ".modal [name=body] .odoo-editor-editable"
#: Pastes HTML where the cursor is, as another program hands it over.
PASTE = """
const data = new DataTransfer();
data.setData("text/html", %s);
data.setData("text/plain", "as text");
document.querySelector(%s).dispatchEvent(
    new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})
);
return true;
"""
#: Whether one element stands above another one.
ABOVE = """
const [one, other] = %s.map((selector) => document.querySelector(selector));
return one && other && one.getBoundingClientRect().bottom
    <= other.getBoundingClientRect().top + 1;
"""


@tagged("post_install", "-at_install")
class TestComposeText(ComposeViewCase):
    def setUp(self):
        super().setUp()
        self.make_ready()
        self.smtp.take()

    def begin(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        self.click(browser, "button", "New email")
        self.wait_for(browser, ".modal .o-mailbox-Signature", "signed")
        self.fill(browser, email_to="anna@spostex.example", subject="Offer")
        self.begin_text(browser)
        return browser

    def begin_text(self, browser):
        browser.run(
            f"(editable => {{ editable.focus();"
            "document.getSelection().collapse(editable.firstElementChild, 0);"
            f"}})(document.querySelector('{EDITABLE}'))"
        )

    def send(self, browser):
        self.click(browser, ".modal button", "Send")
        self.work_off(browser)
        (received,) = self.smtp.take()
        return received

    def paste(self, name):
        browser = self.begin()
        html = (CLIPBOARD / f"{name}.html").read_text()
        browser.wait(PASTE % (json.dumps(html), json.dumps(EDITABLE)))
        browser.wait(f"return !!document.querySelector('{EDITABLE} table')")
        return self.send(browser)

    def check_pasted(self, received, *texts):
        html, text = received.html, received.text.replace("\r\n", "\n")
        for junk in ("mso", "Mso", "<o:", "xl65", "StartFragment", "guid", "file:"):
            self.assertNotIn(junk, html)
        self.assertIn("border: 1px solid", html)
        self.assertEqual(html.count("<table"), 1)
        self.assertIn("Brick | 2,50", text)
        for part in texts:
            self.assertIn(part, text)
        self.assertIn("signed", text)

    def test_word(self):
        received = self.paste("word")
        self.check_pasted(
            received, "- Bricks\n  - red ones\n- Sand\n1. Order\n2. Pay\nPrices\n"
        )
        self.assertIn('colspan="2"', received.html)
        for part in ("<b>offer</b>", "<i>May</i>"):
            self.assertIn(part, received.html)
        self.assertNotIn("·", received.html)

    def test_excel(self):
        received = self.paste("excel")
        self.check_pasted(received, "Item | Price\nBrick | 2,50\nSand | 10")
        self.assertIn("<b>Item</b>", received.html)

    def test_google_docs(self):
        received = self.paste("google_docs")
        self.check_pasted(received, "- Bricks\n  - red ones\n- Sand")
        self.assertIn("<b>offer</b>", received.html)

    def test_libreoffice(self):
        received = self.paste("libreoffice")
        self.check_pasted(received, "- Bricks\n- Sand")
        self.assertIn("<b>offer</b>", received.html)

    def test_a_short_text_is_found_by_its_shortcut(self):
        snippets = self.env["mail.mailbox.snippet"].with_user(self.member)
        snippets.create(
            [
                {
                    "name": "Thank you",
                    "shortcut": "thx",
                    "body": "<p>Thank you, <b>{{first_name}}</b> writes.</p>",
                },
                {"name": "Other", "body": "<p>Other</p>"},
            ]
        )
        name = self.mailbox._get_name_values(self.member)["first_name"]
        browser = self.begin()
        browser.settle(1)
        browser.write("Dear Anna, ")
        browser.write("/")
        self.wait_for(browser, ".o-we-powerbox", "Thank you")
        for letter in "thx":
            browser.write(letter)
        self.wait_for(browser, ".o-we-command.active", "Thank you")
        self.picture_of(browser, "short_text")
        browser.key("Enter", "Enter")
        self.wait_for(browser, EDITABLE, f"Thank you, {name} writes.")
        received = self.send(browser)
        self.assertIn(f"<b>{name}</b>", received.html)
        self.assertNotIn("/thx", received.html)

    def test_signature_is_shown_where_it_is_sent(self):
        other = self.make_mailbox(
            "other@spedbud.example", self.member, signature="<p>Other, signed</p>"
        )
        self.make_ready(other, "<p>Other, signed</p>")
        self.deliver(self.mailbox, write_mail("Question", "How much?"))
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        self.click(browser, ".o-mailbox-MailLine", "Question")
        self.wait_for(browser, ".o-mailbox-MessageViewer-subject", "Question")
        browser.key("r")
        self.wait_for(browser, ".modal .o-mailbox-Signature", "Spedbud, signed")
        browser.write("It is cheap.")
        self.picture_of(browser, "signature")
        above = ABOVE % json.dumps(
            [f"{EDITABLE} .o-mailbox-Signature", f"{EDITABLE} blockquote"]
        )
        browser.wait(above)
        # all of it is chosen and written over: it comes back, and is sent once
        browser.run(
            f"document.getSelection().selectAllChildren(document.querySelector('{EDITABLE}'))"
        )
        browser.write("Cheap.")
        self.wait_for(browser, ".modal .o-mailbox-Signature", "Spedbud, signed")
        received = self.send(browser)
        self.assertEqual(received.html.count("signed"), 1)
        self.assertNotIn("o-mailbox-Signature", received.html)

    def test_plain_text_is_sent_as_text_alone(self):
        browser = self.begin()
        browser.write("Good morning")
        # a click of a mouse takes the focus from the text
        browser.run("document.activeElement.blur()")
        self.click(browser, ".modal [name=plain] input")
        self.wait_for_value(
            browser, ".modal [name=plain_text] textarea", "Good morning"
        )
        self.fill(browser, plain_text="Good evening")
        self.picture_of(browser, "plain_text")
        received = self.send(browser)
        self.assertEqual(received.message.get_content_type(), "text/plain")
        self.assertEqual(
            received.message.get_content().split(),
            "Good evening Spedbud, signed".split(),
        )

    def test_an_alias_is_chosen_as_the_sender(self):
        alias = self.env["mail.mailbox.address"].create(
            {"mailbox_id": self.mailbox.id, "email": "sales@spedbud.example"}
        )
        alias.proven_address = alias.email_normalized
        browser = self.begin()
        browser.wait(
            "return !!document.querySelector('.modal [name=address_id] input')"
        )
        browser.run("document.querySelector('.modal [name=address_id] input').focus()")
        self.click(browser, ".modal [name=address_id] input")
        self.picture_of(browser, "alias_choice")
        self.click(browser, ".o-autocomplete--dropdown-item", "sales@")
        self.begin_text(browser)
        browser.write("Hello")
        self.picture_of(browser, "alias")
        received = self.send(browser)
        self.assertEqual(received.mail_from, "sales@spedbud.example")

    def test_full_screen_is_remembered(self):
        browser = self.begin()
        full = "return !!document.querySelector('.modal-dialog.modal-fullscreen')"
        browser.wait(full.replace("!!", "!"))
        self.click(browser, ".modal .o-mailbox-Size")
        browser.wait(full)
        self.picture_of(browser, "full_screen")
        self.click(browser, ".modal .btn-close")
        browser.wait("return !document.querySelector('.modal')")
        self.click(browser, "button", "New email")
        browser.wait(full)
        self.click(browser, ".modal .o-mailbox-Size")
        browser.wait(full.replace("!!", "!"))

    def wait_for_value(self, browser, selector, value):
        browser.wait(
            f"return document.querySelector({json.dumps(selector)})?.value === "
            f"{json.dumps(value)}"
        )

    def picture_of(self, browser, name):
        if PICTURES:
            (Path(PICTURES) / f"{name}.png").write_bytes(
                b64decode(browser.picture(".modal-content"))
            )
