from collections import defaultdict

from odoo import api, models

PENDING = "mail_mailbox_archive.worked"


class MailMailbox(models.Model):
    """News of what people do with the emails of a mailbox, to the screens of others.

    As those of ``receiving/news.py`` they say in which mailbox and nothing else; each
    screen that shows lines of it asks for these by one query, and no circle changes.
    """

    _inherit = "mail.mailbox"

    def _notify_worked(self):
        """Notify those who read these mailboxes, once per transaction, at its end."""
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(set)
            # sudo: who is notified is settled here
            precommit.add(self.env["mail.mailbox"].sudo()._send_worked)
        for mailbox in self:
            precommit.data[PENDING][mailbox.id].update(mailbox._get_readers().ids)

    @api.model
    def _send_worked(self):
        for mailbox_id, user_ids in self.env.cr.precommit.data.pop(PENDING).items():
            for user in self.env["res.users"].browse(sorted(user_ids)):
                user._bus_send(
                    "mail_mailbox_archive/worked", {"mailbox_id": mailbox_id}
                )
