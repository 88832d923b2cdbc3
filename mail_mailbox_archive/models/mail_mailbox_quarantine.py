import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..mailcore.errors import Unreadable
from ..mailcore.imap.sync import Fetched
from ..mailcore.message import parse
from .fields import naive_utc

#: Until what the server or the line withheld is asked for again; doubled each time.
FIRST_WAIT = timedelta(minutes=10)
LAST_WAIT = timedelta(days=1)


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
    withheld = fields.Boolean(
        readonly=True,
        help="The server did not give it, or the line broke each time: at most its "
        "headers are here. It is asked for again by itself.",
    )
    ask_at = fields.Datetime("Asked for again", readonly=True)

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
        places = {(row.uid_validity, row.uid): row for row in known}
        new = []
        for one in fetched:
            place = (str(folder.uid_validity), str(one.uid))
            if place in places:
                places[place]._ask_later()
            else:
                new.append(self._prepare_values(folder, one))
        self.create(new)._ask_later()

    @api.model
    def _prepare_values(self, folder, fetched):
        return {
            "mailbox_id": folder.mailbox_id.id,
            "folder_id": folder.id,
            "uid_validity": str(folder.uid_validity),
            "uid": str(fetched.uid),
            "internal_date": naive_utc(fetched.internal_date),
            "size": fetched.size,
            "source": base64.b64encode(fetched.source),
            "error": str(fetched.error),
            "withheld": len(fetched.source) < fetched.size,
            "attempts": 0,
        }

    def _ask_later(self):
        """Count one more attempt, and say when a withheld message is asked for next."""
        for row in self:
            row.attempts += 1
            wait = min(FIRST_WAIT * 2 ** min(row.attempts - 1, 20), LAST_WAIT)
            row.ask_at = row.withheld and fields.Datetime.now() + wait

    @api.model
    def _ask_again(self, mailbox_ids):
        """Have the folders gone through for what was withheld, if it is time for it."""
        due = self.search(
            [
                ("mailbox_id", "in", mailbox_ids),
                ("withheld", "=", True),
                ("ask_at", "<=", fields.Datetime.now()),
            ]
        )
        due._ask_later()
        due.folder_id._go_through_again()

    @api.model
    def _release(self, folder, uids):
        """Remove what was withheld before and is here now."""
        self.search(
            [
                ("folder_id", "=", folder.id),
                ("uid_validity", "=", str(folder.uid_validity)),
                ("uid", "in", [str(uid) for uid in uids]),
                ("withheld", "=", True),
            ]
        ).unlink()

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
        if self.withheld:
            # what is here is no message: the server is asked at the next check
            self.ask_at = fields.Datetime.now()
            return False
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
