from odoo import fields, models


class MailboxTestOrder(models.Model):
    """A document with a number, as sales orders and invoices are."""

    _name = "mailbox.test.order"
    _description = "Test Order"

    name = fields.Char("Number", required=True, copy=False)
    active = fields.Boolean(default=True)
    partner_id = fields.Many2one("res.partner", "Customer")
    email_from = fields.Char()
    user_id = fields.Many2one("res.users", help="Who alone may read it, when set.")
