"""Whether a server still holds messages: asked before ours is removed.

Nothing but EXAMINE and FETCH of size, INTERNALDATE and the Message-ID field.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from ..errors import FolderGone, Unreadable
from ..read.message import parse
from .items import Item
from .session import Session
from .wire import CommandRefused


@dataclass(frozen=True, slots=True)
class Mark:
    """What a message is recognised by without fetching it."""

    size: int
    internal_date: datetime
    message_id: str


def find_held(
    session: Session, wanted: Mapping[tuple[str, int], Iterable[int]]
) -> Iterator[tuple[str, int, Mark]]:
    """Yield folder, UID and :class:`Mark` of those messages that the server holds.

    Of a folder that is gone, refuses or was renumbered, nothing.

    :param wanted: UIDs by the folder's name on the wire and its UIDVALIDITY
    :raises Unreachable: the line broke; what was yielded is true
    """
    for (wire_name, uid_validity), uids in wanted.items():
        try:
            if session.examine(wire_name).uid_validity != uid_validity:
                continue
            items = session.fetch_marks(uids)
        except (FolderGone, CommandRefused):
            continue
        for uid, item in items.items():
            yield wire_name, uid, _mark(item)


def _mark(item: Item) -> Mark:
    try:
        message_id = parse(item.source or b"").message_id
    except Unreadable:
        # it has no such field
        message_id = ""
    return Mark(item.size, item.internal_date, message_id)
