from datetime import date, datetime

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.inside.invitation import read_invitation

from ..models.invitation_series import MAX_EVENTS, get_series_values
from .common import InvitationCase

START = "DTSTART;TZID=Europe/Warsaw:20261207T100000\nDURATION:PT1H"
WEEKLY = f"{START}\nRRULE:FREQ=WEEKLY;COUNT=4"
MOVED = """\
END:VEVENT
BEGIN:VEVENT
UID:5q1r0abc@google.com
SUMMARY:Budget call, with figures
RECURRENCE-ID;TZID=Europe/Warsaw:20261214T100000
DTSTART;TZID=Europe/Warsaw:20261215T140000
DURATION:PT2H"""
ONE = """\
RECURRENCE-ID;TZID=Europe/Warsaw:20261221T100000
DTSTART;TZID=Europe/Warsaw:20261222T090000
DURATION:PT1H"""


def series(rule, start=START):
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{start}\nRRULE:{rule}\nEND:VEVENT"
    return get_series_values(read_invitation(f"{text}\nEND:VCALENDAR"), "Asia/Tokyo")


@tagged("post_install", "-at_install")
class TestInvitationSeries(InvitationCase):
    """A series goes into the calendar as one, where Odoo's can hold it."""

    def starts(self):
        return self.events().sorted("start").mapped("start")

    def events(self):
        domain = [("name", "like", "Budget call")]
        return self.env["calendar.event"].search(domain)

    def test_a_series_with_what_is_moved_and_left_out(self):
        excluded = "EXDATE;TZID=Europe/Warsaw:20261207T100000"
        message = self.invite(f"{WEEKLY}\n{excluded}{chr(10)}{MOVED}")
        card = self.card(message)
        self.assertEqual(card["calendar"]["series"], "whole")
        self.assertEqual(len(card["changes"]), 2)
        card = self.put(message)
        self.assertEqual(card["calendar"]["action"], "there")
        self.assertEqual(
            self.starts(),
            [
                datetime(2026, 12, 15, 13),
                datetime(2026, 12, 21, 9),
                datetime(2026, 12, 28, 9),
            ],
        )
        moved = self.events().sorted("start")[0]
        self.assertEqual(moved.name, "Budget call, with figures")
        self.assertEqual(moved.stop, datetime(2026, 12, 15, 15))
        self.assertEqual(len(self.events().recurrence_id), 1)
        states = self.events().attendee_ids.mapped("state")
        self.assertEqual(states, ["accepted"] * 3)
        message.remove_from_calendar(message.part_ids.id)
        self.assertFalse(self.events())
        self.assertFalse(self.env["calendar.recurrence"].search_count([]))

    def test_one_event_is_moved_then_cancelled(self):
        self.put(self.invite(WEEKLY))
        moved = self.invite(ONE)
        card = self.card(moved)
        self.assertIn("instead of the one on", card["instance_note"])
        self.assertEqual(card["calendar"]["action"], "change")
        self.assertFalse(card["calendar"]["conflicts"])
        self.put(moved)
        self.assertEqual(len(self.events()), 4)
        self.assertIn(datetime(2026, 12, 22, 8), self.starts())
        self.assertNotIn(datetime(2026, 12, 21, 9), self.starts())
        cancelled = self.invite(ONE, "CANCEL", 1)
        self.assertEqual(self.card(cancelled)["calendar"]["action"], "remove")
        cancelled.remove_from_calendar(cancelled.part_ids.id)
        self.assertEqual(len(self.events()), 3)
        self.assertNotIn(datetime(2026, 12, 22, 8), self.starts())
        self.assertNotIn("calendar", self.card(cancelled))

    def move(self, original, start):
        return ONE.replace("20261221", original).replace("20261222T09", start)

    def test_one_is_moved_to_the_time_of_another_that_is_cancelled(self):
        self.put(self.invite(WEEKLY))
        self.put(self.invite(self.move("20261214", "20261221T10")))
        moved, other = self.events().filtered(
            lambda one: one.start == datetime(2026, 12, 21, 9)
        )
        if moved.follow_recurrence:
            moved, other = other, moved
        cancelled = self.invite(self.move("20261221", "20261221T10"), "CANCEL", 1)
        for _twice in range(2):
            cancelled.remove_from_calendar(cancelled.part_ids.id)
            self.assertTrue(moved.exists())
            self.assertFalse(other.exists())
        self.assertEqual(len(self.events()), 3)

    def test_two_change_places(self):
        end = "END:VEVENT\nBEGIN:VEVENT\nUID:5q1r0abc@google.com\nSUMMARY:Budget call, "
        first = f"{end}1\n{self.move('20261214', '20261221T10')}"
        second = f"{end}2\n{self.move('20261221', '20261214T10')}"
        self.put(self.invite(f"{WEEKLY}\n{first}\n{second}"))
        at = {one.start: one.name for one in self.events()}
        self.assertEqual(at[datetime(2026, 12, 21, 9)], "Budget call, 1")
        self.assertEqual(at[datetime(2026, 12, 14, 9)], "Budget call, 2")
        self.assertEqual(len(self.events()), 4)

    def test_an_event_moved_in_the_series_is_changed_again(self):
        self.put(self.invite(f"{WEEKLY}\n{MOVED}"))
        again = MOVED.partition("figures\n")[2].replace("15T14", "16T14")
        message = self.invite(again, sequence=1)
        self.assertEqual(self.card(message)["calendar"]["action"], "change")
        self.put(message)
        self.assertEqual(len(self.events()), 4)
        self.assertIn(datetime(2026, 12, 16, 13), self.starts())

    def test_the_first_one_declined_leaves_the_others(self):
        self.put(self.invite(WEEKLY))
        first = ONE.replace("20261221", "20261207").replace("20261222", "20261207")
        message = self.invite(first)
        message.reply_to_invitation(message.part_ids.id, "declined")
        self.assertEqual(len(self.events()), 3)
        whole = self.invite(WEEKLY)
        self.assertEqual(self.card(whole)["calendar"]["action"], "there")

    def test_a_changed_series_replaces_the_one_that_is_there(self):
        self.put(self.invite(f"{WEEKLY}\n{MOVED}"))
        changed = WEEKLY.replace("T100000", "T113000").replace("COUNT=4", "COUNT=2")
        message = self.invite(changed, sequence=1)
        self.assertEqual(self.card(message)["calendar"]["action"], "change")
        self.put(message)
        self.assertEqual(
            self.starts(),
            [datetime(2026, 12, 7, 10, 30), datetime(2026, 12, 14, 10, 30)],
        )
        single = self.invite(START, sequence=2)
        self.put(single)
        self.assertEqual(self.starts(), [datetime(2026, 12, 7, 9)])
        self.put(self.invite(WEEKLY, sequence=3))
        self.assertEqual(len(self.events()), 4)
        cancelled = self.invite(WEEKLY, "CANCEL", 4)
        cancelled.remove_from_calendar(cancelled.part_ids.id)
        self.assertFalse(self.events())

    def test_one_event_without_its_series(self):
        message = self.invite(ONE)
        self.assertEqual(self.card(message)["calendar"]["action"], "add")
        self.put(message)
        self.assertEqual(self.starts(), [datetime(2026, 12, 22, 8)])

    def test_what_one_removes_by_hand_may_be_added_again(self):
        message = self.invite(WEEKLY)
        self.put(message)
        self.events().sorted("start")[0].unlink()
        self.assertEqual(self.card(message)["calendar"]["action"], "there")
        self.events().unlink()
        self.assertEqual(self.card(message)["calendar"]["action"], "add")
        self.put(message)
        self.assertEqual(len(self.events()), 4)

    def test_nobody_else_s_organizer_changes_one(self):
        self.put(self.invite(WEEKLY))
        for method in ("REQUEST", "CANCEL"):
            eve = self.invite(ONE, method, 9, organizer="eve@evil.example")
            action = self.card(eve).get("calendar", {}).get("action", "")
            self.assertEqual(action, "add" if method == "REQUEST" else "")
            eve.remove_from_calendar(eve.part_ids.id)
        self.assertEqual(len(self.events()), 4)

    def test_an_older_change_of_one_changes_nothing(self):
        self.put(self.invite(WEEKLY, sequence=3))
        old = self.invite(ONE, sequence=2)
        self.assertNotIn("calendar", self.card(old))
        with self.assertRaises(UserError):
            self.put(old)

    def test_clocks_change_within_a_series(self):
        start = START.replace("20261207", "20260320")
        message = self.invite(f"{start}\nRRULE:FREQ=WEEKLY;COUNT=3")
        self.put(message)
        self.assertEqual([one.hour for one in self.starts()], [9, 9, 8])

    def test_days(self):
        days = "DTSTART;VALUE=DATE:20261207\nDTEND;VALUE=DATE:20261209"
        rule = "RRULE:FREQ=MONTHLY;BYDAY=1MO;COUNT=3\nEXDATE;VALUE=DATE:20270104"
        self.put(self.invite(f"{days}\n{rule}"))
        found = self.events().sorted("start").mapped("start_date")
        self.assertEqual(found, [date(2026, 12, 7), date(2027, 2, 1)])

    def test_a_series_without_an_end_is_as_long_as_odoo_s_own(self):
        self.put(self.invite(f"{START}\nRRULE:FREQ=DAILY"))
        self.assertEqual(len(self.events()), MAX_EVENTS)

    def test_what_odoo_has_words_for(self):
        weekly = series("FREQ=WEEKLY;BYDAY=MO,WE;UNTIL=20270131T080000Z")
        self.assertEqual(weekly["event_tz"], "Europe/Warsaw")
        self.assertTrue(weekly["mon"] and weekly["wed"] and not weekly["tue"])
        # that day it has ended before it would begin
        self.assertEqual(weekly["until"], date(2027, 1, 30))
        until = series("FREQ=WEEKLY;UNTIL=20270131")["until"]
        self.assertEqual(until, date(2027, 1, 31))
        monthly = series("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1;COUNT=5")
        self.assertEqual((monthly["byday"], monthly["weekday"]), ("1", "MON"))
        self.assertEqual(series("FREQ=MONTHLY")["day"], 7)
        self.assertEqual(series("FREQ=YEARLY;INTERVAL=2")["interval"], 2)
        floating = series("FREQ=DAILY", "DTSTART:20261207T100000")
        self.assertEqual(floating["event_tz"], "Asia/Tokyo")
        self.assertEqual(
            series("FREQ=DAILY", "DTSTART:20261207T100000Z")["event_tz"], "UTC"
        )

    def test_what_odoo_has_no_words_for(self):
        for rule in (
            "FREQ=HOURLY",
            "FREQ=DAILY;COUNT=721",
            "FREQ=DAILY;UNTIL=20991231",
            "FREQ=DAILY;UNTIL=20200101",
            "FREQ=DAILY;BYDAY=MO",
            "FREQ=WEEKLY;BYDAY=TU",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
            "FREQ=MONTHLY;BYDAY=2MO",
            "FREQ=MONTHLY;BYDAY=-1MO",
            "FREQ=MONTHLY;BYMONTHDAY=-1",
            "FREQ=MONTHLY;BYDAY=1MO,3MO",
            "FREQ=YEARLY;BYDAY=1MO",
        ):
            self.assertIsNone(series(rule), rule)
        unknown = START.replace("Europe/Warsaw", "Nowhere")
        # what floats because nobody knows its zone is not put anywhere
        message = self.invite(f"{unknown}\nRRULE:FREQ=DAILY")
        self.assertNotIn("calendar", self.card(message))
