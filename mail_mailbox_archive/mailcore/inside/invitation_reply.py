"""The reply to an invitation, as its organizer's calendar reads it.

Source: RFC 5546, 3.2.3; written after RFC 5545, 3.1 with lines of at most 75 octets.
"""

from __future__ import annotations

import re
from datetime import datetime, timezone

from ..errors import Unreadable
from ..text import safe_text
from .content_line import Component, Line
from .invitation import find_event
from .zone import find_rules

#: What a person may reply → PARTSTAT.
ANSWERS = {
    "accepted": "ACCEPTED",
    "tentative": "TENTATIVE",
    "declined": "DECLINED",
}
#: Octets of a line (RFC 5545, 3.1).
MAX_LINE = 75
_COPIED = ("RECURRENCE-ID", "DTSTART", "DTEND", "DURATION", "SUMMARY", "LOCATION")
_UNSAFE = re.compile('[";:,\x00-\x1f\x7f]')
_TOKEN = re.compile(r"[A-Z0-9-]{1,60}")
_ENDS = str.maketrans("", "", "\r\n\0")


def write_reply(
    text: str, address: str, name: str, answer: str, moment: datetime
) -> str:
    """Return the calendar object that answers an invitation.

    :param text: the invitation as it came
    :param address: that was invited and replies
    :param name: of who replies, "" for none
    :param answer: one of ``ANSWERS``
    :param moment: when it is written, aware
    :raises Unreadable: there is no event in ``text``, or it names no organizer
    """
    calendar, event = find_event(text)
    organizer = event.first("ORGANIZER")
    if organizer is None or not event.value("UID"):
        raise Unreadable("structure")
    attendee = Line(
        "ATTENDEE",
        f"mailto:{address}",
        {"PARTSTAT": ANSWERS[answer], **({"CN": name} if name else {})},
    )
    stamp = moment.astimezone(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    lines = [
        "BEGIN:VCALENDAR",
        "PRODID:-//Odoo//mail_mailbox_archive//EN",
        "VERSION:2.0",
        "METHOD:REPLY",
        *_zones(calendar, event),
        "BEGIN:VEVENT",
        _written(Line("UID", event.value("UID"))),
        f"DTSTAMP:{stamp}",
        _written(Line("SEQUENCE", _digits(event.value("SEQUENCE")))),
        _written(organizer),
        _written(attendee),
        *(_written(line) for one in _COPIED if (line := event.first(one))),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _zones(calendar: Component, event: Component) -> list[str]:
    """Return the time zones that the moments of the event name, copied."""
    named = dict.fromkeys(line.parameters.get("TZID", "") for line in event.lines)
    zones = [find_rules(calendar, tzid) for tzid in list(named)[:20]]
    return [line for zone in zones if zone for line in _copied(zone)]


def _copied(component: Component) -> list[str]:
    if not _TOKEN.fullmatch(component.name):
        return []
    inner = [line for child in component.children[:20] for line in _copied(child)]
    own = [_written(line) for line in component.lines[:50]]
    return [f"BEGIN:{component.name}", *own, *inner, f"END:{component.name}"]


def _written(line: Line) -> str:
    """Return a content line; whatever it holds, it is one."""
    words = [line.name]
    for name, value in line.parameters.items():
        clean = safe_text(value, 300).replace('"', "'")
        words.append(
            f'{name}="{clean}"' if _UNSAFE.search(clean) else f"{name}={clean}"
        )
    return ";".join(words) + ":" + line.value.translate(_ENDS)


def _digits(value: str) -> str:
    return value if value.isascii() and value.isdigit() else "0"


def _folded(line: str) -> list[str]:
    """Return a line in pieces of at most 75 octets, cut between letters."""
    pieces, piece, size = [], "", 0
    for letter in line:
        octets = len(letter.encode("utf-8", "replace"))
        if size + octets > MAX_LINE:
            pieces.append(piece)
            piece, size = " ", 1
        piece += letter
        size += octets
    return [*pieces, piece]
