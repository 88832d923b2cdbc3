"""Filing rules that mark as done, and what they never put away."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import SERVER
from .test_filing_rule import FilingRuleCase


@tagged("post_install", "-at_install")
class TestFilingDone(FilingRuleCase):
    def done_rule(self, **values):
        self.mailbox.sudo().user_ids |= self.colleague
        values = {"action": "done", "record_type_id": False, "res_id": False, **values}
        return self.rule(**values)

    def assertDone(self, message, done=True):
        self.work_off()
        self.env.invalidate_all()
        states = message.arrival_ids.mapped("work_state")
        self.assertEqual(states, ["done" if done else "open"] * len(states))
        lines = message.sudo().history_ids.filtered(lambda one: one.action == "done")
        self.assertEqual(len(lines), done)
        self.assertFalse(message.sudo().link_ids)

    def notice(self, **values):
        values.setdefault("references", "")
        return self.receive(subject=values.pop("subject", "A roof notice"), **values)

    def test_it_marks_as_done_and_says_so(self):
        rule = self.done_rule()
        message = self.notice()
        self.assertDone(message)
        line = message.with_user(self.colleague).history_ids
        self.assertEqual(line.note, "Automatically: by the filing rule “Partner”.")
        self.assertEqual(line.user_id, self.member)
        self.assertFalse(rule._suggest(message.with_user(self.member)))
        self.assertDone(self.notice(subject="Walls"), False)

    def test_who_reads_only_the_record_is_not_told(self):
        self.done_rule()
        message = self.notice()
        self.assertDone(message)
        self.archive(self.spostex, messages=message)
        self.assertTrue(message.with_user(self.outsider).has_access("read"))
        # what is cached is what somebody else saw
        self.env.invalidate_all()
        actions = message.with_user(self.outsider).history_ids.mapped("action")
        self.assertEqual(actions, ["archived"])
        line = self.env["mail.mailbox.history"].search([("action", "=", "done")])
        self.assertEqual(len(line), 1)
        self.assertFalse(line.with_user(self.outsider).has_access("read"))

    def test_a_conversation_with_another_email_stays_open(self):
        self.done_rule()
        first = self.notice(subject="A question", message_id="<q@partner.example>")
        second = self.notice(references="<q@partner.example>")
        self.assertDone(first | second, False)

    def test_each_email_of_it_that_meets_the_rule(self):
        self.done_rule()
        first = self.notice(message_id="<q@partner.example>")
        self.assertDone(first)
        second = self.notice(references="<q@partner.example>")
        self.assertDone(second)
        self.assertEqual(first.arrival_ids.work_state, "done")

    def test_what_somebody_else_has_stays_theirs(self):
        self.done_rule()
        message = self.notice()
        message.arrival_ids.with_user(self.colleague).action_take()
        self.assertDone(message, False)

    def test_what_one_has_oneself_or_put_off(self):
        self.done_rule()
        message = self.notice()
        message.arrival_ids.with_user(self.member).action_take()
        self.assertDone(message)

    def test_every_sender_has_to_be_verified(self):
        self.done_rule(words=False, sender="partner.example")
        forged = self.notice(verified=False, message_id="<q@partner.example>")
        self.assertDone(forged, False)
        real = self.notice(references="<q@partner.example>")
        self.assertDone(forged | real, False)
        self.assertDone(self.notice())

    def test_a_private_mailbox_that_it_does_not_name(self):
        private = self.make_mailbox(
            "board@spedbud.example", self.member, private=True, trusted_server=SERVER
        )
        rule = self.done_rule()
        self.assertDone(self.notice(mailbox=private), False)
        rule.mailbox_ids = private
        self.assertDone(self.notice(mailbox=private))

    def test_the_rights_of_its_person_count_then(self):
        self.done_rule()
        message = self.notice()
        self.mailbox.sudo().user_ids = self.colleague
        self.assertDone(message, False)

    def test_the_trial_says_what_would_happen(self):
        rule = self.done_rule()
        done = self.notice()
        kept = self.notice(subject="Your roof")
        kept.arrival_ids.with_user(self.colleague).action_take()
        action = rule.with_user(self.member).action_try()
        lines = self.env[action["res_model"]].browse(action["res_id"]).line_ids
        said = {one.mailbox_message_id: one.outcome for one in lines}
        self.assertEqual(said[done], "Marked as done.")
        self.assertIn("another owner", said[kept])
        self.env.invalidate_all()
        self.assertEqual(done.arrival_ids.work_state, "open")

    def test_it_needs_a_condition_and_no_record(self):
        with self.assertRaises(ValidationError):
            self.done_rule(words=False)
        rule = self.done_rule()
        self.assertIn("each of its emails", rule.note)
        with self.assertRaises(ValidationError):
            rule.action = "archive"
