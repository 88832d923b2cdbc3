"""An invitation as it is shown: what, when, where, who (RFC 5545, RFC 5546).

Of a calendar object the first event is read. What is in it is a stranger's word: each
text is cut and cleaned, and nothing of it is followed or computed without an end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo
from urllib.parse import unquote

from ..addresses.address import is_valid
from ..errors import Unreadable
from ..text import safe_text
from .content_line import Component, Line, read_components
from .zone import find_rules, find_zone, offset_by_rules, read_moment

#: Kinds under which calendar objects travel (RFC 5545, 8.1; Outlook, Google).
CALENDARS = frozenset(("text/calendar", "application/ics", "text/x-vcalendar"))
#: Characters of what is shown in one line, and of the description.
MAX_WORDS, MAX_DESCRIPTION = 300, 4_000
#: People that are read: who is invited with a whole company is among them.
MAX_PEOPLE = 2_000
#: What organizers and the people they invite tell each other (RFC 5546, 1.4).
METHODS = frozenset(
    "PUBLISH REQUEST REPLY ADD CANCEL REFRESH COUNTER DECLINECOUNTER".split()
)
FREQUENCIES = frozenset("DAILY WEEKLY MONTHLY YEARLY HOURLY MINUTELY SECONDLY".split())

_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?"
    r"(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)
_DAYS = re.compile(r"[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"\d{1,9}")


@dataclass(frozen=True, slots=True)
class Person:
    """An organizer or somebody invited.

    :param address: "" where it is no email address
    :param status: PARTSTAT in capitals, "" when nothing is said
    """

    name: str
    address: str
    status: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """From when to when.

    :param start: aware; without a zone when ``floating`` or ``all_day``
    :param end: exclusive, as it is written
    :param floating: it is meant wherever one is (RFC 5545, 3.3.5)
    :param zone: as it is written, "" for UTC
    :param unknown: nobody knows the zone, so that ``start`` is floating
    """

    start: datetime
    end: datetime
    all_day: bool = False
    floating: bool = False
    zone: str = ""
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Recurrence:
    """How an event repeats, as far as it is said in words (RFC 5545, 3.3.10).

    :param frequency: one of ``FREQUENCIES``
    :param until: without a zone, as clocks show it where the event is
    :param days: "MO", "1MO", "-1FR"
    :param special: it says more than the other fields hold
    """

    frequency: str
    interval: int = 1
    count: int = 0
    until: datetime | None = None
    days: tuple[str, ...] = ()
    special: bool = False


@dataclass(frozen=True, slots=True)
class Invitation:
    """The first event of a calendar object.

    :param method: one of ``METHODS``; PUBLISH where the object says none
    :param instance: RECURRENCE-ID, of one event of a series, else ""
    :param events: how many different events the object holds
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
    when = _when(calendar, event)
    return Invitation(
        method=method if method in METHODS else "PUBLISH",
        uid=safe_text(event.value("UID"), MAX_WORDS),
        sequence=_number(event.value("SEQUENCE")),
        instance=safe_text(event.value("RECURRENCE-ID"), 40),
        status=safe_text(event.value("STATUS"), 20).upper(),
        summary=event.text("SUMMARY", MAX_WORDS),
        location=event.text("LOCATION", MAX_WORDS),
        description=_description(event),
        organizer=_person(organizer) if organizer else None,
        attendees=tuple(map(_person, attendees)),
        when=when,
        recurrence=_recurrence(event, when),
        stamp=_stamp(event),
        comment=event.text("COMMENT", MAX_WORDS),
        events=len(uids),
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


def _when(calendar: Component, event: Component) -> When | None:
    line = event.first("DTSTART")
    naive = read_moment(line.value) if line else None
    if not line or naive is None:
        return None
    if _is_date(line) or _are_days(event, naive):
        return When(naive, _end(event, naive, naive, timedelta(days=1)), all_day=True)
    start, unknown = _placed(calendar, line, naive)
    end = event.first("DTEND")
    until = read_moment(end.value) if end else None
    if end and until:
        placed, _unknown = _placed(calendar, end, until)
        # one with and one without a zone cannot be compared
        same = (placed.tzinfo is None) == (start.tzinfo is None)
        last = placed if same and placed >= start else start
    else:
        last = _end(event, naive, start, timedelta())
    zone = safe_text(line.parameters.get("TZID", ""), 80).strip()
    if start.tzinfo is timezone.utc and _is_utc(line):
        # a zone beside it says nothing of this moment (RFC 5545, 3.2.19)
        zone = ""
    return When(start, last, False, start.tzinfo is None, zone, unknown)


def _is_date(line: Line) -> bool:
    """Return whether it is a day; Outlook 2003 says so of it in the value alone."""
    return line.parameters.get("VALUE", "").upper() == "DATE" or (
        "T" not in line.value.upper()
    )


def _are_days(event: Component, start: datetime) -> bool:
    """Return whether Outlook says of midnights that they are days.

    Source: MS-OXCICAL on X-MICROSOFT-CDO-ALLDAYEVENT. Read as moments, they would be
    the day before in a time zone further west.
    """
    end = read_moment(event.value("DTEND")) or start
    says = event.value("X-MICROSOFT-CDO-ALLDAYEVENT").upper() == "TRUE"
    written = event.value("DTSTART") + event.value("DTEND")
    midnights = start.time() == end.time() == time()
    return says and midnights and "Z" not in written.upper()


def _is_utc(line: Line) -> bool:
    return line.value.strip().upper().endswith("Z")


def _end(
    event: Component, naive: datetime, start: datetime, default: timedelta
) -> datetime:
    """Return DTEND of a day, or the end by DURATION."""
    end = read_moment(event.value("DTEND"))
    if end and start.tzinfo is None and end > naive:
        return end
    match = _DURATION.fullmatch(event.value("DURATION").upper())
    if match:
        weeks, days, hours, minutes, seconds = (int(one or 0) for one in match.groups())
        last = start + min(timedelta(days=7 * weeks + days), timedelta(days=3_000))
        span = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        span = min(span, timedelta(days=600))
        if last.tzinfo is None:
            return last + span
        # an hour is one also while the clocks change (RFC 5545, 3.3.6)
        return (last.astimezone(timezone.utc) + span).astimezone(last.tzinfo)
    return start + default


def _placed(calendar: Component, line: Line, naive: datetime) -> tuple[datetime, bool]:
    """Return a moment in its zone, and whether that zone is unknown."""
    if _is_utc(line):
        return naive.replace(tzinfo=timezone.utc), False
    tzid = line.parameters.get("TZID", "")
    if not tzid:
        return naive, False
    zone: tzinfo | None = find_zone(tzid)
    if zone is None and (rules := find_rules(calendar, tzid)):
        zone = offset_by_rules(rules, naive)
    return (naive, True) if zone is None else (naive.replace(tzinfo=zone), False)


def _recurrence(event: Component, when: When | None) -> Recurrence | None:
    value = event.value("RRULE")[:1_000]
    rule = {
        name.strip().upper(): words.strip()
        for name, equals, words in (item.partition("=") for item in value.split(";"))
        if equals
    }
    frequency = rule.get("FREQ", "").upper()
    if frequency not in FREQUENCIES:
        return None
    days = tuple(
        one for one in rule.get("BYDAY", "").upper().split(",") if _DAYS.fullmatch(one)
    )
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}
    return Recurrence(
        frequency=frequency,
        interval=_number(rule.get("INTERVAL", "")) or 1,
        count=_number(rule.get("COUNT", "")),
        until=_until(rule.get("UNTIL", ""), when),
        days=days[:14],
        special=bool(
            rule.keys() - known or event.first("EXDATE") or event.first("RDATE")
        ),
    )


def _until(value: str, when: When | None) -> datetime | None:
    """Return the last moment of a series, as clocks show it where the event is.

    Calendars write the last second of a day in UTC, which in America is of the next.
    """
    moment = read_moment(value)
    zone = when.start.tzinfo if when else None
    if moment and zone and value.strip().upper().endswith("Z"):
        moment = moment.replace(tzinfo=timezone.utc).astimezone(zone)
    return moment and moment.replace(tzinfo=None)


def _number(value: str) -> int:
    match = _NUMBER.fullmatch(value.strip())
    return int(match[0]) if match else 0
