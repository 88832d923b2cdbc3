from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive_tests.tests.auditing import AuditedCase
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore import invoices

from .common import BillCase

BUTTON = ".o-mailbox-MessageAttachments-bill"


@tagged("post_install", "-at_install")
class TestBillBrowser(BillCase, AuditedCase):
    """*Make a vendor bill*, clicked."""

    def test_a_click_makes_a_bill_and_opens_it(self):
        part = self.attach(invoices.ubl())
        message = part.mailbox_message_id
        before = self.env["account.move"].search([])
        path = f"/odoo/email-archives/{message.id}"
        browser = self.open_browser(path, "mailbox_biller")
        browser.wait(f"return !!document.querySelector('{BUTTON}')")
        # Odoo's own colour of a button in focus is none of ours
        browser.run("document.activeElement.blur()")
        self.audit(browser, "an email with an invoice")
        browser.run(f"document.querySelector('{BUTTON}').click()")
        browser.wait("return !!document.querySelector('.modal .btn-primary')")
        self.audit(browser, "the question before")
        browser.run("document.querySelector('.modal .btn-primary').click()")
        browser.wait(
            "return !!document.querySelector('.o_form_view [name=invoice_date]')"
            f" && !document.querySelector('{BUTTON}')"
        )
        browser.settle(1)
        bill = self.env["account.move"].search([]) - before
        self.assertEqual((len(bill), bill.move_type), (1, "in_invoice"))
        link = message.link_ids
        self.assertEqual((link.res_model, link.res_id), ("account.move", bill.id))
        self.assertIn(f"/{bill.id}", browser.run("location.pathname"))
