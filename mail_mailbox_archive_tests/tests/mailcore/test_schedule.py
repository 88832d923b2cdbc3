"""Windows of time; clocks that are changed."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.autoreply.schedule import (
    Window,
    after,
    at,
    current,
    following,
    merge,
    outside,
)

WARSAW = ZoneInfo("Europe/Warsaw")
NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 11, 2, 12, 0, tzinfo=timezone.utc)


def hour(number):
    return NOON + timedelta(hours=number)


@pytest.mark.parametrize(
    ("day", "hours", "zone", "last", "expected"),
    [
        ((2026, 1, 15), 8.0, WARSAW, False, "2026-01-15T07:00"),
        ((2026, 7, 15), 8.0, WARSAW, False, "2026-07-15T06:00"),
        ((2026, 7, 15), 8.25, NEW_YORK, False, "2026-07-15T12:15"),
        ((2026, 7, 15), 24.0, WARSAW, True, "2026-07-15T22:00"),
        ((2026, 12, 31), 24.0, WARSAW, True, "2026-12-31T23:00"),
        # 29 March, 2:00: an hour is left out
        ((2026, 3, 29), 1.5, WARSAW, False, "2026-03-29T00:30"),
        ((2026, 3, 29), 2.5, WARSAW, False, "2026-03-29T01:30"),
        ((2026, 3, 29), 2.5, WARSAW, True, "2026-03-29T01:30"),
        ((2026, 3, 29), 3.0, WARSAW, False, "2026-03-29T01:00"),
        # 25 October, 3:00: an hour comes twice
        ((2026, 10, 25), 2.5, WARSAW, False, "2026-10-25T00:30"),
        ((2026, 10, 25), 2.5, WARSAW, True, "2026-10-25T01:30"),
        ((2026, 10, 25), 8.0, WARSAW, True, "2026-10-25T07:00"),
    ],
)
def test_a_time_on_the_wall(day, hours, zone, last, expected):
    found = at(date(*day), hours, zone, last=last)
    assert found.isoformat()[:16] == expected
    assert found.tzinfo is timezone.utc


def test_a_period_over_a_change_of_the_clocks_keeps_its_times():
    start, end = date(2026, 10, 20), date(2026, 10, 30)
    window = Window(at(start, 17, WARSAW), at(end, 8, WARSAW, last=True))
    assert window.start.astimezone(WARSAW).hour == 17
    assert window.end.astimezone(WARSAW).hour == 8
    assert window.end - window.start == timedelta(days=9, hours=16)


def test_the_minutes_of_a_window():
    window = Window(NOON, hour(1))
    second = timedelta(seconds=1)
    assert not window.holds(NOON - second)
    assert window.holds(NOON)
    assert window.holds(hour(1) - second)
    assert not window.holds(hour(1))
    assert Window(NOON).holds(hour(10_000))


def test_windows_that_overlap():
    assert Window(NOON, hour(2)).overlaps(Window(hour(1), hour(3)))
    assert Window(NOON).overlaps(Window(hour(5), hour(6)))
    assert not Window(NOON, hour(1)).overlaps(Window(hour(1), hour(2)))
    assert not Window(hour(1), hour(2)).overlaps(Window(NOON, hour(1)))


def test_outside_of_working_hours():
    working = [(hour(1), hour(3)), (hour(2), hour(4)), (hour(6), hour(7))]
    assert outside(working, NOON, hour(8)) == (
        Window(NOON, hour(1)),
        Window(hour(4), hour(6)),
        Window(hour(7), hour(8)),
    )
    assert outside([], NOON, hour(1)) == (Window(NOON, hour(1)),)
    assert outside([(hour(-1), hour(2))], NOON, hour(1)) == ()


def test_windows_that_run_into_each_other_are_one():
    windows = [
        Window(hour(4), hour(5)),
        Window(NOON, hour(1)),
        Window(hour(1), hour(3)),
    ]
    assert merge(windows) == (Window(NOON, hour(3)), Window(hour(4), hour(5)))
    assert current(windows, hour(2)) == Window(NOON, hour(3))
    assert current(windows, hour(3)) is None
    assert following(windows, hour(2)) == Window(hour(4), hour(5))
    assert following(windows, hour(4)) is None
    assert merge([Window(NOON), Window(hour(1), hour(2))]) == (Window(NOON),)


def test_after_so_much_working_time():
    working = [(hour(1), hour(3)), (hour(6), hour(7)), (hour(10), hour(12))]
    for hours, expected in ((0.5, 1.5), (2, 3), (2.5, 6.5), (3, 7), (4, 11), (6, None)):
        due = after(working, NOON, timedelta(hours=hours))
        assert due == (expected and hour(expected)), hours
    assert after(working, hour(2.5), timedelta(hours=1)) == hour(6.5)
    assert after(working, hour(13), timedelta(hours=1)) is None
    assert after([], NOON, timedelta(hours=1)) is None
