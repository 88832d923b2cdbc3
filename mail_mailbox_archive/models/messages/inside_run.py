import logging

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...mailcore.inside.child import Limits, NotOpened, read_inside
from ...mailcore.inside.invoice import restore
from ...mailcore.inside.kinds import MAX_WORDS
from ...mailcore.text import safe_text
from .inside import checksum_of

_logger = logging.getLogger(__name__)

#: Whoever works for people goes first.
IN_THE_BACKGROUND = Limits(nice=10)
#: Says nothing about the attachment: it is tried again.
OF_THE_MACHINE = frozenset(("busy", "unavailable"))
#: The row of what is not in its email's source any more.
GONE = "gone"


def _checked(found):
    """Return what is kept of an answer, whatever the process answered."""
    if not isinstance(found, dict):
        return {"error_code": "crash"}
    words, invoice = found.get("words"), restore(found.get("invoice"))
    return {
        "words": safe_text(words, MAX_WORDS) if isinstance(words, str) else "",
        "invoice": invoice and invoice.as_dict(),
        "error_code": found.get("error_code"),
    }


class MailMailboxInside(models.Model):
    """Attachments are read in the background, the newest first, one after the other.

    Each in a process of its own, and in a transaction of its own; none is open while
    the process works. What stops it costs one attachment, which is read again.
    """

    _inherit = "mail.mailbox.inside"

    @api.model
    def _cron_read(self):
        """Read the attachments that wait, as long as Odoo gives it time."""
        if not self._is_on():
            return
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=self._count()[0])
        while part := self._get_next():
            if not part._look_inside(cron):
                # no process to read with: the interval tries again
                cron._commit_progress(remaining=0)
                return
            if not cron._commit_progress(1):
                return

    @api.model
    def _get_next(self):
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM mail_mailbox_part WHERE inside_id IS NULL"
                " AND inside_kind IS NOT NULL ORDER BY id DESC LIMIT 1"
            )
        )
        return self.env["mail.mailbox.part"].browse(rows[0] if rows else ())


class MailMailboxPart(models.Model):
    """One attachment, read inside."""

    _inherit = "mail.mailbox.part"

    def _look_inside(self, cron):
        """Read this attachment, unless the same bytes were read already.

        :param cron: the ``ir.cron`` model, which ends the transaction
        :return: False where this machine has no process for it at the moment
        """
        self.ensure_one()
        rows = self.env["mail.mailbox.inside"]
        try:
            content = self._read_content()
        except UserError:
            self._note_inside(rows._store(GONE, {"error_code": GONE}))
            return True
        checksum = checksum_of(content)
        if known := rows._find(checksum):
            self._note_inside(known)
            return True
        # sources are large, and the process takes its time
        self.env.invalidate_all()
        cron._commit_progress()
        try:
            found = read_inside("attachment", content, IN_THE_BACKGROUND)
        except NotOpened as error:
            if error.code in OF_THE_MACHINE:
                _logger.warning("Attachments are not read now: %s", error.code)
                return False
            _logger.info("Attachment %s could not be read: %s", self.id, error.code)
            found = {"error_code": error.code}
        self._note_inside(rows._store(checksum, _checked(found)))
        return True

    def _note_inside(self, inside):
        # not through fields: nobody wrote in it; meanwhile it may be gone
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_part SET inside_id = %s WHERE id = %s",
                inside.id,
                self.id,
            )
        )
        if not self.env.cr.rowcount:
            # erased while it was read, with the words that would stay otherwise
            inside._remove_unused(inside.ids)
        self.invalidate_recordset(["inside_id"])
