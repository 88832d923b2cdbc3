import io
import zipfile
from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import http
from odoo.exceptions import AccessError, MissingError, UserError
from odoo.http import content_disposition, request
from odoo.tools.misc import format_datetime

from ..mailcore.read.filename import download_name, unique_names
from ..mailcore.view.page import page

PART_PATH = "/mail_mailbox_archive/part/"
#: What every page with a mail's body is held by, whatever is in it. The sandbox has no
#: scripts, no forms, and nothing outside of the frame to navigate.
POLICY = (
    "default-src 'none'; img-src {images}; style-src 'unsafe-inline'; "
    "sandbox {sandbox}; frame-ancestors 'self'; form-action 'none'; base-uri 'none'"
)
SANDBOX = "allow-popups allow-popups-to-escape-sandbox"
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Cache-Control", "private, no-store"),
]


class MailMailboxViewer(http.Controller):
    """Serves the body of a message as a page of its own, for the viewer's frame.

    The page has our origin, so that the viewer can measure its height; nothing in it
    runs. Its policy lets it load our inline pictures and nothing else. Once the reader
    wants pictures from outside it may load those as well, and then has no session: its
    origin is nobody's (the ``sandbox`` without ``allow-same-origin``), unless the
    browser fetched the page itself without cookies (``credentialless`` frames). So a
    picture that leads back to this server by redirection comes as a stranger.
    """

    @http.route(
        "/mail_mailbox_archive/body/<int:message_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def body(self, message_id, **options):
        """Return the body of a message, for who may read it."""
        message = request.env["mail.mailbox.message"].browse(message_id)
        try:
            message.check_access("read")
        except (AccessError, MissingError) as error:
            raise request.not_found() from error
        if not message.exists():
            raise request.not_found()
        return self._respond(message, options, stranger=False)

    @http.route(
        "/mail_mailbox_archive/body/<int:message_id>/<string:token>",
        type="http",
        auth="public",
        methods=["GET"],
        readonly=True,
        save_session=False,
    )
    def body_without_session(self, message_id, token, **options):
        """Return the body of a message to a frame that has no cookies."""
        messages = request.env["mail.mailbox.message"]
        try:
            message = messages._find_by_body_token(message_id, token)
        except (AccessError, MissingError) as error:
            raise request.not_found() from error
        if not message.exists():
            raise request.not_found()
        return self._respond(message, options, stranger=not request.session.uid)

    @http.route(
        "/mail_mailbox_archive/parts/<int:message_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def parts(self, message_id):
        """Return all attachments of a message as a zip file."""
        message = request.env["mail.mailbox.message"].browse(message_id)
        try:
            message.check_access("read")
        except (AccessError, MissingError) as error:
            raise request.not_found() from error
        parts = message.part_ids
        names = unique_names(part._get_file_name() for part in parts)
        content = io.BytesIO()
        # not compressed: what people attach is so already
        with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as archive:
            for name, (_part, one) in zip(names, parts._read_contents(), strict=True):
                archive.writestr(name, one)
        name = download_name(message.subject or "", "", "attachments") + ".zip"
        return request.make_response(
            content.getvalue(),
            [
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(name)),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )

    def _respond(self, message, options, stranger):
        attached = self._find_attached(message, options)
        remote = not attached and message._shows_images()
        if attached:
            view = self._view_attached(attached, options)
        else:
            view = message._view_body(self._get_own_hosts(), embed=remote)
        for_print = bool(options.get("print"))
        document = page(
            view,
            title=message.display_name,
            header=self._get_header(message) if for_print else "",
            dark=bool(options.get("dark")) and not for_print,
        )
        sandbox = SANDBOX
        if stranger or not remote:
            sandbox += " allow-same-origin"
        if for_print:
            # the print dialog counts as one
            sandbox += " allow-modals"
        images = "https: data:" if remote else f"{self._get_origin()}{PART_PATH} data:"
        policy = POLICY.format(images=images, sandbox=sandbox)
        return request.make_response(
            document, [*HEADERS, ("Content-Security-Policy", policy)]
        )

    def _find_attached(self, message, options):
        """Return the part of ``message`` that is asked for instead of itself."""
        number = options.get("part", "")
        if not number:
            return None
        if not number.isdecimal():
            raise request.not_found()
        part = message.part_ids.filtered(lambda part: part.id == int(number))
        return part or self._refuse()

    def _view_attached(self, part, options):
        try:
            return part._view_body(self._get_own_hosts(), options.get("inner", ""))
        except UserError as error:
            raise request.not_found() from error

    def _refuse(self):
        raise request.not_found()

    def _get_origin(self):
        # as the browser names it, also behind a proxy; never a character of a policy
        root = urlsplit(request.httprequest.host_url)
        return f"{root.scheme}://{root.netloc}".translate(
            {ord(c): None for c in " ;,'\""}
        )

    def _get_own_hosts(self):
        base = urlsplit(request.env["mail.mailbox"].get_base_url())
        own = urlsplit(request.httprequest.host_url)
        return {host for host in (base.hostname, own.hostname) if host}

    def _get_header(self, message):
        """Return the markup of the header of a printed message."""
        rows = [
            (request.env._("From"), message.email_from),
            (request.env._("To"), message.email_to),
            (request.env._("Cc"), message.email_cc),
            (
                request.env._("Date"),
                message.date and format_datetime(request.env, message.date),
            ),
            (
                request.env._("Attachments"),
                ", ".join(filter(None, message.part_ids.mapped("filename"))),
            ),
        ]
        row = Markup("<tr><th>%s</th><td>%s</td></tr>")
        return Markup(
            '<div class="o-mailbox-header"><h1>%s</h1><table>%s</table></div>'
        ) % (
            message.display_name,
            Markup("").join(row % (label, value) for label, value in rows if value),
        )
