"""Hearing at once that something changed, over a line that stays open.

NOTIFY (RFC 5465) tells of all folders, IDLE (RFC 2177) of the INBOX alone. Nothing is
read on this line but that there is something to read: a poll does the work.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

from ..errors import MailCoreError
from ..retry import RetryPolicy
from .folder import Role, skipped_folders
from .session import Session
from .wire import CommandRefused

_logger = logging.getLogger(__name__)

#: Seconds of silence until the server is asked whether it is still there; a quarter of
#: an hour less than it may hang up after (RFC 3501, 5.4), and below what routers allow.
KEEP_ALIVE = 540
#: A refused login is not tried again here: polls do, and stop before an account locks.
POLICY = RetryPolicy(
    first=timedelta(seconds=2), factor=2, limit=timedelta(minutes=5), auth_limit=1
)

_NEWS = {"EXISTS", "EXPUNGE", "FETCH", "VANISHED"}
_WANTED = "NOTIFY SET (personal (MessageNew MessageExpunge FlagChange))"


def listen(session: Session, skip_names: frozenset[str]) -> Iterator[None]:
    """Yield whenever something changed in a folder that is read; first at once.

    It ends where the server reports nothing unasked.

    :param skip_names: folders that people want left out
    :raises Unreachable: the line broke; what came meanwhile is for the next one
    """
    folders = session.list_folders()
    skipped = skipped_folders(folders, skip_names)
    inbox = next((f.wire_name for f in folders if f.role is Role.INBOX), None)
    if _notifies(session):
        yield
        while True:
            for name in session.hear(KEEP_ALIVE):
                if name not in skipped:
                    yield
    if "IDLE" not in session.capabilities or inbox is None or inbox in skipped:
        return
    session.examine(inbox)
    yield
    while True:
        for kind in session.idle(KEEP_ALIVE):
            if kind in _NEWS:
                yield


def _notifies(session: Session) -> bool:
    """Ask the server to tell of all folders; return whether it will."""
    if "NOTIFY" not in session.capabilities:
        return False
    try:
        session.command(_WANTED)
    except CommandRefused:
        return False  # offered, yet refused
    return True


class Line(threading.Thread):
    """A mailbox that is listened to, again and again until :meth:`stop`.

    It ends on its own where listening again would not help.

    :param opener: opens a session, without a cursor
    :param tell: called when there may be something to read, in this thread
    """

    def __init__(
        self,
        opener: Callable[[], Session],
        skip_names: frozenset[str],
        tell: Callable[[], None],
    ) -> None:
        super().__init__(daemon=True)
        self._opener, self._skip_names, self._tell = opener, skip_names, tell
        self._stopped = threading.Event()
        self._session: Session | None = None
        self._failures = 0

    def stop(self) -> None:
        """Hang up, now, whatever the line does; another thread may call it."""
        self._stopped.set()
        if session := self._session:
            session.abort()

    def run(self) -> None:
        """Listen; after trouble again, later each time."""
        while not self._stopped.is_set():
            error = self._listen()
            self._failures += 1
            now = datetime.now(timezone.utc)
            again = error and POLICY.decide(self._failures, error, now)
            if not again:
                return
            # many lines that broke together do not come back together
            seconds = (again - now).total_seconds() * random.uniform(0.5, 1)
            self._stopped.wait(seconds)

    def _listen(self) -> MailCoreError | None:
        """Return what went wrong; None when there is nothing to hear."""
        try:
            with self._opener() as self._session:
                if self._stopped.is_set():
                    self._session.abort()
                for _change in listen(self._session, self._skip_names):
                    self._failures = 0
                    self._tell()
        except MailCoreError as error:
            return error
        except Exception:
            # ours to mend, and no reason to stop the other mailboxes
            _logger.exception("Listening stopped on a fault")
            return MailCoreError("internal", "")
        return None
