from odoo import models


class MailThread(models.AbstractModel):
    """Incoming mail may claim to come from a mailbox; what is made of it goes on."""

    _inherit = "mail.thread"

    def message_process(self, *args, **kwargs):
        # what may not leave in a mailbox's name fails by itself and stops no delivery
        quiet = self.with_context(mailbox_quiet=True)
        return super(MailThread, quiet).message_process(*args, **kwargs)
