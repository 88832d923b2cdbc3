from odoo import api, fields, models


class MailMailboxRecordChoice(models.AbstractModel):
    """A record that a person chooses in a form: its type, then one by its name."""

    _name = "mail.mailbox.record.choice"
    _inherit = "mail.mailbox.guarded"
    _description = "Choice of a Record"

    record_type_id = fields.Many2one(
        "mail.mailbox.record.type",
        "Record type",
        required=True,
        domain=lambda self: self._domain_record_type_id(),
        default=lambda self: self._default_record_type_id(),
    )
    res_model = fields.Char(related="record_type_id.res_model")
    record_domain = fields.Char(related="record_type_id.domain")
    res_id = fields.Many2oneReference("Record", model_field="res_model")

    @api.model
    def _domain_record_type_id(self):
        return self.env["mail.mailbox.record.type"]._get_offered_domain()

    @api.model
    def _default_record_type_id(self):
        domain = self._domain_record_type_id()
        return self.env["mail.mailbox.record.type"].search(domain, limit=1)

    @api.onchange("record_type_id")
    def _onchange_record_type_id(self):
        self.res_id = False

    def _get_record(self):
        """Return the chosen record, as the user, or None."""
        self.ensure_one()
        if not self.res_id or self.res_model not in self.env:
            return None
        return self.env[self.res_model].browse(self.res_id)
