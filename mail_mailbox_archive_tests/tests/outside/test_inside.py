"""What is inside of attachments that arrived: found, marked, and told as an invoice."""

from ..common import write_mail
from ..mailcore import invoices
from ..mailcore.attachments import docx, ods, pdf
from .case import USER, OutsideCase

QUEUE = "/odoo/action-mail_mailbox_archive.mail_mailbox_arrival_action"
ARCHIVES = "/odoo/action-mail_mailbox_archive.mail_mailbox_message_action"
INPUT = ".o_searchview_input"
ENTER = (
    f"document.querySelector('{INPUT}').dispatchEvent("
    "new KeyboardEvent('keydown', {key: 'Enter', bubbles: true}))"
)
MARKED = (
    "[...document.querySelector('.o-mailbox-MessageBody-frame')?.contentWindow"
    ".CSS.highlights.get('o-mailbox-search') ?? []].map(String)"
)
SALE = "Invoice FA/2026/11/42, 4,200.00 PLN, due Dec 12, 2026"


def mail(subject, text="See the files.", **files):
    message = write_mail(subject, text)
    for name, content in files.items():
        message.add_attachment(
            content, "application", "octet-stream", filename=name.replace("_", ".")
        )
    return message.as_bytes()


class TestInside(OutsideCase):
    def setUp(self):
        super().setUp()
        login = self.id().rpartition("test_")[2]
        self.anna = self.person(f"inside_{login}", USER, "base.group_partner_manager")
        self.login = f"box_{self.anna.login}"
        self.box = self.mailbox(f"{self.login}@spedbud.example", self.anna)

    def arrive(self, *sources):
        for source in sources:
            self.dovecot.deliver(self.login, source)
        self.check(self.box, self.anna)

    def found(self, words, person=None):
        rows = (person or self.anna).search_read(
            "mail.mailbox.message", [("content", "ilike", words)], "subject"
        )
        return sorted(row["subject"] for row in rows)

    def search(self, browser, words):
        browser.fill(INPUT, words)
        browser.find(".o_searchview_autocomplete")
        browser.run(ENTER)
        browser.find(".o_searchview_facet", words)

    def test_words_of_attachments_are_found_and_marked(self):
        self.arrive(
            mail("With a text", a_docx=docx("Betonomieszarka stoi")),
            mail("With a table", a_ods=ods("Betonomieszarka")),
            mail("Broken", a_pdf=b"%PDF-1.7 broken"),
            mail("In the text", "A Betonomieszarka, and a crane in the yard."),
        )
        names = ["In the text", "With a table", "With a text"]
        self.wait(lambda: self.found("betonomieszarka") == names, "the words")
        other = self.person("inside_other", USER)
        self.assertEqual(self.found("betonomieszarka", other), [])
        browser = self.browser(self.anna, QUEUE)
        self.search(browser, 'betonomieszarka "crane in" -sand')
        browser.click(".o_data_row td", "In the text")
        browser.find("mark.o-mailbox-mark", "Betonomieszarka")
        browser.wait(f"return {MARKED}.length === 3")
        marked = browser.run(MARKED)
        self.assertEqual(marked, ["Betonomieszarka", "crane", "in"])
        self.assertTrue(self.picture(browser, "inside_marked"))
        self.assertFalse(browser.error())

    def test_an_invoice_is_told(self):
        company = self.anna.add(
            "res.partner", name="Spostex", is_company=True, vat="PL5260001246"
        )
        self.arrive(
            mail(
                "November",
                facturx_pdf=pdf("Faktura", {"factur-x.xml": invoices.cii()}),
                faktura_xml=invoices.ksef(),
                note_xml=b"<note/>",
            )
        )
        rows = self.wait(
            lambda: self.anna.search_read(
                "mail.mailbox.message", [("mailbox_ids", "=", self.box)], "id"
            ),
            "the email",
        )
        number = rows[0]["id"]

        def chips():
            data = self.anna.call("mail.mailbox.message", "get_view_data", [number])
            return sorted(part["invoice"] for part in data["parts"])

        self.wait(lambda: chips() == ["", SALE, SALE], "the invoices")
        for size, name in (("1366x768", "inside_invoice"), ("390x844", "inside_phone")):
            browser = self.browser(self.anna, f"{ARCHIVES}/{number}", size=size)
            browser.find(".o-mailbox-MessageAttachments-invoice", SALE)
            self.assertTrue(self.picture(browser, name))
            wide = "document.documentElement.scrollWidth > innerWidth"
            self.assertFalse(browser.run(wide))
        form = self.anna.call(
            "mail.mailbox.archive.wizard",
            "default_get",
            ["line_ids"],
            context={
                "active_model": "mail.mailbox.message",
                "active_ids": [number],
            },
        )
        self.assertIn(company, [line[2].get("res_id") for line in form["line_ids"]])
