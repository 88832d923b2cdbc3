"""Letters as people read them: in the viewer, in answers, by search, in Chromium."""

import base64
import json
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP
from unittest.mock import patch

from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.read import message as mailcore_message

from .browser import WatchedCase
from .common import MailboxCase, write_mail
from .test_viewer import PNG


def write_documents():
    """Return a mail of two documents with a file between them, and its text."""
    mail = write_mail("Documents", "first only")
    mail.make_alternative()
    mixed = EmailMessage(policy=SMTP)
    mixed.make_mixed()
    for number, words in enumerate(("first part", "second part: price 5000")):
        html = EmailMessage(policy=SMTP)
        html.set_content(f"<html><body><p>{words}</p></body></html>", subtype="html")
        mixed.attach(html)
        if not number:
            mixed.add_attachment(b"%PDF-1.4", "application", "pdf", filename="x.pdf")
    mail.attach(mixed)
    return mail


def write_attached(subject="Complaint"):
    """Return a mail with another attached, that has a picture and a third one."""
    third = write_mail("Innermost", "deepest words")
    inner = write_mail(subject, "no html")
    inner.add_alternative(
        "<p>inner words <img src='cid:p@x'><script>alert(1)</script>"
        "<img src='https://t.example/p.png'></p>",
        subtype="html",
    )
    inner.get_payload()[1].add_related(PNG, "image", "png", cid="<p@x>")
    inner.add_attachment(PNG, "image", "png", filename="chart.png")
    inner.add_attachment("zażółć".encode("cp1250"), "text", "plain", filename="a.txt")
    inner.get_payload()[2].set_param("charset", "windows-1250")
    inner.add_attachment(third)
    mail = write_mail(f"Fwd: {subject}", "outer words")
    mail.add_attachment(inner)
    return mail


@tagged("post_install", "-at_install")
class TestLettersOverHttp(MailboxCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self.deliver(self.mailbox, write_attached()).mailbox_message_id
        (self.part,) = self.message.part_ids
        self.authenticate("mailbox_member", "mailbox_member")

    def open(self, path):
        return self.url_open(f"/mail_mailbox_archive/{path}", allow_redirects=False)

    def test_an_attached_message_is_a_page_of_its_own(self):
        response = self.open(f"body/{self.message.id}?part={self.part.id}")
        self.assertIn("inner words", response.text)
        self.assertNotIn("outer words", response.text)
        for word in ("<script", "t.example"):
            self.assertNotIn(word, response.text)
        self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])
        path = f"part/{self.part.id}/1.2.2"
        self.assertIn(f'src="/mail_mailbox_archive/{path}"', response.text)
        self.assertEqual(self.open(path).content, PNG)

    def test_a_message_inside_of_it_is_one_as_well(self):
        data = self.part.with_user(self.member).get_view_data()
        (inner,) = [part["inner"] for part in data["parts"] if part["message"]]
        response = self.open(
            f"body/{self.message.id}?part={self.part.id}&inner={inner}"
        )
        self.assertIn("deepest words", response.text)

    def test_its_attachments_are_handed_out(self):
        data = self.part.with_user(self.member).get_view_data()
        parts = {part["name"]: part for part in data["parts"]}
        path = f"part/{self.part.id}/{parts['chart.png']['inner']}"
        self.assertEqual(self.open(path).content, PNG)
        self.assertEqual(self.open(path).headers["Content-Type"], "image/png")
        response = self.open(f"part/{self.part.id}/{parts['a.txt']['inner']}")
        self.assertEqual(response.content.decode(), "zażółć")
        response = self.open(
            f"part/{self.part.id}/{parts['a.txt']['inner']}?download=1"
        )
        self.assertEqual(response.content, "zażółć".encode("cp1250"))
        self.assertIn("attachment", response.headers["Content-Disposition"])

    def test_who_may_not_read_the_message_reads_nothing_in_it(self):
        self.authenticate("mailbox_outsider", "mailbox_outsider")
        for path in (
            f"body/{self.message.id}?part={self.part.id}",
            f"part/{self.part.id}/2",
        ):
            self.assertEqual(self.open(path).status_code, 404, path)

    def test_what_is_not_there_is_not_found(self):
        other = self.deliver(self.mailbox, write_attached("Other")).mailbox_message_id
        wrong = (
            f"body/{self.message.id}?part={other.part_ids.id}",
            f"body/{self.message.id}?part={self.part.id}&inner=1",
            f"body/{self.message.id}?part={self.part.id}&inner=9/9",
            f"body/{self.message.id}?part=0",
            f"body/{self.message.id}?part=x",
            f"part/{self.part.id}/9",
            f"part/{self.part.id}/../{self.part.id}/9",
        )
        for path in wrong:
            self.assertEqual(self.open(path).status_code, 404, path)

    def test_a_file_is_looked_at_as_what_it_is(self):
        mail = write_mail("Kinds")
        for name, kind in (("scan.jpg", "image/jpg"), ("scan", "x/y")):
            mail.add_attachment(PNG, *kind.split("/"), filename=name)
        mail.add_attachment(b"%PDF-1.4", "application", "octet-stream", filename="a")
        mail.add_attachment(b"<Faktura/>", "application", "xml", filename="a.xml")
        mail.add_attachment(b"<b>x</b>", "text", "html", filename="a.html")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        kinds = [
            self.open(f"part/{part.id}").headers["Content-Type"]
            for part in message.part_ids.sorted("id")
        ]
        self.assertEqual(
            kinds,
            ["image/png", "image/png", "application/pdf"]
            + ["text/plain; charset=utf-8", "application/octet-stream"],
        )

    def test_all_attachments_are_read_with_one_look_at_the_structure(self):
        mail = write_mail("Many")
        for number in range(60):
            mail.add_attachment(b"%PDF", "application", "pdf", filename=f"{number}.pdf")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        looks = []
        read = mailcore_message.read_structure

        def look(source):
            looks.append(len(source))
            return read(source)

        with patch.object(mailcore_message, "read_structure", look):
            response = self.open(f"parts/{message.id}")
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        self.assertEqual(len(looks), 1)


