from odoo import models
from odoo.http import request

#: What a key for an assistant opens: these methods by JSON-2, and nothing of Odoo's.
SCOPE = "mail_mailbox_assistant"
TOOLS = (
    "search_emails",
    "read_email",
    "find_records",
    "propose_filing",
    "write_draft",
)
PATHS = frozenset(f"/json/2/mail.mailbox.assistant/{tool}" for tool in TOOLS)


class IrHttp(models.AbstractModel):
    """The key for an assistant."""

    _inherit = "ir.http"

    @classmethod
    def _auth_method_bearer(cls):
        """Let in the key for an assistant, where an assistant has something to do.

        Everywhere else Odoo asks for a key without a scope, and refuses this one.
        """
        words = request.httprequest.headers.get("Authorization", "").split()
        if (
            request.httprequest.path in PATHS
            and not request.env.uid
            and len(words) == 2
            and words[0].lower() == "bearer"
        ):
            keys = request.env["res.users.apikeys"]
            if uid := keys._check_credentials(scope=SCOPE, key=words[1]):
                request.update_env(user=uid)
                request.session.can_save = False
                return cls._auth_method_user()
        return super()._auth_method_bearer()
