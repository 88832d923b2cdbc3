import base64

import psycopg2

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.errors import Unreadable
from ...mailcore.read.sharing import join, needs_shared, seal, share


class MailMailboxEnvelope(models.Model):
    """What belongs to one copy of a message: the header fields its delivery added.

    They name other mailboxes (Delivered-To, Received …), so only the people of the
    mailbox read them, through the arrival; see :mod:`..mailcore.sharing`. One without
    an arrival is of a mailbox that nobody can tell any more, and is read by nobody.
    """

    _name = "mail.mailbox.envelope"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _written_by_system = True
    _description = "Header of One Copy of an Email"
    _log_access = False

    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    arrival_id = fields.Many2one(
        "mail.mailbox.arrival", readonly=True, ondelete="cascade"
    )
    content = fields.Binary(
        attachment=False, required=True, readonly=True, groups=fields.NO_ACCESS
    )

    _arrival_uniq = models.UniqueIndex("(arrival_id)")

    @api.model
    def _keep(self, pairs):
        """Keep what belongs to arrivals.

        :param pairs: of ``mail.mailbox.arrival`` and what was fetched of it
        """
        self._insert(
            (arrival.mailbox_message_id, arrival, _seal(arrival, one))
            for arrival, one in pairs
        )

    @api.model
    def _insert(self, parts):
        rows = [
            SQL("(%s, %s, %s)", message.id, arrival.id or None, psycopg2.Binary(sealed))
            for message, arrival, sealed in parts
        ]
        if rows:
            # not through fields, which would keep the bytes in base64
            self.env.cr.execute(
                SQL(
                    "INSERT INTO mail_mailbox_envelope"
                    " (mailbox_message_id, arrival_id, content) VALUES %s"
                    " ON CONFLICT DO NOTHING",
                    SQL(", ").join(rows),
                )
            )

    @api.model
    def _read_content(self, arrival):
        """Return what belongs to ``arrival``, None where it is not known."""
        self.env.cr.execute(
            SQL(
                "SELECT content FROM mail_mailbox_envelope WHERE arrival_id = %s",
                arrival.id,
            )
        )
        row = self.env.cr.fetchone()
        return row and bytes(row[0])


def _seal(arrival, fetched):
    source, start = fetched.source, fetched.message.start
    shared = None
    if needs_shared(source, start):
        shared = arrival.mailbox_message_id._read_stored()
    return seal(source, start, shared)


class MailMailboxMessage(models.Model):
    """The source of a message: what all its copies share, and what is one copy's."""

    _inherit = "mail.mailbox.message"

    # not the stored bytes themselves: those of version 1 hold what one copy's delivery
    # added, until the scheduled action has come to them
    source = fields.Binary(compute="_compute_source")
    source_shared = fields.Boolean(
        readonly=True,
        copy=False,
        groups=fields.NO_ACCESS,
        help="The stored bytes are the message's alone; for version 1, those of its "
        "first arrival.",
    )

    @api.depends_context("uid")
    def _compute_source(self):
        for message in self:
            message.source = base64.b64encode(message._read_source())

    def _store_sources(self, fetched):
        self._store_bytes([_get_shared(one) for one in fetched])

    @api.model
    def _prepare_values(self, fetched):
        values = super()._prepare_values(fetched)
        if not fetched.oversize:
            values["size"] = len(_get_shared(fetched))
        return {**values, "source_shared": True}

    def _read_stored(self):
        """Return the bytes as they are stored; for the system."""
        self.ensure_one()
        return self._source_attachments().raw or b""

    def _read_source(self):
        """Return the header fields that make the message what it is, and the body.

        What its deliveries added belongs to its arrivals: see there, and
        :meth:`_read_own_source`.
        """
        self.ensure_one()
        self.check_access("read")
        source = self._read_stored()
        # sudo: how the bytes are stored, which is nobody's to read
        return source if self.sudo().source_shared else _share(source)

    def _read_own_source(self):
        """Return the source as the server gave it to a mailbox of the user's.

        To who has none of its arrivals the message alone, as :meth:`_read_source`.
        """
        self.ensure_one()
        self.check_access("read")
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "=", self.id)], order="id"
        )
        # sudo: whether one is among the people of a mailbox
        own = arrivals.filtered(lambda a: self.env.user in a.sudo().mailbox_id.user_ids)
        if not self.env.su:
            own = own or arrivals
        return own[0]._read_source() if own else self._read_source()


class MailMailboxArrival(models.Model):
    """The source of a message as the server gave it to one mailbox."""

    _inherit = "mail.mailbox.arrival"

    size = fields.Integer(
        "Size (bytes)", readonly=True, help="Of this copy, as reported by the server."
    )

    def _read_source(self):
        """Return the bytes that the server gave, as far as they are known."""
        self.ensure_one()
        self.check_access("read")
        # sudo: who may read an arrival may read its message and what belongs to it
        arrival = self.sudo()
        message = arrival.mailbox_message_id
        sealed = self.env["mail.mailbox.envelope"]._read_content(self)
        if sealed:
            return join(sealed, message._read_source())
        if not message.source_shared and arrival == message._get_first_arrival():
            return message._read_stored()
        return message._read_source()

    @api.model
    def _prepare_values(self, mailbox, folder, fetched, message, live):
        values = super()._prepare_values(mailbox, folder, fetched, message, live)
        return {**values, "size": fetched.size}

    @api.model
    def _keep_envelopes(self, pairs):
        """Store what belongs to one arrival alone, unless it is stored already.

        :param pairs: of arrivals and what was fetched of them; several of one arrival
            where a folder has it twice, of which the last counts
        """
        # of what was sent from here a provider may give back another copy
        own = {
            arrival: one
            for arrival, one in pairs
            if one.message.identity == arrival.mailbox_message_id.identity
        }
        self.env.cr.execute(
            SQL(
                "SELECT arrival_id FROM mail_mailbox_envelope"
                " WHERE arrival_id = ANY(%s)",
                [arrival.id for arrival in own],
            )
        )
        kept = {row[0] for row in self.env.cr.fetchall()}
        self.env["mail.mailbox.envelope"]._keep(
            (arrival, one) for arrival, one in own.items() if arrival.id not in kept
        )


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    def _read_copy(self, message):
        """Return the source of ``message`` as it came to this mailbox, or left it."""
        own = message.arrival_ids.filtered(lambda a: a.mailbox_id == self)
        return (own or message)._read_source()


def _get_shared(fetched):
    return fetched.message.header + fetched.source[fetched.message.start :]


def _share(source):
    try:
        return share(source)
    except Unreadable:
        # nothing says what of it belongs to whom
        return b""