class TestLetters(MailboxCase, TransactionCase):
    def receive(self, mail):
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(self.member)

    def found(self, query):
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        return messages.search([("content", "ilike", query)])

    def test_all_documents_are_shown_quoted_and_found(self):
        message = self.receive(write_documents())
        markup = message._view_body(()).markup
        for view in (markup, message._get_quote(), message._get_quote(forward=True)):
            self.assertIn("first part", view)
            self.assertIn("price 5000", view)
        places = [markup.index(word) for word in ("first", "x.pdf", "second")]
        self.assertEqual(places, sorted(places))
        self.assertEqual(self.found("price 5000"), message)
        self.assertEqual(message.body_text.split()[-1], "5000")

    def test_numbers_are_found_however_they_are_written(self):
        message = self.receive(
            write_mail("Pay", "PL61 1090 1014 0000 0712 1981 2874, 12 345,67 zł")
        )
        other = self.receive(write_mail("Other", "PL27 1140 2004 0000 3002 0135 5387"))
        for query in (
            "PL61109010140000071219812874",
            "6110 9010 1400",
            "19812874",
            "2874",
            "12345.67",
            "12'345.67",
        ):
            self.assertEqual(self.found(query), message, query)
        self.assertEqual(self.found("5387"), other)
        self.assertFalse(self.found("9999"))

    def test_words_inside_of_japanese_are_found(self):
        message = self.receive(
            write_mail("会議", "明日の会議の件です。東京ビル株式会社")
        )
        for query in ("会議の件", "件", "ビル", "株式会社 会議"):
            self.assertEqual(self.found(query), message, query)
        self.assertFalse(self.found("議会"))

    def test_a_search_is_words_whatever_is_written(self):
        self.receive(write_mail("Words", "it's 12 | 345 & (x) \\ :* <-> 会'議"))
        for query in (
            "' | 1234",
            "a:* & !b",
            "12' | 345 !",
            "\\1234",
            "会:*議",
            "1 <-> 2",
        ):
            self.found(query)

    def test_attached_messages_are_found_by_what_they_say(self):
        message = self.receive(write_attached())
        for query in ("inner words", "deepest", "chart.png", "Innermost"):
            self.assertEqual(self.found(query), message, query)

    def test_an_attached_message_has_people_warnings_and_parts(self):
        mail = write_attached()
        inner = mail.get_payload()[1].get_payload()[0]
        inner.replace_header("From", '"boss@spedbud.example" <x@evil.example>')
        data = self.receive(
            message_from_bytes(mail.as_bytes())
        ).part_ids.get_view_data()
        self.assertEqual(data["subject"], "Complaint")
        self.assertEqual(data["email_from"][0]["address"], "x@evil.example")
        self.assertEqual(data["warnings"][0]["code"], "name_address")
        names = {part["name"]: part for part in data["parts"]}
        self.assertEqual(names["chart.png"]["shown_as"], "image/png")
        self.assertTrue(names["Innermost.eml"]["message"])
        json.dumps(data)

    def test_an_invoice_is_not_dangerous_and_a_program_is(self):
        files = {
            "FA.xml": "",
            "xrechnung.xml": "",
            "postacert.eml": "",
            "smime.p7s": "",
            "a.crt": "",
            "a.csv": "",
            "setup.exe": "runs",
            "a.pdf.js": "runs",
            "a.desktop": "runs",
            "a.AppImage": "runs",
            "a.xlsm": "macros",
        }
        mail = write_mail("Files")
        for name in files:
            mail.add_attachment(b"x", "application", "octet-stream", filename=name)
        parts = self.receive(mail).get_view_data()["parts"]
        self.assertEqual({part["name"]: part["danger"] for part in parts}, files)


