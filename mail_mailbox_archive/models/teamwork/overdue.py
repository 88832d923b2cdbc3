from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models

from .conversation import OPEN

#: Conversations that are told of in one transaction.
BATCH = 100


class MailMailboxConversation(models.Model):
    """Who is told that an answer is overdue: its owner, then the responsible person.

    The second one after the same hours again, or at once where nobody has it. How many
    and in which mailbox is said, and nothing of what is in them; only to who reads it.
    """

    _inherit = "mail.mailbox.conversation"

    @api.model
    def _cron_due(self):
        """Put on top, and tell of, what should have been answered by now."""
        cron = self.env["ir.cron"]
        late = [("state", "=", OPEN), ("notice_at", "<=", fields.Datetime.now())]
        while found := self.search(late, limit=BATCH, order="notice_at, id"):
            # somebody is at the others at this moment: the next run looks again
            if not (found := found.try_lock_for_update()):
                return
            found._tell_overdue()
            if not cron._commit_progress(len(found)):
                return

    def _tell_overdue(self):
        told = defaultdict(self.browse)
        for mailbox, talks in self.grouped("mailbox_id").items():
            readers = mailbox._get_readers()
            again = mailbox._get_due({*talks.mapped("due_at")} - {False})
            for talk in talks:
                person = talk._get_notified() & readers
                told[mailbox, person or mailbox.responsible_id & readers] |= talk
                more = person and person != mailbox.responsible_id
                talk.notice_at = bool(more) and again.get(talk.due_at)
        self._put_on_top()
        for (mailbox, person), talks in told.items():
            if person and mailbox.active:
                talks._tell_of_overdue(mailbox, person)

    def _get_notified(self):
        """Return whose turn it is to hear of it, nobody for the responsible person."""
        return self.owner_id if self.notice_at == self.due_at else self.env["res.users"]

    def _tell_of_overdue(self, mailbox, person):
        env = self.with_context(lang=person.lang).env
        line = self.arrival_ids.filtered("on_top")[:1]
        alone = len(self) == 1 and line
        summary = (
            env._("An email to %s is overdue", mailbox.email)
            if alone
            else env._(
                "%(count)s emails to %(email)s are overdue",
                count=len(self),
                email=mailbox.email,
            )
        )
        note = Markup('<a href="/odoo/email-queue%s">%s</a>') % (
            f"/{line.id}" if alone else "",
            env._("Open the email") if alone else env._("Open the Queue"),
        )
        self.env["mail.mailbox"]._tell_people(person, summary, note)
