from odoo import api, models
from odoo.exceptions import UserError

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import normalise
from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.models.mailbox.arguments import (
    checked,
    record_id,
)
from odoo.addons.mail_mailbox_archive.models.messages.invitation import read_calendar

from .invitation_series import get_series_values

#: What may go into a calendar.
METHODS = ("REQUEST", "PUBLISH", "ADD")


class MailMailboxMessage(models.Model):
    """An invitation goes into the calendar of who accepts it, by a click."""

    _inherit = "mail.mailbox.message"

    @checked(one=True, part_id=record_id)
    def put_into_calendar(self, part_id):
        """Put the event of an invitation into the user's calendar, or change it there.

        :param part_id: the attachment that holds the invitation
        :return: as :meth:`get_view_data`
        :raises AccessError: the user may not read the message
        :raises UserError: it is no event with a time, an older version, or of an event
            of somebody else's that is there
        """
        invitation = self._read_invitation(part_id)
        self._check_organizer(invitation)
        if self._get_calendar_action(invitation) not in ("add", "change"):
            raise UserError(self._get_no_event_sentence())
        self.env["mail.mailbox.invitation.event"]._put(invitation)
        return self.get_view_data()

    @checked(one=True, part_id=record_id)
    def remove_from_calendar(self, part_id):
        """Remove the event of an invitation from the user's calendar.

        :param part_id: as of :meth:`put_into_calendar`
        :return: as :meth:`get_view_data`
        :raises UserError: it is an older version, or of an event of somebody else's
        """
        invitation = self._read_invitation(part_id)
        self._check_organizer(invitation)
        if self._find_row(invitation):
            if not self._may_remove(invitation):
                raise UserError(
                    self.env._("A newer version of this event is in your calendar.")
                )
            self.env["mail.mailbox.invitation.event"]._remove(invitation)
        return self.get_view_data()

    @api.model
    def _find_row(self, invitation):
        """Return the user's row of an event, or of the series that it is one of."""
        events = self.env["mail.mailbox.invitation.event"]
        series, _event = events._find_in_series(invitation)
        return events._find(invitation) or series

    def _is_of_organizer(self, invitation):
        """Return whether this email comes from the organizer, or who acts for them.

        Whoever was invited knows the UID, and can write the organizer's address.
        """
        one = invitation.organizer
        people = (
            [address for address in (one.address, one.sent_by) if address]
            if one
            else []
        )
        return not people or self._get_sender() in map(normalise, people)

    def _check_organizer(self, invitation):
        if self._find_row(invitation) and not self._is_of_organizer(invitation):
            raise UserError(
                self.env._(
                    "This email does not come from the organizer of the event, so it "
                    "cannot change or remove it. You can do that in your calendar."
                )
            )

    def _may_remove(self, invitation):
        """Return whether the event of an invitation is there, and not a newer one."""
        row = self._find_row(invitation)
        return (
            bool(row)
            and invitation.sequence >= row.sequence
            and self._is_of_organizer(invitation)
        )

    def _read_invitation(self, part_id):
        self.check_access("read")
        part = self.part_ids.filtered(lambda one: one.id == part_id)
        if not part:
            raise UserError(self._get_no_event_sentence())
        try:
            return read_calendar(self._read_source(), part.path, part.size)
        except MailCoreError as error:
            raise UserError(self._get_no_event_sentence()) from error

    def _get_no_event_sentence(self):
        return self.env._("This cannot be put into a calendar.")

    def _send_reply(self, invitation, source, answer, person, row):
        result = super()._send_reply(invitation, source, answer, person, row)
        events = self.env["mail.mailbox.invitation.event"]
        if answer == "declined":
            if self._may_remove(invitation):
                events._remove(invitation)
        elif self._get_calendar_action(invitation) in ("add", "change"):
            events._put(invitation)
        return result

    def _get_calendar_action(self, invitation):
        """Return what a click does: "add", "change", "remove"; "there", "" for nothing.

        An older version never replaces a newer one, and nobody but its organizer
        changes an event that is there.
        """
        events = self.env["mail.mailbox.invitation.event"]
        own = events._find(invitation)
        series, _event = events._find_in_series(invitation)
        row = own or series
        # an event of a series may be changed without another number
        newer = self._is_of_organizer(invitation) and (
            invitation.sequence > own.sequence
            if own
            else invitation.sequence >= row.sequence
        )
        if "CANCEL" in (invitation.method, invitation.status[:6]):
            return "remove" if self._may_remove(invitation) else ""
        if not invitation.uid or not invitation.when or invitation.when.unknown:
            return ""
        if invitation.method not in METHODS:
            return ""
        if own:
            return "change" if newer else "there"
        if series:
            return "change" if newer else ""
        return "add"

    def _describe_invitation(self, invitation):
        data = super()._describe_invitation(invitation)
        action = self and self._get_calendar_action(invitation)
        if not action:
            return data
        events = self.env["mail.mailbox.invitation.event"]
        conflicts = action in ("add", "change") and events._find_conflicts(invitation)
        return {
            **data,
            "calendar": {
                "action": action,
                "removable": self._may_remove(invitation),
                "series": self._get_series_word(invitation, action),
                "conflicts": [one.display_name for one in conflicts or ()],
            },
        }

    def _get_series_word(self, invitation, action):
        """Return how much of a series goes into the calendar: "whole", "one", ""."""
        if not invitation.recurrence or action == "remove":
            return ""
        return "whole" if get_series_values(invitation, str(self.env.tz)) else "one"
