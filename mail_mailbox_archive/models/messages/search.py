from collections.abc import Set

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.orm.domains import DomainAnd, DomainCondition
from odoo.tools import SQL, split_every

from ...mailcore.read.search import search_query
from ..mailbox.reader import composed_once

#: So many of the newest messages with the words are looked through for each that is
#: wanted, before all of them are.
LOOKED_THROUGH = 4


class MailMailboxMessage(models.Model):
    """Full-text search: words of subject, people, text, attachments and their names."""

    _inherit = "mail.mailbox.message"

    content = fields.Char(
        "Text of the email",
        compute="_compute_content",
        search="_search_content",
        help="Finds words in the subject, sender and recipients, text, attachments and "
        "their names.",
    )

    def _compute_content(self):
        self.content = False

    @api.model
    def _search_content(self, operator, value):
        if operator not in ("ilike", "like", "=", "in"):
            return NotImplemented
        values = value if operator == "in" else [value]
        return Domain.OR(self._get_content_domain(str(v)) for v in values if v)

    @api.model
    def _get_words_domain(self, query, in_attachments=True):
        """Return the domain of messages that hold every word of ``query``.

        In the email, or all of them in one of its attachments. Words match from their
        beginning: "spost" finds "Spostex"; numbers also from their end and with other
        separators.
        """
        tsquery = search_query(query)
        if not tsquery:
            return Domain.FALSE
        others = in_attachments and self._get_attachment_ids(tsquery)

        def to_sql(model, alias, _query):
            in_email = SQL(
                "to_tsvector('simple', %s) @@ to_tsquery('simple', %s)",
                SQL.identifier(alias, "search_text"),
                tsquery,
            )
            if not others:
                return in_email
            # both sides are looked up in an index
            row = SQL.identifier(alias, "id")
            return SQL("(%s OR %s = ANY(%s))", in_email, row, others)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_attachment_domain(self, query):
        """Return the domain of messages with all the words in one attachment."""
        tsquery = search_query(query)
        found = tsquery and self._get_attachment_ids(tsquery)
        if not found:
            return Domain.FALSE

        def to_sql(model, alias, _query):
            return SQL("%s = ANY(%s)", SQL.identifier(alias, "id"), found)

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_attachment_ids(self, tsquery):
        """Return in SQL the ids of messages with such an attachment, as an array.

        An array is made once, before anything is looked for among the messages.
        """
        if not self.env["mail.mailbox.inside"]._is_on():
            return None
        return SQL(
            "ARRAY(SELECT part.mailbox_message_id FROM mail_mailbox_inside AS inside"
            " JOIN mail_mailbox_part AS part ON part.inside_id = inside.id"
            " WHERE to_tsvector('simple', inside.words) @@ to_tsquery('simple', %s))",
            tsquery,
        )

    @api.model
    @api.readonly
    def web_search_read(
        self, domain, specification, offset=0, limit=None, order=None, count_limit=None
    ):
        most = max(count_limit or 0, offset + (limit or 0))
        if not (limit and count_limit and self._is_search(domain, order)):
            return super().web_search_read(
                domain, specification, offset, limit, order, count_limit
            )
        with composed_once(self.env):
            # the page and the number of lines at once: a search is asked only once
            ids = tuple(self._search(domain, 0, most, self._order))
            page = self.browse(ids[offset : offset + limit])
            return {"length": len(ids), "records": page.web_read(specification)}

    @api.model
    def _search(self, domain, offset=0, limit=None, order=None, **options):
        ids = None
        if limit and self._asks_rights(**options) and self._is_search(domain, order):
            ids = self._search_newest(Domain(domain), (offset or 0) + limit)
        if ids is None:
            return super()._search(domain, offset, limit, order, **options)
        return self.browse(ids[offset or 0 :])._as_query()

    @api.model
    def _asks_rights(self, bypass_access=False, **_options):
        return not (self.env.su or bypass_access)

    @api.model
    def _is_search(self, domain, order):
        """Return whether a domain looks for words, the newest messages first."""
        return (order or self._order) == self._order and any(
            leaf.field_expr == "content" for leaf in Domain(domain).iter_conditions()
        )

    @api.model
    def _search_newest(self, domain, wanted):
        """Return the newest messages of a search for words, as ids.

        PostgreSQL would ask for the right to each message with the words before it
        sorts them. Here they are sorted first, and rights are asked until there are
        enough: of a large archive most messages are never asked.

        :return: as many ids as are ``wanted``, fewer if there are no more; None when
            they lie so far back that all have to be asked
        """
        limit = wanted * LOOKED_THROUGH
        words, rights = self._split_rights(domain)
        # their ids alone, of which those that may not be read go no further than here
        hits = list(super()._search(words, 0, limit, self._order, bypass_access=True))
        ids = []
        for batch in split_every(wanted * 2, hits, list):
            readable = Domain("id", "in", batch) & rights
            ids += super()._search(readable, 0, wanted, self._order)
            if len(ids) >= wanted:
                break
        if len(ids) < wanted and len(hits) == limit:
            return None
        return ids[:wanted]

    @api.model
    def _restrict(self, domain):
        links = self.env["mail.mailbox.link"]
        if links.has_access("read") and any(map(_is_archived, _get_parts(domain))):
            # that its record is one the user may open is asked already, and is half of
            # the rule; what costs less comes first
            return domain & (self._get_role_domain() | self._get_queue_domain())
        return super()._restrict(domain)

    @api.model
    def _split_rights(self, domain):
        """Return a domain in two: what is cheap to ask, and whether it is archived.

        A message is archived for who may open its record, which is a right as well.
        """
        parts = _get_parts(domain)
        rights = [part for part in parts if _is_archived(part)]
        if not rights:
            return domain, Domain.TRUE
        words = [part for part in parts if not _is_archived(part)]
        return Domain.AND([*words, self._get_linked_domain()]), Domain.AND(rights)


def _get_parts(domain):
    return domain.children if isinstance(domain, DomainAnd) else (domain,)


def _is_archived(domain):
    """Return whether a domain says that emails are archived, as it is given or read."""
    if not isinstance(domain, DomainCondition) or domain.field_expr != "archived":
        return False
    operator, value = domain.operator, domain.value
    if operator == "in" and isinstance(value, (list, tuple, Set)):
        return bool(value) and all(one is True for one in value)
    return operator == "=" and value is True
