import itertools
import os
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import End
from odoo.addons.mail_mailbox_archive.models.mailbox.work import owner
from odoo.addons.mail_mailbox_archive.models.receiving.poll_claim import Fenced

from .common import MailboxCase


@tagged("post_install", "-at_install")
class TestMailbox(MailboxCase):
    """One address of the company: what is refused, and who may change it."""

    def test_bad_address_is_refused_in_words(self):
        for email in (
            "",
            "office",
            "office@",
            "@example.com",
            "a b@example.com",
            "a@b@c",
        ):
            with (
                self.subTest(email=email),
                self.assertRaises(ValidationError) as caught,
            ):
                self.make_mailbox(email or " ")
            self.assertIn("email address", str(caught.exception))

    #: What an administrator decides, however it is written.
    DECIDED = (
        ("verify_certificate", (False, 0, None, "")),
        ("smtp_verify_certificate", (False, 0, None, "")),
        ("imap_security", ("none",)),
        ("smtp_security", ("none",)),
        ("trusted_server", ("mx.evil.example",)),
        ("oauth_account", ("board@spedbud.example",)),
        ("odoo_mail", (True, 1, "yes")),
    )

    def test_what_an_administrator_decides_is_refused_in_every_form(self):
        own = self.make_mailbox("own@spedbud.example", self.member)
        for name, values in self.DECIDED:
            for value in values:
                with (
                    self.subTest(name, value=value),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    own.with_user(self.member).write({name: value})

    def test_nor_is_it_taken_from_a_default_of_the_caller(self):
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        values = {
            "name": "New",
            "email": "new@spedbud.example",
            "responsible_id": self.member.id,
            "user_ids": [Command.set(self.member.ids)],
            "imap_enabled": False,
        }
        for name, given in self.DECIDED:
            for value in given:
                caller = mailboxes.with_context(**{f"default_{name}": value})
                self.assert_not_created(caller, values, name, value)
            self.env["ir.default"].set(
                "mail.mailbox", name, given[0], user_id=self.member.id
            )
            self.assert_not_created(mailboxes, values, name, given[0])
            self.env["ir.default"].search([]).filtered(
                lambda one, name=name: one.field_id.name == name
            ).unlink()
        self.assertTrue(mailboxes.create(values))

    def assert_not_created(self, mailboxes, values, name, value):
        with (
            self.subTest(name, value=value, context=mailboxes.env.context),
            self.assertRaises(AccessError),
            self.env.cr.savepoint(),
        ):
            mailboxes.create(values)

    def test_server_that_uses_a_uid_twice_stops_nothing(self):
        self.startPatcher(patch.object(type(self), "uids", itertools.repeat(7)))
        one, two = (self.deliver(self.mailbox, subject=word) for word in ("A", "B"))
        self.assertEqual((one.folder_id.id, one.uid), (False, 0))
        self.assertEqual((two.folder_id.name, two.uid), ("INBOX", 7))

    def test_address_is_unique_among_active_mailboxes(self):
        with self.assertRaisesRegex(ValidationError, "“office”"):
            self.make_mailbox("OFFICE@Spedbud.example")
        self.mailbox.active = False
        self.make_mailbox("office@spedbud.example")
        with self.assertRaisesRegex(ValidationError, "belongs to the mailbox"):
            self.mailbox.active = True

    def test_address_with_foreign_letters_is_one_address(self):
        self.make_mailbox("info@żółw.example")
        with self.assertRaises(ValidationError):
            self.make_mailbox("info@xn--w-uga1v8h.example".upper())

    def test_address_is_unique_in_the_database_too(self):
        other = self.make_mailbox("other@spedbud.example")
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
        ):
            self.env.cr.execute(
                "UPDATE mail_mailbox_address SET email_normalized = %s"
                " WHERE mailbox_id = %s",
                [self.mailbox.email_normalized, other.id],
            )

    def test_port_out_of_range_is_refused(self):
        for port in (0, -1, 65536):
            with self.subTest(port=port), mute_logger("odoo.sql_db"):
                with self.assertRaises(Exception) as caught, self.env.cr.savepoint():
                    self.mailbox.imap_port = port
                    self.mailbox.flush_recordset()
                self.assertIn("imap_port", str(caught.exception))

    def test_receiving_needs_a_server(self):
        with self.assertRaisesRegex(ValidationError, "IMAP server"):
            self.mailbox.imap_enabled = True
        with self.assertRaisesRegex(ValidationError, "IMAP server"):
            self.mailbox.write(
                {"imap_enabled": True, "imap_host": "imap.example.com/x"}
            )

    def test_skip_folders_have_defaults_and_no_doubles(self):
        self.assertEqual(
            set(self.mailbox.skip_folder_ids.mapped("name")),
            {"Trash", "Junk", "Social", "Spam", "Deleted", "Drafts"},
        )
        with self.assertRaisesRegex(ValidationError, "name of the folder"):
            self.mailbox.skip_folder_ids = [Command.create({"name": "  "})]
        with (
            self.assertRaises(psycopg2.errors.UniqueViolation),
            mute_logger("odoo.sql_db"),
        ):
            self.mailbox.skip_folder_ids = [Command.create({"name": "TRASH "})]

    def test_password_is_written_and_never_read(self):
        self.mailbox.imap_password = "s3cr3t-word"
        self.mailbox.flush_recordset()
        mailbox = self.mailbox.with_user(self.manager)
        mailbox.invalidate_recordset()
        self.assertFalse(mailbox.imap_password)
        self.assertTrue(mailbox.has_imap_password)
        self.assertNotIn("imap_secret", mailbox.fields_get())
        with self.assertRaises(AccessError):
            mailbox.read(["imap_secret"])
        with self.assertRaises(AccessError):
            mailbox.export_data(["imap_secret"])
        with self.assertRaises(AccessError):
            mailbox.search([("imap_secret", "like", "s3")])
        self.env.cr.execute("SELECT mail_mailbox::text FROM mail_mailbox")
        self.assertNotIn("s3cr3t", str(self.env.cr.fetchall()))
        self.assertEqual(self.mailbox._imap_secret__().value, "s3cr3t-word")

    def test_empty_password_keeps_the_stored_one(self):
        self.mailbox.imap_password = "s3cr3t-word"
        self.mailbox.write({"imap_password": False})
        self.assertTrue(self.mailbox.has_imap_password)

    def test_password_is_not_handed_to_another_server(self):
        board = self.make_mailbox("board@spedbud.example", self.member)
        board.write({"imap_host": "imap.example.com", "imap_password": "s3cr3t-word"})
        settings = board.with_user(self.manager)
        settings.write({"imap_host": "imap.example.com", "imap_port": 143})
        self.assertTrue(board.has_imap_password)
        settings.write({"imap_host": "imap.evil.example"})
        self.assertFalse(board.has_imap_password)
        settings.write({"imap_host": "imap.example.com", "imap_password": "new"})
        self.assertEqual(board._imap_secret__().value, "new")

    def test_check_by_old_settings_stores_nothing_more(self):
        self.mailbox.write({"imap_enabled": True, "imap_host": "imap.example.com"})
        self.env.flush_all()
        [poll] = self.mailbox._claim(fields.Datetime.now(), End(0), self.mailbox.ids)
        self.mailbox.name = "Office"
        self.mailbox._renew_claim(poll.token)
        self.mailbox.imap_port = 143
        with self.assertRaises(Fenced):
            self.mailbox._renew_claim(poll.token)

    def test_a_forked_worker_claims_in_its_own_name(self):
        mine = owner()
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.write(writer, owner().encode())
            finally:
                os._exit(0)
        os.waitpid(child, 0)
        os.close(writer)
        with open(reader) as file:
            childs = file.read()
        self.assertIn(f":{os.getpid()}:", mine)
        self.assertIn(f":{child}:", childs)

    def test_no_more_are_claimed_than_there_are_places(self):
        values = {"imap_enabled": True, "imap_host": "imap.example.com"}
        mailboxes = self.mailbox
        for number in range(7):
            mailboxes += self.make_mailbox(f"{number}@spedbud.example", self.member)
        mailboxes.write(values)
        self.env.flush_all()
        # as the planner chooses for few mailboxes, sometimes
        for way in ("hashagg", "hashjoin", "mergejoin", "sort", "material"):
            self.env.cr.execute(f"SET LOCAL enable_{way} = off")
        now = fields.Datetime.now()
        claims = [
            len(mailboxes._claim(now, End(0), mailboxes.ids, 3)) for _ in range(4)
        ]
        self.assertEqual(claims, [3, 3, 2, 0])

    def test_copy_has_no_password(self):
        self.mailbox.imap_password = "s3cr3t-word"
        copy = self.mailbox.copy({"email": "copy@spedbud.example"})
        self.assertFalse(copy.has_imap_password)

    def test_user_sets_up_an_own_mailbox(self):
        mailbox = (
            self.env["mail.mailbox"]
            .with_user(self.outsider)
            .create(
                {"name": "Mine", "email": "mine@spedbud.example", "imap_enabled": False}
            )
        )
        self.assertEqual(mailbox.user_ids, self.outsider)
        self.assertEqual(mailbox.responsible_id, self.outsider)
        mailbox.description = "Changed"

    def test_only_managers_leave_protection_out(self):
        own = self.make_mailbox("mine@spedbud.example", self.outsider)
        for unsafe in (
            {"verify_certificate": False},
            {"imap_security": "none"},
            {"smtp_verify_certificate": False},
            {"smtp_security": "none"},
        ):
            with self.subTest(unsafe=unsafe):
                with self.assertRaisesRegex(AccessError, "administrator"):
                    own.with_user(self.outsider).write(unsafe)
                own.with_user(self.manager).write(unsafe)

    def test_taken_address_names_no_mailbox_one_cannot_see(self):
        self.make_mailbox("board@spedbud.example", self.member, name="Takeover")
        model = self.env["mail.mailbox"].with_user(self.outsider)
        with self.assertRaises(ValidationError) as caught:
            model.create({"name": "x", "email": "board@spedbud.example"})
        self.assertNotIn("Takeover", str(caught.exception))
        self.assertIn("has the email address", str(caught.exception))

    def test_user_cannot_set_up_a_mailbox_for_others(self):
        values = {"name": "x", "email": "x@spedbud.example", "imap_enabled": False}
        model = self.env["mail.mailbox"].with_user(self.outsider)
        both = [Command.set([self.outsider.id, self.member.id])]
        for others in ({"user_ids": both}, {"responsible_id": self.member.id}):
            with self.subTest(others=others), self.assertRaises(AccessError):
                model.create(values | others)

    def test_user_cannot_share_an_own_mailbox(self):
        mailbox = self.make_mailbox("mine@spedbud.example", self.outsider)
        with self.assertRaisesRegex(AccessError, "administrator"):
            mailbox.with_user(self.outsider).user_ids = [Command.link(self.member.id)]

    def test_member_cannot_change_a_shared_mailbox(self):
        self.mailbox.user_ids += self.colleague
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.colleague).imap_host = "evil.example.com"

    def test_user_skips_no_folder_of_another_mailbox(self):
        mine = self.make_mailbox("mine@spedbud.example", self.outsider)
        skipped = mine.skip_folder_ids[:1].with_user(self.outsider)
        with self.assertRaises(AccessError):
            skipped.write({"mailbox_id": self.mailbox.id, "name": "INBOX"})
        self.assertNotIn("INBOX", self.mailbox.skip_folder_ids.mapped("name"))

    def test_manager_shares_and_access_changes_at_once(self):
        arrivals = self.env["mail.mailbox.arrival"].with_user(self.colleague)
        self.deliver(self.mailbox)
        self.assertFalse(arrivals.search([]))
        self.mailbox.with_user(self.manager).user_ids = [
            Command.link(self.colleague.id)
        ]
        self.assertEqual(len(arrivals.search([])), 1)
        self.mailbox.with_user(self.manager).user_ids = [
            Command.unlink(self.colleague.id)
        ]
        self.assertFalse(arrivals.search([]))

    def test_only_its_people_decide_about_a_private_mailbox(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        for change in (
            {"user_ids": [Command.link(self.manager.id)]},
            {"private": False},
            {"responsible_id": self.manager.id},
        ):
            with self.subTest(change=change), self.assertRaises(AccessError):
                board.with_user(self.manager).write(change)
        board.with_user(self.member).user_ids = [Command.link(self.colleague.id)]
        self.assertIn(self.colleague, board.user_ids)

    def test_responsible_person_has_access(self):
        self.mailbox.responsible_id = self.colleague
        self.assertIn(self.colleague, self.mailbox.user_ids)

    def test_mailbox_needs_people(self):
        with self.assertRaisesRegex(ValidationError, "No user"):
            self.mailbox.user_ids = [Command.clear()]

    def test_deactivated_mailbox_stays_readable_by_its_people(self):
        arrival = self.deliver(self.mailbox)
        self.mailbox.active = False
        found = self.env["mail.mailbox.arrival"].with_user(self.member).search([])
        self.assertEqual(found, arrival)
        self.assertFalse(
            self.env["mail.mailbox.arrival"].with_user(self.outsider).search([])
        )

    def test_mailbox_with_mail_is_not_deleted(self):
        self.deliver(self.mailbox)
        with self.assertRaisesRegex(UserError, "Deactivate"):
            self.mailbox.with_user(self.manager).unlink()
