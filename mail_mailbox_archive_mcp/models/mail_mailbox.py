from odoo import api, fields, models
from odoo.exceptions import AccessError


class MailMailbox(models.Model):
    """Whether the assistants of its people may read a private mailbox."""

    _inherit = "mail.mailbox"

    open_to_assistants = fields.Boolean(
        "Open to assistants",
        tracking=True,
        help="The assistants of this private mailbox's users may read it, too. Each "
        "call is noted in the history.",
    )

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        # whoever has temporary access decides nothing here
        if vals.get("open_to_assistants") and self._filtered_visited():
            raise AccessError(
                self.env._(
                    "Only the users of a private mailbox can open it to assistants."
                )
            )

    def _prepare_values(self, vals):
        vals = super()._prepare_values(vals)
        if vals.get("private") and not (self and all(self.mapped("private"))):
            # it becomes private: its people have opened it to nobody yet
            vals = {**vals, "open_to_assistants": False}
        return vals

    def _filtered_visited(self):
        """Return those that the user only has temporary access to."""
        return self.filtered(lambda one: self.env.user in one._get_guests())

    @api.model
    def _get_closed_to_assistants(self):
        """Return the private mailboxes of the user that assistants may not read."""
        domain = [("private", "=", True), ("user_ids", "in", self.env.user.ids)]
        # sudo: one's own, whatever company is switched on
        mailboxes = self.sudo().with_context(active_test=False).search(domain)
        return mailboxes.filtered(
            lambda one: not one.open_to_assistants or one._filtered_visited()
        ).sudo(False)
