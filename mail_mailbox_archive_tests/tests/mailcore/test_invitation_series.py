"""A series of an invitation: its rule, what is excluded, moved and cancelled."""

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.inside.invitation import read_invitation
from odoo.addons.mail_mailbox_archive.mailcore.inside.series import (
    MAX_CHANGES,
    Change,
    Recurrence,
)

from .sources import growth

pytestmark = pytest.mark.inside_odoo

UTC = timezone.utc
WARSAW = ZoneInfo("Europe/Warsaw")
START = "DTSTART;TZID=Europe/Warsaw:20261207T100000"
WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=10"


def vevent(*lines):
    return "\n".join(("BEGIN:VEVENT", "UID:1@b.example", *lines, "END:VEVENT"))


def read(*events, method="REQUEST"):
    return read_invitation(
        "\n".join(("BEGIN:VCALENDAR", f"METHOD:{method}", *events, "END:VCALENDAR", ""))
    )


def moment(day, hour, month=12):
    return datetime(2026, month, day, hour, tzinfo=WARSAW)


def test_excluded_dates_as_the_calendars_write_them():
    """Google one line each, Outlook several in one, Apple in UTC."""
    found = read(
        vevent(
            START,
            WEEKLY,
            "EXDATE;TZID=Europe/Warsaw:20261214T100000",
            "EXDATE;TZID=Central European Standard Time:20261221T100000,"
            "20261228T100000",
            "EXDATE:20270104T090000Z",
            "EXDATE;VALUE=DATE:20270111",
        )
    )
    assert not found.recurrence.special
    assert [one.original.day for one in found.changes] == [14, 21, 28, 4, 11]
    assert not any(one.when for one in found.changes)
    assert [one.is_day for one in found.changes] == [False] * 4 + [True]


def test_moved_and_cancelled_events():
    found = read(
        vevent(
            "RECURRENCE-ID;TZID=Europe/Warsaw:20261221T100000",
            "DTSTART;TZID=Europe/Warsaw:20261222T140000",
            "DURATION:PT1H",
            "LOCATION:Room 4",
        ),
        vevent(START, WEEKLY, "SUMMARY:Budget call"),
        vevent(
            "RECURRENCE-ID:20261214T090000Z",
            "DTSTART:20261214T090000Z",
            "STATUS:CANCELLED",
        ),
        vevent("RECURRENCE-ID:nonsense", "DTSTART:20261214T090000Z"),
    )
    assert (found.summary, found.events) == ("Budget call", 1)
    cancelled, moved = found.changes
    assert cancelled == Change(moment(14, 10), instance="20261214T090000Z")
    assert moved.original == moment(21, 10)
    assert moved.when.start == moment(22, 14)
    assert moved.when.end - moved.when.start == timedelta(hours=1)
    assert (moved.location, moved.instance) == ("Room 4", "20261221T100000")


def test_what_is_moved_is_not_excluded():
    found = read(
        vevent(START, WEEKLY, "EXDATE;TZID=Europe/Warsaw:20261221T100000"),
        vevent(
            "RECURRENCE-ID;TZID=Europe/Warsaw:20261221T100000",
            "DTSTART;TZID=Europe/Warsaw:20261222T140000",
        ),
    )
    (one,) = found.changes
    assert one.when.start == moment(22, 14)


def test_one_event_of_a_series_alone():
    found = read(
        vevent(
            "RECURRENCE-ID;TZID=Europe/Warsaw:20261221T100000",
            "DTSTART;TZID=Europe/Warsaw:20261222T140000",
        )
    )
    assert found.occurrence.original == moment(21, 10)
    assert (found.recurrence, found.changes) == (None, ())
    assert read(vevent(START, WEEKLY)).occurrence is None


def test_of_another_event_nothing_is_taken():
    other = vevent("RECURRENCE-ID:20261214T090000Z", START).replace("UID:1", "UID:2")
    assert read(vevent(START, WEEKLY), other).changes == ()


@pytest.mark.parametrize(
    ("rule", "found"),
    [
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", Recurrence("MONTHLY", days=("1MO",))),
        ("FREQ=MONTHLY;BYDAY=+1MO", Recurrence("MONTHLY", days=("1MO",))),
        ("FREQ=MONTHLY;BYMONTHDAY=7", Recurrence("MONTHLY")),
        ("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=7", Recurrence("YEARLY")),
        ("FREQ=weekly;BYDAY=mo", Recurrence("WEEKLY", days=("MO",))),
    ],
)
def test_what_a_rule_says_anyway(rule, found):
    assert read(vevent(START, f"RRULE:{rule}")).recurrence == found


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=MONTHLY;BYMONTHDAY=8",
        "FREQ=MONTHLY;BYMONTHDAY=7,21",
        "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1",
        "FREQ=YEARLY;BYMONTH=11",
        "FREQ=WEEKLY;BYHOUR=9",
        "FREQ=WEEKLY;BYDAY=MO,XX",
    ],
)
def test_what_is_not_said_in_a_few_words(rule):
    assert read(vevent(START, f"RRULE:{rule}")).recurrence.special


def test_dates_beside_the_rule_and_changes_of_all_that_follow():
    rdate = read(vevent(START, WEEKLY, "RDATE:20261208T090000Z"))
    assert rdate.recurrence.special
    following = vevent("RECURRENCE-ID;RANGE=THISANDFUTURE:20261214T090000Z", START)
    assert read(vevent(START, WEEKLY), following).recurrence.special


def test_limits():
    days = [f"{month:02}{day:02}" for month in range(1, 13) for day in range(1, 29)]
    many = ",".join(f"2027{day}T090000Z" for day in days)
    found = read(vevent(START, WEEKLY, *[f"EXDATE:{many}"] * 50))
    assert len(found.changes) == MAX_CHANGES

    def hostile(size):
        one = "EXDATE:" + "20270101T090000Z," * 400
        return vevent(START, WEEKLY, *[one] * (size // len(one)))

    assert growth(read, hostile, 50_000) < 3
