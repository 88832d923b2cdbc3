import logging
from dataclasses import replace

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.errors import Unreadable
from ...mailcore.imap.fetching import read_item
from ...mailcore.imap.items import Item
from ..mailbox.fields import aware_utc
from ..messages.reactions import find_culprit
from .quarantine import VERSION

_logger = logging.getLogger(__name__)

#: Messages that the scheduled action looks for at once.
BATCH = 1000


class MailMailboxQuarantine(models.Model):
    """Retries of what could not be read, or what another add-on failed to do."""

    _inherit = "mail.mailbox.quarantine"

    @api.model
    def _note_reaction(self, folder, fetched, error):
        """Note that a message is in the Queue, and that what reacts to it failed."""
        arrival = self.env["mail.mailbox.arrival"].search(
            [
                ("mailbox_id", "=", folder.mailbox_id.id),
                ("mailbox_message_id.identity", "=", fetched.message.identity),
            ],
            limit=1,
        )
        if not arrival:
            return
        ((_one, row),) = self._match(folder, [fetched])
        reason = Unreadable("reaction", str(error))
        values = self._prepare_values(folder, replace(fetched, error=reason))
        values |= self._prepare_reaction(error, 1)
        values |= {"state": "reaction", "arrival_id": arrival.id, "withheld": False}
        if row:
            row.write(values)
        else:
            self.create(values)

    @api.model
    def _prepare_reaction(self, error, attempts):
        ask_at = self._get_next_try(attempts)
        # sudo: whoever notices it may wake the action, which does what it always does
        cron = self.env.ref("mail_mailbox_archive.ir_cron_read_again").sudo()
        cron._trigger(at=ask_at)
        return {
            "error": str(Unreadable("reaction", str(error))),
            "culprit": find_culprit(self.env, error) or self.env._("another add-on"),
            "attempts": attempts,
            "ask_at": ask_at,
        }

    def _make_due(self):
        """Note that messages are to be read or asked for; return those to read."""
        # what another person has read at this moment is left to that one
        rows = self.try_lock_for_update()
        withheld = rows.filtered("withheld")
        # of a mailbox that receives no mail nobody asks, and so nothing waits
        asked = withheld.filtered("mailbox_id.imap_enabled")
        asked = asked.filtered("mailbox_id.active")
        asked.write({"state": "waiting", "ask_at": fields.Datetime.now()})
        here = rows.filtered(lambda row: row.state == "waiting") - withheld
        here.tried_version = False
        return here

    @api.model
    def _cron_read_again(self):
        """Read once more what another version of this add-on could not read."""
        cron, waiting = self.env["ir.cron"], self._get_unread_domain()
        cron._commit_progress(remaining=self.search_count(waiting))
        for _one in self.search(waiting, limit=BATCH)._read_each():
            if not cron._commit_progress(1):
                return
        now = fields.Datetime.now()
        due = self.search([("state", "=", "reaction"), ("ask_at", "<=", now)])
        for _one in due._react_each():
            if not cron._commit_progress(1):
                break

    def _react_each(self):
        """Run once more what failed on messages in the Queue; yield after each."""
        for row in self:
            try:
                row._transact(type(self)._react)
            except Exception as error:
                # one rule must never stop the others
                _logger.warning("Quarantine %s: a reaction failed again", row.id)
                failure = error
                row._transact(lambda one, failure=failure: one._react_later(failure))
            yield

    def _react(self):
        """Run what reacts to this message; nothing of it stays where it fails."""
        row = self.try_lock_for_update()
        if row.state != "reaction":
            return
        arrival = row.arrival_id
        if len(arrival.mailbox_message_id.arrival_ids) == 1:
            arrival.mailbox_message_id._react()
        arrival._react()
        row._close(arrival.id)

    def _react_later(self, error):
        self.write(self._prepare_reaction(error, self.attempts + 1))

    @api.model
    def _get_unread_domain(self):
        """Return the domain of messages whose bytes this version did not read yet."""
        return [
            ("state", "=", "waiting"),
            ("withheld", "=", False),
            ("folder_id", "!=", False),
            *("|", ("tried_version", "!=", VERSION), "&", ("culprit", "!=", False)),
            ("ask_at", "<=", fields.Datetime.now()),
        ]

    def _read_each(self):
        """Read messages once more; yield after each, whatever became of it."""
        for row in self:
            try:
                # noted before: what kills its reader is not read by the next one too
                if row._transact(type(self)._claim):
                    row._transact(type(self)._read)
            except Exception:
                # one message must never stop the others
                _logger.exception("Quarantine %s: not read again", row.id)
                row._transact(type(self)._make_due)
            yield

    def _claim(self):
        """Note that this message is being read; return whether it was to be."""
        row = self.try_lock_for_update().filtered_domain(self._get_unread_domain())
        # also where what comes of it is noted with another row of the same message
        row.tried_version = VERSION
        if row.culprit:
            row.ask_at = self._get_next_try(row.attempts + 1)
        return bool(row)

    def _read(self):
        """Read this message once more, unless somebody else does or did it."""
        # waits, since another worker may lock it just to see that it is claimed
        self.env.cr.execute(
            SQL(
                "SELECT id FROM mail_mailbox_quarantine WHERE id = %s FOR UPDATE",
                self.id,
            )
        )
        if not self.env.cr.rowcount or self.state != "waiting":
            return
        source = self._read_source()
        received = self.internal_date or self.create_date
        item = Item(
            # of a folder that was renumbered it is the place of another message
            uid=int(self.uid or 0),
            internal_date=aware_utc(received),
            seen=False,
            size=self.size,
            source=source,
            arrived=self.internal_date and aware_utc(received),
        )
        # of what was too large there are the headers, as of any such message
        whole = len(source) >= self.size
        mailboxes = self.mailbox_id
        limit = self.size if whole else mailboxes._get_max_message_size()
        one = read_item(item, limit, mailboxes._get_filing_bases())
        if self.mailbox_id._store_fetched(self.folder_id, [one], fresh=False):
            self.mailbox_id._notify_changed()
