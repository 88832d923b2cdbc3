from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    FolderGone,
    LoginRefused,
    UidValidityChanged,
    Unreachable,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.marking import Marker
from odoo.addons.mail_mailbox_archive.models.receiving import account

from .common import MailboxCase, cron_time


@tagged("post_install", "-at_install")
class TestSeenThere(MailboxCase):
    """What is read here is marked on the server where its people have it so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.mailbox.write({"imap_enabled": True, "imap_host": "mail.example"})
        cls.mailbox.imap_password = "never sent"
        cls.mailbox.mark_seen = True
        cls.roof = cls.deliver(cls.mailbox, subject="Roof")
        cls.gate = cls.deliver(cls.mailbox, subject="Gate", folder="Other")

    def marks(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["mail.mailbox.seen.mark"].search([])

    def run_cron(self, *outcomes):
        """Return what was marked; each call ends as the next of ``outcomes`` says."""
        marked, ends = [], iter(outcomes)

        class Line:
            def __enter__(self):
                return self

            def __exit__(self, *_exception):
                return None

            def mark_seen(self, wire_name, uid_validity, uids):
                if (end := next(ends, None)) is not None:
                    raise end
                marked.append((wire_name, uid_validity, uids))

        def opener(_account, _secret, kind):
            self.assertIs(kind, Marker)
            return Line

        self.env.flush_all()
        with (
            patch.object(account, "Opener", opener),
            self.enter_registry_test_mode(),
            cron_time(self.env),
        ):
            self.env["mail.mailbox.seen.mark"]._mark_waiting()
        return marked

    def look_at(self, line, user=None):
        line.with_user(user or self.member).action_read_here()

    def test_marked_after_it_was_read_here(self):
        self.look_at(self.roof | self.gate)
        self.assertEqual(len(self.marks()), 2)
        uids = [((one.uid, one.uid),) for one in (self.roof, self.gate)]
        self.assertCountEqual(
            self.run_cron(), [("INBOX", 1, uids[0]), ("Other", 1, uids[1])]
        )
        self.assertFalse(self.marks())
        self.assertTrue(self.roof.seen and self.gate.seen)

    def test_not_where_it_is_off(self):
        self.mailbox.mark_seen = False
        self.look_at(self.roof)
        self.assertFalse(self.marks())
        # nor if it is switched off meanwhile
        self.mailbox.mark_seen = True
        self.roof.seen_here = False
        self.look_at(self.roof)
        self.mailbox.mark_seen = False
        self.assertEqual(self.run_cron(), [])
        self.assertFalse(self.marks())
        self.assertFalse(self.roof.seen)

    def test_not_what_has_no_place_or_is_read_there(self):
        self.roof.seen = True
        self.gate.write({"folder_id": False, "uid": False})
        self.roof.with_user(self.member).action_unread_here()
        self.look_at(self.roof | self.gate)
        self.assertFalse(self.marks())

    def test_not_by_who_does_not_belong_to_it(self):
        self.look_at(self.roof, self.manager)
        self.assertFalse(self.marks())

    def test_two_people_who_open_it_at_the_same_moment(self):
        self.look_at(self.roof)
        marks = self.env["mail.mailbox.seen.mark"]
        # neither sees what the other has just written
        with patch.object(type(marks), "search", lambda one, *_args, **_options: one):
            marks.sudo()._note(self.roof | self.gate)
            self.env.flush_all()
        self.assertEqual(self.marks().arrival_id, self.roof | self.gate)

    def test_unread_again_before_it_was_marked(self):
        self.look_at(self.roof)
        self.roof.with_user(self.colleague).action_unread_here()
        self.assertFalse(self.marks())
        self.assertEqual(self.run_cron(), [])

    def test_tried_again_unless_it_is_gone(self):
        for error, left in (
            (Unreachable("timeout"), 1),
            (LoginRefused("password"), 1),
            (FolderGone(), 0),
            (UidValidityChanged(), 0),
        ):
            with self.subTest(repr(error)), self.env.cr.savepoint() as savepoint:
                self.look_at(self.roof)
                self.assertEqual(self.run_cron(error), [])
                marks = self.marks()
                self.assertEqual(len(marks), left)
                self.assertFalse(self.roof.seen)
                if left:
                    self.assertEqual(marks.tries, 1)
                    # not at once
                    self.assertEqual(self.run_cron(), [])
                    marks.due_at = marks.create_date - timedelta(minutes=1)
                    self.assertEqual(len(self.run_cron()), 1)
                savepoint.rollback()
            self.env.invalidate_all()

    def test_not_tried_for_ever(self):
        self.look_at(self.roof)
        self.env.cr.execute(
            "UPDATE mail_mailbox_seen_mark SET create_date = '2020-01-01'"
        )
        self.env.invalidate_all()
        self.run_cron(Unreachable("timeout"))
        self.assertFalse(self.marks())

    def test_no_login_where_logins_are_refused(self):
        self.look_at(self.roof)
        self.mailbox.sudo().refused_logins = 1
        self.assertEqual(self.run_cron(), [])
        self.assertEqual(len(self.marks()), 1)

    @contextmanager
    def refused(self):
        with self.assertRaises(AccessError), self.env.cr.savepoint():
            yield
            self.env.flush_all()

    def test_of_a_private_mailbox_its_people_decide(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        with self.refused():
            board.with_user(self.manager).mark_seen = True
        with self.refused():
            self.env["mail.mailbox"].with_user(self.manager).create(
                {
                    "name": "Board",
                    "email": "board2@spedbud.example",
                    "private": True,
                    "mark_seen": True,
                    "responsible_id": self.member.id,
                    "user_ids": [(6, 0, self.member.ids)],
                    "imap_enabled": False,
                }
            )
        other = self.make_mailbox("other@spedbud.example", self.member)
        with self.refused():
            other.with_user(self.manager).write({"private": True, "mark_seen": True})
        board.with_user(self.member).mark_seen = True
        self.assertTrue(board.mark_seen)

    def test_off_when_it_becomes_private_unless_its_people_say_so(self):
        for by, values, left in (
            (self.manager, {"private": True}, False),
            (self.member, {"private": True}, False),
            (self.member, {"private": True, "mark_seen": True}, True),
        ):
            box = self.make_mailbox(f"p{by.id}{len(values)}@spedbud.example", by)
            box.user_ids |= self.member
            box.with_user(self.manager).mark_seen = True
            box.with_user(by).write(values)
            self.assertEqual((box.private, box.mark_seen), (True, left))

    def test_nobody_sees_what_waits(self):
        self.look_at(self.roof)
        for user in (self.member, self.manager):
            marks = self.env["mail.mailbox.seen.mark"].with_user(user)
            with self.assertRaises(AccessError):
                marks.search([])
