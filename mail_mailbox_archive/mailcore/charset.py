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

from .alphabets import CYRILLIC, SIGNS, by_letters, high_words
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
#: faultless UTF-8 are unlikely to be chance where they are also valid in it.
_BARE = {"gb18030": "gb2312", "cp949": "euc_kr", "cp932": "shift_jis", "cp950": "big5"}
MANY = 5
#: What stands in Chinese of each of its two charsets, and, read by the other one, what
#: hardly does: signs for sounds, Japanese, circled numbers, nothing at all.
_CHINESE = {"gb18030": "cp950", "cp950": "gb18030"}
_CHINESE_USUAL = re.compile("[，。、：？！；的是我不一有人在請请]")
_CHINESE_RARE = re.compile("[\u3041-\u312f\u2460-\u24ff\ue000-\uf8ff]")
#: Charset → the one it is confused with: by Windows, by who took the one for the other.
_CONFUSED = {
    "iso8859-2": ("cp1250",),
    "cp1250": ("iso8859-2",),
    "cp1252": ("cp1250", "iso8859-2", "cp1257"),
    "iso8859-3": ("cp1254",),
    "iso8859-4": ("cp1257",),
    "iso8859-6": ("cp1256",),
    "iso8859-7": ("cp1253",),
    "iso8859-8": ("cp1255",),
    "iso8859-10": ("cp1257",),
    "iso8859-13": ("cp1257",),
    "iso8859-14": ("cp1252",),
    "iso8859-15": ("cp1252",),
    "iso8859-16": ("cp1250",),
}
_WESTERN = frozenset("àâäæçèéêëîïñòóôöùúûüœßáíìãõåøÀÂÄÆÇÈÉÊËÎÏÑÒÓÔÖÙÚÛÜŒÁÍÌÃÕÅØ¿¡")
#: Languages of central Europe and the Baltic: all their letters beyond ASCII.
_LANGUAGES = tuple(
    frozenset(letters + letters.upper()) | SIGNS
    for letters in (
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýž",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîşţșț",
        "äöüß",
        "ąčęėįšųūž",
        "āčēģīķļņōŗšūž",
    )
)
#: Letters that others of the same byte are hardly taken for, and how many to be sure.
_SURE = (
    (frozenset("łąŁĄ"), _LANGUAGES[0], 1),
    (frozenset("řěůŘĚŮ"), _LANGUAGES[1], 2),
    (frozenset("ćđĆĐ"), _LANGUAGES[4], 2),
    (frozenset("ţŢ"), _LANGUAGES[5], 1),
    (frozenset("ėįųĖĮŲ"), _LANGUAGES[-2], 2),
    (frozenset("āēīģķļņĀĒĪĢĶĻŅ"), _LANGUAGES[-1], 2),
)
#: Hungarian, and what western charsets make of its long ö and ü: other languages have
#: these beside other letters, or not beside all these.
_HUNGARIAN = frozenset("áéíóöúüÁÉÍÓÖÚÜ")
_LONG, _LONG_MISREAD = frozenset("őűŐŰ"), frozenset("õûÕÛ")
#: Turkish: what has no language that western charsets are for, and what Icelandic,
#: which has the same bytes, has not.
_TURKISH = frozenset("çğıöşüâîûÇĞİÖŞÜÂÎÛ")
_TURKISH_SURE, _NOT_ICELANDIC = frozenset("ğışĞİŞ"), frozenset("çüÇÜ")
#: How much better another of several readings of Cyrillic is, to be preferred.
_BY_FAR = 0.25
#: Beyond ASCII, but of no other alphabet; a word of such alone was taken for Latin.
_HIGH_LATIN = re.compile("[^\x00-\xa0\u0370-\u1fff]")
_ALL_HIGH = re.compile(_HIGH_LATIN.pattern + "{3,}")
#: A sign in the midst of a word: ą, ś or ź of ISO 8859-2, read by Windows.
_SIGN_WITHIN = re.compile(rb"[A-Za-z][\xb1\xb6\xbc][A-Za-z]")
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
    if codec != "utf-16" and (endian := _without_mark(data)):
        return _attempt(data, endian)
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
    return (
        _by_kana(data)
        or by_letters(data)
        or _by_language(data)
        or _detected(data)
        or "cp1252"
    )


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


def _without_mark(data: bytes) -> str | None:
    """Return which UTF-16 it is whatever was declared, by the zeros of its ASCII."""
    head = data[:DETECT_SAMPLE]
    if len(data) % 2 or len(head) < 2 * MANY or b"\0" not in head:
        return None
    counts = {"utf-16-be": head[::2].count(0), "utf-16-le": head[1::2].count(0)}
    endian = max(counts, key=lambda one: counts[one])
    is_text = counts[endian] * 4 > len(head) and not min(counts.values())
    return endian if is_text and _attempt(data, endian) is not None else None


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
    if codec in _CHINESE:
        text = _rather_chinese(text, _attempt(data, _CHINESE[codec]))
    if text is None and codec == "euc_jp":
        text = decode_euc_jp(data)
        text = None if "\ufffd" in text else text
    if text is None and codec != "utf-8":
        text = _utf8(data)
    if text is None:
        text = _attempt(data, codec, "replace")
    return text if text is not None and _is_plausible(text) else None


