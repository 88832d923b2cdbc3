"""Invitations: what calendars publish is read, and what is hostile; the reply."""

import re
from datetime import datetime, timedelta, timezone

import pytest
import vobject

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.inside.content_line import (
    MAX_SIZE,
    read_line,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.invitation import (
    MAX_PEOPLE,
    Recurrence,
    is_calendar,
    read_invitation,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.invitation_reply import (
    write_reply,
)
from odoo.addons.mail_mailbox_archive.mailcore.inside.zone import find_zone

from .invitations import (
    APPLE,
    CANCEL,
    COUNTER,
    GOOGLE,
    MOVED,
    OUTLOOK,
    REPLY,
    REQUESTS,
    THUNDERBIRD,
    WARSAW,
)
from .sources import growth

pytestmark = pytest.mark.inside_odoo

UTC = timezone.utc
NINE = datetime(2026, 12, 7, 9, tzinfo=UTC)


def event(*lines, method="REQUEST", before=""):
    """Return a calendar object with an event of these lines."""
    head = f"BEGIN:VCALENDAR\r\nMETHOD:{method}\r\n{before}BEGIN:VEVENT\r\nUID:u\r\n"
    return head + "".join(f"{one}\r\n" for one in lines) + "END:VEVENT\r\n"


def when(*lines, **values):
    return read_invitation(event(*lines, **values)).when


@pytest.mark.parametrize("name", REQUESTS)
def test_what_calendars_publish_is_read(name):
    found = read_invitation(REQUESTS[name].replace("\n", "\r\n"))
    assert (found.method, found.events) == ("REQUEST", 1)
    assert found.organizer.address == "anna.nowak@spostex.example"
    assert found.organizer.name == "Anna Nowak"
    assert "office@spedbud.example" in [one.address for one in found.attendees]
    assert found.uid and found.summary and found.when


def test_outlook_s_zone_is_the_one_of_windows():
    found = read_invitation(OUTLOOK)
    assert found.when.start == NINE
    assert found.when.end == NINE + timedelta(hours=1, minutes=30)
    assert found.when.zone == "Central European Standard Time"
    assert found.summary == "Przegląd ofert; etap 2"
    assert found.location == "Sala 3, parter"
    assert found.description == "Plan:\n1. ceny, terminy"
    assert [one.name for one in found.attendees] == ["Office", "Lis, Jan"]
    assert found.attendees[1].role == "OPT-PARTICIPANT"


def test_google_apple_and_thunderbird_say_when():
    assert read_invitation(GOOGLE).when.start == NINE
    apple = read_invitation(APPLE)
    assert apple.when.start == datetime(2026, 12, 7, 15, tzinfo=UTC)
    assert apple.sequence == 2
    assert apple.recurrence == Recurrence("WEEKLY", 2, 10, None, ("MO",))
    days = read_invitation(THUNDERBIRD).when
    assert days.all_day
    assert (days.start, days.end) == (datetime(2026, 12, 7), datetime(2026, 12, 10))


def test_changes_and_answers_are_told_apart():
    assert read_invitation(CANCEL).method == "CANCEL"
    moved = read_invitation(MOVED)
    assert moved.sequence == 1
    assert moved.when.start == datetime(2026, 12, 8, 13, tzinfo=UTC)
    reply = read_invitation(REPLY)
    assert (reply.method, reply.attendees[0].status) == ("REPLY", "DECLINED")
    assert read_invitation(COUNTER).method == "COUNTER"


@pytest.mark.parametrize(
    ("tzid", "hour"),
    [
        ("Europe/Warsaw", 9),
        ("/freeassociation.sourceforge.net/Europe/Warsaw", 9),
        ("/citadel.org/20261130_1/America/Argentina/Buenos_Aires", 13),
        ("W. Europe Standard Time", 9),
        ("right/Europe/Warsaw", 9),
        ("Tokyo Standard Time", 1),
        ("tzone://Microsoft/Utc", 10),
        ("UTC", 10),
    ],
)
def test_names_of_zones(tzid, hour):
    found = when(f"DTSTART;TZID={tzid}:20261207T100000").start
    assert found.astimezone(UTC).hour == hour


@pytest.mark.parametrize("tzid", ["", "America", "..", "/etc/passwd", "Nowhere/Now"])
def test_what_is_no_zone_is_none(tzid):
    assert find_zone(tzid) is None


@pytest.mark.parametrize(
    ("day", "hour"),
    [("0701", 8), ("1207", 9), ("0329", 8), ("0328", 9), ("1024", 8), ("1026", 9)],
)
def test_an_unknown_name_is_read_by_its_rules(day, hour):
    zone = WARSAW.format(tzid="Customized Time Zone").replace("\n", "\r\n")
    line = f"DTSTART;TZID=Customized Time Zone:2026{day}T100000"
    assert when(line, before=zone).start.astimezone(UTC).hour == hour


@pytest.mark.parametrize("comma", [",", "\\,"])
def test_a_zone_may_have_commas_in_its_name(comma):
    name = "(UTC+01:00) Sarajevo, Skopje, Warsaw, Zagreb"
    zone = WARSAW.format(tzid=name.replace(",", comma)).replace("\n", "\r\n")
    line = f'DTSTART;TZID="{name}":20261207T100000'
    found = when(line, before=zone)
    assert found.start == NINE and not found.unknown
    asked = event("ORGANIZER:mailto:a@b.example", line, before=zone)
    assert "BEGIN:VTIMEZONE" in answer(asked)


@pytest.mark.parametrize("tzid", ["localtime", "posixrules", "Factory", "x/localtime"])
def test_a_zone_is_never_that_of_the_server(tzid):
    assert when(f"DTSTART;TZID={tzid}:20261207T100000").unknown


def test_a_time_in_utc_is_in_no_other_zone():
    found = when("DTSTART;TZID=Europe/Warsaw:20261207T100000Z")
    assert (found.start, found.zone) == (NINE + timedelta(hours=1), "")


def outlook_s_day(start, end, says="TRUE", zone=";TZID=Tokyo Standard Time"):
    says = f"X-MICROSOFT-CDO-ALLDAYEVENT:{says}"
    return when(f"DTSTART{zone}:{start}", f"DTEND{zone}:{end}", says)


def test_midnights_of_outlook_are_days_everywhere():
    found = outlook_s_day("20261207T000000", "20261209T000000")
    assert found.all_day
    assert (found.start, found.end) == (datetime(2026, 12, 7), datetime(2026, 12, 9))
    for other in (
        ("20261207T000000", "20261208T000000", "FALSE"),
        ("20261207T000000", "20261207T100000"),
        ("20261206T150000Z", "20261207T150000Z"),
        ("20261207T000000Z", "20261208T000000Z", "TRUE", ""),
    ):
        assert not outlook_s_day(*other).all_day


@pytest.mark.parametrize(
    ("zone", "until", "day"),
    [
        (";TZID=America/New_York", "20261207T045959Z", 6),
        (";TZID=Europe/Warsaw", "20261206T225959Z", 6),
        (";TZID=Asia/Tokyo", "20261206T150000Z", 7),
        (";TZID=Asia/Tokyo", "20261206", 6),
        ("", "20261206T235959", 6),
    ],
)
def test_a_series_ends_on_the_day_that_it_ends_there(zone, until, day):
    lines = f"DTSTART{zone}:20261101T100000", f"RRULE:FREQ=DAILY;UNTIL={until}"
    found = read_invitation(event(*lines)).recurrence.until
    assert (found.day, found.tzinfo) == (day, None)


@pytest.mark.parametrize(
    ("duration", "hours"), [("PT3H", 3), ("P1D", 25), ("P1DT1H", 26), ("P1W", 169)]
)
def test_hours_are_as_long_as_ever_while_the_clocks_change(duration, hours):
    line = "DTSTART;TZID=Europe/Warsaw:20261025T013000"
    found = when(line, f"DURATION:{duration}")
    span = found.end.astimezone(UTC) - found.start.astimezone(UTC)
    assert span == timedelta(hours=hours)


def test_the_last_of_a_whole_company_is_invited():
    many = [f"ATTENDEE:mailto:p{at}@b.example" for at in range(900)]
    found = read_invitation(event(*many, "ATTENDEE:mailto:office@spedbud.example"))
    assert found.attendees[-1].address == "office@spedbud.example"


def test_without_a_zone_a_time_floats():
    floating = when("DTSTART:20261207T100000", "DURATION:PT45M")
    assert floating.floating and not floating.unknown
    assert floating.end - floating.start == timedelta(minutes=45)
    unknown = when("DTSTART;TZID=Nowhere:20261207T100000")
    assert unknown.floating and unknown.unknown and unknown.zone == "Nowhere"


@pytest.mark.parametrize(
    "lines",
    [
        ("DTSTART:20261207T100000Z", "DTEND:20261207T090000Z"),
        ("DTSTART:20261207T100000Z", "DTEND:20261207T110000"),
        ("DTSTART:20261207T100000Z", "DURATION:-PT1H"),
        ("DTSTART:20261207T100000Z", "DURATION:P9999W"),
        ("DTSTART:20261207", "DTEND:20261206"),
    ],
)
def test_no_event_ends_before_it_begins(lines):
    found = when(*lines)
    assert found.start <= found.end <= found.start + timedelta(days=3_660)


@pytest.mark.parametrize("value", ["x", "99999999T999999", "00010101T000000Z", ""])
def test_a_time_that_is_none_is_left_out(value):
    assert when(f"DTSTART:{value}") is None


HOSTILE = {
    "long line": event("SUMMARY:" + "a" * 900_000),
    "folds": event("SUMMARY:" + "\r\n a" * 200_000),
    "commas": event("SUMMARY;A=" + "a," * 400_000),
    "quotes": event('SUMMARY;A="' + '","' * 300_000),
    "parameters": event("SUMMARY" + ";A=B" * 200_000 + ":x"),
    "mailto": event("ATTENDEE;CN=" + ":mailto" * 100_000),
    "backslashes": event("SUMMARY:" + "\\" * 900_000),
    "people": event(*["ATTENDEE:mailto:a@b.example"] * 20_000),
    "rule": event("RRULE:FREQ=SECONDLY;COUNT=999999999;BYDAY=" + "MO," * 200_000),
    "zones": event(before="BEGIN:VTIMEZONE\r\nTZID:x\r\nEND:VTIMEZONE\r\n" * 15_000),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_is_read_in_its_limits(name):
    found = read_invitation(HOSTILE[name])
    assert len(found.summary) <= 300
    assert len(found.attendees) <= MAX_PEOPLE
    assert found.recurrence is None or len(found.recurrence.days) < 20


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("BEGIN:VCALENDAR\r\n" * 5_000, "depth"),
        ("x" * (MAX_SIZE + 1), "parts"),
        ("A:B\n" * 60_000, "parts"),
        ("", "structure"),
        ("BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VTODO\nEND:VCALENDAR", "structure"),
        ("<html><body>no calendar</body></html>", "structure"),
    ],
)
def test_what_is_no_invitation_is_refused(text, code):
    with pytest.raises(Unreadable) as refusal:
        read_invitation(text)
    assert refusal.value.code == code


@pytest.mark.parametrize(
    "line", ["SUMMARY;A=a,{}", "ATTENDEE;CN={}:mailto:a@b.example", "RRULE:{}"]
)
def test_reading_takes_as_long_as_it_is_long(line):
    def make(size):
        return event(line.replace("{}", 'a,:;"' * size))

    assert growth(read_invitation, make) < 2.7


def test_markup_stays_text_and_controls_go():
    found = read_invitation(
        event(
            "SUMMARY:<img src=x onerror=alert(1)>\u202egpj\x07",
            "LOCATION:a\\nb",
            "ORGANIZER;CN=\u202ex:javascript:alert(1)",
        )
    )
    assert found.summary.startswith("<img src=x onerror=alert(1)>")
    assert "\u202e" not in found.summary + found.organizer.name
    assert "\x07" not in found.summary
    assert found.location == "a b"
    assert found.organizer.address == ""


def test_a_name_with_a_colon_and_no_quotes():
    line = read_line("ATTENDEE;CN=Room: 3:mailto:room@spostex.example")
    assert line.value == "mailto:room@spostex.example"


def test_kinds():
    assert is_calendar("text/calendar", "")
    assert is_calendar("application/octet-stream", "Meeting.ICS")
    assert not is_calendar("text/plain", "a.ics")


# The reply, read by another library


def answer(text, word="accepted", name="Jan Lis", address="office@spedbud.example"):
    moment = datetime(2026, 12, 1, 8, tzinfo=UTC)
    return write_reply(text, address, name, word, moment)


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize(
    ("word", "status"),
    [("accepted", "ACCEPTED"), ("tentative", "TENTATIVE"), ("declined", "DECLINED")],
)
def test_another_library_reads_the_reply(name, word, status):
    asked = vobject.readOne(REQUESTS[name])
    read = vobject.readOne(answer(REQUESTS[name], word))
    assert read.method.value == "REPLY"
    assert read.vevent.uid.value == asked.vevent.uid.value
    assert read.vevent.dtstart.value == asked.vevent.dtstart.value
    assert read.vevent.organizer.value == "mailto:anna.nowak@spostex.example"
    (attendee,) = read.vevent.attendee_list
    assert attendee.value == "mailto:office@spedbud.example"
    assert attendee.params["PARTSTAT"] == [status]
    assert attendee.params["CN"] == ["Jan Lis"]
    assert read.vevent.dtstamp.value == datetime(2026, 12, 1, 8, tzinfo=UTC)


def test_the_reply_is_of_the_version_that_was_asked():
    read = vobject.readOne(answer(APPLE))
    assert read.vevent.sequence.value == "2"
    one = APPLE.replace(
        "SEQUENCE:2", "SEQUENCE:2\nRECURRENCE-ID;TZID=America/New_York:20261221T100000"
    )
    assert "RECURRENCE-ID" in answer(one)


def test_lines_of_the_reply_are_folded_between_letters():
    text = event("ORGANIZER:mailto:a@b.example", "SUMMARY:" + "zażółć " * 60)
    written = answer(text, name='Ęwa; "X", Y')
    for line in written.encode().split(b"\r\n"):
        assert len(line) <= 75
    assert vobject.readOne(written).vevent.summary.value.startswith("zażółć zażółć")


@pytest.mark.parametrize("value", ["x\rMETHOD:CANCEL", "x\x00y", "x\\nEND:VCALENDAR"])
def test_nothing_of_the_invitation_ends_a_line_of_the_reply(value):
    text = event("ORGANIZER:mailto:a@b.example", f"SUMMARY:{value}")
    written = answer(text, name="A\r\nMETHOD:CANCEL")
    assert len(re.findall("^METHOD:", written, re.M)) == 1
    assert len(re.findall("^END:VCALENDAR", written, re.M)) == 1


@pytest.mark.parametrize(
    "text", [event("SUMMARY:x"), event("ORGANIZER:x").replace("UID:u\r\n", "")]
)
def test_without_an_organizer_or_uid_there_is_no_reply(text):
    with pytest.raises(Unreadable):
        answer(text)
