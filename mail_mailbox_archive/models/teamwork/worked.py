from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..receiving.badge import CAP
from .conversation import OPEN

PENDING = "mail_mailbox_archive.worked"


class MailMailbox(models.Model):
    """News of what people do with the emails of a mailbox, to the screens of others.

    As those of ``receiving/news.py`` they say in which mailbox and nothing else; each
    screen that shows lines of it asks for these by one query. Who has one of them hears
    it once more, without a mailbox: the number of one's own, which stands beside the
    circles, may have changed.
    """

    _inherit = "mail.mailbox"

    def _notify_worked(self, owners=()):
        """Notify those who read these mailboxes, once per transaction, at its end.

        :param owners: users whose number of open conversations may be another
        """
        precommit = self.env.cr.precommit
        if PENDING not in precommit.data:
            precommit.data[PENDING] = defaultdict(set)
            # sudo: who is notified is settled here
            precommit.add(self.env["mail.mailbox"].sudo()._send_worked)
        for owner in owners:
            precommit.data[PENDING][False].add(owner.id)
        for mailbox in self:
            precommit.data[PENDING][mailbox.id].update(mailbox._get_readers().ids)

    @api.model
    def _send_worked(self):
        for mailbox_id, user_ids in self.env.cr.precommit.data.pop(PENDING).items():
            for user in self.env["res.users"].browse(sorted(user_ids)):
                user._bus_send(
                    "mail_mailbox_archive/worked", {"mailbox_id": mailbox_id}
                )

    @api.model
    def _get_badge_more(self):
        """Return ``own`` as well: asked of no mailbox.

        Whoever lost a mailbox owns nothing in it. Of the companies that one looks at,
        as the emails that are listed by it.
        """
        self.flush_model(["company_id"])
        self.env["mail.mailbox.conversation"].flush_model(["owner_id", "state"])
        own = SQL(
            "(SELECT count(*) FROM (SELECT FROM mail_mailbox_conversation AS talk"
            " JOIN mail_mailbox AS box ON box.id = talk.mailbox_id"
            " WHERE talk.owner_id = %s AND talk.state = %s"
            " AND EXISTS (SELECT FROM mail_mailbox_arrival AS one"
            " WHERE one.conversation_id = talk.id AND one.blocked_id IS NULL)"
            " AND (box.company_id IS NULL OR box.company_id = ANY(%s))"
            " LIMIT %s) AS own)",
            self.env.uid,
            OPEN,
            self.env.companies.ids,
            CAP,
        )
        return {**super()._get_badge_more(), "own": own}
