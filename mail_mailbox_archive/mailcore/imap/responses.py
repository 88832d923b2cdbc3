"""A server's answers as values (RFC 3501, 7; RFC 4466; RFC 7162).

Written for FETCH, LIST, STATUS, SEARCH and response codes, and for what servers really
send: an answer that cannot be read is an error of its own, never of its neighbours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar, Union

from .folder import Folder, FolderStatus, role_of
from .uids import MAX_UID, Ranges, read_set, to_ranges
from .utf7 import decode_utf7

#: A literal, string or atom; a list in parentheses; None for NIL.
Value = Union[bytes, None, "list[Value]"]

T = TypeVar("T")

MAX_DEPTH = 32
MAX_NUMBER = 2**63 - 1
#: Bytes of a folder's name, as many as an index of the database takes.
MAX_NAME = 1000
#: Messages of a folder, bytes of a message: more than there are, and no number of
#: more than 32 bits when two are added up.
MAX_COUNT = 10**9

_TOKEN = re.compile(
    rb' *(?:([()])|"((?:[^"\\]|\\.)*)"'
    rb'|((?:BODY(?:\.PEEK)?\[[^]]*\](?:<\d+>)?)|[^ ()"]+))',
    re.I,
)
_ESCAPED = re.compile(rb"\\(.)", re.S)
#: The attributes and the delimiter of a LIST answer.
_LISTED = re.compile(
    rb' *\(([^()"]*)\) +(?:"((?:[^"\\]|\\.)?)"|(NIL|[^\s"()]))(?: +|$)', re.I
)
#: A quoted name, with what may follow it.
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)" *(?:\(.*\) *)?$', re.S)
#: What may follow a name without quotes: no name of a folder, but by a wild chance.
_EXTENDED = re.compile(rb' +\( *"?(?:CHILDINFO|OLDNAME)"? .*\) *$', re.I | re.S)
#: Attributes of what is only a name.
NOT_SELECTABLE = frozenset({"\\noselect", "\\nonexistent"})
_CODE = re.compile(r"\[([^\s\]]+)(?: ([^]]*))?\] ?")
_DATE = re.compile(
    rb" ?(\d{1,2})-(\w{3})-(\d{4}) (\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$"
)
_BODY = "BODY["
_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_EARLIEST = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Answer:
    """An untagged response.

    :param kind: ``FETCH``, ``LIST``, ``OK`` and so on, upper case
    :param number: what stands before it in ``* 12 FETCH``; 0 for none
    :param pieces: the rest: text, literal, text, literal ... text
    """

    kind: str
    number: int
    pieces: Sequence[bytes]

    @property
    def text(self) -> str:
        """The first line, for codes and people."""
        return self.pieces[0].decode("utf-8", "replace")


def read_values(pieces: Sequence[bytes]) -> list[Value]:
    """Return the values of an answer's ``pieces``.

    :raises ValueError: its parentheses or quotes do not match
    """
    levels: list[list[Value]] = [[]]
    for index, piece in enumerate(pieces):
        if index % 2:
            levels[-1].append(piece)
            continue
        for bracket, value in _tokens(piece):
            if bracket == b"(":
                levels.append([])
                if len(levels) > MAX_DEPTH:
                    raise ValueError("nested too deep")
            elif bracket:
                if len(levels) == 1:
                    raise ValueError("one closing parenthesis too many")
                inner = levels.pop()
                levels[-1].append(inner)
            else:
                levels[-1].append(value)
    if len(levels) > 1:
        raise ValueError("a closing parenthesis is missing")
    return levels[0]


def _tokens(text: bytes) -> Iterator[tuple[bytes | None, bytes | None]]:
    """Yield (parenthesis, None) or (None, value)."""
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position, end)
        if match is None:
            raise ValueError("a quote is missing")
        position = match.end()
        bracket, quoted, atom = match.groups()
        if quoted is not None:
            escaped = b"\\" in quoted
            yield None, _ESCAPED.sub(rb"\1", quoted) if escaped else quoted
        elif bracket:
            yield bracket, None
        else:
            yield None, None if atom.upper() == b"NIL" else atom


def read_pairs(values: Value) -> dict[str, Value]:
    """Return a list of names and values as a dictionary, names in upper case.

    :raises ValueError: it is none
    """
    if not isinstance(values, list) or len(values) % 2:
        raise ValueError("no list of names and values")
    names = [_item_name(value) for value in values[::2]]
    pairs = dict(zip(names, values[1::2], strict=True))
    bodies = [name for name in names if name.startswith(_BODY)]
    if len(bodies) != len(set(bodies)):
        # a literal that was longer than told has swallowed the next answer's beginning
        raise ValueError("two sources of one message")
    return pairs


def read_number(value: Value) -> int:
    """Return a number of at most 63 bits; 0 for whatever is none."""
    if isinstance(value, list) and len(value) == 1:  # MODSEQ (12)
        value = value[0]
    if isinstance(value, bytes) and value.isdigit() and len(value) < 20:
        return min(int(value), MAX_NUMBER)
    return 0


def read_code(text: str) -> tuple[str, str]:
    """Return the response code at the start of ``text`` and its argument.

    Both are "" when there is none (RFC 3501, 7.1; RFC 5530).
    """
    match = _CODE.match(text)
    return (match[1].upper(), match[2] or "") if match else ("", "")


def read_date(value: Value) -> datetime:
    """Return an INTERNALDATE; the present when it is missing or absurd."""
    now = datetime.now(timezone.utc)
    date = read_moment(value)
    return date if date and _EARLIEST <= date <= now + timedelta(days=2) else now


def read_moment(value: Value) -> datetime | None:
    """Return an INTERNALDATE as the server told it, whatever our clock says."""
    match = _DATE.match(value) if isinstance(value, bytes) else None
    if not match or match[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(match[i]) for i in (1, 3, 4, 5, 6))
    offset = timedelta(hours=int(match[8]), minutes=int(match[9]))
    try:
        zone = timezone(-offset if match[7] == b"-" else offset)
        month = _MONTHS.index(match[2].lower()) + 1
        # a leap second is none of datetime's
        date = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone)
        return date.astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None


def read_status(pairs: Mapping[str, Value]) -> FolderStatus:
    """Return the numbers of a STATUS answer."""
    names = ("MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ")
    status = FolderStatus(*(read_number(pairs.get(name)) for name in names))
    if max(status.messages, status.unseen) <= MAX_COUNT:
        return status
    return replace(
        status,
        messages=min(status.messages, MAX_COUNT),
        unseen=min(status.unseen, MAX_COUNT),
    )


def read_folder(pieces: Sequence[bytes]) -> Folder:
    """Return a LIST answer as a folder without status (RFC 3501, 7.2.2).

    :raises ValueError: it is none, or its name cannot be told from what is around it
    """
    start = _LISTED.match(pieces[0])
    if not start:
        raise ValueError("no LIST answer")
    attributes = start[1].decode("latin-1").lower().split()
    delimiter = start[2] if start[2] is not None else start[3]
    wire_name = _read_name(pieces[0][start.end() :], pieces[1:])
    if len(wire_name) > MAX_NAME or "\0" in wire_name:
        raise ValueError("longer than any name, or none that can be sent")
    return Folder(
        wire_name=wire_name,
        name=decode_utf7(wire_name),
        delimiter="" if delimiter.upper() == b"NIL" else _unescaped(delimiter),
        role=role_of(wire_name, attributes),
        selectable=not NOT_SELECTABLE.intersection(attributes),
    )


def _read_name(text: bytes, more: Sequence[bytes]) -> str:
    """Return a folder's name; Exchange sends those with blanks without quotes.

    What follows a name (RFC 5258, 6) is left out.
    """
    if more:
        if text:
            raise ValueError("text before the name")
        return more[0].decode("latin-1")
    if text.startswith(b'"'):
        quoted = _QUOTED.match(text)
        if not quoted:
            raise ValueError("a quote that does not end, or text behind it")
        return _unescaped(quoted[1])
    if len(text) > MAX_NAME:
        raise ValueError("longer than any name")
    name = _EXTENDED.sub(b"", text).rstrip()
    if not name or name.count(b'"') % 2:
        raise ValueError("no name, or a part of one")
    return name.decode("latin-1")


def read_named_status(pieces: Sequence[bytes]) -> tuple[str, FolderStatus]:
    """Return a STATUS answer (RFC 3501, 7.2.4): which folder, and its numbers.

    :raises ValueError: it is none
    """
    text, _bracket, numbers = pieces[-1].rpartition(b"(")
    values = read_values([b"(" + numbers])
    if not _bracket or len(values) != 1:
        raise ValueError("no STATUS answer")
    if len(pieces) > 1:
        text = b""
    return _read_name(text.strip(), pieces[1:]), read_status(read_pairs(values[0]))


@dataclass(frozen=True, slots=True)
class Namespaces:
    """What the names of folders begin with, by whose they are (RFC 2342, 5).

    :param personal: of one's own; with none told, all that is not foreign
    :param foreign: of other people, and shared ones
    """

    personal: tuple[tuple[str, str], ...] = ()
    foreign: tuple[tuple[str, str], ...] = ()

    @property
    def prefix(self) -> str:
        """What the name of a new folder of one's own begins with."""
        return self.personal[0][0] if self.personal else ""

    def is_foreign(self, wire_name: str) -> bool:
        """Return whether a folder is another person's, or shared by several."""
        if wire_name.upper() == "INBOX":
            return False
        own = _longest(wire_name, self.personal)
        return _longest(wire_name, self.foreign) > own


