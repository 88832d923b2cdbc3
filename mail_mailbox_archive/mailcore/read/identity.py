"""One key per message, one per conversation; neither trusts a header alone.

What makes two messages one:

====================================  ==============  ==================================
what                                  counts          why
====================================  ==============  ==================================
From, Sender, Reply-To, To, Cc, Bcc,  yes             who wrote what to whom, and when
Date, Subject, Message-ID
In-Reply-To, References               yes             say to what it belongs
MIME-Version and all of Content-*     to the letter   decide how the body is read: with
                                                      another boundary it is another
every byte of the body                yes             what is read
INTERNALDATE; of a file the topmost   without Date    an alarm that comes each day is
Received                              and Message-ID  three alarms in three days
CRLF or LF; line ends at the end;     no              differ between servers and files,
how a field is folded                                 and nothing is read in them
every other header field              no              added or rewritten on the way: it
                                                      belongs to the arrival
====================================  ==============  ==================================

Never our own clock: what is fetched or imported again has the same key.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone

#: Header fields that counted before version 2 of this add-on, in the order of then.
FORMER = (
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
#: Header fields that decide what a reader sees, beside all of Content-*. Others are
#: added or rewritten on the way (Received, Delivered-To, X-*, a list that never ends)
#: and belong to the arrival.
COVERED = frozenset((*FORMER, "in-reply-to", "references", "mime-version"))
_VERSION = b"2\n"
_CHUNK = 1 << 20
_MESSAGE_ID = re.compile(r"<([^<>]*)>")


def covers(name: str) -> bool:
    """Return whether a header field, its name in lower case, belongs to the message."""
    return name in COVERED or name.startswith("content-")


def identity(
    headers: Mapping[str, Sequence[str]],
    body: bytes | bytearray | memoryview,
    moment: datetime | None = None,
) -> str:
    """Return 64 hex digits, equal for copies of one message, whatever their way.

    :param headers: lower-case name → values as they stand in the source
    :param body: all bytes after the header; CRLF and LF are equal, line ends at the
        end do not count
    :param moment: when it arrived, aware; counts where the message itself does not say
        which one it is
    """
    digest = hashlib.sha256(_VERSION)
    for name in sorted(filter(covers, headers)):
        values = [_normal(name, value) for value in headers[name]]
        # a field with nothing in it shows nothing; beside another one it may
        for value in values if any(values) else ():
            digest.update(_line(name, value))
    if moment and not _is_one_of_a_kind(headers):
        utc = moment.astimezone(timezone.utc)
        digest.update(_line("arrived", utc.strftime("%Y%m%d%H%M%S")))
    return _finish(digest, body)


def former_identity(
    headers: Mapping[str, Sequence[str]], body: bytes | bytearray | memoryview
) -> str:
    """Return the identity that version 1 of this add-on stored, to find it by."""
    digest = hashlib.sha256()
    for name in FORMER:
        for value in headers.get(name, ()):
            digest.update(_line(name, " ".join(value.split())))
    return _finish(digest, body)


def _normal(name: str, value: str) -> str:
    if name.startswith("content-"):
        # as it is read: a space more in a boundary is another boundary
        return value.replace("\r", "").replace("\n", "").strip()
    # servers refold the lines of addresses
    lines = (line.strip() for line in value.split("\n"))
    return " ".join(filter(None, lines))


def _line(name: str, value: str) -> bytes:
    # the length keeps two values two
    line = value.encode("utf-8", "surrogateescape")
    return b"%s:%d:%s\n" % (name.encode(), len(line), line)


def _is_one_of_a_kind(headers: Mapping[str, Sequence[str]]) -> bool:
    """Return whether a Date or a Message-ID distinguishes this message from others."""
    dates, ids = headers.get("date", ()), headers.get("message-id", ())
    return any(any(map(str.isdigit, value)) for value in dates) or any(
        any(map(str.isalnum, value)) for value in ids
    )


def _finish(digest: hashlib._Hash, body: bytes | bytearray | memoryview) -> str:
    digest.update(b"\n")
    for chunk in _lines(body):
        digest.update(chunk)
    return digest.hexdigest()


def _lines(body: bytes | bytearray | memoryview) -> Iterable[bytes]:
    # In pieces, so that a message of 50 MB is not held twice.
    stop = end_of(body)
    start = 0
    while start < stop:
        chunk = bytes(body[start : min(start + _CHUNK, stop)])
        if chunk.endswith(b"\r") and start + len(chunk) < stop:
            chunk = chunk[:-1]
        yield unify(chunk)
        start += len(chunk)


def unify(chunk: bytes) -> bytes:
    """Return ``chunk`` with LF for each CRLF."""
    without = chunk.replace(b"\r", b"")
    # two passes over single bytes are five times quicker than one over pairs; they do
    # where each line ends alike, as in all usual mail
    if len(without) == len(chunk) or without.replace(b"\n", b"\r\n") == chunk:
        return without
    return b"\n".join(chunk.split(b"\r\n"))


def end_of(body: bytes | bytearray | memoryview) -> int:
    """Return where the line ends at the end of ``body`` begin."""
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
        match = _MESSAGE_ID.search(name)
        root = "".join((match[1] if match else name).split()).lower()
        if root:
            data = root.encode("utf-8", "surrogatepass")
            return hashlib.sha256(data).hexdigest()[:32]
    return ""
