"""Encoded words of a header (RFC 2047), also as senders cut them.

A word should be whole in itself, but senders cut in the midst of a character, or carry
an escape sequence over. So neighbours of one charset are decoded as one, and apart
where that leaves less of them in doubt.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from .charset import certain, decode, guess
from .charset_names import codec_of
from .transfer import decode_base64, is_cut_base64

#: Words that one character, with the signs around it, may be cut into.
CUT_INTO = 4

_NO_OCTETS = re.compile("[\ud800-\udc7f\udd00-\udfff]")
# No part of the sentence may hold "?", so that every scan ends at the next one.
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^?]*)\?=")


def octets(raw: str) -> bytes:
    """Return the bytes of a header value that compat32 read, with its surrogates.

    Other lone surrogates stand for no byte: they come from people, and are damage.
    """
    return _NO_OCTETS.sub("\ufffd", raw).encode("utf-8", "surrogateescape")


def decode_words(raw: str) -> str:
    """Return ``raw`` with its encoded words decoded (RFC 2047, 6.2), not cleaned."""
    if "=?" not in raw:
        return raw
    out: list[str] = []
    words: list[tuple[str, str]] = []
    charset, position = "", 0
    for word in _ENCODED_WORD.finditer(raw):
        between = raw[position : word.start()]
        position = word.end()
        name = word[1].partition("*")[0].lower()
        if not words or not _is_same(name, charset) or between.strip():
            out.append(_decode_run(words, charset))
            out.append("" if words and between.isspace() else between)
            words, charset = [], name
        words.append((word[2].lower(), word[3]))
    return "".join([*out, _decode_run(words, charset), raw[position:]])


def _is_same(name: str, other: str) -> bool:
    """Return whether two names are of one charset, or of one that has the other's."""
    return name == other or (codec_of(name) or name) == codec_of(other)


def _decode_run(words: list[tuple[str, str]], charset: str) -> str:
    """Return neighbours of one charset as text."""
    pieces = _pieces(words)
    data = b"".join(pieces)
    text = decode(data, charset, "cp1252")
    if len(pieces) < 2 or not (text.count("\ufffd") or _has_utf8(pieces, data)):
        return text
    apart = "".join(_apart(pieces, charset))
    return apart if apart.count("\ufffd") <= text.count("\ufffd") else text


def _has_utf8(pieces: list[bytes], data: bytes) -> bool:
    """Return whether some are UTF-8 of themselves, and all together are not."""
    return not _is_utf8(data) and any(
        not piece.isascii() and _is_utf8(piece) for piece in pieces
    )


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _apart(pieces: list[bytes], charset: str) -> Iterator[str]:
    """Yield as few words together as can be read without a fault."""
    # one guess serves all that cannot be: a guess costs milliseconds
    fallback = None
    at = 0
    while at < len(pieces):
        for end in range(at + 1, min(at + CUT_INTO, len(pieces)) + 1):
            text = certain(b"".join(pieces[at:end]), charset)
            if text is not None and "\ufffd" not in text:
                break
        else:
            end = at + 1
            fallback = fallback or guess(pieces[at])
            text = decode(pieces[at], charset, fallback)
        yield text
        at = end


def _pieces(words: list[tuple[str, str]]) -> list[bytes]:
    """Return the bytes of encoded words; base64 that was cut is one with the next."""
    pieces: list[bytes] = []
    pending = b""
    for encoding, content in words:
        data = octets(content)
        if encoding == "q":
            if pending:
                pieces.append(decode_base64(pending))
            pieces.append(binascii.a2b_qp(data, header=True))
            pending = b""
        else:
            pending += data
            if not is_cut_base64(pending):
                pieces.append(decode_base64(pending))
                pending = b""
    return [*pieces, decode_base64(pending)] if pending else pieces
