"""Attachments of a mail that arrived, clicked: each kind, everywhere they are shown."""

import io
from base64 import b64decode
from email.message import EmailMessage
from email.policy import SMTP

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from ..mailcore.packed import packed_file, winmail
from ..mailcore.test_sealing import OLD, armoured
from .case import USER, OutsideCase

QUEUE = "/odoo/action-mail_mailbox_archive.mail_mailbox_arrival_action"
ARCHIVES = "/odoo/action-mail_mailbox_archive.mail_mailbox_message_action"
FILE = ".o-mailbox-MessageAttachments-file"
VIEWER = ".o-FileViewer"
#: Odoo leaves this kind out of what Pillow writes.
WEBP = "UklGRhwAAABXRUJQVlA4TBAAAAAvH8ADAAdQwChg/wMR0f8A"
#: What tells that the content is there, of a kind of file.
SEEN = {
    "application/pdf": f"""
        const page = document.querySelector('{VIEWER} iframe')?.contentDocument;
        return !!page?.querySelector('#viewer .page[data-loaded]');
    """,
    "image": f"return document.querySelector('{VIEWER} img')?.naturalWidth === 32;",
    # its page is of an origin of its own: nobody looks into it from outside
    "text/plain": f"return !!document.querySelector('{VIEWER} iframe.o-isText');",
}
SEEN["application/xml"] = SEEN["text/plain"]


def picture(kind):
    content = io.BytesIO()
    Image.new("RGB", (32, 16), "teal").save(content, kind)
    return content.getvalue()


def pdf():
    content = io.BytesIO()
    canvas = Canvas(content)
    canvas.drawString(100, 100, "An offer")
    canvas.save()
    return content.getvalue()


#: All that can be looked at.
FILES = {
    "offer.pdf": ("application/pdf", pdf()),
    "plan.png": ("image/png", picture("PNG")),
    "photo.jpg": ("image/jpeg", picture("JPEG")),
    "moving.gif": ("image/gif", picture("GIF")),
    "modern.webp": ("image/webp", b64decode(WEBP)),
    "words.txt": ("text/plain", b"Just words\r\n"),
    "invoice.xml": ("application/xml", b"<Invoice><Total>5000</Total></Invoice>"),
}
#: A file as it stood in texts before MIME: "Cat".
UUENCODED = "begin 644 notes.txt\n#0V%T\n`\nend\n"
PHONE = "375x812"


def write(subject, *names, text="See what is attached."):
    message = EmailMessage(policy=SMTP)
    message["From"] = "Bob <bob@attachments.example>"
    message["Subject"] = subject
    message.set_content(text)
    for name in names:
        mimetype, content = FILES[name]
        kinds = mimetype.split("/")
        message.add_attachment(
            content, maintype=kinds[0], subtype=kinds[1], filename=name
        )
    return message


def mail(subject, *names, **values):
    return write(subject, *names, **values).as_bytes()


def forwarded():
    """Return a mail with another attached, that has all files and a third one."""
    inner = write("What Carol wrote", *FILES, text="words of Carol")
    inner.add_attachment(write("Innermost", "plan.png", text="deepest words"))
    outer = write("Forwarded", text="see below")
    outer.add_attachment(inner)
    return outer.as_bytes()


