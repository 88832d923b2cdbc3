from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .sending import SendingCase
from .test_worked import NewsCase


@tagged("post_install", "-at_install")
class TestWriting(SendingCase, NewsCase):
    """Who is writing an answer: shown to whom, and until when."""

    def setUp(self):
        super().setUp()
        self.mailbox.user_ids |= self.colleague
        self.arrival = self.deliver(self.mailbox, subject="Secret offer")
        self.send_news()

    def begin(self, arrival=None, user=None, mode="reply", **options):
        """Open an answer, as its form does; return the draft and what is said."""
        user = user or self.member
        message = (arrival or self.arrival).mailbox_message_id.with_user(user)
        drafts = self.env["mail.mailbox.draft"].with_user(user)
        draft = drafts.browse(message.prepare_compose(mode))
        return draft, draft.note_writing(**options)

    def seen_by(self, user, arrival=None):
        """Return who writes, as ``user`` is told; False where nothing is."""
        line = (arrival or self.arrival).with_user(user)
        self.env.flush_all()
        rows = line.get_team(line.ids)
        return bool(rows) and [one["name"] for one in rows[0]["team"]["writing"]]

    def test_shown_while_it_is_open(self):
        self.assertEqual(self.seen_by(self.colleague), [])
        draft, line = self.begin()
        self.assertEqual(
            line, {"arrival_id": self.arrival.id, "mailbox_id": self.mailbox.id}
        )
        self.assertEqual(len(self.worked()), len(self.mailbox._get_readers()))
        self.assertEqual(self.seen_by(self.colleague), [self.member.name])
        self.assertEqual(self.seen_by(self.member), [])
        (row,) = self.arrival.with_user(self.colleague).get_team(self.arrival.ids)
        (one,) = row["team"]["writing"]
        self.assertEqual(one.keys(), {"id", "name", "since"})
        draft.stop_writing()
        self.assertTrue(self.worked())
        self.assertEqual(self.seen_by(self.colleague), [])
        self.assertTrue(draft.exists())

    def test_a_sign_of_life_is_no_news(self):
        draft, _line = self.begin()
        self.send_news()
        draft.note_writing()
        self.assertFalse(self.worked())
        self.assertEqual(self.seen_by(self.colleague), [self.member.name])

    def test_two_tabs_at_one_moment_are_one(self):
        """Neither sees what the other writes."""
        draft, _line = self.begin()
        rows = self.env["mail.mailbox.writing"]
        with patch.object(type(rows), "search", lambda self, *_args, **_o: self):
            draft.note_writing()
        self.assertEqual(rows.search_count([("draft_id", "=", draft.id)]), 1)

    def test_ends_when_it_is_sent_or_discarded(self):
        for end in ("action_send", "action_discard"):
            draft, _line = self.begin()
            self.send_news()
            getattr(draft, end)()
            self.assertTrue(self.worked(), end)
            self.assertEqual(self.seen_by(self.colleague), [], end)
            draft.stop_writing()

    def test_ends_without_a_sign_of_life(self):
        self.begin()
        rows = self.env["mail.mailbox.writing"]
        trigger = self.env["ir.cron.trigger"].search([], order="id desc", limit=1)
        row = rows.search([])
        self.assertEqual(trigger.call_at, row.until)
        rows._cron_expire()
        self.assertEqual(self.seen_by(self.colleague), [self.member.name])
        row.until = fields.Datetime.now() - timedelta(seconds=1)
        self.send_news()
        self.assertEqual(self.seen_by(self.colleague), [])
        rows._cron_expire()
        self.assertTrue(self.worked())
        self.assertFalse(rows.search([]))

    def test_two_write(self):
        self.begin()
        self.begin(user=self.colleague)
        self.assertEqual(self.seen_by(self.colleague), [self.member.name])
        self.assertEqual(self.seen_by(self.member), [self.colleague.name])
        manager = self.seen_by(self.manager)
        self.assertEqual(manager, [self.member.name, self.colleague.name])

    def test_what_is_forwarded_or_new_is_no_answer(self):
        self.assertFalse(self.begin(mode="forward")[1])
        new = self.env["mail.mailbox.draft"].with_user(self.member).action_new()
        draft = self.env["mail.mailbox.draft"].with_user(self.member)
        self.assertFalse(draft.browse(new["params"]["res_id"]).note_writing())
        self.assertEqual(self.seen_by(self.colleague), [])

    def test_of_a_private_mailbox_its_people_alone_see_it(self):
        """Also where the same email came to a mailbox that others read."""
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        source = {"subject": "Both", "message_id": "<both@x.example>"}
        here, there = (self.deliver(box, **source) for box in (self.mailbox, board))
        self.assertEqual(here.mailbox_message_id, there.mailbox_message_id)
        _draft, line = self.begin(here, mailbox_id=board.id)
        self.assertEqual(line["mailbox_id"], board.id)
        self.assertEqual(self.seen_by(self.colleague, here), [])
        self.assertIs(self.seen_by(self.colleague, there), False)
        self.assertIs(self.seen_by(self.manager, there), False)
        told = [one[2] for one in self.worked()]
        self.assertEqual(told, [{"mailbox_id": board.id}])

    def test_a_mailbox_that_one_does_not_read_is_not_named(self):
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        source = {"subject": "Both", "message_id": "<both@x.example>"}
        here, there = (self.deliver(box, **source) for box in (self.mailbox, other))
        _draft, line = self.begin(here, mailbox_id=other.id)
        self.assertEqual(line["mailbox_id"], self.mailbox.id)
        self.assertEqual(self.seen_by(self.colleague, there), [])

    def test_who_lost_the_mailbox_sees_nothing(self):
        self.begin()
        self.mailbox.user_ids -= self.colleague
        self.assertIs(self.seen_by(self.colleague), False)

    def test_a_draft_of_somebody_else_is_not_touched(self):
        draft, _line = self.begin()
        others = draft.with_user(self.colleague)
        with self.assertRaises(AccessError):
            others.note_writing()
        others.stop_writing()
        self.assertEqual(self.seen_by(self.colleague), [self.member.name])
        with self.assertRaises(AccessError):
            others.body = "<p>Mine</p>"
        rows = self.env["mail.mailbox.writing"].with_user(self.manager)
        with self.assertRaises(AccessError):
            rows.search([])

    def test_one_query_for_each_screen(self):
        self.begin()
        line = self.arrival.with_user(self.colleague)
        line.get_team(line.ids)
        before = self.env.cr.sql_log_count
        line.get_team(line.ids)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)
