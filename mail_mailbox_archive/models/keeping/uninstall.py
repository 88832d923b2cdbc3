import logging
from pathlib import Path

from odoo import api, fields, models
from odoo.tools import config, split_every

from ...mailcore.read.export import Exported, write_folder
from ..archiving.ir_module_module import ADD_ON

_logger = logging.getLogger(__name__)

#: Messages that are read at once.
BATCH = 500


class MailMailboxMessage(models.Model):
    """What stays when the add-on is uninstalled: the emails, as files."""

    _inherit = "mail.mailbox.message"

    @api.model
    def _leave_files(self):
        """Write all emails into a folder of the file store; return the folder.

        Only who administers the server reads it: there are no roles and no private
        mailboxes any more.
        """
        # sudo: the add-on goes, and what is in it with all its rights
        # pylint: disable=no-search-all
        messages = self.sudo().search([], order="date, id")
        unread = self.env["mail.mailbox.quarantine"].sudo().search([])
        if not (messages or unread):
            return None
        moment = fields.Datetime.now().strftime("%Y-%m-%d-%H%M%S")
        folder = Path(config.filestore(self.env.cr.dbname)) / f"{ADD_ON}-{moment}"
        number = write_folder(folder, _all_of(messages))
        if unread:
            number += write_folder(folder / "unreadable", map(_unread, unread))
        _logger.warning("Uninstalling: %s emails were left in %s", number, folder)
        return folder

    def _export_kept(self):
        """Return what ``write_folder`` writes of this message."""
        names = [
            link.res_name or f"{link.res_model},{link.res_id}" for link in self.link_ids
        ]
        exported = Exported(
            source=(self.arrival_ids[:1] or self)._read_source(),
            subject=self.subject or "",
            date=self.date or None,
            sender=self.email_from or "",
            attached_to=", ".join(names),
        )
        mailboxes = self.arrival_ids.mailbox_id | self.link_ids.mailbox_id
        emails = ", ".join(mailboxes.with_context(active_test=False).mapped("email"))
        return exported, emails, ", ".join(self.role_ids.mapped("name"))


def _all_of(messages):
    for ids in split_every(BATCH, messages.ids, list):
        for message in messages.browse(ids):
            yield message._export_kept()
        # a large archive does not fit into memory
        messages.env.invalidate_all()


def _unread(quarantine):
    # sudo: of all mailboxes, for who administers the server
    source = quarantine.sudo()._read_source()
    exported = Exported(source, quarantine.display_name or "", None, "")
    return exported, quarantine.mailbox_id.email or "", ""
