from odoo import fields, models
from odoo.tools import SQL

from .conversation import OPEN

TURNS, LEAST = "turns", "least"


class MailMailbox(models.Model):
    """To whom a mailbox gives new conversations: to nobody unless somebody says so."""

    _inherit = "mail.mailbox"

    hand_out = fields.Selection(
        [(TURNS, "By turns"), (LEAST, "To whoever has the fewest open")],
        "Hand out new emails",
        help="New conversations get an owner as they arrive: one of the mailbox's "
        "users who is not away.",
    )

    def _hand_out(self, talks):
        """Give conversations of nobody to those whose turn it is."""
        self.ensure_one()
        people = self._get_turns()
        if not people:
            return
        counts = dict.fromkeys(people, 0)
        if self.hand_out == LEAST:
            counts |= self._count_open(people)
        given = dict.fromkeys(people, talks.browse())
        for talk in talks.sorted("id"):
            # of those with as few the one who got none for longest
            person = (
                people[0] if self.hand_out == TURNS else min(people, key=counts.get)
            )
            people = [*(one for one in people if one != person), person]
            counts[person] += 1
            given[person] |= talk
        for person, mine in given.items():
            if mine:
                mine._change({"owner_id": person.id, "handed_to_id": person.id})

    def _get_turns(self):
        """Return the users who may get an email, whose turn is next first."""
        people = self._get_own_people() & self._get_readers()
        people = people._filtered_present().sorted("id")
        last = self.env["mail.mailbox.conversation"].search(
            [("mailbox_id", "=", self.id), ("handed_to_id", "!=", False)],
            order="id desc",
            limit=1,
        )
        number = last.handed_to_id.id
        return sorted(people, key=lambda one: (one.id <= number, one.id))

    def _count_open(self, people):
        talks = self.env["mail.mailbox.conversation"]
        talks.flush_model(["mailbox_id", "owner_id", "state"])
        rows = self.env.execute_query(
            SQL(
                "SELECT owner_id, count(*) FROM mail_mailbox_conversation"
                " WHERE mailbox_id = %s AND state = %s AND owner_id = ANY(%s)"
                " GROUP BY owner_id",
                self.id,
                OPEN,
                [one.id for one in people],
            )
        )
        return {people[0].browse(one): count for one, count in rows}


class ResUsers(models.Model):
    _inherit = "res.users"

    def _filtered_present(self):
        """Return those of these users who are not on leave now."""
        now = fields.Datetime.now()
        # sudo: whether somebody is away, and nothing else of it
        leaves = self.env["resource.calendar.leaves"].sudo()
        away = leaves.search(
            [
                ("resource_id.user_id", "in", self.ids),
                ("time_type", "=", "leave"),
                ("date_from", "<=", now),
                ("date_to", ">=", now),
            ]
        )
        return self - away.resource_id.user_id


class MailMailboxConversation(models.Model):
    _inherit = "mail.mailbox.conversation"

    handed_to_id = fields.Many2one(
        "res.users",
        "Handed out to",
        ondelete="set null",
        help="Whom the mailbox gave it to, whoever has it now.",
    )

    _handed_idx = models.Index("(mailbox_id, id) WHERE handed_to_id IS NOT NULL")


class MailMailboxArrival(models.Model):
    """A new email that belongs to no conversation of anybody is handed out."""

    _inherit = "mail.mailbox.arrival"

    def _after_join(self, joined):
        super()._after_join(joined)
        # sudo: how a mailbox is set up, whoever stores
        new = self.sudo().filtered(
            lambda one: one.live
            and one.direction == "incoming"
            and not one.blocked_id
            and one not in joined
            and one.mailbox_id.hand_out
        )
        if not new:
            return
        talks = new._begin_conversations()
        talks = talks.filtered(lambda one: one.state == OPEN and not one.owner_id)
        for mailbox, mine in talks.grouped("mailbox_id").items():
            mailbox._hand_out(mine)
