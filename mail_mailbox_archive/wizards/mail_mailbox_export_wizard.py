from odoo import api, fields, models

from ..mailcore.read import export

#: Messages read from the database at once.
BATCH = 100


class MailMailboxExportWizard(models.TransientModel):
    """Exports messages, as files that other mail programs read."""

    _name = "mail.mailbox.export.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Export of Emails"

    # a relation of each dialog's own: their numbers are not each other's
    mailbox_message_ids = fields.Many2many(
        "mail.mailbox.message",
        "mail_mailbox_export_wizard_message_rel",
        "wizard_id",
        "mailbox_message_id",
        default=lambda self: self.env["mail.mailbox.message"]._get_chosen(),
    )
    format = fields.Selection(
        [
            ("zip", "Zip file with an .eml file for each email, and a list"),
            ("mbox", "One mbox file, as Thunderbird and others import it"),
        ],
        default="zip",
        required=True,
    )
    message_count = fields.Integer("Emails", compute="_compute_extent")
    size = fields.Integer("Size (bytes)", compute="_compute_extent")

    @api.depends("mailbox_message_ids")
    def _compute_extent(self):
        for wizard in self:
            wizard.message_count = len(wizard.mailbox_message_ids)
            wizard.size = sum(wizard.mailbox_message_ids.mapped("size"))

    def action_download(self):
        """Have the browser fetch the file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/mail_mailbox_archive/export/{self.id}",
            "target": "download",
            "close": True,
        }

    def _write_to(self, file):
        """Write the messages that the user may read by now, in order of their date."""
        self.ensure_one()
        messages = self.mailbox_message_ids._filtered_access("read")
        write = export.write_mbox if self.format == "mbox" else export.write_zip
        write(file, self._read(messages.sorted(lambda m: (m.date or m.create_date))))

    @api.model
    def _read(self, messages):
        """Yield the messages one by one: together they may not fit into memory."""
        for start in range(0, len(messages), BATCH):
            batch = messages[start : start + BATCH]
            for message in batch:
                yield export.Exported(
                    source=message._read_own_source(),
                    subject=message.subject or "",
                    date=message.date or None,
                    sender=next(iter(message._get_addresses(message.email_from)), ""),
                    attached_to=message.attached_to or "",
                )
            self.env.invalidate_all()
