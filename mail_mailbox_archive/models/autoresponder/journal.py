import logging
from datetime import timedelta

from odoo import api, fields, models

from ...mailcore.autoreply.autoreply import MAX_AGE, Answer, Reason
from ..mailbox.work import come_again, waiting_place
from .sentences import REASONS

_logger = logging.getLogger(__name__)

KEPT = timedelta(days=90)
#: An answer that was being sent for this long was interrupted.
INTERRUPTED = timedelta(hours=1)
BATCH = 1000
#: Decisions are made one after the other, so that each knows of those before.
LOCK = (0x6D6D61, 1)


class MailMailboxAutoresponderJournal(models.Model):
    """An email to a mailbox that replies automatically, and what happened to it.

    The row is written with the arrival, so nothing is forgotten; the answer is given
    later, by a worker of its own. It is marked as being sent, and committed, before it
    is: a crash costs an answer and never doubles one.
    """

    _name = "mail.mailbox.autoresponder.journal"
    _inherit = "mail.mailbox.content"
    _description = "Automatic Reply"
    _order = "id desc"
    _rec_name = "subject"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="mailbox_id.company_id")
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message",
        "Email",
        ondelete="set null",
        readonly=True,
        index="btree_not_null",
    )
    subject = fields.Char(readonly=True)
    email_from = fields.Char("From", readonly=True)
    received = fields.Datetime(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("sending", "Being sent"),
            ("answered", "Replied"),
            ("withheld", "No reply"),
            ("failed", "Failed"),
        ],
        "Result",
        required=True,
        default="waiting",
        readonly=True,
    )
    reason = fields.Selection(
        selection=lambda self: [(r.value, self.env._(REASONS[r])) for r in Reason],
        readonly=True,
    )
    detail = fields.Char(readonly=True, help="What in the email indicates it.")
    recipient = fields.Char("Replied to", readonly=True)
    correspondent = fields.Char(readonly=True)
    author = fields.Char(
        readonly=True, help="The From address, in the form used to compare addresses."
    )
    answered_at = fields.Datetime("Replied", readonly=True)
    tries = fields.Integer(readonly=True)
    try_at = fields.Datetime(readonly=True, default=lambda self: fields.Datetime.now())

    _message_uniq = models.UniqueIndex(
        "(mailbox_id, mailbox_message_id)",
        "A mailbox sends only one automatic reply to a message.",
    )
    _waiting_idx = models.Index("(try_at, id) WHERE state = 'waiting'")
    _sending_idx = models.Index("(answered_at) WHERE state = 'sending'")
    _history_idx = models.Index(
        "(mailbox_id, correspondent, answered_at) WHERE answered_at IS NOT NULL"
    )
    _author_idx = models.Index("(mailbox_id, author) WHERE author IS NOT NULL")
    _recent_idx = models.Index(
        "(mailbox_id, answered_at) WHERE answered_at IS NOT NULL"
    )

    @api.depends("subject")
    def _compute_display_name(self):
        for entry in self:
            entry.display_name = entry.subject or self.env._("(no subject)")

    @api.model
    def _note_arrivals(self, arrivals):
        """Put new arrivals of mailboxes that answer on the list.

        What was on the server before, or is old, is left out: it would fill the journal
        and is never answered.
        """
        answering = arrivals.mailbox_id.filtered("autoresponder_enabled")
        if not answering or answering._are_autoresponders_off():
            return
        oldest = fields.Datetime.now() - MAX_AGE
        values = [
            {
                "mailbox_id": arrival.mailbox_id.id,
                "mailbox_message_id": arrival.mailbox_message_id.id,
                "subject": arrival.mailbox_message_id.subject,
                "email_from": arrival.mailbox_message_id.email_from,
                "received": arrival.internal_date,
            }
            for arrival in arrivals
            if arrival.mailbox_id in answering
            and arrival.live
            and arrival.direction == "incoming"
            and arrival.internal_date >= oldest
        ]
        if values:
            # sudo: the system's own notes; starting a scheduled action takes no right
            self.sudo().create(values)
            self.env.ref("mail_mailbox_archive.ir_cron_answer").sudo()._trigger()

    # Answering

    @api.model
    def _get_waiting_domain(self):
        return [("state", "=", "waiting"), ("try_at", "<=", fields.Datetime.now())]

    @api.model
    def _cron_answer(self):
        """Send the replies that wait, if this worker may wait for servers."""
        with waiting_place(self.env) as place:
            if place:
                self._answer_waiting()
            else:
                come_again(self.env)

    @api.model
    def _answer_waiting(self):
        cron = self.env["ir.cron"]
        self._note_interrupted()
        waiting = self._get_waiting_domain()
        seconds = cron._commit_progress(remaining=self.search_count(waiting))
        while seconds:
            entry = self.search(waiting, order="try_at, id", limit=1)
            if not entry:
                break
            entry._answer()
            seconds = cron._commit_progress(1)
            # a new transaction began, in which other workers' answers are seen
            self.env.invalidate_all()

    def _answer(self):
        """Decide about one message and, where it gets one, send the answer."""
        entry_id, transact = self.id, self.env["mail.mailbox"]._transact

        def entry(env):
            return env[self._name].browse(entry_id)

        with self.env.registry.cursor() as guard:
            guard.execute("SELECT pg_advisory_xact_lock(%s, %s)", LOCK)
            # begun after the lock was got: it sees what others decided before
            answer = transact(lambda env: entry(env)._decide())
        if answer is None:
            return
        with self.env.registry.cursor() as cr:
            # not tried again as a transaction is: the answer would be sent twice
            values = entry(self.with_user(api.SUPERUSER_ID).env(cr=cr))._send(answer)
        transact(lambda env: entry(env).write(values))

    def _decide(self):
        """Claim the answer to this message; return it, None when there is none."""
        if self.state != "waiting" or not self.exists():
            return None
        now = fields.Datetime.now()
        decision = self.mailbox_id._decide_answer(
            self.mailbox_message_id, self.received
        )
        if isinstance(decision, Answer):
            self.write(
                {
                    "state": "sending",
                    "reason": False,
                    "recipient": decision.recipient,
                    "correspondent": decision.correspondent,
                    "author": decision.author,
                    "answered_at": now,
                }
            )
            return decision
        self.write(
            {
                "state": "withheld",
                "reason": decision.reason.value,
                "detail": decision.detail,
                "correspondent": decision.correspondent,
                "author": decision.author,
            }
        )
        if decision.reason is Reason.CAP:
            self.mailbox_id._pause_autoresponder()
        return None

    @api.model
    def _note_interrupted(self):
        limit = fields.Datetime.now() - INTERRUPTED
        self.search([("state", "=", "sending"), ("answered_at", "<", limit)]).write(
            {
                "state": "failed",
                "detail": self.env._(
                    "Interrupted; it is not known whether it was sent."
                ),
            }
        )

    @api.autovacuum
    def _gc_journal(self):
        """Delete rows older than 90 days.

        :return: how many were removed and whether more are left
        """
        limit = fields.Datetime.now() - KEPT
        old = self.search([("create_date", "<", limit)], order="id", limit=BATCH)
        old.unlink()
        return len(old), len(old) == BATCH


class MailMailboxArrival(models.Model):
    """New emails are listed for an automatic reply as they are stored."""

    _inherit = "mail.mailbox.arrival"

    def _after_create(self):
        if live := self.filtered("live"):
            self.env["mail.mailbox.autoresponder.journal"]._note_arrivals(live)
        super()._after_create()

    def action_would_answer(self):
        """Show whether this message would get an automatic reply if it came now."""
        self.ensure_one()
        self.check_access("read")
        mailbox = self.mailbox_id
        answered, sentence = mailbox._explain_answer(self.mailbox_message_id)
        return mailbox._get_notification("success" if answered else "info", sentence)
