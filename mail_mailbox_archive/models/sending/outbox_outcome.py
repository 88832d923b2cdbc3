from datetime import timedelta, timezone

from odoo import api, fields, models

from ...mailcore.addresses import address
from ...mailcore.errors import SendDeferred, Unreachable
from ...mailcore.send.providers.base import RecipientResult, SendResult
from .outbox_send import OPEN
from .sent import LAST_TRY, POLICY

#: How long a mail waits that could not be taken up.
PUT_OFF = timedelta(seconds=2)


class MailMailboxOutbox(models.Model):
    """What became of a mail that was handed over, and what its writer is told."""

    _inherit = "mail.mailbox.outbox"

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
                # the Queue has not been told of these yet
                "kept": False,
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
        accepted, left = self._get_accepted(), self._get_left()
        state = "failed" if not accepted else "partly" if left else "sent"
        self.write(
            {
                "state": state,
                "reason": reason or False,
                "sent_at": fields.Datetime.now() if accepted else False,
                "intended_at": False,
                "claimed_until": False,
            }
        )
        if state != "sent" or self.kept:
            # otherwise when it is in the Queue as well, which is soon
            self._notify_people()
        if state != "sent":
            self._in_writers_words()._warn_writer(reason)
        elif self.announced:
            row = self._in_writers_words()
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
        self._tell_writer("danger", f"{name}. {reason or ''}")
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
