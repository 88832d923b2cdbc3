import time

from odoo import http
from odoo.http import request

from ..models.mailbox.res_config_settings import read_number

#: Seconds that "not here" takes at least, so that the time tells nothing either.
SAME_TIME = 0.25
#: Emails with one Message-ID that are listed: more are forgeries.
MAX_LISTED = 50
HEADERS = [
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
]


class MailMailboxEmail(http.Controller):
    """Opens an email by its Message-ID, from wherever else it is read.

    A mail program or another system knows an email by that header alone; here it is
    already stored, so that nothing has to be uploaded.
    """

    @http.route(
        "/mail_mailbox_archive/email",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def email(self, message_id="", **_others):
        """Open the email with this Message-ID that the user may read.

        :param message_id: with or without its angle brackets
        :return: a redirection to the email's own page; where several have this
            Message-ID, a page that lists them; else "not found", the same page whether
            there is none or the user may not read it
        """
        return self._open(message_id, "")

    @http.route(
        "/mail_mailbox_archive/archive",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def archive(self, message_id="", **_others):
        """Open the same as :meth:`email`, with the archive dialog."""
        return self._open(message_id, "?archive=1")

    def _open(self, message_id, query):
        started = time.monotonic()
        messages = request.env["mail.mailbox.message"]
        found = messages._find_by_message_ids([message_id])[message_id]
        if len(found) == 1:
            return request.redirect(f"/odoo/email-archives/{found.id}{query}")
        if found:
            return self._render("emails", 200, emails=found[:MAX_LISTED], query=query)
        minutes = read_number(request.env, "poll_interval")
        text = request.env._("New emails arrive within %s min.", minutes)
        page = self._render("no_email", 404, text=text)
        time.sleep(max(0, started + SAME_TIME - time.monotonic()))
        return page

    def _render(self, name, status, **values):
        template = f"mail_mailbox_archive.mail_mailbox_email_{name}"
        page = request.render(template, values, headers=HEADERS, status=status)
        # now, not when it is sent: what it costs belongs to the time above
        page.flatten()
        return page
