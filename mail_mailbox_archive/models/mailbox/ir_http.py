from odoo import models
from odoo.http import request


class IrHttp(models.AbstractModel):
    """What the web client knows of the mail before it asks anything."""

    _inherit = "ir.http"

    @classmethod
    def _auth_method_user_or_key(cls):
        """Let in who is signed in, or another program with the API key of a user.

        Odoo's ``bearer`` would turn away the addresses that a page loads by itself.
        """
        words = request.httprequest.headers.get("Authorization", "").split()
        if words and words[0].lower() == "bearer":
            cls._auth_method_bearer()
        else:
            cls._auth_method_user()

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
                "is_copy": mailbox._is_copy(),
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
