from odoo import models

from ...mailcore.addresses.address import parse_addresses
from ...mailcore.errors import MailCoreError
from ...mailcore.inside.signature import missing_libraries
from ...mailcore.read.sealing import ARMOUR, SEALED, read_sealing
from ...mailcore.read.signed import is_signed

#: Recipients whose key may open an email that are named.
MAX_NAMED = 5


class MailMailboxMessage(models.Model):
    """What is said of an email that is encrypted or signed, by its form alone.

    Whether an S/MIME signature holds is asked afterwards, see ``signature.py``.
    """

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
        source = self._read_source()
        try:
            sealing = read_sealing(source)
        except MailCoreError:
            return False
        if not sealing:
            return False
        whole = sealing.kind in ("signed", "opaque") and is_signed(source)
        missing = missing_libraries() if whole else ()
        return {
            "kind": sealing.kind,
            "method": sealing.method,
            # whether it is worth asking ``check_signature``
            "checkable": whole and not missing,
            "text": self._get_signed_sentence(sealing, whole, missing)
            if sealing.kind in ("signed", "opaque")
            else self._get_sealing_sentence(sealing),
        }

    def _get_signed_sentence(self, sealing, whole, missing):
        """Return what is said of a signature before it is checked, or without that.

        :param whole: all of the email is signed, with S/MIME
        :param missing: libraries without which it cannot be checked
        """
        words = []
        if sealing.kind == "opaque":
            words += [
                self.env._(
                    "This email is signed with %s in a way that its text is inside of "
                    "the signature.",
                    sealing.method,
                ),
                self.env._(
                    "Download the email as .eml and open it in a mail program to read "
                    "it."
                ),
            ]
        else:
            words.append(
                self.env._("This email carries a signature (%s).", sealing.method)
            )
        if sealing.method == "S/MIME" and not whole:
            words.append(
                self.env._(
                    "It covers only a part of the email and is not checked here."
                )
            )
        elif not whole:
            words.append(self.env._("It is not checked here."))
        elif missing:
            words.append(
                self.env._(
                    "It is not checked here, because on the server these Python "
                    "packages are missing: %s.",
                    ", ".join(missing),
                )
            )
        return " ".join(words)

    def _get_sealing_sentence(self, sealing):
        sentence = self.env._(
            "This email is encrypted with %(method)s. It can be read only in a mail "
            "program with the private key of: %(people)s.",
            method=sealing.method,
            people=self._get_key_holders(),
        )
        if not sealing.keys:
            return sentence
        keys = ", ".join(f"0x{key}" for key in sealing.keys)
        opened_by = self.env._("Keys that open it: %s", keys)
        return f"{sentence} {opened_by}"

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