@tagged("post_install", "-at_install")
class TestLettersInBrowser(MailboxCase, WatchedCase):
    browser_size = "1366,900"
    SUBJECT = "document.querySelector('.o-mailbox-MessageViewer-subject')?.textContent"

    def open_queue(self, subject):
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        self.choose(browser, subject)
        return browser

    def choose(self, browser, subject):
        browser.run(
            "[...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
            f".find((el) => el.textContent === {json.dumps(subject)}).click()"
        )
        browser.wait(f"return {self.SUBJECT} === {json.dumps(subject)}")

    def test_a_mail_that_names_all_of_a_document_is_read(self):
        """Whatever property the page of the frame has, a mail takes its name."""
        self.deliver(self.mailbox, write_mail("Next"))
        browser = self.open_queue("Next")
        names = browser.run(
            "[...new Set([document, Document.prototype, Node.prototype]"
            ".flatMap(Object.getOwnPropertyNames))]"
        )
        self.assertGreater(len(names), 200)
        self.assertIn("getElementById", names)
        markup = "".join(f'<img src=x name="{name}" id="{name}">' for name in names)
        mail = write_mail("Names")
        mail.add_alternative(f"<p>hello</p>{markup}<p>END</p>", subtype="html")
        with self.meanwhile():
            self.deliver(self.mailbox, mail)
        browser.open(f"{self.base_url()}/odoo/email-queue")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        self.choose(browser, "Names")
        # also where the server would let the names through
        browser.run(
            """
            (async () => {
                const {framePage} = odoo.loader.modules.get(
                    "@mail_mailbox_archive/message_viewer/frame_page.esm"
                );
                const frame = document.createElement("iframe");
                document.body.append(frame);
                const page = frame.contentDocument;
                page.body.innerHTML = `<div id="o-mailbox-body">MARKUP</div>`;
                const found = framePage(frame);
                const well =
                    found.content.id === "o-mailbox-body" &&
                    found.body.tagName === "BODY" &&
                    found.root.tagName === "HTML" &&
                    typeof found.view.getComputedStyle === "function";
                frame.remove();
                if (!well) {
                    throw new Error("clobbered");
                }
            })()
            """.replace("MARKUP", markup.replace("`", ""))
        )
        browser.wait(
            "return document.querySelector('.o-mailbox-MessageBody').ariaBusy"
            " === 'false'"
        )
        height = "document.querySelector('.o-mailbox-MessageBody-frame').clientHeight"
        self.assertGreater(browser.run(height), 0)
        self.assertFalse(browser.run("!!document.querySelector('.o_error_dialog')"))
        self.choose(browser, "Next")
        self.assertFalse(browser.run("!!document.querySelector('.o_error_dialog')"))
        self.assertEqual(self.strangers(browser), [])

    def test_an_attached_message_opens_over_the_one_it_came_with(self):
        self.deliver(self.mailbox, write_attached())
        browser = self.open_queue("Fwd: Complaint")
        click = "[...document.querySelectorAll('%s')].find((el) => %s).click()"
        file = ".o-mailbox-MessageAttachments-file"
        browser.wait(f"return !!document.querySelector('{file}')")
        browser.run(click % (file, "el.textContent.includes('Complaint.eml')"))
        page = (
            "const page = [...document.querySelectorAll('.modal iframe')].at(-1)"
            "?.contentDocument; return page?.body?.textContent.includes('%s')"
        )
        browser.wait(page % "inner words")
        inside = f".modal {file}"
        browser.run(click % (inside, "el.textContent.includes('Innermost')"))
        browser.wait(page % "deepest words")
        browser.run(click % (".modal .btn-close", "true") + ", null")
        self.assertEqual(browser.dialogs, [])
        self.assertEqual(self.strangers(browser), [])

    def test_every_kind_is_looked_at_from_one_to_the_next(self):
        mail = write_mail("Kinds")
        mail.add_attachment(PNG, "image", "pjpeg", filename="1.jpg")
        mail.add_attachment(b"words", "text", "plain", filename="2.txt")
        mail.add_attachment(b"MZ", "application", "x-msdownload", filename="3.exe")
        mail.add_attachment(b"<a/>", "application", "xml", filename="4.xml")
        pdf = base64.b64decode("JVBERi0xLjQKJeLjz9MK")
        mail.add_attachment(pdf, "application", "octet-stream", filename="5.pdf")
        self.deliver(self.mailbox, mail)
        browser = self.open_queue("Kinds")
        file = ".o-mailbox-MessageAttachments-file"
        browser.wait(f"return document.querySelectorAll('{file}').length === 5")
        browser.run(f"document.querySelector('{file}').click()")
        name = "document.querySelector('.o-FileViewer-header')?.textContent"
        for number in (1, 2, 4, 5, 1):
            browser.wait(f"return {name}?.includes('{number}.')")
            browser.run(
                "document.querySelector('.o-FileViewer [aria-label=Next]').click()"
            )
        self.assertFalse(browser.run("!!document.querySelector('.o_error_dialog')"))
