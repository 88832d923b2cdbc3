"""Header fields written so that one message has the headers meant, and no other.

What comes in is a value of whatever origin: a person's text, a name out of a mail that
is answered, raw 8-bit. What goes out is ASCII, folded, without a control character
(RFC 5322, 2.2.3, 3.6; RFC 2047; RFC 2231). Python's own writers are not asked: which
line ends they let through depends on the interpreter's version.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from datetime import datetime, timezone
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import quote as percent

from ..addresses.address import MAX_ADDRESSES, Address, is_valid, parse_addresses
from ..addresses.address_list import quote
from ..addresses.idn import ascii_or_same
from ..errors import SendRefused
from ..text import decode_header, safe_text, unfold

#: Characters of a line: where it is folded, and the most (RFC 5322, 2.1.1).
FOLD = 76
MAX_LINE = 998
#: Identifiers that References keeps: the first ones and the last ones.
MAX_REFERENCES = 40
#: Characters of a file name.
MAX_FILENAME = 200

ADDRESS_FIELDS = frozenset(
    "from sender reply-to to cc disposition-notification-to errors-to"
    " resent-from resent-sender resent-to resent-cc".split()
)
_TEXT_FIELDS = frozenset(["subject", "comments", "keywords", "content-description"])
_IDENTIFIER = re.compile(r"<[^<>\s\x00-\x1f\x7f-\U0010ffff]{1,900}>")
_NEEDS_QUOTES = re.compile(r'[][()<>@,:;.\\"]')
_TOKEN = re.compile(r"[A-Za-z0-9!#$&^_.+-]{1,100}")
_LONG = re.compile(r"\S{900}")


def write_field(name: str, value: str) -> str:
    """Return the folded line or lines of one field, without the last CRLF.

    :param name: already known to be a field name
    :param value: as the message's object holds it
    :raises SendRefused: an address is none
    """
    kind = name.lower()
    if kind in ADDRESS_FIELDS:
        return write_addresses(name, value)
    if kind in ("message-id", "in-reply-to", "references", "content-id"):
        return fold(name, " ".join(identifiers(value)))
    if kind in ("date", "resent-date"):
        return fold(name, _date(value))
    if kind in _TEXT_FIELDS or not value.isascii() or _LONG.search(value):
        return fold(name, _encoded(decode_header(value)))
    return fold(name, safe_text(unfold(value), 0))


def identifiers(value: str) -> list[str]:
    """Return what is a msg-id in ``value`` (RFC 5322, 3.6.4), of very many the ends."""
    ids = _IDENTIFIER.findall(unfold(value))
    if len(ids) > MAX_REFERENCES:
        half = MAX_REFERENCES // 2
        ids = ids[:half] + ids[-half:]
    return ids


def addresses_of(value: str) -> tuple[Address, ...]:
    """Return the addresses of a field with their domains in ASCII.

    :raises SendRefused: one of them cannot be written to
    """
    addresses = parse_addresses(value)
    if len(addresses) >= MAX_ADDRESSES:
        raise SendRefused("recipients", f"More than {MAX_ADDRESSES} addresses.")
    return tuple(
        Address(one.display_name, ascii_address(one.addr_spec)) for one in addresses
    )


def ascii_address(addr_spec: str) -> str:
    """Return an address as the envelope and the header can carry it.

    :raises SendRefused: it is none, or its local part is not ASCII (that would need
        SMTPUTF8, RFC 6531, at every server on the way)
    """
    if addr_spec != safe_text(addr_spec, 0):
        raise SendRefused("address", f"“{addr_spec[:80]}” is no e-mail address.")
    local, _at, domain = addr_spec.strip().rpartition("@")
    address = f"{local}@{ascii_or_same(domain)}"
    if not address.isascii() or not is_valid(address):
        raise SendRefused("address", f"“{addr_spec[:80]}” is no e-mail address.")
    return address


def write_addresses(name: str, value: str) -> str:
    """Return an address field, "" when no address is in it."""
    written = [_mailbox(one) for one in addresses_of(value)]
    return fold(name, ", ".join(written)) if written else ""


def _mailbox(address: Address) -> str:
    display = " ".join(address.display_name.split())
    if not display:
        return address.addr_spec
    if not display.isascii() or "=?" in display or _LONG.search(display):
        display = _encoded(display)
    elif _NEEDS_QUOTES.search(display):
        display = quote(display)
    return f"{display} <{address.addr_spec}>"


def _encoded(text: str) -> str:
    """Return text as it may stand in a header: itself, or encoded words (RFC 2047)."""
    if text.isascii() and "=?" not in text and not _LONG.search(text):
        return text
    words, chunk = [], ""
    for character in text:
        if len((chunk + character).encode()) > 42:
            words.append(chunk)
            chunk = ""
        chunk += character
    # spaces between encoded words are not shown (RFC 2047, 6.2)
    return " ".join(
        f"=?utf-8?B?{base64.b64encode(one.encode()).decode()}?="
        for one in [*words, chunk]
    )


def _date(value: str) -> str:
    try:
        return format_datetime(parsedate_to_datetime(unfold(value)))
    except (TypeError, ValueError, IndexError, OverflowError):
        return format_datetime(datetime.now(timezone.utc))


def fold(name: str, value: str) -> str:
    """Return ``Name: value`` in lines of at most 76 characters where spaces allow.

    ``value`` must be ASCII without controls.
    """
    line, lines = f"{name}:", []
    for word in value.split():
        if len(line) + 1 + len(word) > FOLD and line.strip() != f"{name}:":
            lines.append(line)
            line = ""
        line += f" {word}"
    return "\r\n".join([*lines, line])


def write_structured(
    name: str, value: str, parameters: Iterable[tuple[str, str]]
) -> str:
    """Return a field such as Content-Type with its parameters (RFC 2045, 5.1)."""
    pieces = [value]
    for key, text in parameters:
        if _TOKEN.fullmatch(key):
            pieces += _parameter(key.lower(), text)
    return f"{name}: " + ";\r\n ".join(pieces)


def is_token(text: str) -> bool:
    """Return whether ``text`` may stand bare, as a type or a charset does."""
    return bool(_TOKEN.fullmatch(text))


def _parameter(key: str, text: str) -> list[str]:
    text = safe_text(text, MAX_FILENAME).strip()
    if text.isascii() and len(text) < FOLD - len(key):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        return [f'{key}="{escaped}"']
    # RFC 2231, 3 and 4: in pieces, since one line would be too long
    coded = percent(text, safe="")
    chunks = re.findall(r"(?:%..|[^%]){1,18}", coded)
    if len(chunks) == 1:
        return [f"{key}*=utf-8''{coded}"]
    chunks[0] = f"utf-8''{chunks[0]}"
    return [f"{key}*{number}*={chunk}" for number, chunk in enumerate(chunks)]
