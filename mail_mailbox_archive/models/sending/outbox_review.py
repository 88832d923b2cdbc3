from odoo import fields, models

from ..mailbox.arguments import checked
from .draft_review import ASKED


class MailMailboxDraft(models.Model):
    """What a reviewer sends is noted as its author's."""

    _inherit = "mail.mailbox.draft"

    def _prepare_outbox_values(self):
        # sudo: whose it is
        author = self.sudo().create_uid - self.env.user
        return {**super()._prepare_outbox_values(), "drafted_by_id": author.id}


class MailMailboxOutbox(models.Model):
    """What a reviewer sent: its author gets it back, and is told when it has left."""

    _inherit = "mail.mailbox.outbox"

    drafted_by_id = fields.Many2one(
        "res.users",
        "Author of the draft",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
    )

    def _get_author(self):
        """Return whose draft somebody else sent, where that person may have it back."""
        author = self.drafted_by_id - self.env.user
        drafts = self.env["mail.mailbox.draft"].with_user(author)
        able = author.active and drafts.has_access("create")
        return author if able else author.browse()

    @checked()
    def action_cancel(self):
        """Also give the author of the draft back what is left of it."""
        result = super().action_cancel()
        name = self.env.user.name
        # sudo: what its writer wrote
        for row in self.sudo():
            if (author := row._get_author()) and not row._is_drafted():
                row._give_back(row._create_draft_of(author))
                self.env["mail.mailbox.draft"]._tell_of_review(
                    author, lambda env: env._("%s did not send your draft", name)
                )
        return result

    def _create_draft_of(self, author):
        """Return a new draft of ``author``, with all rights, in that person's hands."""
        # sudo: as for the user's own
        rows = self.with_user(author).sudo()
        # sudo: whoever asked for it goes on with what it holds
        return super(MailMailboxOutbox, rows)._create_draft().sudo()

    def _create_draft(self):
        """Give it back to its author, in review by whoever takes it back.

        Who may not read the mailbox any more is no reviewer.
        """
        author, user = self._get_author(), self.env.user
        if not author:
            return super()._create_draft()
        draft = self._create_draft_of(author).sudo(False)
        if user not in self.mailbox_id._get_readers():
            return draft
        # sudo: the system's fields; it was in the user's hands when it was sent
        draft.sudo().write({"review": ASKED, "reviewer_id": user.id})
        return draft.with_user(user)

    def _conclude(self, reason):
        first = not self.sent_at
        result = super()._conclude(reason)
        author, name = self.drafted_by_id, self.user_id.name
        if first and self.sent_at and author.active:
            self.env["mail.mailbox.draft"]._tell_of_review(
                author, lambda env: env._("%s sent your draft", name)
            )
        return result
