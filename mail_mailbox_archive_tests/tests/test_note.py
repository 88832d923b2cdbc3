from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MailboxCase

ROOT = "<root@spostex.example>"


@tagged("post_install", "-at_install")
class TestNote(MailboxCase):
    """Notes beside an email: who reads, writes and removes them, and whom they name."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.arrival = cls.deliver(cls.mailbox, subject="Roof", message_id=ROOT)
        cls.line = cls.arrival.with_user(cls.member)

    def bodies(self, arrival=None, user=None):
        line = (arrival or self.arrival).with_user(user or self.colleague)
        notes = [note["body"] for note in line.get_notes()]
        self.assertEqual(line.get_team(line.ids)[0]["team"]["notes"], len(notes))
        return notes

    def test_seen_beside_each_email_of_the_conversation_in_that_mailbox(self):
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        there = self.deliver(other, subject="Roof", message_id=ROOT)
        self.assertEqual(there.mailbox_message_id, self.arrival.mailbox_message_id)
        self.line.action_add_note("  Call him first ")
        values = {"in_reply_to": ROOT, "references": ROOT}
        later = self.deliver(self.mailbox, subject="Re: Roof", **values)
        self.assertEqual(self.bodies(), ["Call him first"])
        self.assertEqual(self.bodies(later), ["Call him first"])
        self.assertEqual(self.bodies(there), [])

    def test_by_nobody_else(self):
        self.line.action_add_note("Call him first")
        outside = self.arrival.with_user(self.outsider)
        for call in (outside.get_notes, lambda: outside.action_add_note("Hello")):
            with self.assertRaises(AccessError):
                call()
        notes = self.env["mail.mailbox.note"]
        self.assertFalse(notes.with_user(self.outsider).search([]))
        note = notes.search([])
        with self.assertRaises(AccessError):
            note.with_user(self.outsider).read(["body"])
        with self.assertRaises(AccessError):
            note.with_user(self.colleague).body = "Changed"

    def test_who_reads_the_archived_email_does_not_read_its_notes(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        message = self.arrival.mailbox_message_id
        message.with_user(self.member)._archive(partner)
        self.line.action_add_note("Call him first")
        message.with_user(self.outsider).check_access("read")
        self.assertFalse(
            self.env["mail.mailbox.note"].with_user(self.outsider).search([])
        )

    def test_removed_by_who_wrote_it(self):
        self.line.action_add_note("Call him first")
        note = self.env["mail.mailbox.note"].search([])
        for user in (self.colleague, self.manager, self.outsider):
            with self.assertRaises(AccessError):
                note.with_user(user).action_remove()
        note.with_user(self.member).action_remove()
        self.assertEqual(self.bodies(), [])

    def test_mentioned_are_notified_of_nothing_but_that(self):
        secret = "Secret words"
        self.line.action_add_note(
            f"@Somebody {secret}", [self.colleague.id, self.member.id]
        )
        activities = self.env["mail.activity"].search(
            [("user_id", "in", (self.colleague | self.member | self.manager).ids)]
        )
        self.assertEqual(activities.user_id, self.colleague)
        self.assertIn(self.member.name, activities.summary)
        self.assertIn(f"/odoo/email-queue/{self.arrival.id}", activities.note)
        for words in (secret, "Roof"):
            self.assertNotIn(words, f"{activities.summary} {activities.note}")

    def test_what_is_refused(self):
        for body, people in (
            ("", []),
            ("  ", []),
            ("x" * 10_001, []),
            ("@Outsider", self.outsider.ids),
        ):
            with self.subTest(body[:10]), self.assertRaises(UserError):
                self.line.action_add_note(body, people)

    def test_erased_with_the_email(self):
        self.line.action_add_note("Call him first")
        self.arrival.unlink()
        self.assertFalse(self.env["mail.mailbox.note"].search([]))
