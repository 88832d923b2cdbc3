"""The charset of what stands in a header as bytes beyond ASCII, against all rules.

A subject of two words is too short to tell. But whoever writes it so writes the text
below in the same charset, and there it is declared, or there is more of it.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..charset import certain, guess
from ..charset_names import codec_of
from ..encoded_words import octets
from .node import Node

#: Fields that people read.
_READ = ("subject", "from", "to", "cc", "bcc", "reply-to")
#: Values and bytes that are looked at, of the headers and of a text.
MAX_VALUES = 100
MAX_BYTES = 65_536


def header_charset(source: bytes, root: Node) -> str | None:
    """Return Python's name of the charset, None where the bytes tell it."""
    values = [value for value in _values(root) if not value.isascii()]
    data = octets("\n".join(values[:MAX_VALUES]))[:MAX_BYTES]
    # UTF-8 is that, whatever is below
    if data.isascii() or certain(data, None) is not None:
        return None
    for node in root.walk():
        if node.children or not node.mimetype.startswith("text/"):
            continue
        declared = codec_of(node.parameters.get("charset", ""))
        if declared in (None, "ascii"):
            text = node.content(source, MAX_BYTES)
            declared = None if text.isascii() else guess(text)
        if declared and _fits(data, declared):
            return declared
    return guess(data)


def _values(root: Node) -> Iterator[str]:
    for name in _READ:
        yield from root.headers.get(name, ())
    for node in root.walk():
        yield node.raw_name


def _fits(data: bytes, charset: str) -> bool:
    """Return whether bytes are nothing else than of that charset, as far as is sure."""
    try:
        return certain(data, charset) == data.decode(charset)
    except (UnicodeError, LookupError):
        return False
