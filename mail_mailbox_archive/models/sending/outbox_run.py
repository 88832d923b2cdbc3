import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue

import psycopg2

from odoo import fields
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import config

from ...mailcore.errors import MailCoreError
from ..mailbox.work import running
from .ir_mail_server import MailboxSession
from .outbox import STAY_AWAKE

_logger = logging.getLogger(__name__)

#: Seconds of one run, so that other scheduled actions of the worker are not starved.
RUN_TIME = 30
#: Mailboxes that one worker sends from at a time; their network waits overlap.
PARALLEL = 16
#: Mails that one mailbox sends over one line before it is another's turn.
BATCH = 20
#: Seconds between two looks at the outbox.
PAUSE = 0.5
#: What was sent is listed in the Queue together, but after so many seconds at the
#: latest, so many bytes or a batch.
LISTED_AFTER = 1
LISTED_BYTES = 2**24
#: Seconds between tries to note what came of a mail.
PAUSES = (0.2, 1, 3, 10)
#: What is wrong with the database and not with a mail.
DATABASE = (psycopg2.Error, ConcurrencyError)


class Stopped(Exception):
    """Its writer took it back, or another worker has it: nothing of it leaves."""


@dataclass(eq=False)
class Line:
    """What one mailbox sends over one line: claimed rows, one after the other."""

    mailbox_id: int
    ids: list
    token: int
    session: MailboxSession = None
    row_id: int = 0
    #: What is on its way, and who gets a blind copy of it.
    written: tuple = field(default=None, repr=False)


