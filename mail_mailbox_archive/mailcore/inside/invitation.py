"""An invitation as it is shown: what, when, where, who (RFC 5545, RFC 5546).

Of a calendar object the first event is read. What is in it is a stranger's word: each
text is cut and cleaned, and nothing of it is followed or computed without an end.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timezone
from urllib.parse import unquote

from ..addresses.address import is_valid
from ..errors import Unreadable
from ..text import safe_text
from .content_line import Component, Line, read_components
from .series import (
    MAX_WORDS,
    Change,
    Recurrence,
    changes_what_follows,
    number,
    read_changes,
    read_instance,
    read_occurrence,
    read_recurrence,
)
from .when import When, read_when
from .zone import read_moment

#: Kinds under which calendar objects travel (RFC 5545, 8.1; Outlook, Google).
CALENDARS = frozenset(("text/calendar", "application/ics", "text/x-vcalendar"))
#: Characters of the description.
MAX_DESCRIPTION = 4_000
#: People that are read: who is invited with a whole company is among them.
MAX_PEOPLE = 2_000
#: What organizers and the people they invite tell each other (RFC 5546, 1.4).
METHODS = frozenset(
    "PUBLISH REQUEST REPLY ADD CANCEL REFRESH COUNTER DECLINECOUNTER".split()
)


@dataclass(frozen=True, slots=True)
class Person:
    """An organizer or somebody invited.

    :param address: "" where it is no email address
    :param status: PARTSTAT in capitals, "" when nothing is said
    :param sent_by: who acts for this person (SENT-BY), as ``address``
    """

    name: str
    address: str
    status: str = ""
    role: str = ""
    sent_by: str = ""


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar object.

    :param method: one of ``METHODS``; PUBLISH where the object says none
    :param instance: RECURRENCE-ID, of one event of a series, else ""
    :param events: how many different events the object holds
    :param occurrence: which event of a series this one is instead of
    :param changes: of a series, the events that are not as its rule says
    """

    method: str
    uid: str
    sequence: int
    instance: str
    status: str
    summary: str
    location: str
    description: str
    organizer: Person | None
    attendees: tuple[Person, ...]
    when: When | None
    recurrence: Recurrence | None
    stamp: datetime | None
    comment: str
    events: int
    occurrence: Change | None = None
    changes: tuple[Change, ...] = ()


def is_calendar(mimetype: str, name: str) -> bool:
    """Return whether a part may be a calendar object, by its kind, then its name."""
    return mimetype in CALENDARS or (
        mimetype == "application/octet-stream" and name.lower().endswith(".ics")
    )


def read_invitation(text: str) -> Invitation:
    """Return what a calendar object invites to, or says of an event.

    :raises Unreadable: ``structure`` where there is no event in it, ``parts`` or
        ``depth`` as :func:`.content_line.read_components`
    """
    calendar, event = find_event(text)
    method = (calendar.value("METHOD") or "PUBLISH").upper()
    uids = {one.value("UID") for one in calendar.within("VEVENT")}
    organizer = event.first("ORGANIZER")
    attendees = event.every("ATTENDEE")[:MAX_PEOPLE]
    when = read_when(calendar, event)
    recurrence = read_recurrence(event, when)
    if recurrence and changes_what_follows(calendar, event):
        recurrence = replace(recurrence, special=True)
    return Invitation(
        method=method if method in METHODS else "PUBLISH",
        uid=safe_text(event.value("UID"), MAX_WORDS),
        sequence=number(event.value("SEQUENCE")),
        instance=read_instance(event),
        status=safe_text(event.value("STATUS"), 20).upper(),
        summary=event.text("SUMMARY", MAX_WORDS),
        location=event.text("LOCATION", MAX_WORDS),
        description=_description(event),
        organizer=_person(organizer) if organizer else None,
        attendees=tuple(map(_person, attendees)),
        when=when,
        recurrence=recurrence,
        stamp=_stamp(event),
        comment=event.text("COMMENT", MAX_WORDS),
        events=len(uids),
        occurrence=read_occurrence(calendar, event),
        changes=read_changes(calendar, event) if recurrence else (),
    )


def find_event(text: str) -> tuple[Component, Component]:
    """Return the calendar of an object and its first event, the series before others.

    :raises Unreadable: as :func:`read_invitation`
    """
    calendars = read_components(text).within("VCALENDAR")
    for calendar in calendars:
        events = calendar.within("VEVENT")
        if events:
            uid = events[0].value("UID")
            series = [
                one
                for one in events
                if one.value("UID") == uid and not one.first("RECURRENCE-ID")
            ]
            return calendar, (series or events)[0]
    raise Unreadable("structure")


def _person(line: Line) -> Person:
    address = _address(line.value) or _address(line.parameters.get("EMAIL", ""))
    return Person(
        name=safe_text(line.parameters.get("CN", ""), MAX_WORDS).strip(),
        address=address,
        status=line.parameters.get("PARTSTAT", "").upper()[:20],
        role=line.parameters.get("ROLE", "").upper()[:20],
        sent_by=_address(line.parameters.get("SENT-BY", "")),
    )


def _address(value: str) -> str:
    """Return the email address of a ``mailto:`` or bare value, "" for anything else."""
    value = value.strip()
    scheme, _colon, rest = value.partition(":")
    if scheme.lower() == "mailto":
        value = unquote(rest.partition("?")[0])
    address = safe_text(value, 320).strip().strip("<>")
    return address if is_valid(address) else ""


def _description(event: Component) -> str:
    line = event.first("DESCRIPTION")
    return line.text[:MAX_DESCRIPTION].strip() if line else ""


def _stamp(event: Component) -> datetime | None:
    moment = read_moment(event.value("DTSTAMP"))
    return moment.replace(tzinfo=timezone.utc) if moment else None
