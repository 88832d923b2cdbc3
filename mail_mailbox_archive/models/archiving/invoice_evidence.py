from odoo import models

from .suggestion import ENOUGH, SCORES, Suggestion

#: Attachments of a message that are asked for an invoice, and contacts of one number.
MAX_INVOICES, MAX_CONTACTS = 20, 20


class MailMailboxMessage(models.Model):
    """Evidence: the tax numbers on an electronic invoice that is attached.

    Of an invoice that came the seller counts, of one that was sent the buyer: our own
    company is put behind all others anyway.
    """

    _inherit = "mail.mailbox.message"

    def _find_by_invoice(self):
        # sudo: the message's own, see _find_records
        parts = self.sudo().part_ids.filtered("inside_id.invoice")[:MAX_INVOICES]
        numbers = {
            written: invoice
            for invoice in parts._get_invoices().values()
            for number in (invoice.buyer_tax, invoice.seller_tax)
            for written in ways_to_write(number)
        }
        partners = self._search_partners([("vat", "in", list(numbers))], MAX_CONTACTS)
        companies = partners.commercial_partner_id._filtered_access("read")
        return [
            Suggestion(
                company,
                self.env._(
                    "Its tax number %(number)s is on the invoice %(invoice)s.",
                    number=company.vat,
                    invoice=numbers[company.vat].number,
                ),
                SCORES["invoice"],
                enough="invoice" in ENOUGH,
            )
            for company in companies
            if company.vat in numbers
        ]


def ways_to_write(number):
    """Return a tax number with and without its country, as contacts may have it."""
    if not number:
        return []
    if number[:2].isalpha():
        return [number, number[2:]]
    # Polish invoices name no country
    return [number, f"PL{number}"]
