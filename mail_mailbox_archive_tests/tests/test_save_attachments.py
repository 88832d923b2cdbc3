"""Attachments of a message become files of a record, by who may change the record."""

import io

from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import USER, write_mail
from .test_archive import ArchiveCase

OFFER = b"%PDF-1.4 offer"


def mail_with_files(subject="Offer"):
    mail = write_mail(subject)
    mail.add_attachment(OFFER, "application", "pdf", filename="offer/2026.pdf")
    page = b"<html><script>alert(1)</script></html>"
    mail.add_attachment(page, "text", "html", filename="page.html")
    return mail


@tagged("post_install", "-at_install")
class TestSaveAttachments(ArchiveCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # changes contacts, the member only reads them
        cls.clerk = cls.make_user("clerk", USER, "base.group_partner_manager")
        cls.mailbox.user_ids += cls.clerk
        arrival = cls.deliver(cls.mailbox, mail_with_files())
        cls.letter = arrival.mailbox_message_id.with_user(cls.clerk)
        cls.offer, cls.page = cls.letter.part_ids

    def open_save(self, user=None, message=None):
        wizards = self.env["mail.mailbox.save.wizard"].with_user(user or self.clerk)
        message = message or self.letter
        return wizards.with_context(default_mailbox_message_id=message.id).create({})

    def choose(self, wizard, record):
        wizard.record_type_id = self.env.ref("mail_mailbox_archive.record_type_company")
        wizard.res_id = record.id
        return wizard

    def files(self, record):
        return self.env["ir.attachment"].search(
            [("res_model", "=", record._name), ("res_id", "=", record.id)]
        )

    def test_file_is_the_records(self):
        told = self.choose(self.open_save(), self.spostex).action_save()
        self.assertEqual(told["params"]["message"], "1 file saved to: Spostex S.A.")
        file = self.files(self.spostex)
        self.assertEqual(file.name, "offer_2026.pdf")
        self.assertEqual((file.raw, file.mimetype), (OFFER, "application/pdf"))
        self.assertEqual(file.create_uid, self.clerk)
        self.assertTrue(file.with_user(self.outsider).raw)

    def test_same_file_is_not_saved_twice(self):
        for _time in range(2):
            told = self.choose(self.open_save(), self.spostex).action_save()
        self.assertEqual(told["params"]["type"], "warning")
        self.assertIn("Already saved there: 1", told["params"]["message"])
        self.assertEqual(len(self.files(self.spostex)), 1)
        self.choose(self.open_save(), self.north).action_save()
        self.assertEqual(len(self.files(self.north)), 1)

    def test_large_picture_is_saved_as_it_is(self):
        picture = io.BytesIO()
        Image.new("RGB", (4000, 10)).save(picture, "PNG")
        mail = write_mail("Photo")
        mail.add_attachment(picture.getvalue(), "image", "png", filename="photo.png")
        letter = self.deliver(self.mailbox, mail).mailbox_message_id
        for _time in range(2):
            wizard = self.open_save(message=letter)
            self.choose(wizard, self.spostex).action_save()
        self.assertEqual(self.files(self.spostex).raw, picture.getvalue())

    def test_dangerous_one_is_saved_when_it_is_chosen_only(self):
        wizard = self.choose(self.open_save(), self.spostex)
        self.assertEqual(wizard.part_ids, self.offer)
        wizard.part_ids = [Command.set((self.offer + self.page).ids)]
        told = wizard.action_save()
        self.assertIn("2 files saved", told["params"]["message"])
        page = self.files(self.spostex).filtered(lambda f: f.name == "page.html")
        self.assertEqual(page.mimetype, "text/plain")

    def test_what_a_browser_would_run_is_plain_whoever_saves_it(self):
        """Odoo itself keeps it alive for who may change views."""
        admin = self.make_user(
            "saving", USER, "base.group_system", "base.group_partner_manager"
        )
        self.mailbox.user_ids += admin
        script = b"<script>alert(1)</script>"
        svg = b'<svg xmlns="http://www.w3.org/2000/svg">%s</svg>' % script
        page = b"<!DOCTYPE html><html><body>%s</body></html>" % script
        xhtml = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">'
        mail = write_mail("Alive")
        for kind, name, content in (
            ("html", "a.html", page),
            ("html", "b.shtml", page),
            ("html", "c", page),
            ("svg+xml", "d.svg", svg),
            ("png", "e.png", svg),
            ("xhtml+xml", "f.xhtml", xhtml + script + b"</html>"),
            ("xml", "g.xml", xhtml + script + b"</html>"),
            ("plain", "h.xht", xhtml + script + b"</html>"),
        ):
            # none is the same as another, which would be saved once
            content = content.replace(b"alert(1)", f"alert('{name}')".encode())
            mail.add_attachment(content, "application", kind, filename=name)
        letter = self.deliver(self.mailbox, mail).mailbox_message_id.with_user(admin)
        wizard = self.choose(self.open_save(admin, letter), self.spostex)
        wizard.part_ids = [Command.set(letter.part_ids.ids)]
        wizard.action_save()
        files = self.files(self.spostex)
        self.assertEqual(len(files), 8)
        for file in files:
            with self.subTest(file.name):
                self.assertIn(file.mimetype, ("text/plain", "image/png"))

    def test_opens_on_the_record_that_one_may_change(self):
        self.assertFalse(self.open_save().res_id)
        self.archive(self.north, user=self.clerk, messages=self.letter)
        self.assertEqual(self.open_save().res_id, self.north.id)
        self.assertFalse(self.open_save(self.member).res_id)

    def test_saving_is_in_the_history(self):
        self.choose(self.open_save(), self.spostex).action_save()
        line = self.letter.history_ids
        self.assertEqual((line.action, line.user_id), ("saved", self.clerk))
        self.assertEqual((line.res_name, line.note), ("Spostex S.A.", "offer_2026.pdf"))

    def test_who_may_not_change_the_record_saves_nothing(self):
        wizard = self.choose(self.open_save(self.member), self.spostex)
        with self.assertRaises(AccessError):
            wizard.action_save()
        self.assertFalse(self.files(self.spostex))

    def test_who_may_not_read_the_message_saves_nothing(self):
        stranger = self.make_user("stranger", USER, "base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.open_save(stranger)
        with self.assertRaises(AccessError):
            self.offer.with_user(stranger)._save_to(self.spostex)
        self.assertFalse(self.files(self.spostex))

    def test_anothers_form_is_not_there(self):
        wizard = self.open_save()
        with self.assertRaises(AccessError):
            wizard.with_user(self.member).read(["part_ids"])

    def test_only_to_records_of_enabled_types(self):
        with self.assertRaises(UserError):
            self.offer._save_to(self.env.user.with_user(self.clerk))

    def test_incomplete_form_says_what_to_do(self):
        with self.assertRaisesRegex(UserError, "Choose the record"):
            self.open_save().action_save()
        wizard = self.choose(self.open_save(), self.spostex)
        wizard.part_ids = [Command.clear()]
        with self.assertRaisesRegex(UserError, "Choose the attachments"):
            wizard.action_save()

    def test_part_that_cannot_be_read_says_so(self):
        self.offer.sudo().path = "9"
        wizard = self.choose(self.open_save(), self.spostex)
        with self.assertRaisesRegex(UserError, "could not be extracted from the email"):
            wizard.action_save()

    def test_warns_when_more_people_will_read_it(self):
        self.assertFalse(self.open_save().warning)
        self.letter.sudo().role_ids = self.foreman
        self.clerk.group_ids += self.foreman
        self.assertIn("Foreman", self.open_save().warning)

    def test_saving_from_a_private_mailbox(self):
        board = self.make_mailbox("board@spedbud.example", self.clerk, private=True)
        arrival = self.deliver(board, mail_with_files("Board"))
        letter = arrival.mailbox_message_id.with_user(self.clerk)
        wizard = self.choose(self.open_save(message=letter), self.spostex)
        self.assertIn("private mailbox", wizard.warning)
        wizard.action_save()
        history = self.env["mail.mailbox.history"]
        saved = [("action", "=", "saved")]
        self.assertTrue(history.with_user(self.clerk).search(saved))
        self.assertFalse(history.with_user(self.manager).search(saved))
