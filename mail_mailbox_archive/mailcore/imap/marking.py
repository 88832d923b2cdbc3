"""Marking messages as read on the server: the one thing that is changed there.

Only for mailboxes whose people switched it on. What may be sent is listed here, and the
wire refuses everything else before a byte is sent: whoever adds to this line by mistake
cannot delete, move or flag anything.
"""

from __future__ import annotations

import re

from ..errors import BadArgument, FolderGone, UidValidityChanged
from .arguments import quote
from .line import Line
from .responses import Value, read_code, read_status
from .uids import Ranges, write_sets
from .wire import CommandRefused, Wire

#: Logging in and out, and what a folder is opened with to be written to.
_HARMLESS = r"LOGIN .*|AUTHENTICATE \S+|CAPABILITY|ID \(.*\)|LOGOUT"
_SELECT = r'SELECT "(?:[^"\\]|\\.)*"'
_MARK = r"UID STORE [0-9,:]+ \+FLAGS \(\\Seen\)"
_ALLOWED = re.compile(f"(?:{_HARMLESS}|{_SELECT}|{_MARK})", re.DOTALL)
#: Characters of the UIDs in one command.
LONGEST_SET = 900


class MarkingWire(Wire):
    """A wire over which messages can be marked as read, and nothing else."""

    def _write(self, *commands: str) -> list[str]:
        if not all(map(_ALLOWED.fullmatch, commands)):
            raise BadArgument("forbidden")
        return super()._write(*commands)


class Marker(Line):
    """A line that marks messages as read."""

    wire_class = MarkingWire

    def mark_seen(self, wire_name: str, uid_validity: int, uids: Ranges) -> None:
        """Set ``\\Seen`` at messages of a folder (RFC 3501, 6.4.6).

        :raises UidValidityChanged: its UIDs mean other messages now; none is marked
        :raises FolderGone: the server does not open it, or does not let it be changed
        """
        values: dict[str, Value] = {}
        try:
            for answer in self._wire.run(f"SELECT {quote(wire_name)}"):
                if answer.kind == "OK":
                    code, argument = read_code(answer.text)
                    values[code] = argument.strip().encode()
            if read_status(values).uid_validity != uid_validity:
                raise UidValidityChanged()
            for one in write_sets(uids, LONGEST_SET):
                list(self._wire.run(f"UID STORE {one} +FLAGS (\\Seen)"))
        except CommandRefused as error:
            raise FolderGone("folder", error.detail) from error
