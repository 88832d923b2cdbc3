from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.imap.events import Fetched
from ...mailcore.read.filing import hide, read_tags
from ...mailcore.read.message import parse
from ...mailcore.send.outgoing_header import write_addresses
from ...mailcore.text import safe_text
from ..receiving.poll import RETRIED

_logger = logging.getLogger(__name__)

#: Messages that one transaction keeps.
BATCH = 100
#: How long the sender of a batch has to keep it itself.
PATIENCE = timedelta(minutes=15)
#: Times that a message is tried to be kept.
MAX_TRIES = 5


@dataclass
class Entry:
    """A message that somebody gets, and what is to be kept of it.

    :param results: dicts of ``address``, ``status``, ``reason`` and ``provider_id``
    :param mail_id: of the ``mail.mail``, 0 for none
    :param origin_id: of the ``mail.mailbox.message`` that it answers, 0 for none
    """

    mailbox_id: int
    source: bytes = field(repr=False)
    message_id: str
    user_id: int
    results: list
    provider_message_id: str = ""
    mail_id: int = 0
    again: bool = False
    origin_id: int = 0
    res_model: str = ""
    res_id: int = 0

    @classmethod
    def of(cls, mailbox, outgoing, bcc, person, result):
        """Return the entry of what a provider took."""
        source = outgoing.as_bytes()
        if bcc:
            # the sender's own copy says who got it as well
            line = write_addresses("Bcc", bcc).encode("ascii")
            source = b"%s\r\n%s" % (line, source)
        return cls(
            mailbox_id=mailbox.id,
            source=source,
            message_id=outgoing.message_id,
            user_id=person.id or 0,
            results=[asdict(one) for one in result.recipients],
            provider_message_id=result.provider_message_id,
        )

    def fetched(self, filing):
        """Return the message as it would come from a server.

        :param filing: addresses of ours that archive
        """
        source = hide(self.source, filing, read_tags(self.source) if filing else ())
        return Fetched(
            uid=0,
            internal_date=datetime.now(timezone.utc),
            seen=True,
            size=len(source),
            source=source,
            message=parse(source),
        )


