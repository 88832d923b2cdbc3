import logging
from dataclasses import replace
from datetime import timedelta
from email.utils import make_msgid

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ...mailcore.addresses import address
from ...mailcore.autoreply import autoreply, autoreply_message, schedule
from ...mailcore.autoreply.autoreply import Answer, Reason, Situation, Withhold
from ...mailcore.errors import MailCoreError, SendDeferred, Unreachable, Unreadable
from ...mailcore.send import providers
from ..mailbox.fields import aware_utc
from ..mailbox.res_config_settings import read_number
from ..receiving.poll import RETRIED
from .sentences import REASONS

_logger = logging.getLogger(__name__)

HOUR = timedelta(hours=1)
#: Minutes until an answer that could not be sent is tried again, and how often it is.
AGAIN = 10
#: Messages that show whether a server writes a Return-Path.
LOOKED_AT = 20
MAX_TRIES = 5


class MailMailbox(models.Model):
    """Whom a mailbox answers automatically: ``mailcore`` decides, from what we know."""

    _inherit = "mail.mailbox"

    def _decide_answer(self, message, received, hypothetical=False):
        """Return ``Answer`` or ``Withhold`` for ``message``.

        :param received: when it reached the server
        :param hypothetical: as if it came now, as a new one
        """
        self.ensure_one()
        try:
            headers = autoreply.read(self._read_copy(message))
        except Unreadable:
            return Withhold(Reason.UNREADABLE)
        if hypothetical:
            headers.pop("date", None)
        situation = self._get_situation(message, received, headers, hypothetical)
        return autoreply.decide(headers, situation)

    def _get_situation(self, message, received, headers, hypothetical):
        now = fields.Datetime.now()
        aware = aware_utc(now)
        interval = timedelta(days=self.autoresponder_days)
        window = schedule.current(self._get_answer_windows(aware), aware)
        since = self.autoresponder_since
        if window and since and not hypothetical:
            since = aware_utc(since)
            window = schedule.Window(max(window.start, since), window.end)
        answers = self.env["mail.mailbox.autoresponder.journal"]
        recent = answers.search_count(
            [("mailbox_id", "=", self.id), ("answered_at", ">", now - HOUR)]
        )
        arrival = message.arrival_ids.filtered(lambda a: a.mailbox_id == self)
        received = aware if hypothetical else aware_utc(received)
        return Situation(
            now=aware,
            received=received,
            addresses=frozenset(
                [self.email, *self._get_own_addresses(), *self._split_addresses()]
            ),
            is_own=self._is_own_address,
            window=window,
            enabled=self._answers_by_itself(),
            paused=self.autoresponder_paused,
            spam=arrival.folder_id.role == "junk",
            blocked=bool(arrival.blocked_id),
            **self._get_answer_history(message, headers, now - interval),
            gives_return_path="return-path" in headers or self._gives_return_path(),
            interval=interval,
            room=self._get_autoresponder_cap() - recent,
        )

    def _get_answer_history(self, message, headers, since):
        """Return what is known of the correspondent and the author of a message."""
        _sender, key, author = autoreply.keys(headers)
        others = [
            ("mailbox_id", "=", self.id),
            ("mailbox_message_id", "!=", message.id),
        ]
        answers = self.env["mail.mailbox.autoresponder.journal"]
        keys = [one for one in (key, author) if one.strip("@")]
        last = answers.search(
            [
                *others,
                ("answered_at", ">", since),
                *("|", ("correspondent", "in", keys), ("author", "in", keys)),
            ],
            order="answered_at",
        )
        history = {}
        for one in last:
            moment = aware_utc(one.answered_at)
            history |= dict.fromkeys((one.correspondent, one.author), moment)
        seen = answers.search([*others, ("author", "=", author)], limit=50)
        paths = frozenset(seen.mapped("correspondent")) - {False, "", "@"}
        return {"history": history, "return_paths": paths if author else frozenset()}

    def _gives_return_path(self):
        """Return whether the server writes a Return-Path at all: Exchange does not.

        Of a mailbox without other mail it is not known, and then taken as not so: mail
        without one would otherwise never be answered.
        """
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", self.id), ("direction", "=", "incoming")],
            limit=LOOKED_AT,
        )
        return any("return-path" in _read_headers(arrival) for arrival in arrivals)

    def _probe_answer(self):
        """Return what would happen to an email from a person now."""
        self.ensure_one()
        lines = [
            "From: Anna Example <anna@probe.example>",
            f"To: {self.email}",
            "Subject: Your offer",
        ]
        if self._gives_return_path():
            lines.append("Return-Path: <anna@probe.example>")
        source = "\r\n".join([*lines, "", "Hello"]).encode()
        headers = autoreply.read(source)
        nothing = self.env["mail.mailbox.message"]
        situation = self._get_situation(nothing, None, headers, hypothetical=True)
        # whether and when it replies at all is stated elsewhere
        now = schedule.Window(situation.now)
        situation = replace(situation, enabled=True, paused=False, window=now)
        return autoreply.decide(headers, situation)

    def _answers_by_itself(self):
        return (
            self.active
            and self.autoresponder_enabled
            and not self._are_autoresponders_off()
        )

    def _get_autoresponder_cap(self):
        return read_number(self.env, "autoresponder_cap")

    def _is_own_address(self, addr_spec):
        """Return whether an address, in normal form, is the company's own."""
        own = {address.normalise(one) for one in self._split_addresses()}
        return (
            addr_spec in own
            or bool(self.env["mail.mailbox.address"]._look_up([addr_spec]))
            or self._is_alias(addr_spec)
        )

    def _is_alias(self, addr_spec):
        # sudo: see _is_own_address
        aliases = self.env["mail.alias"].sudo()
        domains = self.env["mail.alias.domain"].sudo()
        local, _at, domain = addr_spec.rpartition("@")
        names = ("bounce_alias", "catchall_alias", "default_from")
        reserved = Domain.OR(Domain(name, "=", local) for name in names)
        reserved = Domain("name", "=", domain) & reserved
        reserved |= Domain("default_from", "=", addr_spec)
        return bool(
            aliases.search_count([("alias_full_name", "=", addr_spec)], limit=1)
            or domains.search_count(reserved, limit=1)
        )

    def _pause_autoresponder(self):
        """Pause the autoresponder, and notify the responsible person once."""
        if self.autoresponder_paused:
            return
        self.autoresponder_paused = True
        people = self._get_caretakers()
        for person in people:
            self._tell_of_pause(person)
        if not people:
            self._tell_of_abandoned()

    def _tell_of_pause(self, person):
        mailbox = self.with_context(lang=person.lang)
        mailbox.activity_schedule(
            "mail_mailbox_archive.mail_activity_autoresponder_paused",
            user_id=person.id,
            summary=mailbox.env._(
                "%s has stopped sending automatic replies", self.email
            ),
            note=mailbox.env._(
                "It sent %s automatic replies within an hour, perhaps to forged "
                "senders. Check its journal, then resume it in the mailbox, under "
                "Autoresponder.",
                self._get_autoresponder_cap(),
            ),
        )

    # In words

    def _explain_answer(self, message):
        """Return whether ``message`` would be answered if it came now, and a sentence.

        For whoever may read the message.
        """
        message.check_access("read")
        # sudo: history and settings decide, whoever asks; only the result is told
        mailbox = self.sudo()
        decision = mailbox._decide_answer(message.sudo(), None, hypothetical=True)
        if isinstance(decision, Answer):
            return True, self.env._(
                "If this email arrived now, %(email)s would reply to %(recipient)s.",
                email=mailbox.email,
                recipient=decision.recipient,
            )
        reason = self.env._(REASONS[decision.reason])
        if decision.detail:
            reason += f" ({decision.detail})"
        return False, self.env._(
            "If this email arrived now, it would get no automatic reply: %s", reason
        )


