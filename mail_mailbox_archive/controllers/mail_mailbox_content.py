from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request

from ..mailcore.read.filename import download_name
from ..mailcore.read.kind import TEXT

HEADERS = [
    ("Content-Security-Policy", "default-src 'none'; sandbox"),
    ("X-Content-Type-Options", "nosniff"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "private, max-age=3600"),
]


class MailMailboxContent(http.Controller):
    """Serves a part of a message, or its source.

    Every route asks the message's own access; who may not read it gets "not found", as
    if it did not exist.
    """

    @http.route(
        [
            "/mail_mailbox_archive/part/<int:part_id>",
            "/mail_mailbox_archive/part/<int:part_id>/<path:inner>",
        ],
        type="http",
        auth="user_or_key",
        methods=["GET"],
        readonly=True,
    )
    def part(self, part_id, inner="", download=None):
        """Return an attachment or inline part, decoded out of the message's source.

        :param inner: of an attached message: the path of one of its own parts
        """
        part = self._find("mail.mailbox.part", part_id)
        try:
            one = part._read_part(inner)
        except UserError as error:
            raise request.not_found() from error
        name = download_name(one.part.filename, one.part.mimetype)
        if download or not one.shown_as:
            kind = one.shown_as or "application/octet-stream"
            return self._respond(one.content, kind, name, shown=False)
        if one.shown_as == TEXT:
            text = one.text().encode("utf-8", "replace")
            return self._respond(text, "text/plain; charset=utf-8", name, shown=True)
        return self._respond(one.content, one.shown_as, name, shown=True)

    @http.route(
        "/mail_mailbox_archive/source/<int:message_id>",
        type="http",
        auth="user_or_key",
        methods=["GET"],
        readonly=True,
    )
    def source(self, message_id):
        """Return a message as .eml, byte for byte as it came to one's own mailbox.

        Who has it from a record alone gets the message without what was added on the
        way to somebody's mailbox.
        """
        message = self._find("mail.mailbox.message", message_id)
        content = message._read_own_source() or self._refuse()
        name = download_name(message.subject or "", "", "message") + ".eml"
        return self._respond(content, "message/rfc822", name, shown=False)

    @http.route(
        "/mail_mailbox_archive/quarantine/<int:row_id>",
        type="http",
        auth="user_or_key",
        methods=["GET"],
        readonly=True,
    )
    def quarantined(self, row_id):
        """Return what is stored of an unreadable message, as .eml."""
        record = self._find("mail.mailbox.quarantine", row_id)
        # sudo: the record's own attachment, whose access was checked just now
        attachment = record._source_attachments() or self._refuse()
        name = download_name(record.subject or "", "", "message") + ".eml"
        stream = (
            request.env["ir.binary"].sudo()._get_stream_from(attachment, "raw", name)
        )
        response = stream.get_response(as_attachment=True)
        response.headers.extend(HEADERS)
        # other attachment stores keep only the ASCII letters of a name
        response.headers["Content-Disposition"] = content_disposition(name)
        return response

    def _find(self, model, record_id):
        record = request.env[model].browse(record_id)
        try:
            record.check_access("read")
            return record.exists() or self._refuse()
        except (AccessError, MissingError):
            return self._refuse()

    def _refuse(self):
        raise request.not_found()

    def _respond(self, content, mimetype, name, shown):
        disposition = content_disposition(name, "inline" if shown else "attachment")
        response = request.make_response(
            content,
            [
                *HEADERS,
                ("Content-Type", mimetype),
                ("Content-Disposition", disposition),
            ],
        )
        return response.make_conditional(
            request.httprequest.environ,
            accept_ranges=True,
            complete_length=len(content),
        )
