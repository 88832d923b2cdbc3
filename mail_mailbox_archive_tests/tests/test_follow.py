"""Followed conversations: what is archived automatically, and above all what is not."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import SERVER, write_mail
from .test_archive import ArchiveCase

JAN = "jan@partner.example"


@tagged("post_install", "-at_install")
class FollowCase(ArchiveCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.trusted_server = SERVER
        cls.first = cls.receive(message_id="<root@partner.example>")

    @classmethod
    def receive(cls, mailbox=None, verified=True, sender=JAN, live=True, **headers):
        """Put an email of the conversation into a mailbox; return its message."""
        domain = sender.rpartition("@")[2]
        if verified:
            result = f"{SERVER}; dmarc=pass header.from={domain}"
            headers["authentication_results"] = result
        headers.setdefault("references", "<root@partner.example>")
        subject = headers.pop("subject", f"Roof {len(cls.env['mail.mailbox.arrival'])}")
        number = cls.env["mail.mailbox.arrival"].search_count([])
        headers.setdefault("message_id", f"<{number}@partner.example>")
        return cls.deliver(
            mailbox or cls.mailbox,
            live=live,
            subject=subject,
            **{"from": sender},
            **headers,
        ).mailbox_message_id

    def follow(self, user=None, record=None, roles=None, messages=None):
        user, record = user or self.member, record or self.spostex
        messages = messages or self.first
        self.archive(record, user=user, roles=roles, messages=messages)
        return messages.with_user(user)._follow(record.with_user(user))

    def work_off(self):
        with self.enter_registry_test_mode():
            self.env.ref("mail_mailbox_archive.ir_cron_file").method_direct_trigger()

    def work_off_all(self):
        """Run the scheduled action until nothing waits; its time may be up before."""
        for _turn in range(50):
            self.work_off()
            if not self.env["mail.mailbox.filing"].search_count([]):
                return
        self.fail("emails still wait to be filed")

    def assertFiled(self, message, record=None):
        self.work_off()
        links = message.sudo().link_ids
        self.assertEqual(links.mapped("res_id"), [(record or self.spostex).id])
        self.assertTrue(links.follow_id)

    def assertProposed(self, message):
        self.work_off()
        self.assertFalse(message.sudo().link_ids)
        self.assertFalse(self.waiting(message))

    def waiting(self, message):
        return self.env["mail.mailbox.filing"].search(
            [("mailbox_message_id", "in", message.ids)]
        )


class TestFollow(FollowCase):
    def test_a_verified_reply_is_archived_with_roles_and_a_reason(self):
        self.member.group_ids = [Command.link(self.foreman.id)]
        self.follow(roles=self.foreman)
        reply = self.receive()
        self.assertFiled(reply)
        self.assertEqual(reply.role_ids, self.foreman)
        self.assertEqual(reply.link_ids.user_id, self.member)
        line = reply.with_user(self.member).history_ids
        self.assertEqual(line.action, "archived")
        self.assertEqual(line.note, "Automatically: this conversation is followed.")
        records = reply.with_user(self.member).attached_records
        self.assertTrue(records[0]["automatic"])

    def test_what_was_sent_from_here_is_archived(self):
        self.follow()
        sent = self.receive(sender=self.mailbox.email, to=JAN, verified=False)
        self.assertProposed(sent)
        folder = self.make_folder(self.mailbox, "Sent")
        folder.role = "sent"
        mine = self.receive(sender=self.mailbox.email, to=JAN, verified=False)
        mine.arrival_ids.folder_id = folder
        self.assertFiled(mine)

    def test_it_is_followed_once_and_on_every_record(self):
        self.follow()
        self.assertFalse(self.follow(user=self.manager))
        self.follow(record=self.north)
        reply = self.receive()
        self.work_off()
        self.assertEqual(
            sorted(reply.link_ids.mapped("res_name")),
            ["North Pier Ltd", "Spostex S.A."],
        )

    def test_strangers_and_the_unverified_are_proposed(self):
        self.follow()
        self.assertProposed(self.receive(verified=False))
        self.assertProposed(self.receive(sender="evil@attacker.example"))
        forged = f"{SERVER}; dmarc=pass header.from=attacker.example"
        self.assertProposed(self.receive(verified=False, authentication_results=forged))
        elsewhere = "mx.attacker.example; dmarc=pass header.from=partner.example"
        self.assertProposed(
            self.receive(verified=False, authentication_results=elsewhere)
        )

    def test_other_conversations_and_first_imports_are_left(self):
        self.follow()
        other = self.receive(references="<other@partner.example>")
        old = self.receive(live=False)
        self.work_off()
        self.assertFalse((other | old).link_ids)

    def test_never_archived_addresses(self):
        self.follow()
        self.env["mail.mailbox.never.archive"].create({"name": "lawyer.example"})
        self.assertProposed(self.receive(cc="anna@lawyer.example"))

    def test_the_rights_of_who_follows_count_when_it_is_archived(self):
        self.follow()
        reply = self.receive()
        self.mailbox.sudo().user_ids = [Command.set(self.colleague.ids)]
        self.assertProposed(reply)

    def test_who_left_files_nothing(self):
        self.follow()
        self.mailbox.responsible_id = self.colleague
        reply = self.receive()
        self.member.active = False
        self.assertProposed(reply)

    def test_a_deleted_record_ends_it(self):
        follow = self.follow()
        reply = self.receive()
        self.spostex.unlink()
        self.assertProposed(reply)
        self.assertEqual(follow.sudo().record_state, "deleted")

    def test_a_merged_record_takes_it_over(self):
        self.follow()
        self.env["mail.mailbox.link"]._move(self.spostex, self.north)
        self.assertFiled(self.receive(), self.north)

    def test_an_erased_first_email_ends_it(self):
        follow = self.follow()
        self.first.unlink()
        self.assertFalse(follow.exists())


class TestPrivateFollow(FollowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_mailbox(
            "board@spedbud.example", cls.member, private=True, trusted_server=SERVER
        )

    def test_what_only_a_private_mailbox_has_stays_there(self):
        self.follow()
        self.assertProposed(self.receive(self.board))

    def test_from_a_private_mailbox_it_is_for_its_people_only(self):
        first = self.receive(self.board, references="<b@partner.example>")
        self.follow(messages=first)
        reply = self.receive(self.board, references="<b@partner.example>")
        self.assertFiled(reply)
        self.assertEqual(reply.link_ids.mailbox_id, self.board)
        for stranger in self.colleague, self.outsider, self.manager:
            self.assertFalse(reply.with_user(stranger)._filtered_access("read"))

    def test_in_another_mailbox_as_well_it_keeps_the_bond(self):
        first = self.receive(self.board, references="<b@partner.example>")
        self.follow(messages=first)
        reply = self.receive(references="<b@partner.example>")
        self.assertFiled(reply)
        self.assertEqual(reply.link_ids.mailbox_id, self.board)
        self.assertFalse(reply.with_user(self.outsider)._filtered_access("read"))

    def follow_twice(self):
        """Have the conversation followed from the private mailbox and from the other.

        To one record; from the private one first.
        """
        self.follow(messages=self.receive(self.board))
        self.assertTrue(self.follow())

    def test_followed_from_another_mailbox_as_well_it_is_for_all(self):
        self.follow_twice()
        reply = self.receive()
        self.assertFiled(reply)
        self.assertEqual(reply.link_ids.mailbox_id, self.mailbox)
        self.assertTrue(reply.with_user(self.outsider)._filtered_access("read"))

    def test_followed_from_both_what_came_to_the_private_one_stays_there(self):
        self.follow_twice()
        reply = self.receive(self.board)
        self.assertFiled(reply)
        self.assertEqual(reply.link_ids.mailbox_id, self.board)
        self.assertFalse(reply.with_user(self.outsider)._filtered_access("read"))

    def test_what_comes_to_the_other_mailbox_later_is_freed(self):
        self.follow_twice()
        reply = self.receive(self.board, message_id="<r@partner.example>", subject="R")
        self.assertFiled(reply)
        again = self.receive(message_id="<r@partner.example>", subject="R")
        self.assertEqual(again, reply)
        self.assertFiled(reply)
        self.assertEqual(reply.link_ids.mailbox_id, self.mailbox)
        self.assertTrue(reply.with_user(self.outsider)._filtered_access("read"))

    def test_archived_for_a_role_it_is_not_freed_for_all(self):
        self.member.group_ids = [Command.link(self.foreman.id)]
        reply = self.receive(self.board, message_id="<r@partner.example>", subject="R")
        self.archive(self.spostex, messages=reply)
        self.receive(message_id="<r@partner.example>", subject="R")
        self.archive(self.spostex, messages=reply, roles=self.foreman)
        self.assertEqual(reply.link_ids.mailbox_id, self.board)
        self.archive(self.spostex, messages=reply, mailbox=self.board)
        self.assertEqual(reply.link_ids.mailbox_id, self.board)
        self.archive(self.spostex, messages=reply, mailbox=self.mailbox)
        self.assertEqual(reply.link_ids.mailbox_id, self.mailbox)


class TestAudience(FollowCase):
    def test_more_readers_have_to_be_agreed_to(self):
        follow = self.follow()
        newcomer = self.make_user("newcomer", "mail_mailbox_archive.group_user")
        reply = self.receive()
        self.work_off()
        self.assertFalse(reply.link_ids)
        self.assertEqual(follow.state, "asks")
        told = self.env["mail.activity"].search([("user_id", "=", self.member.id)])
        self.assertIn("Spostex S.A.", told.note)
        follow.with_user(self.member).action_go_on()
        self.assertFiled(reply)
        self.assertIn(newcomer.id, follow.sudo().audience)

    def test_it_is_asked_once_for_all_that_waits(self):
        self.follow()
        self.make_user("newcomer", "mail_mailbox_archive.group_user")
        replies = self.receive() | self.receive() | self.receive()
        self.work_off()
        self.assertFalse(replies.link_ids)
        self.assertEqual(len(self.waiting(replies)), 3)
        mine = [("user_id", "=", self.member.id)]
        self.assertEqual(self.env["mail.activity"].search_count(mine), 1)

    def test_wider_roles_of_the_first_email_have_to_be_agreed_to(self):
        self.member.group_ids = [Command.link(self.foreman.id)]
        follow = self.follow(roles=self.foreman)
        self.first.with_user(self.member)._set_roles(self.env["res.groups"])
        reply = self.receive()
        self.work_off()
        self.assertFalse(reply.link_ids)
        self.assertEqual(follow.state, "asks")

    def test_fewer_readers_ask_nothing(self):
        self.follow()
        self.outsider.active = False
        self.assertFiled(self.receive())


class TestStop(FollowCase):
    def test_who_may_stop_it(self):
        follow = self.follow()
        with self.assertRaises(AccessError):
            follow.with_user(self.outsider).action_stop()
        reply = self.receive()
        follow.with_user(self.member).action_stop()
        self.assertFalse(self.waiting(reply))
        self.assertProposed(self.receive())
        history = self.first.with_user(self.member).history_ids
        self.assertEqual(history.mapped("action"), ["stopped", "followed", "archived"])

    def test_nobody_writes_it_by_hand(self):
        follow = self.follow().with_user(self.manager)
        for values in {"state": "asks"}, {"user_id": self.manager.id}:
            with self.assertRaises(AccessError):
                follow.write(values)
        with self.assertRaises(AccessError):
            follow.copy()

    def test_detaching_the_email_that_began_it_stops_it(self):
        follow = self.follow()
        self.first.with_user(self.member).link_ids.action_unfile()
        self.assertEqual(follow.state, "stopped")

    def test_undoing_the_archiving_stops_it(self):
        mark = self.env["mail.mailbox.history"]._get_mark()
        follow = self.follow()
        lines = self.env["mail.mailbox.history"].with_user(self.member)
        lines._get_since(mark).action_undo()
        self.assertEqual(follow.state, "stopped")

    def test_it_is_seen_by_who_may_open_record_and_email(self):
        follow = self.follow()
        self.assertTrue(follow.with_user(self.outsider)._filtered_access("read"))
        self.spostex.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(follow.with_user(self.outsider)._filtered_access("read"))


class TestWhoSeesIt(FollowCase):
    """A colleague of the same mailbox learns nothing of a record they may not open."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids = cls.member + cls.colleague
        cls.other = cls.env["res.company"].create({"name": "Other"})
        cls.member.company_ids = [Command.link(cls.other.id)]

    def hide(self):
        self.spostex.company_id = self.other
        self.env.flush_all()
        self.env.invalidate_all()

    def told(self, user):
        """Return what the list and the viewer tell ``user``."""
        companies = user.company_ids.ids
        follows = self.env["mail.mailbox.follow"].with_user(user)
        follows = follows.with_context(allowed_company_ids=companies)
        message = self.first.with_user(user).with_context(**follows.env.context)
        fields = ["res_name", "res_model", "res_id", "can_stop"]
        return follows.search_read([], fields), message.get_view_data()["follows"]

    def test_only_who_may_open_the_record(self):
        self.follow()
        self.assertTrue(all(self.told(self.colleague)))
        self.hide()
        self.assertEqual(self.told(self.colleague), ([], []))
        # an administrator of mail opens no record by that
        self.assertEqual(self.told(self.manager), ([], []))
        self.assertTrue(all(self.told(self.member)))

    def test_once_the_record_is_deleted(self):
        follow = self.follow()
        self.hide()
        self.spostex.with_user(self.env.ref("base.user_root")).unlink()
        self.env.invalidate_all()
        self.assertEqual(follow.sudo().record_state, "deleted")
        self.assertEqual(self.told(self.colleague), ([], []))

    def test_of_a_private_mailbox_only_its_people(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        mail = write_mail("Salaries")
        self.first = self.deliver(self.mailbox, mail).mailbox_message_id
        self.assertEqual(self.deliver(board, mail).mailbox_message_id, self.first)
        self.archive(self.spostex, messages=self.first, mailbox=board)
        follow = self.first.with_user(self.member)._follow(self.spostex)
        self.assertEqual(follow.mailbox_id, board)
        self.assertEqual(self.told(self.colleague), ([], []))
        self.assertTrue(all(self.told(self.member)))

    def test_whatever_tells_of_a_record(self):
        """Every model of the kind, also one of tomorrow."""
        self.hide()
        self.first.with_user(self.colleague).check_access("read")
        kind = self.env.registry.descendants(["mail.mailbox.record.detail"], "_inherit")
        told = []
        for name in sorted(kind):
            model = self.env[name]
            if model._abstract:
                continue
            values = {
                "mailbox_message_id": self.first.id,
                "res_model": self.spostex._name,
                "res_id": self.spostex.id,
                "mailbox_id": self.mailbox.id,
                "user_id": self.member.id,
            }
            more = {"thread_key": "key", "action": "archived"}
            values |= {one: more[one] for one in more if one in model._fields}
            row = model.create(values)
            if row.with_user(self.colleague).has_access("read"):
                told.append(name)
        self.assertGreater(len(kind), 3)
        self.assertFalse(told)


class TestDialog(FollowCase):
    def test_the_other_emails_and_the_later_ones(self):
        other = self.receive(verified=False, to=self.mailbox.email)
        stranger = self.receive(sender="evil@attacker.example")
        wizard = self.fill(
            self.open_form(messages=self.first, with_others=True), self.spostex
        )
        self.assertEqual(wizard.other_count, 1)
        self.assertIn(JAN, wizard.other_emails)
        wizard.follow = True
        self.assertIn("suggested", wizard.follow_note)
        wizard.action_confirm()
        self.assertTrue(self.first.link_ids and other.link_ids)
        self.assertFalse(stranger.link_ids)
        self.assertFiled(self.receive())

    def test_ticks_that_are_not_set_do_nothing(self):
        other = self.receive()
        self.fill(self.open_form(messages=self.first), self.spostex).action_confirm()
        self.assertFalse(other.link_ids)
        self.assertFalse(self.env["mail.mailbox.follow"].search([]))

    def test_the_record_type_sets_the_tick(self):
        self.env.ref("mail_mailbox_archive.record_type_company").follow = True
        wizard = self.fill(self.open_form(messages=self.first), self.spostex)
        self.assertTrue(wizard.follow)

    def test_it_names_the_mailboxes_without_a_server_that_verifies(self):
        self.mailbox.trusted_server = False
        wizard = self.open_form(messages=self.first, follow=True)
        self.assertIn("office@spedbud.example", wizard.follow_note)

    def test_the_viewer_shows_what_is_followed(self):
        follow = self.follow()
        data = self.first.with_user(self.member).get_view_data()
        self.assertEqual(
            data["follows"],
            [
                {
                    "id": follow.id,
                    "name": "Spostex S.A.",
                    "asks": False,
                    "can_stop": True,
                }
            ],
        )
