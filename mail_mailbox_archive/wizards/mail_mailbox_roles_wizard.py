from odoo import api, fields, models


class MailMailboxRolesWizard(models.TransientModel):
    """Changes which roles may read an archived message."""

    _name = "mail.mailbox.roles.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Roles of Archived Emails"

    mailbox_message_ids = fields.Many2many(
        "mail.mailbox.message",
        "mail_mailbox_roles_wizard_message_rel",
        "wizard_id",
        "mailbox_message_id",
        default=lambda self: self._default_messages(),
    )
    role_ids = fields.Many2many(
        "res.groups",
        "mail_mailbox_roles_wizard_role_rel",
        "wizard_id",
        "group_id",
        string="Only for users with roles",
        domain=[("mail_role", "=", True)],
        default=lambda self: self._default_messages().role_ids,
    )

    @api.model
    def _default_messages(self):
        return self.env["mail.mailbox.message"].browse(
            self.env.context.get("active_ids")
        )

    def action_confirm(self):
        """Give the messages the chosen roles."""
        self.ensure_one()
        history = self.env["mail.mailbox.history"]
        mark = history._get_mark()
        self.mailbox_message_ids._set_roles(self.role_ids)
        return history._tell_done("success", self.env._("Roles changed."), mark)
