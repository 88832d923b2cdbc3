"""Bytes made into text: the one place that weighs what was declared against what is.

In this order: escape sequences tell ISO-2022; bytes that are UTF-8 without a fault are
UTF-8, whatever single-byte charset was declared, as those have next to no such text;
the declared charset, or the one it is confused with where its letters are those of a
language and the declared one's are not; a guess.
"""

from __future__ import annotations

import codecs
import re

import chardet

from .charset_names import codec_of
from .iso2022 import decode_euc_jp, decode_iso2022, is_iso2022

#: Bytes that the charset detection may look at.
DETECT_BYTES = 65_536
#: Of those, bytes on lines that hold something else than ASCII; the detection is slow
#: and does not get better with more.
DETECT_SAMPLE = 2_048

_SURROGATES = re.compile("[\ud800-\udfff]")
_C1 = re.compile("[\x80-\x9f]")
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Charsets in which a character may take several bytes.
_WIDE = frozenset(
    "utf-8 utf-16 utf-16-le utf-16-be utf-32 utf-7 hz gb18030 gb2312 cp932 euc_jp "
    "cp949 euc_jis_2004 shift_jis_2004 cp950 big5hkscs johab euc_jisx0213".split()
)
_ESCAPED = "iso2022"
#: Of those, what a charset has without what was added to it, and how many characters of
#: faultless UTF-8 are no accident where they are also faultless in it.
_BARE = {"gb18030": "gb2312", "cp949": "euc_kr", "cp932": "shift_jis", "cp950": "big5"}
MANY = 5
#: Charset → the one it is confused with: by Windows, by who took the one for the other.
_CONFUSED = {
    "iso8859-2": ("cp1250",),
    "cp1250": ("iso8859-2",),
    "cp1252": ("cp1250", "iso8859-2"),
    "iso8859-3": ("cp1254",),
    "iso8859-4": ("cp1257",),
    "iso8859-5": ("cp1251", "koi8-r"),
    "iso8859-6": ("cp1256",),
    "iso8859-7": ("cp1253",),
    "iso8859-8": ("cp1255",),
    "iso8859-10": ("cp1257",),
    "iso8859-13": ("cp1257",),
    "iso8859-14": ("cp1252",),
    "iso8859-15": ("cp1252",),
    "iso8859-16": ("cp1250",),
    "cp1251": ("koi8-r",),
    "koi8-r": ("cp1251",),
    "koi8-u": ("cp1251",),
}
_SIGNS = frozenset("„”“‚’‘–—…§°\xa0«»€©®•·")
_WESTERN = frozenset("àâäæçèéêëîïñòóôöùúûüœßáíìãõåøÀÂÄÆÇÈÉÊËÎÏÑÒÓÔÖÙÚÛÜŒÁÍÌÃÕÅØ¿¡")
#: Languages of central Europe: all their letters beyond ASCII.
_LANGUAGES = tuple(
    frozenset(letters + letters.upper()) | _SIGNS
    for letters in (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîşţșț",
        "äöüß",
    )
)
#: Letters that others of the same byte are hardly taken for, and how many to be sure.
_SURE = ((frozenset("łąŁĄ"), _LANGUAGES[0], 1), (frozenset("řěůŘĚŮ"), _LANGUAGES[1], 2))
#: Hungarian, and what western charsets make of its long ö and ü: other languages have
#: these beside other letters, or not beside all these.
_HUNGARIAN = frozenset("áéíóöúüÁÉÍÓÖÚÜ")
_LONG, _LONG_MISREAD = frozenset("őűŐŰ"), frozenset("õûÕÛ")
#: The usual letters of Russian and its neighbours, two thirds of all that is written,
#: and the rare ones, a twelfth.
_USUAL_CYRILLIC, _RARE_CYRILLIC = (
    frozenset("оеаинтсрвлкі"),
    frozenset("щъэфюцшёхжђѓљњћџ"),
)
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_CYRILLIC_CHARSETS = frozenset("cp1251 koi8-r koi8-u iso8859-5".split())
#: A word of no alphabet that was taken for Latin.
_ALL_HIGH = re.compile("[^\x00-\xa0]{3,}")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa]")
# What the detection says, as mail means it.
_DETECTED_AS = {"maccyrillic": "cp1251", "macroman": "cp1252"}


