"""Bytes made into text: what was declared, what it is, what it might be."""

from __future__ import annotations

import codecs
import re
from functools import lru_cache

import chardet

#: Bytes that the charset detection may look at.
DETECT_BYTES = 65_536
#: Of those, bytes on lines that hold something else than ASCII.
DETECT_SAMPLE = 4_096

_POLISH = frozenset("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ„”“–—…’§°\xa0")
_SURE = frozenset("łąŁĄ")

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


def decode(data: bytes, charset: str | None) -> str:
    """Return ``data`` as text: declared charset, UTF-8, detection, Windows-1252.

    Never raises; what cannot be decoded becomes U+FFFD. The result is not cleaned, see
    :func:`.text.safe_text`.
    """
    codec = _codec(charset) if charset else None
    if codec and not (codec == "ascii" and not data.isascii()):
        text = _attempt(data, codec, "replace")
        # A few bad bytes are damage, many mean that the declaration is wrong.
        if text is not None and text.count("\ufffd") * 20 <= len(text):
            return text
    for guess in (_utf8, _polish, _detected):
        text = guess(data)
        if text is not None:
            return text
    return data.decode("cp1252", "replace")


def _attempt(data: bytes, codec: str, errors: str = "strict") -> str | None:
    try:
        return data.decode(codec, errors)
    except (UnicodeError, ValueError, LookupError):
        return None


def _utf8(data: bytes) -> str | None:
    return _attempt(data, "utf-8")


def _polish(data: bytes) -> str | None:
    # Detectors take Polish for Western text; two letters give it away.
    for codec in ("cp1250", "iso8859-2"):
        text = _attempt(data[:DETECT_BYTES], codec, "replace")
        if text and _POLISH.issuperset(letters := _high(text)) and letters & _SURE:
            return data.decode(codec, "replace")
    return None


def _high(text: str) -> set[str]:
    return {letter for letter in set(text) if letter > "\x7f"}


def _detected(data: bytes) -> str | None:
    lines = data[:DETECT_BYTES].split(b"\n")
    sample = b"\n".join(line for line in lines if not line.isascii())
    name = chardet.detect(sample[:DETECT_SAMPLE] or data[:DETECT_SAMPLE])["encoding"]
    codec = _codec(name) if name else None
    text = _attempt(data, codec, "replace") if codec else None
    return text if text and text.count("\ufffd") * 20 <= len(text) else None


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
