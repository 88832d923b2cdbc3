from dataclasses import dataclass

from odoo import api, fields, models

from ...mailcore.addresses import address
from ...mailcore.errors import SendRefused
from ...mailcore.send.outgoing import prepare
from .dispatch import Entry
from .ir_mail_server import MailboxSession
from .sent import OWN_ID_HEADER


@dataclass
class Sending:
    """What came of one message, recipient by recipient.

    :param accepted: addresses that the provider took the message for
    :param failures: ``RecipientResult`` of the others
    :param retry_after: seconds that the provider asks to wait, None when it did not say
    :param entry: what is kept of it; None when nobody gets it
    :param message: ``mail.mailbox.message``, once it is kept
    """

    accepted: tuple = ()
    failures: tuple = ()
    retry_after: float | None = None
    entry: Entry | None = None
    message: models.BaseModel = None

    @property
    def reason(self):
        """The failures in words: who does not get it, and why."""
        return "\n".join(f"{one.address}: {one.reason}" for one in self.failures)


class MailMailbox(models.Model):
    """The last step: what passed the gate is finished, delivered and kept.

    A message leaves with the mailbox as its From, Reply-To and return path, so that
    answers and bounces come back to where it was sent from.
    """

    _inherit = "mail.mailbox"

    mail_server_id = fields.Many2one(
        "ir.mail_server", readonly=True, copy=False, index="btree_not_null"
    )

    # Odoo's outgoing server, kept in step

    def _sync_mail_server(self):
        """Make the outgoing server of each mailbox what its settings say."""
        # sudo: servers are the system's; this one follows its mailbox
        for mailbox in self.sudo():
            servers = mailbox.env["ir.mail_server"]._in_step()
            server = servers.browse(mailbox.mail_server_id.id)
            values = mailbox._prepare_mail_server_values()
            if server:
                if any(server[name] != value for name, value in values.items()):
                    server.write(values)
            elif mailbox.provider:
                server = servers.create(values | {"mailbox_id": mailbox.id})
                mailbox.mail_server_id = server

    def _prepare_mail_server_values(self):
        """Return what Odoo's list of outgoing servers shows of this mailbox."""
        self.ensure_one()
        return {
            "name": self.email,
            "from_filter": self.email_normalized,
            "smtp_host": self.smtp_host or self.provider or "",
            "smtp_port": self.smtp_port,
            "active": bool(self.active and self.provider and self.state == "ready"),
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_mail_server(self):
        # sudo: see _sync_mail_server
        self.sudo().mail_server_id._in_step().unlink()

    # Sending

    def _send_message__(self, message, recipients, envelope_from=None):
        """Send ``message`` as the mailbox itself, nobody in particular having asked.

        For what the mailbox does by its own settings, an automatic answer for one. It
        needs a mailbox that is ready, and counts for its limit. Its name keeps server
        actions away from it.

        :param message: ``email.message.EmailMessage``; its From and Reply-To become the
            mailbox's
        :param recipients: addresses
        :param envelope_from: "" for the null return path; the mailbox by default
        :return: :class:`Sending`
        :raises UserError: the mailbox is not able to send
        :raises MailCoreError: nobody got it
        """
        self.ensure_one()
        # sudo: a setting of the mailbox sends, not a person
        mailbox = self.sudo()
        mailbox._check_able_to_send()
        session = MailboxSession(mailbox)
        try:
            return mailbox._send_finished(
                message, recipients, self.env["res.users"], session, envelope_from
            )
        finally:
            session.quit()

    def _send_finished(self, message, recipients, person, session, envelope_from=None):
        """Deliver a message that passed the gate; keep it when anybody gets it.

        As :meth:`_deliver`, for what is sent outside of the mail queue.
        """
        self._sign_message(message, person)
        sending = self._deliver(message, recipients, person, session, envelope_from)
        if sending.entry:
            # sudo: what was sent is kept, whoever sent it
            dispatch = self.env["mail.mailbox.dispatch"].sudo()
            sending.message = dispatch._keep_or_log([sending.entry])[0]
        return sending

    def _deliver(
        self,
        message,
        recipients,
        person,
        session,
        envelope_from=None,
        about_to_send=lambda: None,
    ):
        """Finish a message that passed the gate and hand it to the provider.

        It is signed already.

        :param person: ``res.users`` whose name the mailbox shows
        :param about_to_send: called before the first byte of it leaves
        :return: :class:`Sending`, with what is to be kept of it
        :raises MailCoreError: nobody got it
        """
        self.ensure_one()
        self._check_rate(session.uncounted)
        self._finish_headers(message, person)
        self._show_own_pictures(message, person)
        outgoing, bcc = self._write_out(message, recipients, envelope_from)
        result = session.send(outgoing, about_to_send)
        accepted = tuple(one.address for one in result.having("accepted"))
        failures = tuple(r for r in result.recipients if r.status != "accepted")
        sending = Sending(accepted, failures, result.retry_after)
        if accepted:
            session.uncounted += 1
            sending.entry = Entry.of(self, outgoing, bcc, person, result)
        return sending

    def _write_out(self, message, recipients, envelope_from=None, pictures=None):
        """Return ``message`` written for the wire, and who gets a blind copy.

        :param pictures: type and bytes of those it shows, by ``src``
        :raises MailCoreError: it cannot be sent
        """
        if not recipients:
            raise SendRefused("recipients")
        self._detach_pictures(message, pictures or {})
        bcc = str(message["Bcc"] or "")
        if envelope_from is None:
            sender = address.parse_addresses(str(message["From"] or self.email))
            envelope_from = address.normalise(sender[0].addr_spec)
        return prepare(message, envelope_from, tuple(recipients)), bcc

    def _get_sent_as(self, froms):
        """Return the address of this mailbox that ``froms`` name, as it is written.

        :param froms: as the gate was asked about them; None is the main address
        """
        people = [one for value in froms for one in address.parse_addresses(value)]
        if address.is_one_of(self.email_normalized, people) or not self._get_aliases():
            return None
        _claims, _mailboxes, rows = self._find_by_from(froms)
        return rows.filtered(lambda a: a.mailbox_id == self and not a.is_main)[:1].email

    def _finish_headers(self, message, person, sent_as=None):
        """Make the mailbox the one sender of ``message``.

        :param sent_as: from which of its addresses; by default the one that the
            message names
        """
        if sent_as is None:
            sent_as = self._get_sent_as([*map(str, message.get_all("From", []))])
        sender = self._get_from(person, sent_as)
        for name in ("From", "Reply-To"):
            # to parse it once more is what takes time here
            if list(map(str, message.get_all(name, []))) != [sender]:
                del message[name]
                message[name] = sender
        for name in ("Sender", "Return-Path", OWN_ID_HEADER):
            del message[name]
        if message["Message-Id"]:
            message[OWN_ID_HEADER] = message["Message-Id"]
        for name in ("X-Forge-To", "X-Msg-To-Add", "X-Msg-To-Consolidate"):
            del message[name]
