"""A finished message checked and written for the wire, once, for every provider.

From here on a message is bytes and an envelope. No header comes out that was not
meant, no Bcc, no bare CR or LF, no second From, no address a server could read in
another way (RFC 5321, RFC 5322; threats: header injection, SMTP smuggling).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from email.utils import make_msgid

from ..addresses.address import normalise
from ..errors import SendRefused
from .outgoing_body import is_safe, write_part
from .outgoing_header import (
    ADDRESS_FIELDS,
    addresses_of,
    ascii_address,
    identifiers,
    write_field,
)

#: Fields of one message.
MAX_FIELDS = 300

_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
# Written here, or never sent: who got a blind copy, and what only servers write.
_NOT_COPIED = frozenset(
    "bcc resent-bcc return-path received mime-version content-length lines"
    " content-type content-transfer-encoding content-disposition content-id"
    " content-description content-language message-id".split()
)
_ONCE = frozenset("subject date in-reply-to references".split())


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message that may go on the wire, made by :func:`prepare`.

    :param envelope_from: "" is the null return path (RFC 5321, 4.5.5)
    :param recipients: of the envelope, ASCII, each once; who is neither in To nor Cc
        gets a blind copy
    :param message_id: its Message-ID, with angle brackets
    :param sender: the one address of its From, in normal form
    """

    envelope_from: str
    recipients: tuple[str, ...]
    message_id: str
    source: bytes = field(repr=False)
    sender: str = ""

    @property
    def message(self) -> Message:
        """The message read again from its bytes: a copy, as expensive as its size."""
        return message_from_bytes(self.source)

    def as_bytes(self) -> bytes:
        """Return the RFC 5322 bytes: 7-bit, CRLF, at most 998 characters a line."""
        return self.source


def prepare(
    message: Message, envelope_from: str, recipients: Iterable[str]
) -> OutgoingMessage:
    """Check a finished message and write it.

    :param message: any of the library's, with whatever policy; it is not changed
    :param envelope_from: who gets the bounces, "" for nobody
    :raises SendRefused: with a sentence that says what cannot be sent
    """
    fields = _fields(message)
    sender = _sender(fields)
    envelope_from = ascii_address(envelope_from) if envelope_from else ""
    envelope = _unique(recipients)
    message_id = _message_id(fields, sender.rpartition("@")[2])
    written = [f"Message-ID: {message_id}", *_written(fields)]
    mime, body = write_part(message)
    lines = [*written, "MIME-Version: 1.0", *mime, "", ""]
    source = "\r\n".join(lines).encode("ascii") + body
    if not source.endswith(b"\r\n"):
        source += b"\r\n"
    if not is_safe(source):
        raise SendRefused("structure", "The message has lines that no server may see.")
    return OutgoingMessage(
        envelope_from, envelope, message_id, source, normalise(sender)
    )


def _fields(message: Message) -> list[tuple[str, str]]:
    fields = [(name, str(value)) for name, value in message.raw_items()]
    if len(fields) > MAX_FIELDS:
        raise SendRefused("header", f"More than {MAX_FIELDS} header fields.")
    for name, _value in fields:
        if not _FIELD_NAME.fullmatch(name):
            raise SendRefused("header", f"“{name[:80]}” is no header field.")
    return fields


def _sender(fields: list[tuple[str, str]]) -> str:
    """Return the one From address (RFC 5322, 3.6.2)."""
    values = [value for name, value in fields if name.lower() == "from"]
    senders = [one for value in values for one in addresses_of(value)]
    if len(senders) != 1 or len(values) != 1:
        raise SendRefused("header", "A message has one From address.")
    return senders[0].addr_spec


def _unique(recipients: Iterable[str]) -> tuple[str, ...]:
    unique: dict[str, str] = {}
    for recipient in recipients:
        address = ascii_address(recipient)
        unique.setdefault(normalise(address), address)
    if not unique:
        raise SendRefused("recipients", "The message has no recipient.")
    return tuple(unique.values())


def _message_id(fields: list[tuple[str, str]], domain: str) -> str:
    for name, value in fields:
        if name.lower() == "message-id" and (ids := identifiers(value)):
            return ids[0]
    return make_msgid(domain=domain)


def _written(fields: list[tuple[str, str]]) -> list[str]:
    seen: set[str] = set()
    lines = []
    for name, value in _merged(fields):
        kind = name.lower()
        if kind in _NOT_COPIED or (kind in _ONCE and kind in seen):
            continue
        seen.add(kind)
        line = write_field(name, value)
        if line and line != f"{name}:":
            lines.append(line)
    if "date" not in seen:
        lines.append(write_field("Date", ""))
    return lines


def _merged(fields: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields with each address field once (RFC 5322, 3.6)."""
    merged: dict[str, list[str]] = {}
    for name, value in fields:
        if name.lower() in ADDRESS_FIELDS and value.strip():
            merged.setdefault(name.lower(), []).append(value)
    out = []
    for name, value in fields:
        if name.lower() in ADDRESS_FIELDS:
            values = merged.pop(name.lower(), [])
            if values:
                out.append((name, ", ".join(values)))
        else:
            out.append((name, value))
    return out
