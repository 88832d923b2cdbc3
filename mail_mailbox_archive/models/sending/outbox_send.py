import logging
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.errors import SendDeferred, Unreachable
from ...mailcore.send.providers.base import RecipientResult, SendResult
from .dispatch import MAX_TRIES, Entry
from .outbox import HERE
from .outbox_run import RUN_TIME, Run, Stopped
from .sent import LAST_TRY, POLICY
from .signature import sign_html, to_text

_logger = logging.getLogger(__name__)

#: What is due for this long and in nobody's hands makes fetching stop for it.
IMPATIENT = timedelta(seconds=1)
#: How long a mail waits that could not be taken up.
PUT_OFF = timedelta(seconds=2)
#: What nobody has decided about yet.
OPEN = ("scheduled", "waiting", "sending")
#: A message or report inside of a mail goes as it is, byte for byte, like any file.
_AS_FILE = ("message/", "multipart/")


class MailMailboxOutbox(models.Model):
    """Sending, step by step; ``Run`` calls each in a transaction of its own."""

    _inherit = "mail.mailbox.outbox"

    @api.model
    def _cron_send(self):
        """Send what is due."""
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self._count_due())
        done = self._work_off()
        cron._commit_progress(done, remaining=self._count_due())

    @api.model
    def _work_off(self, seconds=RUN_TIME):
        """Send what is due, for about ``seconds``; return how many were dealt with."""
        return Run(self.env, seconds).go()

    @api.model
    def _count_due(self):
        query = SQL("SELECT count(*) FROM mail_mailbox_outbox WHERE %s", self._is_due())
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_next_due(self):
        """Return when the next mail is due that is nobody's yet, None for none."""
        query = SQL(
            "SELECT min(due_at) FROM mail_mailbox_outbox WHERE %s"
            " AND (claimed_until IS NULL OR claimed_until < %s)",
            self._waits,
            fields.Datetime.now(),
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _is_kept_waiting(self):
        """Return whether a mail is due that no worker cares for."""
        now = fields.Datetime.now()
        query = SQL(
            "SELECT EXISTS (SELECT FROM mail_mailbox_outbox WHERE %s AND due_at < %s"
            " AND mailbox_id NOT IN (SELECT mailbox_id FROM mail_mailbox_outbox"
            " WHERE state IN ('scheduled', 'waiting', 'sending')"
            " AND claimed_until > %s))",
            self._is_due(),
            now - IMPATIENT,
            now,
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _make_way(self):
        """Have the running scheduled action run again later, if mail waits for it.

        :return: whether it is to end now
        """
        number = self.env.context.get("cron_id")
        if not number or not self._is_kept_waiting():
            return False
        self.env["ir.cron"].browse(number)._trigger()
        return True

    # What a worker that died left behind

    @api.model
    def _recover(self):
        """Take up what workers left behind that are no more.

        :return: (id, step) of the mails about which something is to be noted
        """
        self._release_dead()
        nobodys = SQL(
            "(claimed_until IS NULL OR claimed_until < %s)", fields.Datetime.now()
        )
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_outbox SET state = 'waiting', claimed_until = NULL"
                " WHERE state = 'sending' AND intended_at IS NULL AND %s",
                nobodys,
            )
        )
        left = {
            "_hold_lost": SQL("state = 'sending' AND %s", nobodys),
            "_hold_copied": SQL("state IN %s AND written_in <> %s", OPEN, HERE),
            "_keep_sent": SQL(
                "results IS NOT NULL AND kept IS NOT TRUE AND state IN ('sent',"
                " 'partly', 'waiting', 'failed') AND coalesce(keep_tries, 0) < %s"
                " AND %s",
                MAX_TRIES,
                nobodys,
            ),
        }
        return [
            (row.id, step)
            for step, condition in left.items()
            for row in self._lock_those(condition)
        ]

    def _hold_lost(self):
        """Ask about a mail whose worker died while it handed the mail over."""
        self._lock()
        if self.state == "sending":
            mailbox = self._in_writers_words().mailbox_id
            self._note_uncertain(mailbox._get_uncertain_sentence())

    def _hold_copied(self):
        """Ask about a mail that waited when this database was copied from another."""
        self._lock()
        if self.state in OPEN:
            row = self._in_writers_words()
            row._note_uncertain(
                row.env._(
                    "This database was copied or moved while the mail waited. The "
                    "other one may have sent it, so it is not sent from here by itself."
                )
            )

    @api.model
    def _lock_those(self, condition):
        self.invalidate_model()
        query = SQL(
            "SELECT id FROM mail_mailbox_outbox WHERE %s ORDER BY id LIMIT 50"
            " FOR NO KEY UPDATE SKIP LOCKED",
            condition,
        )
        return self.browse(row_id for (row_id,) in self.env.execute_query(query))

    # The steps

    def _begin(self, token, session):
        """Take this mail up; return it for the wire, None when it is not to be sent.

        :param session: :class:`MailboxSession` to get ready
        :raises MailCoreError: it cannot be sent, or not now
        :raises UserError: it may not leave
        """
        if not self._still_mine(token) or self.state not in ("scheduled", "waiting"):
            return None
        now = fields.Datetime.now()
        self.write(
            {
                "state": "sending",
                "intended_at": False,
                "tried_since": self.tried_since or now,
                "claimed_until": now + self._lease,
            }
        )
        with self.env.cr.savepoint():
            self.mailbox_id._check_may_send(self.user_id)
            self.mailbox_id._check_rate()
            session.open()
            outgoing, _bcc = self._write_out(self._get_next())
        return outgoing

    def _intend(self, token):
        """Note that the first byte is about to leave.

        :raises Stopped: it must not
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_outbox SET intended_at = %s, claimed_until = %s"
                " WHERE id = %s AND claim_token = %s AND state = 'sending'"
                " RETURNING id",
                now,
                now + self._lease,
                self.id,
                token,
            )
        )
        if not self.env.cr.fetchone():
            raise Stopped

    def _note_result(self, token, result):
        """Note what was said about each recipient."""
        self._lock()
        if not (self.state == "sending" and self.claim_token == token):
            if not self.uncertain:
                return
        known = {address.normalise(one["address"]): one for one in self.results or []}
        for one in result.recipients:
            known[address.normalise(one.address)] = {
                "address": one.address,
                "status": one.status,
                "reason": one.reason,
                "provider_id": one.provider_id,
            }
        name = result.provider_message_id or self.provider_message_id
        self.write(
            {
                "results": list(known.values()),
                "provider_message_id": name,
                "uncertain": False,
            }
        )
        waiting = [one for one in known.values() if one["status"] == "deferred"]
        refused = [one for one in known.values() if one["status"] == "refused"]
        reason = "\n".join(
            f"{one['address']}: {one['reason']}" for one in waiting + refused
        )
        again = waiting and self._get_next_try(
            SendDeferred(retry_after=result.retry_after)
        )
        if again:
            self._wait_until(again, reason)
        else:
            self._conclude(reason)

    def _note_error(self, token, error):
        """Note why nobody got it this time."""
        if not self._still_mine(token) or self.state != "sending":
            return
        reason = self._in_writers_words().mailbox_id._explain_sending(error)
        if error.code == "uncertain":
            self._note_uncertain(reason)
            return
        heals = isinstance(error, (SendDeferred, Unreachable))
        if heals and (again := self._get_next_try(error)):
            self._wait_until(again, reason)
        else:
            self._conclude(reason)

    def _note_refusal(self, token, reason):
        """Note that it may not leave, or that something is broken here."""
        if self._still_mine(token):
            self._conclude(reason)

    def _note_broken(self, token, reason):
        """Note a fault of ours on the way."""
        if not self._still_mine(token):
            return
        if self.intended_at:
            self._note_uncertain(reason)
        else:
            self._conclude(reason)

    def _note_stopped(self, token):
        """Give back what was stopped before its first byte; it is taken up again."""
        if self._still_mine(token) and self.state in OPEN:
            again = fields.Datetime.now() + PUT_OFF
            self.write(
                {
                    "state": "waiting",
                    "due_at": max(self.due_at, again),
                    "intended_at": False,
                    "claimed_until": False,
                }
            )

    def _get_next_try(self, error):
        """Return when to try again after ``error``; None for not any more."""
        now = fields.Datetime.now()
        if now > (self.tried_since or now) + LAST_TRY:
            return None
        moment = POLICY.decide(self.tries + 1, error, now.replace(tzinfo=timezone.utc))
        return moment and moment.replace(tzinfo=None, microsecond=0)

    def _wait_until(self, again, reason):
        first = not self.tries
        self.write(
            {
                "state": "waiting",
                "due_at": again,
                "tries": self.tries + 1,
                "reason": reason,
                "intended_at": False,
                "claimed_until": False,
            }
        )
        self._notify_people()
        if first:
            row = self._in_writers_words()
            row._tell_writer(
                "warning",
                row.env._(
                    "“%(subject)s” has not been sent yet and is retried "
                    "automatically: %(reason)s",
                    subject=self.subject or "",
                    reason=reason,
                ),
            )

    def _conclude(self, reason):
        """Make it sent, partly sent or failed, by what is known of its recipients."""
        some, left = self._get_accepted(), self._get_left()
        state = "failed" if not some else "partly" if left else "sent"
        self.write(
            {
                "state": state,
                "reason": reason or False,
                "sent_at": fields.Datetime.now() if some else False,
                "intended_at": False,
                "claimed_until": False,
            }
        )
        self._notify_people()
        row = self._in_writers_words()
        if state != "sent":
            row._warn_writer(reason)
        elif self.announced:
            row._tell_writer("success", row.env._("Sent: %s", self.subject or ""))

    def _note_uncertain(self, reason):
        """Note that nobody knows whether it left; its writer is asked."""
        self.write(
            {
                "state": "failed",
                "uncertain": True,
                "reason": reason,
                "claimed_until": False,
            }
        )
        self._notify_people()
        self._in_writers_words()._warn_writer(reason)

    def _warn_writer(self, reason):
        """Tell its writer that a mail is not sent, now and when they come back."""
        name = self.env._("“%s” was not sent", self.subject or "")
        if self.uncertain:
            name = self.env._(
                "It is not known whether “%s” was sent", self.subject or ""
            )
        elif self.state == "partly":
            name = self.env._("“%s” was not sent to all recipients", self.subject or "")
        self._tell_writer("danger", f"{name}\n{reason or ''}")
        if self.user_id._is_internal() and self.user_id.active:
            # nothing is mailed about a mail that cannot be mailed
            mailbox = self.mailbox_id.with_context(mail_activity_quick_update=True)
            private = self.env._("An email from %s was not sent", mailbox.email)
            mailbox.activity_schedule(
                "mail_mailbox_archive.mail_activity_not_delivered",
                user_id=self.user_id.id,
                summary=private if mailbox.private else name,
            )

    def _in_writers_words(self):
        """Return this row with the language of who wrote it."""
        return self.with_context(lang=self.user_id.lang)

    # The message

    def _write_out(self, recipients):
        """Return this mail for the wire, and who gets a blind copy; always the same."""
        message = self._build()
        self.mailbox_id._finish_headers(message, self.user_id)
        pictures = {
            f"/web/image/{one.id}": (one.mimetype, self._read_file(one))
            for one in self._get_pictures()
        }
        return self.mailbox_id._write_out(message, recipients, pictures=pictures)

    def _get_pictures(self):
        shown = set(self.picture_ids or [])
        return self.attachment_ids.filtered(lambda one: one.id in shown).sorted("id")

    def _build(self):
        """Return the message as the library's object."""
        html = sign_html(str(self.body or ""), str(self.signature or ""))
        files = (self.attachment_ids - self._get_pictures()).sorted("id")
        message = self.env["ir.mail_server"]._build_email__(
            email_from=self.mailbox_id.email,
            email_to=_split(self.email_to),
            subject=self.subject or "",
            body=html,
            body_alternative=to_text(html),
            email_cc=_split(self.email_cc),
            email_bcc=_split(self.email_bcc),
            attachments=[
                (one.name, self._read_file(one), _get_kind(one)) for one in files
            ],
            message_id=self.message_id,
            references=self.references,
            subtype="html",
            subtype_alternative="plain",
            headers={"In-Reply-To": self.in_reply_to} if self.in_reply_to else None,
        )
        del message["Date"]
        began = self.tried_since or fields.Datetime.now()
        message["Date"] = began.replace(tzinfo=timezone.utc)
        return message

    def _read_file(self, attachment):
        """Return the bytes of an attachment, all of them.

        :raises UserError: the file is not there any more: nothing leaves without it
        """
        content = attachment.raw or b""
        if len(content) != (attachment.file_size or 0):
            raise UserError(
                self.env._(
                    "The file “%s” can no longer be read, so the email was not sent. "
                    "Edit the email, and attach the file again.",
                    attachment.name,
                )
            )
        return content

    # What is kept of it

    def _keep_sent(self):
        """List it in the Queue when anybody got it."""
        self._lock()
        if not self.kept and self._get_accepted():
            self._keep()

    def _keep(self):
        """List it in the Queue as sent; what was attached is in there."""
        outgoing, bcc = self._write_out(self._get_everybody())
        results = [RecipientResult(**one) for one in self.results]
        result = SendResult(tuple(results), self.provider_message_id or "")
        entry = Entry.of(self.mailbox_id, outgoing, bcc, self.user_id, result)
        entry.again = bool(self.mailbox_message_id)
        if self.archive:
            entry.origin_id = self.origin_id.id or 0
            entry.res_model, entry.res_id = self.res_model or "", self.res_id or 0
        (message,) = self.env["mail.mailbox.dispatch"]._keep_or_log([entry])
        if not message:
            self._note_not_kept()
            return
        self.write({"kept": True, "mailbox_message_id": message.id})
        self._notify_people()
        if self.state == "sent":
            self.attachment_ids.unlink()
            self.write({"body": False, "signature": False, "picture_ids": False})

    def _note_not_kept(self):
        self.keep_tries = (self.keep_tries or 0) + 1

    # What turns out later

    def _resolve(self):
        """Note that an uncertain mail has left, to everybody it was for."""
        left = map(address.normalise, self._get_next())
        results = [RecipientResult(one, "accepted", "", "") for one in left]
        self._note_result(None, SendResult(tuple(results)))
        self._keep()

    @api.model
    def _resolve_by(self, message_ids, domain):
        """Resolve uncertain mails of which a copy, a report or an event has come.

        :param domain: of the rows that who tells it may speak about
        """
        if not message_ids:
            return
        uncertain = [("uncertain", "=", True), ("message_id", "in", list(message_ids))]
        for row in self.search([*uncertain, *domain]):
            row._resolve()


def _split(header):
    return [one.strip() for one in (header or "").split("\n") if one.strip()]


def _get_kind(attachment):
    kind = attachment.mimetype or ""
    return "application/octet-stream" if kind.startswith(_AS_FILE) else kind
