from dataclasses import replace
from datetime import timedelta, timezone

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import plaintext2html

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import normalise

from .invitation_series import find_event, get_series_values

#: The organizer's calendar tells the others, not this one.
QUIET = {
    "dont_notify": True,
    "no_mail_to_attendees": True,
    "mail_create_nosubscribe": True,
}
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
        "calendar.event", "Event", ondelete="set null", index="btree_not_null"
    )
    recurrence_id = fields.Many2one(
        "calendar.recurrence", "Series", ondelete="set null", index="btree_not_null"
    )
    event_uid = fields.Char("UID", required=True)
    instance = fields.Char("Event of a series", required=True, default="")
    organizer = fields.Char(required=True, default="")
    sequence = fields.Integer()

    _event_uniq = models.UniqueIndex("(user_id, event_uid, instance, organizer)")

    @api.model
    def _look_up(self, invitation, *others):
        """Return the user's rows of what ``invitation`` is about, also of what is gone.

        :param others: terms that select among those of one series
        """
        # sudo: nobody has a right to the model; one's own are looked up here alone
        return self.sudo().search(
            [
                ("user_id", "=", self.env.uid),
                ("event_uid", "=", invitation.uid),
                ("organizer", "=", _get_organizer(invitation)),
                *others,
            ]
        )

    @api.model
    def _find(self, invitation):
        """Return the user's row of the event that ``invitation`` is about.

        Who removed an event from their calendar has none.
        """
        instance = ("instance", "=", invitation.instance or "")
        return self._look_up(invitation, instance).filtered("calendar_event_ids")

    @api.model
    def _find_in_series(self, invitation):
        """Return the series in the user's calendar, and the event of it that this is.

        :return: row, event; both empty where the one or the other is not there
        """
        events = self.env["calendar.event"]
        one = invitation.occurrence
        rows = self._look_up(invitation) if one else self.browse()
        series = rows.filtered(lambda row: not row.instance)
        if not series:
            return self.browse(), events
        own = rows.filtered(lambda row: row.instance == invitation.instance)
        if own.event_id:
            return series, own.event_id.sudo(False)
        # what was moved to this time is another event of the series
        moved = (rows - series).event_id
        event = find_event(
            (series.calendar_event_ids - moved).sudo(False),
            one.original,
            one.is_day,
            self.env.tz,
        )
        return (series, event) if event else (self.browse(), events)

    calendar_event_ids = fields.Many2many(
        "calendar.event", compute="_compute_calendar_event_ids"
    )

    def _compute_calendar_event_ids(self):
        for row in self:
            of_series = row.recurrence_id.calendar_event_ids
            row.calendar_event_ids = row.event_id | of_series

    @api.model
    def _put(self, invitation):
        """Put an event into the user's calendar, or change it there."""
        row = self._find(invitation)
        series = get_series_values(invitation, str(self.env.tz))
        values = self._prepare_event_values(invitation)
        _series, event = self._find_in_series(invitation)
        if row and not (series or row.recurrence_id):
            event = row.event_id.sudo(False)
        if event:
            if event.recurrence_id:
                values["recurrence_update"] = "self_only"
            event.with_context(**QUIET).write(values)
        else:
            # of a series that is another one by now nothing stays as it was
            self._remove(invitation)
            event = self._create_event({**values, **(series or {})})
        self._note(invitation, event, event.recurrence_id if series else None)
        if series:
            self._apply_changes(event.recurrence_id, invitation)

    @api.model
    def _create_event(self, values):
        person = self.env.user
        # who has no right to what the email says finds a time that is taken
        event = (
            self.env["calendar.event"]
            .with_context(**QUIET)
            .create(
                {
                    **values,
                    "user_id": person.id,
                    "partner_ids": [fields.Command.set(person.partner_id.ids)],
                    "privacy": "private",
                }
            )
        )
        events = event | event.recurrence_id.calendar_event_ids
        events.attendee_ids.write({"state": "accepted"})
        return event

    @api.model
    def _note(self, invitation, event, recurrence):
        """Remember which event of the calendar came from ``invitation``."""
        values = {
            "event_id": event.id,
            "recurrence_id": recurrence.id if recurrence else False,
            "sequence": invitation.sequence,
        }
        instance = invitation.instance or ""
        if row := self._look_up(invitation, ("instance", "=", instance)):
            row.write(values)
            return
        # sudo: as in _look_up
        self.sudo().create(
            {
                **values,
                "user_id": self.env.uid,
                "event_uid": invitation.uid,
                "instance": instance,
                "organizer": _get_organizer(invitation),
            }
        )

    @api.model
    def _apply_changes(self, recurrence, invitation):
        """Move and remove the events of a series that are not as the others."""
        # all before the first is moved, maybe to the time of another
        found = [
            (
                change,
                find_event(
                    recurrence.calendar_event_ids,
                    change.original,
                    change.is_day,
                    self.env.tz,
                ),
            )
            for change in invitation.changes
        ]
        for change, found_event in found:
            event = found_event.exists().with_context(**QUIET)
            if not change.when:
                event.unlink()
            elif event and change.when.all_day == invitation.when.all_day:
                moved = replace(
                    invitation,
                    when=change.when,
                    summary=change.summary or invitation.summary,
                    location=change.location or invitation.location,
                )
                values = self._prepare_event_values(moved)
                event.write({**values, "recurrence_update": "self_only"})
                self._note(replace(moved, instance=change.instance), event, None)

    @api.model
    def _remove(self, invitation):
        """Remove an event from the user's calendar, where it is there.

        With a series go those of its events that were changed one by one.
        """
        _series, event = self._find_in_series(invitation)
        rows = self._find(invitation)
        if rows and not invitation.instance:
            rows = self._look_up(invitation)
        event |= rows.calendar_event_ids.sudo(False)
        recurrences = rows.recurrence_id.sudo(False)
        event.with_context(**QUIET).unlink()
        recurrences.unlink()

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
        _series, one = self._find_in_series(invitation)
        own = one | self._find(invitation).calendar_event_ids
        attends = [("partner_id", "=", partner.id), ("state", "!=", "declined")]
        domain = (
            Domain("attendee_ids", "any", attends)
            & Domain("show_as", "=", "busy")
            & Domain("start", "<", stop)
            & Domain("stop", ">", start)
            & Domain("id", "not in", own.ids)
        )
        return self.env["calendar.event"].search(
            domain, order="start, id", limit=MAX_CONFLICTS
        )


def _get_organizer(invitation):
    """Return the address of who invites, in normal form; "" where it names none."""
    address = invitation.organizer and invitation.organizer.address
    return normalise(address) if address else ""
