from odoo import api, fields, models
from odoo.exceptions import UserError


class MailMailboxSaveWizard(models.TransientModel):
    """The form "Save to a record": attachments of a message become files of a record.

    It opens on the record that the message is attached to, if the user may change it.
    """

    _name = "mail.mailbox.save.wizard"
    _inherit = "mail.mailbox.record.choice"
    _description = "Save Attachments of an Email"

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", "Email", ondelete="cascade"
    )
    part_ids = fields.Many2many(
        "mail.mailbox.part",
        "mail_mailbox_save_wizard_part_rel",
        "wizard_id",
        "part_id",
        string="Attachments",
    )
    warning = fields.Text(compute="_compute_warning")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        message = self.env["mail.mailbox.message"].browse(
            values.get("mailbox_message_id")
        )
        if not message.exists()._filtered_access("read"):
            return values
        # pictures in the text are not files of their own, and what may do harm is
        # handed on by a decision only
        parts = [
            part["id"]
            for part in message._get_part_data()
            if not (part["danger"] or part["in_text"])
        ]
        values["part_ids"] = [fields.Command.set(parts)]
        return values | self._prepare_record(message)

    @api.model
    def _prepare_record(self, message):
        """Return the first record that holds ``message`` and the user may change."""
        record_types = self.env["mail.mailbox.record.type"]
        for attached in message.attached_records or ():
            if attached["gone"]:
                continue
            record = self.env[attached["res_model"]].browse(attached["res_id"])
            record_type = record_types._find_for(record)
            if record_type and record.has_access("write"):
                return {"record_type_id": record_type.id, "res_id": record.id}
        return {}

    @api.depends("mailbox_message_id")
    def _compute_warning(self):
        for wizard in self:
            message = wizard.mailbox_message_id._filtered_access("read")
            wizard.warning = bool(message) and message._warn_of_saving()

    def action_save(self):
        """Save the chosen attachments as files of the record; report what was done."""
        self.ensure_one()
        record = self._get_record()
        if not record:
            raise UserError(self.env._("Choose the record to save the files to."))
        if not self.part_ids:
            raise UserError(self.env._("Choose the attachments to save."))
        saved, known = self.part_ids._save_to(record)
        sentences = []
        if known:
            sentences.append(
                self.env._("Already saved there: %s. Nothing changed.", known)
            )
        if saved:
            # the name last: it may end with a full stop of its own
            sentences.append(
                self.env._("1 file saved to: %s", record.display_name)
                if len(saved) == 1
                else self.env._(
                    "%(count)s files saved to: %(record)s",
                    count=len(saved),
                    record=record.display_name,
                )
            )
        return self.env["mail.mailbox"]._get_notification(
            "success" if saved else "warning",
            " ".join(sentences),
            {"type": "ir.actions.act_window_close"},
        )
