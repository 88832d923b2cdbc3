"""Which addresses a From could be read as, by whatever program reads it.

Parsers differ: one takes a backslash out of a quoted name, another a comment out of an
address, a third looks for an ``@`` with an expression. Who decides in whose name a
message leaves must not depend on one of them, so here everything counts that any of
them could take for an address. Linear in the length of the header.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from email.utils import getaddresses

from ..encoded_words import decode_words, octets
from ..text import normalise as unicode_form
from .address import normalise, parse_addresses

#: Characters of a From (RFC 5322, 2.1.1).
MAX_FROM = 998
#: How often a From may be encoded in itself, and its comments nested.
_LAYERS = 3

_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"'@\\]+@[^\s<>()\[\],;:\"'@\\]+")
#: Signs that IDNA reads as the dot of a domain (RFC 3490, 3.1).
_DOTS = str.maketrans(dict.fromkeys("\u3002\uff0e\uff61", "."))
#: In an address, blanks may stand around its dots and its "@" (RFC 5322, 4.4).
_AROUND = re.compile(r" ?([@.]) ?")
_COMMENT = re.compile(r"\([^()]*\)")
_ENCODED = re.compile(r"=\?[^?\s]*\?[bBqQ]\?")
_QUOTES = re.compile(r"[\\\"']")


def find_claims(value: str) -> frozenset[str]:
    """Return every address that ``value`` could be read as naming, in normal form.

    Also what only stands in a display name, is quoted, escaped, encoded, commented or
    written with signs that look or resolve the same. A tag (``name+tag@``) is kept.

    :raises ValueError: it is longer, or deeper, than any From
    """
    if len(value) > MAX_FROM:
        raise ValueError("too long")
    addresses: set[str] = set()
    for text in _readings(value):
        addresses.update(_ADDRESS.findall(text))
        for parser in _PARSERS:
            try:
                addresses.update(parser(text))
            except RecursionError as error:
                raise ValueError("too deep") from error
    return frozenset(
        claim for one in addresses if "@" in one for claim in _claims_of(one) if claim
    )


def without_tag(addr_spec: str) -> str:
    """Return the address without its tag: ``name+tag@`` is delivered to ``name@``."""
    local, _at, domain = addr_spec.rpartition("@")
    return f"{local.partition('+')[0] or local}@{domain}"


def _parse_mailcore(text: str) -> Iterator[str]:
    return (one.addr_spec for one in parse_addresses(text))


def _parse_library(text: str) -> Iterator[str]:
    return (spec for _name, spec in getaddresses([text]))


#: Those that Odoo and others read a From with, beside plain searching.
_PARSERS: tuple[Callable[[str], Iterator[str]], ...] = (
    _parse_mailcore,
    _parse_library,
)


def _readings(value: str) -> Iterator[str]:
    """Yield ``value`` in each form that somebody could read."""
    seen: set[str] = set()
    for decoded in _decodings(value):
        for bare in _without_comments(_without_format(decoded)):
            for text in (bare, _QUOTES.sub("", bare)):
                tight = _AROUND.sub(r"\1", " ".join(text.split()))
                for form in {text, tight} - seen:
                    seen.add(form)
                    yield form


def _decodings(value: str) -> Iterator[str]:
    value = octets(value).decode("utf-8", "replace")
    yield value
    # a line that was folded inside of a word, or a word that was
    for joined in (value.replace("\r", "").replace("\n", ""), "".join(value.split())):
        text = joined
        for _layer in range(_LAYERS):
            if not _ENCODED.search(text):
                break
            text = decode_words(text)
            yield text


def _without_format(text: str) -> str:
    """Return ``text`` without what no reader sees: soft hyphens, joiners, controls."""
    text = unicode_form(text, "NFKC").translate(_DOTS)
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        " " if sign in "\t\r\n" else sign
        for sign in text
        if sign in "\t\r\n" or unicodedata.category(sign) not in ("Cc", "Cf")
    )


def _without_comments(text: str) -> Iterator[str]:
    """Yield ``text``, then without its inmost comments, and so on outwards."""
    yield text
    for _layer in range(_LAYERS):
        if "(" not in text:
            break
        text = _COMMENT.sub("", text)
        yield text


def _claims_of(addr_spec: str) -> Iterator[str]:
    local, _at, domain = addr_spec.rpartition("@")
    if len(local) > 1 and local[0] == local[-1] == '"':
        local = re.sub(r"\\(.)", r"\1", local[1:-1])
    claim = normalise(f"{local}@{domain.strip('.')}")
    yield claim
    # capitals of other alphabets fold to more than lower() makes of them
    folded = normalise(claim.casefold())
    if folded != claim:
        yield folded
