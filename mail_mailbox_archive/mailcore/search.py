"""What of a message is searched, and how a search is asked, in words of PostgreSQL.

Words match from their beginning. A number is found however it is divided: its digits
stand there without separators, beginning at each of their groups, and backwards, so
that its end is a beginning as well. Writing without spaces between words is found by
its pairs of letters. All that are words like others: one index, one question.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .text import normalise, search_words

#: Words of a search beyond this many change nothing a person would notice.
MAX_QUERY_WORDS = 20
#: Characters of one of them.
MAX_WORD = 200
#: Digits of a number that are kept, groups of it, and digits that make one worth it.
MAX_DIGITS = 34
MAX_GROUPS = 12
MIN_DIGITS = 4
#: Digits of one that is asked for with letters before it, and found without them.
MIN_LETTERED = 8
#: Numbers of one text.
MAX_NUMBERS = 2_000
#: Begins a number that is written backwards.
BACKWARDS = "r0"

_BETWEEN = r"[ \u00a0\u2009\u202f.,\-\u2011\u2013/()'\u2019]{1,2}"
_NUMBER = re.compile(rf"[0-9]+(?:{_BETWEEN}[0-9]+){{0,{MAX_GROUPS - 1}}}")
# The same in a search, with the letters before the number of an account or document.
_ASKED_NUMBER = re.compile(
    rf"(?<!\w)([^\W\d_]{{0,4}})"
    rf"([0-9]+(?:{_BETWEEN}[0-9]+){{0,{MAX_GROUPS - 1}}})(?!\w)"
)
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
_GROUPS = re.compile("[0-9]+")
# Chinese, Japanese, and Korean, whose endings hide where a word begins.
_UNDIVIDED = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003fffd]+"
)
_FIRST_UNDIVIDED = "\u3005"


def search_text(value: str, limit: int = 0) -> str:
    """Return what is stored to find ``value`` by: its words, each once.

    :param limit: characters, 0 for all
    """
    value = value.translate(_FULL_WIDTH)
    words = dict.fromkeys(search_words(_UNDIVIDED.sub(" ", value)))
    words |= dict.fromkeys(_pairs_in(value))
    words |= dict.fromkeys(_numbers_in(value))
    found = " ".join(words)
    return found[:limit] if limit else found


def search_query(value: str) -> str:
    """Return the ``tsquery`` of the messages that hold every word of ``value``.

    :return: "" when there is no word in it
    """
    value = value.translate(_FULL_WIDTH)
    asked = [_ask_pairs(run) for run in _UNDIVIDED.findall(value)]
    value = _UNDIVIDED.sub(" ", value)
    asked += [
        _ask_number(*found.groups())
        for found in _ASKED_NUMBER.finditer(value)
        if _is_worth_it(*found.groups())
    ]
    rest = _ASKED_NUMBER.sub(
        lambda found: " " if _is_worth_it(*found.groups()) else found[0], value
    )
    asked += map(_ask_word, search_words(rest))
    return " & ".join(filter(None, asked[:MAX_QUERY_WORDS]))


def _ask_word(word: str) -> str:
    return f"{word[:MAX_WORD]}:*"


def _is_worth_it(letters: str, number: str) -> bool:
    digits = sum(map(len, _GROUPS.findall(number)))
    return digits >= (MIN_LETTERED if letters else MIN_DIGITS)


def _ask_number(letters: str, number: str) -> str:
    digits = "".join(_GROUPS.findall(number))[:MAX_DIGITS]
    written = " & ".join(map(_ask_word, search_words(f"{letters}{number}")))
    return f"(({written}) | {digits}:* | {BACKWARDS}{digits[::-1]}:*)"


def _ask_pairs(run: str) -> str:
    pairs = " & ".join(map(_ask_word, list(_pairs(run))[:MAX_QUERY_WORDS]))
    # as words were stored before there were pairs
    whole = " & ".join(map(_ask_word, search_words(run)))
    return f"(({whole}) | ({pairs}))" if whole and pairs else ""


def _pairs_in(value: str) -> Iterator[str]:
    if value.isascii() or max(value, default="") < _FIRST_UNDIVIDED:
        return
    for run in _UNDIVIDED.findall(value):
        yield from _pairs(run)
        # asked for alone, the last letter is the beginning of nothing else
        yield normalise(run[-1], "NFKC")


def _pairs(run: str) -> Iterator[str]:
    run = normalise(run, "NFKC")
    if len(run) == 1:
        yield run
    for at in range(len(run) - 1):
        yield run[at : at + 2]


def _numbers_in(value: str) -> Iterator[str]:
    seen: set[str] = set()
    for found in _NUMBER.finditer(value):
        number = found[0]
        if len(number) < MIN_DIGITS or number in seen:
            continue
        seen.add(number)
        if len(seen) > MAX_NUMBERS:
            return
        groups = [number] if number.isdigit() else _GROUPS.findall(number)
        yield from _forms(groups)


def _forms(groups: list[str]) -> Iterator[str]:
    """Yield a number from each of its groups on, and backwards from each end."""
    for at in range(len(groups)):
        onward = "".join(groups[at:])[:MAX_DIGITS]
        if len(onward) >= MIN_DIGITS:
            yield onward
        until = "".join(groups[: at + 1])
        if len(until) >= MIN_DIGITS:
            yield BACKWARDS + until[::-1][:MAX_DIGITS]
