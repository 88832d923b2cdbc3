"""What FETCH tells of a message (RFC 3501, 7.4.2)."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
    read_pairs,
    read_values,
)
from .uids import Ranges, clip, count

T = TypeVar("T")


#: What is looked for in an answer that cannot be read as a whole.
_UID = re.compile(rb"\bUID (\d+)")
_SURE = {
    "RFC822.SIZE": re.compile(rb"\bRFC822\.SIZE (\d+)", re.I),
    "INTERNALDATE": re.compile(
        rb'\bINTERNALDATE "?([ \d]?\d-\w{3}-\d{4} [\d:]{8} [-+]\d{4})', re.I
    ),
}
_SEEN = re.compile(rb"\bFLAGS \([^)]{0,2000}\\Seen\b", re.I)
_SOURCE = re.compile(
    rb" *(BODY(?:\.PEEK)?\[[^]]*\](?:<\d+>)?|RFC822(?:\.PEEK|\.HEADER|\.TEXT)?) *$",
    re.I,
)
#: Bytes at the end of a line in which a source's name is looked for.
MAX_LABEL = 200
#: What may stand behind the source.
_TAIL = re.compile(
    rb'(?: +(?:UID \d+|RFC822\.SIZE \d+|FLAGS \([^()"]*\)|MODSEQ \(\d+\)'
    rb'|INTERNALDATE "[^"]*"))* *\) *$',
    re.I,
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


#: What servers call a source, and a header block, the right name first.
SOURCES = ("BODY[]", "BODY[]<0>", "RFC822")
HEADERS = ("BODY[HEADER]<0>", "BODY[HEADER]", "RFC822.HEADER")
#: The two parts that a source may come in.
HALVES = (("BODY[HEADER]", "BODY[TEXT]"), ("RFC822.HEADER", "RFC822.TEXT"))
#: The field that a message is recognised by; some servers quote its name.
MARKS = (
    "BODY[HEADER.FIELDS (MESSAGE-ID)]",
    'BODY[HEADER.FIELDS ("MESSAGE-ID")]',
)


def read_fetch(answer: Answer) -> dict[str, Value] | None:
    """Return a FETCH answer's items; None when it is none or cannot be read."""
    if answer.kind != "FETCH":
        return None
    try:
        values = read_values(answer.pieces)
        return read_pairs(values and values[0])
    except ValueError:
        pass
    try:
        return _salvage(answer.pieces)
    except ValueError:
        return None


def _salvage(pieces: Sequence[bytes]) -> dict[str, Value]:
    """Return what is sure of an answer whose flags or dates nobody can read.

    :raises ValueError: nothing is: a literal may be longer or shorter than it was told
    """
    head, end = pieces[0], pieces[-1] if len(pieces) > 1 else b")"
    uids = set(_UID.findall(head + end))
    looked_at = [_SOURCE.search(text[-MAX_LABEL:]) for text in pieces[0:-1:2]]
    labels = [label for label in looked_at if label]
    if len(uids) != 1 or len(labels) < len(looked_at) or not _TAIL.match(end):
        raise ValueError("of no message, or of two")
    later = zip(labels[1:], pieces[2:-1:2], strict=True)
    if any(label[0] != text for label, text in later):
        raise ValueError("more than a source behind a source")
    pairs: dict[str, Value] = {"UID": uids.pop()}
    for name, pattern in _SURE.items():
        if match := pattern.search(head):
            pairs[name] = match[1]
    if b"FLAGS" in head.upper():
        pairs["FLAGS"] = [b"\\Seen"] if _SEEN.search(head) else []
    sources = [label[1] for label in labels]
    return pairs | read_pairs(
        [value for pair in zip(sources, pieces[1::2], strict=True) for value in pair]
    )


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


def _joined(pairs: dict[str, Value]) -> bytes | None:
    """Return a source that came in two parts."""
    for names in HALVES:
        found = (pairs.get(name) for name in names)
        halves = [half for half in found if isinstance(half, bytes)]
        if len(halves) == len(names):
            return b"".join(halves)
    return None


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
    if source is None and names is SOURCES:
        source = _joined(pairs)
    return Item(
        uid=uid,
        internal_date=read_date(pairs.get("INTERNALDATE")),
        seen=is_seen(pairs),
        size=min(read_number(pairs.get("RFC822.SIZE")), MAX_COUNT),
        source=source if isinstance(source, bytes) else None,
        arrived=read_moment(pairs.get("INTERNALDATE")),
    )
