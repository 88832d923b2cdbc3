from collections import defaultdict
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ...mailcore.errors import (
    FolderGone,
    LoginRefused,
    MailCoreError,
    UidValidityChanged,
)
from ...mailcore.imap.marking import Marker
from ...mailcore.imap.uids import to_ranges
from ...mailcore.retry import RetryPolicy
from ..mailbox.work import come_again, waiting_place

#: Five minutes, doubling to four hours.
POLICY = RetryPolicy(
    first=timedelta(minutes=5), factor=2, limit=timedelta(hours=4), auth_limit=10
)
#: How long it is tried, and messages that one line marks.
LAST_TRY = timedelta(days=2)
BATCH = 500


class MailMailboxSeenMark(models.Model):
    """An email that is still to be marked as read on its server.

    Written with what marks it here, so nothing is forgotten; marked after the commit by
    the worker that holds the claim, over a line that can do nothing else.
    """

    _name = "mail.mailbox.seen.mark"
    _inherit = "mail.mailbox.work"
    _description = "Email to Be Marked as Read on the Server"
    _of_the_system = True
    _written_by_system = True
    _rec_name = "mailbox_id"

    arrival_id = fields.Many2one(
        "mail.mailbox.arrival", required=True, ondelete="cascade"
    )
    mailbox_id = fields.Many2one(ondelete="cascade")
    due_at = fields.Datetime(required=True, default=lambda self: fields.Datetime.now())
    tries = fields.Integer()

    _arrival_uniq = models.UniqueIndex("(arrival_id)")
    _due_idx = models.Index("(due_at, mailbox_id)")

    @api.model
    def _note(self, arrivals):
        """Have ``arrivals`` marked soon, as far as their mailboxes have it so."""
        wanted = arrivals.filtered(
            lambda one: one.mailbox_id.mark_seen
            and one.mailbox_id.imap_enabled
            and one.folder_id
            and one.uid
            and not one.seen
        )
        if wanted:
            # two people may open one email at the same moment
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO mail_mailbox_seen_mark
                           (arrival_id, mailbox_id, due_at, tries,
                            create_uid, create_date, write_uid, write_date)
                    SELECT id, mailbox_id, %(now)s::timestamp, 0,
                           %(uid)s::int, %(now)s::timestamp,
                           %(uid)s::int, %(now)s::timestamp
                      FROM mail_mailbox_arrival WHERE id = ANY(%(arrivals)s)
                        ON CONFLICT DO NOTHING
                    """,
                    now=fields.Datetime.now(),
                    uid=self.env.uid,
                    arrivals=wanted.ids,
                )
            )
            self.invalidate_model()
            # sudo: any user may wake the action, which does what it always does
            self.env.ref("mail_mailbox_archive.ir_cron_mark_seen").sudo()._trigger()

    @api.model
    def _cron_mark(self):
        """Mark on the servers what was read here."""
        with waiting_place(self.env) as place:
            if place:
                self._mark_waiting()
            else:
                come_again(self.env)

    @api.model
    def _mark_waiting(self):
        due = self.search_count([("due_at", "<=", fields.Datetime.now())])
        self._go_through(due, BATCH, self._mark)

    @api.model
    def _mark(self, mailbox_id, ids, token):
        """Mark emails of one mailbox; no transaction is open meanwhile."""
        transact = self.env["mail.mailbox"]._transact
        done, error = set(), None
        try:
            opener, places = transact(
                lambda env: env[self._name].browse(ids)._read_places(mailbox_id)
            )
            if places:
                with opener() as marker:
                    done = _mark_places(marker, places)
        except MailCoreError as failure:
            error = failure

        def note(env):
            mine = env[self._name].browse(ids)._still_mine(token)
            mine._note_marked(done, error)

        transact(note)

    def _read_places(self, mailbox_id):
        """Return what opens the line, and by folder the UIDs and ids to be marked."""
        mailbox = self.env["mail.mailbox"].browse(mailbox_id)
        if not (mailbox.active and mailbox.imap_enabled and mailbox.mark_seen):
            return None, {}
        if mailbox.stopped or mailbox.refused_logins:
            # one login too many locks the account
            raise LoginRefused(mailbox.error_code or "password")
        places = defaultdict(dict)
        for row in self.exists():
            arrival = row.arrival_id
            if arrival.folder_id and arrival.uid and not arrival.seen:
                folder = arrival.folder_id
                places[folder.wire_name, folder.uid_validity][arrival.uid] = row.id
        return mailbox._session__(Marker), dict(places)

    def _note_marked(self, done, error):
        """Note those with the ids ``done`` as read; without an error all are over."""
        self.filtered(lambda row: row.id in done).arrival_id.seen = True
        now = fields.Datetime.now()
        for row in self:
            again = error and row.id not in done and row._get_next_try(error, now)
            if again:
                row.write({"due_at": again, "tries": row.tries + 1})
                row._let_go()
            else:
                row.unlink()

    def _get_next_try(self, error, now):
        if now > self.create_date + LAST_TRY:
            return None
        moment = now.replace(tzinfo=timezone.utc)
        again = POLICY.decide(self.tries + 1, error, moment)
        return again and again.replace(tzinfo=None)


def _mark_places(marker, places):
    """Mark what is at ``places``; return the ids of what is marked.

    A folder that is gone, renumbered or read-only is left: it harms no other one.
    """
    done = set()
    for (wire_name, uid_validity), ids_by_uid in places.items():
        try:
            marker.mark_seen(wire_name, uid_validity, to_ranges(ids_by_uid))
        except (FolderGone, UidValidityChanged):
            continue
        done.update(ids_by_uid.values())
    return done


class MailMailbox(models.Model):
    """Whether reading here marks as read there: nobody decides it for private mail."""

    _inherit = "mail.mailbox"

    mark_seen = fields.Boolean(
        "Mark as read on the server",
        tracking=True,
        help="When somebody opens an email here, the server and other mail programs "
        "show it as read, too. No email is moved or deleted there. If this is off, "
        "reading here leaves the server as it is.",
    )

    def _prepare_values(self, vals):
        vals = super()._prepare_values(vals)
        private = vals.get("private") and not (self and all(self.mapped("private")))
        if private and "mark_seen" not in vals:
            # it becomes private: what others decided before no longer holds
            vals = {**vals, "mark_seen": False}
        return vals

    def _after_create(self):
        super()._after_create()
        self.filtered("mark_seen")._check_marking()

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if vals.get("mark_seen"):
            self._check_marking()

    def _check_marking(self):
        """Refuse that somebody else has the mail of a private mailbox marked."""
        for mailbox in self:
            if mailbox.private and not mailbox._may_change_people():
                raise AccessError(
                    self.env._(
                        "Only its users can decide whether emails of the private "
                        "mailbox %s are marked as read on the server.",
                        mailbox.email,
                    )
                )


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    def _write_seen_here(self, value):
        result = super()._write_seen_here(value)
        # sudo: marked by the system, for who was found to read them
        lines = self.sudo().filtered(lambda one: one.direction == "incoming")
        marks = self.env["mail.mailbox.seen.mark"].sudo()
        if value == "read":
            marks._note(lines)
        else:
            # not marked yet: unread it stays there as well
            self.env.cr.execute(
                SQL(
                    "DELETE FROM mail_mailbox_seen_mark WHERE arrival_id = ANY(%s)"
                    " AND claimed_until IS NULL",
                    lines.ids,
                )
            )
            marks.invalidate_model()
        return result
