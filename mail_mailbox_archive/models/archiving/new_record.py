from odoo import models
from odoo.orm.domains import DomainAnd, DomainCondition

from ...mailcore.addresses import address


class MailMailboxMessage(models.Model):
    """The initial values of a record created while archiving a message."""

    _inherit = "mail.mailbox.message"

    def _prepare_new_record(self, record_type):
        """Return the context for creating a record that this message is archived to.

        What the record type's domain asks for, and what the message tells: who it is
        from or, if it is ours, to, and its subject.

        :return: dict of ``default_`` values; False where the user may make no such
            record
        """
        self.ensure_one()
        self.check_access("read")
        model = self.env.get(record_type.res_model)
        if model is None or not model.has_access("create"):
            return False
        values = self._prepare_record_values(model) | _demanded(record_type)
        if values.get("is_company"):
            # the sender is a person
            values.pop("name", None)
        return {
            f"default_{name}": value
            for name, value in values.items()
            if name in model._fields
        }

    def _prepare_record_values(self, model):
        """Return the values for a new record of ``model``; override for your own."""
        person = self._get_correspondent()
        if model._name == "res.partner":
            name = person.display_name or person.addr_spec
            return {"name": name, "email": person.addr_spec} if person.addr_spec else {}
        values = {model._rec_name or "name": self.subject or ""}
        if person.addr_spec:
            values["email_from"] = address.format_addresses([person])
            partner = self._search_partners(
                [("email_normalized", "=", address.normalise(person.addr_spec))], 1
            )
            field = model._fields.get("partner_id")
            if partner and field and field.comodel_name == "res.partner":
                values["partner_id"] = partner.id
        return values

    def _get_correspondent(self):
        """Return the first address that is none of our mailboxes, else an empty one."""
        foreign = self._get_foreign_addresses()
        for header in (self.email_from, self.email_to, self.email_cc):
            for one in address.parse_addresses(header or ""):
                if address.normalise(one.addr_spec) in foreign:
                    return one
        return address.Address("", "")


def _demanded(record_type):
    """Return the values without which a record is none of ``record_type``."""
    domain = record_type._get_domain()
    leaves = domain.children if isinstance(domain, DomainAnd) else [domain]
    return {
        leaf.field_expr: leaf.value
        for leaf in leaves
        if isinstance(leaf, DomainCondition) and leaf.operator == "="
    }
