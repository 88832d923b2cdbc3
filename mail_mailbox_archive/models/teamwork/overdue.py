from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.fields import Domain

from .conversation import OPEN

#: Conversations of one mailbox that are told of in one transaction, and at once: a
#: weekend of them is one notice.
BATCH = 1000


class MailMailboxConversation(models.Model):
    """Who is told that an answer is overdue: its owner, then the responsible person.

    The second one after the same hours again, or at once where nobody has it; where
    they no longer work here, who takes their place. How many and in which mailbox is
    said, and nothing of what is in them; only to who reads it.
    """

    _inherit = "mail.mailbox.conversation"

    @api.model
    def _cron_due(self):
        """Put on top, and tell of, what should have been answered by now."""
        cron = self.env["ir.cron"]
        late = Domain("state", "=", OPEN)
        late &= Domain("notice_at", "<=", fields.Datetime.now())
        # nothing twice in one run, whatever becomes of it
        seen = self.browse()
        while first := self.search(
            late & Domain("id", "not in", seen.ids), limit=1, order="notice_at, id"
        ):
            here = Domain("mailbox_id", "=", first.mailbox_id.id)
            found = self.search(
                late & here & Domain("id", "not in", seen.ids),
                limit=BATCH,
                order="notice_at, id",
            )
            seen |= found
            # somebody is at the others at this moment: the next run looks again
            found = found.try_lock_for_update()
            found._tell_overdue(first.mailbox_id)
            if not cron._commit_progress(len(found)):
                return

    def _tell_overdue(self, mailbox):
        told = defaultdict(self.browse)
        readers = mailbox._get_readers()
        others = mailbox._get_caretakers() & readers
        others = others or mailbox._get_own_people() & readers
        again = mailbox._get_due({*self.mapped("due_at")} - {False})
        for talk in self:
            owner = self.env["res.users"] if talk.owner_told else talk.owner_id
            owner &= readers
            for person in owner or others:
                told[person] |= talk
            more = owner and others - owner
            talk.notice_at = bool(more) and again.get(talk.due_at)
            talk.owner_told = bool(owner) or talk.owner_told
        self._put_on_top()
        for person, talks in told.items():
            if mailbox.active:
                talks._tell_of_overdue(mailbox, person)

    def _tell_of_overdue(self, mailbox, person):
        env = self.with_context(lang=person.lang).env
        line = self.arrival_ids.filtered("on_top")[:1]
        alone = len(self) == 1 and line
        summary = (
            env._("An email to %s is overdue", mailbox.email)
            if len(self) == 1
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
