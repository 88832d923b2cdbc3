"""Bytes and foreign text made into text that is safe to store, show and search."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from .charset import decode, guess
from .encoded_words import decode_words, octets

#: Characters of one decoded header value that are kept.
MAX_HEADER_TEXT = 10_000
# Overrides turn "exe.fdp" into "pdf.exe" on the screen: people must see that they are
# there. The other direction marks only help rendering and go silently.
_BIDI_OVERRIDES = {0x202D: "[U+202D]", 0x202E: "[U+202E]"}
_BIDI_MARKS = (*range(0x202A, 0x202D), *range(0x2066, 0x206A))
_CONTROLS = (*range(0x20), *range(0x7F, 0xA0))
_NOT_TEXT = (0xFEFF, 0xFFFE, 0xFFFF)
_LINE_BREAKS = (0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029)

_TO_LINES = {
    **dict.fromkeys((*_CONTROLS, *_BIDI_MARKS, *_NOT_TEXT)),
    **_BIDI_OVERRIDES,
    **dict.fromkeys((0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029), "\n"),
    0x09: "\t",
    0x0A: "\n",
}
_TO_LINE = {**_TO_LINES, **dict.fromkeys(_LINE_BREAKS, " ")}
_NEEDS_CLEANING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff\ufffe\uffff]"
)
_SURROGATES = re.compile("[\ud800-\udfff]")
_MARKS = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
#: What parts words in ASCII becomes a blank, capitals small letters; the rest stays.
_ASCII_WORDS = bytes(
    octet if octet > 0x7F or chr(octet).isalnum() else 0x20 for octet in range(256)
).lower()
_NO_DECOMPOSITION = tuple(
    zip("łøđðħıßæœþ", "l o d d h i ss ae oe th".split(), strict=True)
)

# No part of the sentence may hold "?", so that every scan ends at the next one.
_WHOLE_WORD = re.compile(r"(=\?[^?\s]{1,64}\?[bBqQ]\?[^?]*\?=)")


def safe_text(
    value: str | None, limit: int = MAX_HEADER_TEXT, *, lines: bool = False
) -> str:
    """Return ``value`` in NFC without what could harm a screen, a log or a database.

    Controls, NUL and byte order marks go, lone surrogates become U+FFFD, direction
    overrides become readable. Line ends and tabs stay with ``lines``, else they are
    spaces. ``limit`` is in characters; 0 means no limit.
    """
    if not value:
        return ""
    if limit:
        value = value[:limit]
    if value.isascii() and value.isprintable():
        return value
    value = unify_lines(value)
    if not lines or _NEEDS_CLEANING.search(value):
        value = _SURROGATES.sub("\ufffd", value)
        value = value.translate(_TO_LINES if lines else _TO_LINE)
    value = normalise(value)
    return value[:limit] if limit else value


def unify_lines(value: str) -> str:
    """Return ``value`` with LF at the end of each line."""
    # Some gateways make CR CR LF of a line end.
    return value.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n")


def normalise(value: str, form: Literal["NFC", "NFD", "NFKC", "NFKD"] = "NFC") -> str:
    """Return ``value`` in a Unicode normal form, in linear time.

    The library sorts a run of combining marks by insertion, quadratic in its length;
    long text is therefore normalised piece by piece.
    """
    if value.isascii() or unicodedata.is_normalized(form, value):
        return value
    pieces = []
    start = 0
    while start < len(value):
        stop = _piece_end(value, start + 512)
        pieces.append(unicodedata.normalize(form, value[start:stop]))
        start = stop
    return "".join(pieces)


def _piece_end(value: str, stop: int) -> int:
    # A letter and its marks stay together, unless somebody piled up hundreds of them.
    for shifted in range(stop, min(stop + 64, len(value))):
        if not unicodedata.combining(value[shifted]):
            return shifted
    return stop


def search_form(value: str) -> str:
    """Return ``value`` as it is searched: lower case, letters without their marks."""
    value = value.lower()
    return value if value.isascii() else value.translate(_FOLDED)


def search_words(value: str) -> list[str]:
    """Return the words of ``value`` in search form, each once."""
    # What needs no Unicode is done to bytes, which is many times quicker; the rest is
    # done once to each word that does need it.
    quick = value.encode("utf-8", "replace").translate(_ASCII_WORDS).split()
    once = b" ".join(dict.fromkeys(quick)).decode()
    if once.isascii():
        return once.split()
    words = once.split(" ")
    foreign = " ".join([word for word in words if not word.isascii()])
    plain = [word for word in words if word.isascii()]
    return list(dict.fromkeys(plain + _WORD.findall(search_form(foreign))))


class _Folded(dict[int, str]):
    """Character → its search form, found once for each: there are 150,000."""

    def __missing__(self, code: int) -> str:
        # some signs are taken apart into capitals; lower() and not casefold(), which
        # would change the form of Greek words in what is stored already
        value = _MARKS.sub("", unicodedata.normalize("NFKD", chr(code))).lower()
        for letter, plain in _NO_DECOMPOSITION:
            value = value.replace(letter, plain)
        self[code] = value
        return value


_FOLDED = _Folded()


def decode_header(
    raw: str, limit: int = MAX_HEADER_TEXT, fallback: str | None = None
) -> str:
    """Return a header value for people: unfolded, RFC 2047 decoded, cleaned.

    ``raw`` may hold surrogates for 8-bit bytes, as the compat32 parser leaves them;
    ``fallback`` is their charset, see :func:`.charset.decode`. Never raises.
    """
    if raw.isascii() and "=?" not in raw and "\x1b" not in raw:
        return safe_text(unfold(raw), limit).strip()
    raw = decode_raw(unfold(raw[: 8 * limit]), fallback)
    return safe_text(decode_words(raw), limit).strip()


def decode_raw(raw: str, fallback: str | None = None) -> str:
    """Return ``raw`` with the bytes outside of its encoded words decoded.

    Those inside are left: they are of the charset that their word declares.
    """
    if raw.isascii() and "\x1b" not in raw:
        return raw
    if "=?" not in raw:
        return decode(octets(raw), None, fallback)
    pieces = _WHOLE_WORD.split(raw)
    outside = [octets(piece) for piece in pieces[::2]]
    if not fallback:
        fallback = guess(b"\n".join(piece for piece in outside if not piece.isascii()))
    pieces[::2] = [decode(piece, None, fallback) for piece in outside]
    return "".join(pieces)


def unfold(raw: str) -> str:
    """Return ``raw`` on one line (RFC 5322, 2.2.3)."""
    return raw.replace("\r", "").replace("\n", "").strip()
