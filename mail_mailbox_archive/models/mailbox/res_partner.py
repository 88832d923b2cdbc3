from odoo import fields, models


class ResPartner(models.Model):
    """Contacts are found by the addresses and domains of a message.

    An administrator who sets a person's e-mail confirms it.
    """

    _inherit = "res.partner"

    email_normalized = fields.Char(index="btree_not_null")

    _mailbox_domain_idx = models.Index(
        "((split_part(email_normalized, '@', 2)) COLLATE \"C\")"
        " WHERE email_normalized IS NOT NULL"
    )

    def write(self, vals):
        result = super().write(vals)
        if vals.get("email"):
            # sudo: whether a contact is a user does not depend on who asks
            self.sudo().user_ids.sudo(self.env.su)._note_own_address()
        return result
