"""How another add-on plugs in: the examples of readme/DEVELOP, tested."""

from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.models.archiving.suggestion import (
    SCORES,
    Suggestion,
)
from odoo.addons.mail_mailbox_archive.models.messages.card import Card


class MailboxTestOrder(models.Model):
    """An order that knows the number its customer gave it."""

    _inherit = "mailbox.test.order"

    customer_number = fields.Char(index="btree_not_null")
    customer_wrote_at = fields.Datetime()


class MailMailboxMessage(models.Model):
    """Add a suggestion: the order whose customer's number is in the subject."""

    _inherit = "mail.mailbox.message"

    def _find_records(self):
        suggestions = super()._find_records()
        if not self.env["mailbox.test.order"].has_access("read"):
            return suggestions
        numbers = [word for word in (self.subject or "").split() if "/" in word]
        orders = self.env["mailbox.test.order"].search(
            [("customer_number", "in", numbers)], limit=5
        )
        return suggestions + [
            Suggestion(
                record=order,
                reason=self.env._(
                    "The subject names your customer's number %s.",
                    order.customer_number,
                ),
                score=SCORES["number"],
            )
            for order in orders
        ]

    def _find_cards(self):
        """A card of each order whose customer's number is in the subject."""
        words = (self.subject or "").split()
        orders = self.env["mailbox.test.order"].search(
            [("customer_number", "in", [word for word in words if "/" in word])]
        )
        return super()._find_cards() + [
            Card(
                title=self.env._("Order %s", order.name),
                lines=(self.env._("Customer's number: %s", order.customer_number),),
                record=order,
            )
            for order in orders
        ]


class MailMailboxArrival(models.Model):
    """React to a new message: an order notes when its customer last wrote."""

    _inherit = "mail.mailbox.arrival"

    @api.model_create_multi
    def create(self, vals_list):
        arrivals = super().create(vals_list)
        for arrival in arrivals:
            # neither what we sent nor the old mail of a first import
            if arrival.live and arrival.direction == "incoming":
                arrival._note_on_order()
        return arrivals

    def _note_on_order(self):
        words = (self.mailbox_message_id.subject or "").split()
        orders = self.env["mailbox.test.order"].search(
            [("customer_number", "in", [word for word in words if "/" in word])]
        )
        orders.customer_wrote_at = self.internal_date


class MailMailboxRetentionRule(models.Model):
    """A condition of retention rules: only large emails."""

    _inherit = "mail.mailbox.retention.rule"

    at_least = fields.Integer("Only emails of at least (bytes)")

    def _select(self, mailboxes, more=None):
        larger = SQL("message.size >= %s", self.at_least or 0)
        return super()._select(mailboxes, SQL("%s AND %s", more or SQL("TRUE"), larger))


class MailMailboxFilingRule(models.Model):
    """A condition of filing rules: only large emails."""

    _inherit = "mail.mailbox.filing.rule"

    at_least = fields.Integer("Size at least (bytes)")

    @api.model
    def _get_more_conditions(self):
        return {**super()._get_more_conditions(), "at_least": is_as_large}


def is_as_large(bytes_, arrival):
    """Return whether an arrival's email has so many bytes."""
    return arrival.mailbox_message_id.size >= bytes_
