from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.fields import Domain

from ...mailcore.send import dsn
from ...mailcore.send.delivery import RANK
from ...mailcore.text import safe_text
from ..mailbox.fields import naive_utc

#: What the provider refused stays so.
RANKS = {**RANK, "refused": 3}
MAX_REASON = 500
#: Emails whose recipients are the writer's choice, not that of another email.
ADDRESSED = ("new", "forward")
#: What one word says of a message: the worst that became of it at any recipient.
WORST_FIRST = ("refused", "bounced", "deferred", "accepted", "delivered")


class MailMailboxDelivery(models.Model):
    """The delivery status of a sent message for one recipient, as reported."""

    _name = "mail.mailbox.delivery"
    _inherit = "mail.mailbox.message.detail"
    _description = "Delivery of an Email"
    _order = "id"
    _rec_name = "recipient"

    sent_id = fields.Many2one(
        "mail.mailbox.sent", required=True, readonly=True, ondelete="cascade"
    )
    recipient = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("deferred", "Waiting"),
            ("accepted", "On its way"),
            ("delivered", "Delivered"),
            ("bounced", "Not delivered"),
            ("refused", "Refused"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(readonly=True, help="As reported by the server or provider.")
    provider_id = fields.Char(readonly=True)
    updated_at = fields.Datetime(
        readonly=True, default=lambda self: fields.Datetime.now()
    )

    _recipient_uniq = models.UniqueIndex(
        "(sent_id, recipient)", "Delivery of a message is recorded once per recipient."
    )

    # Events: from webhooks, and from the reports that come as mail

    @api.model
    def _take_in(self, events, domain):
        """Note delivery events; each counts once, and changes only what we sent.

        :param events: ``mailcore.delivery.DeliveryEvent``
        :param domain: of the ``mail.mailbox.sent`` that the teller may speak about
        :return: how many of the events were not told before
        """
        new = self.env["mail.mailbox.delivery.event"]._keep_new(events)
        # sudo: what is told of it proves that it left, whoever wrote it
        outbox = self.env["mail.mailbox.outbox"].sudo()
        teller = {"account_id": "mailbox_id.sending_account_id"}
        outbox._resolve_by(
            {event.message_id for event in new if event.message_id},
            [(teller.get(name, name), *rest) for name, *rest in domain],
        )
        for event in filter(lambda one: one.message_id, new):
            row = self.search(
                [
                    ("sent_id", "any", [*domain, *_about(event)]),
                    ("recipient", "=", event.recipient.lower()),
                ],
                order="id desc",
                limit=1,
            )
            if row and RANKS[event.state] > RANKS[row.state]:
                row._change(event)
        return len(new)

    @api.model
    def _take_in_reports(self, mailbox, fetched):
        """Note what the reports among new messages tell of mail from ``mailbox``.

        Anybody can write a report; it changes nothing but the state of a mail of ours
        that it names by its Message-ID, which only its recipients know.
        """
        for one in fetched:
            if dsn.may_be_report(one.source):
                events = dsn.parse(one.source)
                self._take_in(events, [("mailbox_id", "=", mailbox.id)])

    def _change(self, event):
        self.write(
            {
                "state": event.state,
                "reason": safe_text(event.reason, MAX_REASON),
                "updated_at": naive_utc(event.time),
            }
        )
        self.sent_id.mailbox_id._notify_changed()
        if event.state == "bounced":
            self._warn_sender()

    def _tell_of_bounce(self):
        """Tell who cares for the mailbox, since who sent it does not work here now."""
        mailbox = self.sent_id.mailbox_id.with_user(SUPERUSER_ID)
        for person in mailbox._get_caretakers():
            env = self.with_context(lang=person.lang).env
            mailbox.activity_schedule(
                "mail_mailbox_archive.mail_activity_not_delivered",
                user_id=person.id,
                summary=env._("An email from %s was not delivered", mailbox.email),
            )

    def _warn_sender(self):
        """Notify the sender that a recipient does not get it."""
        for row in self:
            sent = row.sent_id
            user = sent.user_id
            if not user._is_internal():
                continue
            if not user.active:
                row._tell_of_bounce()
                continue
            env = self.with_context(lang=user.lang).env
            text = env._(
                "Your email to %(recipient)s was not delivered: %(reason)s",
                recipient=row.recipient,
                reason=row.reason or env._("no reason was given"),
            )
            user._bus_send(
                "simple_notification",
                {"type": "danger", "sticky": True, "message": text},
            )
            # who sent it, and when they are not there to see it pass by; as the
            # system, because a webhook's visitor has no address to mail it from
            mailbox = sent.mailbox_id.with_user(SUPERUSER_ID)
            mailbox.activity_schedule(
                "mail_mailbox_archive.mail_activity_not_delivered",
                user_id=user.id,
                summary=env._(
                    "An email from %s was not delivered", sent.mailbox_id.email
                )
                if sent.mailbox_id.private
                else text[:200],
            )


class MailMailboxDeliveryEvent(models.Model):
    """A recorded event; reported again, it changes nothing."""

    _name = "mail.mailbox.delivery.event"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _description = "Delivery Event"

    event_id = fields.Char(required=True, readonly=True)

    _event_id_uniq = models.UniqueIndex(
        "(event_id)", "This event was already recorded."
    )

    @api.model
    def _keep_new(self, events):
        """Record ``events``; return those that are new."""
        by_id = {event.event_id: event for event in events}
        known = self.search([("event_id", "in", list(by_id))]).mapped("event_id")
        new = [by_id[key] for key in by_id.keys() - set(known)]
        self.create([{"event_id": event.event_id} for event in new])
        return sorted(new, key=lambda event: event.time)

    @api.autovacuum
    def _gc_events(self):
        """Delete events too old to be reported again."""
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search([("create_date", "<", limit)], limit=10_000).unlink()


class MailMailboxMessage(models.Model):
    """The delivery of a message, in one word and in full."""

    _inherit = "mail.mailbox.message"

    delivery_ids = fields.One2many(
        "mail.mailbox.delivery", "mailbox_message_id", "Delivery", readonly=True
    )
    delivery_state = fields.Selection(
        selection=lambda self: self.env["mail.mailbox.delivery"]
        ._fields["state"]
        ._description_selection(self.env),
        string="Delivery state",
        compute="_compute_delivery_state",
        search="_search_delivery_state",
    )
    delivery_reason = fields.Text(compute="_compute_delivery_state")

    @api.depends("delivery_ids.state", "delivery_ids.reason")
    def _compute_delivery_state(self):
        for message in self:
            states = set(message.delivery_ids.mapped("state"))
            present = (state for state in WORST_FIRST if state in states)
            message.delivery_state = next(present, False)
            message.delivery_reason = "\n".join(
                f"{row.recipient}: {row.reason}"
                for row in message.delivery_ids
                if row.reason and row.state not in ("accepted", "delivered")
            )

    @api.model
    def _search_delivery_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(map(self._of_worst, filter(None, value)))
        # what was not sent from here
        return domain | Domain("delivery_ids", "=", False) if False in value else domain

    @api.model
    def _of_worst(self, state):
        """Return the domain of messages of which ``state`` is the worst."""
        worse = WORST_FIRST[: WORST_FIRST.index(state)]
        domain = Domain("delivery_ids.state", "=", state)
        return domain & ~Domain("delivery_ids.state", "in", worse)

    def _is_sent_from_here(self):
        # sudo: what was sent from here, which the system alone notes
        return bool(self.sudo().delivery_ids) or super()._is_sent_from_here()

    def _get_author(self, tag, mailbox):
        rows = self._get_outbox_rows()
        if not rows:
            return super()._get_author(tag, mailbox)
        # the people of a reply are whom another email named; anybody who got an email
        # can pass it on
        free = rows.filtered(
            lambda row: row.mode in ADDRESSED
            and not row.in_reply_to
            and tag.is_in(row.recipients or "")
        )
        return free.user_id if len(free.user_id) == 1 else rows.user_id.browse()

    def _get_outbox_rows(self):
        """Return what became this very message; anybody can copy a Message-ID."""
        self.ensure_one()
        # sudo: who pressed Send; with their rights alone something is done
        rows = self.env["mail.mailbox.outbox"].sudo()
        return rows.search([("mailbox_message_id", "=", self.id)])

    def _get_delivery_data(self):
        """Return the delivery status for each recipient, for the viewer."""
        labels = dict(self._fields["delivery_state"]._description_selection(self.env))
        return [
            {
                "recipient": row.recipient,
                "state": row.state,
                "label": labels[row.state],
                "reason": row.reason or "",
            }
            for row in self.delivery_ids.sorted(lambda r: WORST_FIRST.index(r.state))
        ]


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    delivery_state = fields.Selection(
        related="mailbox_message_id.delivery_state", related_sudo=False
    )
    delivery_reason = fields.Text(
        related="mailbox_message_id.delivery_reason", related_sudo=False
    )


def _about(event):
    return [
        "|",
        ("message_id", "=", event.message_id),
        "&",
        ("provider_message_id", "!=", False),
        ("provider_message_id", "=", event.message_id.strip("<>")),
    ]
