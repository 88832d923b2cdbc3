"""What in the addresses of a mail may deceive the person who reads it.

Signs, not verdicts: the reader is shown each with what it is about (Unicode TR 39 for
mixed scripts and look-alikes, RFC 3492 for punycode).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .address import Address, normalise
from .idn import to_unicode
from .text import search_form

#: Names of addresses that are looked at; a mail to more is a mailing.
MAX_ADDRESSES = 20

_ADDRESS = re.compile(r"[\w.+-]{1,64}[@＠]((?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24})")
_OVERRIDE = re.compile(r"\[U\+20[0-9A-F]{2}\]")
# Scripts that are written together in one word.
_TOGETHER = (
    {"LATIN"},
    {"CJK", "HIRAGANA", "KATAKANA", "LATIN"},
    {"CJK", "HANGUL", "LATIN"},
    {"CJK", "BOPOMOFO", "LATIN"},
)
_NO_SCRIPT = frozenset(
    "COMBINING MODIFIER DIGIT FULLWIDTH HALFWIDTH FEMININE MASCULINE MICRO".split()
)
# Letters that are taken for the Latin ones beside them.
_LOOK_ALIKE = str.maketrans(
    dict(
        pair
        for pair in (
            "аa еe оo рp сc уy хx іi јj ѕs ԁd ԛq ԝw һh ӏl вb нh кk мm тt ьb гr пn зe "
            "αa βb εe ηn ιi κk νv οo ρp τt υu χx ωw 0o 1l 3e 5s |l !l"
        ).split()
    )
)
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
    found: list[Sign] = []
    if not any(address.addr_spec for address in from_):
        found.append(Sign("no_sender"))
    elif len(from_) > 1:
        found.append(Sign("several_senders", real=from_[0].addr_spec))
    known = frozenset(known_domains)
    for address in (*from_, *reply_to)[:MAX_ADDRESSES]:
        found += _of_name(address)
        found += _of_domain(address, known)
    found += _of_reply(from_, reply_to)
    return tuple(dict.fromkeys(found))


def domain_of(addr_spec: str) -> str:
    """Return the domain of an address in ASCII, "" when it has none."""
    _local, at, domain = normalise(addr_spec).rpartition("@")
    return domain if at else ""


def readable_domain(domain: str) -> str:
    """Return ``domain`` with its punycode labels as they were meant to be read."""
    return to_unicode(domain)


def has_mixed_scripts(word: str) -> bool:
    """Whether a word mixes scripts that nobody writes together."""
    scripts = {name for sign in word[:100] if (name := _script(sign))}
    return len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER)


def skeleton(domain: str) -> str:
    """Return the form in which domains that look the same are equal."""
    plain = search_form(readable_domain(domain)).translate(_LOOK_ALIKE)
    for pair, letter in _PAIRS:
        plain = plain.replace(pair, letter)
    return plain


def _of_name(address: Address) -> Iterator[Sign]:
    name, spec = address.display_name, address.addr_spec
    found = _ADDRESS.search(name)
    if found and domain_of(found[0].replace("＠", "@")) != domain_of(spec):
        yield Sign("name_address", found[0], spec)
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
    elif readable != domain:
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
    senders = {_organisation(domain_of(address.addr_spec)) for address in from_}
    for address in reply_to[:MAX_ADDRESSES]:
        domain = domain_of(address.addr_spec)
        if domain and _organisation(domain) not in senders:
            yield Sign(
                "reply_to", from_[0].addr_spec if from_ else "", address.addr_spec
            )
            break


def _organisation(domain: str) -> str:
    """Return the part of a domain that belongs to one owner, roughly."""
    labels = domain.split(".")
    # co.uk, com.pl: a short last but one label before a country
    keep = 3 if len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3 else 2
    return ".".join(labels[-keep:])


def _script(sign: str) -> str:
    if not sign.isalpha():
        return ""
    if sign.isascii():
        return "LATIN"
    name = unicodedata.name(sign, "").partition(" ")[0]
    return "" if name in _NO_SCRIPT else name
