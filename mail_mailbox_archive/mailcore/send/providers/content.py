"""A checked message taken apart for providers that want fields instead of bytes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.utils import collapse_rfc2231_value

from ...addresses.address import Address, normalise, parse_addresses
from ...charset import decode
from ...errors import SendRefused, Unsupported
from ...text import decode_header, safe_text, unfold
from ..outgoing import OutgoingMessage
from ..outgoing_body import decoded, subparts

#: What a provider writes itself, or what belongs to the parts.
_NOT_EXTRA = frozenset(
    "from to cc subject reply-to date mime-version content-type"
    " content-transfer-encoding content-disposition content-id content-description"
    " content-language sender".split()
)
#: Whose parts must stay as they are, byte for byte.
_WHOLE = ("multipart/signed", "multipart/encrypted", "multipart/report")


@dataclass(frozen=True, slots=True)
class Attachment:
    """A part that is no body.

    :param cid: without brackets, "" when nothing refers to it
    """

    filename: str
    mimetype: str
    data: bytes = field(repr=False)
    inline: bool = False
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Content:
    """What a message says, to whom.

    :param to: recipients that the message shows in To; nobody when all are blind
    :param cc: those that it shows in Cc
    :param bcc: the rest of the envelope
    :param headers: all that is not a field of its own here
    """

    sender: Address
    reply_to: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    subject: str
    text: str
    html: str
    attachments: tuple[Attachment, ...]
    headers: dict[str, str]


def read(outgoing: OutgoingMessage, label: str) -> Content:
    """Return what ``outgoing`` holds; each recipient stands in one place only.

    :param label: who cannot send what is refused
    :raises Unsupported: the message must not be taken apart
    """
    message = outgoing.message
    kind = message.get_content_type()
    if kind in _WHOLE:
        raise Unsupported("unsupported", f"{label} cannot send {kind}.")
    to, cc, bcc = _recipients(message, outgoing.recipients)
    parts = _Parts()
    for part in _leaves(message):
        parts.add(part)
    return Content(
        _one_address(message["from"]),
        parse_addresses(message.get("reply-to", "")),
        to,
        cc,
        bcc,
        decode_header(message.get("subject", "")),
        parts.text or "",
        parts.html or "",
        tuple(parts.attachments),
        {
            name: safe_text(unfold(value), 0)
            for name, value in message.items()
            if name.lower() not in _NOT_EXTRA
        },
    )


def _one_address(value: str) -> Address:
    addresses = parse_addresses(value)
    if not addresses:
        raise SendRefused("header", "A message has one From address.")
    return addresses[0]


def _recipients(
    message: Message, envelope: tuple[str, ...]
) -> tuple[tuple[Address, ...], ...]:
    left = {normalise(address): Address("", address) for address in envelope}
    shown = []
    for name in ("to", "cc"):
        people = []
        for one in parse_addresses(message.get(name, "")):
            if left.pop(normalise(one.addr_spec), None):
                people.append(one)
        shown.append(tuple(people))
    return (*shown, tuple(left.values()))


def _leaves(part: Message) -> Iterator[Message]:
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        for one in subparts(part):
            yield from _leaves(one)
    else:
        yield part


class _Parts:
    """Sorts the leaves: the first text and the first HTML are the body."""

    def __init__(self) -> None:
        self.text: str | None = None
        self.html: str | None = None
        self.attachments: list[Attachment] = []

    def add(self, part: Message) -> None:
        kind = part.get_content_type()
        named = part.get_content_disposition() == "attachment" or part.get_filename()
        if kind == "text/plain" and self.text is None and not named:
            self.text = _text(part)
        elif kind == "text/html" and self.html is None and not named:
            self.html = _text(part)
        else:
            self.attachments.append(_attachment(part, len(self.attachments) + 1))


def _text(part: Message) -> str:
    charset = part.get_param("charset")
    declared = collapse_rfc2231_value(charset) if charset else None
    return decode(decoded(part), declared).replace("\r\n", "\n")


def _attachment(part: Message, number: int) -> Attachment:
    name = decode_header(part.get_filename() or "", 200)
    cid = part.get("content-id", "").strip().strip("<>")
    return Attachment(
        name or f"part-{number}{_SUFFIX.get(part.get_content_type(), '')}",
        part.get_content_type(),
        _data(part),
        bool(cid) and part.get_content_disposition() != "attachment",
        cid,
    )


_SUFFIX = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt"}


def _data(part: Message) -> bytes:
    if part.is_multipart():
        # a message inside: its bytes stand between the boundaries, as we wrote them
        inner = subparts(part)[0].as_bytes(unixfrom=False)
        return inner.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return decoded(part)
