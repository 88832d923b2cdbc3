"""One key per message, one per conversation; neither trusts a header alone."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

#: Headers that say who wrote what to whom. Servers on the way add or rewrite the
#: others (Received, Delivered-To, Return-Path, Authentication-Results, X-*).
IDENTIFYING = (
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "date",
    "subject",
    "message-id",
)
_CHUNK = 1 << 20
_MESSAGE_ID = re.compile(r"<([^<>]*)>")


def identity(
    headers: Mapping[str, Sequence[str]], body: bytes | bytearray | memoryview
) -> str:
    """Return 64 hex digits, equal for copies of one message, whatever their way.

    :param headers: lower-case name → values as they stand in the source
    :param body: all bytes after the header; CRLF and LF are equal, line ends at the
        end do not count
    """
    digest = hashlib.sha256()
    for name in IDENTIFYING:
        for value in headers.get(name, ()):
            # Folding differs between copies; the length keeps two values two.
            line = " ".join(value.split()).encode("utf-8", "surrogateescape")
            digest.update(b"%s:%d:%s\n" % (name.encode(), len(line), line))
    digest.update(b"\n")
    for chunk in _lines(body):
        digest.update(chunk)
    return digest.hexdigest()


def _lines(body: bytes | bytearray | memoryview) -> Iterable[bytes]:
    # In pieces, so that a message of 50 MB is not held twice.
    stop = _end(body)
    start = 0
    while start < stop:
        chunk = bytes(body[start : min(start + _CHUNK, stop)])
        if chunk.endswith(b"\r") and start + len(chunk) < stop:
            chunk = chunk[:-1]
        yield _unify(chunk)
        start += len(chunk)


def _unify(chunk: bytes) -> bytes:
    """Return ``chunk`` with LF for each CRLF."""
    without = chunk.replace(b"\r", b"")
    # two passes over single bytes are five times quicker than one over pairs; they do
    # where each line ends alike, as in all usual mail
    if len(without) == len(chunk) or without.replace(b"\n", b"\r\n") == chunk:
        return without
    return b"\n".join(chunk.split(b"\r\n"))


def _end(body: bytes | bytearray | memoryview) -> int:
    stop = len(body)
    while stop:
        tail = bytes(body[max(stop - _CHUNK, 0) : stop])
        kept = tail.rstrip(b"\r\n")
        stop -= len(tail) - len(kept)
        if kept:
            break
    return stop


def thread_key(message_id: str, in_reply_to: str, references: Iterable[str]) -> str:
    """Return 32 hex digits for the conversation, "" when no header names one.

    The root is the first of References, else In-Reply-To, else the message itself
    (RFC 5322, 3.6.4). It groups for reading and is never a reason to trust.
    """
    for name in (*references, in_reply_to, message_id):
        found = _MESSAGE_ID.search(name)
        root = "".join((found[1] if found else name).split()).lower()
        if root:
            data = root.encode("utf-8", "surrogatepass")
            return hashlib.sha256(data).hexdigest()[:32]
    return ""
