from dataclasses import dataclass, replace

from odoo import api, models

from ...mailcore.addresses import domains
from .record_detail import THERE

#: Suggestions shown, and messages of a selection that they are looked for in.
MAX_SUGGESTIONS = 5
MAX_MESSAGES = 100

#: How much a piece of evidence says. Longer names go before shorter ones.
SCORES = {
    "thread": 100,
    "rule": 98,
    "claimed": 95,
    "address": 92,
    "sender": 90,
    "recipient": 80,
    "number": 70,
    "invoice": 65,
    "company": 60,
    "habit": 55,
    "name": 50,
    "domain": 30,
    "stranger": 20,
}
#: The evidence that chooses a record: the next Enter archives there. The rest is only
#: offered, since whoever writes to us brings it about for a record of somebody else: by
#: a References field, a further recipient, a quoted text. USAGE.rst has the table.
ENOUGH = frozenset({"thread", "sender", "number", "invoice", "company", "name"})
#: Taken from what is ours, where it is proposed at all.
OUR_OWN = 1_000
#: What is ours is named in most of our mail, so it is proposed only where somebody put
#: it there: by archiving the conversation, by a rule, or by an address that archives.
DELIBERATE = SCORES["address"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A record that a message may belong to.

    :param record: the record
    :param reason: the evidence, a translated sentence
    :param score: higher is better, see ``SCORES``
    :param record_type: the ``mail.mailbox.record.type`` it is proposed as; left out,
        the first active one that describes the record
    :param enough: whether the form chooses the record, see ``ENOUGH``; otherwise it
        only offers it
    """

    record: models.BaseModel
    reason: str
    score: float
    record_type: models.BaseModel | None = None
    enough: bool = True


class MailMailboxMessage(models.Model):
    """Suggestions: the records that a message may belong to, each with its evidence.

    They are proposed to a person who archives; nothing is ever archived by them.
    """

    _inherit = "mail.mailbox.message"

    def _suggest_for_archiving(self):
        """Return what these messages may be attached to, and why if there is nothing.

        :return: list of :class:`Suggestion`, one per record, all records that the user
            may read: those that most of the messages point to first, of these the best;
            and a sentence when the list is empty, else False
        :raises AccessError: the user may not read a message
        """
        return self._rank(self._suggest_for_each())

    def _suggest_for_each(self):
        """Return message → its suggestions, best first, of the first ``MAX_MESSAGES``.

        Without records that a message is attached to already.

        :raises AccessError: the user may not read a message
        """
        self.check_access("read")
        messages = self[:MAX_MESSAGES]
        attached = messages._get_known_targets()
        habits = messages._get_habits()
        return {
            message: sorted(
                (
                    suggestion
                    for record, suggestion in message._get_suggestions(
                        habits.get(message)
                    ).items()
                    if (message.id, *record) not in attached
                ),
                key=_order,
            )
            for message in messages
        }

    def _rank(self, found):
        """Return the suggestions of several messages, see ``_suggest_for_archiving``.

        :param found: what ``_suggest_for_each`` returns
        """
        by_record = {}
        for suggestions in found.values():
            for suggestion in suggestions:
                by_record.setdefault(suggestion.record, []).append(suggestion)
        if not by_record:
            return [], bool(found) and self._explain_no_suggestion()
        best = sorted(
            (min(several, key=_order) for several in by_record.values()),
            key=lambda one: (-len(by_record[one.record]), *_order(one)),
        )
        return best[:MAX_SUGGESTIONS], False

    @api.model
    def _group(self, found):
        """Group messages by the record that the best evidence of each chooses.

        :param found: what ``_suggest_for_each`` returns
        :return: dict of record → its suggestion and the messages, the largest group
            first; and the messages that no evidence is enough for
        """
        groups, left = {}, self.browse()
        for message, suggestions in found.items():
            if suggestions and suggestions[0].enough:
                best = suggestions[0]
                first, messages = groups.get(best.record, (best, self.browse()))
                groups[best.record] = first, messages | message
            else:
                left |= message
        ordered = sorted(groups.items(), key=lambda group: -len(group[1][1]))
        return dict(ordered), left

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
            *self._find_by_rules(),
            *self._find_by_filing_address(),
            *self._find_by_address(),
            *self._find_by_name(),
            *self._find_by_invoice(),
            *self._find_by_domain(),
        ]

    def _get_suggestions(self, habits=None):
        """Return (model, id) → the best suggestion, of records the user may read.

        :param habits: what was chosen before, see ``habit.py``
        """
        by_model, deliberate = {}, set()
        suggestions = [*self._find_records(), *self._find_by_habit(habits)]
        for suggestion in sorted(suggestions, key=_order):
            record = suggestion.record
            found = by_model.setdefault(record._name, {})
            first = found.setdefault(record.id, suggestion)
            # before habits, which raise what is alike as well
            if suggestion.score >= DELIBERATE:
                deliberate.add((record._name, record.id))
            # the best reason is told; any of them may be enough
            if suggestion.enough and not first.enough:
                found[record.id] = replace(first, enough=True)
        weighed = {
            model: {one: self._weigh(each, habits) for one, each in found.items()}
            for model, found in by_model.items()
        }
        return {
            (model, record_id): suggestion
            for model, found in weighed.items()
            for record_id, suggestion in self._complete(
                model, found, deliberate
            ).items()
        }

    def _complete(self, model, suggestions, deliberate):
        """Drop what the user may not read or no record type covers; score the rest.

        :param suggestions: dict of id → suggestion
        :param deliberate: (model, id) of what is proposed also where it is ours
        """
        # browsed anew: a hook may have found them with more rights
        records = self.env[model].browse(suggestions).exists()._filtered_access("read")
        ours = self._get_ours(records)
        records -= ours.filtered(lambda one: (model, one.id) not in deliberate)
        record_types = self._get_record_types(records)
        return {
            record.id: replace(
                suggestions[record.id],
                record=record,
                score=suggestions[record.id].score - OUR_OWN * (record in ours),
                enough=suggestions[record.id].enough and record not in ours,
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
        """Return the contacts that are our companies, and the users' own ones."""
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

    def _get_known_targets(self):
        """Return (message id, model, record id) of what these are attached to."""
        links = self._search_links([("mailbox_message_id", "in", self.ids)])
        return {
            (link.mailbox_message_id.id, link.res_model, link.res_id)
            for link in links
            if link.record_state == THERE
        }

    def _explain_no_suggestion(self):
        attached = {message_id for message_id, *_record in self._get_known_targets()}
        if any(one._get_suggestions() for one in self if one.id in attached):
            return self.env._(
                "No suggestion: it is already attached to every record it points to."
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
                "%(domain)s is a public mail provider, so it does not identify a "
                "company.",
                domain=domain,
            )
        return sentence


def _order(suggestion):
    """Return the key that sorts the best suggestion first, equal ones by age."""
    return -suggestion.score, suggestion.record._name, suggestion.record.id


def ids_of(found, record):
    """Return the ids of the messages that ``record`` is suggested for."""
    return [
        message.id
        for message, suggestions in found.items()
        if any(suggestion.record == record for suggestion in suggestions)
    ]
