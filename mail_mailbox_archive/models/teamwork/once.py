from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.arguments import checked, domain, number
from ..mailbox.reader import composed_once
from .conversation import OPEN, PUT_AWAY, WAITING

#: Said by the list of all mailboxes, which has each email once.
ONCE = "mailbox_once"
#: Mailboxes whose marks a line shows; of more it says how many.
MARKS = 6


class MailMailboxArrival(models.Model):
    """An email that is in several mailboxes of one's own is one line of all mailboxes.

    Of those that the list would show, so what a filter leaves out hides nothing: the
    first one in a mailbox of one's own stands for the others. What is asked is the same
    list as the user, hence nothing that they may not read decides which line is shown.

    What is done with that line is done with the others where they are one's own to deal
    with unseen: in mailboxes that one belongs to, and nobody else's. Who reads further
    mailboxes, as an administrator does, sees their marks and changes nothing there.
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
        found = self.sudo(False).search(here, order="id")
        own = found._filtered_own()
        together = own._filtered_together([OPEN, WAITING])
        by_message = found.grouped("mailbox_message_id")
        for arrival in self:
            lines = by_message.get(arrival.mailbox_message_id, found.browse())
            first = ((lines & own) | lines)[:MARKS]
            arrival.in_mailboxes = {
                "marks": [
                    {
                        "mailbox": one.mailbox_id.id,
                        "name": one.mailbox_id.display_name,
                        "color": one.mailbox_color,
                    }
                    for one in first
                ],
                "more": len(lines) - len(first),
                "also": ((lines & together) - arrival).ids,
            }

    def _filtered_own(self):
        """Return those in mailboxes that the user belongs to, not for a time only."""
        # sudo: which mailboxes they are in, of who reads them
        mailboxes = self.sudo().mailbox_id
        own = mailboxes._get_own([("id", "in", mailboxes.ids)])
        # sudo: as above
        return self.filtered(lambda one: one.sudo().mailbox_id in own)

    def _filtered_together(self, states):
        """Return those in one of ``states`` that are nobody else's, and not blocked."""
        # sudo: only which of these emails it is comes out
        conversations = self.sudo().conversation_id
        owned = conversations.filtered("owner_id.active")
        others = owned.filtered(lambda one: one.owner_id != self.env.user)
        apart = others | conversations.filtered(lambda one: one.state not in states)

        def is_together(line):
            talk = line.conversation_id
            # one without a conversation is open
            here = talk not in apart if talk else OPEN in states
            return here and not line.blocked_id

        # sudo: as above
        return self.sudo().filtered(is_together).sudo(self.env.su)

    def _get_also(self, also_ids, states=()):
        """Return the other lines of these emails with which the same is done.

        Those in mailboxes of one's own that are in one of ``states``, nobody else's and
        not blocked.

        :param also_ids: what the list of all mailboxes has as such, or None
        :param states: none: those that are put away in the same way as these
        """
        if not also_ids:
            return self.browse()
        self.check_access("read")
        domain = Domain("id", "in", also_ids) & Domain(
            "mailbox_message_id", "in", self.mailbox_message_id.ids
        )
        if not states:
            # sudo: how these are put away, which the user reads
            states = set(PUT_AWAY) & set(self.sudo().conversation_id.mapped("state"))
        also = (self.search(domain) - self)._filtered_own()
        return also._filtered_together(states)

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
    @api.readonly
    @checked(domain=domain, limit=number)
    def search_once(self, domain, limit=None):
        """Return the emails of a list in which each is once, for all of them chosen.

        :return: dict of ``ids``, and ``also``: other lines of the same emails, as
            ``in_mailboxes`` has them
        """
        with composed_once(self.env):
            lines, domain = self._list_once(domain)
            found = lines.search(domain, limit=limit)
            also = {one for line in found for one in line.in_mailboxes["also"]}
        return {"ids": found.ids, "also": sorted(also - set(found.ids))}

    @api.model
    def _list_once(self, domain):
        """Return the model and ``domain`` for a list in which each email is once."""
        if not self.env.context.get(ONCE):
            return self, domain
        lines = self.with_context(**{ONCE: False})
        mailboxes = self.env["mail.mailbox"]
        # all that others read is their own
        own = mailboxes._get_own() if mailboxes._is_manager() else mailboxes

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
            row_id = SQL.identifier(listed.table, "id")
            mailbox = SQL.identifier(listed.table, "mailbox_id")
            own_first = SQL("%s = ANY(%s) DESC, ", mailbox, own.ids) if own else SQL()
            listed.order = SQL("%s%s", own_first, row_id)
            listed.limit = 1
            # most emails have one line, of which nothing else is asked
            return SQL(
                "(NOT EXISTS (SELECT FROM mail_mailbox_arrival AS other"
                " WHERE other.mailbox_message_id = %s AND other.id <> %s)"
                " OR %s = (%s))",
                SQL.identifier(message, "id"),
                SQL.identifier(alias, "id"),
                SQL.identifier(alias, "id"),
                listed.select(row_id),
            )

        return lines, Domain(domain) & Domain.custom(to_sql=is_first)


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    @api.model
    def _get_own(self, domain=Domain.TRUE):
        """Return the mailboxes that the user belongs to, and not for a time only."""
        # sudo: whether one belongs to a mailbox, and the log of who has access to it
        mailboxes = self.sudo().with_context(active_test=False)
        accesses = self.env["mail.mailbox.break.glass"].sudo()
        here = [("user_id", "=", self.env.uid), ("ended_at", "=", False)]
        own = mailboxes.search(Domain(domain) & self._get_mine_domain())
        return own - accesses.search(here).mailbox_id
