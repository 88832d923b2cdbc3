"""What an answer or a broken line of a provider's web service means."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from ...errors import (
    BadArgument,
    SendDeferred,
    SendError,
    SendLoginRefused,
    SendRefused,
    SendUnreachable,
    Unsupported,
)
from ...imap.faults import explain

_SENDER = re.compile(r"sender identity|from address|sender address|not verified", re.I)
_QUOTA = re.compile(r"credits|quota|daily limit|limit exceeded", re.I)


def error_of(status: int, words: str, headers: Mapping[str, str]) -> SendError:
    """Return what an answer that is no success means.

    :param words: the provider's own, without a secret
    """
    text = f"{status} {words}".strip()
    if status == 429 or (status in (401, 403) and _QUOTA.search(words)):
        kind = "rate" if status == 429 else "quota"
        return SendDeferred(kind, text, retry_after=retry_after(headers))
    if status in (502, 504):
        # a gateway that lost whom it gave the message to
        return SendDeferred("uncertain", text)
    if status == 408 or status >= 500:
        return SendDeferred("deferred", text, retry_after=retry_after(headers))
    if status == 413:
        return Unsupported("size", text)
    if status in (400, 403) and _SENDER.search(words):
        return SendRefused("sender", text)
    if status in (401, 403):
        kind = "password" if status == 401 else "login_disabled"
        return SendLoginRefused(kind, text)
    return SendRefused("refused", text)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait: Retry-After (RFC 9110, 10.2.3) or a reset time."""
    values = {name.lower(): value.strip() for name, value in headers.items()}
    asked = values.get("retry-after", "")
    if asked.isdecimal():
        return float(asked[:9])
    if asked:
        try:
            when = parsedate_to_datetime(asked)
            now = datetime.now(timezone.utc)
            return max((when - now).total_seconds(), 0.0)
        except (TypeError, ValueError):
            pass
    reset = values.get("x-ratelimit-reset", "")
    return max(float(reset[:12]) - time.time(), 0.0) if reset.isdecimal() else None


def unreachable(reason: object) -> SendUnreachable:
    """Return what a line means that could not be opened."""
    if isinstance(reason, OSError | ssl.SSLError | UnicodeError):
        plain = explain(reason)
        return SendUnreachable(plain.code, plain.detail)
    return SendUnreachable("closed", str(reason))


def guard_secret(text: str, name: str) -> None:
    """Refuse a key that no header can carry.

    :raises BadArgument: it does not say the key
    """
    if not text or not text.isascii() or not text.isprintable():
        raise BadArgument("control_character", name)
