import logging
from dataclasses import replace

from odoo import models

from ...mailcore.errors import Unreadable
from ...mailcore.imap import sync
from ..messages.reactions import find_culprit
from .poll import FAULTS_OF_THE_MACHINE, RETRIED

_logger = logging.getLogger(__name__)


class MailMailbox(models.Model):
    """Storing a server's events, each in the transaction of the call."""

    _inherit = "mail.mailbox"

    def _store_event(self, event):
        """Store one event of the conversation; return how many messages are new."""
        handler = {
            sync.FoldersListed: self._store_folders,
            sync.FolderReset: self._reset_folder,
            sync.MessagesFetched: self._store_messages,
            sync.FlagsSeen: self._store_flags,
            sync.PresentUids: self._store_present,
            sync.FolderDone: self._store_state,
            sync.FolderFailed: self._store_folder_error,
            sync.TurnTaken: self._store_turn,
        }[type(event)]
        return handler(event) or 0

    def _folder(self, wire_name):
        # looked up: there may be thousands
        return self.env["mail.mailbox.folder"].search(
            [("mailbox_id", "=", self.id), ("wire_name", "=", wire_name)]
        )

    def _store_folders(self, event):
        self.folder_ids._update_list(self, event.folders, event.skipped)
        if not self.import_since:
            self._begin_import()

    def _reset_folder(self, event):
        folder = self._folder(event.wire_name)
        folder._forget()
        folder.uid_validity = event.uid_validity

    def _store_messages(self, event):
        folder = self._folder(event.state.wire_name)
        folder._set_state(event.state)
        if not event.fresh:
            # new emails notify on their own
            self._notify_changed()
        return self._store_fetched(folder, event.messages, event.fresh)

    def _store_fetched(self, folder, fetched, fresh):
        """List messages in the Queue, or in quarantine; return how many are new in it.

        :param fetched: of :class:`~..mailcore.imap.sync.Fetched`
        """
        self.env["mail.mailbox.quarantine"]._keep(
            folder, [one for one in fetched if not one.message]
        )
        readable = [one for one in fetched if one.message]
        try:
            with self.env.cr.savepoint():
                return self._store_readable(folder, readable, fresh)
        except (*RETRIED, *FAULTS_OF_THE_MACHINE):
            raise
        except Exception:
            _logger.exception("Mailbox %s: storing a batch one by one", self.id)
        return sum(self._store_alone(folder, one, fresh) for one in readable)

    def _store_readable(self, folder, fetched, fresh):
        """Store messages and list them in the Queue; return how many are new in it."""
        readable = fetched
        messages = self.env["mail.mailbox.sent"]._recognise(self, fetched)
        fetched = self.env["mail.mailbox.tombstone"]._without_known(self, fetched)
        new = [one for one in fetched if one.message.identity not in messages]
        messages |= self.env["mail.mailbox.message"]._store(new)
        arrivals = self.env["mail.mailbox.arrival"]
        placed = arrivals._place(folder, fetched, messages, live=fresh)
        self.env["mail.mailbox.delivery"]._take_in_reports(self, new)
        self.env["mail.mailbox.quarantine"]._release(folder, readable, messages)
        return len(placed)

    def _store_alone(self, folder, fetched, fresh):
        """Store one message of a batch that failed; put it aside if it is the cause.

        Where only what reacts to it failed, it is in the Queue.
        """
        quarantine = self.env["mail.mailbox.quarantine"]
        try:
            with self.env.cr.savepoint():
                return self._store_readable(folder, [fetched], fresh)
        except (*RETRIED, *FAULTS_OF_THE_MACHINE):
            raise
        except Exception as error:
            failure = error
        try:
            with self.env.cr.savepoint():
                quiet = self.with_context(mailbox_quiet=True)
                arrived = quiet._store_readable(folder, [fetched], fresh)
                quarantine._note_reaction(folder, fetched, failure)
                return arrived
        except (*RETRIED, *FAULTS_OF_THE_MACHINE):
            raise
        except Exception:
            _logger.warning("Mailbox %s: UID %s put aside", self.id, fetched.uid)
        culprit = find_culprit(self.env, failure)
        reason = Unreadable("refused" if culprit else "fault", str(failure))
        quarantine._keep(
            folder, [replace(fetched, message=None, error=reason)], culprit
        )
        return 0

    def _store_flags(self, event):
        folder = self._folder(event.wire_name)
        self.env["mail.mailbox.arrival"]._mark_seen(folder, event.seen, True)
        self.env["mail.mailbox.arrival"]._mark_seen(folder, event.unseen, False)

    def _store_present(self, event):
        gaps, low = [], event.first
        for first, last in event.present:
            if first > low:
                gaps.append((low, first - 1))
            low = last + 1
        if low <= event.last:
            gaps.append((low, event.last))
        self.env["mail.mailbox.arrival"]._unplace(self._folder(event.wire_name), gaps)

    def _store_state(self, event):
        folder = self._folder(event.state.wire_name)
        folder._set_state(event.state, done=True)
        self.env["mail.mailbox.quarantine"]._give_up(folder)

    def _store_folder_error(self, event):
        self._folder(event.wire_name)._fail(event)

    def _store_turn(self, event):
        self.folder_turn = event.wire_name
