import contextlib
import errno
import logging
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg2.errors

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import ConcurrencyError

from ...mailcore.errors import MailCoreError
from ...mailcore.imap import sync
from ..mailbox.res_config_settings import read_number
from ..mailbox.work import running, waiting_place
from .ahead import bundles, converse, fail, give_up, leaving
from .poll_claim import Fenced

_logger = logging.getLogger(__name__)

#: Mailboxes that one worker talks to at a time; their network waits overlap.
PARALLEL = 40
#: Places among them that are filled at a time: to claim one costs nearly as much.
TOGETHER = 8
#: Seconds of one run, so that other scheduled actions of the worker are not starved.
RUN_TIME = 30
#: Seconds that a server may still take after that; then its line is broken, since the
#: watchdog of a worker kills it after two minutes by default.
GRACE = 60
#: Seconds until mailboxes that became due are looked for, after there were none, and
#: until fewer places than that are filled.
PAUSE = 1
TRANSACTION_TRIES = 5
#: Another worker stored the same message or mailbox meanwhile, or the nightly cleaning
#: removed a message that came again: done again, it works.
RETRIED = (
    psycopg2.errors.ForeignKeyViolation,
    psycopg2.errors.SerializationFailure,
    psycopg2.errors.DeadlockDetected,
    psycopg2.errors.UniqueViolation,
    ConcurrencyError,
)

#: Failures that no email causes: no reason to quarantine one.
FAULTS_OF_THE_MACHINE = (OSError, psycopg2.InterfaceError, psycopg2.errors.DiskFull)
DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


_thread = threading.local()


class _KeepQueriesOut(logging.Filter):
    """Keeps failed queries of a poll out of the log: their values are people's mail."""

    def filter(self, record):
        return not getattr(_thread, "stores_mail", False)


logging.getLogger("odoo.sql_db").addFilter(_KeepQueriesOut())


def _is_mail_kept_waiting(env):
    return env["mail.mailbox.outbox"]._is_kept_waiting()


