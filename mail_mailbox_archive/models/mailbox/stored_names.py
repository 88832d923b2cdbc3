from contextlib import contextmanager

from odoo import api, models

#: Where a transaction notes that what it computes is stored outside our models.
STORING = "mail_mailbox_archive.storing_names"


@contextmanager
def storing_names(env):
    """Show no name of a guarded record in the block, to anybody.

    For what is stored where the record's own access rule does not hold.
    """
    cache = env.cr.cache
    outer = cache.get(STORING)
    cache[STORING] = True
    try:
        yield
    finally:
        cache[STORING] = outer


class Base(models.AbstractModel):
    """What is computed to be stored outlives who asked: it holds neutral names."""

    _inherit = "base"

    def _compute_field_value(self, field):
        if not field.store:
            return super()._compute_field_value(field)
        with storing_names(self.env):
            return super()._compute_field_value(field)


class MailTrackingValue(models.Model):
    """What changed on a record is read by whoever reads that record."""

    _inherit = "mail.tracking.value"

    @api.model
    def _create_tracking_values(self, *args, **kwargs):
        with storing_names(self.env):
            return super()._create_tracking_values(*args, **kwargs)
