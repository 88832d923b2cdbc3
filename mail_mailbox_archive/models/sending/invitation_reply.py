from datetime import datetime, timezone

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailcore.addresses.address import Address, format_addresses, normalise
from ...mailcore.addresses.sender_claim import without_tag
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.invitation import read_invitation
from ...mailcore.inside.invitation_reply import ANSWERS, write_reply
from ..mailbox.arguments import checked, one_of, record_id, text
from ..messages.invitation import read_calendar_text

SELECTION = [
    ("accepted", "Accepted"),
    ("tentative", "Tentative"),
    ("declined", "Declined"),
]


class MailMailboxInvitationReply(models.Model):
    """What somebody replied to an invitation, shown to who may read the invitation."""

    _name = "mail.mailbox.invitation.reply"
    _inherit = "mail.mailbox.message.detail"
    _description = "Reply to an Invitation"
    _written_by_system = True
    _order = "id desc"
    _rec_name = "email"

    user_id = fields.Many2one(
        "res.users", "Replied by", required=True, ondelete="cascade"
    )
    email = fields.Char("Invited address", required=True)
    answer = fields.Selection(SELECTION, required=True)
    event_uid = fields.Char("UID of the event")
    instance = fields.Char("Event of a series")
    outbox_id = fields.Many2one(
        "mail.mailbox.outbox",
        ondelete="set null",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
    )

    def _describe(self):
        """Return what the viewer says of this reply."""
        self.ensure_one()
        # sudo: whether it has left, for who may read the invitation
        state = self.sudo().outbox_id.state
        return {
            "answer": self.answer,
            "email": self.email,
            # sudo: the name of a colleague who replied
            "person": self.sudo().user_id.name,
            "date": fields.Datetime.to_string(self.create_date),
            # a row that is gone was sent
            "state": "failed"
            if state == "failed"
            else "sent"
            if state in (False, "sent", "partly")
            else "waiting",
        }


