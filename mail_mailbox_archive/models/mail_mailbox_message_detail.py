from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from .sql import one_by_one


class MailMailboxMessageDetail(models.AbstractModel):
    """Something that belongs to a message and is read by exactly who reads it."""

    _name = "mail.mailbox.message.detail"
    _inherit = "mail.mailbox.reader"
    _description = "Detail of an E-mail"

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message",
        "E-mail",
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
            query.add_where(
                SQL(
                    "%s = %s",
                    SQL.identifier(messages._table, "id"),
                    model._field_to_sql(alias, "mailbox_message_id"),
                )
            )
            return one_by_one(query)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        active_test=True,
        bypass_access=False,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & self._get_read_domain()
        return super()._search(
            domain,
            offset,
            limit,
            order,
            active_test=active_test,
            bypass_access=bypass_access,
        )

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if result or self.env.su or not any(self._ids):
            return result
        forbidden = self - self.browse(self._search([("id", "in", self.ids)]))
        if not forbidden:
            return None
        return forbidden, lambda: AccessError(
            self.env._("You may not read this message, or it does not exist.")
        )
