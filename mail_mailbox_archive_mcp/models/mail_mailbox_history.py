from odoo import fields, models


class MailMailboxHistory(models.Model):
    """What an assistant did with an email, noted beside what people did."""

    _inherit = "mail.mailbox.history"

    action = fields.Selection(
        selection_add=[
            ("assistant_found", "Listed by an assistant"),
            ("assistant_read", "Read by an assistant"),
            ("assistant_proposed", "Suggested by an assistant"),
            ("assistant_drafted", "Answer drafted by an assistant"),
        ],
        ondelete={
            "assistant_found": "cascade",
            "assistant_read": "cascade",
            "assistant_proposed": "cascade",
            "assistant_drafted": "cascade",
        },
    )
