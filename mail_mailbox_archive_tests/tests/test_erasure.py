"""Erasure on request: what was said goes and does not come back; that it went stays."""

import io
import json
import zipfile
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MANAGER, MailboxCase, write_mail
from .test_source_parts import FormerCase, Raw

REASON = "Asked for by Anna, letter of 2 November"
WORD = "zebrasecret"


@tagged("post_install", "-at_install")
class TestErasure(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_mailbox(
            "board@spedbud.example", cls.colleague, private=True
        )
        mail = write_mail("Offer zebrasecret", "The text zebrasecret\n")
        mail.add_attachment(b"%PDF zebra", "application", "pdf", filename="zebra.pdf")
        cls.source = mail.as_bytes()
        cls.arrival = cls.deliver(cls.mailbox, mail)
        cls.message = cls.arrival.mailbox_message_id
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})

    def erase(self, user=None, message=None, reason=REASON):
        message = (message or self.message).with_user(user or self.manager)
        context = {"active_model": message._name, "active_ids": message.ids}
        wizards = self.env["mail.mailbox.erase.wizard"].with_user(user or self.manager)
        wizards.with_context(**context).create({"reason": reason}).action_confirm()

    def tombstones(self):
        return self.env["mail.mailbox.tombstone"].search([])

    def come_again(self, mailbox=None):
        """Fetch the message once more; return what is listed."""
        fetched = [FormerCase.fetched.__func__(type(self), self.source)]
        mailbox = mailbox or self.mailbox
        mailbox._store_fetched(self.make_folder(mailbox), fetched, fresh=True)
        return self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", mailbox.id)]
        )

    def everything(self):
        """Yield each text and each file that the database holds, by place."""
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " JOIN information_schema.tables USING (table_schema, table_name)"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type"
            " IN ('text', 'character varying', 'jsonb')"
            " AND (table_name LIKE 'mail%%' OR table_name LIKE 'ir_attachment')"
        )
        for table, column in self.env.cr.fetchall():
            self.env.cr.execute(
                f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s',
                [f"%{WORD}%"],
            )
            if self.env.cr.fetchone()[0]:
                yield f"{table}.{column}"

    def test_content_goes_everywhere(self):
        self.message.with_user(self.member)._archive(self.partner)
        files = self.message._source_attachments()
        draft = self.env["mail.mailbox.draft"].create(
            {
                "mailbox_id": self.mailbox.id,
                "origin_id": self.message.id,
                "mode": "forward",
                "subject": f"Fwd: {self.message.subject}",
                "body": self.message._get_quote(forward=True),
            }
        )
        draft.attachment_ids = self.message._copy_attachments(draft, draft.body)
        self.assertIn(WORD, draft.body)
        self.assertTrue(draft.attachment_ids)
        draft.body = f"<p>My own words</p>{draft.body}"
        line = self.partner.message_post(
            body=f"<p>{WORD}</p>",
            subject=self.message.subject,
            email_from=self.message.email_from,
        )
        line.message_id = self.message.message_id
        self.assertGreater(len(list(self.everything())), 5)
        self.erase()
        self.assertFalse(self.message.exists())
        self.assertFalse(files.exists())
        self.assertEqual(list(self.everything()), [])
        self.assertIn("My own words", draft.body)
        self.assertFalse(draft.attachment_ids)
        self.assertTrue(line.exists())

    def test_line_of_chatter_that_only_has_its_id_stays(self):
        line = self.partner.message_post(body="<p>Another</p>", subject="Another")
        line.message_id = self.message.message_id
        self.erase()
        self.assertIn("Another", line.body)

    def test_file_that_is_not_of_its_line_alone_stays(self):
        def attach(**values):
            there = {"res_model": "res.partner", "res_id": self.partner.id}
            values = {"name": "a.txt", "raw": b"text", **there, **values}
            return self.env["ir.attachment"].create(values)

        mine, shared, document = attach(), attach(), attach(res_field="comment")
        line = self.partner.message_post(
            subject=self.message.subject, email_from=self.message.email_from
        )
        line.message_id = self.message.message_id
        line.attachment_ids = mine | shared | document
        other = self.partner.message_post(body="<p>Another</p>")
        other.attachment_ids = shared
        self.erase()
        left = (mine | shared | document).exists()
        self.assertEqual(left, shared | document)

    def test_that_it_was_erased_stays(self):
        self.erase()
        stone = self.tombstones()
        self.assertEqual((stone.reason, stone.user_id), (REASON, self.manager))
        self.assertTrue(stone.create_date)

    def test_it_does_not_come_back(self):
        self.erase()
        site = self.make_mailbox("site@spedbud.example", self.member)
        for mailbox in (self.mailbox, site):
            self.assertFalse(self.come_again(mailbox))
        # an administrator decides about no private mailbox, also not beforehand
        self.assertTrue(self.come_again(self.board))
        wizard = self.env["mail.mailbox.import.wizard"].with_user(self.member)
        file = self.env["ir.attachment"].with_user(self.member)
        file = file.create({"name": "a.eml", "raw": self.source})
        wizard = wizard.create(
            {"mailbox_id": self.mailbox.id, "attachment_ids": file.ids}
        )
        with self.assertRaises(UserError):
            wizard.action_import()

    def test_who_decides(self):
        for user in (self.member, self.colleague, self.outsider):
            with self.assertRaises(UserError):
                self.erase(user)
        self.assertTrue(self.message.exists())
        secret = self.deliver(self.board, write_mail("Secret")).mailbox_message_id
        with self.assertRaises(UserError):
            self.erase(self.manager, secret)
        self.erase(self.colleague, secret)
        self.assertFalse(secret.exists())

    def test_who_has_a_mail_first_keeps_it_from_nobody(self):
        """One who put it into a mailbox of theirs, or got it earlier, erases theirs."""
        self.deliver(self.board, Raw(self.source))
        self.arrival.unlink()
        self.erase(self.colleague)
        self.assertFalse(self.message.exists())
        self.assertFalse(self.come_again(self.board))
        self.assertTrue(self.come_again(self.mailbox))

    def test_mail_that_looks_like_a_line_of_others_erases_none(self):
        line = self.partner.message_post(
            body=f"<p>{WORD}</p>", subject="Terms", email_from="anna@spostex.example"
        )
        line.message_id = "<terms@spostex.example>"
        forged = write_mail(
            "Terms", message_id=line.message_id, **{"from": "anna@spostex.example"}
        )
        mine = self.deliver(self.board, forged).mailbox_message_id
        self.erase(self.colleague, mine)
        self.assertFalse(mine.exists())
        self.assertIn(WORD, line.body)

    def test_mail_that_looks_like_a_sent_one_of_others_erases_none(self):
        """Neither the row that may be sent again nor what is still to be kept."""
        same = "<sent@spedbud.example>"
        row = self.env["mail.mailbox.outbox"].create(
            {
                "mailbox_id": self.mailbox.id,
                "user_id": self.member.id,
                "subject": "Terms",
                "message_id": same,
                "state": "partly",
                "due_at": fields.Datetime.now(),
            }
        )
        entry = json.dumps({"message_id": same, "mailbox_id": self.mailbox.id})
        self.env.cr.execute(
            "INSERT INTO mail_mailbox_dispatch"
            " (mail_id, noted_at, tries, entry, source)"
            " VALUES (0, now(), 5, %s, %s) RETURNING id",
            [entry, b"Subject: Terms\r\n\r\nkept"],
        )
        noted = self.env["mail.mailbox.dispatch"].browse(self.env.cr.fetchone())
        looks = {"message_id": same, "from": self.mailbox.email}
        for person, there, kept in (
            (self.colleague, self.board, True),
            (self.manager, self.mailbox, False),
        ):
            mine = self.deliver(there, write_mail("Terms", **looks)).mailbox_message_id
            self.erase(person, mine)
            self.assertFalse(mine.exists())
            self.env.invalidate_all()
            self.assertEqual(bool(row.exists()), kept)
            self.assertEqual(bool(noted.exists()), kept)

    def test_reason_is_words(self):
        for reason in ("..........", "  ", "1234567890"):
            with self.assertRaises(UserError):
                self.erase(reason=reason)

    def test_private_mailbox_keeps_its_copy_and_decides(self):
        self.deliver(self.board, Raw(self.source))
        self.erase()
        self.assertTrue(self.message.exists())
        self.assertEqual(self.message.arrival_ids.mailbox_id, self.board)
        self.assertFalse(self.message.with_user(self.manager).has_access("read"))
        self.assertFalse(self.come_again())
        (activity,) = self.board.activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertNotIn(WORD, str(activity.read()))
        self.erase(self.colleague)
        self.assertFalse(self.message.exists())

    def test_guest_of_a_private_mailbox_erases_nothing(self):
        secret = self.deliver(self.board, write_mail("Secret")).mailbox_message_id
        until = fields.Datetime.now() + timedelta(hours=1)
        accesses = self.env["mail.mailbox.break.glass"].with_user(self.manager)
        accesses._begin(self.board, "Because of the audit", until)
        self.assertTrue(secret.with_user(self.manager).has_access("read"))
        with self.assertRaises(AccessError):
            self.erase(message=secret)
        self.assertTrue(secret.exists())

    def test_reason_of_a_private_mailbox_is_its_own(self):
        secret = self.deliver(self.board, write_mail("Secret")).mailbox_message_id
        self.erase(self.colleague, secret)
        stones = self.env["mail.mailbox.tombstone"]
        self.assertFalse(stones.with_user(self.manager).search([]))
        self.assertEqual(self.tombstones().reason, REASON)

    def test_held_message_stays(self):
        holds = self.env["mail.mailbox.hold"].with_user(self.manager)
        holds.create({"reason": "Law suit", "mailbox_message_id": self.message.id})
        for way in (self.erase, self.message.unlink):
            with self.assertRaisesRegex(UserError, "legal hold.*Law suit"):
                way()
        self.assertTrue(self.message.exists())

    def test_every_deletion_is_an_erasure(self):
        """Also the system's, and that of another app as the system."""
        other = self.deliver(self.mailbox, write_mail("Other")).mailbox_message_id
        identity = other.identity
        other.unlink()
        self.assertEqual(self.tombstones().identity, identity)
        system = self.make_user("system", "base.group_system")
        with self.assertRaises(AccessError):
            self.message.with_user(system).sudo().unlink()
        self.message.with_user(self.manager).sudo().unlink()
        self.assertFalse(self.message.exists())
        self.assertFalse(self.come_again())
        self.assertIn(self.manager, self.tombstones().user_id)

    def test_administrator_under_sudo_erases_nothing_private(self):
        admin = self.make_user("admin2", MANAGER, "base.group_system")
        secret = self.deliver(self.board, write_mail("Secret")).mailbox_message_id
        with self.assertRaises(AccessError):
            secret.with_user(admin).sudo().unlink()
        self.assertTrue(secret.exists())


