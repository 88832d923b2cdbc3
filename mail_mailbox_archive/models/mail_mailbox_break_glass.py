import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.fields import Command

_logger = logging.getLogger(__name__)


class MailMailboxBreakGlass(models.Model):
    """An administrator's way into a private mailbox: for a time, for a stated reason.

    Its rows are the log of it: written once, changed by nobody. The mailbox's people
    are told when it begins and when it ends.
    """

    _name = "mail.mailbox.break.glass"
    _inherit = "mail.mailbox.guarded"
    _description = "Access to a Private Mailbox"
    _order = "id desc"
    _rec_name = "mailbox_id"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, readonly=True, ondelete="restrict", index=True
    )
    user_id = fields.Many2one(
        "res.users", "Administrator", required=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Text(required=True, readonly=True)
    until = fields.Datetime(required=True, readonly=True)
    ended_at = fields.Datetime("Ended", readonly=True)

    _open_idx = models.Index("(until) WHERE ended_at IS NULL")

    @api.model
    def _begin(self, mailbox, reason, until):
        """Let the user into ``mailbox`` until then, and tell its people.

        The caller has checked that the user is an administrator.
        """
        # sudo: this is an administrator's only way to change who is in it
        mailbox = mailbox.sudo()
        people = mailbox.user_ids
        # sudo: the log is written by the system, so that nobody writes it by hand
        access = self.sudo().create(
            {
                "mailbox_id": mailbox.id,
                "user_id": self.env.uid,
                "reason": reason,
                "until": until,
            }
        )
        mailbox.user_ids = [Command.link(self.env.uid)]
        access._tell(
            people,
            self.env._(
                "%(user)s gave themselves access to this private mailbox until "
                "%(until)s (UTC). Reason: %(reason)s",
                user=self.env.user.name,
                until=fields.Datetime.to_string(until),
                reason=reason,
            ),
        )
        return access

    def _end(self):
        """Take the access away again, and tell the mailbox's people."""
        for access in self:
            access.ended_at = fields.Datetime.now()
            mailbox = access.mailbox_id
            mailbox.user_ids = [Command.unlink(access.user_id.id)]
            access._tell(
                mailbox.user_ids,
                self.env._(
                    "The access of %s to this private mailbox has ended.",
                    access.user_id.name,
                ),
            )

    @api.model
    def _end_expired(self):
        expired = self.search(
            [("ended_at", "=", False), ("until", "<=", fields.Datetime.now())]
        )
        for access in expired:
            try:
                with self.env.cr.savepoint():
                    access._end()
            except OperationalError:
                raise
            except Exception:
                # fetching waits for this: one access must not stop all mailboxes
                _logger.exception("Access %s could not be ended", access.id)

    def _tell(self, users, text):
        self.mailbox_id.message_post(
            body=text,
            partner_ids=users.partner_id.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )
