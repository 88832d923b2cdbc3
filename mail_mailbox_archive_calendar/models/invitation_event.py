from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import normalise

#: Other events at the time of an invitation that are named.
MAX_CONFLICTS = 5


class MailMailboxInvitationEvent(models.Model):
    """Which event of a person's calendar came from which invitation.

    Nobody reads these rows: each person finds their own, by the UID and the organizer
    that an invitation they may read says. Whoever was invited knows the UID: what
    somebody else makes of it is an event of theirs, which changes and removes no other.
    """

    _name = "mail.mailbox.invitation.event"
    _inherit = "mail.mailbox.guarded"
    _of_the_system = True
    _written_by_system = True
    _description = "Event of an Invitation"

    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    event_id = fields.Many2one(
        "calendar.event", required=True, ondelete="cascade", index=True
    )
    event_uid = fields.Char("UID", required=True)
    instance = fields.Char("Event of a series", required=True, default="")
    organizer = fields.Char(required=True, default="")
    sequence = fields.Integer()

    _event_uniq = models.UniqueIndex("(user_id, event_uid, instance, organizer)")

    @api.model
    def _find(self, invitation):
        """Return the user's row of the event that ``invitation`` is about."""
        # sudo: nobody has a right to the model; one's own are looked up here alone
        return self.sudo().search(
            [
                ("user_id", "=", self.env.uid),
                ("event_uid", "=", invitation.uid),
                ("instance", "=", invitation.instance or ""),
                ("organizer", "=", _get_organizer(invitation)),
            ]
        )

    @api.model
    def _put(self, invitation):
        """Put an event into the user's calendar, or change it there."""
        values = self._prepare_event_values(invitation)
        # the organizer's calendar tells the others, not this one
        events = self.env["calendar.event"].with_context(
            dont_notify=True, no_mail_to_attendees=True, mail_create_nosubscribe=True
        )
        row = self._find(invitation)
        if row:
            events.browse(row.event_id.id).write(values)
            row.sequence = invitation.sequence
            return
        person = self.env.user
        # who has no right to what the email says finds a time that is taken
        event = events.create(
            {
                **values,
                "user_id": person.id,
                "partner_ids": [fields.Command.set(person.partner_id.ids)],
                "privacy": "private",
            }
        )
        event.attendee_ids.write({"state": "accepted"})
        # sudo: as in _find
        self.sudo().create(
            {
                "user_id": person.id,
                "event_id": event.id,
                "event_uid": invitation.uid,
                "instance": invitation.instance or "",
                "organizer": _get_organizer(invitation),
                "sequence": invitation.sequence,
            }
        )

    @api.model
    def _remove(self, invitation):
        """Remove an event from the user's calendar, where it is there."""
        event = self._find(invitation).event_id.sudo(False)
        event.with_context(dont_notify=True).unlink()

    @api.model
    def _prepare_event_values(self, invitation):
        start, stop = self._get_span(invitation.when)
        values = {
            "name": invitation.summary or self.env._("(no subject)"),
            "location": invitation.location,
            "description": plaintext2html(invitation.description or ""),
            "allday": invitation.when.all_day,
        }
        if invitation.when.all_day:
            last = max(start, stop - timedelta(days=1))
            return {**values, "start_date": start.date(), "stop_date": last.date()}
        return {**values, "start": start, "stop": stop}

    @api.model
    def _get_span(self, when):
        """Return start and end in UTC; of what floats, as it is where the user is."""
        if when.all_day:
            return when.start, when.end
        moments = (when.start, when.end)
        if when.start.tzinfo is None:
            moments = (self.env.tz.localize(one) for one in moments)
        return tuple(
            one.astimezone(timezone.utc).replace(tzinfo=None) for one in moments
        )

    @api.model
    def _find_conflicts(self, invitation):
        """Return the user's other events at the time of an invitation."""
        start, stop = self._get_span(invitation.when)
        partner = self.env.user.partner_id
        attends = [("partner_id", "=", partner.id), ("state", "!=", "declined")]
        domain = (
            Domain("attendee_ids", "any", attends)
            & Domain("show_as", "=", "busy")
            & Domain("start", "<", stop)
            & Domain("stop", ">", start)
            & Domain("id", "not in", self._find(invitation).event_id.ids)
        )
        return self.env["calendar.event"].search(
            domain, order="start, id", limit=MAX_CONFLICTS
        )


def _get_organizer(invitation):
    """Return the address of who invites, in normal form; "" where it names none."""
    address = invitation.organizer and invitation.organizer.address
    return normalise(address) if address else ""
