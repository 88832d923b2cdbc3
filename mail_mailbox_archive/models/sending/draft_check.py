from lxml import html as lxml_html

from odoo import models
from odoo.exceptions import UserError

from ...mailcore.addresses import address
from ...mailcore.send.doubts import speaks_of_attachment
from ...mailcore.send.placeholders import has_left
from .signature import QUOTES, to_text

_ATTRIBUTION = ".//*[contains(concat(' ', @class, ' '), ' o-mailbox-attribution ')]"


class MailMailboxDraft(models.Model):
    """What keeps a mail from leaving, and what its writer is asked before it does."""

    _inherit = "mail.mailbox.draft"

    def find_doubts(self):
        """Return what the writer may have forgotten, as sentences to be confirmed.

        What is quoted counts for nothing: others wrote it.
        """
        self.ensure_one()
        if not self.exists():
            # sending it says what it became
            return []
        self.check_access("read")
        text = _get_own_text(self._get_html())
        doubts = []
        if not (self.subject or "").strip():
            doubts.append(self.env._("This email has no subject."))
        shows = not self.plain and self._shows_picture()
        if not text and not shows and self.mode != "forward":
            doubts.append(self.env._("This email has no text."))
        if not self._get_files() and speaks_of_attachment(
            f"{self._get_own_subject()}\n{text}"
        ):
            doubts.append(
                self.env._("You mention an attachment, but nothing is attached.")
            )
        if has_left(text):
            doubts.append(
                self.env._("A placeholder such as {{object.name}} is not filled in.")
            )
        return doubts

    def _get_own_subject(self):
        """Return the subject where its writer wrote it, not who is answered."""
        return self.subject or "" if self.mode == "new" else ""

    def _shows_picture(self):
        return "<img" in str(self.body or "")

    def _check_people(self, name):
        """Return the addresses of a field as a header.

        :raises UserError: one of them is no address, or nobody is addressed at all
        """
        people = address.parse_addresses((self[name] or "").replace("\n", ","))
        wrong = [one for one in people if not address.is_valid(one.addr_spec)]
        if wrong:
            raise UserError(
                self.env._(
                    "“%s” is not an email address. Correct it, or remove it.",
                    address.format_addresses(wrong[:1]),
                )
            )
        if name == "email_to" and not (people or self.email_cc or self.email_bcc):
            raise UserError(self.env._("Enter at least one recipient."))
        return address.format_addresses(people)


def _get_own_text(body):
    """Return the text of a mail without what it quotes and who wrote that."""
    if not (body or "").strip():
        return ""
    tree = lxml_html.fragment_fromstring(str(body), create_parent="div")
    for node in tree.xpath(f"{QUOTES}|{_ATTRIBUTION}"):
        if node.getparent() is not None:
            node.drop_tree()
    return to_text(lxml_html.tostring(tree, encoding="unicode")).strip()
