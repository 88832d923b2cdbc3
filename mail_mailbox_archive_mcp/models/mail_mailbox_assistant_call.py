from odoo import api, fields, models

#: Days that calls are kept which are about no email.
KEPT_DAYS = 365
MAX_NOTE = 500


class MailMailboxAssistantCall(models.Model):
    """A call of a person's assistant, refused ones as well; that person's alone."""

    _name = "mail.mailbox.assistant.call"
    _inherit = "mail.mailbox.guarded"
    _description = "Call of an Assistant"
    _order = "id desc"
    _owner_field = "user_id"
    _written_by_system = True
    _rec_name = "tool"

    user_id = fields.Many2one(
        "res.users", required=True, ondelete="cascade", index=True
    )
    tool = fields.Selection(
        [
            ("search_emails", "Search"),
            ("read_email", "Read"),
            ("find_records", "Find records"),
            ("propose_filing", "Suggest where to archive"),
            ("write_draft", "Write a draft"),
        ],
        required=True,
    )
    note = fields.Char("What it asked for")
    refused = fields.Char("Refused because")
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", "Email", ondelete="cascade", index="btree_not_null"
    )
    # of a proposal
    res_model = fields.Char()
    res_id = fields.Many2oneReference("Record ID", model_field="res_model")

    @api.model
    def _get_neutral_name(self):
        return self.env._("Call of an assistant")

    @api.model
    def _note(self, values):
        """Note a call of the user's assistant."""
        values = {**values, "note": (values.get("note") or "")[:MAX_NOTE]}
        # sudo: written by the system alone, of what was just done or refused
        return self.sudo().create({**values, "user_id": self.env.uid})

    @api.model
    def _find_proposals(self, message):
        """Return the proposals for ``message`` of the user's assistant."""
        # sudo: one's own, of a message that one reads
        return self.sudo().search(
            [
                ("user_id", "=", self.env.uid),
                ("tool", "=", "propose_filing"),
                ("mailbox_message_id", "=", message.id),
                ("refused", "=", False),
            ]
        )

    @api.autovacuum
    def _gc_calls(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=KEPT_DAYS)
        old = [("create_date", "<", limit), ("mailbox_message_id", "=", False)]
        self.search(old, limit=10_000).unlink()
