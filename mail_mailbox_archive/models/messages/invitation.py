from odoo import api, models

from ...mailcore.addresses.address import normalise
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.content_line import MAX_SIZE
from ...mailcore.inside.invitation import is_calendar, read_invitation
from ...mailcore.read.message import read_part
from .invitation_words import MAX_CHANGES

#: Calendar files of one message that are read; further ones are files.
MAX_READ = 5
#: People of an event that are listed.
MAX_SHOWN = 50
#: What those who are invited tell the organizer; the first person is who says it.
FROM_INVITED = frozenset(("REPLY", "COUNTER", "REFRESH"))


class MailMailboxMessage(models.Model):
    """Invitations in a message, as the viewer shows them above its attachments.

    Nothing of them is stored: they are read from the source by who may read that.
    """

    _inherit = "mail.mailbox.message"

    def _get_invitation_data(self):
        """Return what is shown of each invitation in this message.

        :return: list of dicts; one with ``problem`` is a file that cannot be shown
        """
        self.ensure_one()
        parts = self.part_ids.filtered(
            lambda part: is_calendar(part.mimetype or "", part.filename or "")
        )
        if not parts:
            return []
        return self._describe_invitations(
            self._read_source(),
            [(part.path, part.id, part._get_file_name(), part.size) for part in parts],
            self._get_sender(),
        )

    def _describe_invitations(self, source, files, sender):
        """Return what is shown of the invitations in a source.

        ``self`` is the message, which may be replied to; none for one inside of it.

        :param files: path, id, name and size of each calendar file
        :param sender: the address in From, in normal form
        """
        found, known = [], set()
        for path, part_id, name, size in files[:MAX_READ]:
            try:
                invitation = read_calendar(source, path, size)
            except MailCoreError as error:
                problem = self._get_invitation_problem(name, error.code)
                found.append({"part": part_id, "problem": problem})
                continue
            # most calendars attach what stands beside the text once more
            key = invitation.uid, invitation.instance, invitation.method
            if key not in known:
                known.add(key)
                data = self._describe_invitation(invitation)
                # whoever replies should know to whom
                other = data["organizer"] and data["organizer"]["address"]
                if not other or normalise(other) == sender:
                    other = ""
                data |= self._get_forgery_hint(invitation, sender)
                found.append({"part": part_id, **data, "other_organizer": other})
        shown = [one for one in found if not one["problem"]]
        return shown or found[:1]

    @api.model
    def _get_forgery_hint(self, invitation, sender):
        """Return a hint where somebody else sent what is said to be a reply."""
        people = invitation.attendees[:1]
        address = people[0].address if people else ""
        if invitation.method not in FROM_INVITED or normalise(address) == sender:
            return {}
        return {"hint": self.env._("This email was not sent by %s.", address or "?")}

    def _describe_invitation(self, invitation):
        """Return the words of one invitation, each to be escaped by who shows it."""
        people = [
            {
                "name": one.name,
                "address": one.address,
                "status": one.status.lower(),
                "label": self._get_status_word(one.status),
            }
            for one in invitation.attendees
            if one.name or one.address
        ]
        organizer = invitation.organizer
        return {
            "problem": "",
            "method": invitation.method.lower(),
            "headline": self._get_invitation_headline(invitation),
            "cancelled": "CANCEL" in (invitation.method, invitation.status[:6]),
            "changed": invitation.method == "REQUEST" and invitation.sequence > 0,
            "summary": invitation.summary,
            "location": invitation.location,
            "comment": invitation.comment,
            "when": self._describe_when(invitation.when),
            "zone_note": self._get_zone_note(invitation.when),
            "repeats": self._describe_recurrence(invitation.recurrence),
            "instance_note": self._get_instance_note(invitation),
            "changes": self._describe_changes(invitation),
            "more_changes": max(0, len(invitation.changes) - MAX_CHANGES),
            "organizer": organizer
            and {"name": organizer.name, "address": organizer.address},
            "people": people[:MAX_SHOWN],
            "more_people": max(0, len(people) - MAX_SHOWN),
            "more_events": max(0, invitation.events - 1),
        }


def read_calendar(source, path, size=0):
    """Return the invitation in a part of a source.

    :param size: of the part in bytes, so that what is far too large is not decoded
    :raises MailCoreError: see :func:`read_invitation`
    """
    return read_invitation(read_calendar_text(source, path, size))


def read_calendar_text(source, path, size=0):
    """Return a calendar object of a source as text; cut where it would be refused.

    :raises MailCoreError: the source does not hold it
    """
    if size > 4 * MAX_SIZE:
        # refused as what is longer than anybody sends
        return " " * (MAX_SIZE + 1)
    return read_part(source, path).text()
