"""What a person may have forgotten, told by the words of a mail.

In the languages that the add-on speaks. A word counts from its beginning, so that all
forms of a verb are one entry.
"""

from __future__ import annotations

import re

from ..text import search_form

#: Beginnings of words that speak of a file that goes along, in search form.
_ATTACHED = (
    # English
    *("attached", "attaching", "attachment", "enclosed", "enclosing", "enclosure"),
    # Polish
    *("zalacz", "dolaczam", "dolaczony", "dolaczone", "przesylam plik"),
    # German
    *("anhang", "angehangt", "angehaengt", "anbei", "beigefugt", "beigefuegt"),
    *("in der anlage", "als anlage", "hange ich", "haenge ich"),
)
_DENIED = ("no", "without", "bez", "ohne", "kein", "keine", "keinen")
_SPEAKS = re.compile(rf"\b(?:{'|'.join(_ATTACHED)})")
_DENIES = re.compile(rf"\b(?:{'|'.join(_DENIED)}) (?:{'|'.join(_ATTACHED)})\w*")
_NO_WORD = re.compile(r"[\W_]+")


def speaks_of_attachment(text: str) -> bool:
    """Return whether ``text``, of its writer alone, says that a file goes along."""
    words = _NO_WORD.sub(" ", search_form(text))
    return bool(_SPEAKS.search(_DENIES.sub(" ", words)))
