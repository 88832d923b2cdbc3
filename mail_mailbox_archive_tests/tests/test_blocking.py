from dataclasses import replace
from datetime import datetime, timezone
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.mailcore.autoreply import autoreply
from odoo.addons.mail_mailbox_archive.mailcore.autoreply.schedule import Window
from odoo.addons.mail_mailbox_archive.models.receiving import badge
from odoo.addons.mail_mailbox_archive.models.teamwork import blocking

from .common import MailboxCase, cron_time

SPAM = "News <NEWS@shop.example>"
ROOT = "<root@shop.example>"


@tagged("post_install", "-at_install")
class TestBlocking(MailboxCase):
    """A blocked sender's emails are filed, in one mailbox, and nothing else happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.news = cls.send("News 1", message_id=ROOT)
        cls.line = cls.news.with_user(cls.member)
        cls.roof = cls.deliver(cls.mailbox, subject="Roof, see news@shop.example")

    @classmethod
    def send(cls, subject, mailbox=None, **values):
        values = {"from": SPAM, **values}
        return cls.deliver(mailbox or cls.mailbox, subject=subject, **values)

    def state(self, arrival, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        line = arrival.with_user(user or self.colleague)
        (row,) = line.get_team(line.ids)
        self.assertEqual(row["team"]["state"], line.work_state)
        for state in ("open", "waiting", "later", "done", "blocked"):
            domain = [("id", "=", line.id), ("work_state", "=", state)]
            self.assertEqual(bool(line.search(domain)), line.work_state == state)
        self.assertEqual(line.work_state in ("done", "later", "blocked"), line.put_away)
        return line.work_state

    def listed(self):
        """Return what the Queue's usual filter shows."""
        action = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_action")
        view = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_view_search")
        self.assertIn("search_default_to_do", action.context)
        self.assertIn("('later', 'done', 'blocked')", view.arch)
        domain = [("work_state", "not in", ("later", "done", "blocked"))]
        return self.env["mail.mailbox.arrival"].with_user(self.member).search(domain)

    def block(self, arrival=None, user=None):
        return (arrival or self.news).with_user(user or self.member).action_block()

    def test_filed_what_there_is_and_what_comes(self):
        answered = self.send("News 2")
        answered.with_user(self.member).action_done()
        self.assertEqual(self.block()["senders"], ["news@shop.example"])
        self.run_cron()
        later = self.send("News 3")
        for one in (self.news, answered, later):
            self.assertEqual(self.state(one), "blocked")
        self.assertEqual(self.state(self.roof), "open")
        self.assertEqual(self.listed(), self.roof)
        # nothing is deleted
        self.assertTrue((self.news | answered | later).exists())
        self.assertTrue(later.with_user(self.member).in_queue)

    def test_undone_from_the_same_place_with_what_was_before(self):
        done = self.send("News 2")
        done.with_user(self.member).action_done()
        self.block()
        self.run_cron()
        self.assertEqual(self.state(done), "blocked")
        later = self.send("News 3")
        later.with_user(self.colleague).action_unblock()
        states = [self.state(one) for one in (self.news, done, later)]
        self.assertEqual(states, ["open", "done", "open"])
        self.assertEqual(self.state(self.send("News 4")), "open")
        self.assertFalse(self.mailbox.blocked_ids)

    def test_undone_by_what_the_notification_offers_and_on_the_form(self):
        for way in ("notification", "form"):
            ids = self.block()["blocked_ids"]
            self.assertEqual(self.state(self.news), "blocked")
            form = Form(self.mailbox.with_user(self.member))
            self.assertEqual(form.blocked_ids._records[0]["email"], "news@shop.example")
            rows = self.env["mail.mailbox.blocked.sender"].browse(ids)
            rows = rows if way == "notification" else self.mailbox.blocked_ids
            rows.with_user(self.colleague).action_unblock()
            self.assertEqual(self.state(self.news), "open")

    def test_in_each_mailbox_on_its_own(self):
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        there = self.send("News 1", other, message_id=ROOT)
        self.assertEqual(there.mailbox_message_id, self.news.mailbox_message_id)
        self.block()
        self.assertEqual(self.state(there), "open")
        self.assertEqual(self.state(self.send("News 5", other)), "open")

    def test_blocked_again_what_was_stored_at_that_moment(self):
        self.block()
        missed = self.send("News 2")
        missed.blocked_id = False
        missed.put_away = False
        self.assertEqual(self.state(missed), "open")
        self.block(missed)
        self.assertEqual(self.state(missed), "blocked")
        self.assertEqual(len(self.mailbox.blocked_ids), 1)

    def test_what_is_done_is_shown_as_blocked_where_it_was_chosen(self):
        self.line.action_done()
        self.block()
        self.assertEqual(self.state(self.news), "blocked")

    def test_what_was_stored_at_that_moment_is_looked_for(self):
        self.block()
        self.run_cron()
        missed = self.send("News 2")
        missed.write({"blocked_id": False, "put_away": False})
        self.run_cron()
        self.assertEqual(self.state(missed), "blocked")
        self.assertEqual(self.state(self.roof), "open")

    def test_a_click_files_no_more_than_a_batch_and_the_rest_follows(self):
        lines = self.news
        for number in range(2, 6):
            lines |= self.send(f"News {number}")
        done = lines[0]
        done.with_user(self.member).action_done()
        with patch.object(blocking, "BATCH", 2):
            self.block(lines[1])
            filed = lines.filtered("blocked_id")
            # the one that was chosen, and a batch
            self.assertEqual(len(filed), 3)
            self.assertNotIn(done, filed)
            self.run_cron()
        self.assertEqual({self.state(one) for one in lines}, {"blocked"})
        self.assertEqual(self.state(self.roof), "open")
        self.assertFalse(self.mailbox.blocked_ids.looking)

    def run_cron(self):
        with cron_time(self.env):
            self.env["mail.mailbox.conversation"]._cron_return()

    def test_changes_nobodys_turn(self):
        self.line.action_take()
        self.line.action_done()
        self.block()
        self.send("Re: News 1", in_reply_to=ROOT, references=ROOT)
        self.assertEqual(self.news.conversation_id.state, "done")
        # of another sender it does
        self.deliver(
            self.mailbox, subject="Re: News", in_reply_to=ROOT, references=ROOT
        )
        self.assertEqual(self.news.conversation_id.state, "open")

    def test_in_no_circle(self):
        folder = self.news.folder_id
        folder.unseen_count = 2
        mailboxes = self.env["mail.mailbox"].with_user(self.member)

        def told():
            self.env.flush_all()
            data = mailboxes.get_badge()
            return data["unread"], len(data["ages"]), data["own"]

        now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
        (self.news | self.roof).internal_date = now
        (self.news | self.roof).fetched_at = fields.Datetime.now()
        (self.news | self.roof).with_user(self.member).action_take()
        self.assertEqual(told(), (2, 2, 2))
        self.block()
        self.assertEqual(told(), (1, 1, 1))
        newest = [one["id"] for one in mailboxes.get_newest()["messages"]]
        self.assertEqual(newest, self.roof.ids)
        # also for an administrator of very many mailboxes
        many = self.env["mail.mailbox"].with_user(self.manager)
        since = fields.Datetime.subtract(fields.Datetime.now(), minutes=5)
        unread, recent = many._get_many_mailboxes_sql(since)
        ((count, ages),) = self.env.execute_query(SQL("SELECT %s, %s", unread, recent))
        self.assertEqual((count, len(ages)), (1, 1))
        # read on the server it is in no number
        self.news.seen = True
        folder.unseen_count = 1
        self.assertEqual(told()[0], 1)

    def test_the_circle_counts_no_more_than_it_needs(self):
        for number in range(2, 12):
            self.send(f"News {number}")
        self.block()
        self.run_cron()
        self.news.folder_id.unseen_count = 12
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        self.env.flush_all()
        since = fields.Datetime.now()
        for most in (3, 11, 12):
            with patch.object(badge, "BLOCKED_CAP", most):
                self.assertEqual(mailboxes.get_badge()["unread"], 1)
                query = mailboxes._get_badge_sql(since)
            self.env.cr.execute("SET LOCAL enable_seqscan = off")
            ((plan,),) = self.env.execute_query(
                SQL("EXPLAIN (ANALYZE, FORMAT JSON) %s", query)
            )
            self.assertLessEqual(self.rows_of_blocked(plan[0]["Plan"]), most)

    def rows_of_blocked(self, plan):
        """Return the most lines that one look into the index reads."""
        mine = "blocked_unread" in plan.get("Index Name", "") and plan["Actual Rows"]
        parts = [self.rows_of_blocked(part) for part in plan.get("Plans", ())]
        return max([mine or 0, *parts])

    def test_gets_no_automatic_reply(self):
        message = self.news.mailbox_message_id
        headers = autoreply.read(message._read_source())
        headers.pop("date")

        def decided():
            found = self.mailbox._get_situation(message, None, headers, True)
            always = replace(found, enabled=True, window=Window(found.now))
            return autoreply.decide(headers, always)

        self.assertIsInstance(decided(), autoreply.Answer)
        self.block()
        self.assertEqual(decided().reason, autoreply.Reason.BLOCKED)

    def test_by_who_reads_the_mailbox_alone(self):
        self.block()
        for call in (
            lambda: self.block(user=self.outsider),
            self.news.with_user(self.outsider).action_unblock,
            self.mailbox.blocked_ids.with_user(self.outsider).action_unblock,
            lambda: self.mailbox.blocked_ids.with_user(self.outsider).read(["email"]),
            self.mailbox.blocked_ids.with_user(self.member).unlink,
            lambda: self.mailbox.blocked_ids.with_user(self.member).write(
                {"email": "roof@shop.example"}
            ),
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(self.state(self.news), "blocked")

    def test_of_a_private_mailbox_not_by_an_administrator(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        secret = self.send("Secret", board)
        with self.assertRaises(AccessError):
            self.block(secret, self.manager)
        self.block(secret)
        self.assertFalse(board.with_user(self.manager).blocked_ids)

    def test_who_read_it_in_the_archive_does_not_see_it(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        self.news.mailbox_message_id.with_user(self.member)._archive(partner)
        self.block()
        blocked = self.env["mail.mailbox.blocked.sender"].with_user(self.outsider)
        self.assertFalse(blocked.search([]))

    def test_who_cannot_be_blocked(self):
        own = self.send("Own", **{"from": "office@spedbud.example"})
        own.direction = "incoming"
        for one in (own, self.send("Nobody", **{"from": "undisclosed"})):
            with self.assertRaises(UserError):
                self.block(one)

    def test_no_query_for_each_email_that_comes(self):
        self.block()
        counts = []
        for number in (1, 20):
            values = [
                {
                    "mailbox_id": self.mailbox.id,
                    "mailbox_message_id": self.news.mailbox_message_id.id,
                    "direction": "incoming",
                }
            ] * number
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            filed = self.env["mail.mailbox.arrival"]._with_blocked(values)
            counts.append(self.env.cr.sql_log_count - before)
            self.assertTrue(all(one["put_away"] for one in filed))
        self.assertEqual(*counts)
