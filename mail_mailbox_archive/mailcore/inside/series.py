"""How an event repeats, and where a series differs from its rule (RFC 5545, 3.8.5)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import islice

from ..text import safe_text
from .content_line import Component, Line
from .when import When, is_date, placed, read_when
from .zone import read_moment

FREQUENCIES = frozenset("DAILY WEEKLY MONTHLY YEARLY HOURLY MINUTELY SECONDLY".split())
#: Events of a series that are read as other than its rule says.
MAX_CHANGES = 200
#: Characters of what is shown in one line.
MAX_WORDS = 300
_POSITIONS = frozenset(("1", "2", "3", "4", "5", "-1"))
_DAYS = re.compile(r"[+-]?\d{0,2}(?:MO|TU|WE|TH|FR|SA|SU)")
_NUMBER = re.compile(r"\d{1,9}")


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
class Change:
    """One event of a series that is not as the others.

    :param original: when it would be, in the zone that is written there
    :param is_day: the day of that is known alone
    :param when: when it is, None for an event that does not take place
    :param summary: "" where it is the series'; so is ``location``
    :param instance: RECURRENCE-ID as it is written, "" where there is none
    """

    original: datetime
    is_day: bool = False
    when: When | None = None
    summary: str = ""
    location: str = ""
    instance: str = ""


def read_recurrence(event: Component, when: When | None) -> Recurrence | None:
    """Return how an event repeats, None for one that does not."""
    value = event.value("RRULE")[:1_000]
    rule = {
        name.strip().upper(): words.strip().upper()
        for name, equals, words in (item.partition("=") for item in value.split(";"))
        if equals
    }
    frequency = rule.get("FREQ", "")
    if frequency not in FREQUENCIES:
        return None
    given = rule.get("BYDAY", "").split(",") if rule.get("BYDAY") else []
    if len(given) == 1 and rule.get("BYSETPOS") in _POSITIONS:
        # as Outlook writes the second Monday of a month
        given = [f"{rule.pop('BYSETPOS')}{given[0]}"]
    days = tuple(one.lstrip("+") for one in given if _DAYS.fullmatch(one))
    known = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "WKST"}
    if when and not days:
        known |= _implied(rule, when.start)
    return Recurrence(
        frequency=frequency,
        interval=number(rule.get("INTERVAL", "")) or 1,
        count=number(rule.get("COUNT", "")),
        until=_until(rule.get("UNTIL", ""), when),
        days=days[:14],
        special=bool(
            rule.keys() - known or event.first("RDATE") or len(days[:14]) < len(given)
        ),
    )


def _implied(rule: dict[str, str], start: datetime) -> set[str]:
    """Return the parts of a rule that say of the first event what it is anyway."""
    frequency, implied = rule.get("FREQ"), set()
    if frequency in ("MONTHLY", "YEARLY") and rule.get("BYMONTHDAY") == str(start.day):
        implied.add("BYMONTHDAY")
    if frequency == "YEARLY" and rule.get("BYMONTH") == str(start.month):
        implied.add("BYMONTH")
    return implied


def read_instance(event: Component) -> str:
    """Return RECURRENCE-ID as it is written, "" for what is no event of a series."""
    return safe_text(event.value("RECURRENCE-ID"), 40)


def read_occurrence(calendar: Component, event: Component) -> Change | None:
    """Return which event of a series this one is instead of, None for another event."""
    line = event.first("RECURRENCE-ID")
    original = _original(calendar, line, line.value) if line else None
    if not original:
        return None
    cancelled = event.value("STATUS").upper() == "CANCELLED"
    return Change(
        *original,
        when=None if cancelled else read_when(calendar, event),
        summary=event.text("SUMMARY", MAX_WORDS),
        location=event.text("LOCATION", MAX_WORDS),
        instance=read_instance(event),
    )


def read_changes(calendar: Component, series: Component) -> tuple[Change, ...]:
    """Return the events that differ from the others of a series, by their time.

    :param series: the event that repeats
    """
    uid = series.value("UID")
    found: dict[datetime, Change] = {}
    excluded = (
        (line, value)
        for line in series.every("EXDATE")
        for value in line.value.split(",")
    )
    for line, value in islice(excluded, 2 * MAX_CHANGES):
        if original := _original(calendar, line, value):
            found.setdefault(_moment(original[0]), Change(*original))
    for event in calendar.within("VEVENT")[: 2 * MAX_CHANGES]:
        if event is not series and event.value("UID") == uid:
            change = read_occurrence(calendar, event)
            if change:
                found[_moment(change.original)] = change
    return tuple(found[at] for at in sorted(found))[:MAX_CHANGES]


def changes_what_follows(calendar: Component, series: Component) -> bool:
    """Return whether an event stands for all that come after it, too."""
    uid = series.value("UID")
    return any(
        line.parameters.get("RANGE")
        for event in calendar.within("VEVENT")
        if event.value("UID") == uid and (line := event.first("RECURRENCE-ID"))
    )


def _original(
    calendar: Component, line: Line, value: str
) -> tuple[datetime, bool] | None:
    naive = read_moment(value)
    if naive is None:
        return None
    one = Line(line.name, value, line.parameters)
    if is_date(one):
        return naive, True
    return placed(calendar, one, naive)[0], False


def _moment(original: datetime) -> datetime:
    """Return a moment that can be compared with any other."""
    if original.tzinfo:
        original = original.astimezone(timezone.utc)
    return original.replace(tzinfo=None)


def _until(value: str, when: When | None) -> datetime | None:
    """Return the last moment of a series, as clocks show it where the event is.

    Calendars write the last second of a day in UTC, which in America is of the next.
    """
    moment = read_moment(value)
    zone = when.start.tzinfo if when else None
    if moment and zone and value.strip().upper().endswith("Z"):
        moment = moment.replace(tzinfo=timezone.utc).astimezone(zone)
    return moment and moment.replace(tzinfo=None)


def number(value: str) -> int:
    """Return a number that is not negative, 0 for what is none."""
    match = _NUMBER.fullmatch(value.strip())
    return int(match[0]) if match else 0
