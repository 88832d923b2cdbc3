from collections import defaultdict

from odoo import api, models

PENDING = "mail_mailbox_archive.given"


class MailMailboxConversation(models.Model):
    """Who is given a conversation hears of it on their devices.

    Once for all that was given until Odoo runs what is to be done before the commit,
    which is at the end of the transaction, and before that at each savepoint. By whom
    and how many is said, and nothing of what is in them; only to who has them at that
    moment, and may read them then.
    """

    _inherit = "mail.mailbox.conversation"

    def _change(self, values):
        before = {talk: talk.owner_id for talk in self}
        result = super()._change(values)
        given = self.filtered(lambda one: one.owner_id - before[one])
        # what a mailbox hands out nobody gives
        given._note_given(False if "handed_to_id" in values else self.env.uid)
        return result

    def _note_given(self, giver_id):
        precommit = self.env.cr.precommit
        if self and PENDING not in precommit.data:
            precommit.data[PENDING] = {}
            # sudo: who is notified is settled here
            precommit.add(self.env["mail.mailbox.conversation"].sudo()._tell_given)
        for talk in self:
            precommit.data[PENDING][talk.id] = talk.owner_id, giver_id

    @api.model
    def _tell_given(self):
        given = defaultdict(self.browse)
        for talk_id, key in self.env.cr.precommit.data.pop(PENDING).items():
            given[key] |= self.browse(talk_id)
        for (person, giver_id), talks in given.items():
            owned = talks.exists()._filtered_owned()
            mine = owned.filtered(lambda one, who=person: one.owner_id == who)
            if mine and person.id != giver_id:
                mine._push_given(person, self.env["res.users"].browse(giver_id))

    def _push_given(self, person, giver):
        count, name = len(self), giver.name

        def say(env):
            if giver and count == 1:
                return env._("An email was given to you by %s", name)
            if giver:
                return env._(
                    "%(count)s emails were given to you by %(name)s",
                    count=count,
                    name=name,
                )
            if count == 1:
                return env._("An email was given to you")
            return env._("%s emails were given to you", count)

        lines = self.arrival_ids.filtered(lambda one: not one.blocked_id)
        if lines:
            self.env["mail.mailbox"]._push(person, say, lines.sorted("id")[-1:])
