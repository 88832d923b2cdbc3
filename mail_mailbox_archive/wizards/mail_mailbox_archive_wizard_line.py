from odoo import api, fields, models

#: Subjects that a line with some of the emails shows.
SHOWN_SUBJECTS = 3


class MailMailboxArchiveWizardLine(models.TransientModel):
    """One record to attach to."""

    _name = "mail.mailbox.archive.wizard.line"
    _inherit = "mail.mailbox.record.choice"
    _description = "Record to Attach an Email to"

    wizard_id = fields.Many2one(
        "mail.mailbox.archive.wizard", required=True, ondelete="cascade"
    )
    reason = fields.Char("Why")
    mailbox_message_ids = fields.Many2many(
        "mail.mailbox.message",
        "mail_mailbox_archive_wizard_line_message_rel",
        "line_id",
        "mailbox_message_id",
        help="Those of the emails that are attached to this record, if not all are.",
    )
    all_emails = fields.Boolean(default=True)
    emails = fields.Char(compute="_compute_emails")
    new_record = fields.Json(
        compute="_compute_new_record",
        help="The context to make a record with; false where the user may not.",
    )

    @api.depends("mailbox_message_ids", "wizard_id.mailbox_message_ids")
    def _compute_emails(self):
        for line in self:
            messages = line._get_messages()
            names = ", ".join(messages[:SHOWN_SUBJECTS].mapped("display_name"))
            more = ", …" if len(messages) > SHOWN_SUBJECTS else ""
            line.emails = f"{len(messages)}: {names}{more}"

    @api.depends(
        "record_type_id", "mailbox_message_ids", "wizard_id.mailbox_message_ids"
    )
    def _compute_new_record(self):
        for line in self:
            message = line._get_messages()[:1]
            line.new_record = (
                message
                and line.record_type_id
                and message._prepare_new_record(line.record_type_id)
            ) or False

    @api.onchange("record_type_id")
    def _onchange_record_type_id(self):
        self.reason = False
        return super()._onchange_record_type_id()

    def _get_messages(self):
        """Return the stored messages of this line that the user may read."""
        messages = self.wizard_id._get_messages()
        if self.all_emails:
            return messages
        return messages & self.mailbox_message_ids._origin

    def _get_all_messages(self):
        """Return the messages of this line and, if wanted, of their conversations."""
        messages = self._get_messages()
        keys = set(messages.mapped("thread_key"))
        others = self.wizard_id._get_wanted_others()
        return messages | others.filtered(lambda one: one.thread_key in keys)

    def _get_chosen(self):
        """Return the messages that are to be attached to the record of this line."""
        messages = self.wizard_id.mailbox_message_ids
        return messages if self.all_emails else messages & self.mailbox_message_ids

    def _get_readable_record(self):
        """Return the chosen record if it exists and the user may read it, else None."""
        record = self._get_record()
        return record and record.exists()._filtered_access("read")
