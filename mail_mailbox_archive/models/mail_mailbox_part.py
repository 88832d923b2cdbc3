from odoo import fields, models


class MailMailboxPart(models.Model):
    """An attachment or inline part of a message: described, not copied.

    Its bytes are read out of the message's source when somebody asks for them.
    """

    _name = "mail.mailbox.part"
    _inherit = "mail.mailbox.message.detail"
    _description = "E-mail Attachment"
    _order = "mailbox_message_id, id"
    _rec_name = "filename"

    path = fields.Char(required=True, readonly=True, help="Its place in the MIME tree.")
    filename = fields.Char(readonly=True)
    mimetype = fields.Char("Kind", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    cid = fields.Char("Content-ID", readonly=True)
    inline = fields.Boolean(readonly=True)
