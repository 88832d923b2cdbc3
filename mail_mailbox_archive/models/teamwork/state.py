from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...mailcore.autoreply.autoreply import read
from ...mailcore.autoreply.autoreply_signs import is_automatic
from ...mailcore.errors import Unreadable
from ...mailcore.imap.folder import Role
from .conversation import AWAY, DONE, KEY, LATER, OPEN, WAITING
from .seen_here import is_unread

#: Conversations that come back in one transaction.
BATCH = 100


class MailMailboxConversation(models.Model):
    """Whether a conversation is open, waits, comes back later, or is done.

    One without a row is open. It waits after an answer of ours, and is open again when
    they write, whatever it was.
    """

    _inherit = "mail.mailbox.conversation"

    state = fields.Selection(
        [
            (OPEN, "Open"),
            (WAITING, "Waiting for an answer"),
            (LATER, "Later"),
            (DONE, "Done"),
        ],
        default=OPEN,
        required=True,
    )
    until = fields.Datetime("Comes back")

    _until_idx = models.Index("(until) WHERE state = 'later'")
    _open_idx = models.Index("(owner_id) WHERE state = 'open'")

    def _set_state(self, state, until=False):
        """Change the state, and have the screens of others show it.

        :param until: when it is open again automatically
        """
        self._change({"state": state, "until": until})
        self._put_away()

    def _filtered_looked_at(self, arrivals):
        """Return those that have nothing new beside ``arrivals``, lines of theirs.

        Whoever puts a conversation away has looked at what stood on the screen. Nobody
        has looked at an email that came after these lines and is unread; a request that
        is done again, since it was stored at the same moment, finds it here. What left
        the Queue, so that it cannot be chosen there, does not count.
        """
        arrivals.flush_model(["conversation_id", "live", "fetched_at", "blocked_id"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT newer.conversation_id
                  FROM (SELECT conversation_id, max(id) AS id
                          FROM mail_mailbox_arrival WHERE id = ANY(%s)
                         GROUP BY conversation_id) AS shown
                  JOIN mail_mailbox_arrival AS newer
                    ON newer.conversation_id = shown.conversation_id
                   AND newer.id > shown.id
                 WHERE newer.live AND newer.fetched_at >= %s
                   AND newer.blocked_id IS NULL AND %s
                """,
                arrivals.ids,
                arrivals._get_queue_limit(),
                is_unread(arrivals, "newer"),
            )
        )
        return self - self.browse(row[0] for row in rows)

    def _reopen(self, state=OPEN):
        """Write the state of those to which something came, also where it is the same.

        So that whoever changes one of them at this moment begins once more, and does
        not put away an email that was stored meanwhile.
        """
        if not self:
            return
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_conversation SET state = %s, until = NULL"
                " WHERE id = ANY(%s)",
                state,
                self.ids,
            )
        )
        self.invalidate_recordset(["state", "until"])
        self._put_away()
        self._tell_changed()

    def _put_away(self):
        """Note at the arrivals of these conversations whether they are put away."""
        if not self:
            return
        self.flush_recordset(["state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE mail_mailbox_arrival AS arrival
                   SET put_away = %(put_away)s
                  FROM mail_mailbox_conversation AS conversation
                 WHERE conversation.id = ANY(%(conversations)s)
                   AND arrival.conversation_id = conversation.id
                   AND coalesce(arrival.put_away, FALSE) <> %(put_away)s
                """,
                conversations=self.ids,
                put_away=AWAY,
            )
        )
        self.env["mail.mailbox.arrival"].invalidate_model(["put_away"])

    @api.model
    def _cron_return(self):
        """Open those that were put off until now."""
        cron = self.env["ir.cron"]
        if self._join_missed() and not cron._commit_progress():
            return
        due = [("state", "=", LATER), ("until", "<=", fields.Datetime.now())]
        while back := self.search(due, limit=BATCH, order="until, id"):
            # somebody is at the others at this moment: the next run looks again
            if not (back := back.try_lock_for_update()):
                return
            back._come_back()
            if not cron._commit_progress(len(back)):
                return

    def _come_back(self):
        self._set_state(OPEN)
        came = self.arrival_ids.filtered(
            lambda one: one.direction == "incoming" and not one.blocked_id
        )
        for lines in came.grouped("conversation_id").values():
            lines.sorted("id")[-1:]._write_seen_here("unread")
        # listed again where only what is to be done is shown
        self.mailbox_id._notify_changed()


