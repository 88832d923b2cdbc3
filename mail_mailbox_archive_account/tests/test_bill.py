from odoo import SUPERUSER_ID, Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail_mailbox_archive.mailcore.inside.invoice import read_invoice
from odoo.addons.mail_mailbox_archive_tests.tests.common import MailboxCase, write_mail
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore import invoices


@tagged("post_install", "-at_install")
class TestBill(AccountTestInvoicingCommon, MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        company = cls.company_data["company"]
        # who books is not who sets mailboxes up
        cls.env = cls.env(
            user=SUPERUSER_ID, context={"allowed_company_ids": company.ids}
        )
        groups = (
            "mail_mailbox_archive.group_user",
            "account.group_account_invoice",
            "base.group_partner_manager",
        )
        cls.biller = cls.make_user("biller", *groups)
        for person in (cls.biller, cls.member):
            person.write(
                {"company_ids": [Command.set(company.ids)], "company_id": company.id}
            )
        cls.box = cls.make_mailbox("bills@spedbud.example", cls.biller, cls.member)

    def attach(self, content, name="invoice.xml", mailbox=None):
        mail = write_mail(f"Invoice {name}", name)
        mail.add_attachment(content, "application", "xml", filename=name)
        message = self.deliver(mailbox or self.box, mail).mailbox_message_id
        part = message.part_ids
        # what the scheduled action does with it
        found = {"words": "", "invoice": invoices_said(content)}
        part._note_inside(self.env["mail.mailbox.inside"]._store(name, found))
        return part

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


def invoices_said(content):
    """Return what is said of a file that may be an invoice, as it is stored."""
    invoice = read_invoice(content)
    return invoice and invoice.as_dict()
