"""When a mailbox answers by itself, bad input, and who may see and change what."""

from datetime import date, datetime, timedelta

from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .autoresponder import ANSWER, NOON, AutoresponderCase


@tagged("post_install", "-at_install")
class TestTimes(AutoresponderCase):
    """When it answers. Warsaw is one hour ahead of UTC in November."""

    def set_period(self, first, last, when="periods"):
        (first_day, first_hour), (last_day, last_hour) = first, last
        self.mailbox.write(
            {
                "autoresponder_when": when,
                "autoresponder_period_ids": [
                    Command.clear(),
                    Command.create(
                        {
                            "first_day": first_day,
                            "first_hour": first_hour,
                            "last_day": last_day,
                            "last_hour": last_hour,
                        }
                    ),
                ],
            }
        )

    def check(self, moment, answered, **values):
        with self.at(moment):
            sender = f"p{next(self.uids)}@spostex.example"
            self.receive(sender, return_path=f"<{sender}>", **values)
            self.assertEqual(len(self.answer()), int(answered), moment)

    def test_to_the_minute(self):
        self.set_period((date(2026, 11, 2), 17.0), (date(2026, 11, 3), 8.0))
        self.check(datetime(2026, 11, 2, 15, 59), False)
        self.check(datetime(2026, 11, 2, 16, 0), True)
        self.check(datetime(2026, 11, 3, 6, 59), True)
        self.check(datetime(2026, 11, 3, 7, 0), False)

    def test_what_came_before_the_period_is_not_answered_in_it(self):
        self.set_period((date(2026, 11, 2), 17.0), (date(2026, 11, 3), 8.0))
        before = datetime(2026, 11, 2, 15, 59)
        self.check(datetime(2026, 11, 2, 16, 1), False, received=before)
        self.assertEqual(self.entries().reason, "before_window")

    def test_what_came_before_it_was_switched_on_is_not_answered(self):
        self.mailbox.autoresponder_enabled = False
        self.mailbox.autoresponder_enabled = True
        self.check(NOON, False, received=NOON - timedelta(minutes=1))

    def test_a_change_of_the_clocks_shifts_no_period(self):
        self.set_period((date(2027, 3, 26), 17.0), (date(2027, 3, 29), 8.0))
        # in winter one hour ahead, from 28 March on two
        self.check(datetime(2027, 3, 26, 15, 59), False)
        self.check(datetime(2027, 3, 26, 16, 0), True)
        self.check(datetime(2027, 3, 29, 5, 59), True)
        self.check(datetime(2027, 3, 29, 6, 0), False)

    def set_hours(self, when="hours"):
        calendar = self.env["resource.calendar"].create(
            {
                "name": "Office",
                "tz": "Europe/Warsaw",
                "company_id": self.mailbox.company_id.id,
                "attendance_ids": [
                    Command.clear(),
                    *(
                        Command.create(
                            {
                                "name": "Work",
                                "dayofweek": str(day),
                                "day_period": "morning",
                                "hour_from": 8,
                                "hour_to": 16,
                            }
                        )
                        for day in range(5)
                    ),
                ],
            }
        )
        self.mailbox.write(
            {
                "autoresponder_calendar_id": calendar.id,
                "autoresponder_when": when,
            }
        )
        return calendar

    def test_outside_working_hours(self):
        calendar = self.set_hours()
        self.check(datetime(2026, 11, 2, 6, 59), True)
        self.check(datetime(2026, 11, 2, 7, 0), False)
        self.check(datetime(2026, 11, 2, 14, 59), False)
        self.check(datetime(2026, 11, 2, 15, 0), True)
        self.check(datetime(2026, 11, 7, 11, 0), True)
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Independence Day",
                "calendar_id": calendar.id,
                "company_id": calendar.company_id.id,
                "date_from": datetime(2026, 11, 10, 23, 0),
                "date_to": datetime(2026, 11, 11, 22, 59),
            }
        )
        self.check(datetime(2026, 11, 11, 11, 0), True)
        self.check(datetime(2026, 11, 12, 11, 0), False)

    def test_outside_working_hours_in_summer(self):
        self.set_hours()
        self.check(datetime(2027, 7, 5, 5, 59), True)
        self.check(datetime(2027, 7, 5, 6, 0), False)

    def test_periods_and_working_hours(self):
        self.set_hours()
        self.set_period((date(2026, 11, 3), 10.0), (date(2026, 11, 3), 12.0), "both")
        self.check(datetime(2026, 11, 3, 8, 59), False)
        self.check(datetime(2026, 11, 3, 9, 0), True)
        self.check(datetime(2026, 11, 3, 11, 0), False)
        self.check(datetime(2026, 11, 3, 15, 0), True)

    def test_status_in_words(self):
        def status():
            self.mailbox.invalidate_recordset(["autoresponder_status"])
            return self.mailbox.autoresponder_status

        self.assertEqual(status(), "Replying until turned off")
        self.set_period((date(2026, 11, 2), 17.0), (date(2026, 11, 3), 8.0))
        self.assertEqual(
            status(), "Not replying now; next from Monday 2 Nov 2026, 17:00"
        )
        with self.at(datetime(2026, 11, 2, 16, 0)):
            self.assertEqual(status(), "Replying until Tuesday 3 Nov 2026, 8:00")
        with self.at(datetime(2026, 11, 4, 16, 0)):
            self.assertIn("no upcoming period", status())
        self.set_hours()
        self.assertEqual(
            status(), "Not replying now; next from Monday 2 Nov 2026, 16:00"
        )
        self.mailbox.autoresponder_enabled = False
        self.assertEqual(status(), "Off")

    def test_the_switch_of_all_mailboxes(self):
        self.env["res.config.settings"].create(
            {"mailbox_autoresponders_off": True}
        ).execute()
        self.env.invalidate_all()
        self.assertTrue(self.mailbox.with_user(self.member).autoresponders_off)
        self.assertIn("all mailboxes", self.mailbox.autoresponder_status)
        self.check(NOON, False)
        self.env["res.config.settings"].create(
            {"mailbox_autoresponders_off": False}
        ).execute()
        self.env.invalidate_all()
        self.check(NOON, True)

    def test_switched_off_between_arrival_and_answer(self):
        self.receive("Order")
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.autoresponders_off", "True"
        )
        self.assertFalse(self.answer())
        self.assertEqual(self.entries().reason, "off")


