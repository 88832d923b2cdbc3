from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

#: Letters that a reason has, and different ones.
MIN_LETTERS, MIN_DIFFERENT = 10, 5


class MailMailboxBreakGlassWizard(models.TransientModel):
    """Asks an administrator why, and for how long, they enter a private mailbox."""

    _name = "mail.mailbox.break.glass.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Open a Private Mailbox"

    mailbox_id = fields.Many2one(
        "mail.mailbox",
        required=True,
        default=lambda self: self.env.context.get("active_id"),
    )
    reason = fields.Text(required=True)
    hours = fields.Integer("For how many hours", default=4, required=True)

    @api.constrains("hours", "reason")
    def _check_values(self):
        for wizard in self:
            if not 1 <= wizard.hours <= 72:
                raise ValidationError(
                    self.env._("Access can be given for 1 to 72 hours at a time.")
                )
            if not _is_in_words(wizard.reason or ""):
                raise ValidationError(
                    self.env._("Enter a reason: the mailbox's users will read it.")
                )

    def action_confirm(self):
        """Enter the mailbox; its users are notified."""
        self.ensure_one()
        mailbox = self.mailbox_id
        if not mailbox._is_manager():
            raise AccessError(
                self.env._(
                    "Only mail administrators can open other people's mailboxes."
                )
            )
        mailbox.check_access("read")
        if not mailbox.private:
            raise UserError(
                self.env._(
                    "%s is not private: you can already see its emails.", mailbox.email
                )
            )
        # sudo: whether one belongs to it already
        if self.env.user in mailbox.sudo().user_ids:
            raise UserError(self.env._("You already have access to %s.", mailbox.email))
        until = fields.Datetime.now() + timedelta(hours=self.hours)
        self.env["mail.mailbox.break.glass"]._begin(mailbox, self.reason.strip(), until)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


def _is_in_words(reason):
    """Return whether ``reason`` can be a real reason."""
    letters = [sign for sign in reason.lower() if sign.isalpha()]
    return len(letters) >= MIN_LETTERS and len(set(letters)) >= MIN_DIFFERENT
