from __future__ import annotations

import functools

from odoo import models
from odoo.tools import SQL

from .retention_rule import ARCHIVED


class MailMailboxRetentionRule(models.Model):
    """Removing what a rule has found, in one transaction of a few rows."""

    _inherit = "mail.mailbox.retention.rule"

    def _find_copies(self, rows):
        """Return what was taken over from the messages of ``rows``, see there."""
        ids, messages = [row[0] for row in rows], self.env["mail.mailbox.message"]
        if self.scope != ARCHIVED:
            arrivals = self.env["mail.mailbox.arrival"].browse(ids)
            ids = arrivals.mailbox_message_id.ids
        return messages.browse(ids)._find_copies()

    def _remove(self, ids, copies):
        """Remove candidates, which are locked; return how many bytes that frees.

        In few statements, past the ORM: as long as they take, others may have to wait.

        :param copies: of ``_find_copies``
        """
        space = self.env["mail.mailbox.space"]
        listed = self._remove_arrivals(ids)
        messages = ids if self.scope == ARCHIVED else [row[1] for row in listed]
        changes = [(mailbox, 0, -size, 0) for mailbox, _m, _i, size in listed]
        changes += [(None, 0, -size, 0) for size in self._get_link_sizes(messages)]
        freed = self._remove_messages(messages, copies)
        space._note([*changes, (None, -freed, 0, freed)])
        self.env.invalidate_all()
        return freed

    def _remove_arrivals(self, ids):
        """Remove arrivals and remember them as removed; return what they were of."""
        column = "mailbox_message_id" if self.scope == ARCHIVED else "id"
        rows = self.env.execute_query(
            SQL(
                "DELETE FROM mail_mailbox_arrival AS arrival"
                " USING mail_mailbox_message AS message"
                " WHERE message.id = arrival.mailbox_message_id"
                " AND arrival.%s = ANY(%s) RETURNING arrival.mailbox_id, message.id,"
                " message.identity, coalesce(message.stored_size, 0)",
                SQL.identifier(column),
                ids,
            )
        )
        self.env.cr.execute(
            SQL(
                "INSERT INTO mail_mailbox_tombstone (mailbox_id, identity,"
                " create_uid, create_date, write_uid, write_date)"
                " SELECT DISTINCT mailbox, identity, %s, now() AT TIME ZONE 'UTC', %s,"
                " now() AT TIME ZONE 'UTC' FROM unnest(%s::int[], %s::text[])"
                " AS gone(mailbox, identity) ON CONFLICT DO NOTHING",
                self.env.uid,
                self.env.uid,
                [row[0] for row in rows],
                [row[2] for row in rows],
            )
        )
        return rows

    def _get_link_sizes(self, message_ids):
        """Return the size of each copy that links would make, of archived messages."""
        if self.scope != ARCHIVED:
            return []
        rows = self.env.execute_query(
            SQL(
                "SELECT coalesce(stored_size, 0) FROM mail_mailbox_link AS link"
                " JOIN mail_mailbox_message AS message"
                " ON message.id = link.mailbox_message_id WHERE message.id = ANY(%s)",
                message_ids,
            )
        )
        return [size for (size,) in rows]

    def _remove_messages(self, ids, copies):
        """Remove messages that are listed nowhere any more; return their bytes.

        The database removes what belongs to them. Their files go after the commit.
        """
        gone = self._find_unlisted(ids)
        if taken_over := copies.keys() & {row[0] for row in gone}:
            messages = self.env["mail.mailbox.message"].browse(taken_over)
            # what is in a record's chatter counts as archived
            messages._erase_copies(copies, chatter=self.scope == ARCHIVED)
            self.env.flush_all()
        self.env.cr.execute(
            SQL(
                "DELETE FROM mail_mailbox_message WHERE id = ANY(%s)",
                [row[0] for row in gone],
            )
        )
        files = self.env.execute_query(
            SQL(
                "DELETE FROM ir_attachment WHERE res_model = 'mail.mailbox.message'"
                " AND res_id = ANY(%s) RETURNING store_fname",
                [row[0] for row in gone],
            )
        )
        # sudo: the file store cleans up what no attachment refers to
        attachments = self.env["ir.attachment"].sudo()
        for (name,) in files:
            if name:
                self.env.cr.postcommit.add(
                    functools.partial(attachments._file_delete, name)
                )
        return sum(size for _id, size in gone)

    def _find_unlisted(self, ids):
        """Return id and bytes of messages that nothing but the rule is about."""
        return self.env.execute_query(
            SQL(
                "SELECT id, coalesce(stored_size, 0)"
                " FROM mail_mailbox_message AS message WHERE id = ANY(%s)"
                " AND NOT EXISTS (SELECT FROM mail_mailbox_arrival"
                " WHERE mailbox_message_id = message.id)"
                " AND (%s OR NOT EXISTS (SELECT FROM mail_mailbox_link"
                " WHERE mailbox_message_id = message.id))",
                ids,
                self.scope == ARCHIVED,
            )
        )
