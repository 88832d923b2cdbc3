from odoo import models
from odoo.exceptions import UserError

from odoo.addons.mail_mailbox_archive.models.mailbox.arguments import checked


class MailMailboxPart(models.Model):
    """An electronic invoice that came by email becomes a vendor bill."""

    _inherit = "mail.mailbox.part"

    @checked(one=True)
    def action_make_vendor_bill(self):
        """Make a vendor bill of this attachment, as the user, and archive the email.

        By Odoo's own import of files, which knows more of the invoice than its chip.

        :return: the action that opens the bill
        :raises AccessError: the user may not read the email or create bills
        :raises UserError: it is no invoice, or the email may not be archived to bills
        """
        invoice = self._get_invoices().get(self.id)
        if not invoice:
            raise UserError(self.env._("No electronic invoice was found in this file."))
        moves = self.env["account.move"]
        moves.check_access("create")
        # as it is, but for what a browser would run
        attachment = (
            self.env["ir.attachment"]
            .with_context(attachments_mime_plainxml=True)
            .create({"name": self._get_file_name(), "raw": self._read_content()})
        )
        credit = invoice.kind == "credit_note"
        journals = self.env["account.journal"].with_context(
            default_move_type="in_refund" if credit else "in_invoice"
        )
        action = journals.create_document_from_attachment(attachment.ids)
        bill = moves.browse(action.get("res_id"))
        if len(bill) != 1:
            raise UserError(self.env._("More than one bill was made of this file."))
        self.mailbox_message_id._archive(bill)
        self._note_saved(self, bill)
        return {**action, "context": {}}


class MailMailboxMessage(models.Model):
    """Whether the viewer offers to make a bill."""

    _inherit = "mail.mailbox.message"

    def _get_part_data(self):
        may_bill = self.env["account.move"].has_access("create")
        return [
            one | {"may_bill": may_bill and bool(one["invoice"])}
            for one in super()._get_part_data()
        ]
