"""Bytes made into text: what was declared, what it is, what it might be."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import chardet

#: Bytes that the charset detection may look at.
DETECT_BYTES = 65_536
#: Of those, bytes on lines that hold something else than ASCII; the detection is slow
#: and does not get better with more.
DETECT_SAMPLE = 2_048

_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”“–—…’§°\xa0")
_SURE = frozenset("łąŁĄ")

_SURROGATES = re.compile("[\ud800-\udfff]")
_CHARSET_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,39}")
_ALIASES = {
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
    "x-euc-jp": "euc_jp",
    "x-mac-roman": "mac_roman",
    "maccyrillic": "cp1251",
    "macroman": "cp1252",
    "windows-874": "cp874",
    "iso-8859-6-i": "iso8859-6",
    "iso-8859-8-i": "iso8859-8",
    "utf8mb4": "utf-8",
}
# Senders declare the narrow set and use its superset, as browsers know.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
# Python decodes these too; they are no charsets, and some take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}


def decode(data: bytes, charset: str | None, fallback: str | None = None) -> str:
    """Return ``data`` as text: declared charset, UTF-8, then a guess.

    Never raises; what cannot be decoded becomes U+FFFD. The result is not cleaned, see
    :func:`.text.safe_text`.

    :param fallback: what to take instead of guessing, from :func:`guess`. Who decodes
        many pieces of one message guesses once: a guess costs milliseconds.
    """
    text = certain(data, charset)
    if text is None:
        text = _attempt(data, fallback or guess(data), "replace")
    return data.decode("cp1252", "replace") if text is None else text


def certain(data: bytes, charset: str | None) -> str | None:
    """Return ``data`` in the declared charset or UTF-8, None when it is in neither."""
    codec = _codec(charset) if charset else None
    if codec and not (codec == "ascii" and not data.isascii()):
        text = _attempt(data, codec, "replace")
        if text is not None and _is_plausible(text):
            return text
    return _attempt(data, "utf-8")


def guess(data: bytes) -> str:
    """Return Python's name of the charset ``data`` may have; Windows-1252 in doubt."""
    if _attempt(data, "utf-8") is not None:
        return "utf-8"
    return _polish(data) or _detected(data) or "cp1252"


def _attempt(data: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        text = data.decode(codec, errors)
    except (UnicodeError, ValueError, LookupError):
        return None
    # of all codecs this one lets through what no text can hold
    return _SURROGATES.sub("\ufffd", text) if codec == "utf-7" else text


def _is_plausible(text: str) -> bool:
    """Whether a few letters are damaged, not most: then the declaration is wrong."""
    damaged = text.count("\ufffd")
    foreign = len(text) - len(text.encode("ascii", "ignore")) if damaged else 0
    return damaged * 2 <= foreign


def _polish(data: bytes) -> str | None:
    # Detectors take Polish for Western text; two letters give it away.
    for codec in ("cp1250", "iso8859-2"):
        text = _attempt(data[:DETECT_BYTES], codec, "replace")
        if text and _POLISH.issuperset(letters := _high(text)) and letters & _SURE:
            return codec
    return None


def _high(text: str) -> set[str]:
    return {letter for letter in set(text) if letter > "\x7f"}


def _detected(data: bytes) -> str | None:
    lines = data[:DETECT_BYTES].split(b"\n")
    sample = b"\n".join(line for line in lines if not line.isascii())
    sample = sample[:DETECT_SAMPLE] or data[:DETECT_SAMPLE]
    name = chardet.detect(sample)["encoding"]
    codec = _codec(name) if name else None
    text = _attempt(sample, codec, "replace") if codec else None
    return codec if text and _is_plausible(text) else None


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """Return Python's name for a charset of the mail world, None when unknown."""
    name = charset.strip(" \t\"'").lower()
    if not _CHARSET_NAME.fullmatch(name):
        return None
    name = _ALIASES.get(name, name)
    try:
        codec = codecs.lookup(name)
        b"".decode(codec.name)
    except (LookupError, UnicodeError, ValueError):
        return None
    # The codec itself says "raw-unicode-escape" or "raw_unicode_escape" by version.
    name = codec.name.replace("-", "_") if "escape" in codec.name else codec.name
    return None if name in _NO_CHARSETS else _SUPERSETS.get(name, name)
