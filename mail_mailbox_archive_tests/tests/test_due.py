from datetime import datetime, timedelta

from freezegun import freeze_time
from lxml import etree
from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.safe_eval import safe_eval

from .common import MailboxCase, cron_time

ROOT = "<root@spostex.example>"
OURS = {"from": "office@spedbud.example", "to": "anna.nowak@spostex.example"}
#: When an email that came on Monday at noon in Warsaw is to be answered, in UTC.
TUESDAY_NOON = datetime(2026, 11, 3, 11, 0)
AFTER, LATER = "2026-11-03 11:30:00", "2026-11-04 11:30:00"
_NINE_TO_FIVE = {"hour_from": 9, "hour_to": 17, "day_period": "morning"}


@tagged("post_install", "-at_install")
class TestDue(MailboxCase):
    """An answer that is due: when, who is told, and what is on top."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.hours = cls.env["resource.calendar"].create(
            {
                "name": "Weekdays, nine to five",
                "tz": "Europe/Warsaw",
                "attendance_ids": [
                    (0, 0, {"name": f"{day}", "dayofweek": f"{day}"} | _NINE_TO_FIVE)
                    for day in range(5)
                ],
            }
        )
        cls.boss = cls.make_user("boss", "mail_mailbox_archive.group_user")
        cls.mailbox.write(
            {
                "user_ids": [(6, 0, (cls.member | cls.colleague | cls.boss).ids)],
                "responsible_id": cls.boss.id,
                "answer_within": 8,
                "answer_calendar_id": cls.hours.id,
            }
        )

    def come(self, subject="Roof", **values):
        return self.deliver(self.mailbox, subject=subject, **values)

    def answer(self, subject="Re: Roof", minutes=30, **values):
        self.make_folder(self.mailbox, "Sent").role = "sent"
        values |= {"in_reply_to": ROOT, "references": ROOT}
        return self.deliver(
            self.mailbox, subject=subject, folder="Sent", **OURS, **values
        )

    def due(self, line):
        self.env.flush_all()
        self.env.invalidate_all()
        line = line.with_user(self.member)
        (row,) = line.get_team(line.ids)
        self.assertEqual(row["team"], line.team)
        told = row["team"]["due"]
        self.assertEqual(told, line.due_at and f"{line.due_at}")
        here = [("id", "=", line.id)]
        self.assertEqual(bool(line.search([*here, ("due_at", "<", LATER)])), bool(told))
        self.assertEqual(bool(line.search([*here, ("due_at", "=", False)])), not told)
        self.assertEqual(bool(line.search([*here, *self.filter_of_due()])), bool(told))
        return line.due_at

    def filter_of_due(self):
        """Return the domain of the Queue's filter."""
        view = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_view_search")
        (node,) = etree.fromstring(view.arch).xpath("//filter[@name='due']")
        return safe_eval(node.get("domain"))

    def run_cron(self, moment):
        """Return whom what was told at ``moment``."""
        activities = self.env["mail.activity"]
        before = activities.search([])
        with freeze_time(moment), cron_time(self.env):
            self.env["mail.mailbox.conversation"]._cron_due()
        return activities.search([]) - before

    def test_within_working_hours_of_the_calendars_own_zone(self):
        self.assertEqual(self.due(self.come()), TUESDAY_NOON)

    def test_holidays_do_not_count(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Holiday",
                "calendar_id": self.hours.id,
                "date_from": "2026-11-02 23:00:00",
                "date_to": "2026-11-03 22:59:59",
            }
        )
        self.assertEqual(self.due(self.come()), TUESDAY_NOON + timedelta(days=1))

    def test_what_was_put_away_by_mistake_is_due_as_before(self):
        line = self.come()
        worker = line.with_user(self.member)
        for put_away, back in (
            (worker.action_done, worker.action_open),
            (worker.action_wait, worker.action_open),
            (worker.action_block, worker.action_unblock),
        ):
            with self.subTest(put_away.__name__):
                put_away()
                self.assertFalse(self.due(line))
                back()
                self.assertEqual(self.due(line), TUESDAY_NOON)
        with freeze_time(AFTER):
            self.run_cron(AFTER)
            self.assertTrue(line.on_top)
            worker.action_later(fields.Datetime.now() + timedelta(days=2))
            self.assertFalse(line.on_top)
            worker.action_open()
        self.assertTrue(line.on_top)

    def test_opened_again_beside_an_automatic_reply(self):
        line = self.come(message_id=ROOT)
        self.answer("Away", auto_submitted="auto-replied")
        worker = line.with_user(self.member)
        self.assertEqual(self.due(line), TUESDAY_NOON)
        worker.action_done()
        worker.action_open()
        self.assertEqual(self.due(line), TUESDAY_NOON)

    def test_opened_again_where_nothing_is_due_any_more(self):
        line = self.come()
        line.with_user(self.member).action_done()
        self.mailbox.answer_within = 0
        line.with_user(self.member).action_open()
        self.assertFalse(self.due(line))

    def test_what_was_answered_is_not_due_when_it_is_opened_again(self):
        line = self.come(message_id=ROOT)
        self.answer()
        worker = line.with_user(self.member)
        worker.action_done()
        worker.action_open()
        self.assertFalse(self.due(line))

    def test_off_unless_somebody_says_so(self):
        other = self.make_mailbox("sales@spedbud.example", self.member)
        line = self.deliver(other, subject="Roof")
        self.assertFalse(self.due(line))
        self.assertFalse(line.conversation_id)
        came = self.come()
        self.mailbox.answer_within = 0
        self.assertFalse(self.due(came))
        self.assertFalse(self.run_cron(AFTER))
        quiet = mute_logger("odoo.sql_db")
        for hours in (-1, 1e-10, 0.01, 3000):
            with quiet, self.assertRaises(CheckViolation), self.env.cr.savepoint():
                self.mailbox.answer_within = hours
                self.env.flush_all()

    def test_of_people_only_and_of_what_is_new(self):
        for values in (
            {"list_id": "<news.example>"},
            {"auto_submitted": "auto-generated"},
            {"precedence": "bulk"},
        ):
            self.assertFalse(self.due(self.come(f"{values}", **values)), values)
        self.assertFalse(self.due(self.come("Old", live=False)))
        suppressed = {"x_auto_response_suppress": "All"}
        self.assertTrue(self.due(self.come("Of a person", **suppressed)))

    def test_not_of_a_blocked_sender(self):
        came = self.come()
        came.with_user(self.member).action_block()
        self.assertFalse(self.due(self.come("Again")))

    def test_nobody_is_told_of_what_was_blocked_since(self):
        came = self.come(message_id=ROOT)
        came.with_user(self.member).action_take()
        came.with_user(self.member).action_block()
        self.assertFalse(came.conversation_id.notice_at)
        self.assertFalse(self.run_cron(AFTER))

    def test_of_whom_it_awaits_besides_a_blocked_sender(self):
        came = self.come(message_id=ROOT)
        values = {"from": "jan@roof.example", "in_reply_to": ROOT, "references": ROOT}
        other = self.come("Re: Roof", **values)
        came.with_user(self.member).action_block()
        self.assertTrue(self.due(other))
        self.assertEqual(self.run_cron(AFTER).user_id, self.boss)

    def test_within_the_longest_time(self):
        self.mailbox.answer_within = 2000
        due_at = self.come().conversation_id.due_at
        self.assertGreater(due_at, datetime(2027, 9, 1))

    def test_until_it_is_answered_or_done(self):
        came = self.come(message_id=ROOT)
        self.answer()
        self.assertEqual(came.conversation_id.state, "waiting")
        self.assertFalse(self.due(came))
        other = self.come("Gate")
        other.with_user(self.member).action_done()
        self.assertFalse(self.due(other))

    def test_from_the_first_email_that_waits(self):
        first = self.come(message_id=ROOT)
        again = self.come("Re: Roof", in_reply_to=ROOT, references=ROOT)
        self.assertEqual(self.due(again), self.due(first))

    def test_its_owner_is_told_then_the_responsible_person(self):
        came = self.come()
        came.with_user(self.member).action_take()
        self.assertFalse(self.run_cron("2026-11-03 10:59:00"))
        self.assertEqual(self.run_cron(AFTER).user_id, self.member)
        self.assertFalse(self.run_cron("2026-11-04 10:59:00"))
        self.assertEqual(self.run_cron(LATER).user_id, self.boss)
        self.assertFalse(self.run_cron("2026-12-04 12:00:00"))

    def test_each_is_told_once_however_soon_the_next_would_be(self):
        self.mailbox.answer_within = 0.05
        self.come().with_user(self.member).action_take()
        moment = fields.Datetime.to_datetime(AFTER)
        people = [self.member, self.boss, self.env["res.users"]]
        for number, person in enumerate(people):
            told = self.run_cron(moment + timedelta(minutes=3 * number))
            self.assertEqual(told.user_id, person)

    def test_where_the_responsible_person_left_the_others_are_told(self):
        self.come()
        self.boss.active = False
        self.assertEqual(self.run_cron(AFTER).user_id, self.member | self.colleague)

    def test_a_weekend_of_them_is_one_notice(self):
        for number in range(101):
            self.come(f"Roof {number}")
        told = self.run_cron(AFTER)
        self.assertEqual(told.user_id, self.boss)
        self.assertEqual(len(told), 1)
        self.assertIn("101 emails", told.summary)

    def test_one_is_one_also_where_no_line_is_left_of_it(self):
        self.come().direction = "outgoing"
        self.assertIn("An email to", self.run_cron(AFTER).summary)

    def test_what_nobody_has_is_the_responsible_persons(self):
        self.come()
        self.assertEqual(self.run_cron(AFTER).user_id, self.boss)
        self.assertFalse(self.run_cron("2026-12-04 12:00:00"))

    def test_several_are_told_at_once_and_nothing_of_them(self):
        secrets = ("Roof", "Gate", "Anna", "spostex")
        for subject in secrets[:2]:
            self.come(subject).with_user(self.member).action_take()
        told = self.run_cron(AFTER)
        self.assertEqual(len(told), 1)
        self.assertIn("2 emails", told.summary)
        for word in secrets:
            self.assertNotIn(word, f"{told.summary} {told.note}")

    def test_who_may_no_longer_read_it_is_not_told(self):
        self.come().with_user(self.member).action_take()
        people = self.mailbox._fields["user_ids"]
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM %s WHERE %s = %s",
                SQL.identifier(people.relation),
                SQL.identifier(people.column2),
                self.member.id,
            )
        )
        self.env.invalidate_all()
        self.assertEqual(self.run_cron(AFTER).user_id, self.boss)

    def test_what_was_put_off_is_not_late_until_it_comes_back(self):
        came = self.come()
        with freeze_time("2026-11-02 12:00:00"):
            came.with_user(self.member).action_later("2026-11-05 08:00:00")
        self.assertFalse(self.run_cron(AFTER))
        with freeze_time("2026-11-05 08:01:00"), cron_time(self.env):
            self.env["mail.mailbox.conversation"]._cron_return()
        self.assertEqual(self.run_cron("2026-11-05 08:05:00").user_id, self.boss)

    def listed(self):
        """Return the subjects of the first page of what is to be done."""
        self.env.flush_all()
        lines = self.env["mail.mailbox.arrival"].with_user(self.member)
        lines = lines.with_context(mailbox_on_top=True)
        page = lines.web_search_read(
            [("work_state", "not in", ("later", "done", "blocked"))], {"subject": {}}
        )
        return [row["subject"] for row in page["records"]]

    def test_on_top_while_it_is_late(self):
        late = self.come("Late")
        for subject in ("Newer", "Newest"):
            self.come(subject).internal_date += timedelta(minutes=len(subject))
        self.mailbox.answer_within = 9
        self.assertEqual(self.listed(), ["Newest", "Newer", "Late"])
        late.conversation_id.notice_at = late.conversation_id.due_at
        (self.env["mail.mailbox.conversation"].search([]) - late.conversation_id).write(
            {"notice_at": False}
        )
        self.run_cron(AFTER)
        self.assertEqual(self.listed(), ["Late", "Newest", "Newer"])
        late.with_user(self.member).action_done()
        self.assertEqual(self.listed(), ["Newest", "Newer"])
        late.with_user(self.member).action_open()
        self.assertEqual(self.listed(), ["Late", "Newest", "Newer"])

    def test_what_comes_back_is_on_top(self):
        back = self.come("Back")
        newer = self.come("Newer")
        newer.internal_date += timedelta(days=1)
        with freeze_time("2026-11-02 12:00:00"):
            back.with_user(self.member).action_later("2026-11-05 08:00:00")
        self.assertEqual(self.listed(), ["Newer"])
        with freeze_time("2026-11-05 08:01:00"), cron_time(self.env):
            self.env["mail.mailbox.conversation"]._cron_return()
        self.assertEqual(self.listed(), ["Back", "Newer"])
