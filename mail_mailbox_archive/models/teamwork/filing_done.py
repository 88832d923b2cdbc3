from odoo import api, fields, models
from odoo.fields import Domain

from .conversation import DONE, OPEN, WAITING

#: A longer conversation is no notice that a machine sends: people look at it.
MAX_EMAILS = 50


class MailMailboxFilingRule(models.Model):
    """A rule that marks conversations as done, with the rights of its person.

    Nobody looks at what is done, and anybody can put an email into a conversation by
    its header. So one is done only if each of its emails meets the rule; if nobody else
    has it; and, where the rule goes by the sender, if each sender is verified.
    """

    _inherit = "mail.mailbox.filing.rule"

    action = fields.Selection(
        selection_add=[(DONE, "Mark as done")], ondelete={DONE: "cascade"}
    )

    def _get_notes(self):
        if self.action != DONE:
            return super()._get_notes()
        return [
            self.env._(
                "A conversation is marked as done if each of its emails meets the "
                "conditions and nobody else has it. If the rule goes by the sender, "
                "the server of the mailbox has to verify each sender."
            )
        ]

    def _judge(self, message):
        if self.action != DONE:
            return super()._judge(message)
        objection = self._object(message)
        if not objection and not self._find_done(message):
            objection = self.env._(
                "Its conversation has other emails, or another owner."
            )
        return self.env["res.partner"], objection

    def _act(self, message):
        if self.action != DONE:
            return super()._act(message)
        _records, objection = self._judge(message)
        if objection:
            return None
        conversations = self._find_done(message)
        self.env["mail.mailbox.history"]._note(
            DONE,
            [
                {
                    "mailbox_message_id": message.id,
                    "mailbox_id": conversation.mailbox_id.id,
                    "note": self._get_reason(),
                }
                for conversation in conversations
            ],
        )
        return conversations._set_state(DONE)

    def _get_outcome(self):
        if self.action != DONE:
            return super()._get_outcome()
        return self.env._("Marked as done.")

    def _find_done(self, message):
        """Return the conversations of ``message`` that this rule marks as done."""
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "=", message.id)]
        )
        met = arrivals.filtered(self._get_conditions().are_met_by)
        conversations = met._begin_conversations().filtered(self._may_be_done)
        return conversations._filtered_looked_at(met)

    def _may_be_done(self, conversation):
        if conversation.state not in (OPEN, WAITING):
            return False
        if conversation.owner_id - self.env.user:
            return False
        # as the rule's person, who reads this mailbox
        emails = self.env["mail.mailbox.arrival"].search(
            [("conversation_id", "=", conversation.id)], limit=MAX_EMAILS + 1
        )
        meets = self._get_conditions().are_met_by
        return len(emails) <= MAX_EMAILS and all(
            meets(email) and not self._object(email.mailbox_message_id)
            for email in emails
        )


class MailMailboxHistory(models.Model):
    """What was marked as done is told to who reads the mailbox, as its state."""

    _inherit = "mail.mailbox.history"

    action = fields.Selection(
        selection_add=[(DONE, "Marked as done")], ondelete={DONE: "cascade"}
    )

    @api.model
    def _get_read_domain(self):
        mailboxes = self.env["mail.mailbox"]._get_readable_domain()
        # any!: that one sees the mailbox itself is another matter
        told = Domain("action", "!=", DONE) | Domain("mailbox_id", "any!", mailboxes)
        return super()._get_read_domain() & told
