"""Files that stand uuencoded inside a text, as mail had them before MIME."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass

from .node import Node

#: Content-Transfer-Encodings that change nothing.
_AS_IS = frozenset(("", "7bit", "8bit", "binary"))
#: Those that leave the letters of ASCII as they are, and all under which texts are.
_READABLE = _AS_IS | {"quoted-printable"}
_OF_TEXTS = _READABLE | {"base64"}
_BEGIN = re.compile(rb"^begin(-base64)? [0-7]{3,4} ([^\r\n]*[^\s])[ \t\r]*$", re.M)
_BASE64_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2}")
_BASE64_END = b"===="
_LINE = re.compile(rb"[\x20-\x60]+")
#: Characters by which a line may be longer than it says.
_MORE = 2
# those of the library alone, whatever the machine has
_KINDS = mimetypes.MimeTypes()


def divide(root: Node, source: bytes, room: int) -> int:
    """Take apart texts that hold uuencoded files, as if they had been multiparts.

    :param room: parts that there may be more; a text with more files stays as it is
    :return: how many there are more
    """
    before = room
    for leaf in list(root.walk()):
        if leaf.children or leaf.mimetype != "text/plain" or leaf.raw_name:
            continue
        prefix = "" if leaf is root else f"{leaf.path}."
        pieces = list(_divided(leaf, source))
        if pieces and len(pieces) <= room:
            room -= len(pieces)
            for at, node in enumerate(pieces, 1):
                node.path = f"{prefix}{at}"
            leaf.mimetype, leaf.children = "multipart/mixed", pieces
    return before - room


def _divided(leaf: Node, source: bytes) -> Iterator[Node]:
    """Yield the texts and files of a leaf, nothing when it holds no file."""
    text = _decoded(leaf, source)
    if text is None:
        return
    at = text.start
    for file in find_files(text.data or source, text.start, text.stop):
        yield from _text_between(text, source, at, file.start)
        headers = {
            "content-transfer-encoding": [file.encoding],
            "content-disposition": ["attachment"],
        }
        given = kind_by_name(file.name), {"name": file.name}
        yield Node("", headers, *given, *file.content, data=text.data)
        at = file.stop
    if at > text.start:
        yield from _text_between(text, source, at, text.stop)


def _decoded(leaf: Node, source: bytes) -> Node | None:
    """Return a text as it is before any encoding; None where no file can be in it."""
    if leaf.encoding not in _OF_TEXTS:
        return None
    if leaf.encoding in _READABLE:
        # most emails have none, and this check is quick
        if source.find(b"\nbegin", max(leaf.start - 1, 0), leaf.stop) < 0:
            return None
    if leaf.encoding in _AS_IS:
        return leaf
    data = leaf.content(source)
    if not _BEGIN.search(data):
        return None
    headers = {**leaf.headers, "content-transfer-encoding": ["8bit"]}
    given = leaf.mimetype, leaf.parameters
    return Node(leaf.path, headers, *given, 0, len(data), data=data)


def _text_between(text: Node, source: bytes, start: int, stop: int) -> Iterator[Node]:
    if (text.data or source)[start:stop].strip():
        given = text.headers, text.mimetype, text.parameters
        yield Node("", *given, start, stop, data=text.data)


@dataclass(frozen=True, slots=True)
class File:
    """A file inside of a text: its lines with those around it, and what holds it."""

    start: int
    stop: int
    name: str
    encoding: str
    content: tuple[int, int]


def find_files(source: bytes, start: int, stop: int) -> Iterator[File]:
    """Yield the files between two places (POSIX, uuencode)."""
    at = start
    while match := _BEGIN.search(source, at, stop):
        begun = _after_line(source, match.end(), stop)
        end_of_file = _end_of_base64 if match[1] else _end_of_file
        at, whole = end_of_file(source, begun, stop)
        if whole:
            name = match[2].decode("ascii", "surrogateescape")
            if match[1]:
                yield File(match.start(), at, name, "base64", (begun, at))
            else:
                place = match.start(), at
                yield File(*place, name, "x-uuencode", place)


def kind_by_name(name: str) -> str:
    """Return the type of a file of which nothing is known but its name."""
    # a name is not an address: nothing before its extension counts
    extension = name.rpartition(".")[2]
    return _KINDS.guess_type(f"x.{extension}")[0] or "application/octet-stream"


def _end_of_base64(source: bytes, at: int, stop: int) -> tuple[int, bool]:
    """Return where a file ends that begins at ``at``, or is seen to be none."""
    lines = 0
    while at < stop:
        after = _after_line(source, at, stop)
        line = source[at:after].strip()
        if line == _BASE64_END:
            return after, lines > 0
        if not _BASE64_LINE.fullmatch(line):
            return at, False
        lines += 1
        at = after
    return at, lines > 0


def _end_of_file(source: bytes, at: int, stop: int) -> tuple[int, bool]:
    """Return the same where each line says how many bytes it has."""
    lines = 0
    while at < stop:
        after = _after_line(source, at, stop)
        line = source[at:after].rstrip(b"\r\n")
        if line.rstrip() == b"end":
            return after, lines > 0
        # of the line that ends it, whose one space was lost, nothing is left
        is_end = not line and source.startswith(b"end", after, stop)
        if not is_end and not _is_encoded(line):
            return at, False
        lines += len(line) > 1
        at = after
    return at, lines > 0


def _after_line(source: bytes, at: int, stop: int) -> int:
    end = source.find(b"\n", at, stop)
    return stop if end < 0 else end + 1


def _is_encoded(line: bytes) -> bool:
    if not line or line.isspace():
        return line != b""
    if not _LINE.fullmatch(line):
        return False
    wanted = (((line[0] - 32) & 63) + 2) // 3 * 4
    # spaces at the end may have been lost on the way
    return len(line.rstrip()) - 1 <= wanted + _MORE and wanted <= 84
