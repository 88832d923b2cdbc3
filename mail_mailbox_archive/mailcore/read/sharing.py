"""A source in two: what is the message's, and what its delivery added to it.

The first is kept once and read by everybody who has the message: the header fields that
the identity covers (:func:`.identity.covers`) and the body. The second is kept for each
arrival and read by the people of its mailbox alone: Delivered-To, Received and whatever
else was added on the way of this copy. Together they are the source, byte for byte.

The second begins with one byte for how the lines of the body ended:

=====  ===============================================================================
``r``  each with CRLF
``n``  each with LF
``s``  some so and some so, and as in the first
``b``  as they stand in the body that follows, which is kept once more
=====  ===============================================================================
"""

from __future__ import annotations

import zlib

from .identity import covers, end_of, unify
from .node import Node
from .structure import read_headers

_SIZE = 4


def shared_header(source: bytes, root: Node) -> bytes:
    """Return the header fields that belong to the message, as they stand there."""
    lines = [f"{name}: {value}" for name, value in root.fields if covers(name.lower())]
    # without any, what is left would be no message
    text = "\r\n".join(lines or ["Subject: "]) + "\r\n\r\n"
    header = text.encode("utf-8", "surrogateescape")
    if b"\r\n" in source[: root.start]:
        return header
    header = header.replace(b"\r\n", b"\n")
    # lines that end with CR alone are read where there is no LF at all
    return header if b"\n" in source else header.replace(b"\n", b"\r")


def share(source: bytes) -> bytes:
    """Return the part of ``source`` that belongs to the message.

    :raises Unreadable: ``empty`` or ``structure``
    """
    root, _defects = read_headers(source)
    return shared_header(source, root) + source[root.start :]


def seal(source: bytes, start: int, shared: bytes | None = None) -> bytes:
    """Return the part of ``source`` that belongs to its arrival.

    :param start: where in it the body begins
    :param shared: the other part, where it is at hand
    """
    body = memoryview(source)[start:]
    stop = end_of(body)
    mark, rest = _line_ends(source, start), bytes(body[stop:])
    if mark == b"b" and shared is not None and shared[-len(body) :] == body:
        mark = b"s"
    elif mark == b"b":
        rest = bytes(body)
    head = start.to_bytes(_SIZE, "big") + source[:start]
    return mark + zlib.compress(head + rest, 1)


def needs_shared(source: bytes, start: int) -> bool:
    """Return whether :func:`seal` saves space with the other part at hand."""
    return _line_ends(source, start) == b"b"


def join(sealed: bytes, shared: bytes) -> bytes:
    """Return the source of which these are the two parts.

    :raises Unreadable: ``shared`` is not a message
    """
    mark, data = sealed[:1], zlib.decompress(sealed[1:])
    stop = _SIZE + int.from_bytes(data[:_SIZE], "big")
    header, rest = data[_SIZE:stop], data[stop:]
    if mark == b"b":
        return header + rest
    body = shared[read_headers(shared)[0].start :]
    if mark == b"s":
        return header + body
    text = unify(body[: end_of(body)])
    if mark == b"r":
        text = text.replace(b"\n", b"\r\n")
    return header + text + rest


def _line_ends(source: bytes, start: int) -> bytes:
    """Return the mark of how the lines of the body end."""
    breaks, pairs = source.count(b"\n", start), source.count(b"\r\n", start)
    # a CR before the line end proper would be taken for a part of it
    if source.find(b"\r\r\n", start) >= 0:
        return b"b"
    return b"r" if breaks == pairs else b"b" if pairs else b"n"
