"""What of a message is searched, and how a search is asked, in words of PostgreSQL.

Words match from their beginning. A number is found however it is divided: its digits
stand there without separators, beginning at each of their groups, and backwards, so
that its end is a beginning as well. Writing without spaces between words is found by
its pairs of letters. All that are words like others: one index, one question.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain

from ..text import normalise, search_words

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

_BETWEEN = r"[ \u00a0\u2009\u202f.,_\-\u2011\u2013/()'\u2019]{1,2}"
_NUMBER = re.compile(rf"[0-9]+(?:{_BETWEEN}[0-9]+){{0,{MAX_GROUPS - 1}}}")
# The same in a search, with the letters before the number of an account or document.
_ASKED_NUMBER = re.compile(
    rf"(?<!\w)(\+?)([^\W\d_]{{0,4}})"
    rf"([0-9]+(?:{_BETWEEN}[0-9]+){{0,{MAX_GROUPS - 1}}})(?!\w)"
)
# Numbers of accounts with letters inside, divided or not, and of parcels (ISO 13616).
_ASKED_CODE = re.compile(
    r"(?<!\w)(?:[A-Za-z]{2}[0-9]{2}(?= ?[0-9 ]*[A-Za-z])(?: ?[A-Za-z0-9]{4}){2,7}"
    r"(?: ?[A-Za-z0-9]{1,4})?|[0-9]+[A-Za-z][A-Za-z0-9]{6,40})(?!\w)"
)
_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)}
_GROUPS = re.compile("[0-9]+")
# Chinese, Japanese, and Korean, whose endings hide where a word begins.
_UNDIVIDED = re.compile(
    "[\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff66-\uff9f"
    "\U00020000-\U0003fffd]+"
)
#: First bytes, in UTF-8, of what stands before all these and the digits of full width.
_PLAIN = bytes(range(0xE3))


def search_text(value: str, limit: int = 0) -> str:
    """Return what is stored to find ``value`` by: its words, each once.

    :param limit: characters, 0 for all
    """
    pairs: Iterator[str] = iter(())
    divided = value
    if _may_be_undivided(value):
        value = value.translate(_FULL_WIDTH)
        divided, pairs = _UNDIVIDED.sub(" ", value), _pairs_in(value)
    words = (search_words(divided), pairs, _numbers_in(value))
    joined = " ".join(dict.fromkeys(chain.from_iterable(words)))
    return joined[:limit] if limit else joined


def search_query(value: str) -> str:
    """Return the ``tsquery`` of the messages that hold every word of ``value``.

    :return: "" when there is no word in it
    """
    value = value.translate(_FULL_WIDTH)
    asked = [_ask_pairs(run) for run in _UNDIVIDED.findall(value)]
    value = _UNDIVIDED.sub(" ", value)
    asked += map(_ask_code, _ASKED_CODE.findall(value))
    value = _ASKED_CODE.sub(" ", value)
    numbers = [match for match in _ASKED_NUMBER.finditer(value) if _digits(match[3])]
    asked += [_ask_number(*match.groups()) for match in numbers]
    rest = _ASKED_NUMBER.sub(
        lambda match: " " if _digits(match[3]) else match[0], value
    )
    asked += map(_ask_word, search_words(rest))
    return " & ".join(filter(None, asked[:MAX_QUERY_WORDS]))


def _digits(number: str) -> str:
    """Return the digits of a number, "" of one that is a word like others."""
    digits = "".join(_GROUPS.findall(number))[:MAX_DIGITS]
    return digits if len(digits) >= MIN_DIGITS else ""


def _ask_all(words: Iterable[str]) -> str:
    return " & ".join(map(_ask_word, words))


def _ask_word(word: str) -> str:
    return f"{word[:MAX_WORD]}:*"


def _ask_number(plus: str, letters: str, number: str) -> str:
    digits = _digits(number)
    ways = [f"({_ask_all(search_words(f'{letters}{number}'))})"]
    if letters and len(digits) < MIN_LETTERED:
        # divided where the letters end
        return f"({ways[0]} | ({_ask_all([*search_words(letters), digits])}))"
    for national in (digits, *_without_country(plus, digits)):
        ways += [_ask_word(national), _ask_word(BACKWARDS + national[::-1])]
    return f"({' | '.join(ways)})"


def _without_country(plus: str, digits: str) -> list[str]:
    """Return what a telephone number may be without the code of its country."""
    if not plus and not digits.startswith("00"):
        return []
    national = digits.removeprefix("00")
    forms = [national, *(national[length:] for length in (1, 2, 3))]
    return [one for one in forms if len(one) >= MIN_LETTERED and one != digits]


def _ask_code(code: str) -> str:
    written = _ask_all(search_words(code))
    runs = [one[:MAX_DIGITS] for one in _GROUPS.findall(code.replace(" ", ""))]
    runs = [one for one in runs if len(one) >= MIN_DIGITS]
    if max(map(len, runs), default=0) < MIN_LETTERED:
        return written
    return f"(({written}) | ({_ask_all(runs)}))"


def _ask_pairs(run: str) -> str:
    pairs = _ask_all(list(_pairs(run))[:MAX_QUERY_WORDS])
    # as words were stored before there were pairs
    whole = _ask_all(search_words(run))
    return f"(({whole}) | ({pairs}))" if whole and pairs else ""


def _may_be_undivided(value: str) -> bool:
    """Whether there are other scripts; a quick check, since most emails have none."""
    if value.isascii():
        return False
    return bool(value.encode("utf-8", "replace").translate(None, _PLAIN))


def _pairs_in(value: str) -> Iterator[str]:
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
    for match in _NUMBER.finditer(value):
        number = match[0]
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