class MailMailboxDispatch(models.Model):
    """A message of Odoo's mail queue that is about to leave, or left and is not listed.

    While the mail queue sends, each message is noted here by a cursor of its own:
    before the provider gets its first byte, and what came of it; a batch of them is
    kept at a time. So a worker that dies forgets nothing that was sent, and whoever
    finds what was about to leave knows that nobody knows whether it did.
    """

    _name = "mail.mailbox.dispatch"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Email on Its Way Out of Odoo's Queue"
    _written_by_system = True
    _log_access = False

    #: Both empty until it left.
    entry = fields.Text()
    source = fields.Binary(attachment=False)
    mail_id = fields.Integer(index=True)
    noted_at = fields.Datetime(required=True)
    tries = fields.Integer(default=0)

    @api.model
    def _intend(self, mail_id):
        """Note that a message is about to leave; return the note's id."""
        self.env.cr.execute(
            SQL(
                "INSERT INTO mail_mailbox_dispatch (mail_id, noted_at, tries)"
                " VALUES (%s, %s, 0) RETURNING id",
                mail_id,
                datetime.now(timezone.utc).replace(tzinfo=None),
            )
        )
        return self.env.cr.fetchone()[0]

    @api.model
    def _settle(self, note_id, entry):
        """Note what came of it.

        :param entry: None when it did not leave
        """
        # a crash of the database forgets it at worst, and then nobody knows
        unhurried = SQL("SET LOCAL synchronous_commit = off;")
        if entry is None:
            self.env.cr.execute(
                SQL(
                    "%s DELETE FROM mail_mailbox_dispatch WHERE id = %s",
                    unhurried,
                    note_id,
                )
            )
            return
        values = asdict(entry)
        source = values.pop("source")
        self.env.cr.execute(
            SQL(
                "%s UPDATE mail_mailbox_dispatch SET entry = %s, source = %s"
                " WHERE id = %s",
                unhurried,
                json.dumps(values),
                psycopg2.Binary(source),
                note_id,
            )
        )

    @api.model
    def _take_intents(self, mail_ids):
        """Return whether a message of these mails may have left, and forget that."""
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_mailbox_dispatch"
                " WHERE mail_id = ANY(%s) AND entry IS NULL",
                list(mail_ids),
            )
        )
        return bool(self.env.cr.rowcount)

    @api.model
    def _get_accepted(self, mail_id):
        """Return the recipients that have a mail of the queue, as far as noted."""
        self.env.cr.execute(
            SQL(
                "SELECT entry FROM mail_mailbox_dispatch"
                " WHERE mail_id = %s AND entry IS NOT NULL",
                mail_id,
            )
        )
        noted = [json.loads(entry) for (entry,) in self.env.cr.fetchall()]
        found = {
            one["address"].lower()
            for entry in noted
            for one in entry["results"]
            if one["status"] == "accepted"
        }
        sent = self.env["mail.mailbox.sent"].search([("mail_id", "=", mail_id)])
        rows = sent.delivery_ids.filtered(lambda d: d.state not in WAITING)
        return found | set(rows.mapped("recipient"))

    @api.model
    def _keep_noted(self, mail_ids=None):
        """Keep a batch of what was noted; return whether there may be more.

        :param mail_ids: of the mails just sent; otherwise what somebody else left over
        """
        left_over = datetime.now(timezone.utc).replace(tzinfo=None) - PATIENCE
        self.env.cr.execute(
            SQL(
                "SELECT id, entry, source FROM mail_mailbox_dispatch"
                " WHERE entry IS NOT NULL AND tries < %s"
                " AND (mail_id = ANY(%s) OR noted_at < %s)"
                " ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED",
                MAX_TRIES,
                list(mail_ids or []),
                left_over,
                BATCH,
            )
        )
        rows = self.env.cr.fetchall()
        entries = [
            Entry(source=bytes(source), **json.loads(entry))
            for _id, entry, source in rows
        ]
        kept = self._keep_or_log(entries)
        ids = [row[0] for row in rows]
        done = [row_id for row_id, one in zip(ids, kept, strict=True) if one]
        self.env.cr.execute(
            SQL("DELETE FROM mail_mailbox_dispatch WHERE id = ANY(%s)", done)
        )
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_dispatch SET tries = tries + 1 WHERE id = ANY(%s)",
                [row_id for row_id in ids if row_id not in done],
            )
        )
        return len(rows) == BATCH

    @api.model
    def _keep_or_log(self, entries):
        """Keep what was sent; return the message of each, None where it failed.

        That it cannot be kept does not make it unsent.
        """
        try:
            with self.env.cr.savepoint():
                return self._keep(entries)
        except RETRIED:
            raise
        except Exception:
            if len(entries) == 1:
                _logger.exception(
                    "Mailbox %s: a sent mail is not kept", entries[0].mailbox_id
                )
                return [None]
        return [one for entry in entries for one in self._keep_or_log([entry])]

    @api.model
    def _keep(self, entries):
        """List messages in the Queue as sent, each once; return the messages."""
        found = {}
        deliveries = self.env["mail.mailbox.delivery"]
        for number, entry in enumerate(entries):
            # of a message that some recipients waited for, only their state changes
            if entry.again and (known := deliveries._find_waiting(entry)):
                deliveries._note_results([(known.sent_id[:1], entry.results)])
                found[number] = known.mailbox_message_id[:1]
        new = [n for n in range(len(entries)) if n not in found]
        filing = self.env["mail.mailbox"]._get_filing_bases()
        fetched = [entries[n].fetched(filing) for n in new]
        stored = self.env["mail.mailbox.message"]._store(fetched)
        for n, one in zip(new, fetched, strict=True):
            found[n] = stored[one.message.identity]
        pairs = [(entries[n], found[n]) for n in new]
        copies = {stored[one.message.identity]: one for one in fetched}
        placed = self.env["mail.mailbox.arrival"]._place_sent(pairs)
        placed._keep_envelopes((one, copies[one.mailbox_message_id]) for one in placed)
        sent = self.env["mail.mailbox.sent"]._note(pairs)
        deliveries._note_results(
            [(row, entry.results) for row, (entry, _m) in zip(sent, pairs, strict=True)]
        )
        for entry, message in pairs:
            if entry.origin_id or entry.res_model:
                message._archive_entry(entry)
        return [found[number] for number in range(len(entries))]


#: States of a delivery that may be tried once more.
WAITING = ("deferred", "refused")


class MailMailboxDelivery(models.Model):
    _inherit = "mail.mailbox.delivery"

    @api.model
    def _find_waiting(self, entry):
        """Return the rows of a message that did not reach its recipients before."""
        recipients = [one["address"].lower() for one in entry.results]
        return self.search(
            [
                ("sent_id.mailbox_id", "=", entry.mailbox_id),
                ("sent_id.message_id", "=", entry.message_id),
                ("recipient", "in", recipients),
                ("state", "in", WAITING),
            ]
        )

    @api.model
    def _note_results(self, pairs):
        """Note what the provider answered, recipient by recipient.

        :param pairs: of ``mail.mailbox.sent`` and the results
        """
        new = []
        for sent, results in pairs:
            known = {row.recipient: row for row in sent.delivery_ids}
            for one in results:
                values = {
                    "state": one["status"],
                    "reason": safe_text(one["reason"], 500),
                    "provider_id": one["provider_id"],
                    "updated_at": fields.Datetime.now(),
                }
                if row := known.get(one["address"].lower()):
                    row.write(values)
                    continue
                new.append(
                    {
                        **values,
                        "sent_id": sent.id,
                        "mailbox_message_id": sent.mailbox_message_id.id,
                        "recipient": one["address"].lower(),
                    }
                )
        self.create(new)