@tagged("post_install", "-at_install")
class TestPerson(MailboxCase):
    """All about a person, by address and by name, as far as one may read it."""

    def wizard(self, user, **values):
        wizards = self.env["mail.mailbox.person.wizard"].with_user(user)
        return wizards.create(values)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        by_address = write_mail("One", **{"from": "Jan <jan.lis@x.example>"})
        by_name = write_mail("Two", "We met Jan Lis yesterday.\n")
        others = write_mail("Three", "Nothing about him.\n")
        found = [cls.deliver(cls.mailbox, one) for one in (by_address, by_name)]
        cls.found = found[0].mailbox_message_id + found[1].mailbox_message_id
        cls.deliver(cls.mailbox, others)
        board = cls.make_mailbox("board@spedbud.example", cls.colleague, private=True)
        secret = write_mail("Secret", **{"to": "jan.lis@x.example"})
        cls.secret = cls.deliver(board, secret).mailbox_message_id

    def test_all_that_one_may_read_is_found(self):
        values = {"email": "Jan.Lis@x.example", "name": "Jan Lis"}
        for user, found in ((self.member, self.found), (self.colleague, self.secret)):
            wizard = self.wizard(user, **values)
            self.assertEqual(wizard.message_count, len(found))
            self.assertEqual(wizard.action_show()["domain"][0][2], found.sorted().ids)
        with self.assertRaises(UserError):
            self.wizard(self.outsider, **values).action_show()

    def test_nothing_asked_finds_nothing(self):
        with self.assertRaises(UserError):
            self.wizard(self.member).action_show()

    def test_export_is_one_file_of_them(self):
        action = self.wizard(self.member, email="jan.lis@x.example").action_export()
        wizard_id = int(action["url"].rpartition("/")[2])
        wizard = self.env["mail.mailbox.export.wizard"].with_user(self.member)
        file = io.BytesIO()
        wizard.browse(wizard_id)._write_to(file)
        names = zipfile.ZipFile(file).namelist()
        self.assertEqual(len([n for n in names if n.endswith(".eml")]), 1)

    def test_they_are_erased_together(self):
        wizard = self.wizard(self.manager, email="jan.lis@x.example", name="Jan Lis")
        action = wizard.action_erase()
        erase = self.env[action["res_model"]].with_user(self.manager)
        erase = erase.with_context(**action["context"]).create({"reason": "by request"})
        erase.action_confirm()
        self.assertFalse(self.found.exists())
        self.assertTrue(self.secret.exists())