def decode(data: bytes, charset: str | None, fallback: str | None = None) -> str:
    """Return ``data`` as text: what it surely is, else a guess.

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
    """Return what ``data`` surely says, by its bytes and what was declared, or None."""
    if is_iso2022(data):
        return decode_iso2022(data)
    codec = codec_of(charset) if charset else None
    for mark, marked in _BOMS:
        if data.startswith(mark) and codec not in ("utf-16", "utf-32"):
            text = _attempt(data, marked)
            if text is not None:
                return text
    if codec is None or codec == "ascii":
        return _utf8(data)
    if data.isascii() and (codec not in _WIDE or codec == "utf-8"):
        return data.decode("ascii")
    if codec.startswith(_ESCAPED):
        return _utf8(data) or _japanese(data)
    if codec in _WIDE:
        return _wide(data, _endian(data) if codec == "utf-16" else codec)
    return _utf8(data) or _narrow(data, codec)


def guess(data: bytes) -> str:
    """Return Python's name of the charset ``data`` may have; Windows-1252 in doubt."""
    if is_iso2022(data):
        return "iso2022_jp"
    if _attempt(data, "utf-8") is not None:
        return "utf-8"
    return _by_kana(data) or _by_language(data) or _detected(data) or "cp1252"


def _utf8(data: bytes) -> str | None:
    """Return what ``data`` is in UTF-8 without a fault, but for a cut at its end."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = error.reason == "unexpected end of data" and error.start > 3
        if cut and error.start >= len(data) - 3 and not data[: error.start].isascii():
            return data[: error.start].decode("utf-8") + "\ufffd"
        return None


def _endian(data: bytes) -> str:
    """Return which UTF-16 it is: without a mark the zeros of its ASCII tell."""
    if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16"
    first, second = data[::2].count(0), data[1::2].count(0)
    return "utf-16-le" if second > first else "utf-16-be"


def _is_rather_utf8(data: bytes, codec: str) -> bool:
    """Whether faultless UTF-8 was declared to be of a charset of the far east."""
    text = _utf8(data) if codec in _BARE else None
    if text is None:
        return False
    return len(text) - len(text.encode("ascii", "ignore")) >= MANY or (
        _attempt(data, _BARE[codec]) is None
    )


def _wide(data: bytes, codec: str) -> str | None:
    if _is_rather_utf8(data, codec):
        return _utf8(data)
    text = _attempt(data, codec)
    if text is None and codec == "euc_jp":
        text = decode_euc_jp(data)
        text = None if "\ufffd" in text else text
    if text is None and codec != "utf-8":
        text = _utf8(data)
    if text is None:
        text = _attempt(data, codec, "replace")
    return text if text is not None and _is_plausible(text) else None


def _japanese(data: bytes) -> str | None:
    """Return 8-bit bytes that were declared to be ISO-2022-JP (RFC 1468)."""
    attempts = [_attempt(data, codec) for codec in ("euc_jp", "cp932")]
    texts = [text for text in attempts if text is not None]
    # read by the wrong one it is rows of rare characters, without any kana
    return max(texts, key=_kana, default=None) or _wide(data, "cp932")


def _kana(text: str) -> int:
    return sum("\u3041" <= sign <= "\u30fe" for sign in text[:DETECT_BYTES])


def _narrow(data: bytes, codec: str) -> str | None:
    text = _attempt(data, codec, "replace")
    if text is None:
        return None
    others = [
        attempt
        for name in _CONFUSED.get(codec, ())
        if (attempt := _attempt(data, name, "replace")) is not None
    ]
    if others:
        sample = _high(text)
        if damage := _damage(text):
            # a control nobody writes: the declaration is of another charset
            better = min(others, key=_damage)
            better = better if _damage(better) < damage else text
            lost = _damage(better) and _is_another_alphabet(better)
            return None if lost else better
        if codec in _CYRILLIC_CHARSETS:
            return _most_cyrillic(text, others)
        if not _speaks(sample):
            surely = next((one for one in others if _surely(_high(one))), None)
            return surely or (None if _is_another_alphabet(text) else text)
        if _is_hungarian(sample, _LONG_MISREAD):
            return next((one for one in others if _is_hungarian(_high(one))), text)
    return text if _is_plausible(text) else None


def _is_hungarian(letters: set[str], long: frozenset[str] = _LONG) -> bool:
    accents = letters & long and letters & set("áíóúÁÍÓÚ") and letters & set("öüÖÜ")
    return bool(accents) and letters <= _HUNGARIAN | long | _SIGNS


def _most_cyrillic(text: str, others: list[str]) -> str:
    """Return which of several readings has the usual letters: by far, if not the first.

    Those that are read by the charset of another system have the rare ones.
    """
    best = max(others, key=_cyrillic_score)
    return best if _cyrillic_score(best) > _cyrillic_score(text) + 0.25 else text


def _cyrillic_score(text: str) -> float:
    letters = _CYRILLIC.findall(text[:DETECT_BYTES].lower())
    if len(letters) < MANY:
        return 0
    usual = sum(one in _USUAL_CYRILLIC for one in letters)
    return (usual - sum(one in _RARE_CYRILLIC for one in letters)) / len(letters)


def _is_another_alphabet(text: str) -> bool:
    """Whether Latin letters are another alphabet's: of whole words beyond ASCII."""
    high = len(text) - len(text.encode("ascii", "ignore"))
    return high > MANY and sum(map(len, _ALL_HIGH.findall(text))) * 2 > high