class MailMailboxMessage(models.Model):
    """Replying to an invitation: by an email to its organizer, through the outbox."""

    _inherit = "mail.mailbox.message"

    invitation_reply_ids = fields.One2many(
        "mail.mailbox.invitation.reply", "mailbox_message_id", readonly=True
    )

    @checked(one=True, part_id=record_id, answer=one_of(*ANSWERS), email=text)
    def reply_to_invitation(self, part_id, answer, email=""):
        """Tell the organizer of an event whether somebody comes.

        The reply leaves from the address that was invited, as any email does: by who
        may send from it.

        :param part_id: the attachment that holds the invitation
        :param answer: ``accepted``, ``tentative`` or ``declined``
        :param email: which of the addresses that were invited replies; by default the
            first that the user may send from
        :return: as :meth:`get_view_data`
        :raises AccessError: the user may not read the message, or not send
        :raises UserError: it is no invitation, or does not invite an address that the
            user may send from
        """
        self.check_access("read")
        part = self.part_ids.filtered(lambda one: one.id == part_id)
        try:
            source = part and read_calendar_text(
                self._read_source(), part.path, part.size
            )
            invitation = read_invitation(source or "")
        except MailCoreError as error:
            raise UserError(self.env._("This is no invitation.")) from error
        invited = self._find_invited(invitation)
        if email:
            wanted = normalise(email)
            invited = [one for one in invited if normalise(one[0].address) == wanted]
        if not invited or not invitation.uid:
            raise UserError(self._get_not_invited_sentence())
        self._send_reply(invitation, source, answer, *invited[0])
        return self.get_view_data()

    def _find_invited(self, invitation):
        """Return those invited whom the user may reply for, each with its address.

        :return: list of (:class:`Person`, row of ``mail.mailbox.address``)
        """
        organizer = invitation.organizer
        if invitation.method != "REQUEST" or not organizer or not organizer.address:
            return []
        forms = {
            normalise(one.address): one for one in invitation.attendees if one.address
        }
        # who invites does not reply
        forms.pop(normalise(organizer.address), None)
        addresses = self.env["mail.mailbox.address"]
        rows = addresses._look_up({*forms, *map(without_tag, forms)})
        mailboxes = self.env["mail.mailbox"]
        domain = mailboxes._get_sendable_domain()
        sendable = mailboxes.search([*domain, ("id", "in", rows.mailbox_id.ids)])
        mine = {}
        for row in rows:
            mailbox = sendable.browse(row.mailbox_id.id) & sendable
            choice = mailbox and mailbox._get_sendable_addresses()
            if mailbox and (row.is_main or row.id in choice.ids):
                # an archived mailbox may have it, too: those in use come first
                mine.setdefault(row.email_normalized, row)
        return [
            (person, row)
            for form, person in forms.items()
            if (row := mine.get(form) or mine.get(without_tag(form)))
        ]

    def _send_reply(self, invitation, source, answer, person, row):
        """Put the reply into the outbox, and note it."""
        organizer = Address(invitation.organizer.name, invitation.organizer.address)
        event = invitation.summary or self.subject or ""
        now = datetime.now(timezone.utc)
        draft = self.env["mail.mailbox.draft"].create(
            {
                "mode": "reply",
                "mailbox_id": row.mailbox_id.id,
                "address_id": row.id,
                "origin_id": self.id,
                "email_to": format_addresses([organizer]),
                "subject": self._get_reply_subject(answer, event),
                "plain": True,
                "plain_text": self._get_reply_text(answer, event),
            }
        )
        # sudo: written here alone, from the invitation that the user may read
        draft.sudo().calendar = write_reply(
            source, person.address, self.env.user.name, answer, now
        )
        outbox = draft._send()
        # sudo: the system's note of what the user has just sent
        self.env["mail.mailbox.invitation.reply"].sudo().create(
            {
                "mailbox_message_id": self.id,
                "user_id": self.env.uid,
                "email": person.address,
                "answer": answer,
                "event_uid": invitation.uid,
                "instance": invitation.instance,
                "outbox_id": outbox.id,
            }
        )

    @api.model
    def _get_reply_subject(self, answer, summary):
        return {
            "accepted": self.env._("Accepted: %s", summary),
            "tentative": self.env._("Tentative: %s", summary),
            "declined": self.env._("Declined: %s", summary),
        }[answer]

    @api.model
    def _get_reply_text(self, answer, summary):
        values = {"person": self.env.user.name, "event": summary}
        return {
            "accepted": self.env._("%(person)s has accepted “%(event)s”.", **values),
            "tentative": self.env._(
                "%(person)s has tentatively accepted “%(event)s”.", **values
            ),
            "declined": self.env._("%(person)s has declined “%(event)s”.", **values),
        }[answer]

    @api.model
    def _get_not_invited_sentence(self):
        return self.env._(
            "None of the addresses that you may send from is invited, so you cannot "
            "reply here."
        )

    def _describe_invitation(self, invitation):
        data = super()._describe_invitation(invitation)
        # the latest comes first
        replies = self.invitation_reply_ids.filtered(
            lambda one: (one.event_uid or "", one.instance or "")
            == (invitation.uid, invitation.instance)
        )
        invited = self._find_invited(invitation) if invitation.uid else []
        asked = self and invitation.method == "REQUEST" and not data["cancelled"]
        return {
            **data,
            "may_reply": [person.address for person, _row in invited] if asked else [],
            "hint": "" if invited or not asked else self._get_not_invited_sentence(),
            "replies": [one._describe() for one in _latest(replies)],
        }


class MailMailboxDraft(models.Model):
    """A reply to an invitation carries what calendars read."""

    _inherit = "mail.mailbox.draft"

    calendar = fields.Text(readonly=True, groups=fields.NO_ACCESS)

    def _prepare_outbox_values(self):
        # sudo: written by the system when the draft was made
        return {**super()._prepare_outbox_values(), "calendar": self.sudo().calendar}


class MailMailboxOutbox(models.Model):
    """The reply leaves as text and, beside it, as what calendars read (RFC 6047)."""

    _inherit = "mail.mailbox.outbox"

    calendar = fields.Text(readonly=True, groups=fields.NO_ACCESS)

    def _build(self):
        message = super()._build()
        if self.calendar:
            message.add_alternative(
                self.calendar, subtype="calendar", params={"method": "REPLY"}
            )
        return message

    def _edit(self):
        self.ensure_one()
        self._check_mine()
        # sudo: whether it is a reply to an invitation
        if self.sudo().calendar:
            raise UserError(
                self.env._(
                    "“%s” is a reply to an invitation, which cannot be edited. Open "
                    "the invitation and reply again.",
                    self.subject or "",
                )
            )
        return super()._edit()

    def _stop(self):
        result = super()._stop()
        if self.state == "cancelled":
            # sudo: what was taken back was not replied
            replies = self.env["mail.mailbox.invitation.reply"].sudo()
            replies.search([("outbox_id", "=", self.id)]).unlink()
        return result


def _latest(replies):
    """Return the last reply of each address."""
    found = {}
    for one in replies:
        found.setdefault(normalise(one.email), one)
    return list(found.values())