class MailMailbox(models.Model):
    """Fetching: mailboxes are claimed, read side by side, and stored batch by batch.

    A claim is a committed lease with a token that every batch checks and replaces, so
    that any number of workers share the work, one that was frozen past its lease stores
    nothing more, and neither does one whose last batch a database lost that crashed or
    was replaced by another. What ``mailcore.imap.sync`` tells is stored as it comes, as
    much in one transaction as came meanwhile; none is open while a server is waited
    for.
    """

    _inherit = "mail.mailbox"

    next_poll_at = fields.Datetime("Next check", readonly=True, copy=False)
    folder_turn = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)

    _next_poll_idx = models.Index(
        "(next_poll_at NULLS FIRST) WHERE active AND imap_enabled AND NOT stopped"
    )

    @api.model
    def _cron_poll(self):
        """Fetch the mail of the mailboxes that are due."""
        due = self.search_count(self._get_due_domain(), limit=1000)
        self.env["mail.mailbox.break.glass"]._end_expired()
        cron = self.env["ir.cron"]
        seconds = min(RUN_TIME, cron._commit_progress(remaining=due))
        with waiting_place(self.env) as place:
            if not place:
                # the place that is left is for mail that is to be sent
                cron._commit_progress(remaining=0)
                return
            polled, left = self._poll_due(seconds)
        if left and self.env["mail.mailbox.outbox"]._make_way():
            left = 0
        cron._commit_progress(polled, remaining=left)
        if left:
            self._call_again()

    @api.model
    def _call_again(self):
        """Have the scheduled action that runs now called again at once.

        Odoo would call what is not done yet again, but not before its next round, most
        of a minute later.
        """
        if number := self.env.context.get("cron_id"):
            self.env["ir.cron"].browse(number)._trigger()

    @api.model
    def _poll_due(self, seconds):
        """Check the mailboxes that are due; a job queue overrides this one method.

        :return: how many were dealt with, and how many wait still
        """
        polled = len(self._poll(seconds))
        return polled, self.search_count(self._get_due_domain(), limit=1000)

    @api.model
    def _poll(self, seconds, only=None):
        """Fetch from the mailboxes that are due, for about ``seconds``.

        :param only: ids to restrict it to
        :return: the :class:`Poll` of each mailbox that was checked
        """
        self._transact(lambda env: env["mail.mailbox"]._release_dead_claims())
        with running() as worker:
            return self._poll_claimed(seconds, only, worker)

    @api.model
    def _poll_claimed(self, seconds, only, worker):
        start, end = fields.Datetime.now(), sync.End(time.monotonic() + seconds)
        look_at = time.monotonic() + PAUSE
        finished, running, ask_at = [], [], 0
        told = threading.Event()
        with ThreadPoolExecutor(PARALLEL, "mailbox") as pool, leaving(running):
            while True:
                if only is None and look_at <= time.monotonic():
                    look_at = time.monotonic() + PAUSE
                    if self._transact(_is_mail_kept_waiting):
                        end.bring_forward()
                now, free = time.monotonic(), PARALLEL - len(running)
                wanted = ask_at if free >= TOGETHER else ask_at + PAUSE
                if free and wanted <= now < end.at:
                    claimed = self._transact(
                        lambda env, free=free: env["mail.mailbox"]._claim(
                            start, end, only, free, worker
                        )
                    )
                    for poll in claimed:
                        running.append(poll)
                        poll.read_on(pool, told)
                    ask_at = now if len(claimed) == free else now + PAUSE
                if not running:
                    break
                patience = max(0, end.at + GRACE - time.monotonic())
                if now < end.at:
                    patience = min(patience, PAUSE)
                told.wait(patience)
                told.clear()
                if time.monotonic() >= end.at + GRACE:
                    give_up(running)
                over = self._take_in(running, end)
                running[:] = [poll for poll in running if poll not in over]
                finished += over
        self._tell_askers(finished)
        return finished

    @api.model
    def _transact(self, work, tries=TRANSACTION_TRIES):
        """Return ``work(env)`` done in a transaction of its own, as the system.

        Tried again when another worker stored the same message or mailbox meanwhile.
        """
        for attempt in range(1, tries + 1):
            _thread.stores_mail = True
            try:
                with self.env.registry.cursor() as cr:
                    return work(api.Environment(cr, SUPERUSER_ID, {}))
            except RETRIED:
                if attempt == tries:
                    raise
            finally:
                _thread.stores_mail = False
            time.sleep(random.uniform(0.0, 0.05 * 2**attempt))

    # Conversations

    def _start_conversation(self, poll, known, end):
        try:
            return converse(poll, self._session__(), known, self._limits(end))
        except MailCoreError as error:
            return fail(error)

    def _get_known(self):
        """Return what is stored of these mailboxes, for ``mailcore`` to compare with.

        :return: dict of id → :class:`~..mailcore.imap.sync.Known`
        """
        folders = self.env["mail.mailbox.folder"]
        states, listings, chosen = folders._read_known(self.ids)
        placed = folders._read_placed(self.ids)
        skipped = self.env["mail.mailbox.skip.folder"]._read_names(self.ids)
        return {
            mailbox.id: sync.Known(
                folders=states[mailbox.id],
                skip_names=skipped.get(mailbox.id, frozenset()),
                listing=listings[mailbox.id],
                placed=placed[mailbox.id],
                chosen=chosen[mailbox.id],
                turn=mailbox.folder_turn or "",
            )
            for mailbox in self
        }

    @api.model
    def _get_max_message_size(self):
        """Return the bytes that one message may have."""
        return read_number(self.env, "max_message_size") * 2**20

    def _limits(self, end):
        return sync.Limits(
            max_size=self._get_max_message_size(),
            since=self.fetch_since or None,
            past=not self.import_paused,
            deadline=end.is_over,
            filing=self._get_filing_bases(),
        )

    @api.model
    def _get_filing_bases(self):
        """Return the addresses whose tags archive; the room ``archiving`` knows."""
        return frozenset()

    # Events

    @api.model
    def _take_in(self, running, end):
        """Store what the servers told meanwhile; return the polls that are over."""
        told = [(poll, poll.ahead.take()) for poll in running]
        told = [(poll, taken) for poll, taken in told if taken]
        for bundle in bundles((poll, taken.events) for poll, taken in told):
            self._store_bundle(bundle, end)
        over = [poll for poll, taken in told if taken.is_over or poll.concluded]
        ended = []
        for poll in over:
            if poll.concluded:
                continue
            error = poll.ahead.error
            if error is None:
                ended.append(poll)
                continue
            if not isinstance(error, MailCoreError):
                # one mailbox must never stop the others
                _logger.error(
                    "Mailbox %s: the check stopped on a fault",
                    poll.mailbox_id,
                    exc_info=error,
                )
                error = MailCoreError("internal", "")
            self._conclude(poll, end, error)
        self._conclude_all(ended, end)
        return over

    @api.model
    def _store_bundle(self, bundle, end):
        """Store events of some polls in one transaction, or each in one of its own.

        A commit costs as much as several small events. Whatever stands in the way of
        one is found, and dealt with, when each is stored alone.

        :param bundle: of polls and their events
        """
        if sum(len(events) for _poll, events in bundle) > 1:
            with contextlib.suppress(Exception):
                self._store_events(bundle, tries=1)
                return
        for poll, events in bundle:
            for event in events:
                if not poll.concluded:
                    self._store_alone_or_conclude(poll, event, end)

    @api.model
    def _store_events(self, bundle, tries=TRANSACTION_TRIES):
        """Store events of polls, which hold their claims until then, together."""
        tokens = [random.getrandbits(31) for _poll in bundle]

        def store(env):
            arrived = []
            for (poll, events), token in zip(bundle, tokens, strict=True):
                mailbox = env["mail.mailbox"].browse(poll.mailbox_id)
                mailbox._renew_claim(poll.token, token)
                count = 0
                for event in events:
                    count += mailbox._store_event(event)
                    # each was written to begin with what is in the database
                    env.flush_all()
                    env.invalidate_all(flush=False)
                arrived.append(count)
            return arrived

        arrived = self._transact(store, tries)
        for (poll, events), token, count in zip(bundle, tokens, arrived, strict=True):
            poll.token = token
            poll.arrived += count
            for event in events:
                poll.note(event)

    @api.model
    def _store_alone_or_conclude(self, poll, event, end):
        """Store one event; end the conversation where that cannot be done."""
        try:
            self._store_events([(poll, [event])])
        except Fenced:
            poll.stop()
            poll.concluded = True
        except Exception as error:
            # one mailbox must never stop the others
            _logger.exception(
                "Mailbox %s: a batch could not be stored", poll.mailbox_id
            )
            poll.stop()
            code = "disk_full" if _is_disk_full(error) else "store"
            self._conclude(poll, end, MailCoreError(code, ""))

    @api.model
    def _conclude_all(self, polls, end):
        """Note the result of checks that finished without an error."""
        noted = set()
        good = [poll for poll in polls if not poll.failures and not poll.partial]
        if good and not end.is_over():
            try:
                noted = self._transact(
                    lambda env: env["mail.mailbox"]._finish_good(good)
                )
            except Exception:
                # one mailbox must never stop the others: then one by one
                _logger.exception("The results of checks are noted one by one")
        for poll in polls:
            if poll.mailbox_id not in noted:
                self._conclude(poll, end)

    def _conclude(self, poll, end, error=None):
        """Note the result of a check and give the mailbox back; return None."""
        poll.concluded = True
        try:
            self._transact(
                lambda env: env["mail.mailbox"]
                .browse(poll.mailbox_id)
                ._finish(poll, error, unfinished=end.is_over())
            )
        except Fenced:
            poll.changed = False
        except Exception:
            # one mailbox must never stop the others; its claim ends on its own
            _logger.exception("Mailbox %s: its result is lost", poll.mailbox_id)


def _is_disk_full(error):
    full = isinstance(error, OSError) and error.errno in DISK_FULL
    return full or isinstance(error, psycopg2.errors.DiskFull)
