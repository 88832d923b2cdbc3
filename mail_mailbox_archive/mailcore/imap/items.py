"""What FETCH tells of a message (RFC 3501, 7.4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .responses import (
    Answer,
    Value,
    read_date,
    read_moment,
    read_number,
    read_or_none,
    read_pairs,
)


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


def read_fetch(answer: Answer) -> dict[str, Value] | None:
    """Return a FETCH answer's items; None when it is none or has no UID."""
    if answer.kind != "FETCH":
        return None
    pairs = read_or_none(lambda values: read_pairs(values and values[0]), answer)
    return pairs if pairs and read_number(pairs.get("UID")) else None


def is_seen(pairs: dict[str, Value]) -> bool:
    """Return whether ``\\Seen`` is among the flags."""
    flags = pairs.get("FLAGS")
    words = flags if isinstance(flags, list) else ()
    return b"\\SEEN" in [word.upper() for word in words if isinstance(word, bytes)]


def to_item(uid: int, pairs: dict[str, Value]) -> Item:
    """Return all that FETCH answers told of one message."""
    bodies = (value for name, value in pairs.items() if name.startswith("BODY["))
    source = next(bodies, None)
    return Item(
        uid=uid,
        internal_date=read_date(pairs.get("INTERNALDATE")),
        seen=is_seen(pairs),
        size=read_number(pairs.get("RFC822.SIZE")),
        source=source if isinstance(source, bytes) else None,
        arrived=read_moment(pairs.get("INTERNALDATE")),
    )
