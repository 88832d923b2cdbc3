import logging

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.errors import MailCoreError
from ...mailcore.imap.events import Fetched
from ...mailcore.read.message import parse, parse_headers

_logger = logging.getLogger(__name__)

#: Raised with each change of what is stored of a message for lists and search: what was
#: stored by another reading is read once more.
READING = 2
#: Messages that are read between two commits.
BATCH = 100
#: What is stored of a message, and may read otherwise than before.
READ_ANEW = (
    "subject email_from email_to email_cc email_bcc email_reply_to preview defects "
    "search_text attachment_count"
).split()
PART = ("path", "filename", "mimetype", "size", "cid", "inline")


class MailMailboxMessage(models.Model):
    """Messages stored by an earlier version are parsed again, the newest first.

    The sources are kept, so that subjects, names, attachments and the words of the
    search become those of now. In batches by a scheduled action, each noted in the
    transaction that stores it, so that it goes on wherever it was stopped; messages are
    locked while they are written alone, not while they are read.
    """

    _inherit = "mail.mailbox.message"

    reading = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _reread_idx = models.Index(f"(id) WHERE coalesce(reading, 0) < {READING}")

    @api.model
    def _prepare_values(self, fetched):
        return {**super()._prepare_values(fetched), "reading": READING}

    @api.model
    def _count_to_reread(self):
        """Return how many messages are stored as an earlier version read them."""
        query = SQL(
            f"SELECT count(*) FROM mail_mailbox_message"
            f" WHERE coalesce(reading, 0) < {READING}"
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _cron_reread(self):
        """Parse again what an earlier version of this add-on has parsed."""
        cron, left = self.env["ir.cron"], self._count_to_reread()
        cron._commit_progress(remaining=left)
        done = 0
        while batch := self._get_to_reread():
            read = batch._read_anew()
            # what others changed meanwhile is seen from here on
            cron._commit_progress()
            written = batch.try_lock_for_update()
            written._store_anew(read)
            done += len(written)
            if not cron._commit_progress(len(written)) or not written:
                break
        if done:
            _logger.info("%s emails were read again, %s are left", done, left - done)

    @api.model
    def _get_to_reread(self):
        query = SQL(
            "SELECT id FROM mail_mailbox_message"
            f" WHERE coalesce(reading, 0) < {READING} ORDER BY id DESC LIMIT %s",
            BATCH,
        )
        return self.browse(row[0] for row in self.env.execute_query(query))

    def _read_anew(self):
        """Return id → values of those messages that can be read."""
        values = {}
        for message in self:
            try:
                values[message.id] = message._read_one_anew()
            except MailCoreError:
                _logger.warning("Message %s: what is stored is no message", message.id)
            # sources of many megabytes: one after the other, not all at once
            self.env.invalidate_all(flush=False)
        return values

    def _read_one_anew(self):
        source = self._read_source()
        read = parse_headers if self.oversize else parse
        one = Fetched(0, self.date, False, self.size, source, read(source))
        values = self._prepare_values(one)
        parts = [
            {name: part[2][name] for name in PART} for part in values.pop("part_ids")
        ]
        return {name: values[name] for name in READ_ANEW} | {"part_ids": parts}

    def _store_anew(self, read):
        """Store what was read of these messages, which nobody else writes now.

        :param read: see :meth:`_read_anew`
        """
        for message in self:
            values = read.get(message.id, {})
            message._replace_parts(values.pop("part_ids", None))
            # not through fields: nobody wrote in the message, and no rule reacts to it
            columns = [
                SQL("%s = %s", SQL.identifier(name), value)
                for name, value in {**values, "reading": READING}.items()
            ]
            self.env.cr.execute(
                SQL(
                    "UPDATE mail_mailbox_message SET %s WHERE id = %s",
                    SQL(", ").join(columns),
                    message.id,
                )
            )
        self.invalidate_recordset()

    def _replace_parts(self, parts):
        """Make the attachments ``parts``; those that already match stay."""
        stored = [tuple(part[name] or False for name in PART) for part in self.part_ids]
        wanted = [tuple(part[name] or False for name in PART) for part in parts or ()]
        if parts is not None and stored != wanted:
            self.part_ids.unlink()
            own = {"mailbox_message_id": self.id}
            self.env["mail.mailbox.part"].create([part | own for part in parts])
