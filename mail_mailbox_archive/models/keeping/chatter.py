from odoo import SUPERUSER_ID, models


class MailMailboxMessage(models.Model):
    """Who erases a mail of theirs erases no line of chatter that is others'."""

    _inherit = "mail.mailbox.message"

    def _find_chatter(self):
        lines = super()._find_chatter()
        if self.env["mail.mailbox"]._is_manager() or self.env.uid == SUPERUSER_ID:
            return lines
        # a mail that looks like such a line is quickly made, and put into a mailbox
        mine = lines.sudo(False)._filtered_access("write")
        return mine.sudo(self.env.su)
