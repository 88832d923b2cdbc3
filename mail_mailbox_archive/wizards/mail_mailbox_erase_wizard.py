from odoo import api, fields, models
from odoo.exceptions import UserError


class MailMailboxEraseWizard(models.TransientModel):
    """Asks why messages are to be erased for good."""

    _name = "mail.mailbox.erase.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Erase Emails"

    # a relation of each dialog's own: their numbers are not each other's
    mailbox_message_ids = fields.Many2many(
        "mail.mailbox.message",
        "mail_mailbox_erase_wizard_message_rel",
        "wizard_id",
        "mailbox_message_id",
        default=lambda self: self.env["mail.mailbox.message"]._get_chosen(),
    )
    message_count = fields.Integer("Emails", compute="_compute_message_count")
    reason = fields.Text(required=True)

    @api.depends("mailbox_message_ids")
    def _compute_message_count(self):
        for wizard in self:
            wizard.message_count = len(wizard.mailbox_message_ids)

    def action_confirm(self):
        """Erase the messages that the user may read by now."""
        self.ensure_one()
        messages = self.mailbox_message_ids._filtered_access("read")
        if not messages:
            raise UserError(self.env._("Choose the emails to erase."))
        messages.erase(self.reason)
        return {"type": "ir.actions.client", "tag": "soft_reload"}


class MailMailboxPersonWizard(models.TransientModel):
    """Finds all about a person: to show it, to hand it out, to erase it."""

    _name = "mail.mailbox.person.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "All About a Person"

    email = fields.Char("Email address")
    name = fields.Char()
    message_count = fields.Integer("Emails", compute="_compute_message_count")

    @api.depends_context("uid")
    @api.depends("email", "name")
    def _compute_message_count(self):
        messages = self.env["mail.mailbox.message"]
        for wizard in self:
            domain = messages._get_person_domain(wizard.email, wizard.name)
            wizard.message_count = messages.search_count(domain)

    def _find(self):
        self.ensure_one()
        messages = self.env["mail.mailbox.message"]
        emails = messages.search(messages._get_person_domain(self.email, self.name))
        if not emails:
            raise UserError(
                self.env._("There are no emails about this person that you may read.")
            )
        return emails

    def action_show(self):
        """List the messages about the person that the user may read."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("All about a person"),
            "res_model": "mail.mailbox.message",
            "view_mode": "list,form",
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", self._find().ids)],
        }

    def action_export(self):
        """Hand them out as one file."""
        wizards = self.env["mail.mailbox.export.wizard"]
        return wizards.create(
            {"mailbox_message_ids": [fields.Command.set(self._find().ids)]}
        ).action_download()

    def action_erase(self):
        """Ask why they are to be erased."""
        wizard = self.env["mail.mailbox.erase.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Erase emails"),
            "res_model": wizard._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "active_model": "mail.mailbox.message",
                "active_ids": self._find().ids,
            },
        }
