from odoo import fields, models


class MailMailboxSource(models.AbstractModel):
    """A record whose RFC 5322 bytes are stored, in an attachment of its own."""

    _name = "mail.mailbox.source"
    _inherit = "mail.mailbox.guarded"
    _description = "Source of an Email"

    source = fields.Binary(attachment=True, readonly=True, copy=False)

    def _read_source(self):
        """Return the RFC 5322 bytes; only the headers of an oversized message."""
        self.ensure_one()
        self.check_access("read")
        # sudo: the attachment is the record's own, whose access was checked just now
        return self._source_attachments().raw or b""

    def _source_attachments(self):
        return (
            self.env["ir.attachment"]
            .sudo()
            # the web client's bin_size would give the size for the content
            .with_context(bin_size=False)
            .search(
                [
                    ("res_model", "=", self._name),
                    ("res_field", "=", "source"),
                    ("res_id", "in", self.ids),
                ]
            )
        )

    def _store_sources(self, fetched):
        """Keep the bytes of newly created records, in the order of ``self``."""
        self._store_bytes([one.source for one in fetched])

    def _store_bytes(self, sources):
        """Keep ``sources``, one for each of these records."""
        self.env["ir.attachment"].create(
            [
                {
                    "name": "message.eml",
                    "res_model": self._name,
                    "res_field": "source",
                    "res_id": record.id,
                    # neither text (it would be copied into the index) nor an image, nor
                    # HTML that a browser would run
                    "mimetype": "message/rfc822",
                    "raw": source,
                }
                for record, source in zip(self, sources, strict=True)
            ]
        )
        self._count_stored()

    def _count_stored(self):
        """Do what follows when the bytes of these records were stored."""
