from datetime import datetime, timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.autoreply import schedule
from ...mailcore.autoreply.autoreply import read
from ...mailcore.autoreply.autoreply_signs import Reason, by_kind
from ...mailcore.errors import Unreadable
from ..mailbox.fields import aware_utc, naive_utc
from .conversation import DONE, OPEN, WAITING

#: How far ahead working hours are looked at, one after the other until it is enough.
HORIZONS = [timedelta(days=days) for days in (14, 56, 224, 800)]
#: Working hours within which somebody may want an answer: a few minutes, as the
#: scheduled action runs, to a year of them.
SHORTEST = 0.05
LONGEST = 2000


class MailMailbox(models.Model):
    """Within how many working hours a mailbox answers: off unless somebody says so."""

    _inherit = "mail.mailbox"

    answer_within = fields.Float(
        "Answer within (working hours)",
        help="An email from a person that is not answered within these hours moves to "
        "the top of the Queue. Its owner is notified, then the responsible person. 0 "
        "turns this off.",
    )
    answer_calendar_id = fields.Many2one(
        "resource.calendar",
        "Hours that count",
        check_company=True,
        help="Working hours, in their own time zone. Leave empty for the company's.",
    )

    _answer_within = models.Constraint(
        f"CHECK(answer_within = 0 OR answer_within BETWEEN {SHORTEST} AND {LONGEST})",
        "An answer is due within 0.05 to 2000 working hours; 0 turns this off.",
    )

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if "answer_within" in vals and not vals["answer_within"]:
            # sudo: kept by the system, for whoever may change the mailbox
            talks = self.env["mail.mailbox.conversation"].sudo()
            talks.search(
                [("mailbox_id", "in", self.ids), ("due_at", "!=", False)]
            )._expect_nothing()

    def _get_due(self, moments):
        """Return by moment when an answer to what came then is due; of some never.

        By one look at the working hours, however many moments.
        """
        self.ensure_one()
        span = timedelta(hours=self.answer_within)
        # sudo: working hours and holidays, of which only the times are used
        calendar = (
            self.answer_calendar_id or self.company_id.resource_calendar_id
        ).sudo()
        if not calendar:
            return {moment: moment + span for moment in moments}
        found, missing = {}, {*moments}
        for ahead in HORIZONS:
            if not missing:
                break
            first, last = aware_utc(min(missing)), aware_utc(max(missing)) + ahead
            hours = calendar._work_intervals_batch(first, last)[False]
            working = [
                (one.astimezone(timezone.utc), other.astimezone(timezone.utc))
                for one, other, _records in hours
            ]
            for moment in missing:
                if due := schedule.after(working, aware_utc(moment), span):
                    found[moment] = naive_utc(due)
            missing -= found.keys()
        return found


