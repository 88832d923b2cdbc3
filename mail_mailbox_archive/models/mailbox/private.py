from odoo import models
from odoo.exceptions import AccessError

from .guarded import with_refused

#: What says nothing of the mail of a mailbox and leads it nowhere else. Any other
#: setting, also one that an add-on brings, is its people's where it is private.
HARMLESS = {"color", "department_id", "description", "hourly_limit", "sequence"}


class MailMailbox(models.Model):
    """Who runs a private mailbox: its users, and nobody else.

    Whoever may choose its servers, its address or its answers reads what goes through
    it. A mail administrator who has to, breaks the glass, which its people are told.
    """

    _inherit = "mail.mailbox"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or operation not in ("write", "unlink"):
            return result
        others = self._filtered_run_by_others()
        return with_refused(result, others, others._make_refusal)

    def _filtered_run_by_others(self):
        """Return the private mailboxes among these that the user does not belong to."""
        # sudo: whether one belongs to it does not depend on seeing its people
        private = self.sudo().filtered(
            lambda one: one.private and self.env.user not in one.user_ids
        )
        return self.browse(private.ids)

    def _make_refusal(self):
        # by the name, which is told to who sees the mailbox
        return AccessError(
            self.env._(
                "Only its users can change the settings of the private mailbox %s. If "
                "you have to change them, open the mailbox first by giving a reason.",
                ", ".join(self.mapped("display_name")),
            )
        )

    def _wait_for_their_people(self, account):
        """Send nothing more until the people of these private mailboxes prove it again.

        :param account: the sending account whose keys somebody else has changed
        """
        # sudo: what is proven is the system's to note
        for mailbox in self.sudo():
            mailbox.write(
                {
                    "state": "draft",
                    "proven_settings": False,
                    # not automatically either
                    "verification_due": False,
                    "verification_asked": mailbox._get_sending_digest(),
                }
            )
            self._tell_people(
                mailbox._get_own_people().filtered("active"),
                self.env._("%s sends nothing until you check it", mailbox.email),
                self.env._(
                    "%(user)s changed the keys of the account %(account)s, which this "
                    "mailbox sends through. Whoever has these keys could read what you "
                    "send. If they are right, send the test mail under Sending.",
                    user=self.env.user.name,
                    account=account.name,
                ),
            )

    def _filtered_listed_only(self, vals):
        """Return those where an administrator writes only harmless values."""
        if self.env.su or not vals or not vals.keys() <= HARMLESS:
            return self.browse()
        others = self._filtered_run_by_others()
        if not (others and self._is_manager()):
            return self.browse()
        others.check_access("read")
        return others


class MailMailboxSettingsLine(models.AbstractModel):
    """A line of a mailbox's settings: who may change the mailbox may change it."""

    _name = "mail.mailbox.settings.line"
    _inherit = "mail.mailbox.guarded"
    _description = "Line of a Mailbox's Settings"

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or operation == "read":
            return result
        # sudo: of whose mailbox it is a line
        mailboxes = self.sudo().mailbox_id
        # a new mailbox comes with its lines
        now = self.env.cr.now()
        mailboxes = mailboxes.filtered(lambda one: one.create_date != now)
        others = mailboxes.sudo(False)._filtered_run_by_others()
        # sudo: see above
        lines = self.filtered(lambda line: line.sudo().mailbox_id in others)
        return with_refused(result, lines, others._make_refusal)
