from odoo import SUPERUSER_ID, Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.mail_mailbox_archive.mailcore.inside.invoice import read_invoice
from odoo.addons.mail_mailbox_archive_tests.tests.common import MailboxCase, write_mail


class BillCase(AccountTestInvoicingCommon, MailboxCase):
    """Who makes bills, and a mailbox that invoices arrive at."""

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


def invoices_said(content):
    """Return what is said of a file that may be an invoice, as it is stored."""
    invoice = read_invoice(content)
    return invoice and invoice.as_dict()
