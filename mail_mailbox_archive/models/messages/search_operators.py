from datetime import datetime

from odoo import api, models
from odoo.fields import Domain

from ...mailcore.errors import MailCoreError
from ...mailcore.read.body import read_body
from ...mailcore.read.query import holds_phrase, read_query
from ..mailbox.fields import naive_utc

#: Of the emails with all the words of a phrase so many of the newest are looked at.
MAX_PHRASE = 200
IN_FIELDS = {
    "from": ("email_from",),
    "to": ("email_to", "email_cc", "email_bcc"),
    "subject": ("subject",),
}


class MailMailboxMessage(models.Model):
    """A search with operators, see :mod:`..mailcore.read.query`."""

    _inherit = "mail.mailbox.message"

    @api.model
    def _get_content_domain(self, query):
        """Return the domain of messages with all that ``query`` asks for."""
        terms = read_query(query)
        if not terms:
            return Domain.FALSE
        # first what an index finds: a phrase is looked for in what is left
        terms.sort(key=lambda term: term.kind == "phrase")
        found = Domain.TRUE
        for term in terms:
            domain = self._get_term_domain(term, found)
            found &= ~domain if term.negated else domain
        return found

    @api.model
    def _get_term_domain(self, term, found):
        if term.kind == "words":
            return self._get_words_domain(term.value)
        if term.kind == "phrase":
            return self._get_phrase_domain(term, found)
        if term.kind == "attachment":
            return Domain("attachment_count", ">", 0)
        if term.kind in IN_FIELDS:
            return self._get_field_domain(term)
        operator = "<" if term.kind == "before" else ">="
        day = datetime.fromisoformat(term.value)
        # the day begins where the reader is
        return Domain("date", operator, naive_utc(self.env.tz.localize(day)))

    @api.model
    def _get_field_domain(self, term):
        inside = Domain.OR(
            Domain(name, "ilike", term.value) for name in IN_FIELDS[term.kind]
        )
        words = self._get_words_domain(term.value, in_attachments=False)
        # what stands in one of them is among the words, which have an index
        return inside if term.negated or words.is_false() else words & inside

    @api.model
    def _get_phrase_domain(self, term, found):
        """Return the domain of the messages that hold a phrase.

        Where the words stand is not stored: the newest messages with all of them are
        looked through, as far as the user may read them. Of attachments the words alone
        are known.
        """
        words = self._get_words_domain(term.value, in_attachments=False)
        if words.is_false():
            return words
        found &= words
        newest = self.search(found, limit=MAX_PHRASE)
        ids = [one.id for one in newest if one._holds_phrase(term.value)]
        return Domain("id", "in", ids) | self._get_attachment_domain(term.value)

    def _holds_phrase(self, phrase):
        people = (self.email_from, self.email_to, self.email_cc)
        if any(holds_phrase(one or "", phrase) for one in (self.subject, *people)):
            return True
        try:
            text = read_body(self._read_source()).text
        except MailCoreError:
            return False
        finally:
            # sources are large, and hundreds are looked through
            self.env["ir.attachment"].invalidate_model(["raw", "db_datas"])
        return holds_phrase(text, phrase)
