from odoo import fields, models


class ResUsersSettings(models.Model):
    """How a person has the lists of emails: on each of their screens, until changed."""

    _inherit = "res.users.settings"

    mailbox_list_pane = fields.Selection(
        [("beside", "Beside the list"), ("below", "Below the list"), ("none", "None")],
        "Open email",
        default="beside",
        required=True,
    )
    mailbox_list_compact = fields.Boolean("One row for each email")
