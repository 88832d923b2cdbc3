"""Whether a message gets an automatic answer: people do, machines never (RFC 3834).

A pure function of the header block, of who we are, of the times and of what was
answered before. An answer goes to the return path, never to Reply-To (RFC 3834, 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..addresses.address import is_valid, normalise, parse_addresses
from ..read.fields import addresses, date_of
from ..read.node import Headers
from ..read.structure import read_headers
from ..text import unfold
from .autoreply_signs import (
    BATV,
    COMMENT,
    Reason,
    Withhold,
    by_kind,
    is_machine,
    is_made_for_one_message,
)
from .schedule import Window

#: Older mail is not answered any more, whenever it comes in.
MAX_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer goes to ``recipient``.

    It counts for ``correspondent``, whose return path it is, and for ``author``, who
    stands in From.
    """

    recipient: str
    correspondent: str
    author: str = ""


@dataclass(frozen=True, slots=True)
class Situation:
    """What the decision depends on besides the message.

    :param now: aware, as all times here
    :param received: when the message reached the server
    :param addresses: those of the mailbox, one of which must be in To or Cc
    :param is_own: whether an address, in normal form, is one of the company's own
    :param window: in which the mailbox answers and ``now`` is, None outside
    :param live: False for what was on the server before it was first read
    :param spam: it lies in a folder for spam
    :param blocked: the mailbox has blocked its sender
    :param history: correspondent or author → when the last answer went to them
    :param return_paths: the correspondents that mail of this author came from before
    :param gives_return_path: False where the server never writes a Return-Path
    :param interval: how long after one answer a correspondent gets no other
    :param room: how many answers the mailbox may still give
    """

    now: datetime
    received: datetime
    addresses: frozenset[str]
    is_own: Callable[[str], bool]
    window: Window | None
    enabled: bool = True
    paused: bool = False
    live: bool = True
    spam: bool = False
    blocked: bool = False
    history: Mapping[str, datetime] = field(default_factory=dict)
    return_paths: frozenset[str] = frozenset()
    gives_return_path: bool = True
    interval: timedelta = timedelta(days=7)
    room: int = 1


def read(source: bytes) -> Headers:
    """Return the header block of a message.

    :raises Unreadable: there is none
    """
    return read_headers(source)[0].headers


def decide(headers: Headers, situation: Situation) -> Answer | Withhold:
    """Return whether the message with those ``headers`` is answered, or why not."""
    withheld = _by_time(headers, situation)
    if withheld:
        return withheld
    withheld = _by_return_path(headers, situation) or by_kind(headers)
    if withheld:
        return withheld
    sender, key, writer = keys(headers)
    withheld = _by_people(headers, sender, situation)
    withheld = withheld or _by_path(headers, sender, situation)
    withheld = withheld or _by_history(sender, (key, writer), situation)
    if withheld:
        return replace(withheld, correspondent=key, author=writer)
    return Answer(sender, key, writer)


def keys(headers: Headers) -> tuple[str, str, str]:
    """Return where an answer goes, its correspondent and its author."""
    from_ = [one.addr_spec for one in addresses(headers, "from")]
    writer = from_[0] if from_ and is_valid(from_[0]) else ""
    sender = return_path(headers) or ("" if "return-path" in headers else writer)
    return sender, correspondent(sender), correspondent(writer)


def _by_path(headers: Headers, sender: str, situation: Situation) -> Withhold | None:
    """Return why nobody reads what goes to a return path that is not the author's."""
    _sender, key, writer = keys(headers)
    if key == writer:
        return None
    known = situation.return_paths - {writer}
    tagged = BATV.match(sender)
    if tagged or is_made_for_one_message(sender) or (known and key not in known):
        return Withhold(Reason.PER_MESSAGE, sender)
    return None


def _by_history(
    sender: str, both: tuple[str, str], situation: Situation
) -> Withhold | None:
    for key in filter(None, both):
        last = situation.history.get(key)
        if last is not None and situation.now - last < situation.interval:
            return Withhold(Reason.ANSWERED, sender)
    return Withhold(Reason.CAP, sender) if situation.room < 1 else None


def return_path(headers: Headers) -> str:
    """Return the return path, "" for none (RFC 5321, 4.4)."""
    value = unfold(headers.get("return-path", [""])[0]).strip()
    paths = parse_addresses(value)
    return paths[0].addr_spec if len(paths) == 1 else ""


def correspondent(addr_spec: str) -> str:
    """Return what is equal for one person's addresses.

    Without what servers put before it and without a tag after "+", which anybody can
    make up by the thousand.
    """
    local, _at, domain = normalise(addr_spec).rpartition("@")
    local = BATV.sub("", local, count=1)
    return f"{local.partition('+')[0] or local}@{domain}".lower()


def _by_time(headers: Headers, situation: Situation) -> Withhold | None:
    if not situation.enabled:
        return Withhold(Reason.OFF)
    if not situation.live:
        return Withhold(Reason.HISTORY)
    if situation.paused:
        return Withhold(Reason.PAUSED)
    if situation.window is None:
        return Withhold(Reason.OUTSIDE)
    if situation.received < situation.window.start:
        return Withhold(Reason.BEFORE_WINDOW)
    # an old email that is copied to the server is new to it
    date = date_of(headers) or situation.received
    if situation.now - min(date, situation.received) > MAX_AGE:
        return Withhold(Reason.TOO_OLD)
    return None


def _by_return_path(headers: Headers, situation: Situation) -> Withhold | None:
    values = headers.get("return-path")
    if not values:
        # an empty one says what a missing one does not, of a server that writes none
        missing = situation.gives_return_path
        return Withhold(Reason.NO_RETURN_PATH) if missing else None
    value = unfold(values[0]).strip()
    if not COMMENT.sub("", value).strip("<> \t"):
        return Withhold(Reason.NULL_RETURN_PATH)
    path = return_path(headers)
    if not path or not is_valid(path):
        return Withhold(Reason.BAD_RETURN_PATH, value[:200])
    return None


def _by_people(headers: Headers, sender: str, situation: Situation) -> Withhold | None:
    if situation.spam:
        return Withhold(Reason.SPAM)
    if situation.blocked:
        return Withhold(Reason.BLOCKED)
    from_ = [one.addr_spec for one in addresses(headers, "from")]
    if not from_:
        return Withhold(Reason.NO_SENDER)
    others = [one.addr_spec for one in addresses(headers, "sender")]
    for one in (sender, *from_, *others):
        if situation.is_own(correspondent(one)) or situation.is_own(normalise(one)):
            return Withhold(Reason.OWN, one)
        if is_machine(one):
            return Withhold(Reason.MACHINE, one)
    ours = {correspondent(one) for one in situation.addresses}
    names = ("to", "cc", "resent-to", "resent-cc")
    people = [one.addr_spec for name in names for one in addresses(headers, name)]
    if not any(correspondent(one) in ours for one in people):
        return Withhold(Reason.NOT_ADDRESSED)
    return None
