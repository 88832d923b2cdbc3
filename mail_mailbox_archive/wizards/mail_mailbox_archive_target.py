from odoo import api, models
from odoo.fields import Command


class MailMailboxArchiveWizard(models.TransientModel):
    """Archiving from a record's own form: the dialog is filled with that record.

    It is named in the context, ``mailbox_archive_target`` = [model, id].
    """

    _inherit = "mail.mailbox.archive.wizard"

    @api.model
    def default_get(self, fields_list):
        if lines := self._get_target_lines():
            self = self.with_context(default_line_ids=lines)
        return super().default_get(fields_list)

    @api.model
    def _get_target_lines(self):
        model, res_id = self.env.context.get("mailbox_archive_target") or (None, None)
        record_types = self.env["mail.mailbox.record.type"]
        if model not in record_types._get_tab_model_names():
            return []
        record = self.env[model].browse(res_id).exists()._filtered_access("read")
        record_type = record and record_types._find_for(record)
        if not record_type:
            return []
        return [Command.create({"record_type_id": record_type.id, "res_id": record.id})]