class MailMailboxAutoresponderJournal(models.Model):
    _inherit = "mail.mailbox.autoresponder.journal"

    def _send(self, answer):
        """Send the reply; return the values that note the result."""
        self.ensure_one()
        mailbox = self.mailbox_id
        try:
            message = self._build_answer(answer)
            mailbox._send_message__(
                message, [answer.recipient], self._get_envelope_from()
            )
        except RETRIED:
            # raised where the sent message is kept: it has left
            _logger.info("Mailbox %s: an answer is not in the Queue", mailbox.id)
        except (MailCoreError, UserError) as error:
            return self._prepare_failure_values(error)
        except Exception as error:
            _logger.exception("Mailbox %s: an answer was not sent", mailbox.id)
            return {"state": "failed", "detail": str(error)[:500]}
        return {"state": "answered", "detail": False}

    def _build_answer(self, answer):
        mailbox = self.mailbox_id
        headers = autoreply.read(mailbox._read_copy(self.mailbox_message_id))
        names = mailbox._get_name_values(self.env["res.users"])
        subject, content = mailbox._fill_answer(
            autoreply_message.values_of(headers, names)
        )
        message = autoreply_message.build(
            headers, answer.recipient, subject, content, html2plaintext(content)
        )
        domain = address.normalise(mailbox.email).rpartition("@")[2]
        message["Message-ID"] = make_msgid("auto", domain=domain)
        # the address that was written to answers; else the main one
        if written_to := mailbox._find_delivered_to(self.mailbox_message_id):
            message["From"] = written_to.email
        return message

    def _get_envelope_from(self):
        """Return the null return path where the provider can, so no bounce returns."""
        capabilities = providers.get(self.mailbox_id.provider).capabilities
        return "" if capabilities.null_sender else None

    def _prepare_failure_values(self, error):
        if isinstance(error, UserError):
            return {"state": "failed", "detail": str(error), "answered_at": False}
        detail = self.mailbox_id._explain_sending(error)
        uncertain = error.code == "uncertain"
        again = isinstance(error, (SendDeferred, Unreachable)) and not uncertain
        if again and self.tries + 1 < MAX_TRIES:
            seconds = error.retry_after or AGAIN * 60
            return {
                "state": "waiting",
                "tries": self.tries + 1,
                "try_at": fields.Datetime.now() + timedelta(seconds=seconds),
                "answered_at": False,
                "detail": detail,
            }
        values = {"state": "failed", "detail": detail}
        # what may have left counts as an answer
        return values if uncertain else values | {"answered_at": False}


def _read_headers(arrival):
    try:
        return autoreply.read(arrival._read_source())
    except MailCoreError:
        return {}
