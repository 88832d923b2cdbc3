from odoo import api, fields, models


class ResUsersSettings(models.Model):
    _inherit = "res.users.settings"

    mailbox_first_steps_hidden = fields.Boolean(
        help="This user closed the first steps above the Queue."
    )


class MailMailbox(models.Model):
    """What an administrator does first, and which of it is done already."""

    _inherit = "mail.mailbox"

    @api.model
    @api.readonly
    def get_first_steps(self):
        """Return which of the first steps are done, as far as the user can see.

        :return: dict of step → whether it is done: ``connect`` a mailbox to its server,
            ``verify`` that one may send, ``archive`` a message. Empty for who is no
            administrator of mail.
        """
        if not self._is_manager():
            return {}
        done = {
            "connect": self.search_count([("last_success", "!=", False)], limit=1),
            "verify": self.search_count([("state", "=", "ready")], limit=1),
            "archive": self.env["mail.mailbox.link"].search_count([], limit=1),
        }
        return {step: bool(record) for step, record in done.items()}
