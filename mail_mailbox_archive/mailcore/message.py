"""One message: its source (RFC 5322 bytes) read into values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from .address import Address


@dataclass(frozen=True, slots=True)
class Part:
    """An attachment or inline part, described, not copied.

    :param path: place in the MIME tree as IMAP numbers it, "1.2" (RFC 3501, 6.4.5)
    :param filename: decoded and cleaned; path separators are kept, it is a label
    :param size: decoded bytes
    :param cid: Content-ID without brackets (RFC 2392), "" when there is none
    :param disposition: "attachment", "inline" or "" (RFC 2183)
    """

    path: str
    mimetype: str
    filename: str
    size: int
    cid: str
    disposition: str


@dataclass(frozen=True, slots=True)
class PartContent:
    """One part with its decoded bytes."""

    part: Part
    content: bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What lists, search and badges need of a message.

    :param date: the Date header, aware, in UTC; None when absent or absurd
    :param message_id: angle brackets kept, as ``in_reply_to`` and ``references``
    :param parts: attachments and inline parts, not the displayed body
    :param text: readable plain text of the body
    :param preview: about 200 characters of it, one line, without the quoted part
    :param search_text: subject, people, text and file names in search form
    :param identity: equal for equal messages, see :mod:`.identity`
    :param thread_key: equal within a conversation, "" when unknown
    :param defects: words for what was odd
    """

    subject: str
    date: datetime | None
    from_: tuple[Address, ...]
    to: tuple[Address, ...]
    cc: tuple[Address, ...]
    bcc: tuple[Address, ...]
    reply_to: tuple[Address, ...]
    message_id: str
    in_reply_to: str
    references: tuple[str, ...]
    parts: tuple[Part, ...]
    text: str
    preview: str
    search_text: str
    identity: str
    thread_key: str
    defects: tuple[str, ...]
