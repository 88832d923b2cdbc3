from odoo import fields, models
from odoo.exceptions import AccessError

from ...mailcore.addresses import address
from ...mailcore.imap.folder import Role
from ...mailcore.read.authentication import authenticated_sender

#: Servers that are known to name themselves in the mail they take in, by their IMAP
#: server's domain.
KNOWN_SERVERS = {"gmail.com": "mx.google.com", "googlemail.com": "mx.google.com"}


class MailMailbox(models.Model):
    """Whose word counts about who wrote a message that came to a mailbox."""

    _inherit = "mail.mailbox"

    trusted_server = fields.Char(
        "Server that verifies senders",
        tracking=True,
        help="Its name at the beginning of the “Authentication-Results” header of "
        "received emails. Only what it says proves who sent an email; without it no "
        "sender is proven.",
    )

    def _refuse_values(self, vals):
        super()._refuse_values(vals)
        # who names the server decides which emails are taken at their word
        if vals.get("trusted_server") and not (self.env.su or self._is_manager()):
            raise AccessError(
                self.env._(
                    "Only a mail administrator can choose which server verifies "
                    "senders."
                )
            )

    def _get_trusted_server(self):
        self.ensure_one()
        domain = ".".join((self.imap_host or "").lower().split(".")[-2:])
        return self.trusted_server or KNOWN_SERVERS.get(domain, "")


class MailMailboxMessage(models.Model):
    """Whether a message is from who it says; a From header anybody can write."""

    _inherit = "mail.mailbox.message"

    def _is_sent_from_here(self):
        """Return whether it is certain that this message was sent from a mailbox.

        It is in the mailbox's folder of sent mail, where only who signs in to it puts
        something; or our own outbox sent it, see the room ``sending``.
        """
        self.ensure_one()
        # sudo: where it is, in whichever mailbox; only yes or no comes out
        folders = self.sudo().arrival_ids.folder_id
        return any(folder.role == Role.SENT.value for folder in folders)

    def _is_authenticated(self):
        """Return whether the sender of this message is proven.

        It was sent from here, or the server of a mailbox that it came to says so.
        """
        self.ensure_one()
        if self._is_sent_from_here():
            return True
        # sudo: what a server said of it in whichever mailbox; only yes or no comes out
        message = self.sudo()
        senders = address.parse_addresses(message.email_from or "")
        sender = address.normalise(senders[0].addr_spec) if len(senders) == 1 else ""
        return bool(sender) and any(
            authenticated_sender(arrival._read_source(), server) == sender
            for arrival in message.arrival_ids
            if (server := arrival.mailbox_id._get_trusted_server())
        )
