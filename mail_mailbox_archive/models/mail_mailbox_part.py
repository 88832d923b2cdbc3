from odoo import fields, models
from odoo.fields import Domain


class MailMailboxPart(models.Model):
    """An attachment or inline part of a message: described, not copied.

    Its bytes are read out of the message's source when somebody asks for them.
    """

    _name = "mail.mailbox.part"
    _description = "E-mail Attachment"
    _order = "mailbox_message_id, id"
    _rec_name = "filename"

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", required=True, ondelete="cascade", index=True
    )
    path = fields.Char(required=True, readonly=True, help="Its place in the MIME tree.")
    filename = fields.Char(readonly=True)
    mimetype = fields.Char("Kind", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    cid = fields.Char("Content-ID", readonly=True)
    inline = fields.Boolean(readonly=True)

    def _search(self, domain, offset=0, limit=None, order=None, *, active_test=True, bypass_access=False):
        if not (self.env.su or bypass_access):
            # the sub-search runs as the user: a part is read by who reads its message
            domain = Domain(domain) & Domain("mailbox_message_id", "any", Domain.TRUE)
        return super()._search(
            domain, offset, limit, order, active_test=active_test, bypass_access=bypass_access
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if result or self.env.su or not any(self._ids):
            return result
        forbidden = self - self.browse(self._search([("id", "in", self.ids)]))
        if not forbidden:
            return None
        return forbidden, lambda: self.env["ir.rule"]._make_access_error(
            operation, forbidden
        )