def _damage(text: str) -> int:
    return text.count("\ufffd") + len(_C1.findall(text))


def _high(text: str) -> set[str]:
    return {letter for letter in set(text) if letter > "\x7f"}


def _speaks(letters: set[str]) -> bool:
    """Whether the letters are those of one language, western ones taken together."""
    if letters <= _WESTERN | _SIGNS:
        return True
    return any(letters <= language for language in _LANGUAGES)


def _surely(letters: set[str]) -> bool:
    return any(
        letters <= language and len(letters & sure) >= count
        for sure, language, count in _SURE
    )


def _by_kana(data: bytes) -> str | None:
    """Return the charset of Japanese, whose own letters stand between all others."""
    for codec in ("euc_jp", "cp932"):
        text = _attempt(data[:DETECT_BYTES], codec)
        kana = len(_KANA.findall(text)) if text else 0
        if kana > 1 and kana * 5 > len(_high(text)):
            return codec
    return None


def _by_language(data: bytes) -> str | None:
    # Detectors take these for Western text; a few letters give them away.
    for codec in ("cp1250", "iso8859-2"):
        text = _attempt(data[:DETECT_BYTES], codec, "replace")
        letters = _high(text) if text else set()
        if _surely(letters) or _is_hungarian(letters):
            return codec
    return None


def _attempt(data: bytes, codec: str, errors: str = "strict") -> str | None:
    if codec.startswith(_ESCAPED) and is_iso2022(data):
        return decode_iso2022(data)
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


def _detected(data: bytes) -> str | None:
    lines = data[:DETECT_BYTES].split(b"\n")
    sample = b"\n".join(line for line in lines if not line.isascii())
    sample = sample[:DETECT_SAMPLE] or data[:DETECT_SAMPLE]
    name = chardet.detect(sample)["encoding"] or ""
    codec = _DETECTED_AS.get(name.lower()) or (codec_of(name) if name else None)
    text = _attempt(sample, codec, "replace") if codec else None
    return codec if text and _is_plausible(text) else None
