from odoo import api, fields, models
from odoo.fields import Domain

from ..mailbox.reader import refers_to


class MailMailboxMessageDetail(models.AbstractModel):
    """Something that belongs to a message and is read by exactly who reads it."""

    _name = "mail.mailbox.message.detail"
    _inherit = "mail.mailbox.ruled"
    _description = "Detail of an Email"

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message",
        "Email",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )

    @api.model
    def _get_read_domain(self):
        """Return the domain of the rows that the user may read.

        A correlated ``EXISTS``, which costs what the rows asked about cost; an ``IN``
        would go through all messages there are.
        """
        messages = self.env["mail.mailbox.message"]
        if not messages.has_access("read"):
            return Domain.FALSE

        def to_sql(model, alias, _query):
            # the sub-search runs as the user
            query = messages._search(Domain.TRUE)
            message = model._field_to_sql(alias, "mailbox_message_id")
            return refers_to(query, messages, "id", message)

        return Domain.custom(to_sql=to_sql)
