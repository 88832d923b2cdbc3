"""When an event of a calendar object is, in its time zone (RFC 5545, 3.6.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone, tzinfo

from ..text import safe_text
from .content_line import Component, Line
from .zone import find_rules, find_zone, offset_by_rules, read_moment

_DURATION = re.compile(
    r"\+?P(?:(\d{1,4})W)?(?:(\d{1,4})D)?"
    r"(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,7})S)?)?"
)


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


def read_when(calendar: Component, event: Component) -> When | None:
    """Return when an event is, None where that cannot be read."""
    line = event.first("DTSTART")
    naive = read_moment(line.value) if line else None
    if not line or naive is None:
        return None
    if is_date(line) or _are_days(event, naive):
        return When(naive, _end(event, naive, naive, timedelta(days=1)), all_day=True)
    start, unknown = placed(calendar, line, naive)
    end = event.first("DTEND")
    until = read_moment(end.value) if end else None
    if end and until:
        stop, _unknown = placed(calendar, end, until)
        # one with and one without a zone cannot be compared
        same = (stop.tzinfo is None) == (start.tzinfo is None)
        last = stop if same and stop >= start else start
    else:
        last = _end(event, naive, start, timedelta())
    zone = safe_text(line.parameters.get("TZID", ""), 80).strip()
    if start.tzinfo is timezone.utc and _is_utc(line):
        # a zone beside it says nothing of this moment (RFC 5545, 3.2.19)
        zone = ""
    return When(start, last, False, start.tzinfo is None, zone, unknown)


def is_date(line: Line) -> bool:
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


def placed(calendar: Component, line: Line, naive: datetime) -> tuple[datetime, bool]:
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
