from dataclasses import dataclass, replace

from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL, email_normalize

from ..mailcore import address, body, domains, names, quoting
from ..mailcore.errors import MailCoreError
from .mail_mailbox_name_index import is_number

#: Suggestions shown, and messages of a selection that they are looked for in.
MAX_SUGGESTIONS = 5
MAX_MESSAGES = 5
#: Of a message with many recipients the first ones are looked up.
MAX_ADDRESSES = 30
#: Newest archive links of its conversation.
MAX_LINKS = 50
#: Contacts with an address in the domains of a message.
MAX_CONTACTS = 200

#: How much a piece of evidence says. Longer names go before shorter ones.
SCORES = {
    "thread": 100,
    "sender": 90,
    "recipient": 80,
    "number": 70,
    "company": 60,
    "name": 50,
    "domain": 30,
    "stranger": 20,
}
#: How much less a name says that does not stand in the subject.
PLACES = {"subject": 0, "text": 1, "sender": 2, "attachment": 3, "quoted": 40}
OUR_OWN = 1_000


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A record that a message may belong to.

    :param record: the record
    :param reason: the evidence, a translated sentence
    :param score: higher is better, see ``SCORES``
    :param record_type: the ``mail.mailbox.record.type`` it is proposed as; left out,
        the first active one that describes the record
    """

    record: models.BaseModel
    reason: str
    score: float
    record_type: models.BaseModel | None = None


class MailMailboxMessage(models.Model):
    """Suggestions: the records that a message may belong to, each with its evidence.

    They are proposed to a person who archives; nothing is ever archived by them.
    """

    _inherit = "mail.mailbox.message"

    def _suggest_for_archiving(self):
        """Return what these messages may be attached to, and why if there is nothing.

        Of several messages what they have in common, else what the first one gives.

        :return: list of :class:`Suggestion`, best first, one per record, all records
            that the user may read; and a sentence when the list is empty, else False
        :raises AccessError: the user may not read a message
        """
        self.check_access("read")
        messages = self[:MAX_MESSAGES]
        if not messages:
            return [], False
        found = [message._get_suggestions() for message in messages]
        common = set(found[0]).intersection(*found[1:]) or found[0].keys()
        new = common - self._get_records_attached_to_all()
        if not new:
            return [], messages._explain_no_suggestion(bool(common))
        best = sorted((found[0][record] for record in new), key=_order)
        return best[:MAX_SUGGESTIONS], False

    def _find_records(self):
        """Return the records that this message may belong to, as a list of suggestions.

        The hook for other add-ons: call ``super()``, add :class:`Suggestion` objects.
        The same record may come several times, the best one counts. Records that the
        user may not read are dropped afterwards, but what a reason tells must be known
        to the user. Nothing is archived here.

        That the user may read the message was checked already; reading it through
        ``sudo()`` spares to check it for every field again.
        """
        self.ensure_one()
        return [
            *self._find_by_thread(),
            *self._find_by_address(),
            *self._find_by_name(),
            *self._find_by_domain(),
        ]

    def _get_suggestions(self):
        """Return (model, id) → the best suggestion, of records the user may read."""
        by_model = {}
        for suggestion in sorted(self._find_records(), key=_order, reverse=True):
            record = suggestion.record
            by_model.setdefault(record._name, {})[record.id] = suggestion
        return {
            (model, record_id): suggestion
            for model, suggestions in by_model.items()
            for record_id, suggestion in self._complete(model, suggestions).items()
        }

    def _complete(self, model, suggestions):
        """Drop what the user may not read or no record type describes; weigh the rest.

        :param suggestions: dict of id → suggestion
        """
        # browsed anew: a hook may have found them with more rights
        records = self.env[model].browse(suggestions).exists()._filtered_access("read")
        ours = self._get_ours(records)
        record_types = self._get_record_types(records)
        return {
            record.id: replace(
                suggestions[record.id],
                record=record,
                score=suggestions[record.id].score - OUR_OWN * (record in ours),
                record_type=suggestions[record.id].record_type or record_types[record],
            )
            for record in records
            if suggestions[record.id].record_type or record in record_types
        }

    def _get_record_types(self, records):
        """Return record → the first active type that describes it."""
        types = self.env["mail.mailbox.record.type"].with_context(active_test=True)
        found = {}
        for record_type in types.search([("res_model", "=", records._name)]):
            for record in records.filtered_domain(record_type._get_domain()):
                found.setdefault(record, record_type)
        return found

    def _get_ours(self, records):
        """Return the contacts that are our companies or people: in most of our mail."""
        if records._name != "res.partner":
            return records.browse()
        # sudo: which of these are ours is asked, nothing else is shown
        partners = records.sudo()
        companies = self.env["res.company"].sudo()
        ours = companies.search(
            [("partner_id", "in", partners.commercial_partner_id.ids)]
        ).partner_id
        return partners.filtered(
            lambda p: p.commercial_partner_id in ours or not p.partner_share
        ).sudo(False)

    def _get_records_attached_to_all(self):
        """Return (model, id) of the records that every one of these is attached to."""
        links = self._search_links([("mailbox_message_id", "in", self.ids)])
        records = links.grouped(lambda link: (link.res_model, link.res_id))
        return {
            record
            for record, here in records.items()
            if len(here.mailbox_message_id) == len(self)
        }

    def _explain_no_suggestion(self, attached):
        if attached:
            return self.env._(
                "No suggestion: it is attached already to every record it points to."
            )
        sentence = self.env._(
            "No suggestion: its conversation is not archived yet, its addresses are "
            "not known, and it names no company, contact or record that you may open."
        )
        # sudo: access to the messages was checked at the beginning
        sender = self._get_addresses(self[:1].sudo().email_from)[:1]
        domain = domains.domain_of(sender[0]) if sender else ""
        if domains.is_public(domain):
            sentence += " " + self.env._(
                "%(domain)s is a public mail provider, it does not tell a company.",
                domain=domain,
            )
        return sentence

    # Evidence

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
        # anybody can write a References header: a sender who was no part of the
        # conversation is not taken at his word
        if links and self._took_part(links.mailbox_message_id):
            reason, score = self.env._("Its conversation is archived there."), "thread"
        else:
            score = "stranger"
            reason = self.env._(
                "It claims to continue a conversation that is archived there. Its "
                "sender took no part in that one."
            )
        records = filter(None, (link._get_record() for link in links))
        return [Suggestion(record, reason, SCORES[score]) for record in records]

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
        fields = ("email_from", "email_to", "email_cc", "email_reply_to")
        return any(
            senders.intersection(self._get_addresses(message[field]))
            for message in messages
            for field in fields
        )

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
        own = {address.normalise(box.email) for box in arrivals.sudo().mailbox_id}
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
        company = partner.commercial_partner_id._filtered_access("read")
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
        found = [Suggestion(partner, itself, SCORES[role] - 1)]
        if company and company != partner:
            found.append(Suggestion(company, of_it, SCORES[role]))
        return found

    def _find_by_domain(self):
        owned = [
            domain
            for one in self._get_foreign_addresses()
            for domain in domains.owned(domains.domain_of(one))
        ]
        partners = self._search_partners(_in_domains(owned), limit=MAX_CONTACTS)
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
        text = message._get_text()
        own = quoting.own_text(text)
        people = address.parse_addresses(message.email_from or "")[:1]
        files = "\n".join(part.filename or "" for part in message.part_ids)
        return {
            "subject": names.read(message.subject or ""),
            "text": names.read(own),
            "sender": names.read(" ".join(one.display_name for one in people)),
            "attachment": names.read(files),
            # last: what stands here and nowhere above is quoted
            "quoted": names.read(text if text != own else ""),
        }

    def _get_text(self):
        try:
            return body.read_body(self._read_source()).text[: names.MAX_TEXT]
        except MailCoreError:
            return ""

    def _suggest_named(self, record, texts):
        name = record[record._rec_name]
        place = next((place for place, text in texts.items() if text.holds(name)), None)
        kind = self._get_kind_of_name(record)
        if not (place and kind):
            return []
        score = SCORES[kind] - PLACES[place] + min(len(name), 99) / 100
        return [Suggestion(record, self._get_place_reason(place, name), score)]

    def _get_kind_of_name(self, record):
        """Return what the name of ``record`` says, see ``SCORES``; "" for nothing."""
        if record._name == "res.partner":
            if record.is_company:
                return "company"
            # a first name stands in too many messages
            return "name" if " " in names.bare(record.name) else ""
        return "number" if is_number(record) else "name"

    def _get_place_reason(self, place, name):
        return {
            "subject": self.env._("“%s” stands in the subject.", name),
            "text": self.env._("“%s” stands in the text.", name),
            "sender": self.env._("“%s” stands in the name of the sender.", name),
            "attachment": self.env._("“%s” stands in the name of an attachment.", name),
            "quoted": self.env._(
                "“%s” stands in the earlier mail that it quotes.", name
            ),
        }[place]


def _order(suggestion):
    """Return the key that sorts the best suggestion first, equal ones by age."""
    return -suggestion.score, suggestion.record._name, suggestion.record.id


def _in_domains(owned):
    """Return the domain of the contacts with an address in one of the domains."""

    def to_sql(model, alias, _query):
        field = model._fields["email_normalized"]
        return SQL(
            "(split_part(%s, '@', 2) COLLATE \"C\") = ANY(%s)",
            SQL.identifier(alias, field.name, to_flush=field),
            owned,
        )

    return Domain.custom(to_sql=to_sql) if owned else Domain.FALSE
