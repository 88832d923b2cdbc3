"""What was taken over from a message goes with it, on whatever road that goes."""

import json
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.keeping import copies

from .common import write_mail
from .test_retention import RetentionCase
from .test_source_parts import Raw

WORD = "zebrasecret"


def find_word(env, word=WORD):
    """Yield each column of our tables and of mail's where ``word`` stands."""
    env.flush_all()
    env.cr.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND data_type"
        " IN ('text', 'character varying', 'jsonb', 'bytea')"
        " AND (table_name LIKE 'mail%%' OR table_name = 'ir_attachment')"
    )
    for table, column, kind in env.cr.fetchall():
        found = f"\"{column}\"::text ILIKE '%%' || %s || '%%'"
        if kind == "bytea":
            found = f'position(%s::text::bytea IN "{column}") > 0'
        env.cr.execute(f'SELECT count(*) FROM "{table}" WHERE {found}', [word])
        if env.cr.fetchone()[0]:
            yield f"{table}.{column}"


@tagged("post_install", "-at_install")
class TestCopies(RetentionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.settled = {"mail_message.body", "mail_message.subject"}
        mail = write_mail("Offer zebrasecret", "The text zebrasecret\n")
        mail.add_attachment(b"%PDF zebra", "application", "pdf", filename=f"{WORD}.pdf")
        cls.arrival = cls.deliver(cls.mailbox, mail)
        cls.message = cls.arrival.mailbox_message_id

    def make_draft(self):
        draft = self.env["mail.mailbox.draft"].create(
            {
                "mailbox_id": self.mailbox.id,
                "origin_id": self.message.id,
                "mode": "forward",
                "subject": f"Fwd: {self.message.subject}",
                "email_to": "anna@spostex.example",
                "body": self.message._get_quote(forward=True),
            }
        )
        draft.attachment_ids = self.message._copy_attachments(draft, draft.body)
        draft.body = f"<p>My own words</p>{draft.body}"
        return draft

    def make_answer(self):
        """Put an answer into the outbox, to be sent tomorrow."""
        draft = self.make_draft()
        rows = self.env["mail.mailbox.outbox"]
        values = {**draft._prepare_outbox_values(), "user_id": self.member.id}
        row = rows.create(
            {
                **values,
                "message_id": f"<answer{draft.id}@x.example>",
                "state": "scheduled",
                "due_at": fields.Datetime.add(fields.Datetime.now(), days=1),
            }
        )
        draft._hand_over(row)
        draft.unlink()
        return row

    def make_row(self, **values):
        """Make the row of the outbox that the message is the copy of."""
        return self.env["mail.mailbox.outbox"].create(
            {
                "mailbox_id": self.mailbox.id,
                "user_id": self.member.id,
                "subject": self.message.subject,
                "body": f"<p>{WORD}</p>",
                "message_id": "<other@x.example>",
                "state": "partly",
                "due_at": fields.Datetime.now(),
                "mailbox_message_id": self.message.id,
                **values,
            }
        )

    def make_line(self):
        line = self.partner.message_post(
            body=f"<p>{WORD}</p>",
            subject=self.message.subject,
            email_from=self.message.email_from,
        )
        line.message_id = self.message.message_id
        return line

    def take_over(self):
        """Take over from the message whatever can be."""
        self.draft, self.answer = self.make_draft(), self.make_answer()
        self.row, self.line = self.make_row(), self.make_line()
        self.env["mail.mailbox.autoresponder.journal"].create(
            {
                "mailbox_id": self.mailbox.id,
                "mailbox_message_id": self.message.id,
                "subject": self.message.subject,
            }
        )
        entry = {"message_id": self.message.message_id, "results": [{"reason": WORD}]}
        entry["mailbox_id"] = self.mailbox.id
        self.env.cr.execute(
            "INSERT INTO mail_mailbox_dispatch"
            " (mail_id, noted_at, tries, entry, source) VALUES (0, now(), 5, %s, %s)",
            [json.dumps(entry), self.message._read_source()],
        )

    def roads(self):
        """Yield each road on which a message goes, and whether it is archived first."""
        self.age(3700)
        rule = self.rule(only_on_server=False)
        archived = self.rule(scope="archived")
        manager = self.message.with_user(self.manager)
        yield "erased on request", False, lambda: manager.erase("Asked for by Anna")
        yield "deleted by another app", False, manager.sudo().unlink
        yield "deleted by the system", False, self.message.unlink
        yield "rule, not archived", False, lambda: self.run_rule(rule)
        yield "rule, archived", True, lambda: self.run_rule(archived)

    def test_it_goes_on_every_road(self):
        for road, archived, go in self.roads():
            with self.subTest(road=road), self.env.cr.savepoint() as savepoint:
                if archived:
                    self.message.with_user(self.member)._archive(self.partner)
                self.take_over()
                self.assertGreater(len(list(find_word(self.env))), 8)
                go()
                self.env.invalidate_all()
                self.check_gone(road)
                savepoint.rollback()
            self.env.invalidate_all()

    def check_gone(self, road):
        self.assertFalse(self.message.exists())
        # chatter is of its record: a rule for what nobody archived leaves it
        left = self.settled if road == "rule, not archived" else set()
        self.assertLessEqual(left, set(find_word(self.env)))
        self.assertFalse({p for p in find_word(self.env) if "message." not in p})
        self.assertEqual(bool(left), WORD in (self.line.body or ""))
        for answer in (self.draft, self.answer):
            self.assertIn("My own words", answer.body)
            self.assertFalse(answer.attachment_ids)
        self.assertFalse(self.row.exists())

    def test_message_that_another_mailbox_has_loses_no_copy(self):
        self.age(40)
        rule = self.rule(only_on_server=False)
        self.take_over()
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        self.deliver(other, Raw(self.message._read_source()))
        self.run_rule(rule)
        self.assertTrue(self.message.exists())
        self.assertIn(WORD, self.draft.body)

    def test_what_is_on_its_way_stays(self):
        self.age(40)
        rule = self.rule(only_on_server=False)
        for state in ("scheduled", "waiting", "sending"):
            with self.subTest(state=state):
                row = self.make_row(state=state, message_id=f"<{state}@x.example>")
                rule.invalidate_recordset()
                self.assertEqual(rule.preview_count, 0)
                self.run_rule(rule)
                self.assertTrue(self.message.exists())
                with self.assertRaisesRegex(UserError, "still on its way"):
                    self.message.with_user(self.manager).erase("Asked for by Anna")
                row.unlink()
        self.message.with_user(self.manager).erase("Asked for by Anna")

    def test_row_that_only_has_its_message_id_stays(self):
        row = self.make_row(
            mailbox_message_id=False,
            message_id=self.message.message_id,
            subject="Another",
            state="sent",
        )
        self.message.with_user(self.manager).erase("Asked for by Anna")
        self.assertTrue(row.exists())

    def test_nothing_is_read_while_locks_are_held(self):
        """The source of a message, which may be large, is read before."""
        self.age(40)
        self.take_over()
        rule, told = self.rule(only_on_server=False), []
        cursors, read = type(self.env.cr), copies.read_part

        def note_read(*given):
            told.append("read")
            return read(*given)

        def note_lock(cr, query, *given, **options):
            if "FOR UPDATE SKIP LOCKED" in str(query):
                told.append("lock")
            return execute(cr, query, *given, **options)

        execute = cursors.execute
        with (
            patch.object(copies, "read_part", note_read),
            patch.object(cursors, "execute", note_lock),
        ):
            self.run_rule(rule)
        self.assertIn("read", told)
        self.assertNotIn("read", told[told.index("lock", told.index("read")) :])
        self.assertFalse(self.message.exists())
