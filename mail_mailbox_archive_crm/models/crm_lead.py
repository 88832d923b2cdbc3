from odoo import models


class CrmLead(models.Model):
    """What was archived to leads follows them when they are merged."""

    _inherit = "crm.lead"

    def _merge_dependences(self, opportunities):
        result = super()._merge_dependences(opportunities)
        self.env["mail.mailbox.link"]._move(opportunities, self)
        return result