def _longest(wire_name: str, prefixes: Iterable[tuple[str, str]]) -> int:
    """Return the length of the longest prefix that ``wire_name`` has, -1 for none."""
    return max(
        (
            len(prefix)
            for prefix, delimiter in prefixes
            if wire_name.startswith(prefix)
            or (delimiter and wire_name == prefix.removesuffix(delimiter))
        ),
        default=-1,
    )


def read_namespaces(values: Sequence[Value]) -> Namespaces:
    """Return the answer to NAMESPACE; what in it cannot be read is left out."""
    groups = [*values, None, None, None][:3]
    personal, others, shared = (_read_namespace(group) for group in groups)
    return Namespaces(personal, others + shared)


def _read_namespace(group: Value) -> tuple[tuple[str, str], ...]:
    if not isinstance(group, list):
        return ()
    return tuple(
        (_text(one[0]), _text(one[1]) if len(one) > 1 else "")
        for one in group
        if isinstance(one, list) and one and not isinstance(one[0], list)
    )


def read_search(answer: Answer) -> Ranges:
    """Return the UIDs of a SEARCH or ESEARCH answer (RFC 3501, 7.2.5; RFC 4731).

    :raises ValueError: it is none
    """
    if answer.kind == "SEARCH":
        # (MODSEQ n) may follow (RFC 7162, 3.1.5)
        numbers = answer.pieces[0].partition(b"(")[0].split()
        return to_ranges(_uid(number) for number in numbers)
    words = [_text(v) for v in read_values(answer.pieces) if isinstance(v, bytes)]
    words.append("")
    positions = [n for n, word in enumerate(words) if word.upper() == "ALL"]
    if not positions:
        return ()
    if not words[positions[0] + 1]:
        raise ValueError("ALL of nothing")
    return read_set(words[positions[0] + 1])


def read_or_none(reader: Callable[[list[Value]], T], answer: Answer) -> T | None:
    """Return ``reader(values)``; None for an answer that cannot be read."""
    try:
        return reader(read_values(answer.pieces))
    except ValueError:
        return None


def _unescaped(quoted: bytes) -> str:
    return _ESCAPED.sub(rb"\1", quoted).decode("latin-1")


def _uid(word: bytes) -> int:
    number = read_number(word)
    if not 0 < number <= MAX_UID:
        raise ValueError("no UID")
    return number


def _item_name(value: Value) -> str:
    """Return what an item is called; some servers call it as it was asked for."""
    name = _text(value).upper()
    if "[" in name or "RFC822." in name:
        name = name.replace(".PEEK", "").replace("[ ", "[").replace(" ]", "]")
    return name


def _text(value: Value) -> str:
    if isinstance(value, list):
        raise ValueError("a list where a word was expected")
    return (value or b"").decode("latin-1")
