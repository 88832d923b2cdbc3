"""Undoing: what was done with a message is as if it had not been done."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import write_mail
from .test_archive import ArchiveCase


@tagged("post_install", "-at_install")
class TestUndo(ArchiveCase):
    def state(self, message=None):
        """Return everything that says who reads a message, and where."""
        message = (message or self.message).sudo()
        self.env.invalidate_all()
        links = message.link_ids.sorted("res_id")
        return {
            "links": [
                (link.res_model, link.res_id, link.user_id, link.mailbox_id)
                for link in links
            ],
            "roles": message.role_ids,
            "listed": [
                (arrival.mailbox_id, arrival.folder_id, arrival.uid)
                for arrival in message.arrival_ids
            ],
            "readers": [
                user.login
                for user in self.member | self.colleague | self.outsider | self.manager
                if message.with_user(user).has_access("read")
            ],
        }

    def undo(self, action, user=None):
        """Undo what a notification offers to undo."""
        lines = self.env["mail.mailbox.history"].browse(action["params"]["undo"])
        self.assertTrue(lines)
        lines.with_user(user or self.member).action_undo()
        return lines

    def last(self, action):
        lines = self.env["mail.mailbox.history"].search([("action", "=", action)])
        return lines[:1].with_user(self.member)

    def confirm(self, *records, roles=None):
        wizard = self.fill(self.open_form(), *records)
        wizard.role_ids = roles or self.env["res.groups"]
        return wizard.action_confirm()

    def test_archiving_to_several_records_at_once(self):
        self.foreman.user_ids = self.member
        before = self.state()
        done = self.confirm(self.spostex, self.north, roles=self.foreman)
        self.assertEqual(len(done["params"]["undo"]), 2)
        self.assertNotEqual(self.state(), before)
        self.undo(done)
        self.assertEqual(self.state(), before)
        noted = self.message.sudo().history_ids.mapped("action")
        self.assertEqual(noted, ["undone", "undone", "archived", "archived"])

    def test_archiving_once_more_leaves_what_was_there(self):
        self.archive(self.spostex, roles=self.office + self.foreman)
        self.office.user_ids = self.member
        before = self.state()
        self.undo(self.confirm(self.spostex, self.north))
        self.assertEqual(self.state(), before)

    def test_detaching_and_changing_roles(self):
        self.office.user_ids = self.member
        link = self.archive(self.spostex, roles=self.office)
        before = self.state()
        self.undo(link.with_user(self.member).action_unfile())
        self.assertEqual(self.state(), before)
        wizard = self.env["mail.mailbox.roles.wizard"].with_user(self.member)
        wizard = wizard.with_context(active_ids=self.message.ids).create({})
        wizard.role_ids = self.foreman + self.office
        self.undo(wizard.action_confirm())
        self.assertEqual(self.state(), before)

    def test_detaching_by_who_no_longer_reads_it(self):
        link = self.archive(self.spostex)
        self.mailbox.user_ids = self.colleague
        self.message.sudo().arrival_ids.unlink()
        before = self.state()
        done = link.with_user(self.member).action_unfile()
        self.assertFalse(self.message.has_access("read"))
        self.undo(done)
        self.assertEqual(self.state(), before)

    def test_a_private_bond_is_as_before(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        message = self.deliver(board, write_mail("Salaries")).mailbox_message_id
        link = self.archive(self.spostex, messages=message, mailbox=board)
        before = self.state(message)
        done = link.with_user(self.member).action_unfile()
        with self.assertRaises(AccessError):
            self.undo(done, self.manager)
        self.undo(done)
        self.assertEqual(self.state(message), before)
        self.assertEqual(before["readers"], ["mailbox_member"])

    def test_only_with_the_right_to_do_the_opposite(self):
        done = self.confirm(self.spostex)
        with self.assertRaisesRegex(AccessError, "Only the person who"):
            self.undo(done, self.outsider)
        self.assertTrue(self.message.sudo().link_ids)
        link = self.message.link_ids
        done = link.with_user(self.member).action_unfile()
        self.spostex.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(AccessError):
            self.undo(done)
        self.assertFalse(self.message.sudo().link_ids)

    def test_who_has_lost_the_role_restores_nothing(self):
        self.office.user_ids = self.member
        link = self.archive(self.spostex, roles=self.office)
        self.mailbox.user_ids = self.colleague
        done = link.with_user(self.member).action_unfile()
        self.office.user_ids = self.colleague
        with self.assertRaises(AccessError):
            self.undo(done)
        self.assertFalse(self.message.sudo().link_ids)

    def test_what_was_changed_meanwhile_is_left(self):
        done = self.confirm(self.spostex)
        lines = self.undo(done)
        with self.assertRaisesRegex(UserError, "meantime"):
            lines.with_user(self.member).action_undo()
        link = self.archive(self.spostex)
        detached = link.with_user(self.member).action_unfile()
        self.archive(self.spostex)
        with self.assertRaisesRegex(UserError, "meantime"):
            self.undo(detached)
        self.message._set_roles(self.office)
        line = self.last("roles")
        self.message._set_roles(self.foreman)
        with self.assertRaisesRegex(UserError, "meantime"):
            line.action_undo()
        self.assertEqual(self.message.sudo().role_ids, self.foreman)

    def test_detaching_is_not_undone_once_other_people_read_it(self):
        self.office.user_ids = self.member
        link = self.archive(self.spostex, roles=self.office)
        done = link.with_user(self.member).action_unfile()
        self.archive(self.north)
        before = self.state()
        with self.assertRaisesRegex(UserError, "meantime"):
            self.undo(done)
        self.assertEqual(self.state(), before)
        self.assertEqual(before["roles"], self.env["res.groups"])

    def test_detaching_one_of_two_and_both(self):
        self.office.user_ids = self.member
        links = self.archive(self.spostex, roles=self.office)
        links |= self.archive(self.north)
        before = self.state()
        self.undo(links[0].with_user(self.member).action_unfile())
        self.assertEqual(self.state(), before)
        links = self.message.sudo().link_ids.with_user(self.member)
        self.undo(links.action_unfile())
        self.assertEqual(self.state(), before)

    def test_a_role_that_is_gone_is_not_dropped_silently(self):
        self.office.user_ids = self.member
        link = self.archive(self.spostex, roles=self.office)
        done = link.with_user(self.member).action_unfile()
        self.office.write({"mail_role": False, "user_ids": [Command.clear()]})
        with self.assertRaisesRegex(UserError, "role"):
            self.undo(done)

    def test_old_lines_and_others_cannot_be_undone(self):
        self.archive(self.spostex)
        line = self.last("archived")
        self.assertTrue(line.can_undo)
        line.sudo().before = False
        self.env.invalidate_all()
        self.assertFalse(line.can_undo)
        with self.assertRaises(UserError):
            line.action_undo()
