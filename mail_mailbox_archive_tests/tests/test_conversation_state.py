from datetime import timedelta
from itertools import combinations

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import MailboxCase, cron_time

ROOT = "<root@spostex.example>"
OURS = {"from": "office@spedbud.example", "to": "anna.nowak@spostex.example"}
STATES = ("open", "waiting", "later", "done", "blocked")


@tagged("post_install", "-at_install")
class TestConversationState(MailboxCase):
    """Open, waiting, later, done; and what was read here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})
        cls.arrival = cls.deliver(cls.mailbox, subject="Roof", message_id=ROOT)
        cls.line = cls.arrival.with_user(cls.member)

    def reply(self, subject="Re: Roof", **values):
        values |= {"in_reply_to": ROOT, "references": ROOT}
        return self.deliver(self.mailbox, subject=subject, **values)

    def answer(self, subject="Re: Roof, ours", **values):
        self.make_folder(self.mailbox, "Sent").role = "sent"
        arrival = self.reply(subject, folder="Sent", **OURS, **values)
        self.assertEqual(arrival.direction, "outgoing")
        return arrival

    def come_later(self, arrival, minutes):
        """Have the server have received an email so many minutes later."""
        arrival.internal_date += timedelta(minutes=minutes)
        arrival.fetched_at = arrival.internal_date + timedelta(hours=1)

    def state(self, arrival=None):
        """Return the state, as each of the ways tells it."""
        self.env.flush_all()
        self.env.invalidate_all()
        line = (arrival or self.arrival).with_user(self.colleague)
        (row,) = line.get_team(line.ids)
        self.assertEqual(row["team"], line.team)
        self.assertEqual(row["team"]["state"], line.work_state)
        for count in range(1, len(STATES) + 1):
            for states in combinations(STATES, count):
                for operator in ("in", "not in"):
                    wanted = (line.work_state in states) == (operator == "in")
                    domain = [("id", "=", line.id), ("work_state", operator, states)]
                    self.assertEqual(bool(line.search(domain)), wanted, domain)
        return line.work_state

    def test_what_is_to_be_done_is_found_in_an_index(self):
        """However much was done before."""
        # a table of a few rows is read whole by what knows nothing of a large one
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        domain = [("work_state", "not in", ("later", "done", "blocked"))]
        lines = self.line.with_context(mailbox_on_top=True)
        query = lines._search(domain, order=lines._order, limit=80)
        plan = self.env.execute_query(SQL("EXPLAIN %s", query.select()))
        self.assertRegex(str(plan), r"_to_do_(mailbox_)?idx")

    def bold(self, arrival=None):
        """Return whether it is unread here, as each of the ways tells it."""
        self.env.flush_all()
        self.env.invalidate_all()
        line = (arrival or self.arrival).with_user(self.colleague)
        here = [("id", "=", line.id)]
        self.assertEqual(line.get_team(line.ids)[0]["team"]["unread"], line.unread)
        for value in (True, False):
            found = line.search([*here, ("unread", "=", value)])
            self.assertEqual(bool(found), line.unread == value)
        return line.unread

    # States

    def test_done_and_open_again(self):
        self.assertEqual(self.state(), "open")
        self.assertFalse(self.arrival.conversation_id)
        self.line.action_done()
        self.assertEqual(self.state(), "done")
        self.line.action_open()
        self.assertEqual(self.state(), "open")

    def test_waiting_after_an_answer_and_open_when_they_write(self):
        ours = self.answer()
        self.assertEqual(self.state(), "waiting")
        self.assertEqual(self.state(ours), "waiting")
        self.reply("Re: Roof, theirs")
        self.assertEqual(self.state(), "open")

    def test_whatever_it_was_it_is_open_when_they_write(self):
        later = fields.Datetime.now() + timedelta(days=1)
        line = self.line
        for number, put_away in enumerate(
            (lambda one: one.action_done(), lambda one: one.action_later(later))
        ):
            put_away(line)
            self.assertNotEqual(self.state(), "open")
            line = self.reply(f"Re: Roof {number}").with_user(self.member)
            self.assertEqual(self.state(), "open")
            self.assertFalse(self.arrival.conversation_id.until)

    def test_what_changes_no_state(self):
        self.line.action_done()
        for label, come in {
            "fetched by the first import": lambda: self.reply("Old", live=False),
            "an automatic reply of ours": lambda: self.answer(
                "Away", auto_submitted="auto-replied"
            ),
        }.items():
            with self.subTest(label):
                come()
                self.assertEqual(self.state(), "done")

    def test_no_row_where_nobody_did_anything(self):
        self.reply()
        self.answer("Away", auto_submitted="auto-replied")
        begun = self.deliver(self.mailbox, subject="Begun here", **OURS)
        self.assertEqual(begun.direction, "outgoing")
        self.assertFalse(self.env["mail.mailbox.conversation"].search([]))

    def test_of_a_batch_the_last_decides(self):
        lines = self.answer("First") | self.reply("Second")
        lines.internal_date = fields.Datetime.now()
        lines._after_create()
        self.assertEqual(self.state(), "open")

    def test_what_nobody_looked_at_is_not_put_away(self):
        """Nor by a request that is done again, since something came meanwhile."""
        later = fields.Datetime.now() + timedelta(days=1)
        newer = self.reply().with_user(self.member)
        nothing = {"changed": 0, "newer": 1, "former": []}
        self.assertEqual(self.line.action_done(), nothing)
        self.assertEqual(self.line.action_later(later), nothing)
        self.mailbox.done_when_archived = True
        self.archive()
        self.assertEqual(self.state(), "open")
        both = (self.line | newer).action_done()
        self.assertEqual((both["changed"], both["newer"]), (1, 0))
        self.assertEqual(self.state(), "done")
        self.line.action_open()
        newer.action_read_here()
        self.line.action_done()
        self.assertEqual(self.state(), "done")

    def test_what_waited_waits_again_when_it_is_undone(self):
        self.answer()
        alone = self.deliver(self.mailbox, subject="Alone").with_user(self.member)
        result = (self.line | alone).action_done()
        former = {one["state"]: one["ids"] for one in result["former"]}
        self.assertEqual(former, {"waiting": self.line.ids, "open": alone.ids})
        self.line.browse(former["waiting"]).action_wait()
        self.assertEqual(self.state(), "waiting")

    def test_an_answer_that_is_read_after_what_was_written_to_it(self):
        """The folder of sent emails is read after the inbox."""
        self.line.action_take()
        ours, theirs = self.answer(), self.reply("Re: Roof, theirs")
        self.assertEqual(self.state(), "open")
        self.come_later(theirs, 5)
        ours._after_create()
        self.assertEqual(self.state(), "open")
        self.come_later(ours, 10)
        ours._after_create()
        self.assertEqual(self.state(), "waiting")

    def test_who_only_says_it_is_ours_did_not_answer(self):
        """In a From header anybody can write our address."""
        self.line.action_take()
        forged = self.reply("Re: Roof, forged", **OURS)
        self.assertEqual(forged.direction, "outgoing")
        self.assertEqual(self.state(), "open")
        self.line.action_done()
        self.reply("Re: Roof, forged again", **OURS)
        # listed where somebody looks at it
        self.assertEqual(self.state(), "open")

    def test_what_came_while_the_conversation_began_joins_it(self):
        """Neither transaction saw the other one."""
        self.line.action_take()
        missed = self.reply()
        self.line.action_open()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox_arrival SET conversation_id = NULL WHERE id = %s",
            [missed.id],
        )
        self.env.cr.execute(
            "UPDATE mail_mailbox_conversation SET state = 'done' WHERE id = %s",
            [self.arrival.conversation_id.id],
        )
        self.env.invalidate_all()
        with cron_time(self.env):
            self.env["mail.mailbox.conversation"]._cron_return()
        self.assertEqual(missed.conversation_id, self.arrival.conversation_id)
        self.assertEqual(missed.team["owner"]["id"], self.member.id)
        self.assertEqual(self.state(), "open")

    def test_later_comes_back(self):
        until = fields.Datetime.now() + timedelta(hours=3)
        self.line.action_later(fields.Datetime.to_string(until))
        self.line.action_read_here()
        self.assertEqual(self.state(), "later")
        self.assertFalse(self.bold())
        conversations = self.env["mail.mailbox.conversation"]
        with cron_time(self.env):
            conversations._cron_return()
            self.assertEqual(self.state(), "later")
            with freeze_time(until + timedelta(minutes=1)):
                conversations._cron_return()
        self.assertEqual(self.state(), "open")
        self.assertTrue(self.bold())
        self.assertFalse(self.arrival.conversation_id.until)

    def test_the_scheduled_action_is_woken_when_it_comes_back(self):
        until = fields.Datetime.now() + timedelta(hours=3)
        cron = self.env.ref("mail_mailbox_archive.ir_cron_return")
        self.line.action_later(until)
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)])
        self.assertEqual(triggers.mapped("call_at"), [until])

    def test_later_is_in_the_future(self):
        for until in ("2020-01-01 10:00:00", "no date", False):
            with self.subTest(until), self.assertRaises(UserError):
                self.line.action_later(until)

    def test_by_nobody_else(self):
        line = self.arrival.with_user(self.outsider)
        later = fields.Datetime.now() + timedelta(days=1)
        for call in (
            line.action_done,
            line.action_open,
            lambda: line.action_later(later),
            line.action_read_here,
            line.action_unread_here,
        ):
            with self.assertRaises(AccessError):
                call()

    # Archiving

    def archive(self, user=None):
        return self.arrival.mailbox_message_id.with_user(user or self.member)._archive(
            self.partner
        )

    def test_archiving_marks_done_where_the_mailbox_says_so(self):
        link = self.archive()
        self.assertEqual(self.state(), "open")
        link.with_user(self.member).action_unfile()
        self.mailbox.done_when_archived = True
        link = self.archive()
        self.assertEqual(self.state(), "done")
        link.with_user(self.member).action_unfile()
        self.assertEqual(self.state(), "open")

    def undo(self, action):
        lines = self.env["mail.mailbox.history"].search([("action", "=", action)])
        lines[:1].with_user(self.member).action_undo()

    def test_undoing_a_detach_marks_nothing_as_done(self):
        self.mailbox.done_when_archived = True
        link = self.archive()
        self.assertEqual(self.state(), "done")
        reply = self.reply()
        reply.with_user(self.member).action_read_here()
        self.assertEqual(self.state(), "open")
        link.with_user(self.member).action_unfile()
        self.undo("unfiled")
        self.assertEqual(self.state(), "open")

    def test_undoing_restores_what_was_done_until_when(self):
        self.mailbox.done_when_archived = True
        monday = fields.Datetime.now() + timedelta(days=3)
        monday = monday.replace(microsecond=0)
        for state, until in ("later", monday), ("done", False), ("open", False):
            with self.subTest(state=state):
                self.arrival._begin_conversations()._set_state(state, until)
                link = self.archive()
                self.assertEqual(self.state(), "done")
                self.undo("archived")
                self.assertEqual(self.state(), state)
                self.assertEqual(self.arrival.conversation_id.until, until)
        link = self.archive()
        link.with_user(self.member).action_unfile()
        self.assertEqual(self.state(), "open")
        self.undo("unfiled")
        self.assertEqual(self.state(), "done")

    def test_undoing_a_detach_leaves_what_came_meanwhile_unread(self):
        self.mailbox.done_when_archived = True
        self.archive().with_user(self.member).action_unfile()
        self.reply()
        self.undo("unfiled")
        self.assertEqual(self.state(), "open")

    def test_undoing_with_two_records(self):
        self.mailbox.done_when_archived = True
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        message = self.arrival.mailbox_message_id.with_user(self.member)
        first = self.archive()
        message._archive(other)
        # still attached to the other one
        lines = self.env["mail.mailbox.history"].search([("action", "=", "archived")])
        one, two = lines.sorted("id").with_user(self.member)
        one.action_undo()
        self.assertEqual(self.state(), "done")
        self.assertFalse(first.exists())
        # and then to none
        two.action_undo()
        self.assertEqual(self.state(), "open")

    def test_undoing_where_the_first_record_was_left_since(self):
        self.mailbox.done_when_archived = True
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        first = self.archive().with_user(self.member)
        self.arrival.mailbox_message_id.with_user(self.member)._archive(other)
        first.action_unfile()
        self.assertEqual(self.state(), "done")
        self.undo("archived")
        self.assertEqual(self.state(), "open")

    def test_undoing_leaves_what_was_done_with_it_meanwhile(self):
        self.mailbox.done_when_archived = True
        self.archive()
        self.line.action_open()
        self.line.action_wait()
        self.undo("archived")
        self.assertEqual(self.state(), "waiting")

    def test_not_in_the_mailbox_of_others(self):
        other = self.make_mailbox(
            "sales@spedbud.example", self.outsider, done_when_archived=True
        )
        there = self.deliver(other, subject="Roof", message_id=ROOT)
        self.archive()
        self.assertFalse(there.conversation_id)

    def test_what_is_archived_automatically_stays_open(self):
        self.mailbox.done_when_archived = True
        self.archive()
        message = self.arrival.mailbox_message_id.with_user(self.member)
        (follow,) = message._follow(self.partner)
        later = self.reply()
        later.mailbox_message_id.with_user(self.member)._archive(
            self.partner, cause=follow
        )
        self.assertEqual(self.state(later), "open")

    # Read here

    def test_read_here_by_somebody_and_marked_unread_again(self):
        self.assertTrue(self.bold())
        self.line.action_read_here()
        self.assertFalse(self.bold())
        self.assertFalse(self.arrival.seen)
        self.line.action_unread_here()
        self.assertTrue(self.bold())

    def test_what_the_server_says_counts_until_somebody_reads_here(self):
        self.arrival.seen = True
        self.assertFalse(self.bold())
        self.line.action_unread_here()
        self.assertTrue(self.bold())
        self.assertTrue(self.bold(self.reply()))
        self.assertFalse(self.bold(self.answer()))

    def test_an_administrator_who_looks_reads_nothing(self):
        self.arrival.with_user(self.manager).action_read_here()
        self.assertTrue(self.bold())

    # Counted

    def test_own_open_conversations_are_counted(self):
        def count(user):
            return self.env["mail.mailbox"].with_user(user).get_badge()["own"]

        self.assertEqual(count(self.member), 0)
        self.line.action_take()
        self.deliver(self.mailbox, subject="Two").with_user(self.member).action_take()
        self.assertEqual((count(self.member), count(self.colleague)), (2, 0))
        self.line.action_done()
        self.assertEqual(count(self.member), 1)

    def test_of_the_companies_that_one_looks_at(self):
        company = self.env["res.company"].create({"name": "Counted Ltd"})
        for user in self.mailbox.user_ids:
            user.company_ids |= company
        self.mailbox.company_id = company
        self.line.with_context(allowed_company_ids=company.ids).action_take()
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        for companies, own in ((company, 1), (self.member.company_id, 0)):
            looking = mailboxes.with_context(allowed_company_ids=companies.ids)
            self.assertEqual(looking.get_badge()["own"], own)
