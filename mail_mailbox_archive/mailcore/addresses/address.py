"""Addresses: header values read, addresses compared, checked and written.

RFC 5322, 3.4 with its obsolete forms (4.4), RFC 6531 and 6532 for non-ASCII; domains by
:mod:`.idn`. Whatever stands in a header gives a result, in time linear in its length.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from ..encoded_words import decode_words
from ..text import decode_raw, safe_text, unfold
from .address_list import Element, elements, quote
from .idn import ascii_or_same

MAX_ADDRESSES = 1_000
#: Characters of one header that are read.
MAX_HEADER = 262_144
#: Characters of one address (RFC 5321, 4.5.3.1.3) and of one name that are kept.
MAX_ADDRESS = 254
MAX_NAME = 255
_MAX_LOCAL = 64

# What nearly all headers look like; anything else goes through the reader below.
_PLAIN = re.compile(
    r'\s*(?:"([^"\\<>@=]*)"\s*|([^"\\<>@,;:()=]*))<([\w.+-]+@[\w.-]+)>\s*', re.ASCII
)
_BARE = re.compile(r"\s*([\w.+-]+@[\w.-]+)\s*", re.ASCII)
_INSIDE = re.compile(
    r"<([^<>@\s]{1,64}@[\w.-]{1,253})>|^([^<>@\s]{1,64}@[\w.-]{1,253})$"
)
_ATOMS = re.compile(
    r"[^\s\x00-\x20\x7f()<>\[\]:;@\\,\".]+(?:\.[^\s()<>\[\]:;@\\,\".]+)*"
)
_QUOTED_LOCAL = re.compile(r'"(?:[^"\\\x00-\x1f\x7f]|\\[\x20-\x7e])+"')
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NEEDS_QUOTES = re.compile(r'[][()<>@,:;.\\"]')


@dataclass(frozen=True, slots=True)
class Address:
    """One address (RFC 5322, 3.4).

    :param display_name: decoded and cleaned, "" when there is none
    :param addr_spec: as written, "" when only a name stood there
    """

    display_name: str
    addr_spec: str


_NOBODY = Address("", "")


def parse_addresses(
    header_value: str, charset: str | None = None
) -> tuple[Address, ...]:
    """Return the addresses of a header, at most 1,000; groups are flattened.

    ``header_value`` may hold surrogates for 8-bit bytes, as compat32 leaves them;
    ``charset`` is theirs, where it is known.
    """
    value = unfold(header_value[:MAX_HEADER])
    value = decode_raw(value, charset)
    if match := _BARE.fullmatch(value):
        return (Address("", match[1]),)
    if match := _PLAIN.fullmatch(value):
        return (_address(match[1] or match[2] or "", match[3]),)
    addresses = (one for one in _addresses(elements(value)) if one != _NOBODY)
    return tuple(islice(addresses, MAX_ADDRESSES))


def _addresses(elements: Iterable[Element]) -> Iterator[Address]:
    surname = ""
    for element in elements:
        name, spec = _name_and_spec(element)
        if surname and (element.angle is None or not spec):
            yield _nameless(surname)
            surname = ""
        if surname:
            yield _address(f"{surname}, {name}", spec)
            surname = ""
        elif spec:
            yield _address(name or " ".join(element.comments), spec)
        elif element.comments:
            yield _address(" ".join(element.comments), name)
        else:
            # "Kowalski, Jan <jan@…>" without the quotes it needs
            surname = name
    if surname:
        yield _nameless(surname)


def _name_and_spec(element: Element) -> tuple[str, str]:
    name = " ".join("".join(element.shown).split())
    spec = _tight("".join(element.angle or ()))
    return (name, spec) if spec else _unbracketed(name, "".join(element.written))


def _unbracketed(name: str, written: str) -> tuple[str, str]:
    """Find the address in text such as ``Jan jan@example.com``."""
    if "@" not in written:
        return name, ""
    words = written.split()
    specs = [word for word in words if "@" in word.strip("@")]
    if len(words) > 1 and len(specs) == 1 and '"' not in written:
        return " ".join(word for word in words if word is not specs[0]), specs[0]
    return "", _tight(written)


def _tight(spec: str) -> str:
    return spec.strip() if '"' in spec else "".join(spec.split())


def _nameless(name: str) -> Address:
    # One word may be a local user ("root"), several are a name.
    words = name.split()
    return _address("", name) if len(words) == 1 else _address(name, "")


def _address(name: str, spec: str) -> Address:
    if "=?" in spec:
        return _encoded(name, spec)
    name = " ".join(name.split())
    if len(name) > 1 and name[0] == name[-1] == "'":
        name = name[1:-1]
    return Address(
        safe_text(decode_words(name), MAX_NAME).strip(),
        safe_text(spec, MAX_ADDRESS).strip(),
    )


def _encoded(name: str, spec: str) -> Address:
    """Return the address of what was encoded with its name, against RFC 2047, 5."""
    decoded = " ".join(decode_words(spec).replace("=?", " ").split())
    name = name or decoded
    match = _INSIDE.search(decoded)
    if not match:
        return _address(name if "@" not in decoded else "", "" if name else decoded)
    before = decoded[: match.start()].strip(' "')
    return _address(before if name == decoded else name, match[1] or match[2])


def normalise(addr_spec: str) -> str:
    """Return the form in which addresses are compared: lower case, domain in ASCII."""
    address = safe_text(addr_spec, MAX_ADDRESS).strip().lower()
    local, at, domain = address.rpartition("@")
    return f"{local}{at}{_ascii_domain(domain)}" if at else address


def is_one_of(normalised: str, people: Iterable[Address]) -> bool:
    """Return whether an address, in its normal form, is that of one of ``people``."""
    return any(normalise(one.addr_spec) == normalised for one in people)


def is_of(addr_spec: str, mailbox: str) -> bool:
    """Return whether an address is that of a mailbox, with a tag ("+x") or without."""
    own = normalise(mailbox)
    local, at, domain = normalise(addr_spec).rpartition("@")
    return own in (f"{local}{at}{domain}", f"{local.partition('+')[0]}{at}{domain}")


def _ascii_domain(domain: str) -> str:
    return ascii_or_same(domain.rstrip("."))


def is_valid(addr_spec: str) -> bool:
    """Return whether mail can be addressed to it: local part, "@", full domain."""
    local, at, domain = addr_spec.rpartition("@")
    if not at or not 0 < len(local) <= _MAX_LOCAL or len(addr_spec) > MAX_ADDRESS:
        return False
    if not (_ATOMS.fullmatch(local) or _QUOTED_LOCAL.fullmatch(local)):
        return False
    labels = _ascii_domain(domain.lower()).split(".")
    if domain.endswith(".") or not all(_LABEL.fullmatch(label) for label in labels):
        return False
    return labels == ["localhost"] or (len(labels) > 1 and not labels[-1].isdigit())


def format_addresses(addresses: Iterable[Address]) -> str:
    """Return addresses on one line, for people and for :func:`parse_addresses`."""
    return ", ".join(_written(address) for address in addresses)


def _written(address: Address) -> str:
    name, spec = address.display_name, address.addr_spec
    if not name:
        return spec
    if _NEEDS_QUOTES.search(name):
        name = quote(name)
    return f"{name} <{spec}>" if spec else name
