from odoo import api, fields, models


class MailboxTestKeeper(models.Model):
    """What another app keeps of a mail: it refers to one, tracks it, notes its name."""

    _name = "mailbox.test.keeper"
    _inherit = "mail.thread"
    _description = "Test Keeper"

    name = fields.Char()
    mailbox_id = fields.Many2one("mail.mailbox", tracking=True, ondelete="set null")
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", tracking=True, ondelete="set null"
    )
    noted = fields.Char(compute="_compute_noted", store=True)
    noted_mailbox = fields.Char(
        "Noted mailbox", related="mailbox_id.display_name", store=True
    )

    @api.depends("mailbox_id.display_name", "mailbox_message_id.display_name")
    def _compute_noted(self):
        for keeper in self:
            names = [keeper.mailbox_id.display_name or ""]
            names.append(keeper.mailbox_message_id.display_name or "")
            keeper.noted = " ".join(names)
