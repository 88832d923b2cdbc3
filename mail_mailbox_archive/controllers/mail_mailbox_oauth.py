from odoo import http
from odoo.http import request

from ..models.receiving.oauth_provider import CALLBACK


class MailMailboxOauth(http.Controller):
    """Where providers send people back to after they signed in."""

    @http.route(CALLBACK, type="http", auth="user", methods=["GET"])
    def callback(self, state="", code="", error="", **_others):
        """Take the code and return to the form; where that is, is not asked for."""
        mailbox = request.env["mail.mailbox"]._finish_oauth(state, code, error)
        if not mailbox:
            text = request.env._(
                "You did not start this sign-in here, or it took too long. Go back to "
                "the mailbox and sign in again."
            )
            return request.make_response(
                text, [("Content-Type", "text/plain; charset=utf-8")], status=403
            )
        return request.redirect(f"/odoo/email-mailboxes/{mailbox.id}")
