"""When something holds: windows of time made of periods and of working hours.

People say days and hours on the wall of one place; windows are instants, so that a
change of the clocks shifts neither their start nor their end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

FIRST = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """From ``start``, included, until ``end``, not included; both aware.

    :param end: None for one that does not end
    """

    start: datetime
    end: datetime | None = None

    def holds(self, moment: datetime) -> bool:
        """Return whether ``moment`` is inside."""
        return self.start <= moment and (self.end is None or moment < self.end)

    def overlaps(self, other: Window) -> bool:
        """Return whether the two share a moment; that they touch does not count."""
        return (self.end is None or other.start < self.end) and (
            other.end is None or self.start < other.end
        )


def at(day: date, hours: float, zone: tzinfo, *, last: bool = False) -> datetime:
    """Return the instant, in UTC, at which clocks in ``zone`` show that time.

    :param hours: since midnight, 0 to 24; counted in whole minutes
    :param last: of a time that comes twice in autumn, the second one. One that is left
        out in spring is as much later as the clocks were moved.
    """
    days, minutes = divmod(round(hours * 60), 24 * 60)
    wall = datetime.combine(day + timedelta(days=days), time(*divmod(minutes, 60)))
    local = wall.replace(tzinfo=zone, fold=int(last))
    if last and not _exists(local):
        local = local.replace(fold=0)
    return local.astimezone(timezone.utc)


def _exists(local: datetime) -> bool:
    there = local.astimezone(timezone.utc).astimezone(local.tzinfo)
    return there.replace(tzinfo=None) == local.replace(tzinfo=None)


def after(
    working: Iterable[tuple[datetime, datetime]], start: datetime, span: timedelta
) -> datetime | None:
    """Return when so much working time is over after ``start``.

    :param working: from and until, aware, one after the other
    :return: None where they end before
    """
    left = span
    for first, last in working:
        first = max(first, start)
        if last > first and last - first >= left:
            return first + left
        left -= max(last - first, timedelta())
    return None


def outside(
    working: Iterable[tuple[datetime, datetime]], first: datetime, last: datetime
) -> tuple[Window, ...]:
    """Return the windows between ``first`` and ``last`` in which nobody works.

    :param working: (start, end) of work, aware
    """
    free, start = [], first
    for begin, end in sorted(working):
        if begin > start:
            free.append(Window(start, min(begin, last)))
        start = max(start, end)
    if start < last:
        free.append(Window(start, last))
    return tuple(free)


def merge(windows: Iterable[Window]) -> tuple[Window, ...]:
    """Return the same time as windows that neither overlap nor touch, in order."""
    merged: list[Window] = []
    for window in sorted(windows, key=lambda one: one.start):
        before = merged[-1] if merged else None
        if before is None or (before.end is not None and before.end < window.start):
            merged.append(window)
        elif before.end is not None and (window.end is None or window.end > before.end):
            merged[-1] = Window(before.start, window.end)
    return tuple(merged)


def current(windows: Iterable[Window], moment: datetime) -> Window | None:
    """Return the window that holds ``moment``, together with those it runs into."""
    return next((one for one in merge(windows) if one.holds(moment)), None)


def following(windows: Iterable[Window], moment: datetime) -> Window | None:
    """Return the first window that starts after ``moment``."""
    return next((one for one in merge(windows) if one.start > moment), None)
