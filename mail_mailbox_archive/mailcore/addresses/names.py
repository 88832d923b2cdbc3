"""Names of companies, people and documents: which are the same, which a text holds.

A name is compared by its *key*: its words without case, diacritics, punctuation and
legal form. From the tables of this file the models build a function of the database
that returns the same key, so that an index is asked for all runs of words of a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase

from ..text import normalise
from .legal_forms import BEGINNINGS, ENDINGS

#: Characters of a name, and of a text, that are looked at.
MAX_NAME = 200
MAX_TEXT = 40_000
#: Words of a key. The rest of a longer name is compared by :meth:`Text.holds`.
MAX_WORDS = 6
#: Words of a text that are looked at: ten pages.
MAX_TEXT_WORDS = 3_000
#: Characters that must be left of a name for its legal form to be taken away.
MIN_BARE = 3
#: Characters of a name that is looked for in a text: shorter ones stand there by
#: accident, except words of three capitals.
MIN_FOUND = 4
MAX_FORM = max(form.count(" ") + 1 for form in ENDINGS)

# Capitals from, to and how far above them their small letters are. Written out instead
# of asking Unicode, whose tables differ between Python, PostgreSQL and their versions.
_CAPITALS = (
    (0x0391, 0x03A9, 32),  # Greek
    (0x0410, 0x042F, 32),  # Cyrillic
    (0x0402, 0x040F, 80),
    (0x0531, 0x0556, 48),  # Armenian
)
_SMALL = {
    chr(c): chr(c + up) for low, top, up in _CAPITALS for c in range(low, top + 1)
}
_PLAIN = zip("łŁøØđĐðÐħĦŧŦıŋŊəƏςґҐ", "llooddddhhttinneeσгг", strict=True)
#: Letters that normalisation leaves as they are → the letter they are compared as.
LETTERS = _SMALL | dict(_PLAIN)
#: The same for letters that are compared as two.
LIGATURES = {"ß": "ss", "ẞ": "ss", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"}
LIGATURES |= {"þ": "th", "Þ": "th"}
#: Ends words: inside of a bracket expression that Python and PostgreSQL both read.
SEPARATORS = (
    r"\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f\u20a0-\u20cf"
    r"\u2190-\u2bff\u2e00-\u2e7f\u3000-\u303f\ufe00-\ufe6f\ufff0-\uffff"
    r"\U0001f000-\U0001faff"
)
#: What follows the base letter in NFKD.
MARKS = r"[\u0300-\u036f]+"
_LETTER = f"[^{SEPARATORS}0-9]"
_NO_WORD_BEFORE, _NO_WORD_AFTER = f"(?<![^{SEPARATORS}])", f"(?![^{SEPARATORS}])"
#: The dot of "S.A.": between two letters that stand alone. It does not end a word.
ABBREVIATION = rf"{_NO_WORD_BEFORE}({_LETTER})\.(?={_LETTER}{_NO_WORD_AFTER})"

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_MARKS = re.compile(MARKS)
_ABBREVIATION = re.compile(ABBREVIATION)
_SEPARATORS = re.compile(f"[{SEPARATORS}]+")
_COMPARED_AS = str.maketrans(
    LETTERS | LIGATURES | dict(zip(ascii_uppercase, ascii_lowercase, strict=True))
)
_THREE_LETTERS = re.compile(r"(?<![^\W_])[^\W\d_]{3}(?![^\W_])")


def fold(value: str) -> str:
    """Return the words of ``value`` without case, marks and punctuation.

    Words are separated by one space; "S.A." is one word.
    """
    value = _UNSTORABLE.sub(" ", value)
    if not value.isascii():
        value = _MARKS.sub("", normalise(value, "NFKD"))
    value = value.translate(_COMPARED_AS)
    value = _ABBREVIATION.sub(r"\1", value)
    return _SEPARATORS.sub(" ", value).strip(" ")


def bare(name: str) -> str:
    """Return the folded words of ``name`` without its legal forms.

    With them when next to nothing would be left.
    """
    folded = fold(name[:MAX_NAME])
    words = folded.split(" ")
    while size := _form_size(words, ENDINGS, at_end=True):
        del words[-size:]
    while size := _form_size(words, BEGINNINGS, at_end=False):
        del words[:size]
    rest = " ".join(words)
    return rest if len(rest) >= MIN_BARE else folded


def _form_size(words: list[str], forms: frozenset[str], *, at_end: bool) -> int:
    """Return how many words the longest legal form at one end of ``words`` has."""
    for size in range(min(MAX_FORM, len(words) - 1), 0, -1):
        if " ".join(words[-size:] if at_end else words[:size]) in forms:
            return size
    return 0


def key(name: str) -> str:
    """Return what ``name`` is looked up by: the first words of its bare form."""
    return " ".join(bare(name).split(" ")[:MAX_WORDS])[:MAX_NAME]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in which names are looked for.

    :param line: its folded words, a space before and after each
    :param acronyms: those written as three capitals
    """

    line: str
    acronyms: frozenset[str]

    def keys(self) -> set[str]:
        """Return every run of words that may be the key of a name."""
        words = self.line.split()
        runs = set()
        for first in range(len(words)):
            run = ""
            for word in words[first : first + MAX_WORDS]:
                run = f"{run} {word}" if run else word
                runs.add(run)
        return {run for run in runs if self._may_be_name(run)}

    def _may_be_name(self, run: str) -> bool:
        if len(run) < MIN_FOUND:
            return run in self.acronyms
        return len(run) <= MAX_NAME and not (
            run.isdecimal() and len(run) < MIN_FOUND + 1
        )

    def holds(self, name: str) -> bool:
        """Return whether the text contains ``name`` as whole words."""
        wanted = bare(name)
        return bool(wanted) and f" {wanted} " in self.line


def read(value: str, limit: int = MAX_TEXT_WORDS) -> Text:
    """Return the first ``limit`` words of ``value``, ready to look for names in."""
    value = value[:MAX_TEXT]
    words = fold(value)[:MAX_TEXT].split(" ")[:limit]
    capitals = (word for word in _THREE_LETTERS.findall(value) if word.isupper())
    return Text(f" {' '.join(words)} ", frozenset(map(fold, capitals)))
