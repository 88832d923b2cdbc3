from odoo import models


class PrivacyLookupWizard(models.TransientModel):
    """Finds emails about a person among those that the user may read.

    By itself it looks through every table as the system. What is in private mailboxes
    of others is not told; their people get an activity, to decide about it.
    """

    _inherit = "privacy.lookup.wizard"

    def _get_query_models_blacklist(self):
        ours = [name for name in self.env if name.startswith("mail.mailbox")]
        return super()._get_query_models_blacklist() + ours

    def action_lookup(self):
        action = super().action_lookup()
        messages = self.env["mail.mailbox.message"]
        about = messages._get_person_domain(self.email, self.name)
        model = self.env["ir.model"]._get(messages._name)
        readable = messages.browse()
        if messages.has_access("read"):
            readable = messages.search(about)
        self.line_ids = [
            (0, 0, {"res_model_id": model.id, "res_id": message.id, "is_active": True})
            for message in readable
        ]
        # sudo: the people of private mailboxes are told of what the user is not
        for message in messages.sudo().search(about):
            private = message._get_keeping_mailboxes().filtered("private")
            message._ask_to_decide(
                private.filtered(lambda m: not m._decides_about_erasure())
            )
        return action
