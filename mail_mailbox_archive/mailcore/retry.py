"""When to try again, as a value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from .errors import (
    BadArgument,
    LoginRefused,
    MailCoreError,
    SendRefused,
    Unsupported,
)

#: A throttled account is left alone for at least this long.
THROTTLED = timedelta(minutes=5)
#: No server makes us wait longer than this.
LONGEST = timedelta(days=1)

_FINAL = (BadArgument, SendRefused, Unsupported)


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Waits that grow by ``factor`` from ``first`` up to ``limit``.

    :param auth_limit: the refused login in a row that is the last one, so that the
        server does not lock the account
    """

    first: timedelta
    factor: float
    limit: timedelta
    auth_limit: int = 3

    def decide(
        self, attempt: int, error: MailCoreError, now: datetime
    ) -> datetime | None:
        """Return when to try again, None to stop.

        :param attempt: failures in a row including this one, from 1
        """
        if isinstance(error, _FINAL) or error.code == "uncertain":
            # what may have left is not repeated unless somebody says so
            return None
        if isinstance(error, LoginRefused) and attempt >= self.auth_limit:
            return None
        return now + self._wait(attempt, error)

    def _wait(self, attempt: int, error: MailCoreError) -> timedelta:
        asked = error.retry_after
        if asked is not None and asked >= 0:
            return timedelta(seconds=min(asked, LONGEST.total_seconds()))
        wait = self._growing(attempt)
        return max(wait, THROTTLED) if error.code == "throttled" else wait

    def _growing(self, attempt: int) -> timedelta:
        try:
            wait = self.first * self.factor ** max(attempt - 1, 0)
        except OverflowError:
            return self.limit
        return min(wait, self.limit)
