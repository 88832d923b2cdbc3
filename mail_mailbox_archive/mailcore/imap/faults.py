"""What an error of a socket, TLS or imaplib means, and what a server says by words."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl

from ..errors import Unreachable
from .responses import read_code

_CERTIFICATE_CODES = {10: "certificate_expired", 18: "certificate_self_signed"}
_CERTIFICATE_CODES |= dict.fromkeys((62, 63, 64), "certificate_host")
_TOO_OLD = ("PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS", "DH_KEY_TOO")
_NOT_TLS = ("WRONG_VERSION", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "PACKET_LENGTH")
_BUSY_CODES = {"OVERQUOTA", "THROTTLED"}
#: Codes that say what is wrong (RFC 5530): the words behind them change nothing.
_FINAL_CODES = {"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "NOPERM"}
_FINAL_CODES |= {"CONTACTADMIN", "PRIVACYREQUIRED", "NONEXISTENT", "CANNOT"}
_BUSY_WORDS = re.compile(
    r"throttl|backoff time|but not connected|maximum number of"
    r"|too many .*(connect|login|session|request|command)",
    re.I,
)
_BACKOFF = re.compile(r"backoff time:? (\d{1,9}) *(milli)?sec", re.I)


def explain(error: Exception) -> Unreachable:
    """Return what ``error``, of a socket, TLS or imaplib, means for the connection."""
    if isinstance(error, socket.gaierror | UnicodeError):
        return Unreachable("dns")
    if isinstance(error, ConnectionRefusedError):
        return Unreachable("refused")
    if isinstance(error, TimeoutError):
        return Unreachable("timeout")
    if isinstance(error, ssl.SSLError):
        return _explain_tls(error)
    if isinstance(error, imaplib.IMAP4.error):
        return _explain_words(error)
    return Unreachable("closed", getattr(error, "strerror", None) or str(error))


def _explain_tls(error: ssl.SSLError) -> Unreachable:
    if isinstance(error, ssl.SSLCertVerificationError):
        code = _CERTIFICATE_CODES.get(error.verify_code, "certificate")
        return Unreachable(code, error.verify_message)
    reason = (error.reason or "").upper()
    if any(word in reason for word in _TOO_OLD):
        return Unreachable("tls_version", reason)
    if any(word in reason for word in _NOT_TLS):
        return Unreachable("not_tls", reason)
    return Unreachable("closed", reason or str(error))


def _explain_words(error: Exception) -> Unreachable:
    words = error.args[0] if error.args else ""
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else str(words)
    if text.upper().startswith("* BYE"):
        return farewell(text[5:].strip())
    # imaplib's own words for the end of a line
    closed = "EOF" in text or "BYE" in text
    return Unreachable("closed" if closed else "protocol", text)


def farewell(text: str) -> Unreachable:
    """Return what a BYE, or a NO to everything, with ``text`` means (RFC 3501, 7.1)."""
    if not is_busy(text):
        return Unreachable("closed", text)
    match = _BACKOFF.search(text)
    seconds = int(match[1]) / (1000 if match[2] else 1) if match else None
    return Unreachable("throttled", text, retry_after=seconds)


def is_busy(text: str) -> bool:
    """Return whether the server asks, in code or words, to come back later."""
    code = read_code(text)[0]
    if code in _FINAL_CODES:
        return False
    return code in _BUSY_CODES or bool(_BUSY_WORDS.search(text))
