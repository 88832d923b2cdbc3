from odoo import models

from odoo.addons.mail_mailbox_archive.models.archiving.suggestion import Suggestion

#: Below all evidence that is enough: it chooses nothing, and hides nothing.
SCORE = 40


class MailMailboxMessage(models.Model):
    """What an assistant proposed is offered to its person, who decides."""

    _inherit = "mail.mailbox.message"

    def _find_records(self):
        proposals = self.env["mail.mailbox.assistant.call"]._find_proposals(self)
        return super()._find_records() + [
            Suggestion(
                record=self.env[one.res_model].browse(one.res_id),
                reason=self.env._("Your assistant suggests it: %s", one.note),
                score=SCORE,
                enough=False,
            )
            for one in proposals
            if one.res_model in self.env
        ]
