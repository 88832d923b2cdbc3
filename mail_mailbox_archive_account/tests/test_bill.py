from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive_tests.tests.mailcore import invoices

from .common import BillCase


@tagged("post_install", "-at_install")
class TestBill(BillCase):
    def test_a_bill_with_file_and_email(self):
        part = self.attach(invoices.ubl())
        data = part.mailbox_message_id.with_user(self.biller).get_view_data()
        self.assertTrue(data["parts"][0]["may_bill"])
        action = part.with_user(self.biller).action_make_vendor_bill()
        bill = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(bill.move_type, "in_invoice")
        self.assertEqual(bill.create_uid, self.biller)
        self.assertIn("invoice.xml", bill.attachment_ids.mapped("name"))
        link = part.mailbox_message_id.link_ids
        self.assertEqual((link.res_model, link.res_id), ("account.move", bill.id))
        self.assertIn("saved", part.mailbox_message_id.history_ids.mapped("action"))
        if "account.edi.ubl" in self.env:
            self.assertEqual(bill.ref, "FA/2026/11/42")

    def test_a_note_of_credit_is_a_refund(self):
        part = self.attach(invoices.ubl("CreditNote"), "note.xml")
        action = part.with_user(self.biller).action_make_vendor_bill()
        bill = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(bill.move_type, "in_refund")

    def test_only_who_may_read_the_email_and_make_bills(self):
        part = self.attach(invoices.ubl())
        data = part.mailbox_message_id.with_user(self.member).get_view_data()
        self.assertFalse(data["parts"][0]["may_bill"])
        private = self.make_mailbox("own@spedbud.example", self.member, private=True)
        secret = self.attach(invoices.ubl(number="2"), "secret.xml", private)
        before = self.env["account.move"].search_count([])
        for one, user in ((part, self.member), (secret, self.biller)):
            with self.assertRaises(AccessError):
                one.with_user(user).action_make_vendor_bill()
        self.assertEqual(self.env["account.move"].search_count([]), before)

    def test_other_files_make_no_bill(self):
        part = self.attach(b"<note/>")
        with self.assertRaises(UserError):
            part.with_user(self.biller).action_make_vendor_bill()
