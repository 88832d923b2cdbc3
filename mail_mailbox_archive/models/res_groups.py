from odoo import fields, models


class ResGroups(models.Model):
    """Groups that mail can be restricted to: Foreman, Office worker…"""

    _inherit = "res.groups"

    mail_role = fields.Boolean(
        help="Archived mail can be made readable only for the users of this group."
    )
