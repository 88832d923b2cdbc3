import re
from contextlib import suppress

from psycopg2.errors import DeadlockDetected, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.addresses import address
from ...mailcore.text import search_words

#: A message to more people than these is a list; nobody chooses from it.
MAX_PEOPLE = 30
#: Whom nobody writes to.
_MACHINE = re.compile(
    r"(?:no|do[-_.]?not|dont)[-_.]?reply|mailer-daemon@|postmaster@|^bounces?\b", re.I
)


class MailMailboxCorrespondent(models.Model):
    """Somebody that a mailbox has exchanged email with: what the composer offers.

    Each stands for the newest arrival that names it and is gone with that, so nobody is
    offered an address of mail that they may not read, or that no longer exists. Bcc
    names nobody: it is its writer's alone.
    """

    _name = "mail.mailbox.correspondent"
    _inherit = "mail.mailbox.content"
    _description = "Correspondent of a Mailbox"
    _written_by_system = True
    _log_access = False
    _order = "last_at desc, id desc"
    _rec_name = "email"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, readonly=True, ondelete="cascade"
    )
    arrival_id = fields.Many2one(
        "mail.mailbox.arrival",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    email = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    last_at = fields.Datetime("Last email", required=True, readonly=True)
    # the folded words of both; never shown
    words = fields.Char(required=True, readonly=True, groups=fields.NO_ACCESS)

    _email_uniq = models.UniqueIndex("(mailbox_id, email)", "It is listed already.")
    _words_idx = models.Index("USING gin (to_tsvector('simple', words))")

    @api.model
    def _learn(self, arrivals):
        """Note whom these arrivals name, each once in its mailbox."""
        # in one order, so that two transactions never wait for each other
        rows = sorted(self._read_people(arrivals).values(), key=lambda row: row[:3:2])
        if not rows:
            return
        arrivals.flush_recordset()
        values = SQL(", ").join(SQL("%s", row) for row in rows)
        # at the same moment noted by another one: the next email will do
        lost = suppress(SerializationFailure, DeadlockDetected)
        # not flushed: what is told at the end of the transaction is told once
        with lost, self.env.cr.savepoint(flush=False):
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO mail_mailbox_correspondent AS known
                           (mailbox_id, arrival_id, email, name, words, last_at)
                    VALUES %s
                        ON CONFLICT (mailbox_id, email) DO UPDATE
                       SET arrival_id = EXCLUDED.arrival_id, name = EXCLUDED.name,
                           words = EXCLUDED.words, last_at = EXCLUDED.last_at
                     WHERE known.last_at <= EXCLUDED.last_at
                       AND (EXCLUDED.name <> '' OR coalesce(known.name, '') = '')
                    """,
                    values,
                ),
                log_exceptions=False,
            )
        self.invalidate_model()

    @api.model
    def _read_people(self, arrivals):
        """Return the newest row of each person that ``arrivals`` name, by mailbox."""
        rows = {}
        # sudo: what came is noted, whoever had it fetched
        for arrival in arrivals.sudo().sorted("internal_date"):
            mailbox, message = arrival.mailbox_id, arrival.mailbox_message_id
            moment = arrival.internal_date or arrival.fetched_at
            for one in _get_people(message):
                email = address.normalise(one.addr_spec)
                if mailbox._is_own(email):
                    continue
                key = mailbox.id, email
                if not one.display_name and rows.get(key, ("",) * 4)[3]:
                    continue
                name = one.display_name
                words = " ".join(search_words(f"{name} {email}"))
                rows[key] = (mailbox.id, arrival.id, email, name, words, moment)
        return rows


def _get_people(message):
    """Return whom a message names that somebody may want to write to."""
    found = _parse(message.email_from, message.email_reply_to)
    listed = _parse(message.email_to, message.email_cc)
    return [
        one
        for one in found + (listed if len(listed) <= MAX_PEOPLE else [])
        if address.is_valid(one.addr_spec) and not _MACHINE.search(one.addr_spec)
    ]


def _parse(*headers):
    return [one for value in headers for one in address.parse_addresses(value or "")]


class MailMailboxArrival(models.Model):
    """Whoever an email names is a correspondent of its mailbox."""

    _inherit = "mail.mailbox.arrival"

    def _after_create(self):
        self.env["mail.mailbox.correspondent"]._learn(self)
        super()._after_create()
