"""Attachments are read in the background, found by who may read the email, and gone
with it."""

from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened
from odoo.addons.mail_mailbox_archive.models.messages import inside_run

from .common import MailboxCase, clean_nightly, cron_time, write_mail
from .mailcore import invoices
from .mailcore.attachments import docx, ods, odt, pdf, pptx, xlsx

FILES = {
    "a.pdf": pdf("Betonomieszarka 7788"),
    "b.docx": docx("Betonomieszarka", "7788"),
    "c.xlsx": xlsx("Betonomieszarka", number="7788"),
    "d.pptx": pptx("Betonomieszarka 7788"),
    "e.odt": odt("Betonomieszarka 7788"),
    "f.ods": ods("Betonomieszarka 7788"),
}


@tagged("post_install", "-at_install")
class TestInside(MailboxCase):
    def setUp(self):
        super().setUp()
        self.inside = self.env["mail.mailbox.inside"]
        self.messages = self.env["mail.mailbox.message"]

    def attach(self, mailbox=None, subject="Offer", **files):
        """Deliver an email with attachments; return its message."""
        mail = write_mail(subject, **{"to": "office@spedbud.example"})
        for name, content in files.items():
            mail.add_attachment(content, "application", "octet-stream", filename=name)
        return self.deliver(mailbox or self.mailbox, mail).mailbox_message_id

    def read_all(self, left=lambda *_args, **_progress: 3600):
        self.env.flush_all()
        with cron_time(self.env, left):
            self.inside._cron_read()

    def found(self, words, user=None):
        messages = self.messages.with_user(user or self.member)
        return messages.search([("content", "ilike", words)])

    def test_words_of_every_kind_are_found(self):
        messages = {
            name: self.attach(subject=name[2:], **{name: content})
            for name, content in FILES.items()
        }
        self.assertFalse(self.found("betonomieszarka"))
        self.read_all()
        for words in ("betonomieszarka", "Betono 7788", "788"):
            found = self.found(words)
            self.assertEqual(found, self.found(words) | found)
        for name, message in messages.items():
            self.assertIn(message, self.found("betonomieszarka 7788"), name)

    def test_found_by_those_who_may_read_the_email(self):
        private = self.make_mailbox("board@spedbud.example", self.colleague)
        private.private = True
        message = self.attach(private, **{"a.pdf": FILES["a.pdf"]})
        self.read_all()
        self.assertEqual(self.found("betonomieszarka", self.colleague), message)
        for user in (self.member, self.outsider, self.manager):
            self.assertFalse(self.found("betonomieszarka", user))

    def test_the_same_bytes_are_read_once(self):
        private = self.make_mailbox("board@spedbud.example", self.colleague)
        self.attach(private, "One", **{"a.pdf": FILES["a.pdf"]})
        self.read_all()
        message = self.attach(subject="Two", **{"b.pdf": FILES["a.pdf"]})
        with patch.object(inside_run, "read_inside", side_effect=AssertionError):
            self.read_all()
        self.assertEqual(self.found("betonomieszarka"), message)

    def test_it_goes_with_the_last_email(self):
        one = self.attach(subject="One", **{"a.pdf": FILES["a.pdf"]})
        two = self.attach(subject="Two", **{"b.pdf": FILES["a.pdf"]})
        self.read_all()
        rows = (one | two).sudo().part_ids.inside_id
        self.assertEqual(len(rows), 1)
        one.arrival_ids.unlink()
        one.unlink()
        self.assertTrue(rows.exists())
        two.part_ids.unlink()
        self.assertFalse(rows.exists())

    def test_what_is_left_over_goes_at_night(self):
        row = self.inside._store("left", {"words": "left over"})
        clean_nightly(self.env)
        self.assertFalse(row.exists())

    def test_its_bytes_are_counted(self):
        before = self.env["mail.mailbox.space"]._get_sums()
        row = self.inside._store("counted", {"words": "żółw"})
        stored, saved, freed = self.env["mail.mailbox.space"]._get_sums()
        self.assertEqual((stored - before[0], saved, freed), (7, *before[1:]))
        row._remove_unused(row.ids)
        self.assertEqual(self.env["mail.mailbox.space"]._get_sums(), before)

    def test_the_newest_first_and_as_long_as_there_is_time(self):
        for number in range(3):
            text = f"numer{number}"
            self.attach(subject=f"Mail {number}", **{"a.docx": docx(text)})
        calls = []

        def one(_cron, processed=0, **_progress):
            calls.append(processed)
            return not processed

        self.read_all(one)
        self.assertTrue(self.found("numer2"))
        self.assertFalse(self.found("numer1"))
        self.assertEqual(sum(calls), 1)

    def test_what_cannot_be_read_is_a_word_and_holds_up_nobody(self):
        good = self.attach(subject="Good", **{"a.docx": docx("dobry")})
        bad = self.attach(subject="Bad", **{"a.pdf": b"%PDF-1.4 broken"})
        waiting, failed = self.inside._count()
        self.read_all()
        self.assertEqual(self.inside._count(), (waiting - 2, failed + 1))
        self.assertEqual(bad.sudo().part_ids.inside_id.error_code, "content")
        self.assertEqual(self.found("dobry"), good)

    def test_where_there_is_no_process_it_waits(self):
        message = self.attach(**{"a.docx": docx("czeka")})
        for code in ("busy", "unavailable"):
            error = NotOpened(code)
            with (
                patch.object(inside_run, "read_inside", side_effect=error),
                self.assertLogs(inside_run.__name__, "WARNING"),
            ):
                self.read_all()
            self.assertFalse(message.sudo().part_ids.inside_id)
        self.read_all()
        self.assertEqual(self.found("czeka"), message)

    def test_an_email_that_lost_its_source_holds_up_nobody(self):
        message = self.attach(**{"a.docx": docx("bez")})
        message._source_attachments().unlink()
        self.read_all()
        self.assertEqual(message.sudo().part_ids.inside_id.error_code, "gone")

    def test_turned_off_nothing_is_read_or_found(self):
        read = self.attach(subject="Read", **{"a.docx": docx("wczesniej")})
        self.read_all()
        self.env["res.config.settings"].create(
            {"mailbox_attachments_off": True}
        ).execute()
        message = self.attach(**{"a.docx": docx("pozniej")})
        self.read_all()
        self.assertFalse(message.sudo().part_ids.inside_id)
        self.assertFalse(self.found("wczesniej"))
        self.env["res.config.settings"].create(
            {"mailbox_attachments_off": False}
        ).execute()
        self.read_all()
        self.assertEqual(self.found("wczesniej"), read)
        self.assertEqual(self.found("pozniej"), message)

    def test_nothing_stays_of_an_email_erased_while_it_is_read(self):
        message = self.attach(**{"a.docx": docx("znika")})

        def read_and_erase(*_args):
            left = message.exists()
            left.arrival_ids.unlink()
            left.unlink()
            return {"words": "znika", "invoice": None}

        with patch.object(inside_run, "read_inside", side_effect=read_and_erase):
            self.read_all()
        self.env.cr.execute("SELECT FROM mail_mailbox_inside WHERE words = 'znika'")
        self.assertFalse(self.env.cr.rowcount)

    def test_all_are_read_again_on_request(self):
        message = self.attach(**{"a.docx": docx("znowu")})
        self.read_all()
        self.env.cr.execute("UPDATE mail_mailbox_inside SET words = 'old'")
        self.env["res.config.settings"].create({}).action_read_attachments()
        self.assertFalse(self.found("znowu"))
        self.read_all()
        self.assertEqual(self.found("znowu"), message)

    def test_invoices_have_a_chip_in_the_reader_s_language(self):
        files = {f"{form}.xml": one for form, one in invoices.FORMS.items()}
        files["facturx.pdf"] = pdf("x", {"factur-x.xml": invoices.cii()})
        files["note.xml"] = b"<note/>"
        message = self.attach(**files)
        self.read_all()
        parts = message.with_user(self.member).get_view_data()["parts"]
        chips = {part["name"]: part["invoice"] for part in parts}
        self.assertEqual(chips.pop("note.xml"), "")
        sentence = "Invoice FA/2026/11/42, 4,200.00 PLN, due Dec 12, 2026"
        self.assertEqual(chips, dict.fromkeys(chips, sentence))
        self.assertEqual(len(chips), 5)
        self.env["res.lang"]._activate_lang("de_DE")
        german = message.with_user(self.member).with_context(lang="de_DE")
        (chip,) = {part["invoice"] for part in german.get_view_data()["parts"]} - {""}
        self.assertIn("4.200,00 PLN", chip)
        self.assertIn("12.12.2026", chip)

    def test_what_is_to_be_paid_is_said_where_it_is_not_the_total(self):
        message = self.attach(**{"a.xml": invoices.ubl(payable="4100.125")})
        self.read_all()
        (part,) = message.with_user(self.member).get_view_data()["parts"]
        self.assertIn("4,200.00 PLN, 4,100.125 PLN to pay, due", part["invoice"])

    def test_a_tax_number_suggests_its_company(self):
        partners = self.env["res.partner"]
        for vat in ("PL5260001246", "5260001246"):
            company = partners.create({"name": vat, "is_company": True, "vat": vat})
            message = self.attach(subject=vat, **{"a.xml": invoices.ksef()})
            self.read_all()
            suggestions, _note = message.with_user(self.member)._suggest_for_archiving()
            found = {one.record.id: one for one in suggestions}
            self.assertIn("FA/2026/11/42", found[company.id].reason)
            self.assertTrue(found[company.id].enough)
            company.active = False

    def test_a_company_that_one_may_not_read_is_not_suggested(self):
        self.env["res.partner"].create(
            {
                "name": "Elsewhere",
                "is_company": True,
                "vat": "5260001246",
                "company_id": self.env["res.company"].create({"name": "Other"}).id,
            }
        )
        message = self.attach(**{"a.xml": invoices.ksef()})
        self.read_all()
        suggestions, _note = message.with_user(self.member)._suggest_for_archiving()
        self.assertFalse(suggestions)
