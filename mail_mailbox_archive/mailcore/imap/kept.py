"""Logins that are kept between two polls, so that an idle one costs one command."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .session import Opener, Session


class KeptSessions:
    """Sessions that wait for the next poll of their account; for several threads.

    Only those with no folder open are kept: what waits is a login and nothing else. A
    session is used by one at a time; a second poll of the account opens its own.

    Where there are more accounts than places, those that have one keep it: all are
    looked at in turn, so that who waits longest is needed next.

    :param limit: how many wait at most
    :param seconds: how long one waits at most, less than the half hour after which a
        server may hang up (RFC 3501, 5.4)
    :param clock: monotonic seconds
    """

    def __init__(
        self,
        limit: int = 300,
        seconds: float = 900,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit, self._seconds, self._clock = limit, seconds, clock
        self._waiting: OrderedDict[Opener, tuple[float, Session]] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._waiting)

    @contextmanager
    def session(self, opener: Callable[[], Session]) -> Iterator[Session]:
        """Yield a session for the block: one that waited, else one from ``opener``.

        :raises MailCoreError: as :meth:`Session.open`
        """
        session = self._take(opener) or opener()
        try:
            yield session
        except BaseException:
            session.close()
            raise
        self._give(opener, session)

    def close(self) -> None:
        """Hang up on all that wait."""
        with self._lock:
            waiting = [session for _since, session in self._waiting.values()]
            self._waiting.clear()
        for session in waiting:
            session.close()

    def forget(self) -> None:
        """Leave the lines to the process that this one was forked from."""
        self._lock = threading.Lock()
        self._waiting = OrderedDict()

    def _take(self, opener: Callable[[], Session]) -> Session | None:
        with self._lock:
            waiting = self._waiting.pop(opener, None)  # type: ignore[call-overload]
            expired = self._expired()
        for one in expired:
            one.close()
        return waiting[1] if waiting else None

    def _give(self, opener: Callable[[], Session], session: Session) -> None:
        if not (isinstance(opener, Opener) and session.wait()):
            session.close()
            return
        with self._lock:
            former = self._waiting.pop(opener, None)
            ended = [*([former[1]] if former else []), *self._expired()]
            if len(self._waiting) < self._limit:
                self._waiting[opener] = self._clock(), session
            else:
                ended.append(session)
        for one in ended:
            one.close()

    def _expired(self) -> list[Session]:
        """Take out those that waited too long."""
        oldest = self._clock() - self._seconds
        expired = []
        while self._waiting:
            since, _session = next(iter(self._waiting.values()))
            if since > oldest:
                break
            expired.append(self._waiting.popitem(last=False)[1][1])
        return expired
