from odoo import api, fields, models
from odoo.exceptions import UserError

from ...mailcore.errors import MailCoreError
from ...mailcore.read.filename import download_name
from ...mailcore.read.message import read_part, read_parts


class MailMailboxPart(models.Model):
    """An attachment or inline part of a message: described, not copied.

    Its bytes are read out of the message's source when somebody asks for them.
    """

    _name = "mail.mailbox.part"
    _inherit = "mail.mailbox.message.detail"
    _description = "Email Attachment"
    _order = "id"
    _rec_name = "filename"

    path = fields.Char(required=True, readonly=True, help="Its place in the MIME tree.")
    filename = fields.Char(readonly=True)
    mimetype = fields.Char("Kind", readonly=True)
    size = fields.Integer("Size (bytes)", readonly=True)
    cid = fields.Char("Content-ID", readonly=True)
    inline = fields.Boolean(readonly=True, help="The text itself shows it.")

    @api.depends("filename", "mimetype")
    def _compute_display_name(self):
        for part in self:
            part.display_name = part._get_file_name()

    def _get_file_name(self):
        """Return a name to save it under, also where the sender gave none."""
        self.ensure_one()
        return download_name(self.filename or "", self.mimetype or "")

    def _read_content(self):
        """Return the decoded bytes.

        :raises UserError: the source does not hold them as it did
        """
        return self._read_part().content

    def _read_part(self, inner=""):
        """Return this part, or one inside of it, as ``mailcore`` reads it.

        :param inner: of an attached message: the path of one of its own parts
        :raises UserError: the source does not hold it as it did
        """
        source = self.mailbox_message_id._read_source()
        path = f"{self.path}/{inner}" if inner else self.path
        try:
            return read_part(source, path)
        except MailCoreError as error:
            raise UserError(self._get_unreadable_sentence()) from error

    def _get_unreadable_sentence(self):
        return self.env._(
            "“%s” could not be extracted from the email. Download the email as .eml "
            "and open it in a mail program.",
            ", ".join(self.mapped("display_name")),
        )

    def _save_to(self, record):
        """Make files of ``record`` of these attachments.

        A file of a record is read by whoever may open the record, also where the
        message is not: see :meth:`MailMailboxMessage._warn_of_saving`.

        :return: the new ``ir.attachment`` records, and how many of the attachments the
            record has already, byte for byte
        :raises AccessError: the user may not read a message or not change the record
        :raises UserError: the record is gone, its model not enabled, mail of the
            correspondent is never archived, or an attachment cannot be read
        """
        self.check_access("read")
        self.mailbox_message_id._check_target(record)
        self.mailbox_message_id._refuse_never_archived()
        record.check_access("write")
        # as it is: Odoo would make large pictures smaller; but what a browser would run
        # is plain text there, whoever saves it
        files = self.env["ir.attachment"].with_context(
            image_no_postprocess=True, attachments_mime_plainxml=True
        )
        known = 0
        of_record = [
            ("res_model", "=", record._name),
            ("res_id", "=", record.id),
            ("res_field", "=", False),
        ]
        for part, content in self._read_contents():
            checksum = files._compute_checksum(content)
            if files.search_count([*of_record, ("checksum", "=", checksum)], limit=1):
                known += 1
                continue
            files += files.create(
                {
                    "name": part._get_file_name(),
                    "res_model": record._name,
                    "res_id": record.id,
                    "raw": content,
                }
            )
            self._note_saved(part, record)
        return files, known

    def _read_contents(self):
        """Yield each part with its decoded bytes, one after the other.

        Together they may not fit into memory; the structure of a message is read once.

        :raises UserError: see :meth:`_read_content`
        """
        for message, parts in self.grouped("mailbox_message_id").items():
            source = message._read_source()
            try:
                for part, one in zip(
                    parts, read_parts(source, parts.mapped("path")), strict=True
                ):
                    yield part, one.content
            except MailCoreError as error:
                raise UserError(parts._get_unreadable_sentence()) from error

    @api.model
    def _note_saved(self, part, record):
        message = part.mailbox_message_id
        line = {
            "mailbox_message_id": message.id,
            "res_model": record._name,
            "res_id": record.id,
            "mailbox_id": message._get_archiving_mailboxes()[message].id,
            "note": part.display_name,
        }
        self.env["mail.mailbox.history"]._note("saved", [line])
