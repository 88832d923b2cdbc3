from odoo import fields, models


class ResPartner(models.Model):
    """Contacts are found by the addresses and domains of a message."""

    _inherit = "res.partner"

    email_normalized = fields.Char(index="btree_not_null")

    _mailbox_domain_idx = models.Index(
        "((split_part(email_normalized, '@', 2)) COLLATE \"C\")"
        " WHERE email_normalized IS NOT NULL"
    )
