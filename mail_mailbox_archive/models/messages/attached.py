from odoo import models
from odoo.exceptions import UserError

from ...mailcore.addresses.address import format_addresses, normalise
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.invitation import is_calendar
from ...mailcore.read.message import parse, read_attached
from ..mailbox.arguments import checked, text
from .view_data import describe, read_kinds_of

PEOPLE = {
    "email_from": "from_",
    "email_to": "to",
    "email_cc": "cc",
    "email_bcc": "bcc",
    "email_reply_to": "reply_to",
}


class MailMailboxPart(models.Model):
    """An attached message, shown as a message.

    It has no record of its own: only another sender says who sent it, and it never came
    to a mailbox of ours. Messages inside of it are reached by their path.
    """

    _inherit = "mail.mailbox.part"

    @checked(one=True, inner=text)
    def get_view_data(self, inner=""):
        """Return what the viewer shows around the body of this attached message.

        :param inner: path of a message inside of it
        :return: as :meth:`MailMailboxMessage.get_view_data`
        """
        source = self._read_attached(inner)
        try:
            message = parse(source)
        except MailCoreError as error:
            raise UserError(self._get_unreadable_sentence()) from error
        people = {
            name: format_addresses(getattr(message, field))
            for name, field in PEOPLE.items()
        }
        outer = self.mailbox_message_id
        return {
            "id": outer.id,
            "part": self.id,
            "inner": inner,
            "subject": message.subject,
            "parts": self._get_inner_parts(source, message, inner),
            "invitations": self._get_inner_invitations(source, message),
            "images": "blocked",
            "token": False,
            **outer._get_head_data(people, message.date, len(source)),
        }

    def _get_inner_parts(self, source, message, inner):
        kinds, shown = read_kinds_of(source)
        prefix = f"{inner}/" if inner else ""
        return [
            {
                "id": self.id,
                "inner": f"{prefix}{part.path}",
                **describe(part.filename, part.mimetype, part.size),
                "shown_as": kinds.get(part.path, ""),
                "in_text": part.path in shown,
            }
            for part in message.parts
        ]

    def _get_inner_invitations(self, source, message):
        sender = message.from_[0].addr_spec if message.from_ else ""
        # of no message: who forwards an invitation is not who was invited
        return self.env["mail.mailbox.message"]._describe_invitations(
            source,
            [
                (part.path, self.id, part.filename, part.size)
                for part in message.parts
                if is_calendar(part.mimetype, part.filename)
            ],
            normalise(sender),
        )

    def _read_attached(self, inner=""):
        """Return the source of this attached message, or of one inside of it.

        :raises UserError: it is not a message, or cannot be read
        """
        self.ensure_one()
        path = f"{self.path}/{inner}" if inner else self.path
        try:
            return read_attached(self.mailbox_message_id._read_source(), path)
        except MailCoreError as error:
            raise UserError(self._get_unreadable_sentence()) from error

    def _view_body(self, own_hosts, inner=""):
        """Return the body of this attached message for the frame.

        Pictures from outside stay out: whoever wrote it is not whose pictures the user
        wanted to see.
        """
        prefix = f"{inner}/" if inner else ""
        return self.mailbox_message_id._view_source(
            self._read_attached(inner),
            lambda path: f"/mail_mailbox_archive/part/{self.id}/{prefix}{path}",
            own_hosts=frozenset(own_hosts),
        )
