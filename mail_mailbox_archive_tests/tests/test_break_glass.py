from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .common import MailboxCase

REASON = "Anna is ill, the contract is needed today"


@tagged("post_install", "-at_install")
class TestBreakGlass(MailboxCase):
    """An administrator in a private mailbox: with a reason, not in secret."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_mailbox("board@spedbud.example", cls.member, private=True)
        cls.arrival = cls.deliver(cls.board, subject="Salaries")

    def enter(self, user=None, mailbox=None, **values):
        wizard = self.env["mail.mailbox.break.glass.wizard"].with_user(
            user or self.manager
        )
        wizard.create(
            {"mailbox_id": (mailbox or self.board).id, "reason": REASON, **values}
        ).action_confirm()
        return self.env["mail.mailbox.break.glass"].search([], limit=1)

    def reads(self, user):
        return (
            self.env["mail.mailbox.arrival"].with_user(user).search([]) == self.arrival
        )

    def test_manager_enters_and_is_out_again(self):
        self.assertFalse(self.reads(self.manager))
        access = self.enter()
        self.assertTrue(self.reads(self.manager))
        access.until = fields.Datetime.now() - timedelta(seconds=1)
        access._end_expired()
        self.assertFalse(self.reads(self.manager))
        self.assertTrue(access.ended_at)

    def test_guest_reads_and_changes_nothing_for_its_people(self):
        self.board.hand_out = "turns"
        self.enter()
        seen = self.arrival.with_user(self.manager)
        seen.action_read_here()
        self.assertTrue(self.arrival.with_user(self.member).unread)
        with self.assertRaises(AccessError):
            seen.action_block()
        blocked = self.arrival.with_user(self.member).action_block()["blocked_ids"]
        rows = self.env["mail.mailbox.blocked.sender"].browse(blocked)
        with self.assertRaises(AccessError):
            rows.with_user(self.manager).action_unblock()
        owners = set()
        for number in range(3):
            other = {"from": f"c{number}@b.example"}
            line = self.deliver(self.board, subject=f"New {number}", **other)
            self.env.flush_all()
            self.env.invalidate_all()
            owners.add(line.conversation_id.owner_id)
        self.assertEqual(owners, {self.member})
        self.arrival.with_user(self.member).action_read_here()
        self.assertFalse(self.arrival.with_user(self.member).unread)

    def test_guest_does_nothing_with_an_email(self):
        """Each thing that can be done with a line, but to look at it and to archive."""
        self.enter()
        guest = self.arrival.with_user(self.manager)
        arguments = {
            "action_add_note": ["A note"],
            "action_give": [False],
            "action_later": [fields.Datetime.now() + timedelta(days=1)],
            "action_unsubscribe": ["list.example"],
            "action_unsubscribe_by_mail": ["off@list.example"],
        }
        teamwork = "odoo.addons.mail_mailbox_archive.models.teamwork."
        names = {
            name
            for part in type(guest).__mro__
            if part.__module__.startswith(teamwork)
            for name in vars(part)
            if name.startswith("action_")
        }
        self.assertLess(set(arguments), names)
        self.assertGreater(len(names), 10)
        for name in sorted(names - {"action_read_here"}):
            with self.subTest(name), self.assertRaises(AccessError):
                getattr(guest, name)(*arguments.get(name, ()))
                self.env.flush_all()

    def test_people_are_told_with_the_reason_and_at_the_end(self):
        access = self.enter()
        note = self.board.message_ids[0]
        self.assertIn(REASON, note.body)
        self.assertIn(self.member.partner_id, note.notified_partner_ids)
        access._end()
        self.assertIn("has ended", self.board.message_ids[0].body)

    def test_reason_and_time_are_asked_for(self):
        for values in (
            {"reason": "because"},
            {"reason": "." * 40},
            {"reason": "aaaa aaaa aaaa"},
            {"reason": "1234567890 1234567890"},
            {"hours": 0},
            {"hours": 73},
        ):
            with self.subTest(values=values), self.assertRaises(ValidationError):
                self.enter(**values)
        self.assertFalse(self.reads(self.manager))

    def test_only_managers_enter(self):
        with self.assertRaises(AccessError):
            self.enter(user=self.colleague)

    def test_guest_cannot_stay_for_good_or_cover_it_up(self):
        access = self.enter()
        board = self.board.with_user(self.manager)
        for change in (
            {"user_ids": [Command.unlink(self.member.id)]},
            {"private": False},
            {"responsible_id": self.manager.id},
        ):
            with self.subTest(change=change), self.assertRaises(AccessError):
                board.write(change)
        log = access.with_user(self.manager)
        with self.assertRaises(AccessError):
            log.unlink()
        with self.assertRaises(AccessError):
            log.reason = "another"

    def test_notice_stays_whoever_wants_it_gone(self):
        self.enter()
        notice = self.board.message_ids[0]
        self.assertEqual(notice.author_id, self.env.ref("base.partner_root"))
        for user in (self.manager, self.member, self.env.ref("base.user_admin")):
            own = notice.with_user(user)
            # as if an app was uninstalled: anybody can say so in a context
            uninstalled = own.with_context(**{MODULE_UNINSTALL_FLAG: True})
            for change in (
                own.unlink,
                uninstalled.unlink,
                lambda own=own: own.write({"body": "Hello"}),
            ):
                with self.assertRaises(AccessError), self.env.cr.savepoint():
                    change()
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.board.with_user(self.manager)._message_update_content(
                notice.with_user(self.manager), body=""
            )
        self.assertIn(REASON, notice.body)

    def test_no_field_of_the_notice_is_written(self):
        """By its kind alone it would be seen no more, and could be edited."""
        self.enter()
        notice = self.board.message_ids[0]
        names = [
            name
            for name, field in notice._fields.items()
            if field.store and not field.readonly and name != "id"
        ]
        self.assertLess({"message_type", "subtype_id", "date", "author_id"}, set(names))
        for name in names:
            value = notice._fields[name].convert_to_write(notice[name], notice)
            for user in (self.manager, self.member):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    notice.with_user(user).write({name: value})

    def test_time_is_looked_at_at_each_access(self):
        access = self.enter()
        self.assertTrue(self.reads(self.manager))
        access.until = fields.Datetime.now() - timedelta(seconds=1)
        self.env.flush_all()
        self.env.cr.cache.clear()
        with self.enter_registry_test_mode():
            with self.assertRaisesRegex(AccessError, "has ended"):
                self.arrival.with_user(self.manager).read(["subject"])
            self.env.invalidate_all()
        self.assertTrue(access.ended_at)
        self.assertFalse(self.reads(self.manager))

    def test_guest_in_the_mailbox_of_one_who_left_is_a_guest(self):
        access = self.enter()
        self.member.active = False
        with self.assertRaises(AccessError):
            self.board.with_user(self.manager).private = False
        access.until = fields.Datetime.now() - timedelta(seconds=1)
        access._end_expired()
        self.assertTrue(access.ended_at)
        self.assertFalse(self.reads(self.manager))

    def test_access_that_cannot_be_ended_stops_nothing(self):
        first, second = self.enter(), self.enter(mailbox=self.second_private())
        (first + second).until = fields.Datetime.now() - timedelta(seconds=1)
        post = type(self.board).message_post

        def fail(mailbox, **values):
            if mailbox == first.mailbox_id:
                raise ValueError("no")
            return post(mailbox, **values)

        with (
            patch.object(type(self.board), "message_post", fail),
            mute_logger("odoo.addons.mail_mailbox_archive.models.mailbox.break_glass"),
        ):
            first._end_expired()
        self.assertFalse(first.ended_at)
        self.assertTrue(second.ended_at)

    def second_private(self):
        return self.make_mailbox("law@spedbud.example", self.member, private=True)

    def test_log_is_read_by_the_people_of_the_mailbox_only(self):
        access = self.enter()
        model = self.env["mail.mailbox.break.glass"]
        self.assertEqual(model.with_user(self.member).search([]), access)
        self.assertFalse(model.with_user(self.colleague).search([]))

    def test_mailbox_that_is_not_private_needs_no_reason(self):
        with self.assertRaisesRegex(UserError, "not private"):
            self.enter(mailbox=self.mailbox)
