"""What is searched of a message, that of the messages attached to it included."""

from __future__ import annotations

from collections.abc import Iterable

from ..addresses.address import Address
from ..errors import Unreadable
from ..text import decode_header
from .body import attached, body_segments, read_text
from .fields import addresses as read_addresses
from .header_charset import header_charset
from .node import Node
from .part_name import MESSAGES, part_name
from .pieces import MAX_BODY
from .structure import read_structure

#: Characters of the text for search, and of the people in it.
MAX_SEARCH = 200_000
MAX_SEARCH_PEOPLE = 20_000
#: How deep messages attached to messages are searched.
MAX_SEARCHED_DEPTH = 3

PEOPLE = ("from", "to", "cc", "bcc", "reply-to")


def said(
    subject: str,
    people: dict[str, tuple[Address, ...]],
    names: Iterable[str],
    text: str,
) -> str:
    """Return what is searched of a message: subject, people, names of files, text."""
    addresses = " ".join(
        f"{one.display_name} {one.addr_spec}"
        for addressees in people.values()
        for one in addressees
    )
    files = " ".join(names)
    words = (subject, addresses[:MAX_SEARCH_PEOPLE], files, text)
    return "\n".join(words)[:MAX_SEARCH]


def attached_words(
    nodes: Iterable[Node], source: bytes, depth: int = MAX_SEARCHED_DEPTH
) -> str:
    """Return what the attached messages say, as far as it is searched."""
    words, length = [], 0
    for node in nodes:
        if node.mimetype in MESSAGES and length < MAX_SEARCH and depth:
            words.append(_attached_word(node.content(source, MAX_BODY), depth))
            length += len(words[-1])
    return "".join(words)


def _attached_word(source: bytes, depth: int) -> str:
    try:
        root, _defects = read_structure(source)
    except Unreadable:
        return ""
    segments = body_segments(root)
    nodes = attached(root, segments)
    charset = header_charset(source, root)
    subject = decode_header(root.headers.get("subject", [""])[0], fallback=charset)
    people = {name: read_addresses(root.headers, name, charset) for name in PEOPLE}
    names = [part_name(node, source, charset) for node in nodes]
    text = read_text(source, segments) + attached_words(nodes, source, depth - 1)
    return "\n" + said(subject, people, names, text)
