import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mailcore.errors import Unreadable
from ..mailcore.imap.sync import Fetched
from ..mailcore.message import parse
from .fields import naive_utc


class MailMailboxQuarantine(models.Model):
    """A message that could not be read, with its bytes and the reason.

    It keeps one bad message from stopping a folder, and from being lost.
    """

    _name = "mail.mailbox.quarantine"
    _description = "Unreadable E-mail"
    _order = "create_date desc, id desc"
    _rec_name = "error"

    mailbox_id = fields.Many2one(
        "mail.mailbox", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="mailbox_id.company_id")
    folder_id = fields.Many2one(
        "mail.mailbox.folder", readonly=True, ondelete="set null"
    )
    uid_validity = fields.Char("UIDVALIDITY", readonly=True)
    uid = fields.Char("UID", readonly=True)
    internal_date = fields.Datetime("Received", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    source = fields.Binary(attachment=True, readonly=True)
    filename = fields.Char(compute="_compute_filename")
    error = fields.Char(readonly=True)
    attempts = fields.Integer(readonly=True, default=1)

    _place_uniq = models.UniqueIndex(
        "(mailbox_id, folder_id, uid_validity, uid)",
        "This message is in quarantine already.",
    )

    def _compute_filename(self):
        self.filename = "message.eml"

    @api.model
    def _keep(self, folder, fetched):
        """Put aside what could not be read, with its place and its bytes."""
        known = self.search([("folder_id", "=", folder.id)])
        places = {(row.uid_validity, row.uid) for row in known}
        self.create(
            [
                {
                    "mailbox_id": folder.mailbox_id.id,
                    "folder_id": folder.id,
                    "uid_validity": str(folder.uid_validity),
                    "uid": str(one.uid),
                    "internal_date": naive_utc(one.internal_date),
                    "size": one.size,
                    "source": base64.b64encode(one.source),
                    "error": str(one.error),
                }
                for one in fetched
                if (str(folder.uid_validity), str(one.uid)) not in places
            ]
        )

    def action_retry(self):
        """Read the messages again, for example after an update of this add-on."""
        self.check_access("read")
        # sudo: what comes out is listed in the mailbox, whose people asked for it
        left = self - self.sudo()._retry_all()
        if left and len(left) == len(self):
            raise UserError(
                self.env._("Still unreadable: %(error)s", error=left[0].error)
            )
        return True

    def _retry_all(self):
        """Read these messages once more; return those that are in the Queue now."""
        # the web client's bin_size would give the size for the content
        rows = self.with_context(bin_size=False)
        done = rows.filtered(lambda row: row._retry())
        ids = done.ids
        done.unlink()
        return self.browse(ids)

    def _retry(self):
        """Read the message once more; return whether it is in the Queue now."""
        self.ensure_one()
        self.attempts += 1
        try:
            message = parse(base64.b64decode(self.source or b""))
        except Unreadable as error:
            self.error = str(error)
            return False
        fetched = Fetched(
            uid=int(self.uid),
            internal_date=self.internal_date,
            seen=False,
            size=self.size,
            source=base64.b64decode(self.source),
            message=message,
            error=None,
            oversize=False,
        )
        messages = self.env["mail.mailbox.message"]._store([fetched])
        self.env["mail.mailbox.arrival"]._place(
            self.folder_id, [fetched], messages, live=False
        )
        return True
