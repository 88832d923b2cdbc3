from odoo import fields, models

from odoo.addons.base.models.res_users import check_identity

from ..models.ir_http import SCOPE


class ResUsersApikeysDescription(models.TransientModel):
    """The form for a new API key: one that opens only what an assistant may do."""

    _inherit = "res.users.apikeys.description"

    for_assistant = fields.Boolean(
        "Only for an assistant",
        help="The key lets an assistant search and read your emails, suggest where to "
        "archive them, and write drafts. It opens nothing else of Odoo, and sends "
        "nothing.",
    )

    @check_identity
    def make_key(self):
        if not self.for_assistant:
            return super().make_key()
        self.check_access_make_key()
        keys = self.env["res.users.apikeys"]
        key = keys._generate(SCOPE, self.name, self.expiration_date)
        # sudo: as Odoo does with its own keys, the form is done with
        self.sudo().unlink()
        return {
            "type": "ir.actions.act_window",
            "res_model": "res.users.apikeys.show",
            "name": self.env._("API Key Ready"),
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_key": key},
        }
