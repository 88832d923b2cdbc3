"""The messages of an mbox, one at a time, in whatever dialect it is (RFC 4155).

A line "From " begins a message only where it is the mark of one: it ends in a moment,
and a header field follows. A sentence that begins so ("From our side, …") is text, in
the dialects that put ">" before it (mboxo, mboxrd) and in those that do not. Where
a Content-Length leads to such a mark or to the end (mboxcl2) it is believed, and
nothing in between is changed.

No more is held than the largest message that is wanted.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

#: Bytes of a line that are looked at together.
_LINE = 65_536
#: How often a Content-Length may lead nowhere, and bytes of blank lines after one.
_TRUST = 20
_MAX_BLANK = 100
_MARK = re.compile(
    rb"From (?:-\s*$|.{0,500}?\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),?\s+"
    rb"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\s+\d{1,2}"
    rb"|\d{1,2}\s+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:\s+\d{4})?)"
    rb"\s+\d{1,2}:\d\d(?::\d\d)?(?:\s+[-+A-Za-z0-9()]{1,10}){0,3}\s*$)"
)
_FIELD = re.compile(rb">?From |[!-9;-~]+[ \t]*:")
_QUOTED = re.compile(rb"^>(>*From )", re.MULTILINE)
_LENGTH = re.compile(rb"^Content-Length:[ \t]*(\d{1,12})[ \t]*\r?\n", re.M | re.I)


@dataclass(frozen=True, slots=True)
class Entry:
    """A message of an mbox.

    :param source: its bytes; None where they are more than is wanted
    :param end: where in the file the next one begins
    """

    source: bytes | None
    end: int


def is_mbox(start: bytes) -> bool:
    """Return whether a file that begins with ``start`` is an mbox."""
    first, _line_end, rest = start.lstrip(b"\r\n").partition(b"\n")
    return first.startswith(b"From ") and (
        bool(_MARK.match(first)) or bool(_FIELD.match(rest))
    )


def read_mbox(file: IO[bytes], max_size: int) -> Iterator[Entry]:
    """Yield the messages of ``file`` from its current position.

    :param max_size: bytes that one may have
    """
    lines = _Lines(file)
    line = _skip_blank(lines)
    while line:
        source, line = _read_one(lines, max_size)
        yield Entry(source, lines.at - len(line))


class _Lines:
    """The lines of a file, some of which may be read once more."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._back = io.BytesIO()
        self.at = file.tell()
        #: How often a Content-Length may still lead nowhere before none is believed.
        self.trust = _TRUST

    def read(self) -> bytes:
        """Return the next line, or the beginning of a long one; nothing at the end."""
        line = self._back.readline(_LINE)
        if len(line) < _LINE and not line.endswith(b"\n"):
            line += self._file.readline(_LINE - len(line))
        self.at += len(line)
        return line

    def take(self, size: int) -> bytes:
        data = self._back.read(size)
        data += self._file.read(size - len(data))
        self.at += len(data)
        return data

    def put_back(self, data: bytes) -> None:
        self._back = io.BytesIO(data + self._back.read())
        self.at -= len(data)

    def begins(self, line: bytes) -> bool:
        """Return whether ``line``, just read, is the mark of a message."""
        return bool(_MARK.match(line)) and bool(_FIELD.match(self._peek()))

    def _peek(self) -> bytes:
        before = self._back.tell()
        line = self.read()
        if self._back.tell() - before == len(line):
            self._back.seek(before)
            self.at -= len(line)
        else:
            self.put_back(line)
        return line


class _Source:
    """The lines of one message, up to the size that is wanted."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self.size = 0

    def add(self, line: bytes) -> None:
        self.size += len(line)
        # the end of the last line belongs to the file
        if self.size > self._limit + 4:
            self._bytes.clear()
        else:
            self._bytes += line

    def __bytes__(self) -> bytes:
        return bytes(self._bytes)

    def within(self, source: bytes) -> bytes | None:
        fits = self.size <= self._limit + 4 and len(source) <= self._limit
        return source if fits else None


def _read_one(lines: _Lines, max_size: int) -> tuple[bytes | None, bytes]:
    """Return the message after its mark, None if it is too big; and the next mark."""
    raw, whole, in_header = _Source(max_size), True, True
    while line := lines.read():
        if whole and line.startswith(b"From ") and lines.begins(line):
            break
        raw.add(line)
        if in_header and whole and not line.strip(b"\r\n"):
            in_header = False
            if (source := _read_counted(lines, bytes(raw), max_size)) is not None:
                return raw.within(source), _skip_blank(lines)
        whole = line.endswith(b"\n")
    source = _QUOTED.sub(rb"\1", _without_end(bytes(raw)))
    return raw.within(source), line


def _read_counted(lines: _Lines, header: bytes, max_size: int) -> bytes | None:
    """Return the message with the body that Content-Length counts, if it is right."""
    length = _LENGTH.search(header)
    if not length or not lines.trust or int(length[1]) > max_size:
        return None
    body, blank = lines.take(int(length[1])), b""
    line = lines.read()
    while line and not line.strip(b"\r\n") and len(blank) < _MAX_BLANK:
        blank += line
        line = lines.read()
    if len(body) == int(length[1]) and (not line or lines.begins(line)):
        lines.put_back(line)
        # the count belongs to the file, not to the message
        return header[: length.start()] + header[length.end() :] + body
    lines.trust -= 1
    lines.put_back(body + blank + line)
    return None


def _skip_blank(lines: _Lines) -> bytes:
    line = lines.read()
    while line and not line.strip(b"\r\n"):
        line = lines.read()
    return line


def _without_end(source: bytes) -> bytes:
    """Return ``source`` without the blank line that ends it in an mbox."""
    for end in (b"\r\n", b"\n"):
        if source.endswith(2 * end):
            return source[: -len(end)]
    return source