class MailMailboxConversation(models.Model):
    """When an answer is due: from what somebody wrote until we answer, or are done."""

    _inherit = "mail.mailbox.conversation"

    due_at = fields.Datetime("Answer due")
    notice_at = fields.Datetime(help="When somebody is notified next.")
    owner_told = fields.Boolean(help="Its owner was notified that it is overdue.")

    _due_idx = models.Index("(due_at) WHERE due_at IS NOT NULL")
    _notice_idx = models.Index("(notice_at) WHERE notice_at IS NOT NULL")

    def _expect_answer(self, arrivals):
        """Note when an answer to these new emails is due, where none is awaited yet."""
        awaiting = self.filtered(lambda one: one.state == OPEN and not one.due_at)
        by_talk = arrivals.grouped("conversation_id")
        asked = {
            talk: min(min(_get_moment(one), one.fetched_at) for one in by_talk[talk])
            for talk in awaiting
        }
        for mailbox, talks in awaiting.grouped("mailbox_id").items():
            due = mailbox._get_due({asked[talk] for talk in talks})
            for talk in talks:
                moment = due.get(asked[talk], False)
                talk.write({"due_at": moment, "notice_at": moment, "owner_told": False})

    def _expect_nothing(self):
        """Forget when an answer was due, and that it was late."""
        self.write({"due_at": False, "notice_at": False, "owner_told": False})
        self._take_from_top()

    def _expect_nothing_of_blocked(self):
        """Forget it where all that came is of blocked senders."""
        self.env["mail.mailbox.arrival"].flush_model(
            ["conversation_id", "direction", "blocked_id"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT conversation.id
                  FROM mail_mailbox_conversation AS conversation
                 WHERE conversation.id = ANY(%s)
                   AND NOT EXISTS (
                       SELECT FROM mail_mailbox_arrival AS came
                        WHERE came.conversation_id = conversation.id
                          AND came.direction = 'incoming'
                          AND came.blocked_id IS NULL)
                """,
                self.ids,
            )
        )
        self.browse(row[0] for row in rows)._expect_nothing()

    def _set_state(self, state, until=False):
        result = super()._set_state(state, until)
        self._settle(state)
        if state == OPEN:
            self._expect_again()
        return result

    def _expect_again(self):
        """Note when an answer is due where it was put away by mistake.

        To the first email of a person since our last one, as when it came.
        """
        arrivals = self.env["mail.mailbox.arrival"]
        opened = self.filtered(
            lambda one: one.state == OPEN and one.mailbox_id.answer_within
        )
        here = Domain("conversation_id", "in", opened.ids)
        ours = arrivals.search(
            here
            & Domain("direction", "=", "outgoing")
            & Domain("automatic", "=", False)
        )
        answered = {
            talk: max(answers.mapped(_get_moment))
            for talk, answers in ours._filtered_ours()
            .grouped("conversation_id")
            .items()
        }
        asking = arrivals.search(
            here & Domain("asks", "=", True) & Domain("blocked_id", "=", False)
        )
        asking = asking.filtered(
            lambda one: _get_moment(one)
            > answered.get(one.conversation_id, datetime.min)
        )
        talks = asking.conversation_id
        talks._expect_answer(asking)
        now = fields.Datetime.now()
        talks.filtered(lambda one: one.due_at and one.due_at <= now)._put_on_top()

    def _reopen(self, state=OPEN):
        result = super()._reopen(state)
        self._settle(state)
        return result

    def _settle(self, state):
        if state in (WAITING, DONE):
            self._expect_nothing()
        elif state != OPEN:
            self._take_from_top()

    def _take_from_top(self):
        if not self:
            return
        arrivals = self.env["mail.mailbox.arrival"]
        arrivals.flush_model(["conversation_id", "on_top"])
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_arrival SET on_top = NULL"
                " WHERE conversation_id = ANY(%s) AND on_top IS NOT NULL",
                self.ids,
            )
        )
        arrivals.invalidate_model(["on_top"])

    def _put_on_top(self, moment=None):
        """List the newest email of each above all that came in its turn.

        :param moment: since when; by default since each was due. Of several the one
            that waits longest is first.
        """
        came = self.arrival_ids.filtered(
            lambda one: one.direction == "incoming" and not one.blocked_id
        )
        for talk, lines in came.grouped("conversation_id").items():
            last = lines.sorted("id")[-1:]
            last.on_top = last.on_top or moment or talk.due_at
        self.mailbox_id._notify_changed()

    def _come_back(self):
        result = super()._come_back()
        self._put_on_top(fields.Datetime.now())
        return result


class MailMailboxArrival(models.Model):
    """Emails of people to a mailbox that answers in time, and which are on top."""

    _inherit = "mail.mailbox.arrival"

    asks = fields.Boolean(
        "Awaits an answer", readonly=True, help="A person wrote it, not a machine."
    )
    on_top = fields.Datetime(
        "On top since",
        readonly=True,
        copy=False,
        help="It came back, or its answer is overdue.",
    )

    # in the place of those without: what is on top comes first, then all others
    _to_do_idx = models.Index(
        "(on_top, internal_date DESC, id DESC) WHERE put_away IS NOT TRUE"
    )
    _to_do_mailbox_idx = models.Index(
        "(mailbox_id, on_top, internal_date DESC, id DESC) WHERE put_away IS NOT TRUE"
    )

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        # the filters of what is to be done say so: no index has it for all emails
        if order == self._order and self.env.context.get("mailbox_on_top"):
            order = f"on_top, {order}"
        return super()._search(domain, offset, limit, order, **options)

    @api.model
    def _prepare_values(self, mailbox, folder, fetched, message, live):
        values = super()._prepare_values(mailbox, folder, fetched, message, live)
        if live and mailbox.answer_within and values["direction"] == "incoming":
            values["asks"] = _is_of_a_person(fetched.source)
        return values

    def _after_join(self, joined):
        asking = self.filtered(lambda one: one.asks and not one.blocked_id)
        if new := asking.filtered(lambda one: one not in joined):
            new._begin_conversations()
        result = super()._after_join(joined)
        # sudo: kept by the system, whoever stores
        asking = asking.sudo()
        asking.conversation_id._expect_answer(asking)
        return result


def _get_moment(arrival):
    return arrival.internal_date or arrival.fetched_at


def _is_of_a_person(source):
    """Return whether a message is one that its sender awaits an answer to."""
    try:
        withheld = by_kind(read(source))
    except Unreadable:
        return False
    # that no automatic reply is wanted is said of people's emails as well
    return not withheld or withheld.reason is Reason.SUPPRESSED
