import dataclasses
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.imap import sync
from ..mailbox.work import owner, release_dead
from .ahead import Ahead

#: Seconds that a claim lasts unless a stored batch renews it.
LEASE = 900


class MailMailbox(models.Model):
    """Claims: which mailboxes are due, and which worker checks them meanwhile."""

    _inherit = "mail.mailbox"

    lease_until = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)

    lease_token = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)

    lease_owner = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model
    def _get_due_domain(self):
        now = fields.Datetime.now()
        return [
            ("imap_enabled", "=", True),
            ("stopped", "=", False),
            "|",
            ("next_poll_at", "=", False),
            ("next_poll_at", "<=", now),
            "|",
            ("lease_until", "=", False),
            ("lease_until", "<", now),
        ]

    @api.model
    def _release_dead_claims(self):
        """Free the mailboxes claimed by polls of this machine that have died."""
        release_dead(self.env.cr, self._table, "lease_until", "lease_owner")

    @api.model
    def _claim(self, start, end, only=None, limit=1, worker=""):
        """Claim the mailboxes that wait longest; return their :class:`Poll` s.

        :param worker: who claims them, see :func:`~..mailbox.work.owner`
        """
        now = fields.Datetime.now()
        # materialised: a sub-select that is run once for each row claims more than its
        # LIMIT, since those claimed before are not waiting any more
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS MATERIALIZED (
                    SELECT id FROM mail_mailbox
                     WHERE active AND imap_enabled AND NOT stopped
                       AND (next_poll_at IS NULL OR next_poll_at <= %s)
                       AND (lease_until IS NULL OR lease_until < %s)
                       AND (%s OR id = ANY(%s))
                     ORDER BY next_poll_at NULLS FIRST
                     LIMIT %s FOR NO KEY UPDATE SKIP LOCKED)
                UPDATE mail_mailbox AS mailbox
                   SET lease_until = %s, lease_owner = %s,
                       lease_token = (random() * 2147483647)::int
                  FROM waiting
                 WHERE mailbox.id = waiting.id
             RETURNING mailbox.id, lease_token, check_requested_by
                """,
                start,
                now,
                only is None,
                list(only or []),
                limit,
                now + timedelta(seconds=LEASE),
                worker or owner(),
            )
        )
        polls = [Poll(*row, only is None) for row in self.env.cr.fetchall()]
        mailboxes = self.browse(poll.mailbox_id for poll in polls)
        self.env["mail.mailbox.quarantine"]._ask_again(mailboxes.ids)
        known = mailboxes._get_known()
        for poll, mailbox in zip(polls, mailboxes, strict=True):
            poll.events = mailbox._start_conversation(poll, known[mailbox.id], end)
        return polls

    def _renew_claim(self, token, following=None):
        """Extend the claim.

        :param following: the token from the end of this transaction on, another one
        :raises Fenced: it is no longer ours
        """
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox SET lease_until = %s, lease_token = %s"
                " WHERE id = %s AND lease_token = %s AND active AND imap_enabled"
                " RETURNING id",
                fields.Datetime.now() + timedelta(seconds=LEASE),
                token if following is None else following,
                self.id,
                token,
            )
        )
        if not self.env.cr.fetchone():
            raise Fenced

    def _revoke_claim(self):
        """Take the mailboxes from whoever checks them now: their settings changed."""
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox SET lease_until = NULL,"
                " lease_token = (random() * 2147483647)::int WHERE id = ANY(%s)",
                self.ids,
            )
        )
        self.invalidate_recordset(["lease_until", "lease_token"], flush=False)


class Fenced(Exception):
    """Another worker holds the mailbox now, or it was deactivated: store nothing."""


@dataclass
class Poll:
    """A claimed mailbox and the conversation with its server."""

    mailbox_id: int
    token: int
    asked_by: int | None
    by_schedule: bool
    events: object = None
    #: reads them; what it runs as
    ahead: object = None
    reading: object = None
    session: object = None
    given_up: bool = False
    concluded: bool = False
    arrived: int = 0
    #: messages that came, whatever became of them
    fetched: int = 0
    #: folders that could not be read
    failures: set = dataclasses.field(default_factory=set)
    #: not all folders were asked for their status
    partial: bool = False
    changed: bool = False

    def read_on(self, pool, told):
        """Begin the conversation, in a thread of ``pool``.

        :param told: an event that is set whenever there is something to take
        """
        self.ahead = Ahead(self.events, told)
        self.reading = pool.submit(self.ahead.run)

    def stop(self, patiently=True):
        """End a conversation of which nobody wants to know more.

        :param patiently: wait until it has ended
        """
        # also for a server that accepts the login only now
        self.given_up = True
        self.ahead.stop()
        if self.session:
            self.session.abort()
        if patiently:
            wait([self.reading])

    def note(self, event):
        """Note what the result of the check depends on."""
        if isinstance(event, sync.MessagesFetched):
            self.fetched += len(event.messages)
        elif isinstance(event, sync.FolderFailed):
            self.failures.add(event.wire_name)
        self.partial |= isinstance(event, sync.TurnTaken)
        quiet = sync.FoldersListed | sync.FolderFailed | sync.TurnTaken
        self.changed |= not isinstance(event, quiet)
