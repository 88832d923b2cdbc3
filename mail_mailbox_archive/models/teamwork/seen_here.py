from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.arguments import checked


class MailMailboxArrival(models.Model):
    """Read here: what the users of a mailbox have looked at in Odoo.

    The server's own flag is never changed, nor is the number that counts it; here an
    email is unread until one of the mailbox's users opens it, or marks it so again.
    """

    _inherit = "mail.mailbox.arrival"

    seen_here = fields.Selection(
        [("read", "Read here"), ("unread", "Marked as unread")],
        readonly=True,
        copy=False,
    )
    unread = fields.Boolean(
        "Unread here", compute="_compute_unread", search="_search_unread"
    )

    @api.depends("seen", "seen_here", "direction")
    def _compute_unread(self):
        for arrival in self:
            marked = arrival.seen_here == "unread"
            unread = marked or not (arrival.seen_here or arrival.seen)
            arrival.unread = unread and arrival.direction == "incoming"

    @api.model
    def _search_unread(self, operator, value):
        if operator != "in":
            return NotImplemented
        if True in value and False in value:
            return Domain.TRUE
        unread = Domain.custom(to_sql=lambda model, alias, _q: is_unread(model, alias))
        return unread if True in value else ~unread

    @checked()
    def action_read_here(self):
        """Note that somebody of the mailbox has opened these emails.

        Who reads a mailbox without belonging to it, or for a time only, leaves them as
        they are.
        """
        self.check_access("read")
        self._filtered_own().filtered("unread")._write_seen_here("read")
        return True

    @checked()
    def action_unread_here(self):
        """Have these emails shown as unread again, to all users of the mailbox."""
        self._write_seen_here("unread")
        return True

    def _write_seen_here(self, value):
        self._check_working()
        # sudo: written by the system, for who was found to read them
        lines = self.sudo().filtered(lambda one: one.direction == "incoming")
        lines.seen_here = value
        lines.mailbox_id._notify_worked()


def is_unread(arrivals, alias):
    """Return in SQL whether the arrival in the table ``alias`` is unread here."""
    fields_ = arrivals._fields
    seen_here = SQL.identifier(alias, "seen_here", to_flush=fields_["seen_here"])
    return SQL(
        "(%s = 'incoming' AND %s IS DISTINCT FROM 'read'"
        " AND (%s IS NOT NULL OR %s IS NOT TRUE))",
        SQL.identifier(alias, "direction", to_flush=fields_["direction"]),
        seen_here,
        seen_here,
        SQL.identifier(alias, "seen", to_flush=fields_["seen"]),
    )
