import re

from odoo import api, fields, models
from odoo.tools import SQL

from ..mailbox.arguments import (
    LARGEST,
    checked,
    domain,
    get_refusal,
    number,
    record_ids,
    text,
    values_by_name,
)
from ..mailbox.reader import composed_once
from .conversation import key_of
from .seen_here import is_unread

#: Emails of a conversation whose senders, and whether they are unread, a line tells.
TOLD = 100
#: Of a list so many more emails are read at first than lines are wanted.
AT_FIRST = 2
#: Emails that are looked through to count lines, for each line that is counted at most.
LOOKED_THROUGH = 5
#: Lines that a screen asks about at once.
MAX_LINES = 1000


class MailMailboxLine(models.AbstractModel):
    """A list with one line for each conversation: its newest email stands for it.

    The list is that of the emails that a domain finds for the user, and nothing else
    decides what a line counts: of what they may not read, or have filtered out, there
    is neither a line nor a number. ``thread_key`` only puts together what is listed
    anyway, so whoever forges it reaches no email by it.

    The emails are read as the flat list reads them, the newest first, until there are
    enough conversations: each is asked about once, whatever the domain, and however
    many are of one conversation.
    """

    _name = "mail.mailbox.line"
    _inherit = "mail.mailbox.guarded"
    _description = "Listed by Conversation"

    conversation_line = fields.Json(
        "Emails of the conversation",
        compute="_compute_conversation_line",
        help="What a line says that stands for a conversation: how many emails, of "
        "whom, and which are unread.",
    )

    def _compute_conversation_line(self):
        # told with a list alone, which decides what is counted
        self.conversation_line = False

    @api.model
    @api.readonly
    @checked(
        domain=domain,
        specification=values_by_name,
        offset=number,
        limit=number,
        order=text,
        count_limit=number,
    )
    def web_read_conversations(
        self, domain, specification, offset=0, limit=80, order="", count_limit=0
    ):
        """Return a page of the list, as ``web_search_read`` does of single emails.

        :param order: other than the newest first, as of any list
        :param count_limit: so many lines are counted at most; 0 for all
        :return: dict of ``length`` and ``records``
        """
        newest, *_rest = self._order.split(", ")
        if order.lower() == newest:
            # by a click on the column: not by what is on top
            order = f"{order}, id DESC"
        order = order or self._order
        self._check_order(order)
        most = max(offset + limit, 1)
        self, domain = self._list_lines(domain)
        with composed_once(self.env):
            if order.lower() == self._order:
                keys = self._find_newest(domain, most, order)
            else:
                keys = self._find_sorted(domain, most, order)
            lines = self._read_lines(domain, keys[offset : offset + limit])
            rows = self.browse(list(lines)).web_read(specification)
            length = len(keys)
            if length == most:
                counted = self._count_up_to(domain, count_limit)
                length = max(length, counted)
        if "conversation_line" in specification:
            for row in rows:
                row["conversation_line"] = lines[row["id"]]
        return {"length": length, "records": rows}

    @api.model
    def _count_up_to(self, domain, most):
        """Return how many conversations the list has, or ``most`` where it has more.

        :param most: 0 for all; where there are very many emails, more are assumed
        """
        if not most:
            return self.count_conversations(domain)
        query = self._search(domain, 0, LOOKED_THROUGH * most)
        query.order = None
        columns = self._get_conversation(query)
        ((emails, lines),) = self.env.execute_query(
            SQL(
                "SELECT count(*), count(DISTINCT (mailbox, key))"
                " FROM (%s) AS one(mailbox, key)",
                query.select(*columns),
            )
        )
        return most if emails == LOOKED_THROUGH * most else min(lines, most)

    @api.model
    def _check_order(self, order):
        names = {re.split(r"[\s.:]", one.strip())[0] for one in order.split(",")}
        if any(name not in self._fields for name in names):
            raise get_refusal(self.env, "order", order)

    @api.model
    @api.readonly
    @checked(domain=domain)
    def count_conversations(self, domain):
        """Return how many lines the list has."""
        self, domain = self._list_lines(domain)
        with composed_once(self.env):
            query = self._search(domain)
            columns = self._get_conversation(query)
            (row,) = self.env.execute_query(
                SQL(
                    "SELECT count(*) FROM (SELECT DISTINCT * FROM (%s) AS one) AS line",
                    query.select(*columns),
                )
            )
        return row[0]

    @api.model
    @api.readonly
    @checked(domain=domain, ids=record_ids)
    def get_conversation_lines(self, domain, ids):
        """Return what changed on lines in sight, by id; of what left the list nothing.

        :param ids: of the emails that stand for the lines
        """
        self, domain = self._list_lines(domain)
        with composed_once(self.env):
            query = self._search([("id", "in", (ids or [])[:MAX_LINES])])
            if query.is_empty():
                return {}
            query.order = None
            asked = self._read_keys(query)
            found = self._read_lines(domain, list(dict.fromkeys(asked.values())))
        by_key = {line["key"]: line for line in found.values()}
        told = {one: by_key.get(_tell_key(key)) for one, key in asked.items()}
        return {str(one): line for one, line in told.items() if line}

    @api.model
    def _find_newest(self, domain, most, order):
        """Return the first ``most`` conversations, each as ``(mailbox, key)``."""
        found, offset, size = {}, 0, most * AT_FIRST
        while True:
            query = self._search(domain, offset, size, order)
            keys = [] if query.is_empty() else self._read_keys(query).values()
            found.update(dict.fromkeys(keys))
            if len(keys) < size or len(found) >= most:
                return list(found)[:most]
            offset += size
            # as many as it takes, going by those read so far; and a few more
            size = max(offset * (most - len(found)) // len(found) * 5 // 4, most)

    @api.model
    def _find_sorted(self, domain, most, order):
        """Return the first ``most`` conversations by their newest emails' ``order``."""
        members = self._search(domain)
        if members.is_empty():
            return []
        columns = {**self._get_key_columns(members), **self._get_line_columns(members)}
        newest = SQL(
            "SELECT DISTINCT ON (mailbox, key) id FROM (%s) AS one"
            " ORDER BY mailbox, key, moment DESC, id DESC",
            _select(members, columns),
        )
        # the access rule was asked in there
        query = self._search([], 0, most, order, bypass_access=True)
        # an array: with a LIMIT, PostgreSQL may ask a sub-select once for each row
        query.add_where(
            SQL("%s = ANY(ARRAY(%s))", SQL.identifier(query.table, "id"), newest)
        )
        return list(self._read_keys(query).values())

    @api.model
    def _read_keys(self, query):
        """Return of the emails in ``query`` their conversations, in its order."""
        rows = self.env.execute_query(
            query.select(
                SQL.identifier(query.table, "id"), *self._get_conversation(query)
            )
        )
        return {row_id: tuple(key) for row_id, *key in rows}

    @api.model
    def _read_lines(self, domain, keys):
        """Return what is told of conversations in the list, by their newest emails.

        By one query, however many there are.

        :param keys: as of :meth:`_find_newest`; in their order
        """
        if not keys:
            return {}
        query = self._search(domain)
        columns = {**self._get_key_columns(query), **self._get_line_columns(query)}
        query.add_where(self._is_in_one_of(query, keys))
        rows = self.env.execute_query(
            SQL(
                """
                SELECT (array_agg(id ORDER BY moment DESC, id DESC))[1],
                       mailbox, key, count(*), max(id),
                       (array_agg(sender ORDER BY moment DESC, id DESC))[:%(told)s],
                       count(*) FILTER (WHERE unread),
                       (array_agg(id ORDER BY moment DESC, id DESC)
                           FILTER (WHERE unread))[:%(told)s],
                       (array_agg(id ORDER BY moment DESC, id DESC)
                           FILTER (WHERE incoming))[1]
                  FROM (%(emails)s) AS email
                 GROUP BY mailbox, key
                """,
                told=TOLD,
                emails=_select(query, columns),
            )
        )
        lines = {
            (mailbox, key): (row_id, _tell((mailbox, key), *values))
            for row_id, mailbox, key, *values in rows
        }
        return dict(lines[key] for key in keys if key in lines)

    @api.model
    def _is_in_one_of(self, query, keys):
        """Return in SQL whether an email of ``query`` is in one of these conversations.

        Their messages are looked up in an index first, whatever else is asked.
        """
        named = [key for _mailbox, key in keys]
        # of one that is alone the key is its number
        numbers = [int(key) for key in named if key.isdecimal()]
        alone = [number for number in numbers if number <= LARGEST]
        return SQL(
            "%s = ANY(ARRAY(SELECT id FROM mail_mailbox_message"
            " WHERE thread_key = ANY(%s)) || %s::int[]) AND (%s) IN %s",
            self._get_message_id(query),
            named,
            alone,
            SQL(", ").join(self._get_conversation(query)),
            tuple(keys),
        )

    # Of each model

    @api.model
    def _list_lines(self, domain):
        """Return the model and ``domain`` of the emails that the list is made of."""
        return self, domain

    @api.model
    def _get_key_columns(self, query):
        mailbox, key = self._get_conversation(query)
        row_id = SQL.identifier(query.table, "id")
        return {"id": row_id, "mailbox": mailbox, "key": key}

    @api.model
    def _get_conversation(self, query):
        """Return in SQL the mailbox and the key of an email's conversation."""
        raise NotImplementedError

    @api.model
    def _get_message_id(self, query):
        """Return in SQL the id of the message."""
        raise NotImplementedError

    @api.model
    def _get_line_columns(self, query):
        """Return in SQL what a line tells of each of its emails."""
        raise NotImplementedError


class MailMailboxMessage(models.Model):
    """In the Archives a conversation is what is archived of it."""

    _name = "mail.mailbox.message"
    _inherit = ["mail.mailbox.message", "mail.mailbox.line"]

    @api.model
    def _get_conversation(self, query):
        self.flush_model(["thread_key"])
        return SQL("0"), key_of(query.table)

    @api.model
    def _get_message_id(self, query):
        return SQL.identifier(query.table, "id")

    @api.model
    def _get_line_columns(self, query):
        self.flush_model(["email_from", "date"])
        return {
            "sender": SQL.identifier(query.table, "email_from"),
            "moment": SQL.identifier(query.table, "date"),
            "unread": SQL("FALSE"),
            "incoming": SQL("FALSE"),
        }


class MailMailboxArrival(models.Model):
    """In the Queue a conversation is what is listed of it in one mailbox.

    As its owner and its state are; in two mailboxes it is two lines. An email that is
    in both is, in the list of all mailboxes, counted once.
    """

    _name = "mail.mailbox.arrival"
    _inherit = ["mail.mailbox.arrival", "mail.mailbox.line"]

    @api.model
    def _list_lines(self, domain):
        return self._list_once(domain)

    @api.model
    def _get_conversation(self, query):
        self.flush_model(["mailbox_id", "mailbox_message_id"])
        self.mailbox_message_id.flush_model(["thread_key"])
        mailbox = SQL.identifier(query.table, "mailbox_id")
        return mailbox, key_of(self._join_message(query))

    @api.model
    def _get_message_id(self, query):
        return SQL.identifier(query.table, "mailbox_message_id")

    @api.model
    def _get_line_columns(self, query):
        self.flush_model(["internal_date", "direction"])
        self.mailbox_message_id.flush_model(["email_from"])
        return {
            "sender": SQL.identifier(self._join_message(query), "email_from"),
            "moment": SQL.identifier(query.table, "internal_date"),
            "unread": is_unread(self, query.table),
            "incoming": SQL(
                "%s = 'incoming'", SQL.identifier(query.table, "direction")
            ),
        }

    @api.model
    def _join_message(self, query):
        return query.left_join(
            query.table, "mailbox_message_id", "mail_mailbox_message", "id", "talk"
        )


def _select(query, columns):
    """Return the SELECT of ``query``, unordered, with columns by name."""
    query.order = None
    return query.select(
        *(
            SQL("%s AS %s", column, SQL.identifier(name))
            for name, column in columns.items()
        )
    )


def _tell(key, count, last, senders, unread, unread_ids, incoming):
    """Return what a line tells of its conversation.

    ``last`` is the email that was stored last of those counted: what is done with the
    line is done by who has seen these, and none that came later.
    """
    return {
        "key": _tell_key(key),
        "count": count,
        "last": last,
        "senders": list(dict.fromkeys(filter(None, senders))),
        "unread": unread,
        "unread_ids": unread_ids or [],
        "incoming": incoming or False,
    }


def _tell_key(key):
    return "{}:{}".format(*key)
