"""What an SMTP reply, or a line that breaks, means (RFC 5321, 4.2; RFC 3463)."""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterable

from ...errors import (
    MAX_DETAIL,
    SendDeferred,
    SendError,
    SendLoginRefused,
    SendRefused,
    SendUnreachable,
    Unsupported,
)
from ...imap.faults import explain as explain_line
from ...text import safe_text
from .base import RecipientResult

_RELAY = re.compile(r"relay|not permitted|not allowed to send", re.I)
_BUSY = re.compile(r"too many|rate|limit|throttl|try again later", re.I)
_WAIT = re.compile(r"(?:in|after) (\d{1,5}) *(second|minute|hour)", re.I)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600}
_QUEUED = re.compile(
    r"queued as ([\w.-]{1,80})|\bid=([\w.-]{1,80})|<([^<>\s]{1,200}@[^<>\s]{1,200})>",
    re.I,
)


def text_of(words: bytes | str) -> str:
    """Return a reply's words on one line, cleaned."""
    if isinstance(words, bytes):
        words = words.decode("utf-8", "replace")
    return safe_text(words, MAX_DETAIL)


def words_of(error: BaseException) -> str:
    """Return what an exception says, without Python's own wrapping."""
    return text_of(getattr(error, "strerror", None) or str(error) or "timed out")


def expect(reply: tuple[int, bytes], code: int) -> None:
    """Raise what a reply other than ``code`` means."""
    if reply[0] != code:
        raise error_of(*reply, "noop")


def error_of(code: int, words: bytes, command: str) -> SendError:
    """Return what a negative reply to ``command`` means for the whole message."""
    text = f"{code} {text_of(words)}".strip()
    if code == 421:
        return SendUnreachable("throttled", text, retry_after=_asked(text))
    if 400 <= code < 500:
        kind = "rate" if _BUSY.search(text) else "deferred"
        return SendDeferred(kind, text, retry_after=_asked(text))
    if code == 530:
        return SendLoginRefused("password", text)
    if code == 552 and command in ("mail", "data"):
        return Unsupported("size", text)
    if command == "mail":
        return SendRefused("sender", text)
    return SendRefused("relay" if _RELAY.search(text) else "refused", text)


def recipient_result(address: str, code: int, words: bytes) -> RecipientResult:
    """Return what a reply to RCPT means (RFC 5321, 4.3.2)."""
    if 200 <= code < 300:
        return RecipientResult(address, "accepted")
    text = f"{code} {text_of(words)}".strip()
    # 552 to RCPT is a full mailbox or too many recipients: 4.5.3.1.10
    later = 400 <= code < 500 or code == 552
    return RecipientResult(address, "deferred" if later else "refused", text)


def retry_after(results: Iterable[RecipientResult]) -> float | None:
    """Return the longest wait that the replies ask for, in seconds."""
    waits = [_asked(one.reason) for one in results if one.status == "deferred"]
    return max((wait for wait in waits if wait is not None), default=None)


def queue_id(text: str) -> str:
    """Return the server's name for the message, "" when it tells none."""
    match = _QUEUED.search(text)
    return next(filter(None, match.groups()), "") if match else ""


def login_error(code: int, text: str) -> SendError:
    """Return what a negative reply to AUTH means (RFC 4954, 6)."""
    text = f"{code} {text}".strip()
    if code == 421:
        return SendUnreachable("throttled", text)
    if 400 <= code < 500 and code != 432:
        return SendDeferred("deferred", text)
    if code == 538:
        return SendUnreachable("needs_tls", text)
    if code in (502, 503, 504, 534) or "5.7.139" in text:
        # 5.7.139 is Microsoft's for SMTP AUTH switched off
        return SendLoginRefused("login_disabled", text)
    return SendLoginRefused("expired" if code == 432 else "password", text)


def explain(error: Exception) -> SendError:
    """Return what a broken line or a word out of turn means."""
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return SendUnreachable("closed", words_of(error))
    if isinstance(error, smtplib.SMTPException):
        return SendUnreachable("protocol", words_of(error))
    if isinstance(error, OSError | UnicodeError | socket.gaierror | ssl.SSLError):
        plain = explain_line(error)
        return SendUnreachable(plain.code, plain.detail)
    return SendUnreachable("protocol", words_of(error))


def _asked(text: str) -> float | None:
    match = _WAIT.search(text)
    return int(match[1]) * _SECONDS[match[2].lower()] if match else None
