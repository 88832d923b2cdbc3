import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.errors import MailCoreError
from .account import ACCOUNT_FIELDS

#: Another value of one of them is another line.
SETTINGS = ACCOUNT_FIELDS | {"imap_security", "verify_certificate", "auth_method"}

_logger = logging.getLogger(__name__)


class MailMailbox(models.Model):
    """What ``odoo mailboxlisten`` asks: to whom it listens, and whom it wakes.

    It stores no mail. A mailbox with news becomes due, and the scheduled actions, or
    the job queue, fetch it as they always do.
    """

    _inherit = "mail.mailbox"

    @api.model
    def _get_listened(self, limit):
        """Return what a line to each mailbox needs, by id; ``limit`` of them at most.

        :return: dict of id → what it follows from, session opener, names of the folders
            to skip
        """
        wanted = [("imap_enabled", "=", True), ("stopped", "=", False)]
        mailboxes = self.search(wanted, order="id", limit=limit + 1)
        if len(mailboxes) > limit:
            _logger.warning("More than %s mailboxes: the others are polled only", limit)
        lines = {}
        for mailbox in mailboxes[:limit]:
            try:
                opener = mailbox._session__()
            except MailCoreError:
                # the next check notifies its people of the reason
                continue
            names = frozenset(mailbox.skip_folder_ids.mapped("name"))
            # sudo: compared with what it was, in the listener's memory
            secret = mailbox.sudo().imap_secret
            settings = [secret, *(mailbox[name] for name in sorted(SETTINGS))]
            lines[mailbox.id] = (settings, names), opener, names
        return lines

    @api.model
    def _wake(self, ids):
        """Have mailboxes checked now.

        :return: those of ``ids`` that are being checked at this moment, and may have
            been looked at before the news came: to be woken again
        """
        now = fields.Datetime.now()
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox SET next_poll_at = NULL
                 WHERE id = ANY(%s) AND (lease_until IS NULL OR lease_until < %s)
             RETURNING id
                """,
                list(ids),
                now,
            )
        )
        if self.env.cr.rowcount:
            for number in (1, 2):
                cron = self.env.ref(
                    f"mail_mailbox_archive.ir_cron_poll_{number}", False
                )
                cron and cron._trigger()
        busy = [("id", "in", list(ids)), ("lease_until", ">=", now)]
        return set(self.search(busy).ids)
