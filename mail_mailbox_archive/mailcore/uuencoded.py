"""Files that stand uuencoded inside a text, as mail had them before MIME."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterator

from .node import Node

#: Content-Transfer-Encodings that change nothing.
_AS_IS = frozenset(("", "7bit", "8bit", "binary"))
_BEGIN = re.compile(rb"^begin [0-7]{3,4} ([^\r\n]*[^\s])[ \t\r]*$", re.M)
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
    if b"\nbegin " not in source:
        return 0
    before = room
    for leaf in list(root.walk()):
        if leaf.children or leaf.mimetype != "text/plain" or leaf.raw_name:
            continue
        if leaf.encoding not in _AS_IS:
            continue
        prefix = "" if leaf is root else f"{leaf.path}."
        found = list(_divided(leaf, source))
        if found and len(found) <= room:
            room -= len(found)
            for at, node in enumerate(found, 1):
                node.path = f"{prefix}{at}"
            leaf.mimetype, leaf.children = "multipart/mixed", found
    return before - room


def _divided(leaf: Node, source: bytes) -> Iterator[Node]:
    """Yield the texts and files of a leaf, nothing when it holds no file."""
    at = leaf.start
    for start, stop, name in find_files(source, leaf.start, leaf.stop):
        yield from _text_between(leaf, source, at, start)
        headers = {
            "content-transfer-encoding": ["x-uuencode"],
            "content-disposition": ["attachment"],
        }
        kind = kind_by_name(name)
        yield Node("", headers, kind, {"name": name}, start, stop)
        at = stop
    if at > leaf.start:
        yield from _text_between(leaf, source, at, leaf.stop)


def _text_between(leaf: Node, source: bytes, start: int, stop: int) -> Iterator[Node]:
    if source[start:stop].strip():
        yield Node("", leaf.headers, "text/plain", leaf.parameters, start, stop)


def find_files(source: bytes, start: int, stop: int) -> Iterator[tuple[int, int, str]]:
    """Yield where each file begins and ends between two places, and its name."""
    at = start
    while found := _BEGIN.search(source, at, stop):
        at, whole = _end_of_file(source, found.end(), stop)
        if whole:
            name = found[1].decode("ascii", "surrogateescape")
            yield found.start(), at, name


def kind_by_name(name: str) -> str:
    """Return the type of a file of which nothing is known but its name."""
    # a name is no address: nothing before its extension counts
    extension = name.rpartition(".")[2]
    return _KINDS.guess_type(f"x.{extension}")[0] or "application/octet-stream"


def _end_of_file(source: bytes, at: int, stop: int) -> tuple[int, bool]:
    """Return where the file ends whose first line ended at ``at``, or seemed to."""
    lines = 0
    at = _after_line(source, at, stop)
    while at < stop:
        after = _after_line(source, at, stop)
        line = source[at:after].rstrip(b"\r\n")
        if line.rstrip() == b"end":
            return after, lines > 0
        if not _is_encoded(line):
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
