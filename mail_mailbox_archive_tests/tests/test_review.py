from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import USER
from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestReview(SendingCase):
    """A draft in other hands: who sees, changes, approves and sends it."""

    def setUp(self):
        super().setUp()
        self.mailbox.user_ids |= self.colleague
        self.draft = self.begin(self.member)

    def begin(self, user, **values):
        drafts = self.env["mail.mailbox.draft"].with_user(user)
        draft = drafts.browse(drafts.prepare_new(mailbox_id=self.mailbox.id))
        draft.write({"email_to": "ola@x.example", "subject": "Offer", **values})
        return draft

    def as_(self, user, draft=None):
        self.env.flush_all()
        self.env.invalidate_all()
        return (draft or self.draft).with_user(user)

    def found(self, user):
        drafts = self.env["mail.mailbox.draft"].with_user(user)
        return drafts.search([("id", "in", self.draft.ids)])

    def hand_over(self, note="Please look"):
        self.as_(self.member).action_hand_over(self.colleague.id, note)

    def refused(self, *calls, error=AccessError):
        for call in calls:
            with self.subTest(call=call), self.assertRaises(error):
                call()

    def test_nobody_sees_what_was_not_handed_over(self):
        for user in (self.colleague, self.manager, self.outsider):
            self.assertFalse(self.found(user))
            draft = self.as_(user)
            self.refused(
                lambda draft=draft: draft.read(["subject"]),
                lambda draft=draft: draft.write({"subject": "Mine"}),
                lambda draft=draft: draft.action_approve(),
                lambda draft=draft: draft.action_hand_over(self.colleague.id),
            )

    def test_handed_over_it_is_the_reviewers_alone_to_change(self):
        self.hand_over()
        draft = self.as_(self.colleague)
        self.assertEqual(self.found(self.colleague), draft)
        self.assertEqual(draft.review_note, "Please look")
        self.assertEqual(draft.writer_id, self.member)
        self.assertTrue(draft.in_my_hands)
        draft.subject = "Better offer"
        own = self.as_(self.member)
        self.assertEqual(own.subject, "Better offer")
        self.assertFalse(own.in_my_hands)
        self.refused(
            lambda: own.write({"subject": "Mine"}),
            own.action_send,
            own.action_discard,
            draft.action_discard,
            draft.action_take_back,
            lambda: draft.action_hand_over(self.manager.id),
        )
        for user in (self.manager, self.outsider):
            self.assertFalse(self.found(user))
            with self.assertRaises(AccessError):
                self.as_(user).read(["subject"])

    def test_approved_it_is_its_writers_again(self):
        self.hand_over()
        self.as_(self.colleague).action_approve()
        self.assertFalse(self.found(self.colleague))
        own = self.as_(self.member)
        self.assertEqual(own.review, "approved")
        self.assertEqual(own.reviewer_id, self.colleague)
        self.assertTrue(own.in_my_hands)
        own.send_at = "2036-01-01 00:00:00"
        self.assertEqual(own.review, "approved")
        own.body = "<p>Another text</p>"
        self.assertFalse(own.review)

    def test_whose_hands_it_has_left_writes_no_more(self):
        arrival = self.deliver(self.mailbox, subject="Roof")
        message = arrival.mailbox_message_id.with_user(self.member)
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        draft = drafts.browse(message.prepare_compose("reply"))
        draft.action_hand_over(self.colleague.id)
        answer = self.as_(self.colleague, draft)
        answer.note_writing()
        answer.action_approve()
        self.as_(self.colleague, draft).stop_writing()
        self.assertFalse(self.env["mail.mailbox.writing"].sudo().search([]))

    def test_given_back_with_a_note(self):
        self.hand_over()
        self.as_(self.colleague).action_give_back("Too cheap")
        self.assertFalse(self.found(self.colleague))
        own = self.as_(self.member)
        self.assertFalse(own.review)
        self.assertEqual(own.review_note, "Too cheap")

    def test_taken_back(self):
        self.hand_over()
        self.as_(self.member).action_take_back()
        self.assertFalse(self.found(self.colleague))
        self.refused(lambda: self.as_(self.colleague).write({"subject": "Late"}))
        # a window that is still open is closed all the same
        self.assertEqual(self.as_(self.colleague).get_progress(), "gone")
        self.as_(self.member).subject = "Mine again"

    def test_sent_by_the_reviewer_as_the_reviewer(self):
        name = self.env["ir.attachment"].with_user(self.member)
        file = name.create(
            {"name": "a.txt", "raw": b"x", "res_model": "mail.mailbox.draft"}
        )
        self.as_(self.member).attachment_ids = file.ids
        self.hand_over()
        self.as_(self.colleague).action_send()
        self.assertFalse(self.draft.exists())
        row = self.env["mail.mailbox.outbox"].search([("subject", "=", "Offer")])
        self.assertEqual(row.user_id, self.colleague)
        self.assertEqual(row.attachment_ids.mapped("name"), ["a.txt"])
        self.assertFalse(self.told(self.member), "it may still be undone")
        self.work_off()
        self.assertEqual(row.state, "sent")
        self.assertEqual(len(self.told(self.member)), 1)
        self.assertIn(self.colleague.name, self.told(self.member)[-1])
        self.assertNotIn("Offer", str(self.told(self.member)))

    def told(self, user):
        found = self.env["mail.activity"].search([("user_id", "=", user.id)])
        return found.mapped("summary")

    def send_as_reviewer(self):
        """Hand over a draft with a file; return its row, which can still be undone."""
        file = self.env["ir.attachment"].with_user(self.member)
        file = file.create(
            {"name": "a.txt", "raw": b"x", "res_model": "mail.mailbox.draft"}
        )
        self.as_(self.member).write({"attachment_ids": file.ids, "body": "<p>Hi</p>"})
        self.hand_over()
        self.as_(self.colleague).with_context(mailbox_undo=True).action_send()
        rows = self.env["mail.mailbox.outbox"].with_user(self.colleague)
        return rows.search([("subject", "=", "Offer")])

    def test_taken_back_by_the_reviewer_it_is_still_its_authors(self):
        row = self.send_as_reviewer()
        self.assertEqual(row.state, "scheduled")
        self.draft = row.env[self.draft._name].browse(row.action_edit()["res_id"])
        self.work_off()
        self.assertFalse(self.told(self.member))
        draft = self.as_(self.colleague)
        self.assertEqual(draft.attachment_ids.mapped("name"), ["a.txt"])
        draft.subject = "Better offer"
        own = self.as_(self.member)
        self.assertTrue(own.is_mine)
        self.assertFalse(own.in_my_hands)
        self.assertEqual((own.review, own.reviewer_id), ("asked", self.colleague))
        own.action_take_back()
        self.assertFalse(self.found(self.colleague))
        self.as_(self.member).action_send()
        self.work_off()
        self.assertFalse(self.told(self.member))

    def test_cancelled_by_the_reviewer_it_is_its_authors_again(self):
        row = self.send_as_reviewer()
        row.action_cancel()
        row.action_cancel()
        self.assertEqual((row.state, row.is_drafted), ("cancelled", True))
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        self.draft = drafts.search([("subject", "=", "Offer")])
        own = self.as_(self.member)
        self.assertEqual((own.is_mine, own.in_my_hands), (True, True))
        self.assertEqual(own.attachment_ids.mapped("name"), ["a.txt"])
        self.assertIn("Hi", own.body)
        self.assertFalse(self.found(self.colleague))
        told = f"{self.colleague.name} did not send your draft"
        self.assertEqual(self.told(self.member), [told])
        own.action_send()
        self.work_off()
        self.assertEqual(len(self.smtp.take()), 1)

    def test_what_one_wrote_oneself_and_cancels_stays_in_the_outbox(self):
        self.as_(self.member).with_context(mailbox_undo=True).action_send()
        rows = self.env["mail.mailbox.outbox"].with_user(self.member)
        row = rows.search([("subject", "=", "Offer")])
        row.action_cancel()
        self.assertEqual((row.state, row.is_drafted), ("cancelled", False))
        self.assertFalse(self.told(self.member))

    def test_who_lost_the_mailbox_gives_it_back_to_its_author(self):
        self.hand_over()
        self.as_(self.colleague).with_context(mailbox_undo=True).action_send()
        rows = self.env["mail.mailbox.outbox"].with_user(self.colleague)
        row = rows.search([("subject", "=", "Offer")])
        self.mailbox.user_ids -= self.colleague
        self.draft = rows.env[self.draft._name].browse(row.action_edit()["res_id"])
        self.assertFalse(self.found(self.colleague))
        self.assertTrue(self.as_(self.member).in_my_hands)

    def test_the_gate_decides_for_who_sends(self):
        self.mailbox.write(
            {"restrict_senders": True, "sender_ids": [(6, 0, self.member.ids)]}
        )
        self.hand_over()
        self.refused(self.as_(self.colleague).action_send)
        self.assertTrue(self.draft.exists())
        self.as_(self.colleague).action_approve()
        self.as_(self.member).action_send()

    def test_who_no_longer_reads_the_mailbox_sees_nothing(self):
        self.hand_over()
        self.mailbox.user_ids -= self.colleague
        self.assertFalse(self.found(self.colleague))
        draft = self.as_(self.colleague)
        self.refused(
            lambda: draft.read(["subject"]),
            lambda: draft.write({"subject": "Mine"}),
            draft.action_approve,
            draft.action_send,
        )
        self.as_(self.member).action_take_back()

    def test_handed_to_who_may_read_mailbox_and_email_only(self):
        own = self.as_(self.member)
        self.assertIn(self.colleague.id, [one["id"] for one in own.get_review_people()])
        self.refused(
            lambda: own.action_hand_over(self.outsider.id),
            lambda: own.action_hand_over(self.member.id),
            lambda: own.action_hand_over(False),
            lambda: own.action_hand_over(self.colleague.id, "x" * 2001),
            error=UserError,
        )
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        secret = self.deliver(board, subject="Secret").mailbox_message_id
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        answer = drafts.browse(secret.with_user(self.member).prepare_compose("reply"))
        answer.mailbox_id = self.mailbox
        self.assertFalse(answer.get_review_people())
        self.refused(
            lambda: answer.action_hand_over(self.colleague.id), error=UserError
        )

    def test_who_lost_the_mailbox_learns_of_nobody_and_hands_over_to_nobody(self):
        newcomer = self.make_user("newcomer", USER, name="Nela New")
        self.mailbox.private = True
        self.mailbox.user_ids = self.colleague | newcomer
        own = self.as_(self.member)
        self.assertFalse(own.get_review_people())
        self.refused(
            lambda: own.action_hand_over(newcomer.id, "Look at this"), error=UserError
        )
        box = self.mailbox.with_user(self.member).sudo()
        self.assertNotIn("Nela", box._describe_readers())
        box = self.mailbox.with_user(self.colleague).sudo()
        self.assertIn("Nela", box._describe_readers())

    def test_a_reviewer_does_not_take_it_elsewhere(self):
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        self.hand_over()
        draft = self.as_(self.colleague)
        for values in (
            {"mailbox_id": other.id},
            {"origin_id": False},
            {"res_model": "res.partner", "res_id": self.member.partner_id.id},
        ):
            self.refused(lambda values=values: draft.write(values))
        draft.subject = "Better offer"
        self.assertEqual(self.draft.mailbox_id, self.mailbox)

    def test_notices_say_nothing_of_it(self):
        self.hand_over("Secret words")
        told = self.env["mail.activity"].search([("user_id", "=", self.colleague.id)])
        words = f"{told.mapped('summary')} {told.mapped('note')}"
        self.assertIn(self.member.name, words)
        for secret in ("Secret", "Offer"):
            self.assertNotIn(secret, words)

    def test_the_systems_fields_are_nobodys_to_write(self):
        for values in (
            {"review": "approved"},
            {"reviewer_id": self.colleague.id},
            {"review_note": "x"},
        ):
            self.refused(lambda values=values: self.as_(self.member).write(values))
