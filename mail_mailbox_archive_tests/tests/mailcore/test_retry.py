"""When to try again: a table of failures and waits."""

from datetime import datetime, timedelta, timezone

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    FolderGone,
    LoginRefused,
    SendDeferred,
    SendRefused,
    Unreachable,
    Unreadable,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.retry import RetryPolicy

POLLING = RetryPolicy(
    first=timedelta(minutes=1), factor=2, limit=timedelta(hours=1), auth_limit=3
)
NOW = datetime(2025, 2, 3, 10, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = 60, 3600, 86400

WAITS = [
    # attempt, error, seconds to wait; None means stop
    (1, Unreachable("timeout"), MINUTE),
    (2, Unreachable("timeout"), 2 * MINUTE),
    (3, Unreachable("dns"), 4 * MINUTE),
    (6, Unreachable("refused"), 32 * MINUTE),
    (7, Unreachable("closed"), HOUR),
    (50, Unreachable("certificate_expired"), HOUR),
    (100_000, Unreachable("timeout"), HOUR),
    (0, Unreachable("timeout"), MINUTE),
    (1, LoginRefused("password"), MINUTE),
    (2, LoginRefused("password"), 2 * MINUTE),
    (3, LoginRefused("password"), None),
    (4, LoginRefused("login_disabled"), None),
    (1, Unreachable("throttled"), 5 * MINUTE),
    (5, Unreachable("throttled"), 16 * MINUTE),
    (1, Unreachable("throttled", retry_after=30), 30),
    (1, Unreachable("throttled", retry_after=2 * HOUR), 2 * HOUR),
    (9, Unreachable("throttled", retry_after=10 * DAY), DAY),
    (1, Unreachable("throttled", retry_after=float("inf")), DAY),
    (1, Unreachable("throttled", retry_after=float("nan")), 5 * MINUTE),
    (1, Unreachable("throttled", retry_after=-5), 5 * MINUTE),
    (1, SendDeferred(retry_after=90), 90),
    (3, SendDeferred(), 4 * MINUTE),
    (1, SendRefused(), None),
    (1, Unsupported(), None),
    (1, BadArgument("control_character"), None),
    (1, FolderGone(), MINUTE),
    (2, Unreadable("empty"), 2 * MINUTE),
]


@pytest.mark.parametrize("attempt, error, wait", WAITS)
def test_wait(attempt, error, wait):
    again = POLLING.decide(attempt, error, NOW)
    assert again == (None if wait is None else NOW + timedelta(seconds=wait))


def test_other_policies():
    steady = RetryPolicy(timedelta(seconds=10), 1, timedelta(hours=1))
    assert steady.decide(99, Unreachable("dns"), NOW) == NOW + timedelta(seconds=10)
    slow = RetryPolicy(timedelta(minutes=5), 1.5, timedelta(hours=4))
    assert slow.decide(3, SendDeferred(), NOW) == NOW + timedelta(seconds=675)
    assert slow.decide(10**9, SendDeferred(), NOW) == NOW + timedelta(hours=4)