class MailMailboxArrival(models.Model):
    """What arrives, and what is sent, changes the state of its conversation."""

    _inherit = "mail.mailbox.arrival"

    automatic = fields.Boolean(
        "Sent automatically",
        readonly=True,
        help="No person sent it from here, as its header says.",
    )

    @api.model
    def _prepare_values(self, mailbox, folder, fetched, message, live):
        values = super()._prepare_values(mailbox, folder, fetched, message, live)
        if values["direction"] == "outgoing":
            values["automatic"] = _is_automatic(fetched.source)
        return values

    @api.model
    def _prepare_values_of_source(self, source):
        values = super()._prepare_values_of_source(source)
        return {**values, "automatic": _is_automatic(source)}

    def _after_join(self, joined):
        super()._after_join(joined)
        # what a blocked sender writes is nobody's turn
        live = self.filtered(
            lambda one: one.live and not (one.automatic or one.blocked_id)
        )
        new = live.filtered(
            lambda one: one.direction == "outgoing" and one not in joined
        )
        if new := new._filtered_answering()._filtered_ours():
            new._begin_conversations()
        if not (joined or new):
            # nobody did anything with these conversations: the usual case
            return
        # sudo: the state is kept by the system, whoever stores
        changing = live.sudo().filtered("conversation_id")
        came = changing.filtered(lambda one: one.direction == "incoming")
        ours = (changing - came)._filtered_ours()
        waiting = ours._get_answered(came)
        opened = came.conversation_id - waiting
        # one that says it is ours and may not be: it changes no turn, and hides nowhere
        doubtful = (changing - came - ours).conversation_id - waiting - opened
        opened |= doubtful.filtered(lambda one: one.state in (LATER, DONE))
        opened._reopen()
        waiting._reopen(WAITING)

    def _get_answered(self, came):
        """Return the conversations in which one of these answers is the last email.

        Folders are read one after another: an answer may be stored after what was
        written to it. A server's clock may be ahead of ours.

        :param came: what came in the same batch
        """
        last = {}
        for one in (self | came).sorted(lambda a: (a.internal_date, a.id)):
            last[one.conversation_id] = one
        answers = self.browse([one.id for one in last.values() if one in self])
        if not answers:
            return answers.conversation_id
        self.flush_model(
            ["conversation_id", "direction", "fetched_at", "internal_date"]
        )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT answer.conversation_id
                  FROM mail_mailbox_arrival AS answer
                 WHERE answer.id = ANY(%s)
                   AND NOT EXISTS (
                       SELECT FROM mail_mailbox_arrival AS came
                        WHERE came.conversation_id = answer.conversation_id
                          AND came.direction = 'incoming'
                          AND LEAST(came.internal_date, came.fetched_at)
                              > answer.internal_date)
                """,
                answers.ids,
            )
        )
        return answers.conversation_id.browse(row[0] for row in rows)

    def _filtered_ours(self):
        """Return those of these, which name the mailbox as sender, that it did send.

        In a From header anybody can write our address. What our outbox stores has no
        folder yet.
        """
        # sudo: where they are on the server; only yes or no comes out
        return self & self.sudo().filtered(
            lambda one: not one.folder_id
            or one.folder_id.role == Role.SENT.value
            or one.mailbox_message_id._is_authenticated(one.mailbox_id)
        )

    def _filtered_answering(self):
        """Return those in whose conversation something came to the same mailbox."""
        if not self:
            return self
        rows = self.env.execute_query(
            SQL(
                """
                SELECT arrival.id
                  FROM mail_mailbox_arrival AS arrival
                  JOIN mail_mailbox_message AS message
                    ON message.id = arrival.mailbox_message_id
                 WHERE arrival.id = ANY(%s)
                   AND EXISTS (
                       SELECT FROM mail_mailbox_message AS other
                         JOIN mail_mailbox_arrival AS came
                           ON came.mailbox_message_id = other.id
                        WHERE other.thread_key = %s
                          AND came.mailbox_id = arrival.mailbox_id
                          AND came.direction = 'incoming')
                """,
                self.ids,
                KEY,
            )
        )
        return self.browse(row[0] for row in rows)


class MailMailbox(models.Model):
    _inherit = "mail.mailbox"

    done_when_archived = fields.Boolean(
        "Archiving marks as done",
        help="Archiving an email of this mailbox marks its conversation as done.",
    )


class MailMailboxLink(models.Model):
    """Where a mailbox has it so, archiving an email is being done with it."""

    _inherit = "mail.mailbox.link"

    @api.model_create_multi
    def create(self, vals_list):
        links = super().create(vals_list)
        if self.env.context.get("states_restored"):
            return links
        # what was archived automatically nobody has looked at
        by_people = links.filtered(lambda one: not one._get_cause())
        by_people.mailbox_message_id._set_done_where_so(OPEN, DONE)
        return links

    def _remove(self):
        messages = self.mailbox_message_id
        listed = super()._remove()
        if self.env.context.get("states_restored"):
            return listed
        left = messages.filtered(lambda one: not one.link_ids)
        left._set_done_where_so(DONE, OPEN)
        return listed


class MailMailboxMessage(models.Model):
    _inherit = "mail.mailbox.message"

    def _set_done_where_so(self, before, after):
        """Change the state in those of the user's mailboxes that go by archiving."""
        arrivals = self.env["mail.mailbox.arrival"].sudo(False)
        if not (self and arrivals.has_access("read")):
            return
        # any!: how a mailbox is set up is told to nobody by what follows
        here = Domain("mailbox_message_id", "in", self.ids) & Domain(
            "mailbox_id", "any!", [("done_when_archived", "=", True)]
        )
        if found := arrivals.search(here):
            conversations = found._begin_conversations()
            if before == DONE:
                conversations = conversations.filtered(lambda one: one.state == DONE)
            else:
                conversations = conversations._filtered_looked_at(found)
            conversations._set_state(after)

    def _get_states(self):
        # sudo: the system's own note, to be undone
        arrivals = self.sudo().arrival_ids
        arrivals = arrivals.filtered(lambda one: one.mailbox_id.done_when_archived)
        told = {str(one.id): _told(one) for one in arrivals.conversation_id}
        return {**super()._get_states(), **told}

    def _restore_states(self, changed):
        result = super()._restore_states(changed)
        # sudo: what the same action changed, of whatever mailbox
        conversations = self.env["mail.mailbox.conversation"].sudo()
        by_conversation = self.sudo().arrival_ids.grouped("conversation_id")
        for key, (former, left) in changed.items():
            conversation = conversations.browse(int(key)).exists()
            # what somebody did with it meanwhile is left
            if not conversation or _told(conversation) != left:
                continue
            # one without a row was open
            state, *until = former or [OPEN]
            if state != OPEN:
                # what came meanwhile nobody has looked at
                lines = by_conversation.get(conversation, self.arrival_ids.browse())
                conversation = conversation._filtered_looked_at(lines)
            conversation._set_state(state, *until)
        return result


def _told(conversation):
    """Return state and until of a conversation, as JSON has them."""
    return [conversation.state, fields.Datetime.to_string(conversation.until)]


def _is_automatic(source):
    """Return whether the header of a message says that no person sent it."""
    try:
        return is_automatic(read(source))
    except Unreadable:
        return False
