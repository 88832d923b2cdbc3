import tempfile

from werkzeug.wsgi import wrap_file

from odoo import http
from odoo.http import Response, content_disposition, request

TYPES = {"zip": "application/zip", "mbox": "application/mbox"}


class MailMailboxExport(http.Controller):
    """Serves the messages that a user exports."""

    @http.route(
        "/mail_mailbox_archive/export/<int:wizard_id>",
        type="http",
        auth="user_or_key",
        methods=["GET"],
        readonly=True,
    )
    def export(self, wizard_id):
        """Return the file of an export that the user began, else "not found"."""
        # found by a search, so that another's export is not there
        wizard = request.env["mail.mailbox.export.wizard"].search(
            [("id", "=", wizard_id)]
        )
        if not wizard:
            raise request.not_found()
        # on disk: an archive may be larger than memory; closed with the response
        file = tempfile.TemporaryFile()
        try:
            wizard._write_to(file)
        except BaseException:
            file.close()
            raise
        size = file.tell()
        file.seek(0)
        name = f"emails.{wizard.format}"
        return Response(
            wrap_file(request.httprequest.environ, file),
            direct_passthrough=True,
            headers=[
                ("Content-Type", TYPES[wizard.format]),
                ("Content-Disposition", content_disposition(name)),
                ("Content-Length", str(size)),
                ("X-Content-Type-Options", "nosniff"),
                ("Cache-Control", "no-store"),
            ],
        )
