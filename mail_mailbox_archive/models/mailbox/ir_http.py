from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """What the web client knows of the mail before it asks anything."""

    _inherit = "ir.http"

    def session_info(self):
        info = super().session_info()
        if self.env.user.has_group("mail_mailbox_archive.group_user"):
            mailbox = self.env["mail.mailbox"].with_context(
                allowed_company_ids=self._get_chosen_companies()
            )
            types = self.env["mail.mailbox.record.type"]
            info["mailbox"] = {
                "badge": mailbox.get_badge(),
                "models": types._get_tab_model_names(),
            }
            # browsers keep forms by this hash, and forms change with the record types
            info["registry_hash"] = types._get_tab_version(info["registry_hash"])
        return info

    def _get_chosen_companies(self):
        """Return the companies switched on in the browser, as its own requests do."""
        words = (request.cookies.get("cids") or "").split("-")
        chosen = [int(word) for word in words if word.isdigit()]
        if chosen and set(chosen) <= set(self.env.user._get_company_ids()):
            return chosen
        return self.env.user.company_id.ids
