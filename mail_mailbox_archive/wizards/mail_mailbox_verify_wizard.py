from odoo import api, fields, models


class MailMailboxVerifyWizard(models.TransientModel):
    """The form for the code that was emailed to a mailbox.

    Only its keyed hash is stored, so that no row of this form proves anything.
    """

    _name = "mail.mailbox.verify.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Enter the Code of a Mailbox"

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    address_id = fields.Many2one("mail.mailbox.address", ondelete="cascade")
    email = fields.Char(compute="_compute_email", compute_sudo=False)
    code = fields.Char(
        compute="_compute_code",
        inverse="_inverse_code",
        help="The eight digits from the email.",
    )
    tried_hash = fields.Char(groups=fields.NO_ACCESS)

    @api.depends("mailbox_id", "address_id")
    def _compute_email(self):
        for wizard in self:
            wizard.email = (wizard.address_id or wizard.mailbox_id).email

    def _compute_code(self):
        self.code = False

    def _inverse_code(self):
        for wizard in self.filtered("code"):
            mailbox, alias = wizard.mailbox_id, wizard.address_id
            mailbox.check_access("write")
            # sudo: nobody may read what was tried
            wizard.sudo().tried_hash = mailbox._hash_code(wizard.code, alias)

    def action_confirm(self):
        """Check the code; the mailbox is ready when it is the right one."""
        self.ensure_one()
        # sudo: see _inverse_code
        tried = self.sudo().tried_hash or ""
        if self.address_id:
            self.address_id._verify_hash(tried)
            return {"type": "ir.actions.act_window_close"}
        self.mailbox_id._verify_hash(tried)
        return self.mailbox_id.action_show_advice()

    def action_new_code(self):
        """Email another code."""
        self.ensure_one()
        return (self.address_id or self.mailbox_id).action_request_code()
