from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Said by the list of all mailboxes, which has each email once.
ONCE = "mailbox_once"


class MailMailboxArrival(models.Model):
    """An email that is in several mailboxes of one's own is one line of all mailboxes.

    Of those that the list would show, so what a filter leaves out hides nothing: the
    first one stands for the others. What is asked is the same list as the user, hence
    nothing that they may not read decides which line is shown.
    """

    _inherit = "mail.mailbox.arrival"

    in_mailboxes = fields.Json(
        "In mailboxes",
        compute="_compute_in_mailboxes",
        help="The mailboxes that have this email, of those that the user reads.",
    )

    @api.depends_context("uid")
    @api.depends("mailbox_message_id")
    def _compute_in_mailboxes(self):
        messages = self.mailbox_message_id
        here = [("mailbox_message_id", "in", messages.ids)]
        found = self.sudo(False).search(here, order="id").grouped("mailbox_message_id")
        for arrival in self:
            arrival.in_mailboxes = [
                {
                    "id": one.id,
                    "mailbox": one.mailbox_id.id,
                    "name": one.mailbox_id.display_name,
                    "color": one.mailbox_color,
                }
                for one in found.get(arrival.mailbox_message_id, ())
            ]

    @api.model
    @api.readonly
    def web_search_read(self, domain, *args, **kwargs):
        lines, domain = self._list_once(domain)
        return super(MailMailboxArrival, lines).web_search_read(domain, *args, **kwargs)

    @api.model
    @api.readonly
    def search_count(self, domain, limit=None):
        lines, domain = self._list_once(domain)
        return super(MailMailboxArrival, lines).search_count(domain, limit=limit)

    @api.model
    def _list_once(self, domain):
        """Return the model and ``domain`` for a list in which each email is once."""
        if not self.env.context.get(ONCE):
            return self, domain
        lines = self.with_context(**{ONCE: False})

        def is_first(_arrivals, alias, query):
            message = query.left_join(
                alias, "mailbox_message_id", "mail_mailbox_message", "id", "once"
            )
            listed = lines._search(domain)
            listed.add_where(
                SQL(
                    "%s = %s",
                    SQL.identifier(listed.table, "mailbox_message_id"),
                    SQL.identifier(message, "id"),
                )
            )
            listed.order = None
            # most emails have one line, of which nothing else is asked
            return SQL(
                "(NOT EXISTS (SELECT FROM mail_mailbox_arrival AS earlier"
                " WHERE earlier.mailbox_message_id = %s AND earlier.id < %s)"
                " OR %s = (%s))",
                SQL.identifier(message, "id"),
                SQL.identifier(alias, "id"),
                SQL.identifier(alias, "id"),
                listed.select(SQL("min(%s)", SQL.identifier(listed.table, "id"))),
            )

        return lines, Domain(domain) & Domain.custom(to_sql=is_first)
