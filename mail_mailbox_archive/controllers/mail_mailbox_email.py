from odoo import http
from odoo.http import request

#: The longest Message-ID that is looked up: a line of a header is no longer.
MAX_MESSAGE_ID = 998


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
    def email(self, message_id=""):
        """Open the newest email with this Message-ID that the user may read.

        :param message_id: with or without its angle brackets
        :return: a redirection to the email's own page, else "not found", whether there
            is none or the user may not read it
        """
        name = message_id.strip().strip("<>")[:MAX_MESSAGE_ID]
        messages = request.env["mail.mailbox.message"]
        found = messages.browse()
        if name and messages.has_access("read"):
            # some senders leave the brackets out
            known = [("message_id", "in", [f"<{name}>", name])]
            found = messages.search(known, order="id desc", limit=1)
        if not found:
            raise request.not_found(
                request.env._(
                    "There is no email with this Message-ID that you can read. It may "
                    "not have been fetched yet."
                )
            )
        return request.redirect(f"/odoo/email-archives/{found.id}")
