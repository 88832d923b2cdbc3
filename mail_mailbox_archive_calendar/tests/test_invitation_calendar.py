from datetime import datetime

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DAYS, LATER, MORNING, InvitationCase


@tagged("post_install", "-at_install")
class TestInvitationCalendar(InvitationCase):
    """Events go into the calendar by a click, and are changed and removed by one."""

    def test_nothing_is_put_there_without_a_click(self):
        self.assertEqual(self.card(self.invite())["calendar"]["action"], "add")
        self.assertFalse(self.events())

    def test_added_changed_and_removed(self):
        card = self.put(self.invite())
        self.assertEqual(card["calendar"]["action"], "there")
        event = self.events()
        self.assertEqual(event.start, datetime(2026, 12, 7, 9))
        self.assertEqual(event.stop, datetime(2026, 12, 7, 10))
        self.assertEqual((event.location, event.privacy), ("Room 3", "private"))
        self.assertEqual(event.partner_ids, self.member.partner_id)
        moved = self.invite(LATER, sequence=1)
        self.assertEqual(self.card(moved)["calendar"]["action"], "change")
        self.assertEqual(event.start, datetime(2026, 12, 7, 9))
        self.put(moved)
        self.assertEqual(self.events().start, datetime(2026, 12, 8, 13))
        cancelled = self.invite(LATER, "CANCEL", 2)
        self.assertEqual(self.card(cancelled)["calendar"]["action"], "remove")
        self.assertTrue(self.events())
        cancelled.remove_from_calendar(cancelled.part_ids.id)
        self.assertFalse(self.events())

    def test_an_older_version_changes_nothing(self):
        self.put(self.invite(LATER, sequence=3))
        old = self.invite(sequence=1)
        self.assertEqual(self.card(old)["calendar"]["action"], "there")
        with self.assertRaises(UserError):
            self.put(old)
        self.assertNotIn(
            "calendar", self.card(self.invite(method="CANCEL", sequence=2))
        )
        self.assertEqual(self.events().start, datetime(2026, 12, 8, 13))

    def test_nobody_but_its_organizer_changes_or_removes_an_event(self):
        self.put(self.invite())
        event = self.events()
        eve = {"organizer": "eve@evil.example"}
        self.assertEqual(
            self.card(self.invite(LATER, sequence=9, **eve))["calendar"]["action"],
            "add",
        )
        cancelled = self.invite(method="CANCEL", sequence=9, **eve)
        self.assertNotIn("calendar", self.card(cancelled))
        cancelled.remove_from_calendar(cancelled.part_ids.id)
        declined = self.invite(sequence=9, **eve)
        declined.reply_to_invitation(declined.part_ids.id, "declined")
        self.assertEqual(self.events(), event)
        self.put(self.invite(LATER, sequence=9, **eve))
        self.assertEqual(len(self.events()), 2)
        self.assertEqual(event.start, datetime(2026, 12, 7, 9))
        same = self.invite(LATER, sequence=1, organizer="Anna@SPOSTEX.example")
        self.assertEqual(self.card(same)["calendar"]["action"], "change")

    def test_in_the_name_of_the_organizer(self):
        """Whoever was invited knows the UID and the organizer's address."""
        self.put(self.invite())
        event = self.events()
        eve = {"sender": "eve@evil.example"}
        moved = self.invite(LATER, sequence=9, **eve)
        shown = self.card(moved)["calendar"]
        self.assertEqual((shown["action"], shown["removable"]), ("there", False))
        with self.assertRaisesRegex(UserError, "not come from the organizer"):
            self.put(moved)
        moved.reply_to_invitation(moved.part_ids.id, "accepted")
        self.assertEqual(event.start, datetime(2026, 12, 7, 9))
        moved.reply_to_invitation(moved.part_ids.id, "declined")
        cancelled = self.invite(method="CANCEL", sequence=9, **eve)
        self.assertNotIn("calendar", self.card(cancelled))
        with self.assertRaisesRegex(UserError, "not come from the organizer"):
            cancelled.remove_from_calendar(cancelled.part_ids.id)
        self.assertEqual(self.events(), event)
        # who forwards an invitation may have it added
        event.unlink()
        self.assertEqual(self.card(moved)["calendar"]["action"], "add")
        self.put(moved)
        self.assertTrue(self.events())

    def test_who_acts_for_the_organizer(self):
        self.put(self.invite())
        jan = {"sender": "Jan@spostex.example", "acting": "jan@spostex.example"}
        for method, action in (("REQUEST", "change"), ("CANCEL", "remove")):
            message = self.invite(LATER, method, 1, **jan)
            self.assertEqual(self.card(message)["calendar"]["action"], action)
        message.remove_from_calendar(message.part_ids.id)
        self.assertFalse(self.events())

    def test_what_is_older_removes_nothing(self):
        first = self.invite()
        self.put(first)
        self.put(self.invite(LATER, sequence=2))
        shown = self.card(first)["calendar"]
        self.assertEqual((shown["action"], shown["removable"]), ("there", False))
        first.reply_to_invitation(first.part_ids.id, "declined")
        with self.assertRaisesRegex(UserError, "newer version"):
            first.remove_from_calendar(first.part_ids.id)
        self.assertTrue(self.events())

    def test_accepting_adds_and_declining_removes(self):
        message = self.invite()
        message.reply_to_invitation(message.part_ids.id, "accepted")
        self.assertTrue(self.events())
        message.reply_to_invitation(message.part_ids.id, "declined")
        self.assertFalse(self.events())

    def test_nobody_is_emailed_but_the_organizer(self):
        before = self.env["mail.mail"].search_count([])
        message = self.invite()
        message.reply_to_invitation(message.part_ids.id, "accepted")
        self.put(self.invite(LATER, sequence=1))
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        (row,) = self.env["mail.mailbox.outbox"].search([])
        self.assertIn("anna@spostex.example", row.email_to)

    def test_days_and_floating_times(self):
        self.put(self.invite(DAYS))
        event = self.events()
        self.assertTrue(event.allday)
        self.assertEqual(str(event.start_date), "2026-12-07")
        self.assertEqual(str(event.stop_date), "2026-12-09")
        floating = MORNING.replace("Z", "")
        self.put(self.invite(floating, sequence=1))
        self.assertEqual(self.events().start, datetime(2026, 12, 7, 8))

    def test_conflicts_are_shown(self):
        values = {
            "name": "Dentist",
            "start": "2026-12-07 09:30:00",
            "stop": "2026-12-07 11:00:00",
        }
        self.env["calendar.event"].with_user(self.member).create(values)
        self.env["calendar.event"].with_user(self.colleague).create(
            {**values, "name": "Theirs"}
        )
        card = self.card(self.invite())
        self.assertEqual(card["calendar"]["conflicts"], ["Dentist"])
        self.assertFalse(self.card(self.invite(LATER))["calendar"]["conflicts"])

    def test_a_series_says_that_one_date_is_put_there(self):
        series = f"{MORNING}\nRRULE:FREQ=SECONDLY;COUNT=999999999"
        self.assertEqual(self.put(self.invite(series))["calendar"]["series"], "one")
        self.assertEqual(len(self.events()), 1)

    def test_others_learn_nothing(self):
        message = self.invite()
        self.put(message)
        part = message.part_ids.id
        for name in ("put_into_calendar", "remove_from_calendar"):
            with self.assertRaises(AccessError):
                getattr(message.with_user(self.colleague), name)(part)
        rows = self.env["mail.mailbox.invitation.event"].with_user(self.colleague)
        with self.assertRaises(AccessError):
            rows.search([])
        theirs = self.events().with_user(self.colleague)
        theirs.invalidate_recordset()
        self.assertNotEqual(theirs.read(["name"])[0]["name"], "Budget call")
        self.assertFalse(theirs.read(["location"])[0]["location"])

    def test_another_person_has_an_event_of_their_own(self):
        self.mailbox.user_ids = [Command.link(self.colleague.id)]
        message = self.invite()
        self.put(message)
        theirs = message.with_user(self.colleague)
        self.assertEqual(self.card(theirs)["calendar"]["action"], "add")
        self.put(theirs)
        self.assertEqual(len(self.events()), 2)
        theirs.remove_from_calendar(theirs.part_ids.id)
        self.assertEqual(self.events().user_id, self.member)
