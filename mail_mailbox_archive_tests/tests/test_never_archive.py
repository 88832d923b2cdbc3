"""Mail of some correspondents is archived nowhere, by whatever way."""

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import write_mail
from .test_archive import ArchiveCase

LAWYER = "Kancelaria <Maria@Law.example>"


@tagged("post_install", "-at_install")
class TestNeverArchive(ArchiveCase):
    def except_(self, name, user=None):
        entries = self.env["mail.mailbox.never.archive"].with_user(user or self.manager)
        return entries.create({"name": name})

    def letter(self, **headers):
        mail = write_mail(str(headers), **headers)
        return self.deliver(self.mailbox, mail).mailbox_message_id

    def assertRefused(self, message):
        with self.assertRaisesRegex(UserError, "are not archived"):
            self.archive(self.spostex, messages=message)
        self.assertFalse(message.sudo().link_ids)

    def test_mail_from_or_to_an_address(self):
        self.except_("maria@law.example")
        for header in ("from", "to", "cc"):
            self.assertRefused(self.letter(**{header: LAWYER}))
        self.assertTrue(self.archive(self.spostex))

    def test_everybody_of_a_domain_and_below_it(self):
        self.except_("@LAW.example")
        self.assertRefused(self.letter(**{"from": LAWYER}))
        self.assertRefused(self.letter(**{"from": "a@mail.law.example"}))
        other = self.letter(**{"from": "a@notlaw.example"})
        self.assertTrue(self.archive(self.spostex, messages=other))

    def test_international_domain(self):
        entry = self.except_("żółw.example")
        self.assertEqual(entry.name, "xn--w-uga1v8h.example")
        self.assertRefused(self.letter(**{"from": "a@xn--w-uga1v8h.example"}))

    def test_form_archives_the_others_and_says_why(self):
        self.except_("law.example")
        lawyer = self.letter(**{"from": LAWYER}).with_user(self.member)
        wizard = self.fill(self.open_form(messages=lawyer + self.message), self.spostex)
        told = wizard.action_confirm()["params"]
        self.assertEqual(told["type"], "warning")
        self.assertIn("1 email attached.", told["message"])
        self.assertIn("law.example", told["message"])
        self.assertEqual(self.message.attached_to, "Spostex S.A.")
        self.assertFalse(lawyer.attached_to)
        wizard = self.fill(self.open_form(messages=lawyer), self.spostex)
        with self.assertRaisesRegex(UserError, "law.example are not archived"):
            wizard.action_confirm()

    def test_form_says_so_before_one_chooses(self):
        self.except_("law.example")
        lawyer = self.letter(**{"from": LAWYER})
        self.assertIn("law.example", self.open_form(messages=lawyer).never_warning)
        self.assertFalse(self.open_form().never_warning)

    def test_its_attachments_are_not_saved_to_a_record_either(self):
        self.except_("law.example")
        mail = write_mail("Contract", **{"from": LAWYER})
        mail.add_attachment(b"secret", "text", "plain", filename="contract.txt")
        letter = self.deliver(self.mailbox, mail).mailbox_message_id
        with self.assertRaisesRegex(UserError, "are not archived"):
            letter.part_ids._save_to(self.spostex)

    def test_what_was_archived_before_stays(self):
        self.archive(self.spostex)
        self.except_("spostex.example")
        self.assertEqual(self.message.attached_to, "Spostex S.A.")
        self.assertRefusedAgain()

    def assertRefusedAgain(self):
        with self.assertRaises(UserError):
            self.archive(self.north)
        self.assertEqual(len(self.message.sudo().link_ids), 1)

    def test_off_the_list_it_is_archived(self):
        entry = self.except_("spostex.example")
        self.assertRefused(self.message)
        entry.unlink()
        self.assertTrue(self.archive(self.spostex))

    def test_nonsense_is_refused(self):
        for name in ("law", "a b@law.example", "@", "law.example/x", "..", "a@b@"):
            with self.assertRaises(ValidationError, msg=name):
                self.except_(name)
        self.except_("law.example")
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            self.except_("Law.Example")

    def test_list_is_the_administrators(self):
        entry = self.except_("law.example")
        with self.assertRaises(AccessError):
            self.except_("other.example", self.member)
        with self.assertRaises(AccessError):
            entry.with_user(self.member).read(["name"])
        with self.assertRaises(AccessError):
            entry.with_user(self.member).unlink()
