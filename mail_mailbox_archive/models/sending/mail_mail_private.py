from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain

from ..mailbox.guarded import with_refused


class MailMail(models.Model):
    """What leaves from a private mailbox is read in the queue by its people alone.

    In code, since record rules are edited by whoever administers access rights.
    """

    _inherit = "mail.mail"

    private_mailbox_id = fields.Many2one(
        "mail.mailbox",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
        groups=fields.NO_ACCESS,
    )

    def _note_private(self, mailbox):
        """Note whose this mail is; what it says goes with it once it is sent."""
        # sudo: noted by the system, and written by nobody
        mail = self.sudo()
        private = mailbox.filtered("private")
        if mail.private_mailbox_id != private:
            mail.private_mailbox_id = private
        if private and not mail.auto_delete:
            mail.auto_delete = True

    @api.model
    def _search(self, domain, *args, **kwargs):
        if not self.env.su:
            # sudo: whose a mail is, is nobody's to read
            mails, mailboxes = self.sudo(), self.env["mail.mailbox"].sudo()
            mine = mailboxes._search([("user_ids", "in", self.env.user.ids)])
            others = mails._search(
                [
                    ("private_mailbox_id", "!=", False),
                    ("private_mailbox_id", "not in", mine),
                ]
            )
            domain = Domain(domain) & Domain("id", "not in", others)
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        # sudo: see _search
        others = self.sudo().filtered(
            lambda one: one.private_mailbox_id
            and self.env.user not in one.private_mailbox_id.user_ids
        )
        return with_refused(
            result,
            self.browse(others.ids),
            lambda: AccessError(
                self.env._(
                    "This email is in a private mailbox that is not shared with you."
                )
            ),
        )
