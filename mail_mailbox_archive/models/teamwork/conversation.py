from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

OPEN, WAITING, LATER, DONE = "open", "waiting", "later", "done"
#: The states in which there is nothing to do now.
PUT_AWAY = [LATER, DONE]


def key_of(message):
    """Return in SQL the conversation of the email in the table ``message``.

    One that no header ties to others is alone.
    """
    return SQL(
        "coalesce(nullif(%s, ''), %s::text)",
        SQL.identifier(message, "thread_key"),
        SQL.identifier(message, "id"),
    )


KEY = key_of("message")
#: Whether an email is put away, in SQL: by its conversation, or as a blocked sender's.
AWAY = SQL(
    "(arrival.blocked_id IS NOT NULL OR coalesce(conversation.state = ANY(%s), FALSE))",
    PUT_AWAY,
)
#: Longer than any batch of emails takes to be stored.
STORED_WITHIN = timedelta(hours=1)


class MailMailboxConversation(models.Model):
    """What people did with a conversation in one mailbox: who has it, and its state.

    There is a row only where somebody did something. Every arrival of the conversation
    in that mailbox refers to it, so that a list of a million lines joins by id, and a
    reply comes back to its owner by one query for a whole batch. The conversation is
    that of ``thread_key``, which anybody can forge: it decides nothing but what is
    shown together, and whose turn it is.
    """

    _name = "mail.mailbox.conversation"
    _inherit = "mail.mailbox.content"
    _description = "Conversation in a Mailbox"
    _order = "id desc"
    _rec_name = "mailbox_id"
    _written_by_system = True

    mailbox_id = fields.Many2one("mail.mailbox", required=True, ondelete="cascade")
    thread_key = fields.Char(required=True)
    arrival_ids = fields.One2many("mail.mailbox.arrival", "conversation_id")
    owner_id = fields.Many2one("res.users", "Owner", ondelete="set null")

    _key_uniq = models.UniqueIndex("(mailbox_id, thread_key)")
    _owner_idx = models.Index("(owner_id) WHERE owner_id IS NOT NULL")
    _begun_idx = models.Index("(create_date)")

    @api.model
    def _begin(self, arrivals):
        """Return the conversations of ``arrivals``, made where there is none yet.

        Whoever changes one holds its row until the end of the transaction: of two
        people at the same moment the second begins once more, and sees the first.
        """
        arrivals.flush_model(["mailbox_id", "mailbox_message_id", "conversation_id"])
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                INSERT INTO mail_mailbox_conversation
                            (mailbox_id, thread_key, state, create_uid, write_uid,
                             create_date, write_date)
                SELECT DISTINCT arrival.mailbox_id, %(key)s, %(open)s, %(uid)s::int,
                       %(uid)s::int, %(now)s::timestamp, %(now)s::timestamp
                  FROM mail_mailbox_arrival AS arrival
                  JOIN mail_mailbox_message AS message
                    ON message.id = arrival.mailbox_message_id
                 WHERE arrival.id = ANY(%(arrivals)s)
                 ORDER BY 1, 2
                ON CONFLICT (mailbox_id, thread_key)
                DO UPDATE SET write_date = EXCLUDED.write_date
                RETURNING id
                """,
                key=KEY,
                open=OPEN,
                uid=self.env.uid,
                now=fields.Datetime.now(),
                arrivals=arrivals.ids,
            )
        )
        conversations = self.browse(row[0] for row in rows)
        conversations.invalidate_recordset()
        conversations._join_all(arrivals)
        return conversations

    def _join_all(self, arrivals):
        """Have all arrivals of these conversations refer to them.

        :param arrivals: some of them; of an email that no header ties to others it is
            the only one
        """
        self._join_rest(SQL("conversation.id = ANY(%s)", self.ids))
        self._join(arrivals)

    @api.model
    def _join_rest(self, condition):
        """Have the arrivals that do not yet refer to their conversation do so.

        :param condition: in SQL, on the conversations that are looked at
        :return: dict as of :meth:`_join`
        """
        return self._note_joined(
            SQL(
                """
                UPDATE mail_mailbox_arrival AS arrival
                   SET conversation_id = conversation.id,
                       put_away = %s
                  FROM mail_mailbox_conversation AS conversation,
                       mail_mailbox_message AS message
                 WHERE %s
                   AND message.thread_key = conversation.thread_key
                   AND arrival.mailbox_message_id = message.id
                   AND arrival.mailbox_id = conversation.mailbox_id
                   AND arrival.conversation_id IS NULL
                RETURNING arrival.id, conversation.id
                """,
                AWAY,
                condition,
            )
        )

    @api.model
    def _join_missed(self):
        """Have emails join that were stored during the first act on their conversation.

        Neither transaction saw the other, so these stand open, and nobody's. They are
        looked for in what was begun lately.

        :return: these emails
        """
        arrivals = self.env["mail.mailbox.arrival"]
        arrivals.flush_model(["mailbox_id", "mailbox_message_id", "conversation_id"])
        self.flush_model()
        lately = fields.Datetime.now() - STORED_WITHIN
        joined = self._join_rest(SQL("conversation.create_date > %s", lately))
        missed = arrivals.union(*joined)
        missed._after_join(joined)
        missed.mailbox_id._notify_worked()
        return missed

    @api.model
    def _join(self, arrivals):
        """Have ``arrivals`` refer to the conversations that there are.

        One query, however many arrive.

        :return: dict of arrival → conversation
        """
        return self._note_joined(
            SQL(
                """
                UPDATE mail_mailbox_arrival AS arrival
                   SET conversation_id = conversation.id,
                       put_away = %(put_away)s
                  FROM mail_mailbox_message AS message,
                       mail_mailbox_conversation AS conversation
                 WHERE arrival.id = ANY(%(arrivals)s)
                   AND message.id = arrival.mailbox_message_id
                   AND conversation.mailbox_id = arrival.mailbox_id
                   AND conversation.thread_key = %(key)s
                RETURNING arrival.id, conversation.id
                """,
                arrivals=arrivals.ids,
                key=KEY,
                put_away=AWAY,
            )
        )

    @api.model
    def _note_joined(self, update):
        self.flush_model(["state"])
        rows = self.env.execute_query(update)
        arrivals = self.env["mail.mailbox.arrival"]
        arrivals.invalidate_model(["conversation_id", "put_away"])
        self.invalidate_model(["arrival_ids"])
        return {arrivals.browse(one): self.browse(other) for one, other in rows}

    def _change(self, values):
        """Write ``values``, and have it shown on the screens of others."""
        concerned = self.owner_id
        self.write(values)
        self._tell_changed(concerned)

    def _tell_changed(self, others=()):
        """Notify the screens that show these, and those whose own ones they are.

        :param others: the users whose they were before
        """
        people = self.owner_id | self.env["res.users"].union(*others)
        self.mailbox_id._notify_worked(people)

    def unlink(self):
        # whose they were has fewer
        self._tell_changed()
        return super().unlink()

    @api.model
    def _remove_empty(self):
        """Remove what no email is left of."""
        self.search([("arrival_ids", "=", False)]).unlink()

    @api.autovacuum
    def _gc_empty(self):
        # retention removes emails past the ORM
        self._remove_empty()


class MailMailboxArrival(models.Model):
    """A new email joins its conversation; an erased one leaves nothing of it."""

    _inherit = "mail.mailbox.arrival"

    conversation_id = fields.Many2one(
        "mail.mailbox.conversation",
        readonly=True,
        copy=False,
        ondelete="set null",
        index="btree_not_null",
    )
    #: Kept here as well, so that a page of what is to be done costs the same however
    #: much was done before.
    put_away = fields.Boolean(
        readonly=True,
        copy=False,
        help="Its conversation is done, or put off, or its sender is blocked.",
    )

    def _after_create(self):
        self.flush_model(["mailbox_id", "mailbox_message_id"])
        self.mailbox_message_id.flush_model(["thread_key"])
        # sudo: the state of a conversation is kept by the system, whoever stores
        joined = self.env["mail.mailbox.conversation"].sudo()._join(self)
        self._after_join(joined)
        super()._after_create()

    def _after_join(self, joined):
        """React to what joined a conversation, a dict as of ``_join``."""

    def unlink(self):
        # sudo: kept by the system, whoever removes its emails
        conversations = self.sudo().conversation_id
        result = super().unlink()
        conversations.invalidate_recordset(["arrival_ids"])
        conversations.filtered(lambda one: not one.arrival_ids).unlink()
        return result
