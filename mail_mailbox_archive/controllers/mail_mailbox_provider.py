from urllib.parse import urlencode

from odoo import http
from odoo.http import request

from ..mailcore.errors import Unreachable, Unreadable
from ..models.receiving.oauth_provider import CALLBACK

#: Bytes of one call; providers send a few hundred events at a time.
MAX_BODY = 2**20


class MailMailboxProvider(http.Controller):
    """What providers call: the way back from a sign-in, and delivery events."""

    @http.route(CALLBACK, type="http", auth="user", methods=["GET"])
    def callback(self, state="", code="", error="", **_others):
        """Take the code and return to the form, whose address is not in the request."""
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

    @http.route(
        "/mail_mailbox_archive/hook/<string:provider>/<string:token>",
        type="http",
        auth="public",
        methods=["POST"],
        # called by a machine without a session; the token and the signature prove it
        csrf=False,
        save_session=False,
    )
    def hook(self, provider, token, **form):
        """Note delivery events. The answer's status is all that the caller learns."""
        accounts = request.env["mail.mailbox.sending.account"]
        account = accounts._find_by_hook(provider, token)
        if not account:
            raise request.not_found()
        call = request.httprequest
        if (call.content_length or 0) > MAX_BODY:
            return self._answer(413)
        # a form was read already, into what stood in it
        raw = urlencode(form).encode() if form else call.get_data()
        if len(raw) > MAX_BODY:
            return self._answer(413)
        try:
            if not account._is_genuine(raw, call.headers):
                return self._answer(401)
            count, new = account._take_in(raw)
        except Unreachable:
            # our own key is missing: let the provider call again later
            return self._answer(503)
        except Unreadable:
            return self._answer(400)
        return self._answer(409 if count and not new else 200)

    def _answer(self, status):
        return request.make_response(
            "", [("Content-Type", "text/plain")], status=status
        )
