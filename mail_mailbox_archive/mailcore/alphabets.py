"""Alphabets of their own: the charset of a text, told by the letters usual in it.

Their words stand in bytes beyond ASCII alone, and whatever charset is taken, those are
letters. In the right one they are the letters that people write most.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: Bytes that are looked at, and those of them beyond ASCII that are enough.
LOOKED_AT = 65_536
SAMPLE = 2_048
#: Letters that there are at least, where anything is said of them.
MANY = 5
#: Of what stands beyond ASCII, the least that the usual letters are more than others.
SURE = 0.6

#: Signs that stand in texts of all languages.
SIGNS = frozenset("„”“‚’‘–—…§°\xa0«»€©®•·№")

_RUN = re.compile(rb"[\x80-\xff]+")


@dataclass(frozen=True, slots=True)
class Alphabet:
    """Letters of an alphabet.

    :param charsets: the names Python has for those it is written in
    :param usual: two thirds and more of all that is written
    :param rare: a twelfth, in the right charset
    """

    charsets: tuple[str, ...]
    usual: frozenset[str]
    rare: frozenset[str] = frozenset()

    def score(self, text: str) -> float:
        """Return how much more usual letters than others there are, of all: -1 to 1.

        Signs that no language has, letters of Latin, and capitals after small letters
        count against it.
        """
        high = [one.lower() for one in text if one > "\x7f"]
        if len(high) < MANY:
            return 0
        usual = sum(one in self.usual for one in high)
        rare = sum(one in self.rare or _is_foreign(one) for one in high)
        return (usual - rare - len(_SHAKEN.findall(text))) / len(high)


def _is_foreign(sign: str) -> bool:
    return sign not in SIGNS and (not sign.isalpha() or sign < "\u0370")


#: A capital behind a small letter: what is read by the charset of another system.
_SHAKEN = re.compile(r"(?<=[а-яёα-ωά-ώ])[А-ЯЁΑ-Ω]")
CYRILLIC = Alphabet(
    ("cp1251", "koi8-r", "koi8-u", "cp866", "iso8859-5", "mac-cyrillic"),
    frozenset("оеаинтсрвлкімуыпд"),
    frozenset("щъэфцюшёхђѓљњћџ"),
)
_OTHERS = (
    Alphabet(("iso8859-7", "cp1253"), frozenset("αοιετσνηυρπκμλςάέήίόύώ")),
    Alphabet(("cp1255",), frozenset("יוהלארתבמשנםחע"), frozenset("ץףךזגצט")),
    Alphabet(("cp1256", "iso8859-6"), frozenset("اليمنتورباهدفسعقكحة")),
    Alphabet(("cp874",), frozenset("านรกอเงยมลวสตทดบคป่้ีิัุาะแใไ็์หจพขชถผโซ")),
)


def high_words(data: bytes) -> bytes:
    """Return what stands beyond ASCII in ``data``, as words, as far as it is needed."""
    return b" ".join(_RUN.findall(data[:LOOKED_AT]))[:SAMPLE]


def by_letters(data: bytes) -> str | None:
    """Return the charset of text in an alphabet of its own, None where unsure."""
    data = high_words(data)
    runs = data.split(b" ")
    high = sum(map(len, runs))
    if high <= MANY or sum(len(run) for run in runs if len(run) > 2) * 2 < high:
        return None
    scores = {
        charset: alphabet.score(data.decode(charset, "replace"))
        for alphabet in (CYRILLIC, *_OTHERS)
        for charset in alphabet.charsets
    }
    best = max(scores, key=lambda charset: scores[charset])
    return best if scores[best] >= SURE else None
