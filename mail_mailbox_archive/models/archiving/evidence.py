from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ...mailcore.addresses import address, domains, names
from ...mailcore.errors import MailCoreError
from ...mailcore.read import body
from .name_index import is_number
from .suggestion import ENOUGH, SCORES, Suggestion

#: Of a message with many recipients the first ones are looked up.
MAX_ADDRESSES = 30
#: Newest archive links of its conversation.
MAX_LINKS = 50
#: Contacts with an address in the domains of a message.
MAX_CONTACTS = 200

#: How much less a name says that does not stand in the subject.
PLACES = {"subject": 0, "text": 1, "sender": 2, "attachment": 3, "quoted": 40}


class MailMailboxMessage(models.Model):
    """Evidence: what in a message shows which record it belongs to.

    Everything is looked up as the user. ``sudo()`` only reads the message itself, whose
    access was checked before, see ``_find_records``.
    """

    _inherit = "mail.mailbox.message"

    def _find_by_thread(self):
        # sudo: the message's own, see _find_records
        if not (thread_key := self.sudo().thread_key):
            return []
        links = self._search_links(
            [
                ("mailbox_message_id.thread_key", "=", thread_key),
                ("mailbox_message_id", "!=", self.id),
            ],
            limit=MAX_LINKS,
        )
        if not links:
            return []
        kind, reason = self._get_part_taken(links.mailbox_message_id)
        records = filter(None, (link._get_record() for link in links))
        return [
            Suggestion(record, reason, SCORES[kind], enough=kind in ENOUGH)
            for record in records
        ]

    def _get_part_taken(self, archived):
        """Return whether this message continues a conversation, and that in words.

        Anybody can write a References header, and a From.

        :param archived: messages of the conversation
        :return: a kind of ``SCORES`` and a sentence
        """
        if not self._took_part(archived):
            return "stranger", self.env._(
                "It claims to continue a conversation that is archived there, but its "
                "sender took no part in that conversation."
            )
        if not self._is_authenticated():
            return "claimed", self.env._(
                "Its conversation is archived there, but it is not verified who sent "
                "this email."
            )
        return "thread", self.env._("Its conversation is archived there.")

    def _search_links(self, domain, limit=None):
        """Return links that the user may see, the newest ones first."""
        links = self.env["mail.mailbox.link"]
        # sudo: only whether there is any link, which most messages have not, and which
        # costs a tenth of asking what the user may see
        if not links.sudo().search_count(domain, limit=1):
            return links
        return links.search(domain, limit=limit)

    def _took_part(self, messages):
        # sudo: the message's own, see _find_records
        senders = set(self._get_addresses(self.sudo().email_from))
        return any(senders & message._get_people() for message in messages)

    def _get_people(self):
        """Return the addresses of who wrote a message or got it."""
        fields = ("email_from", "email_to", "email_cc", "email_reply_to")
        return {one for field in fields for one in self._get_addresses(self[field])}

    def _get_addresses(self, header):
        """Return the addresses of a header in the form in which they are compared."""
        found = address.parse_addresses(header or "")[:MAX_ADDRESSES]
        return [
            address.normalise(one.addr_spec) for one in found if "@" in one.addr_spec
        ]

    def _get_foreign_addresses(self):
        """Return address → "sender" or "recipient", without our own mailboxes."""
        arrivals = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id", "=", self.id)]
        )
        # sudo: mailboxes whose arrivals the user sees; the message's own, see
        # _find_records
        mailboxes = arrivals.sudo().mailbox_id
        own = {one for box in mailboxes for one in box._get_own_addresses()}
        message = self.sudo()
        to = (message.email_to, message.email_cc, message.email_bcc)
        recipients = self._get_addresses(", ".join(filter(None, to)))
        roles = dict.fromkeys(recipients, "recipient")
        roles |= dict.fromkeys(self._get_addresses(message.email_from), "sender")
        return {one: role for one, role in roles.items() if one not in own}

    def _search_partners(self, domain, limit):
        partners = self.env["res.partner"].with_context(active_test=True)
        if not partners.has_access("read"):
            return partners
        query = partners._search(domain)
        # in no order: PostgreSQL would rather walk the whole order up to the limit
        query.order = None
        query.limit = limit
        return partners.browse(query)

    def _find_by_address(self):
        roles = self._get_foreign_addresses()
        # Odoo writes some international addresses in another way
        roles |= {email_normalize(one) or one: role for one, role in roles.items()}
        partners = self._search_partners(
            Domain("email_normalized", "in", list(roles)), limit=2 * MAX_ADDRESSES
        )
        return [
            suggestion
            for partner in partners
            for suggestion in self._suggest_partner(
                partner, roles[partner.email_normalized]
            )
        ]

    def _suggest_partner(self, partner, role):
        """Return the company of a contact, and the contact itself."""
        told = {"contact": partner.name or partner.email, "address": partner.email}
        company = partner.commercial_partner_id
        if role == "sender":
            itself = self.env._("%(address)s, the sender, is this contact.", **told)
            of_it = self.env._(
                "The sender, %(contact)s (%(address)s), is a contact of it.", **told
            )
        else:
            itself = self.env._("%(address)s, a recipient, is this contact.", **told)
            of_it = self.env._(
                "A recipient, %(contact)s (%(address)s), is a contact of it.", **told
            )
        # others write further recipients as they like
        enough = role in ENOUGH or self._is_sent_from_here()
        found = [Suggestion(partner, itself, SCORES[role] - 1, enough=enough)]
        if company != partner:
            found.append(Suggestion(company, of_it, SCORES[role], enough=enough))
        return found

    def _find_by_domain(self):
        owned = [
            domain
            for one in self._get_foreign_addresses()
            for domain in domains.owned(domains.domain_of(one))
        ]
        partners = self._search_partners(in_domains(owned), limit=MAX_CONTACTS)
        contacts = partners.grouped("commercial_partner_id")
        companies = partners.commercial_partner_id._filtered_access("read")
        return [
            Suggestion(
                company,
                self.env._(
                    "Other addresses of it end in %(domain)s.",
                    domain=domains.domain_of(contacts[company][0].email_normalized),
                ),
                SCORES["domain"] + min(len(contacts[company]), 99) / 100,
                enough="domain" in ENOUGH,
            )
            for company in companies.filtered("is_company")
        ]

    def _find_by_name(self):
        texts = self._get_texts()
        keys = set().union(*(text.keys() for text in texts.values()))
        return [
            suggestion
            for records in self.env["mail.mailbox.record.type"]._search_named(keys)
            for record in records
            for suggestion in self._suggest_named(record, texts)
        ]

    def _get_texts(self):
        """Return place → the text there, see ``PLACES``."""
        # sudo: the message's own, see _find_records
        message = self.sudo()
        own, text = message._get_own_and_whole_text()
        people = address.parse_addresses(message.email_from or "")[:1]
        files = "\n".join(part.filename or "" for part in message.part_ids)
        return {
            "subject": names.read(message.subject or ""),
            "text": names.read(own),
            "sender": names.read(" ".join(one.display_name for one in people)),
            "attachment": names.read(files),
            # last: what stands here and nowhere above is quoted
            "quoted": names.read(text),
        }

    def _get_own_and_whole_text(self):
        try:
            found = body.read_body(self._read_source())
        except MailCoreError:
            return "", ""
        text = found.text[: names.MAX_TEXT]
        lines = text[: found.quote_start].split("\n")
        # between quoted lines people answer them one by one
        own = "\n".join(line for line in lines if not line.startswith(">"))
        return own, text if own != text else ""

    def _suggest_named(self, record, texts):
        name = record[record._rec_name]
        place = next((place for place, text in texts.items() if text.holds(name)), None)
        kind = self._get_kind_of_name(record)
        if not (place and kind):
            return []
        score = SCORES[kind] - PLACES[place] + min(len(name), 99) / 100
        reason = self._get_place_reason(place, name)
        enough = kind in ENOUGH and place != "quoted"
        return [Suggestion(record, reason, score, enough=enough)]

    def _get_kind_of_name(self, record):
        """Return what the name of ``record`` proves, see ``SCORES``; "" for nothing."""
        if record._name == "res.partner":
            if record.is_company:
                return "company"
            # a first name stands in too many messages
            return "name" if " " in names.bare(record.name) else ""
        return "number" if is_number(record) else "name"

    def _get_place_reason(self, place, name):
        return {
            "subject": self.env._("“%s” appears in the subject.", name),
            "text": self.env._("“%s” appears in the text.", name),
            "sender": self.env._("“%s” appears in the sender's name.", name),
            "attachment": self.env._(
                "“%s” appears in the name of an attachment.", name
            ),
            "quoted": self.env._("“%s” appears in the quoted text.", name),
        }[place]


def in_domains(owned):
    """Return the domain of the contacts with an address in one of the domains."""

    def to_sql(model, alias, _query):
        field = model._fields["email_normalized"]
        return SQL(
            "(split_part(%s, '@', 2) COLLATE \"C\") = ANY(%s)",
            SQL.identifier(alias, field.name, to_flush=field),
            owned,
        )

    return Domain.custom(to_sql=to_sql) if owned else Domain.FALSE
