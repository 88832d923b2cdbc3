"""Addresses that file an email: ``office+task-42.TOKEN@spedbud.example``.

The tag says which record is meant, so that people can tell; the token proves whose it
is. A token is a secret: what is stored of an email holds it no more, see :func:`hide`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..addresses.address import normalise, parse_addresses
from ..errors import Unreadable
from .structure import read_headers

#: The user's number, the day it expires, and the first bytes of a digest.
USER, DAY, DIGEST = 4, 2, 9
TOKEN = 24
#: What stands in the place of a token; it has the same length, and is none.
HIDDEN = "x" * TOKEN
#: RFC 5321, 4.5.3.1.1.
MAX_LOCAL = 64
#: Tags of one email that are looked at.
MAX_TAGS = 5
#: Fields that say to whom an email is, and those that its recipients see.
SHOWN = ("to", "cc")
FIELDS = (
    *SHOWN,
    "bcc",
    "delivered-to",
    "x-original-to",
    "envelope-to",
    "x-envelope-to",
    "x-delivered-to",
)

_TAG = re.compile(r"([a-z][a-z0-9_]{0,30})-([1-9][0-9]{0,9})(?:\.([a-z2-7]{24}))?")
_ANY = re.compile(rb"\+[a-z][a-z0-9_]{0,30}-[1-9][0-9]{0,9}[.@]", re.I)
_TOKEN = re.compile(
    rb"(\+[a-z][a-z0-9_]{0,30}-[1-9][0-9]{0,9}\.)[a-z2-7]{24}(?=@)", re.I
)


@dataclass(frozen=True, slots=True)
class Tag:
    """What one address says.

    :param address: the address without the tag, in normal form
    :param slug: the last word of the record's model
    :param token: "" where there is none
    :param shown: whether the other recipients see the address
    """

    address: str
    slug: str
    res_id: int
    token: str = ""
    shown: bool = True


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, before it is checked.

    :param day: the last day on which it is valid, since 1970
    """

    user_id: int
    day: int
    digest: bytes

    def write(self) -> str:
        """Return it as letters and digits, of one case."""
        data = self.user_id.to_bytes(USER, "big") + self.day.to_bytes(DAY, "big")
        return base64.b32encode(data + self.digest[:DIGEST]).decode().lower()


def read_token(value: str) -> Token | None:
    """Return what a token says; None where it is none."""
    if len(value) != TOKEN or value == HIDDEN:
        return None
    try:
        data = base64.b32decode(value.upper())
    except ValueError:
        return None
    return Token(
        int.from_bytes(data[:USER], "big"),
        int.from_bytes(data[USER : USER + DAY], "big"),
        data[USER + DAY :],
    )


def write(address: str, slug: str, res_id: int, token: str) -> str:
    """Return the filing address of a record; "" where it would be too long."""
    local, _at, domain = address.rpartition("@")
    tagged = f"{local}+{slug}-{res_id}.{token}"
    return f"{tagged}@{domain}" if len(tagged) <= MAX_LOCAL else ""


def find_tags(headers: Mapping[str, Iterable[str]]) -> tuple[Tag, ...]:
    """Return the tags in the fields of a header that name recipients.

    :param headers: the fields by their names in lower case
    """
    found: dict[tuple[str, str, int, str], bool] = {}
    for name in FIELDS:
        for one in parse_addresses(", ".join(headers.get(name, ()))):
            local, _at, domain = normalise(one.addr_spec).rpartition("@")
            base, _plus, tag = local.partition("+")
            if match := _TAG.fullmatch(tag):
                slug, res_id, token = match.groups()
                key = (f"{base}@{domain}", slug, int(res_id), token or "")
                found[key] = found.get(key, False) or name in SHOWN
    tags = (Tag(*key, shown) for key, shown in found.items())
    return tuple(sorted(tags, key=lambda tag: not tag.token))[:MAX_TAGS]


def read_tags(source: bytes) -> tuple[Tag, ...]:
    """Return the tags of the recipients' addresses in the header of ``source``."""
    end = source.find(b"\r\n\r\n")
    header = source if end < 0 else source[: end + 4]
    # nearly none has any
    if not _ANY.search(header):
        return ()
    try:
        return find_tags(read_headers(header)[0].headers)
    except Unreadable:
        return ()


def hide(source: bytes) -> bytes:
    """Return ``source`` with each token made unreadable, of the same length."""
    if b"+" not in source:
        return source
    return _TOKEN.sub(rb"\g<1>" + HIDDEN.encode(), source)
