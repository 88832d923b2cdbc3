from odoo import models
from odoo.exceptions import UserError

from ...mailcore.inside.child import Limits, NotOpened, read_inside
from ...mailcore.inside.tnef import is_tnef
from ...mailcore.read.kind import HEAD, shown_as
from ...mailcore.read.message import Part, PartContent
from ...mailcore.read.uuencoded import kind_by_name
from .view_data import describe

#: How an address of a file in a winmail.dat begins, behind its part.
PACKED = "winmail/"
#: Of one email so many are opened to be listed: Outlook sends one, and each takes a
#: process while somebody waits.
MAX_OPENED = 3
#: A file goes back whole, in letters.
LIMITS = Limits(memory=384 * 2**20, returned=48 * 2**20)


class MailMailboxPart(models.Model):
    """The files that Outlook packs into a winmail.dat, listed and opened like others.

    They are read in a process with limits, each time somebody looks at them; nothing of
    them is stored, and the email stays as it is.
    """

    _inherit = "mail.mailbox.part"

    def _is_packed(self):
        return is_tnef(self.filename or "", self.mimetype or "")

    def _get_packed_data(self):
        """Return what is shown of the files in this attachment, as of attachments.

        :return: list of dicts
        :raises NotOpened: it is none, or there is no process for it
        :raises UserError: the source does not hold it as it did
        """
        self.ensure_one()
        files = read_inside("tnef", b"\n" + self._read_content(), LIMITS)
        return [
            {
                "id": self.id,
                "inner": f"{PACKED}{number}",
                **describe(one["name"], kind, one["size"]),
                # what it is, is known when it is opened
                "shown_as": shown_as(kind, one["name"], b""),
                "message": False,
                "in_text": False,
            }
            for number, one in enumerate(files)
            for kind in [one["kind"] or kind_by_name(one["name"])]
        ]

    def _read_part(self, inner=""):
        if not inner.startswith(PACKED) or not self._is_packed():
            return super()._read_part(inner)
        number = inner.removeprefix(PACKED)
        if not (number.isascii() and number.isdigit() and len(number) < 4):
            raise UserError(self._get_unreadable_sentence())
        packed = self._read_content()
        try:
            files = read_inside("tnef", b"\n" + packed, LIMITS)
            one = files[int(number)]
            content = read_inside("tnef", number.encode() + b"\n" + packed, LIMITS)
        except (NotOpened, IndexError) as error:
            raise UserError(self._get_unreadable_sentence()) from error
        kind = one["kind"] or kind_by_name(one["name"])
        return PartContent(
            Part(inner, kind, one["name"], len(content), "", "attachment"),
            content,
            shown_as(kind, one["name"], content[:HEAD]),
        )


class MailMailboxMessage(models.Model):
    """The viewer lists what is in a winmail.dat behind it."""

    _inherit = "mail.mailbox.message"

    def _get_part_data(self):
        data = super()._get_part_data()
        entries = {one["id"]: one for one in data}
        packed = self.part_ids.filtered(lambda part: part._is_packed())
        for at, part in enumerate(packed):
            try:
                if at >= MAX_OPENED:
                    raise NotOpened("size")
                data += part._get_packed_data()
            except (NotOpened, UserError):
                entries[part.id]["note"] = self.env._(
                    "The files in it cannot be shown here. Download it."
                )
        return data
