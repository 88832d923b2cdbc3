from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.arguments import checked, future, record_id, record_ids
from ..mailbox.reader import composed_once
from .archived_news import archived_mark
from .conversation import DONE, LATER, OPEN, WAITING
from .seen_here import is_unread

#: Lines that a screen asks about at once.
MAX_LINES = 1000
#: The state of a line whose sender is blocked, whatever that of its conversation.
BLOCKED = "blocked"
#: Of a line that nobody did anything with.
NOTHING = {
    "owner": False,
    "state": OPEN,
    "until": False,
    "due": False,
    "unread": False,
    "incoming": False,
    "archived": "",
    "notes": 0,
    "writing": (),
}


class MailMailboxArrival(models.Model):
    """What a line of the Queue shows of its conversation, and what people do with it.

    Whoever reads the mailbox does all of it; nothing here is told to anybody else.
    """

    _inherit = "mail.mailbox.arrival"

    team = fields.Json(
        compute="_compute_team",
        help="Who has the conversation, its state, and whether the email is unread.",
    )
    owner_id = fields.Many2one(
        "res.users", "Owner", compute="_compute_team", search="_search_owner_id"
    )

    work_state = fields.Selection(
        lambda self: [
            *self.env["mail.mailbox.conversation"]
            ._fields["state"]
            ._description_selection(self.env),
            (BLOCKED, self.env._("Blocked")),
        ],
        "State",
        compute="_compute_team",
        search="_search_work_state",
    )

    due_at = fields.Datetime(
        "Answer due", compute="_compute_team", search="_search_due_at"
    )

    @api.depends(
        "conversation_id.owner_id",
        "conversation_id.state",
        "conversation_id.until",
        "conversation_id.due_at",
        "blocked_id",
        "unread",
    )
    def _compute_team(self):
        ids = self._origin.ids
        # the access rule was asked of these records already
        query = self._search([("id", "in", ids)], bypass_access=True) if ids else None
        rows = self._read_team(query) if ids else {}
        for arrival in self:
            team = rows.get(arrival._origin.id) or dict(NOTHING)
            arrival.team = team
            arrival.owner_id = team["owner"] and team["owner"]["id"]
            arrival.work_state = team["state"]
            arrival.due_at = team["due"]

    @api.model
    def _read_team(self, query):
        """Return by id what is shown of the arrivals in ``query``, by one query.

        Who was deactivated has nothing any more, also before that is written down.
        """
        models_ = "mail.mailbox.conversation", "res.users", "res.partner"
        models_ += "mail.mailbox.note", "mail.mailbox.link", "mail.mailbox.message"
        for name in (self._name, *models_):
            self.env[name].flush_model()
        columns = self._get_team_columns(query)
        rows = self.env.execute_query(
            query.select(SQL.identifier(query.table, "id"), *columns.values())
        )
        return {
            row_id: _tell(**dict(zip(columns, values, strict=True)))
            for row_id, *values in rows
        }

    @api.model
    def _get_team_columns(self, query):
        """Return in SQL what :func:`_tell` is told of the arrivals in ``query``."""
        talk = query.left_join(
            query.table, "conversation_id", "mail_mailbox_conversation", "id", "talk"
        )
        user = query.left_join(talk, "owner_id", "res_users", "id", "owner")
        person = query.left_join(user, "partner_id", "res_partner", "id", "person")
        return {
            "owner": SQL(
                "CASE WHEN %s THEN %s END",
                SQL.identifier(user, "active"),
                SQL.identifier(user, "id"),
            ),
            "name": SQL.identifier(person, "name"),
            "state": SQL(
                "CASE WHEN %s IS NULL THEN %s ELSE %s END",
                SQL.identifier(query.table, "blocked_id"),
                SQL.identifier(talk, "state"),
                BLOCKED,
            ),
            "until": SQL.identifier(talk, "until"),
            "due": SQL.identifier(talk, "due_at"),
            "unread": is_unread(self, query.table),
            "incoming": SQL(
                "%s = 'incoming'", SQL.identifier(query.table, "direction")
            ),
            "archived": archived_mark(self, query.table),
            "notes": SQL(
                "(SELECT count(*) FROM mail_mailbox_note WHERE conversation_id = %s)",
                SQL.identifier(talk, "id"),
            ),
        }

    @api.model
    def _search_owner_id(self, operator, value):
        if operator in ("any", "any!"):
            people = self.env["res.users"]._search(value)
            return _in_conversations(SQL("owner_id IN %s", people.subselect()))
        if operator != "in":
            return NotImplemented
        ids = [one for one in value if one]
        domain = _in_conversations(SQL("owner_id = ANY(%s)", ids))
        if len(ids) < len(value):
            domain |= ~_in_conversations(SQL("owner_id IS NOT NULL"))
        return domain

    @api.model
    def _search_due_at(self, operator, value):
        if operator in ("<", "<=", ">", ">="):
            moment = fields.Datetime.to_datetime(value)
            return _in_conversations(SQL(f"due_at {operator} %s", moment))
        if operator == "in" and set(value) == {False}:
            return ~_in_conversations(SQL("due_at IS NOT NULL"))
        return NotImplemented

    @api.model
    def _search_work_state(self, operator, value):
        states = {OPEN, WAITING, LATER, DONE, BLOCKED}
        if operator == "not in":
            wanted = states - set(value)
        elif operator == "in":
            wanted = states & set(value)
        else:
            return NotImplemented
        blocked = Domain("blocked_id", "!=", False)
        away = _of_side(wanted & {LATER, DONE}, LATER, SQL("IS TRUE"))
        return Domain.OR(
            [
                _of_side(wanted & {OPEN, WAITING}, WAITING, SQL("IS NOT TRUE")),
                away | blocked if BLOCKED in wanted else away & ~blocked,
            ]
        )

    # What a screen asks and does

    @api.model
    @api.readonly
    @checked(ids=record_ids)
    def get_team(self, ids):
        """Return what changed on lines that are in sight, by one query.

        :param ids: of arrivals; of those that the user may not read nothing is said
        :return: list of dicts with ``id`` and ``team``
        """
        with composed_once(self.env):
            query = self._search([("id", "in", (ids or [])[:MAX_LINES])])
            rows = {} if query.is_empty() else self._read_team(query)
        return [{"id": row_id, "team": team} for row_id, team in rows.items()]

    @checked()
    def get_team_people(self):
        """Return whom these emails can be given to: dicts of ``id`` and ``name``."""
        people = self._get_team_people().sorted("name")
        return [{"id": person.id, "name": person.name} for person in people]

    @checked()
    def action_take(self):
        """Have the conversations of these emails, as far as nobody else has them.

        :return: dict of ``others``, the names of those who have some of them
        """
        self._check_working()
        conversations = self._begin_conversations()
        owned = conversations._filtered_owned()
        (conversations - owned)._change({"owner_id": self.env.uid})
        others = owned.owner_id - self.env.user
        return {"others": others.sorted("name").mapped("name")}

    @checked(user_id=record_id)
    def action_give(self, user_id):
        """Give the conversations of these emails to somebody, or to nobody.

        :raises UserError: that person may not read them
        """
        self._check_working()
        person = self.env["res.users"].browse(user_id or ())
        if person - self._get_team_people():
            raise UserError(
                self.env._(
                    "An email can be given only to somebody who may read its mailbox."
                )
            )
        self._begin_conversations()._change({"owner_id": person.id})
        return True

    @checked(also_ids=record_ids)
    def action_done(self, also_ids=None):
        """Mark the conversations of these emails as done.

        :param also_ids: other lines of the same emails, which are done as well where
            they are open, in the user's own mailboxes, and nobody else's
        :return: as of :meth:`_set_work_state`
        """
        also = self._get_also(also_ids, (OPEN, WAITING))
        return (self | also)._set_work_state(DONE)

    @checked(also_ids=record_ids)
    def action_open(self, also_ids=None):
        """Open the conversations of these emails again.

        :param also_ids: other lines of the same emails, which are opened as well where
            they are put away in the same way, in own mailboxes, and nobody else's
        """
        return (self | self._get_also(also_ids))._set_work_state(OPEN)

    @checked()
    def action_wait(self):
        """Have the conversations of these emails wait for an answer again.

        :return: as of :meth:`_set_work_state`
        """
        return self._set_work_state(WAITING)

    @checked(until=future, also_ids=record_ids)
    def action_later(self, until, also_ids=None):
        """Put off the conversations of these emails.

        :param until: when they are open again, automatically
        :param also_ids: as of :meth:`action_done`
        :return: as of :meth:`_set_work_state`
        """
        # sudo: the scheduled action is the system's
        cron = self.env.ref("mail_mailbox_archive.ir_cron_return").sudo()
        cron._trigger(until)
        also = self._get_also(also_ids, (OPEN, WAITING))
        return (self | also)._set_work_state(LATER, until)

    def _set_work_state(self, state, until=False):
        """Change the state of these conversations, as far as all of it was seen.

        :return: dict of ``changed`` and ``newer``, how many conversations are changed,
            and of how many something came after these lines that is unread: these are
            not put away; and ``former``, to undo it: of those that were not so before
            dicts of ``ids``, of these emails, ``state`` and ``until``
        """
        self._check_working()
        conversations = self._begin_conversations()
        seen = conversations
        if state != OPEN:
            seen = conversations._filtered_looked_at(self)
        # sudo: of which conversation they are, of who was found to read them
        lines = self.sudo().grouped("conversation_id")
        former = [
            {
                "ids": lines[one].ids,
                "state": one.state,
                "until": fields.Datetime.to_string(one.until) or False,
            }
            for one in seen
            if (one.state, one.until) != (state, until)
        ]
        seen._set_state(state, until)
        return {
            "changed": len(seen),
            "newer": len(conversations - seen),
            "former": former,
        }

    def _check_working(self):
        """Refuse who may not read these emails, or for a time only, to change anything.

        :raises AccessError: these, with the reason
        """
        self.check_access("read")
        # sudo: which mailboxes they are in, of who was found to read them
        self.sudo().mailbox_id._refuse_guest()

    def _get_team_people(self):
        """Return the users who may read the mailboxes of all these arrivals."""
        self.check_access("read")
        # sudo: who reads a mailbox is shown to who reads it as well
        readers = [mailbox._get_readers() for mailbox in self.sudo().mailbox_id]
        people = self.env["res.users"].union(*readers)
        return people.filtered(lambda one: all(one in group for group in readers))

    def _begin_conversations(self):
        """Return the conversations of these arrivals, for the system."""
        # sudo: written by the system, for who was found to read these arrivals
        return self.env["mail.mailbox.conversation"].sudo()._begin(self)


