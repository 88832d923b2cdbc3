import logging
from dataclasses import dataclass

import psycopg2

from odoo import api, models, tools
from odoo.exceptions import ValidationError

from ...mailcore.read.criteria import Criteria, Facts, split
from .filing_rule import CONDITIONS, RECORD, SUGGEST

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an email has to meet for one rule; it outlives the transaction.

    :param criteria: those that every rule has
    :param more: pairs of a function and the value of its field, of other add-ons
    """

    criteria: Criteria
    more: tuple = ()

    def __bool__(self):
        return bool(self.criteria or self.more)

    def are_met_by(self, arrival, facts=None):
        """Return whether ``arrival`` meets all of them.

        :param facts: of the arrival, if they were read already
        """
        if not self.criteria.are_met_by(facts or arrival._get_facts()):
            return False
        # sudo: only compared, for rules that act with the rights of their person
        return all(_is_met(one, value, arrival.sudo()) for one, value in self.more)


def _is_met(condition, value, arrival):
    """Return whether a condition of another add-on is met; what fails is not."""
    try:
        return bool(condition(value, arrival))
    except psycopg2.Error:
        # the transaction is lost with it
        raise
    except Exception:
        _logger.exception("A condition of filing rules failed: %s", condition)
        return False


class MailMailboxFilingRule(models.Model):
    """Which emails a rule is about."""

    _inherit = "mail.mailbox.filing.rule"

    @api.model
    def _get_more_conditions(self):
        """Return field → a function of its value and an arrival: the other conditions.

        The hook for other add-ons: call ``super()``, add yours. A field that is empty
        is no condition. The function returns whether the arrival, which it gets with
        all rights, meets the value; of a relation that is a frozenset of ids. It is
        asked while emails are stored: it may read the arrival, its message and parts,
        and searches nothing.
        """
        return {}

    def _get_conditions(self):
        """Return the :class:`Conditions` of this rule."""
        self.ensure_one()
        # sudo: a mailbox that the user left or that was deactivated counts as well
        rule = self.sudo().with_context(active_test=False)
        more = self._get_more_conditions()
        return Conditions(
            Criteria(
                mailboxes=frozenset(rule.mailbox_ids.ids),
                folder=self.folder or "",
                senders=frozenset(split(self.sender or "")),
                recipients=frozenset(split(self.recipient or "")),
                words=split(self.words or ""),
                endings=frozenset(split(self.file_endings or "")),
            ),
            tuple((more[name], _value(rule[name])) for name in more if rule[name]),
        )

    @api.model
    @tools.ormcache()
    def _get_compiled(self):
        """Return (id, conditions, whether it acts) of each active rule."""
        # sudo: each acts for its person; what it finds is checked with their rights
        rules = self.sudo().search([("active", "=", True)])
        return tuple(
            (rule.id, rule._get_conditions(), rule.action != SUGGEST)
            for rule in rules
            if not rule._is_about_everything()
        )

    def _is_about_everything(self):
        """Return whether every email would meet this rule; it then does nothing."""
        finds = self._is_about_records() and self.target != RECORD
        return not (finds or self._get_conditions())

    @api.constrains(
        lambda self: {"target", "action"}
        | CONDITIONS
        | self._get_more_conditions().keys()
    )
    def _check_conditions(self):
        for rule in self:
            if rule._is_about_everything():
                raise ValidationError(
                    self.env._("Enter at least one condition, or every email meets it.")
                )


class MailMailboxArrival(models.Model):
    """Which rules a new email meets."""

    _inherit = "mail.mailbox.arrival"

    def _get_filing_rules(self, acting=True):
        """Return arrival → the rules it meets; without a query for each.

        :param acting: only those that do more than to suggest
        """
        rules = self.env["mail.mailbox.filing.rule"]
        compiled = [
            (rule_id, conditions)
            for rule_id, conditions, acts in rules._get_compiled()
            if acts or not acting
        ]
        if not compiled:
            return {}
        found = {}
        for arrival in self:
            facts = arrival._get_facts()
            met = [one for one, each in compiled if each.are_met_by(arrival, facts)]
            if met:
                found[arrival] = rules.browse(met)
        return found

    def _get_facts(self):
        self.ensure_one()
        # sudo: only compared, for rules that act with the rights of their person
        arrival = self.sudo()
        message = arrival.mailbox_message_id
        recipients = (message.email_to, message.email_cc)
        return Facts(
            mailbox=arrival.mailbox_id.id,
            folder=arrival.folder_id.name or "",
            sender=message.email_from or "",
            recipients=", ".join(filter(None, recipients)),
            subject=message.subject or "",
            files=tuple(filter(None, message.part_ids.mapped("filename"))),
        )


def _value(value):
    """Return what is kept of a field's value: of a relation the ids."""
    return frozenset(value.ids) if isinstance(value, models.BaseModel) else value