class Run:
    """One worker's turn at the outbox.

    This thread alone uses the database; each mailbox has a thread that talks to its
    provider. Between the two go events: a thread asks before the first byte of a mail
    leaves, and waits until that is committed; and it tells what came of it.
    """

    def __init__(self, env, seconds):
        self._transact = env["mail.mailbox"]._transact
        self._events = SimpleQueue()
        self._lines = {}
        #: What left and is not listed yet: id → what was written for the wire.
        self._sent = {}
        self._list_at = 0
        self._start = time.monotonic()
        self._end = self._start + seconds
        self._ask_at = self._start
        self._over = False
        self._done = 0

    def go(self):
        """Send what is due; return how many mails were dealt with."""
        with running():
            for row_id, step in self._on_rows("_recover"):
                self._settle([row_id], step)
            with ThreadPoolExecutor(PARALLEL, "outbox") as self._pool:
                try:
                    self._loop()
                finally:
                    # a thread that still asks is told no
                    self._over = True
        return self._done

    def _loop(self):
        self._take_up()
        while self._goes_on():
            self._handle_event()
            self._break_late_lines()
            self._take_up()
            self._list_sent()

    def _on_rows(self, name, ids=(), *arguments):
        """Call a method of the outbox in a transaction of its own."""
        return self._transact(
            lambda env: getattr(env["mail.mailbox.outbox"].browse(ids), name)(
                *arguments
            )
        )

    # Time

    def _goes_on(self):
        if self._lines:
            return True
        if time.monotonic() >= self._end:
            return False
        due = self._on_rows("_get_next_due")
        return bool(due) and due - fields.Datetime.now() <= STAY_AWAKE

    def _get_limit(self):
        """Return the seconds after which the worker would be killed, with a margin."""
        limit = config["limit_time_real_cron"]
        if limit is None or limit < 0:
            limit = config["limit_time_real"]
        return max(limit - 15, 45) if limit else 600

    def _break_late_lines(self):
        if time.monotonic() >= self._start + self._get_limit():
            for line in self._lines.values():
                line.session.abort()

    def _may_begin(self):
        """Return whether there is time to begin with another mail.

        Also past the end, while a server that takes its time keeps the run going: the
        other mailboxes do not wait for it.
        """
        last = self._start + self._get_limit() - 45
        return time.monotonic() < max(self._end, last)

    # Rows

    def _take_up(self):
        while self._may_begin() and len(self._lines) < PARALLEL:
            if time.monotonic() < self._ask_at:
                return
            claimed = self._on_rows("_claim", (), list(self._lines), BATCH)
            if not claimed:
                self._ask_at = time.monotonic() + PAUSE
                return
            line = Line(*claimed)
            self._lines[line.mailbox_id] = line
            self._send_next(line)

    def _send_next(self, line):
        """Hand the next mail of the line to its thread, or end the line."""
        while line.ids and self._may_begin():
            line.row_id = line.ids.pop(0)
            self._done += 1
            line.written = self._begin(line)
            if line.written:
                future = self._pool.submit(
                    line.session.send, line.written[0], lambda: self._ask(line)
                )
                future.add_done_callback(
                    lambda future: self._events.put((line, None, future))
                )
                return
        del self._lines[line.mailbox_id]
        self._ask_at = self._start
        if line.ids:
            self._on_rows("_let_go", line.ids)
        if line.session:
            self._pool.submit(line.session.quit)

    def _begin(self, line):
        """Return the next mail for the wire; None when there is nothing to send."""

        def begin(env):
            row = env["mail.mailbox.outbox"].browse(line.row_id)
            # one that did not get ready belongs to a transaction that is over
            session = line.session or MailboxSession(row.mailbox_id)
            try:
                written = row._begin(line.token, session)
                line.session = session if written else line.session
                return written
            except MailCoreError as error:
                row._note_error(line.token, error)
            except UserError as refusal:
                row._note_refusal(line.token, str(refusal))
            return None

        try:
            return self._transact(begin)
        except DATABASE as fault:
            _logger.warning("Outbox: mail %s waits: %s", line.row_id, fault)
            self._on_rows("_note_stopped", line.row_id, line.token)
            return None
        except Exception as fault:
            # one mail must never stop the others
            _logger.exception("Outbox: mail %s cannot be sent", line.row_id)
            self._on_rows("_note_refusal", line.row_id, line.token, str(fault))
            return None

    # Events

    def _ask(self, line):
        """Wait until it is committed that a mail is about to leave; in its thread."""
        answer = Future()
        self._events.put((line, answer, None))
        while True:
            try:
                return answer.result(PAUSE)
            except FutureTimeoutError as error:
                if answer.done():
                    raise
                if self._over:
                    raise Stopped from error

    def _handle_event(self):
        try:
            line, answer, future = self._events.get(timeout=PAUSE)
        except Empty:
            return
        if answer:
            self._answer(line, answer)
        else:
            self._note(line, future)
            self._send_next(line)

    def _answer(self, line, answer):
        try:
            answer.set_result(self._on_rows("_intend", line.row_id, line.token))
        except BaseException as stopped:
            answer.set_exception(stopped)

    def _note(self, line, future):
        """Note what came of the mail that a line has sent."""
        error = future.exception()
        if error is None:
            self._note_surely("_note_result", line, future.result())
            if not self._sent:
                self._list_at = time.monotonic() + LISTED_AFTER
            self._sent[line.row_id] = line.written
        elif isinstance(error, MailCoreError):
            self._note_surely("_note_error", line, error)
        else:
            self._note_fault(line, error)

    def _note_surely(self, name, line, outcome):
        """Note what a server said: it does not say it again."""
        for pause in PAUSES:
            try:
                self._on_rows(name, line.row_id, line.token, outcome)
                return
            except DATABASE as fault:
                _logger.warning(
                    "Outbox: mail %s is noted later: %s", line.row_id, fault
                )
                time.sleep(pause)
        self._on_rows(name, line.row_id, line.token, outcome)

    def _list_sent(self):
        """List what was sent in the Queue: soon, and many mails together.

        A worker that dies before leaves that to the next one: who got a mail is
        committed already.
        """
        waits = self._lines and time.monotonic() < self._list_at
        size = sum(len(outgoing.source) for outgoing, _bcc in self._sent.values())
        if waits and len(self._sent) < BATCH and size < LISTED_BYTES:
            return
        sent, self._sent = self._sent, {}
        if sent:
            self._settle(list(sent), "_keep_sent", sent)

    def _settle(self, ids, step, *arguments):
        """Note or list something of some mails, now or in a later run."""
        try:
            self._on_rows(step, ids, *arguments)
        except DATABASE as fault:
            _logger.warning("Outbox: mails %s, %s later: %s", ids, step, fault)
        except Exception:
            # one mail must never stop the others
            if len(ids) > 1:
                for row_id in ids:
                    self._settle([row_id], step, *arguments)
                return
            _logger.exception("Outbox: mail %s, %s", ids[0], step)
            if step == "_keep_sent":
                self._on_rows("_note_not_kept", ids)

    def _note_fault(self, line, error):
        # the database alone is asked before the first byte
        if isinstance(error, (Stopped, *DATABASE)):
            self._on_rows("_note_stopped", line.row_id, line.token)
            return
        _logger.error("Outbox: mail %s met a fault", line.row_id, exc_info=error)
        self._on_rows("_note_broken", line.row_id, line.token, str(error))
