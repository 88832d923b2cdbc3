"""Addresses that file an email: ``office+task-42.TOKEN@spedbud.example``.

The tag says which record is meant, so that people can tell; the token proves whose it
is. A token is a secret: what is stored of an email holds it no more, see :func:`hide`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from ..addresses.address import normalise, parse_addresses
from ..errors import Unreadable
from .structure import read_headers

#: The user's number, the day it expires, and the first bytes of a digest.
USER, DAY, DIGEST = 4, 2, 9
#: Those of them that say it was made here, whoever reads the record by now.
MADE = 4
TOKEN = 24
#: What stands in the place of a token; it has the same length, and is none.
HIDDEN = "x" * TOKEN
#: RFC 5321, 4.5.3.1.1.
MAX_LOCAL = 64
#: Tags of one email that are looked at.
MAX_TAGS = 5
#: Tokens of one email that are hidden in whatever they stand.
MAX_HIDDEN = 20
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
_TAGGED = re.compile(
    rb"(\+[a-z][a-z0-9_]{0,30}-[1-9][0-9]{0,9}\.)([a-z2-7]{24})"
    rb"@([a-z0-9.\x80-\xff-]{1,255})",
    re.I,
)
_LOCAL = re.compile(rb"[a-z0-9._\x80-\xff-]{1,64}\Z", re.I)
_SOFT_BREAK = re.compile(rb"=\r?\n")
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")
#: Lines of base64, and a word of it in a header (RFC 2047).
_BASE64 = re.compile(
    rb"(?m:^)(?:[A-Za-z0-9+/]+={0,2}[ \t]*(?:\r?\n|\Z))+"
    rb"|(?<=\?[bB]\?)[A-Za-z0-9+/]+={0,2}(?=\?=)"
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

    def is_in(self, recipients: str) -> bool:
        """Return whether this address, of whatever token, is among ``recipients``."""
        found = find_tags({"bcc": [recipients]})
        mine = (self.address, self.slug, self.res_id)
        return any((one.address, one.slug, one.res_id) == mine for one in found)


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


def hide(source: bytes, own: Collection[str], tags: Iterable[Tag] = ()) -> bytes:
    """Return ``source`` with the tokens of these addresses unreadable, of one length.

    A token that the header names, or that stands in such an address, is hidden wherever
    it stands literally: in another address, broken over two lines, or within base64.

    :param own: addresses in normal form; what is of others stays as it is
    :param tags: of ``source``, as :func:`read_tags` finds them
    """
    tokens = {tag.token.encode() for tag in tags if tag.token and tag.address in own}

    def cross_out(match: re.Match[bytes]) -> bytes:
        tag, token, domain = match.groups()
        before = source[max(0, match.start() - MAX_LOCAL) : match.start()]
        local = _LOCAL.search(before)
        base = (local[0] if local else b"") + b"@" + domain
        if normalise(base.decode("latin-1")) not in own:
            return match[0]
        tokens.add(token.lower())
        return tag + HIDDEN.encode() + b"@" + domain

    if not own or b"+" not in source:
        return source
    hidden = _TAGGED.sub(cross_out, source)
    some = sorted(tokens - {HIDDEN.encode()})[:MAX_HIDDEN]
    return _hide_everywhere(hidden, some) if some else hidden


def _hide_everywhere(source: bytes, tokens: list[bytes]) -> bytes:
    """Return ``source`` without ``tokens``, whatever they stand in."""
    plain = _SOFT_BREAK.sub(b"", source.lower())
    for token in tokens:
        if token in plain:
            form = rb"(?:=\r?\n)?".join(bytes([one]) for one in token)
            source = re.sub(form, _cross_out_letters, source, flags=re.I)
    return _BASE64.sub(lambda match: _hide_within(match[0], tokens), source)


def _cross_out_letters(match: re.Match[bytes]) -> bytes:
    return re.sub(rb"[a-z2-7]", b"x", match[0], flags=re.I)


def _hide_within(lines: bytes, tokens: list[bytes]) -> bytes:
    """Return ``lines`` of base64 without ``tokens`` in what they encode."""
    letters = _NO_BASE64.sub(b"", lines)
    # one letter alone is no byte
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    data = base64.b64decode(letters + b"=" * (-len(letters) % 4))
    lower = data.lower()
    found = [token for token in tokens if token in lower]
    if not found:
        return lines
    data = re.sub(b"|".join(found), HIDDEN.encode(), data, flags=re.I)
    encoded = iter(base64.b64encode(data)[: len(letters)])
    known = frozenset(_LETTERS)
    return bytes(next(encoded, one) if one in known else one for one in lines)
