from odoo import models

from ...mailcore.addresses.address import parse_addresses
from ...mailcore.errors import MailCoreError
from ...mailcore.read.sealing import ARMOUR, SEALED, read_sealing

#: Recipients whose key may open an email that are named.
MAX_NAMED = 5


class MailMailboxMessage(models.Model):
    """What is said of an email that is encrypted or signed: nothing is checked here."""

    _inherit = "mail.mailbox.message"

    def _get_sealing_data(self):
        """Return kind and sentence for a sealed message, False for any other.

        The source is read only where parts or the first words hint at it.
        """
        self.ensure_one()
        hinted = ARMOUR in (self.preview or "") or any(
            part.mimetype in SEALED or (part.filename or "").lower() == "smime.p7m"
            for part in self.part_ids
        )
        if not hinted:
            return False
        try:
            sealing = read_sealing(self._read_source())
        except MailCoreError:
            return False
        return sealing and {
            "kind": sealing.kind,
            "method": sealing.method,
            "text": self._get_sealing_sentence(sealing),
        }

    def _get_sealing_sentence(self, sealing):
        if sealing.kind == "signed":
            return self.env._(
                "This email carries a signature (%s) that is not checked here.",
                sealing.method,
            )
        if sealing.kind == "opaque":
            return self.env._(
                "This email is signed with %s in a way that its text is inside of the "
                "signature. The signature is not checked here. Download the email as "
                ".eml and open it in a mail program to read it.",
                sealing.method,
            )
        sentence = self.env._(
            "This email is encrypted with %(method)s. It can be read only in a mail "
            "program with the private key of: %(people)s.",
            method=sealing.method,
            people=self._get_key_holders(),
        )
        if not sealing.keys:
            return sentence
        keys = ", ".join(f"0x{key}" for key in sealing.keys)
        return f"{sentence} {self.env._('Keys that open it: %s', keys)}"

    def _get_key_holders(self):
        """Return for whom it was encrypted, as far as its header says."""
        people = [
            one.addr_spec
            for header in (self.email_to, self.email_cc)
            for one in parse_addresses(header or "")
            if one.addr_spec
        ]
        named = list(dict.fromkeys(people))[:MAX_NAMED]
        more = ["…"] if len(set(people)) > MAX_NAMED else []
        return ", ".join(named + more) or self.env._("a recipient who is not named")
