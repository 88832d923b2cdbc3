from odoo import api, models

from .reactions import create_quietly

#: What a new record is not given.
_LEFT = frozenset({"id", "create_uid", "create_date", "write_uid", "write_date"})
_LISTS = frozenset({"one2many", "many2many"})


class _Once:
    """Ids returned instead of new records, the first time something is created."""

    def __init__(self, ids):
        self._ids = ids

    def take(self):
        ids, self._ids = self._ids, ()
        return ids


class MailMailboxReader(models.AbstractModel):
    """A rule or another add-on that fails on a new message must not lose it.

    Whoever reacts overrides ``create``, or has a rule that runs on creation. Where that
    fails the message is stored past it, and all of it is run again later, over the
    record that is there by then.
    """

    _inherit = "mail.mailbox.reader"

    @api.model
    def _create_new(self, vals_list):
        if self.env.context.get("mailbox_quiet"):
            return create_quietly(self, vals_list)
        return self.create(vals_list)

    @api.model
    def _get_reacting(self):
        """Return the record over which reactions run again, instead of a new one."""
        once = self.env.context.get("mailbox_reacting")
        return self.with_context(mailbox_reacting=None).browse(once and once.take())

    def _react(self):
        """Run the reactions to this new record once more.

        :raises Exception: whatever that raises
        """
        self.ensure_one()
        names = [
            name
            for name, field in self._fields.items()
            if field.store and name not in _LEFT and field.type not in _LISTS
        ]
        values = self._convert_to_write({name: self[name] for name in names})
        again = self.browse().with_context(mailbox_reacting=_Once(self.ids))
        again.create([values])
        self.env.flush_all()


class MailMailboxArrival(models.Model):
    _inherit = "mail.mailbox.arrival"

    @api.model_create_multi
    def create(self, vals_list):
        return self._get_reacting() or super().create(vals_list)


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    @api.model_create_multi
    def create(self, vals_list):
        return self._get_reacting() or super().create(vals_list)
