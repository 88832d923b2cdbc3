from odoo import models
from odoo.exceptions import AccessError, UserError


class MailMailboxOutbox(models.Model):
    """In whose hands a mail is: its writer's, or of those who look after it."""

    _inherit = "mail.mailbox.outbox"

    def _check_mine(self):
        """Refuse anybody but the writer, and who looks after a writer's who is gone."""
        self.check_access("read")
        for row in self:
            if not row._is_in_my_hands():
                raise AccessError(
                    self.env._(
                        "Only %s, the author of this email, may do that.",
                        # sudo: the author of what the person may read
                        row.sudo().user_id.name,
                    )
                )

    def _is_in_my_hands(self):
        """Return whether the user wrote it, or looks after what nobody else can."""
        # sudo: whose it is; the user may read it
        row = self.sudo()
        if row.user_id == self.env.user:
            return True
        return self.env.user in row.mailbox_id.user_ids and row._is_orphaned()

    def _is_orphaned(self):
        """Return whether its writer is gone, or may use the outbox no more."""
        # sudo: what another person may do
        person = self.sudo().user_id
        drafts = self.env["mail.mailbox.draft"].with_user(person)
        gone = not (person.active or person._is_superuser())
        return gone or not drafts.has_access("create")

    def _check_writer(self):
        """Refuse to send what its writer could not stop any more.

        :raises UserError: says who can do what with it
        """
        if self._is_orphaned():
            raise UserError(
                self.env._(
                    "%(person)s, the author of this email, may no longer send "
                    "emails. The users of %(mailbox)s can edit it and send it as "
                    "their own, or cancel it.",
                    # sudo: the author and the sender of what the person may read
                    person=self.sudo().user_id.name,
                    mailbox=self.sudo().mailbox_id.email,
                )
            )