class TestAttachments(OutsideCase):
    """What one clicks is what one sees, and gets when one downloads it."""

    def setUp(self):
        super().setUp()
        login = self.id().rpartition("test_")[2]
        self.anna = self.person(
            f"attachments_{login}", USER, "base.group_partner_manager"
        )

    def arrive(self, *mails):
        """Have mails come into a mailbox of Anna; return the ids by subject."""
        login = f"box_{self.anna.login}"
        box = self.mailbox(f"{login}@spedbud.example", self.anna)
        for source in mails:
            self.dovecot.deliver(login, source)
        self.check(box, self.anna)
        domain = [("mailbox_id", "=", box)]
        fields = ("subject", "mailbox_message_id")

        def there():
            rows = self.anna.search_read("mail.mailbox.arrival", domain, *fields)
            return len(rows) == len(mails) and rows

        rows = self.wait(there, "the mails")
        return {row["subject"]: row["mailbox_message_id"][0] for row in rows}

    def look_at(self, browser, name, within=""):
        """Click an attachment and see it."""
        mimetype, _content = FILES[name]
        browser.click(f"{within}{FILE}", name)
        browser.find(f"{VIEWER}-header .text-truncate", name)
        browser.wait(SEEN.get(mimetype) or SEEN[mimetype.split("/")[0]])
        self.assertFalse(browser.error())

    def close(self, browser):
        browser.click(f"{VIEWER}-headerButton[aria-label=Close]")
        browser.gone(VIEWER)

    def look_at_all(self, browser, names, within=""):
        for name in names:
            self.look_at(browser, name, within)
            self.close(browser)

    def read_words(self, browser, words, within=""):
        """Wait until the body of a message shows some words."""
        browser.wait(
            f"const pages = [...document.querySelectorAll('{within} .o-mailbox-"
            "MessageBody-frame')].map((frame) => frame.contentDocument?.body);"
            f"return pages.some((page) => page?.textContent.includes('{words}'));"
        )

    def test_a_message_that_is_attached_opens_as_one(self):
        self.arrive(forwarded())
        browser = self.browser(self.anna, QUEUE)
        browser.click(".o_data_row td", "Forwarded")
        browser.click(FILE, "What Carol wrote")
        browser.find(".modal-title", "What Carol wrote")
        self.read_words(browser, "words of Carol", ".modal")
        browser.find(".modal", "bob@attachments.example")
        self.assertTrue(self.picture(browser, "attachments_message"))
        self.look_at_all(browser, FILES, ".modal ")
        browser.click(f".modal {FILE}", "Innermost")
        self.read_words(browser, "deepest words", ".modal")
        self.look_at_all(browser, ["plan.png"], ".modal:last-child ")
        self.assertEqual(browser.dialogs, [])

    def test_what_an_attached_message_says_is_found(self):
        ids = self.arrive(forwarded(), mail("Another"))
        for words in ("words of Carol", "invoice.xml", "deepest", "What Carol wrote"):
            domain = [("content", "ilike", words), ("id", "in", [*ids.values()])]
            rows = self.anna.search_read("mail.mailbox.message", domain, "subject")
            self.assertEqual([row["id"] for row in rows], [ids["Forwarded"]], words)

    def test_a_file_in_the_text_is_one(self):
        text = f"above\n\n{UUENCODED}\nbelow"
        ids = self.arrive(mail("In the text", text=text))
        browser = self.browser(self.anna, f"{ARCHIVES}/{ids['In the text']}")
        self.read_words(browser, "below")
        browser.click(FILE, "notes.txt")
        browser.wait(SEEN["text/plain"])
        browser.click(f"{VIEWER}-header a[download]")
        self.assertEqual(browser.downloaded().read_bytes(), b"Cat")

    def test_files_that_outlook_packed(self):
        files = [
            packed_file(name.encode(), FILES[name][1])
            for name in ("offer.pdf", "plan.png", "words.txt")
        ]
        message = write("Packed")
        message.add_attachment(
            winmail(*files), "application", "ms-tnef", filename="winmail.dat"
        )
        ids = self.arrive(message.as_bytes())
        browser = self.browser(self.anna, f"{ARCHIVES}/{ids['Packed']}")
        self.look_at_all(browser, ("offer.pdf", "plan.png", "words.txt"))
        browser.find(FILE, "winmail.dat")
        self.assertTrue(self.picture(browser, "attachments_winmail"))
        self.assertEqual(browser.dialogs, [])

    def test_an_encrypted_one_says_so(self):
        ids = self.arrive(mail("Sealed", text=armoured(OLD)))
        browser = self.browser(self.anna, f"{ARCHIVES}/{ids['Sealed']}", size=PHONE)
        browser.find(".o-mailbox-MessageViewer-sealing", "encrypted with OpenPGP")
        self.assertTrue(self.picture(browser, "sealed_phone"))

    def test_on_a_phone(self):
        ids = self.arrive(mail("All of them", *FILES), forwarded())
        browser = self.browser(self.anna, QUEUE, size=PHONE)
        self.assertEqual(browser.run("innerWidth"), 375)
        browser.click(".o-mailbox-MailLine-subject", "All of them")
        self.look_at_all(browser, FILES)
        self.assertTrue(self.picture(browser, "attachments_phone"))
        browser.open(f"{ARCHIVES}/{ids['Forwarded']}")
        browser.click(FILE, "What Carol wrote")
        self.read_words(browser, "words of Carol", ".modal")
        self.assertTrue(self.picture(browser, "attachments_phone_message"))
        self.look_at_all(browser, FILES, ".modal ")
        wide = "return document.documentElement.scrollWidth > innerWidth"
        self.assertFalse(browser.run(f"(() => {{{wide}}})()"))

    def test_on_a_record_with_a_phone(self):
        ids = self.arrive(mail("All of them", *FILES))
        company = self.anna.add("res.partner", name="Attachments", is_company=True)
        self.archive(self.anna, ids["All of them"], "res.partner", company)
        path = f"/odoo/res.partner/{company}"
        browser = self.browser(self.anna, path, size=PHONE)
        browser.click(".o_notebook .nav-link", "Attached - Emails")
        browser.settle(1)
        browser.click(".o-mailbox-AttachedEmail-line", "All of them")
        self.look_at_all(browser, FILES)
        self.assertTrue(self.picture(browser, "attachments_phone_record"))

    def test_in_the_queue(self):
        self.arrive(mail("All of them", *FILES), mail("One alone", "offer.pdf"))
        browser = self.browser(self.anna, QUEUE)
        browser.click(".o_data_row td", "One alone")
        browser.find(".o-mailbox-MessageViewer-subject", "One alone")
        self.look_at_all(browser, ["offer.pdf"])
        browser.click(".o_data_row td", "All of them")
        browser.find(FILE, "words.txt")
        self.look_at_all(browser, FILES)
        self.assertTrue(self.picture(browser, "attachments_queue"))

    def test_next_previous_and_download(self):
        ids = self.arrive(mail("All of them", *FILES))
        browser = self.browser(self.anna, f"{ARCHIVES}/{ids['All of them']}")
        names = [*FILES]
        self.look_at(browser, names[0])
        for name in [*names[1:], names[0]]:
            browser.click(f"{VIEWER}-navigation[aria-label=Next]")
            browser.find(f"{VIEWER}-header .text-truncate", name)
        browser.click(f"{VIEWER}-navigation[aria-label=Previous]")
        browser.find(f"{VIEWER}-header .text-truncate", names[-1])
        self.assertTrue(self.picture(browser, "attachments_own_page"))
        browser.click(f"{VIEWER}-header a[download]")
        file = browser.downloaded()
        self.assertEqual(file.name, names[-1])
        self.assertEqual(file.read_bytes(), FILES[names[-1]][1])

    def test_on_a_record(self):
        ids = self.arrive(mail("All of them", *FILES))
        company = self.anna.add("res.partner", name="Attachments", is_company=True)
        self.archive(self.anna, ids["All of them"], "res.partner", company)
        browser = self.browser(self.anna, f"/odoo/res.partner/{company}")
        browser.click(".o_notebook .nav-link", "Attached - Emails")
        browser.settle(1)
        browser.click(".o-mailbox-AttachedEmail-line", "All of them")
        self.picture(browser, "attachments_record_clicked")
        browser.find(FILE, "words.txt")
        self.look_at_all(browser, FILES)
        self.assertTrue(self.picture(browser, "attachments_record"))
