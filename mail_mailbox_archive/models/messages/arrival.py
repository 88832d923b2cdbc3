from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.addresses import address
from ..mailbox.fields import BigInteger, naive_utc


class MailMailboxArrival(models.Model):
    """A message seen in one mailbox: a line of the Queue.

    The same message in three mailboxes is one ``mail.mailbox.message`` with three
    arrivals. ``folder_id`` and ``uid`` are its place on the server: empty when it has
    none (deleted there, or the folder was renumbered and not read again yet).
    """

    _name = "mail.mailbox.arrival"
    _inherit = "mail.mailbox.content"
    _description = "Received or Sent Email"
    _order = "internal_date desc, id desc"
    _rec_name = "subject"

    mailbox_id = fields.Many2one("mail.mailbox", required=True, readonly=True)
    mailbox_message_id = fields.Many2one(
        "mail.mailbox.message", "Email", required=True, readonly=True, index=True
    )
    company_id = fields.Many2one(related="mailbox_id.company_id")
    folder_id = fields.Many2one(
        "mail.mailbox.folder", readonly=True, ondelete="set null"
    )
    uid = BigInteger("UID", readonly=True)
    seen = fields.Boolean(readonly=True, help="Read on the server.")
    direction = fields.Selection(
        [("incoming", "Incoming"), ("outgoing", "Outgoing")],
        default="incoming",
        required=True,
        readonly=True,
    )
    internal_date = fields.Datetime(
        "Received", readonly=True, help="When the email reached the server."
    )
    fetched_at = fields.Datetime("Fetched", readonly=True, default=fields.Datetime.now)
    live = fields.Boolean(
        readonly=True, help="It arrived after the first import of its mailbox."
    )

    subject = fields.Char(related="mailbox_message_id.subject", related_sudo=False)
    email_from = fields.Char(
        related="mailbox_message_id.email_from", related_sudo=False
    )
    email_to = fields.Text(related="mailbox_message_id.email_to", related_sudo=False)
    email_cc = fields.Text(related="mailbox_message_id.email_cc", related_sudo=False)
    email_reply_to = fields.Char(
        related="mailbox_message_id.email_reply_to", related_sudo=False
    )
    date = fields.Datetime(related="mailbox_message_id.date", related_sudo=False)
    preview = fields.Char(related="mailbox_message_id.preview", related_sudo=False)
    body_text = fields.Text(related="mailbox_message_id.body_text", related_sudo=False)
    part_ids = fields.One2many(
        related="mailbox_message_id.part_ids", related_sudo=False
    )
    attachment_count = fields.Integer(
        related="mailbox_message_id.attachment_count", related_sudo=False
    )
    defects = fields.Text(related="mailbox_message_id.defects", related_sudo=False)
    attached_to = fields.Char(
        related="mailbox_message_id.attached_to", related_sudo=False
    )
    oversize = fields.Boolean(related="mailbox_message_id.oversize", related_sudo=False)

    _message_uniq = models.UniqueIndex(
        "(mailbox_id, mailbox_message_id)", "A mailbox can list a message only once."
    )
    _place_uniq = models.UniqueIndex(
        "(folder_id, uid) WHERE folder_id IS NOT NULL",
        "A folder position can hold only one message.",
    )
    _mailbox_date_idx = models.Index("(mailbox_id, internal_date DESC, id DESC)")
    _date_idx = models.Index("(internal_date DESC, id DESC)")

    @api.depends("mailbox_message_id")
    def _compute_display_name(self):
        for arrival in self:
            arrival.display_name = arrival.mailbox_message_id.display_name

    @api.model_create_multi
    def create(self, vals_list):
        arrivals = super().create(vals_list)
        arrivals._after_create()
        return arrivals

    def _after_create(self):
        """React to these new arrivals: for the rooms of this add-on.

        Other add-ons override ``create``: what they do is run again where it failed.
        """

    def action_check(self):
        """Check for new emails in every mailbox whose contents the user may read."""
        return self.env["mail.mailbox"].action_check_all()

    @api.model
    def _place(self, folder, fetched, messages, live):
        """List messages in the mailbox of ``folder``, at their place there.

        :param fetched: what came from the server, each with its ``message``; a UID of 0
            is no place any more
        :param messages: dict of identity → ``mail.mailbox.message``
        :param live: whether they are new, not part of the first import
        :return: the arrivals that were not listed before
        """
        uids = [one.uid for one in fetched]
        taken = self.search([("folder_id", "=", folder.id), ("uid", "in", uids)])
        # a server that uses a UID twice must not stop the folder
        self._unplace(folder, [(arrival.uid, arrival.uid) for arrival in taken])
        return self._list(folder.mailbox_id, folder, fetched, messages, live)

    @api.model
    def _list(self, mailbox, folder, fetched, messages, live):
        """List messages in ``mailbox``, as :meth:`_place`; without a folder nowhere."""
        known = {
            arrival.mailbox_message_id.id: arrival
            for arrival in self.search(
                [
                    ("mailbox_id", "=", mailbox.id),
                    ("mailbox_message_id", "in", [m.id for m in messages.values()]),
                ]
            )
        }
        new_values = {}
        for one in fetched:
            message = messages[one.message.identity]
            if message.id in known:
                if one.uid:
                    known[message.id].write(
                        {"folder_id": folder.id, "uid": one.uid, "seen": one.seen}
                    )
            else:
                new_values[message.id] = self._prepare_values(
                    mailbox, folder, one, message, live
                )
        placed = self._create_new(list(new_values.values()))
        known |= {arrival.mailbox_message_id.id: arrival for arrival in placed}
        self._keep_envelopes(
            (known[messages[one.message.identity].id], one) for one in fetched
        )
        return placed

    @api.model
    def _prepare_values(self, mailbox, folder, fetched, message, live):
        """Return the values of the arrival of ``message`` in ``mailbox``."""
        own, senders = mailbox._get_own_addresses(), fetched.message.from_
        is_own = any(address.is_one_of(one, senders) for one in own)
        return {
            "mailbox_id": mailbox.id,
            "mailbox_message_id": message.id,
            "folder_id": fetched.uid and folder.id,
            "uid": fetched.uid,
            "seen": fetched.seen,
            "internal_date": naive_utc(fetched.internal_date),
            "live": live,
            "direction": "outgoing" if is_own else "incoming",
        }

    @api.model
    def _place_sent(self, pairs):
        """List messages that were sent, before their servers have them.

        :param pairs: of ``Entry`` and ``mail.mailbox.message``
        """
        known = self.search(
            [
                ("mailbox_id", "in", [entry.mailbox_id for entry, _m in pairs]),
                ("mailbox_message_id", "in", [message.id for _e, message in pairs]),
            ]
        )
        places = {(a.mailbox_id.id, a.mailbox_message_id.id) for a in known}
        new = {(e.mailbox_id, m.id): e for e, m in pairs}
        now = fields.Datetime.now()
        return self.create(
            [
                {
                    "mailbox_id": mailbox_id,
                    "mailbox_message_id": message_id,
                    "seen": True,
                    "internal_date": now,
                    "live": True,
                    "direction": "outgoing",
                    **self._prepare_values_of_source(entry.source),
                }
                for (mailbox_id, message_id), entry in new.items()
                if (mailbox_id, message_id) not in places
            ]
        )

    @api.model
    def _prepare_values_of_source(self, source):
        """Return the values of an arrival that are read in its whole source."""
        return {"size": len(source)}

    @api.model
    def _unplace(self, folder, uids):
        """Forget the places of ``folder`` in the ranges ``uids``."""
        self._update_places(SQL("folder_id = NULL, uid = NULL"), folder, uids)

    @api.model
    def _mark_seen(self, folder, uids, seen):
        """Note which messages of ``folder``, in the ranges ``uids``, are read."""
        self._update_places(
            SQL("seen = %s", seen),
            folder,
            uids,
            SQL("arrival.seen IS DISTINCT FROM %s", seen),
        )

    @api.model
    def _update_places(self, values, folder, uids, condition=None):
        """Update the arrivals at ``uids``, ranges of (first, last), of ``folder``.

        In SQL, because a folder may change its flags by the hundred thousand and the
        join probes the index once per range.
        """
        if not uids:
            return
        self.flush_model(["folder_id", "uid", "seen"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox_arrival AS arrival SET %s
                  FROM unnest(%s::int8[], %s::int8[]) AS range(first, last)
                 WHERE arrival.folder_id = %s
                   AND arrival.uid BETWEEN range.first AND range.last
                   AND %s
                """,
                values,
                [first for first, _last in uids],
                [last for _first, last in uids],
                folder.id,
                condition or SQL("TRUE"),
            )
        )
        self.invalidate_model(["folder_id", "uid", "seen"])
