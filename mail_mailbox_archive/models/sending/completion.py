from itertools import chain

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.text import search_form, search_words
from ..mailbox.arguments import checked, number, text

#: Most that are offered, of each kind and together.
OFFERED = 8
#: Of so many with the words the newest are taken: more would take too long.
LOOKED_THROUGH = 1_000
#: So few with the words are found by them first; whose they are is asked of these.
#: PostgreSQL takes words for rarer than they are together, and would look them up once
#: for each mailbox; of more the first ones are found soon.
FEW = 10_000
#: Letters of contacts as words are searched: what parts words is a blank.
_LETTERS = {
    letter: plain
    for letter in map(chr, chain(range(0xC0, 0x180), range(0x218, 0x21C)))
    if len(plain := search_form(letter)) == 1 and plain != letter
}
_BETWEEN = "@.-_+&/,"
#: The words of a name and an address, by built-in functions only: it is indexed.
_CONTACT_WORDS = (
    "to_tsvector('simple', replace(translate(lower(coalesce({}, '') || ' ' || {}),"
    f" '{''.join(_LETTERS)}{_BETWEEN}',"
    f" '{''.join(_LETTERS.values())}{' ' * len(_BETWEEN)}'), 'ß', 'ss'))"
)


class ResPartner(models.Model):
    """Contacts with an address are found by the beginnings of their words."""

    _inherit = "res.partner"

    _mailbox_words_idx = models.Index(
        f"USING gin (({_CONTACT_WORDS.format('name', 'email_normalized')}))"
        " WHERE email_normalized IS NOT NULL"
    )


class MailMailboxDraft(models.Model):
    """Completing recipients: past correspondents and contacts, as the user."""

    _inherit = "mail.mailbox.draft"

    @api.model
    @api.readonly
    @checked(term=text, limit=number)
    def complete(self, term, limit=OFFERED):
        """Return people whose name or address has words that begin as in ``term``.

        Correspondents of the mailboxes whose mail the user may read come first, the
        last one before others; then contacts that the user may read.

        :return: list of dicts with ``name`` and ``email``, each address once
        """
        words = search_words(term)[:10]
        if not words:
            return []
        words = [word[:60] for word in words]
        limit = min(limit, OFFERED)
        found = self._complete_correspondents(words, limit)
        if len(found) < limit:
            for email, name in self._complete_contacts(words, limit):
                found.setdefault(email, name)
        people = list(found.items())[:limit]
        return [{"email": email, "name": name or ""} for email, name in people]

    @api.model
    def _complete_correspondents(self, words, limit):
        correspondents = self.env["mail.mailbox.correspondent"]
        if not correspondents.has_access("read"):
            return {}
        named = _having_words("to_tsvector('simple', {})", ("words",), words)
        # or PostgreSQL may take the words of everybody in the mailboxes apart, for a
        # second where nobody has these; ids alone, of which those of others go no
        # further than the rule
        ids = list(correspondents._search(named, limit=FEW + 1, bypass_access=True))
        if len(ids) <= FEW:
            named = Domain("id", "in", ids)
        hits = correspondents._search(named, 0, LOOKED_THROUGH)
        rows = self.env.execute_query(
            SQL(
                "SELECT email, (array_agg(name ORDER BY last_at DESC))[1]"
                " FROM (%s) AS hit GROUP BY email ORDER BY max(last_at) DESC LIMIT %s",
                hits.select(*_columns(correspondents, "email", "name", "last_at")),
                limit,
            )
        )
        return dict(rows)

    @api.model
    def _complete_contacts(self, words, limit):
        contacts = self.env["res.partner"]
        if not contacts.has_access("read"):
            return []
        named = _having_words(_CONTACT_WORDS, ("name", "email_normalized"), words)
        has_email = Domain("email_normalized", "!=", False)
        hits = contacts._search(has_email & named)
        return self.env.execute_query(
            SQL(
                # OFFSET, or PostgreSQL goes through all names in their order
                "SELECT email_normalized, name FROM (%s OFFSET 0) AS hit"
                " ORDER BY name, email_normalized LIMIT %s",
                hits.select(*_columns(contacts, "email_normalized", "name")),
                limit,
            )
        )


def _columns(model, *names):
    return [SQL.identifier(model._table, name) for name in names]


def _having_words(vector, columns, words):
    """Return the domain of what has words that begin so in its columns.

    :param vector: SQL of the ``tsvector``, with a place for each of the columns
    """
    code = f"{vector.format(*['%s'] * len(columns))} @@ to_tsquery('simple', %s)"
    query = " & ".join(f"{word}:*" for word in words)
    return Domain.custom(
        to_sql=lambda _model, alias, _query: SQL(
            code, *(SQL.identifier(alias, name) for name in columns), query
        )
    )
