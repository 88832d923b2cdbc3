import logging

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.fields import Command

_logger = logging.getLogger(__name__)

#: Where a transaction notes whose access it has checked.
CHECKED = "mail_mailbox_archive.glass_checked"


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
    notice_ids = fields.Many2many(
        "mail.message",
        "mail_mailbox_break_glass_notice_rel",
        readonly=True,
        groups=fields.NO_ACCESS,
        help="The notice to the mailbox's users; nobody can remove or change it.",
    )

    _open_idx = models.Index("(until) WHERE ended_at IS NULL")

    @api.model
    def _begin(self, mailbox, reason, until):
        """Let the user into ``mailbox`` until then, and notify its users.

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
        """End the access, and notify the mailbox's users."""
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
        """Notify the mailbox's users in Odoo's name: no person is the author."""
        mailbox = self.mailbox_id.with_env(self.mailbox_id._get_notifier())
        mailbox = mailbox.with_user(SUPERUSER_ID)
        notice = mailbox.message_post(
            body=text,
            author_id=self.env.ref("base.partner_root").id,
            partner_ids=users.partner_id.ids,
            message_type="notification",
            subtype_xmlid="mail.mt_comment",
        )
        self.notice_ids |= notice.sudo(self.env.su)

    @api.model
    def _check_time(self):
        """End the user's temporary access as soon as its time is over.

        Asked at each access to what is in mailboxes, once in a transaction.

        :raises AccessError: it has just ended; from now on they are not in it
        """
        if self.env.su or not self.env["mail.mailbox"]._is_manager():
            return
        looked_at = self.env.cr.cache.setdefault(CHECKED, set())
        if self.env.uid in looked_at:
            return
        looked_at.add(self.env.uid)
        now = fields.Datetime.now()
        # sudo: the log is the system's
        over = self.sudo().search(
            [
                ("user_id", "=", self.env.uid),
                ("ended_at", "=", False),
                ("until", "<=", now),
            ]
        )
        if over:
            self.env["mail.mailbox"]._transact(
                lambda env: env[self._name]
                .browse(over.ids)
                .filtered(lambda one: not one.ended_at)
                ._end()
            )
            raise AccessError(
                self.env._(
                    "Your time in the private mailbox %s has ended.",
                    ", ".join(over.mailbox_id.mapped("email")),
                )
            )


class MailMailboxGuarded(models.AbstractModel):
    """Temporary access ends on time, whether or not any scheduled action runs."""

    _inherit = "mail.mailbox.guarded"

    @api.model
    def _search(self, domain, *args, **kwargs):
        self.env["mail.mailbox.break.glass"]._check_time()
        return super()._search(domain, *args, **kwargs)

    def _check_access(self, operation):
        self.env["mail.mailbox.break.glass"]._check_time()
        return super()._check_access(operation)


class MailMessage(models.Model):
    """Notices of break-glass access cannot be changed, by anybody."""

    _inherit = "mail.message"

    def write(self, vals):
        # none of its fields: by its kind, its date or its author it is hidden as well
        if not self.env.su:
            self._refuse_notices()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_notices(self):
        self._refuse_notices()

    def _refuse_notices(self):
        """Refuse to change a notice to the users of a private mailbox."""
        # sudo: which ones these are, of mailboxes that nobody need see
        ours = self.sudo().filtered(lambda one: one.model == "mail.mailbox")
        if not ours:
            return
        notices = self.env["mail.mailbox.break.glass"].sudo()
        if notices.search_count([("notice_ids", "in", ours.ids)], limit=1):
            raise AccessError(
                self.env._(
                    "This notice tells the users of a private mailbox who opened it, "
                    "so it cannot be changed or removed."
                )
            )
