"""What a person writes into the search box, taken apart.

``from:`` ``to:`` ``subject:`` ``has:attachment`` ``before:`` ``after:``, a phrase in
quotation marks, and ``-`` before what must not be there. Whatever else stands there is
words; also an operator that nothing follows, or a date that is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from ..text import search_form

#: Terms of one search; what follows is left out.
MAX_TERMS = 20
#: The fields that an operator looks into.
FIELDS = ("from", "to", "subject")
_ATTACHMENT = frozenset(("attachment", "attachments", "file", "files"))
_TERM = re.compile(
    r'(?P<not>-(?=[^\W\d]|"))?(?:(?P<operator>from|to|subject|has|before|after):)?'
    r'(?:"(?P<phrase>[^"]*)"?|(?P<word>\S+))',
    re.I,
)
_DAY = re.compile(r"([0-9]{4})(?:[-/.]([0-9]{1,2})(?:[-/.]([0-9]{1,2}))?)?\Z")
_EUROPEAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})\Z")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """One thing that a search asks for.

    :param kind: ``words``, ``phrase``, ``from``, ``to``, ``subject``, ``attachment``,
        ``before`` or ``after``
    :param value: what is looked for; of a day its ISO form
    :param negated: whether it must not be there
    """

    kind: str
    value: str
    negated: bool = False


def read_query(text: str) -> list[Term]:
    """Return what ``text`` asks for; words that follow each other are one term.

    They stay together, since a number may be divided by blanks.
    """
    terms: list[Term] = []
    for match in _TERM.finditer(text):
        term = _term(match)
        last = terms[-1] if terms else None
        if last and (term.kind, term.negated) == ("words", False) == (
            last.kind,
            last.negated,
        ):
            terms[-1] = Term("words", f"{last.value} {term.value}")
        elif len(terms) < MAX_TERMS:
            terms.append(term)
    return terms


def _term(match: re.Match[str]) -> Term:
    operator = (match["operator"] or "").lower()
    phrase = match["phrase"]
    value = match["word"] if phrase is None else phrase.strip()
    negated = bool(match["not"])
    if operator in FIELDS and value:
        return Term(operator, value, negated)
    if operator == "has" and value.lower() in _ATTACHMENT:
        return Term("attachment", "", negated)
    if operator in ("before", "after") and (day := read_day(value)):
        return Term(operator, day.isoformat(), negated)
    if operator:
        # it says nothing that is known
        return Term("words", match[0].lstrip("-"), negated)
    several = phrase is not None and len(_WORD.findall(value)) > 1
    return Term("phrase" if several else "words", value, negated)


def read_day(text: str) -> date | None:
    """Return the day that ``text`` is, or the first one of its month or year."""
    if match := _EUROPEAN_DAY.match(text[:20]):
        day, month, year = match.groups()
    elif match := _DAY.match(text[:20]):
        year, month, day = match.groups()
    else:
        return None
    # nearer to the ends a time zone leads out of the calendar
    if not 1000 <= int(year) <= 9000:
        return None
    try:
        return date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        return None


def holds_phrase(text: str, phrase: str) -> bool:
    """Return whether the words of ``phrase`` follow each other in ``text``.

    Whatever stands between them but words; the last one may go on, as in every search.
    """
    asked = " ".join(_WORD.findall(search_form(phrase)))
    return f" {asked}" in f" {' '.join(_WORD.findall(search_form(text)))}"
