"""What FETCH tells of a message (RFC 3501, 7.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from .responses import (
    MAX_COUNT,
    Answer,
    Value,
    read_date,
    read_moment,
    read_number,
    read_or_none,
    read_pairs,
)
from .uids import Ranges, clip, count

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Item:
    """What a FETCH told of one message.

    :param size: RFC822.SIZE in bytes, as the server claims
    :param source: its bytes, or header block; None when there was none in the answer
    :param arrived: INTERNALDATE as it was told; None where it was not
    """

    uid: int
    internal_date: datetime
    seen: bool
    size: int
    source: bytes | None = None
    arrived: datetime | None = None


#: What servers call a source, and a header block, the right name first.
SOURCES = ("BODY[]", "BODY[]<0>", "RFC822")
HEADERS = ("BODY[HEADER]<0>", "BODY[HEADER]", "RFC822.HEADER")
#: The field that a message is recognised by; some servers quote its name.
MARKS = (
    "BODY[HEADER.FIELDS (MESSAGE-ID)]",
    'BODY[HEADER.FIELDS ("MESSAGE-ID")]',
)


def read_fetch(answer: Answer) -> dict[str, Value] | None:
    """Return a FETCH answer's items; None when it is none or cannot be read."""
    if answer.kind != "FETCH":
        return None
    return read_or_none(lambda values: read_pairs(values and values[0]), answer)


class Gathering:
    """What FETCH answers tell of the messages in ``ranges``, by UID.

    A later answer counts over an earlier one: a change of flags may come in between,
    with nothing but the flags. An answer without a UID belongs to the message that has
    its number, if another one tells which that is; numbers move up when a message goes
    (RFC 3501, 7.4.1).
    """

    def __init__(self, ranges: Ranges) -> None:
        self._ranges = ranges
        self._uids: dict[int, int] = {}
        self._nameless: dict[int, dict[str, Value]] = {}
        self.found: dict[int, dict[str, Value]] = {}

    def take(self, answer: Answer) -> None:
        """Note what one answer tells."""
        if answer.kind == "EXPUNGE":
            self._uids = _without(self._uids, answer.number)
            self._nameless = _without(self._nameless, answer.number)
        pairs = read_fetch(answer)
        if not pairs:
            return
        uid = read_number(pairs.get("UID"))
        if uid:
            self._uids[answer.number] = uid
            pairs = self._nameless.pop(answer.number, {}) | pairs
        uid = uid or self._uids.get(answer.number, 0)
        if not uid:
            self._nameless.setdefault(answer.number, {}).update(pairs)
        elif clip(self._ranges, uid, uid):
            self.found.setdefault(uid, {}).update(pairs)

    def close(self) -> None:
        """Note what was told without any UID, where only one can be meant."""
        if self.found or len(self._nameless) != 1 or count(self._ranges) != 1:
            return
        pairs = next(iter(self._nameless.values()))
        if not pairs.keys().isdisjoint((*SOURCES, *HEADERS, "RFC822.SIZE")):
            self.found[self._ranges[0][0]] = pairs


def _without(by_number: dict[int, T], gone: int) -> dict[int, T]:
    return {
        number - (number > gone): value
        for number, value in by_number.items()
        if number != gone
    }


def is_seen(pairs: dict[str, Value]) -> bool:
    """Return whether ``\\Seen`` is among the flags."""
    flags = pairs.get("FLAGS")
    words = flags if isinstance(flags, list) else ()
    return b"\\SEEN" in [word.upper() for word in words if isinstance(word, bytes)]


def to_item(
    uid: int, pairs: dict[str, Value], names: tuple[str, ...] = SOURCES
) -> Item:
    """Return all that FETCH answers told of one message.

    :param names: what was asked for may be called
    """
    source = next((pairs[name] for name in names if name in pairs), None)
    return Item(
        uid=uid,
        internal_date=read_date(pairs.get("INTERNALDATE")),
        seen=is_seen(pairs),
        size=min(read_number(pairs.get("RFC822.SIZE")), MAX_COUNT),
        source=source if isinstance(source, bytes) else None,
        arrived=read_moment(pairs.get("INTERNALDATE")),
    )