@tagged("post_install", "-at_install")
class TestSettings(AutoresponderCase):
    """Bad input, preview, 'what would happen now', rights."""

    def refused(self, words, values):
        with (
            self.assertRaisesRegex(ValidationError, words),
            self.env.cr.savepoint(),
        ):
            self.mailbox.write(values)

    def period(self, first, last, first_hour=0.0, last_hour=24.0):
        return Command.create(
            {
                "first_day": first,
                "last_day": last,
                "first_hour": first_hour,
                "last_hour": last_hour,
            }
        )

    def test_bad_input_is_refused_in_words(self):
        one, two = date(2026, 12, 1), date(2026, 12, 2)
        self.refused("Enter a subject", {"autoresponder_subject": "  "})
        self.refused("text of the automatic reply", {"autoresponder_content": ""})
        self.refused(
            r"unknown variable \{\{object\.name\}\}",
            {"autoresponder_content": "<p>{{object.name}}</p>"},
        )
        self.refused("unknown variable", {"autoresponder_subject": "{{7*7}}"})
        self.refused("Add a period", {"autoresponder_when": "periods"})
        self.refused("Choose the working hours", {"autoresponder_when": "hours"})
        self.refused(
            "ends before it starts",
            {"autoresponder_period_ids": [self.period(two, one)]},
        )
        self.refused(
            "ends before it starts",
            {"autoresponder_period_ids": [self.period(one, one, 8.0, 8.0)]},
        )
        self.refused(
            "overlap",
            {
                "autoresponder_period_ids": [
                    self.period(one, two),
                    self.period(two, two, 8.0),
                ]
            },
        )
        self.refused("not an email address", {"autoresponder_addresses": "info"})

    @mute_logger("odoo.sql_db")
    def test_numbers_out_of_range_are_refused(self):
        for days in (0, 91):
            with self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.mailbox.autoresponder_days = days
                self.env.flush_all()

    def test_a_mailbox_that_cannot_send_cannot_answer(self):
        other = self.make_mailbox("draft@spedbud.example")
        with self.assertRaisesRegex(
            ValidationError, "cannot send automatic replies before it can send"
        ):
            other.write(ANSWER)

    def test_periods_that_touch_are_no_overlap(self):
        one, two = date(2026, 12, 1), date(2026, 12, 2)
        self.mailbox.autoresponder_period_ids = [
            self.period(one, one),
            self.period(two, two),
        ]
        self.assertEqual(len(self.mailbox.autoresponder_period_ids), 2)

    def test_preview(self):
        preview = str(self.mailbox.autoresponder_preview)
        self.assertIn("Re: Away: Your offer", preview)
        self.assertIn("Dear Anna Example", preview)

    def test_what_would_happen_now(self):
        person = self.receive("Order", received=NOON - timedelta(days=20), live=False)
        machine = self.receive("News", precedence="bulk")
        for arrival, words in (
            (person, "would reply to anna@spostex.example"),
            (machine, r"was sent to many recipients. \(Precedence: bulk\)"),
        ):
            told = arrival.with_user(self.member).action_would_answer()
            self.assertRegex(told["params"]["message"], words)
        self.assertFalse(self.smtp.take())
        with self.assertRaises(AccessError):
            person.with_user(self.outsider).action_would_answer()

    def test_who_sees_the_journal(self):
        self.receive("Order")
        self.answer()
        entry = self.entries()

        def seen(user):
            return entry.with_user(user).search([("id", "=", entry.id)])

        self.assertTrue(seen(self.member))
        self.assertTrue(seen(self.manager))
        self.assertFalse(seen(self.outsider))
        self.mailbox.private = True
        self.assertTrue(seen(self.member))
        self.assertFalse(seen(self.manager))
        for user in (self.member, self.manager):
            for change in (
                lambda own: own.write({"state": "waiting"}),
                lambda own: own.unlink(),
                lambda own: own.create({"mailbox_id": self.mailbox.id}),
            ):
                with self.assertRaises(AccessError):
                    change(entry.with_user(user))

    def test_who_changes_periods(self):
        self.mailbox.user_ids |= self.colleague
        values = {
            "mailbox_id": self.mailbox.id,
            "first_day": "2026-12-01",
            "last_day": "2026-12-02",
        }
        periods = self.env["mail.mailbox.autoresponder.period"]
        own = periods.with_user(self.member).create(values)
        own.last_hour = 12.0
        self.assertTrue(own.with_user(self.colleague).search([("id", "=", own.id)]))
        self.assertFalse(own.with_user(self.outsider).search([("id", "=", own.id)]))
        own.with_user(self.manager).last_hour = 13.0
        later = values | {"first_day": "2027-01-01", "last_day": "2027-01-02"}
        for user in (self.colleague, self.outsider):
            with self.assertRaises(AccessError):
                own.with_user(user).write({"last_hour": 1.0})
            with self.assertRaises(AccessError):
                periods.with_user(user).create(later)
            with self.assertRaises(AccessError):
                own.with_user(user).unlink()
        other = self.make_mailbox("sales@spedbud.example", self.outsider)
        with self.assertRaises(AccessError):
            own.with_user(self.member).write({"mailbox_id": other.id})
        own.with_user(self.member).unlink()

    def test_who_switches_it_on(self):
        self.mailbox.user_ids |= self.colleague
        self.mailbox.with_user(self.member).autoresponder_enabled = False
        for user in (self.colleague, self.outsider):
            with self.assertRaises(AccessError):
                self.mailbox.with_user(user).autoresponder_enabled = True
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(self.manager).create(
                {"mailbox_autoresponders_off": True}
            )
