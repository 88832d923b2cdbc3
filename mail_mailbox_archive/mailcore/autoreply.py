"""Whether a message gets an automatic answer: people do, machines never (RFC 3834).

A pure function of the header block, of who we are, of the times and of what was
answered before. An answer goes to the return path, never to Reply-To (RFC 3834, 4).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .address import is_valid, normalise, parse_addresses
from .autoreply_signs import BATV, COMMENT, Reason, Withhold, by_kind, is_machine
from .fields import addresses, date_of
from .schedule import Window
from .structure import Headers, read_headers
from .text import unfold

#: Older mail is not answered any more, whenever it comes in.
MAX_AGE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer goes to ``recipient``; ``correspondent`` is the key it counts for."""

    recipient: str
    correspondent: str


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
    :param history: correspondent → when the last answer went to them
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
    history: Mapping[str, datetime] = field(default_factory=dict)
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
    withheld = _by_return_path(headers) or by_kind(headers)
    if withheld:
        return withheld
    sender = return_path(headers)
    key = correspondent(sender)
    if withheld := _by_people(headers, sender, situation):
        return withheld
    last = situation.history.get(key)
    if last is not None and situation.now - last < situation.interval:
        return Withhold(Reason.ANSWERED, sender, key)
    if situation.room < 1:
        return Withhold(Reason.CAP, sender, key)
    return Answer(sender, key)


def return_path(headers: Headers) -> str:
    """Return where an answer goes, "" for nowhere (RFC 5321, 4.4)."""
    value = unfold(headers.get("return-path", [""])[0]).strip()
    found = parse_addresses(value)
    return found[0].addr_spec if len(found) == 1 else ""


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
    # an old mail that somebody copies to the server is new to it
    date = date_of(headers) or situation.received
    if situation.now - min(date, situation.received) > MAX_AGE:
        return Withhold(Reason.TOO_OLD)
    return None


def _by_return_path(headers: Headers) -> Withhold | None:
    values = headers.get("return-path")
    if not values:
        return Withhold(Reason.NO_RETURN_PATH)
    value = unfold(values[0]).strip()
    if not COMMENT.sub("", value).strip("<> \t"):
        return Withhold(Reason.NULL_RETURN_PATH)
    found = return_path(headers)
    if not found or not is_valid(found):
        return Withhold(Reason.BAD_RETURN_PATH, value[:200])
    return None


def _by_people(headers: Headers, sender: str, situation: Situation) -> Withhold | None:
    if situation.spam:
        return Withhold(Reason.SPAM)
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
    found = [one.addr_spec for name in names for one in addresses(headers, name)]
    if not any(correspondent(one) in ours for one in found):
        return Withhold(Reason.NOT_ADDRESSED)
    return None
