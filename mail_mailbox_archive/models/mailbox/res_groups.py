from odoo import api, fields, models
from odoo.exceptions import UserError

from .narrowing import refuse_named


class ResGroups(models.Model):
    """Groups that mail can be restricted to: Foreman, Office worker…"""

    _name = "res.groups"
    _inherit = ["res.groups", "mail.mailbox.system.fields"]

    mail_role = fields.Boolean(
        help="Archived emails can be restricted to the users of this group."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_mail_role_in_use(self):
        # sudo: messages that the person may not see count as well
        messages = self.env["mail.mailbox.message"].sudo()
        for group in self:
            if messages.search_count([("role_ids", "in", group.ids)], limit=1):
                raise UserError(
                    self.env._(
                        "Some archived emails are restricted to the role “%s”. "
                        "Without it, everybody could read them. Give them other roles "
                        "first, or remove the users from this one.",
                        group.name,
                    )
                )
        refuse_named(self)
