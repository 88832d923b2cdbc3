"""What in the addresses of a mail may deceive the person who reads it.

Signs, not verdicts: the reader is shown each with what it is about. Which letters are
taken for others, and which scripts are written together, is told by the tables of
Unicode (TR 39); a word is a sign only where it could be read as one of another script.
RFC 3492 for punycode.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from confusable_homoglyphs import categories, confusables

from ..text import search_form
from .address import Address
from .domains import domain_of, is_related
from .idn import to_unicode

#: Names of addresses that are looked at; a mail to more is a mailing.
MAX_ADDRESSES = 20

_ADDRESS = re.compile(r"[\w.+-]{1,64}[@＠]((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})")
_OVERRIDE = re.compile(r"\[U\+20[0-9A-F]{2}\]")
# Scripts that are written together in one word (TR 39, 5.1).
_TOGETHER = (
    {"HAN", "HIRAGANA", "KATAKANA", "LATIN"},
    {"HAN", "HANGUL", "LATIN"},
    {"HAN", "BOPOMOFO", "LATIN"},
)
_NO_SCRIPT = frozenset(("COMMON", "INHERITED", "UNKNOWN"))
# The sign for a millionth, as keyboards have it: in brands, and taken for no letter.
_MICRO = "\u03bc"
#: Latin letters that no language's names are written with: phonetic, full width.
_NO_NAMES = re.compile("[\u0250-\u02af\u1d00-\u1dbf\uff21-\uff5a]")
# Digits and signs that are taken for letters.
_DIGITS = str.maketrans("013578|!", "olestbll")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"))


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing to beware of.

    :param code: name_address | reply_to | punycode | mixed_scripts | look_alike |
        override | no_sender | several_senders
    :param shown: what the reader sees or would take it for
    :param real: what it is
    """

    code: str
    shown: str = ""
    real: str = ""


def signs(
    from_: tuple[Address, ...],
    reply_to: tuple[Address, ...] = (),
    known_domains: Iterable[str] = (),
) -> tuple[Sign, ...]:
    """Return what may deceive in the sender and the address for answers.

    :param known_domains: domains of ours and of people we write with
    """
    warnings: list[Sign] = []
    if not any(address.addr_spec for address in from_):
        warnings.append(Sign("no_sender"))
    elif len(from_) > 1:
        warnings.append(Sign("several_senders", real=from_[0].addr_spec))
    known = frozenset(known_domains)
    for address in (*from_, *reply_to)[:MAX_ADDRESSES]:
        warnings += _of_name(address)
        warnings += _of_domain(address, known)
    warnings += _of_reply(from_, reply_to)
    return tuple(dict.fromkeys(warnings))


def readable_domain(domain: str) -> str:
    """Return ``domain`` with its punycode labels as they were meant to be read."""
    return to_unicode(domain)


def has_mixed_scripts(word: str) -> bool:
    """Whether a word of several scripts could be read as one of a single script."""
    letters = {sign for sign in word[:100] if sign.isalpha()}
    scripts = {name for sign in letters if (name := _script(sign))}
    if len(scripts) < 2 or any(scripts <= allowed for allowed in _TOGETHER):
        return False
    return any(all(_reads_as(sign, script) for sign in letters) for script in scripts)


def looks_latin(label: str) -> bool:
    """Whether a label of other letters could be read as one of ASCII."""
    letters = {sign for sign in label[:100] if not sign.isascii() and sign.isalpha()}
    if any(_NO_NAMES.search(sign) for sign in letters):
        return True
    strange = any(_script(sign) != "LATIN" for sign in letters)
    return strange and all(_latin(sign) for sign in letters)


def skeleton(domain: str) -> str:
    """Return the form in which domains that look the same are equal."""
    plain = "".join(
        sign if sign.isascii() else _latin(sign) or sign
        for sign in search_form(readable_domain(domain))
    ).translate(_DIGITS)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


@lru_cache(maxsize=4096)
def _look_alikes(sign: str) -> frozenset[str]:
    """Return what a letter is taken for, its capital and without its marks, too."""
    base = unicodedata.normalize("NFD", sign)[0]
    forms = {base, base.lower()}
    for form in (base, base.upper(), unicodedata.normalize("NFKC", base)):
        forms.update(one["c"] for one in confusables.confusables_data.get(form, ()))
        forms.add(form)
    return frozenset(one for one in forms if len(one) == 1)


def _latin(sign: str) -> str:
    """Return the letter or digit of ASCII that ``sign`` is taken for, or ""."""
    letters = [one for one in _look_alikes(sign) if one.isascii() and one.isalnum()]
    return min(letters, default="").lower()


def _reads_as(sign: str, script: str) -> bool:
    return any(_script(one) == script for one in (sign, *_look_alikes(sign)))


def _of_name(address: Address) -> Iterator[Sign]:
    name, spec = address.display_name, address.addr_spec
    match = _ADDRESS.search(name)
    if match and not is_related(
        domain_of(match[0].replace("＠", "@")), domain_of(spec)
    ):
        yield Sign("name_address", match[0], spec)
    if _OVERRIDE.search(name) or _OVERRIDE.search(spec):
        yield Sign("override", name, spec)
    for word in re.split(r"[\W\d_]+", name[:500]):
        if has_mixed_scripts(word):
            yield Sign("mixed_scripts", word, spec)
            break


def _of_domain(address: Address, known: frozenset[str]) -> Iterator[Sign]:
    domain = domain_of(address.addr_spec)
    readable = readable_domain(domain)
    if any(has_mixed_scripts(label) for label in readable.split(".")):
        yield Sign("mixed_scripts", readable, domain)
    elif any(looks_latin(label) for label in readable.split(".")):
        yield Sign("punycode", readable, domain)
    if domain and domain not in known:
        looks = skeleton(domain)
        for one in sorted(known):
            if skeleton(one) == looks:
                yield Sign("look_alike", one, readable)
                break


def _of_reply(
    from_: tuple[Address, ...], reply_to: tuple[Address, ...]
) -> Iterator[Sign]:
    senders = [domain_of(address.addr_spec) for address in from_[:MAX_ADDRESSES]]
    for address in reply_to[:MAX_ADDRESSES]:
        domain = domain_of(address.addr_spec)
        if domain and not any(is_related(domain, sender) for sender in senders):
            yield Sign(
                "reply_to", from_[0].addr_spec if from_ else "", address.addr_spec
            )
            break


@lru_cache(maxsize=4096)
def _script(sign: str) -> str:
    if not sign.isalpha() or sign == _MICRO:
        return ""
    name = categories.alias(sign) or ""
    return "" if name in _NO_SCRIPT else name
