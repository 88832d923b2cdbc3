from markupsafe import Markup, escape

from odoo import models
from odoo.exceptions import UserError

from ...mailcore.connect.net_guard import AddressRefused
from ...mailcore.connect.one_click import post_one_click
from ...mailcore.errors import MailCoreError, Unreachable
from ...mailcore.read.structure import read_headers
from ...mailcore.read.unsubscribe import read_unsubscribe, read_url
from ..mailbox.arguments import checked, text


class MailMailboxArrival(models.Model):
    """Unsubscribing from a newsletter: asked first, and only where it is one click.

    The header that says how is the sender's own; so the host is named before anything
    is sent to it, and nothing is ever asked of it without that click.
    """

    _inherit = "mail.mailbox.arrival"

    @checked(one=True)
    def get_unsubscribe(self):
        """Return how the newsletter that this email is may be unsubscribed from.

        :return: dict of ``host``, which is sent a request, or ``address``, which is
            written to; False where there is no way
        """
        way = self._read_unsubscribe()
        return way and {"host": way.host, "address": way.address}

    @checked(one=True, host=text)
    def action_unsubscribe(self, host):
        """Ask ``host`` to send no more of this newsletter.

        :param host: that the person was asked about
        :return: dict of ``type`` and ``message``, what became of it
        """
        self._check_working()
        way = self._read_unsubscribe()
        if not way or not way.url or way.host != host:
            raise UserError(
                self.env._("This email does not offer to unsubscribe at %s.", host)
            )
        guard = self.env["mail.mailbox"]._get_net_guard_of_emails()
        try:
            status = post_one_click(guard, read_url(way.url))
        except Unreachable as error:
            return {"type": "danger", "message": self._explain_unreached(host, error)}
        return self._explain_status(host, status)

    @checked(one=True, address=text)
    def action_unsubscribe_by_mail(self, address):
        """Begin the email that unsubscribes; return the action that opens it."""
        self._check_working()
        way = self._read_unsubscribe()
        if not way or not way.address or way.address != address:
            raise UserError(
                self.env._("This email does not offer to unsubscribe at %s.", address)
            )
        drafts = self.env["mail.mailbox.draft"]
        # sudo: which mailbox it came to, of who was found to read the email
        mailbox = drafts._get_default_mailbox(self.sudo().mailbox_id.id)
        if not mailbox:
            raise UserError(drafts._get_no_mailbox_sentence())
        lines = Markup("<br/>").join(escape(way.body).splitlines())
        draft = drafts.create(
            {
                "mailbox_id": mailbox.id,
                "email_to": way.address,
                "subject": way.subject or "unsubscribe",
                "body": Markup("<p>%s</p>") % lines if lines else False,
            }
        )
        return draft._open_fresh()

    def _read_unsubscribe(self):
        self.check_access("read")
        if self.direction != "incoming":
            return False
        try:
            source = self._read_source()
            return read_unsubscribe(read_headers(source)[0].headers) or False
        except MailCoreError:
            return False

    def _explain_status(self, host, status):
        if 200 <= status < 300:
            message = self.env._(
                "%s accepted the request to unsubscribe. It may take some days.", host
            )
            return {"type": "success", "message": message}
        if 300 <= status < 400:
            message = self.env._(
                "%s sent the request on to another address, which is not followed. It "
                "is not known whether you are unsubscribed.",
                host,
            )
            return {"type": "warning", "message": message}
        message = self.env._(
            "%(host)s refused the request to unsubscribe (error %(status)s).",
            host=host,
            status=status,
        )
        return {"type": "danger", "message": message}

    def _explain_unreached(self, host, error):
        if error.code == "copy":
            return self.env._("This database is a copy, so it connects to nobody.")
        if isinstance(error, AddressRefused):
            return self.env._(
                "%s is not a public web server, so nothing was sent to it.", host
            )
        if error.code == "certificate":
            return self.env._(
                "The certificate of %s cannot be trusted, so nothing was sent to it.",
                host,
            )
        return self.env._(
            "%s did not respond. It is not known whether you are unsubscribed.", host
        )
