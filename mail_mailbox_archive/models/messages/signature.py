from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import format_date, format_datetime

from ...mailcore.addresses.address import normalise, parse_addresses
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.child import NotOpened
from ...mailcore.inside.signature import check_signature, missing_libraries
from ...mailcore.read.signed import certificates, find_signed
from ..mailbox.arguments import checked

#: How it is shown: as what holds, as what people should know, as a warning.
LEVELS = {
    "good": "success",
    "lapsed": "info",
    "untrusted": "info",
    "weak": "warning",
    "expired": "warning",
    "purpose": "warning",
    "other_address": "warning",
    "broken": "danger",
}
#: Characters of a company's list of certificates.
MAX_ROOTS = 500_000


class MailMailboxMessage(models.Model):
    """Whether the S/MIME signature of an email holds, and whose it is.

    Nothing of it is stored: certificates expire, and what is trusted changes.
    """

    _inherit = "mail.mailbox.message"

    @checked(one=True)
    def check_signature(self):
        """Check the S/MIME signature of this email, in a process with limits.

        :return: dict of ``state``, ``level`` (``success``, ``info``, ``warning``,
            ``danger``), ``text`` and further sentences as ``lines``; texts are to be
            escaped by who shows them. False where there is none of the whole email
        :raises AccessError: the user may not read the email
        """
        self.check_access("read")
        try:
            signed = find_signed(self._read_source())
        except MailCoreError:
            signed = None
        if not signed or missing_libraries():
            return False
        senders = [
            normalise(one.addr_spec) for one in parse_addresses(self.email_from or "")
        ]
        try:
            verdict = check_signature(signed, senders, self._get_own_roots())
        except NotOpened as error:
            return self._describe_unchecked(error.code)
        return self._describe_verdict(verdict, verdict.is_of(senders))

    def _get_own_roots(self):
        """Return the certificates that those trust who received this email, as PEM.

        What another company of the user's trusts vouches for nobody here.
        """
        # sudo: certificates are public, and what they make of an email is told anyway
        companies = (self.mailbox_ids.company_id or self.env.company).sudo()
        return "\n".join(filter(None, companies.mapped("mailbox_trusted_certificates")))

    def _describe_unchecked(self, code):
        busy = code in ("busy", "time", "unavailable")
        return {
            "state": "unchecked",
            "level": "info",
            "text": self.env._(
                "This email is signed, but its signature could not be checked at the "
                "moment. Open the email again later."
            )
            if busy
            else self.env._(
                "This email carries a signature that cannot be read, so nothing is "
                "known of who signed it."
            ),
            "lines": [],
        }

    def _describe_verdict(self, verdict, is_senders):
        """Return what is shown of a checked signature."""
        state = verdict.state
        if state in ("unknown_method", "unnamed"):
            return self._describe_unchecked(state)
        if state in ("good", "lapsed") and not is_senders:
            state = "other_address"
        return {
            "state": state,
            "level": LEVELS[state],
            "text": self._get_signature_sentence(state, verdict),
            "lines": self._get_signature_lines(state, verdict, is_senders),
        }

    def _get_signature_sentence(self, state, verdict):
        name = verdict.name or self.env._("somebody who is not named")
        sentences = {
            "good": self.env._(
                "Signed by %s. The text and the attachments are as they were signed.",
                name,
            ),
            "lapsed": self.env._(
                "Signed by %(name)s with a certificate that expired on %(day)s. It was "
                "valid at the time at which the signer says to have signed.",
                name=name,
                day=self._get_signature_day(verdict.valid_until),
            ),
            "expired": self.env._(
                "The certificate of %s was not valid when this email was signed.", name
            ),
            "purpose": self.env._(
                "The certificate of %s is not made for email, so that the signature "
                "proves nothing.",
                name,
            ),
            "untrusted": self.env._(
                "Signed with a certificate that no trusted authority vouches for. It "
                "says that it belongs to %s, which anybody can write.",
                name,
            ),
            "weak": self.env._(
                "Signed by %s with a method that can be forged today, so that the "
                "signature proves nothing.",
                name,
            ),
            "other_address": self.env._(
                "Signed by %s, but not with a certificate of the sender’s address.",
                name,
            ),
            "broken": self.env._(
                "The signature does not match: the email was changed after it was "
                "signed, or was signed by somebody else."
            ),
        }
        return sentences[state]

    def _get_signature_lines(self, state, verdict, is_senders):
        """Return what else is known of the certificate, one sentence each."""
        if state == "broken":
            return []
        lines = []
        addresses = ", ".join(verdict.addresses)
        if addresses and not is_senders:
            lines.append(
                self.env._(
                    "The certificate is for %(addresses)s, the email comes from "
                    "%(sender)s.",
                    addresses=addresses,
                    sender=self._get_sender() or "?",
                )
            )
        elif addresses:
            lines.append(self.env._("The certificate is for %s.", addresses))
        if verdict.issuer:
            lines.append(self.env._("Issued by %s.", verdict.issuer))
        if state in ("expired", "untrusted") and verdict.valid_from:
            lines.append(
                self.env._(
                    "Valid from %(begin)s to %(end)s.",
                    begin=self._get_signature_day(verdict.valid_from),
                    end=self._get_signature_day(verdict.valid_until),
                )
            )
        if verdict.signed_at:
            moment = verdict.signed_at.replace(tzinfo=None)
            said = format_datetime(self.env, moment, dt_format="short")
            lines.append(self.env._("Signed on %s, as the signer says.", said))
        if state == "good":
            lines.append(
                self.env._(
                    "Whether the certificate was revoked is not checked; subject and "
                    "date are not signed."
                )
            )
        return lines

    @api.model
    def _get_signature_day(self, moment):
        return format_date(self.env, moment.date()) if moment else "?"


class ResCompany(models.Model):
    """A company may trust authorities of its own, or a partner's certificate."""

    _inherit = "res.company"

    mailbox_trusted_certificates = fields.Text(
        "Certificates trusted for email signatures",
        help="In PEM form: authorities beside those that the system trusts, or the "
        "certificate of a single person.",
    )

    @api.constrains("mailbox_trusted_certificates")
    def _check_mailbox_trusted_certificates(self):
        for company in self:
            if problem := self._get_certificates_problem(
                company.mailbox_trusted_certificates or ""
            ):
                raise ValidationError(problem)

    @api.model
    def _get_certificates_problem(self, text):
        """Return why ``text`` is no list of certificates in PEM, "" if it is one."""
        from cryptography import x509

        if "PRIVATE KEY" in text:
            return self.env._(
                "This contains a private key. Remove it: only certificates are needed, "
                "and a private key is for nobody else."
            )
        if len(text) > MAX_ROOTS:
            return self.env._("These are too many certificates.")
        found = certificates(text.encode())
        try:
            for one in found:
                x509.load_pem_x509_certificate(one)
            readable = not text.strip() or bool(found)
        except ValueError:
            readable = False
        return (
            ""
            if readable
            else self.env._(
                "These are no certificates in PEM form: each begins with “-----BEGIN "
                "CERTIFICATE-----”."
            )
        )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    mailbox_trusted_certificates = fields.Text(
        related="company_id.mailbox_trusted_certificates", readonly=False
    )
