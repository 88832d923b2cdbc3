"""Names of attachments."""

from __future__ import annotations

from ..errors import Unreadable
from ..text import decode_header
from .header_charset import header_charset
from .node import Node
from .parameters import filename
from .structure import read_headers

#: Kinds of parts that are messages (RFC 2046, 5.2.1; RFC 6532, 3.7).
MESSAGES = frozenset(("message/rfc822", "message/global"))
#: Of an attached message: bytes read to name it, characters of the name.
MAX_INNER_HEADER = 32_768
MAX_INNER_NAME = 200


def part_name(node: Node, source: bytes, charset: str | None) -> str:
    """Return the name of a part, decoded and cleaned, "" when it has none.

    :param charset: of 8-bit names, see :mod:`.header_charset`
    """
    return filename(node.raw_name, charset) or _subject_as_name(node, source)


def _subject_as_name(node: Node, source: bytes) -> str:
    """Name an attached message after its subject."""
    if node.mimetype not in MESSAGES:
        return ""
    content = node.content(source, MAX_INNER_HEADER)
    try:
        inner, _defects = read_headers(content)
    except Unreadable:
        return "message.eml"
    subject = decode_header(
        inner.headers.get("subject", [""])[0],
        MAX_INNER_NAME,
        header_charset(content, inner),
    )
    return f"{subject or 'message'}.eml"
