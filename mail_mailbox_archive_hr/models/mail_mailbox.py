from odoo import api, fields, models


class MailMailbox(models.Model):
    """The department that a mailbox belongs to; it gives nobody access to mail."""

    _inherit = "mail.mailbox"

    department_id = fields.Many2one(
        "hr.department",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        help="The department this mailbox belongs to. It is for finding and grouping: "
        "who reads the mailbox is decided by its users.",
    )

    @api.onchange("department_id")
    def _onchange_department_id(self):
        """Propose the department's manager as responsible for a new mailbox.

        Not for one that is there: its mail would get another reader by the way.
        """
        # an ordinary user sets up a mailbox for nobody but oneself
        if self._origin or not self._is_manager():
            return
        # sudo: a department's manager is shown to all, the employee's record is not
        manager = self.department_id.sudo().manager_id.user_id
        if manager.sudo(False).filtered_domain(self._domain_people()):
            if self.user_ids._origin == self.responsible_id._origin:
                # nobody was chosen yet, so the one proposed before does not stay
                self.user_ids = manager
            self.responsible_id = manager
