from odoo import fields, models


class MailMailboxVerifyWizard(models.TransientModel):
    """The form for the code that was emailed to a mailbox.

    Only its keyed hash is stored, so that no row of this form proves anything.
    """

    _name = "mail.mailbox.verify.wizard"
    _inherit = "mail.mailbox.guarded"
    _description = "Enter the Code of a Mailbox"

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    email = fields.Char(related="mailbox_id.email", related_sudo=False)
    code = fields.Char(
        compute="_compute_code",
        inverse="_inverse_code",
        help="The eight digits from the email.",
    )
    tried_hash = fields.Char(groups=fields.NO_ACCESS)

    def _compute_code(self):
        self.code = False

    def _inverse_code(self):
        for wizard in self.filtered("code"):
            mailbox = wizard.mailbox_id
            mailbox.check_access("write")
            # sudo: nobody may read what was tried
            wizard.sudo().tried_hash = mailbox._hash_code(wizard.code)

    def action_confirm(self):
        """Check the code; the mailbox is ready when it is the right one."""
        self.ensure_one()
        # sudo: see _inverse_code
        self.mailbox_id._verify_hash(self.sudo().tried_hash or "")
        return self.mailbox_id.action_show_advice()

    def action_new_code(self):
        """Email another code."""
        self.ensure_one()
        return self.mailbox_id.action_request_code()
