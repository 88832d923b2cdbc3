from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import make_msgid

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import config

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from ...mailcore.addresses import address
from ...mailcore.connect.discovery_presets import saves_itself
from ...mailcore.errors import MailCoreError
from ...mailcore.send.outgoing import prepare
from .sender_origin import Passed, with_passed


class IrMailServer(models.Model):
    _inherit = "ir.mail_server"

    def _has_server_of_odoo(self):
        """Return whether there is an outgoing server that no mailbox and nobody owns.

        Also one that was written into odoo.conf, whose default is no server at all.
        """
        # sudo: whether there is one, which says nothing of it
        servers = self.sudo()
        domain = Domain("mailbox_id", "=", False)
        domain &= servers._find_mail_server_allowed_domain()
        written = any(
            "smtp_server" in options
            for options in (config._file_options, config._cli_options)
        )
        return written or bool(servers.search_count(domain, limit=1))


class MailMailbox(models.Model):
    """How a mailbox is proven: by a code its address, by a test mail its server.

    The proof of an address never runs over settings that its claimant chose.
    """

    _inherit = "mail.mailbox"

    # By hand

    def action_request_code(self):
        """Mail a new code to the mailbox's own address; open the form to enter it."""
        self.ensure_one()
        self.check_access("write")
        if not self.active or not self.provider:
            raise UserError(
                self.env._(
                    "Choose an email provider for %s first, and fill in its settings.",
                    self.email,
                )
            )
        if self.approval == "needed":
            raise UserError(
                self.env._(
                    "A mail administrator must approve the address %s first.",
                    self.email,
                )
            )
        self._send_code()
        # sudo: see _verify_by_itself
        self.sudo().verification_problem = False
        return self.action_enter_code()

    def _send_code(self, alias=None):
        """Mail a new code.

        :param alias: row of another address than the main one, which it is mailed to
        :raises UserError: it cannot be mailed; says why
        """
        road = self._find_code_road()
        if road is None:
            raise UserError(
                self.env._(
                    "No server is available yet to email a code. Ask a mail "
                    "administrator to confirm the address %s.",
                    (alias or self).email,
                )
            )
        self._claim_proof()
        self._mail_code__(self._new_code(alias), road, (alias or self).email)
        if not alias and self.state != "ready":
            # sudo: the state is the system's
            self.sudo().state = "verifying"

    def action_enter_code(self):
        """Open the form where the code is entered."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Enter the code emailed to %s", self.email),
            "res_model": "mail.mailbox.verify.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_mailbox_id": self.id},
        }

    def _find_code_road(self):
        """Return by whom a code is mailed to this mailbox's address.

        :return: ``ir.mail_server`` for Odoo's own servers; a mailbox, of somebody else
            or this one where a Settings administrator set it up; None for nobody
        """
        self.ensure_one()
        servers = self.env["ir.mail_server"]
        if servers._has_server_of_odoo():
            return servers
        # sudo: the system looks for a road, whatever the person sees
        mailbox = self.sudo()
        ready = mailbox.search(
            [
                ("state", "=", "ready"),
                ("approval", "=", "approved"),
                ("private", "=", False),
                ("company_id", "in", [mailbox.company_id.id, False]),
            ]
        )
        if road := ready.filtered(lambda m: m._leads_past(mailbox, self.env.user))[:1]:
            return road
        return mailbox if mailbox._is_set_by_system() else None

    def _leads_past(self, claimed, person):
        """Return whether a code that this mailbox mails is read by its receiver alone.

        Not by who set the other one up, runs this one or finds what was sent from it.
        """
        claimants = claimed.settings_by_id | claimed.create_uid | person
        claimants |= claimed.user_ids
        if self.imap_enabled and saves_itself(self.smtp_host or ""):
            # its copy in Sent comes into a Queue
            return False
        owner = self.settings_by_id
        return bool(owner) and owner not in claimants and not self.user_ids & claimants

    def _mail_code__(self, code, road, email):
        """Send the code to an address of the mailbox; it is kept by nobody.

        :raises UserError: it did not leave; says why
        """
        text = self.env._(
            "The code that lets %(company)s send emails from %(email)s is:\n\n    "
            "%(code)s\n\nIt is valid for 15 minutes. If none of you set up this "
            "mailbox, do nothing: without the code nothing is sent.\n",
            company=(self.company_id or self.env.company).name,
            email=email,
            code=code,
        )
        subject = self.env._("Your code for %s", email)
        if road._name == "ir.mail_server":
            self._mail_by_odoo(subject, text, email)
        else:
            sender = road._get_system_from()
            message = self._write_mail(sender, subject, text, email)
            road._mail_by_itself__(message, email)
        if road == self:
            # what the code came by works
            # sudo: what is proven is the system's to note
            self.sudo().proven_settings = self._get_sending_digest()

    def _prove_settings(self):
        """Send a test mail with the mailbox's settings; it is ready when that leaves.

        :raises UserError: it did not leave, or the address is not proven
        """
        # sudo: what is proven is the system's to note
        mailbox = self.sudo()
        if not mailbox.address_is_proven:
            raise UserError(
                self.env._("The address %s is not verified yet.", self.email)
            )
        digest = mailbox._get_sending_digest()
        if mailbox.proven_settings != digest:
            text = self.env._(
                "This email was sent with the settings of %s. They work; there is "
                "nothing to do.\n",
                self.email,
            )
            sender = self._get_from(self.env.user)
            subject = self.env._("Test of %s", self.email)
            message = self._write_mail(sender, subject, text, self.email)
            self._claim_proof()
            self._mail_by_itself__(message, self.email)
        mailbox.write(
            {
                "proven_settings": digest,
                "state": "ready",
                "verification_problem": False,
            }
        )

    def _claim_proof(self):
        """Have nobody else change this mailbox until the end of the transaction.

        Called before a mail of the verification leaves. Where somebody else has just
        changed it, the database refuses now; what Odoo then does again has not yet
        mailed anything, and later nothing can be in the way.
        """
        self.env.flush_all()
        self.env.cr.execute(
            "SELECT id FROM mail_mailbox WHERE id = %s FOR NO KEY UPDATE", [self.id]
        )

    def _get_system_from(self):
        return address.format_addresses(
            [address.Address(self.env.company.name or "", (self.email or "").strip())]
        )

    def _write_mail(self, sender, subject, text, email):
        """Return a mail to ``email``, the mailbox's own address."""
        message = EmailMessage(policy=SMTP)
        message["Message-Id"] = make_msgid(domain=self.email.rpartition("@")[2])
        message["Date"] = datetime.now(timezone.utc)
        message["Subject"] = subject
        message["From"] = sender
        message["To"] = email
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(text)
        return message

    def _mail_by_itself__(self, message, email):
        """Send ``message`` with this mailbox's settings, verified or not; keep nothing.

        :raises UserError: it did not leave; says why
        """
        own, to = address.normalise(self.email), address.normalise(email)
        try:
            with self._open_provider__() as provider:
                result = provider.send(prepare(message, own, (to,)))
        except MailCoreError as error:
            raise UserError(self._explain_sending(error)) from error
        failed = [one for one in result.recipients if one.status != "accepted"]
        if failed:
            raise UserError(
                self.env._(
                    "The email to %(email)s was not sent: %(reason)s",
                    email=email,
                    reason=failed[0].reason,
                )
            )

    def _mail_by_odoo(self, subject, text, email):
        """Send a mail to ``email``, the mailbox's own, by Odoo's own server.

        :raises UserError: it did not leave; says why
        """
        company = self.company_id or self.env.company
        servers = self.env["ir.mail_server"].with_company(company)
        sender = company.email_formatted or servers._get_default_from_address()
        message = self._write_mail(sender or self.email, subject, text, email)
        # the mailbox's own address at the most, which the code is about
        servers = with_passed(servers, Passed(frozenset(self.ids)))
        try:
            servers.send_email(message)
        except MailDeliveryException as error:
            raise UserError(" ".join(str(one) for one in error.args)) from error
        except (OSError, AssertionError) as error:
            raise UserError(
                self.env._(
                    "Odoo's own outgoing server did not accept the email to "
                    "%(email)s: %(reason)s",
                    email=email,
                    reason=error,
                )
            ) from error
