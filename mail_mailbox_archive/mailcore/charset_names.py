"""Names of charsets as mail has them, and Python's names for those."""

from __future__ import annotations

import codecs
import re
from encodings.aliases import aliases
from functools import lru_cache

_NAME = re.compile(r"[a-z0-9][a-z0-9_.:+() -]{0,39}")
_SIGNS = re.compile(r"[^a-z0-9]+")
#: Without signs: "ISO_8859-2:1987" and "iso88592" are one name.
_KNOWN = {_SIGNS.sub("", alias): codec for alias, codec in aliases.items()}
_KNOWN |= {_SIGNS.sub("", codec): codec for codec in aliases.values()}
_ALIASES = {
    **dict.fromkeys("ansi msansi ansi1252 westerneuropean".split(), "cp1252"),
    **dict.fromkeys("macce macceurope maccentraleurroman".split(), "mac_latin2"),
    **dict.fromkeys("maccentraleurope maclatin2 macceroman".split(), "mac_latin2"),
    **dict.fromkeys("macukrainian maccyrillic".split(), "mac_cyrillic"),
    **dict.fromkeys("macintosh macroman mac".split(), "mac_roman"),
    **dict.fromkeys("koi koi8".split(), "koi8_r"),
    **dict.fromkeys(
        "sjis sjiswin sjisms shiftjisms mskanji windows31j".split(), "cp932"
    ),
    **dict.fromkeys("eucjpms eucjpwin euc eucjp".split(), "euc_jp"),
    **dict.fromkeys("iso2022jpms jis iso2022jp1990".split(), "iso2022_jp"),
    **dict.fromkeys("gb231280 cngb eucgb2312cn gb gb18030 gbk".split(), "gb18030"),
    **dict.fromkeys("big5eten xbig5 cnbig5 big5hkscs2004".split(), "cp950"),
    **dict.fromkeys("unicode11utf8 unicode20utf8 utf8mb4 utf8mac".split(), "utf_8"),
    **dict.fromkeys("unicode iso10646ucs2 ucs2".split(), "utf_16"),
    "macromanian": "mac_romanian",
    "maccroatian": "mac_croatian",
    "macicelandic": "mac_iceland",
    "iso88596i": "iso8859_6",
    "iso88596e": "iso8859_6",
    "iso88598i": "iso8859_8",
    "iso88598e": "iso8859_8",
    "logical": "iso8859_8",
    "visual": "iso8859_8",
    "isoir111": "koi8_r",
    **dict.fromkeys(("koi8u", "koi8ru"), "koi8_u"),
    "unicode11utf7": "utf_7",
}
# Windows and its mail programs name charsets by these numbers.
_NUMBERED = re.compile(r"(?:cs)?(?:cp|ibm|win|windows|ms|dos|oem|ccsid|pc)0*(\d{3,5})")
_NUMBERS = {
    "65001": "utf_8",
    "65000": "utf_7",
    "1200": "utf_16_le",
    "1201": "utf_16_be",
    "20127": "ascii",
    "20866": "koi8_r",
    "21866": "koi8_u",
    "936": "gb18030",
    "51936": "gb18030",
    "52936": "hz",
    "54936": "gb18030",
    "51932": "euc_jp",
    "51949": "cp949",
    "10000": "mac_roman",
    "10006": "mac_greek",
    "10007": "mac_cyrillic",
    "10029": "mac_latin2",
    "10081": "mac_turkish",
    **dict.fromkeys(("50220", "50221", "50222"), "iso2022_jp"),
    **{str(28590 + part): f"iso8859_{part}" for part in (*range(1, 12), 13, 14, 15)},
}
# Senders declare the narrow set and use its superset, as browsers know.
_SUPERSETS = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
}
# Python decodes these too; they are not charsets, and some take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}


@lru_cache(maxsize=256)
def codec_of(charset: str) -> str | None:
    """Return Python's name for a charset of the mail world, None when unknown."""
    name = charset.strip(" \t\"'").lower()
    if not _NAME.fullmatch(name):
        return None
    plain = _SIGNS.sub("", name)
    bare = plain.removeprefix("x") if name.startswith("x-") else plain
    for one in (name, _find(plain), _find(bare), _find(plain.removeprefix("cs"))):
        if codec := one and _python_name(one):
            return codec
    return None


def _find(plain: str) -> str | None:
    if codec := _ALIASES.get(plain):
        return codec
    if numbered := _NUMBERED.fullmatch(plain):
        return _NUMBERS.get(numbered[1], f"cp{numbered[1]}")
    return _KNOWN.get(plain)


def _python_name(name: str) -> str | None:
    try:
        codec = codecs.lookup(name)
        b"".decode(codec.name)
    except (LookupError, UnicodeError, ValueError):
        return None
    # The codec itself says "raw-unicode-escape" or "raw_unicode_escape" by version.
    name = codec.name.replace("-", "_") if "escape" in codec.name else codec.name
    return None if name in _NO_CHARSETS else _SUPERSETS.get(name, name)
