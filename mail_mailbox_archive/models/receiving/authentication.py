from odoo import fields, models
from odoo.exceptions import AccessError

from ...mailcore.addresses import address
from ...mailcore.imap.folder import Role
from ...mailcore.read.authentication import authenticated_sender
from .account import ACCOUNT_FIELDS

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

    def _before_write(self, vals):
        before = super()._before_write(vals)
        before["moved"] = self.filtered(
            lambda m: m._differs(vals, ACCOUNT_FIELDS | {"oauth_account"})
        )
        return before

    def _after_write(self, vals, before):
        super()._after_write(vals, before)
        if not (self.env.su or self._is_manager()):
            # what an administrator trusted was another account
            # sudo: taken back by the system, whoever moved the mailbox
            before["moved"].sudo().filtered("trusted_server").trusted_server = False

    def _get_trusted_server(self):
        self.ensure_one()
        domain = ".".join((self.imap_host or "").lower().split(".")[-2:])
        return self.trusted_server or KNOWN_SERVERS.get(domain, "")

    def _get_vouching_server(self, named):
        """Return whose word counts here; with ``named``, only an administrator's."""
        return self.trusted_server or "" if named else self._get_trusted_server()

    def _has_for_certain(self, sender):
        """Return whether ``sender``, in normal form, is this mailbox's address."""
        return sender in self._get_own_addresses()


class MailMailboxMessage(models.Model):
    """Whether a message is from who it says; a From header anybody can write."""

    _inherit = "mail.mailbox.message"

    def _is_sent_from_here(self):
        """Return whether it is certain that this message was sent from a mailbox.

        It is in the mailbox's own folder of sent mail, where only who signs in to it
        puts something, and from an address of that mailbox, so that nobody vouches for
        others in a mailbox of theirs; or our own outbox sent it, see the room
        ``sending``.
        """
        self.ensure_one()
        # sudo: where it is, in whichever mailbox; only yes or no comes out
        message = self.sudo()
        sender = message._get_only_sender()
        return bool(sender) and any(
            arrival.folder_id.role == Role.SENT.value
            and not arrival.folder_id.shared
            and arrival.mailbox_id._has_for_certain(sender)
            for arrival in message.arrival_ids
        )

    def _is_authenticated(self, mailbox=None, named=False):
        """Return whether the sender of this message is proven.

        It was sent from here, or the server of a mailbox that it came to says so: one
        of the user's, since others can put what they like into theirs.

        :param mailbox: the only one that counts
        :param named: only a server counts that an administrator named
        """
        self.ensure_one()
        if self._is_sent_from_here():
            return True
        # sudo: what a server said of it; only yes or no comes out
        sender = self.sudo()._get_only_sender()
        return bool(sender) and any(
            authenticated_sender(arrival._read_source(), server) == sender
            for arrival in self._get_vouching_arrivals(mailbox)
            if (server := arrival.mailbox_id._get_vouching_server(named))
        )

    def _get_vouching_arrivals(self, mailbox):
        """Return the arrivals of this message whose servers are believed."""
        if mailbox:
            # sudo: whose server is asked is decided, whoever asks
            arrivals = self.sudo().arrival_ids
            return arrivals.filtered(lambda one: one.mailbox_id == mailbox)
        # sudo: what the user reads, whose mailboxes' settings they need not see
        found = self.arrival_ids._filtered_access("read").sudo()
        mine = found.filtered(lambda one: self.env.user in one.mailbox_id.user_ids)
        # who administers mail reads the mailboxes of others as well
        return mine or found

    def _get_only_sender(self):
        """Return the address in From, in normal form; "" unless it is one."""
        senders = address.parse_addresses(self.email_from or "")
        return address.normalise(senders[0].addr_spec) if len(senders) == 1 else ""