def _rather_chinese(text: str | None, other: str | None) -> str | None:
    """Return which of two readings is Chinese: the first, if not the other by far."""
    if not other or _chinese_score(text or "") > 0:
        return text
    return other if _chinese_score(other) > 0 or text is None else text


def _chinese_score(text: str) -> int:
    text = text[:DETECT_SAMPLE]
    return len(_CHINESE_USUAL.findall(text)) - len(_CHINESE_RARE.findall(text))


def _japanese(data: bytes) -> str | None:
    """Return 8-bit bytes that were declared to be ISO-2022-JP (RFC 1468)."""
    attempts = [_attempt(data, codec) for codec in ("euc_jp", "cp932")]
    texts = [text for text in attempts if text is not None]
    # read by the wrong one it is rows of rare characters, without any kana
    return max(texts, key=_kana, default=None) or _wide(data, "cp932")


def _kana(text: str) -> int:
    return sum("\u3041" <= sign <= "\u30fe" for sign in text[:DETECT_BYTES])


def _narrow(data: bytes, codec: str) -> str | None:
    if codec in CYRILLIC.charsets:
        codec = _most_cyrillic(data, codec)
    text = _attempt(data, codec, "replace")
    if text is None:
        return None
    others = [
        attempt
        for name in _CONFUSED.get(codec, ())
        if (attempt := _attempt(data, name, "replace")) is not None
    ]
    if others:
        letters = _high(text)
        if damage := _damage(text):
            # a control nobody writes: the declaration is of another charset
            better = min(others, key=_damage)
            better = better if _damage(better) < damage else text
            lost = _damage(better) and _is_another_alphabet(better)
            return None if lost else better
        is_another = _is_another_alphabet(text)
        # those of western languages are what any alphabet's bytes are
        if (is_another and codec == "cp1252") or not _speaks(letters):
            if codec == "cp1252" and _is_turkish(data):
                return _attempt(data, "cp1254", "replace")
            surely = next((one for one in others if _surely(_high(one))), None)
            return surely or (None if is_another else text)
        if _is_hungarian(letters, _LONG_MISREAD):
            return next((one for one in others if _is_hungarian(_high(one))), text)
    return text if _is_plausible(text) else None


def _is_hungarian(letters: set[str], long: frozenset[str] = _LONG) -> bool:
    accents = letters & long and letters & set("áíóúÁÍÓÚ") and letters & set("öüÖÜ")
    return bool(accents) and letters <= _HUNGARIAN | long | SIGNS


def _is_turkish(data: bytes) -> bool:
    text = _attempt(data[:DETECT_BYTES], "cp1254", "replace")
    letters = _high(text) if text else set()
    surely = len(letters & _TURKISH_SURE) > 1 and letters & _NOT_ICELANDIC
    return bool(surely) and letters <= _TURKISH | SIGNS


def _most_cyrillic(data: bytes, declared: str) -> str:
    """Return which of several readings has the usual letters: by far, if not the first.

    Those that are read by the charset of another system have the rare ones.
    """
    letters = high_words(data)
    scores = {
        codec: CYRILLIC.score(letters.decode(codec, "replace"))
        for codec in CYRILLIC.charsets
    }
    best = max(scores, key=lambda codec: scores[codec])
    # two that differ in nothing but the letters of Ukrainian, and signs for tables
    by_far = 0 if {best, declared} == {"koi8-r", "koi8-u"} else _BY_FAR
    return best if scores[best] > scores[declared] + by_far else declared


def _is_another_alphabet(text: str) -> bool:
    """Whether Latin letters are another alphabet's: of whole words beyond ASCII."""
    high = len(_HIGH_LATIN.findall(text))
    return high > MANY and sum(map(len, _ALL_HIGH.findall(text))) * 2 > high


def _damage(text: str) -> int:
    return text.count("\ufffd") + len(_C1.findall(text))


def _high(text: str) -> set[str]:
    return {letter for letter in set(text) if letter > "\x7f"}


def _speaks(letters: set[str]) -> bool:
    """Whether the letters are those of one language, western ones taken together."""
    if letters <= _WESTERN | SIGNS:
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
        if text and kana > 1 and kana * 5 > len(_high(text)):
            return codec
    return None


def _by_language(data: bytes) -> str | None:
    # Detectors take these for Western text; a few letters give them away.
    if _is_turkish(data):
        return "cp1254"
    for codec in ("cp1250", "iso8859-2", "cp1257"):
        text = _attempt(data[:DETECT_BYTES], codec, "replace")
        letters = _high(text) if text else set()
        if _surely(letters) or _is_hungarian(letters):
            return codec
        within = codec == "iso8859-2" and _SIGN_WITHIN.search(data, 0, DETECT_BYTES)
        if within and any(letters <= language for language in _LANGUAGES):
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
