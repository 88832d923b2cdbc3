from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.reader import one_by_one
from ..mailbox.res_config_settings import read_number


class MailMailboxArrival(models.Model):
    """The Queue: what is open. It is a view; leaving it removes nothing."""

    _inherit = "mail.mailbox.arrival"

    in_queue = fields.Boolean(
        "In the Queue",
        compute="_compute_in_queue",
        search="_search_in_queue",
        help="Not archived, or archived and fetched within the days of the settings.",
    )

    _fetched_at_idx = models.Index("(fetched_at)")

    @api.depends_context("uid")
    @api.depends("fetched_at", "mailbox_message_id.archived")
    def _compute_in_queue(self):
        limit = self._get_queue_limit()
        for arrival in self:
            lately = arrival.fetched_at and arrival.fetched_at >= limit
            arrival.in_queue = lately or not arrival.mailbox_message_id.archived

    @api.model
    def _search_in_queue(self, operator, value):
        if operator != "in":
            return NotImplemented
        if True in value and False in value:
            return Domain.TRUE
        lately = Domain("fetched_at", ">=", self._get_queue_limit())
        listed = lately | Domain.custom(to_sql=_message_not_archived)
        return listed if True in value else ~listed

    @api.model
    def _get_queue_limit(self):
        """Return since when an archived message must have been fetched to be listed."""
        days = self.env["mail.mailbox"]._get_queue_days()
        return fields.Datetime.now() - timedelta(days=days)


def _message_not_archived(arrivals, alias, _query):
    """Return what says in SQL that the user finds no record with this message.

    A link to a record that one may not open counts as none: that there is one is
    nobody else's to see.
    """
    messages = arrivals.env["mail.mailbox.message"]
    # that the message is one the user may read is asked of the arrival
    query = messages._search(messages._get_open_domain(), bypass_access=True)
    query.add_where(
        SQL(
            "%s = %s",
            SQL.identifier(messages._table, "id"),
            SQL.identifier(alias, "mailbox_message_id"),
        )
    )
    return one_by_one(query)


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    @api.model
    def _get_queue_days(self):
        return read_number(self.env, "queue_days")