def _tell(owner, name, state, until, due, **rest):
    """Return what a screen is told of a line, by its columns."""
    return {
        "owner": owner and {"id": owner, "name": name},
        "state": state or OPEN,
        "until": fields.Datetime.to_string(until) or False,
        "due": fields.Datetime.to_string(due) or False,
        **rest,
    }


def _in_conversations(condition):
    """Return the domain of arrivals whose conversation meets ``condition``, in SQL."""

    def to_sql(arrivals, alias, _query):
        arrivals.env["mail.mailbox.conversation"].flush_model()
        return SQL(
            "%s IN (SELECT id FROM mail_mailbox_conversation WHERE %s)",
            SQL.identifier(
                alias, "conversation_id", to_flush=arrivals._fields["conversation_id"]
            ),
            condition,
        )

    return Domain.custom(to_sql=to_sql)


def _of_side(wanted, named, side):
    """Return the domain of the wanted ones of two states, of which few have the first.

    :param side: in SQL what an arrival's ``put_away`` is where its state is one of them
    """
    if not wanted:
        return Domain.FALSE
    here = Domain.custom(
        to_sql=lambda arrivals, alias, _query: SQL(
            "%s %s",
            SQL.identifier(alias, "put_away", to_flush=arrivals._fields["put_away"]),
            side,
        )
    )
    of_first = _in_conversations(SQL("state = %s", named))
    if wanted == {named}:
        # a blocked sender's is on the other side, whatever its conversation waits for
        return here & of_first
    return here if len(wanted) == 2 else here & ~of_first
