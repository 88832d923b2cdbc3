"""The time zone of a moment in a calendar object (RFC 5545, 3.6.5).

What a TZID says is believed where it is a name of the zone database, or one of Windows;
only else are the rules read that the object brings along, as far as calendars write
them: the n-th weekday of a month, each year.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from babel.core import get_global

from .content_line import Component

_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})(?::?\d{2})?")
_NAME = re.compile(r"[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+){0,2}")
_BYDAY = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")
_DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_UTC = frozenset(("utc", "gmt", "z", "etc/utc", "coordinated universal time"))
#: Of the database's files what is no zone of anybody's: the server's own, none at all,
#: and those that count leap seconds.
_NOBODY_S = frozenset(("localtime", "posixrules", "factory", "posix", "right"))


def find_zone(tzid: str) -> tzinfo | None:
    """Return the zone that a TZID names, None for an unknown one.

    :param tzid: "Europe/Warsaw", "/freeassociation.sourceforge.net/Europe/Warsaw",
        "Central European Standard Time", "tzone://Microsoft/Utc"
    """
    name = tzid.strip().strip('"')
    if name.lower().rpartition("://")[2].removeprefix("microsoft/") in _UTC:
        return timezone.utc
    if windows := get_global("windows_zone_mapping").get(name):
        return _zone(windows)
    words = [word for word in name.split("/") if word]
    # a prefix makes some of them unique (RFC 5545, 3.2.19)
    for length in (3, 2, 1):
        if len(words) >= length and (found := _zone("/".join(words[-length:]))):
            return found
    return None


def find_rules(calendar: Component, tzid: str) -> Component | None:
    """Return the VTIMEZONE that a TZID names, None when there is none.

    :param tzid: as a parameter has it; as a value, its commas may be escaped
    """
    if not tzid:
        return None
    for zone in calendar.within("VTIMEZONE")[:20]:
        line = zone.first("TZID")
        if line and tzid in (line.value.strip().strip('"'), line.text.strip('" ')):
            return zone
    return None


def offset_by_rules(zone: Component, moment: datetime) -> timezone | None:
    """Return what a VTIMEZONE says of a local time, None when it says nothing.

    :param zone: the component
    :param moment: without a zone, as the clocks there show it
    """
    best: tuple[datetime, timedelta] | None = None
    earliest: tuple[datetime, timedelta] | None = None
    for part in zone.children[:100]:
        until = _offset(part.value("TZOFFSETTO"))
        if part.name not in ("STANDARD", "DAYLIGHT") or until is None:
            continue
        for onset in _onsets(part, moment.year):
            if onset <= moment and (best is None or onset > best[0]):
                best = onset, until
            if earliest is None or onset < earliest[0]:
                earliest = onset, _offset(part.value("TZOFFSETFROM")) or until
    found = best or earliest
    return timezone(found[1]) if found else None


def read_moment(value: str) -> datetime | None:
    """Return a DATE-TIME or DATE without its zone, None for what is neither."""
    text = value.strip().rstrip("Zz")
    for form in ("%Y%m%dT%H%M%S", "%Y%m%dT%H%M", "%Y%m%d"):
        try:
            moment = datetime.strptime(text, form)
        except ValueError:
            continue
        # nearer to the ends a zone leads out of the calendar
        return moment if 1000 <= moment.year <= 9000 else None
    return None


def _zone(name: str) -> tzinfo | None:
    if not _NAME.fullmatch(name) or name.partition("/")[0].lower() in _NOBODY_S:
        return None
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        # a folder of the database is no zone either
        return None


def _offset(value: str) -> timedelta | None:
    match = _OFFSET.fullmatch(value.strip())
    if not match or int(match[2]) > 23 or int(match[3]) > 59:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -offset if match[1] == "-" else offset


def _onsets(part: Component, year: int) -> Iterator[datetime]:
    """Yield when an observance began, last and this year."""
    start = part.value("DTSTART")
    # Outlook begins all of them in 1601
    begun = read_moment(start) or datetime(1970, 1, 1)
    rule = dict(
        item.split("=", 1) for item in part.value("RRULE").split(";") if "=" in item
    )
    by_day = _BYDAY.fullmatch(rule.get("BYDAY", "").strip().upper())
    month = rule.get("BYMONTH", str(begun.month))
    until = read_moment(rule.get("UNTIL", "")) if rule.get("UNTIL") else None
    if rule.get("FREQ", "").upper() != "YEARLY" or not month.isascii():
        yield begun
        return
    number = int(month) if month.isdigit() and 1 <= int(month) <= 12 else begun.month
    for one in (year - 1, year):
        day = _day(one, number, by_day) if by_day else min(begun.day, 28)
        onset = begun.replace(year=one, month=number, day=day)
        if onset >= begun and (until is None or onset <= until):
            yield onset


def _day(year: int, month: int, by_day: re.Match[str]) -> int:
    """Return the day of the n-th weekday of a month, from its end where n is < 0."""
    first, length = monthrange(year, month)
    weekday, nth = _DAYS.index(by_day[2]), int(by_day[1])
    days = [1 + (weekday - first) % 7 + 7 * week for week in range(5)]
    days = [day for day in days if day <= length]
    return days[max(nth, -len(days))] if nth < 0 else days[min(nth, len(days)) - 1]
