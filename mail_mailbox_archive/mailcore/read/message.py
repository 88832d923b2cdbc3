"""One message: its source (RFC 5322 bytes) read into values.

``parse`` reads what lists and search need, ``read_part`` one attachment on demand;
:func:`.body.read_body` the body to display. None of them changes or keeps the source.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from ..addresses.address import MAX_ADDRESSES, Address
from ..charset import decode
from ..errors import PartMissing
from ..text import decode_header, safe_text
from .body import (
    MAX_TEXT,
    attached,
    body_segments,
    content_id,
    disposition,
    preview,
    shown_paths,
    text_of,
)
from .fields import addresses, date_of, first_id, received, reference_ids
from .header_charset import header_charset
from .identity import former_identity, identity, thread_key
from .kind import shown_part
from .message_words import MAX_SEARCH, PEOPLE, attached_words, said
from .node import Node
from .part_name import MESSAGES, part_name
from .pieces import Reader
from .search import search_text
from .sharing import shared_header
from .structure import read_headers, read_structure

#: How deep messages attached to messages are opened.
MAX_ATTACHED = 20


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
    """One part with its decoded bytes.

    :param shown_as: the kind under which it is looked at, see :mod:`.kind`, or ""
    :param charset: as it was declared, or ""
    """

    part: Part
    content: bytes
    shown_as: str = ""
    charset: str = ""

    def text(self) -> str:
        """Return the content as text."""
        return decode(self.content, self.charset or None)


@dataclass(frozen=True, slots=True)
class Message:
    """What lists, search and badges need of a message.

    :param date: the Date header, aware, in UTC; None when absent or absurd
    :param message_id: angle brackets kept, as ``in_reply_to`` and ``references``
    :param parts: attachments and inline parts, not the displayed body
    :param shown: paths of the parts that the text itself shows
    :param text: readable plain text of the body
    :param preview: about 200 characters of it, one line, without the quoted part
    :param search_text: the words of subject, people, text and file names in search
        form, each once: a search asks no more than whether a word is there
    :param identity: equal for equal messages, see :mod:`.identity`
    :param thread_key: equal within a conversation, "" when unknown
    :param defects: words for what was odd
    :param received: when the last server on the way took it, as its topmost Received
        says
    :param header: the header fields that the identity covers, see :mod:`.sharing`
    :param start: where in the source the body begins
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
    shown: frozenset[str]
    text: str
    preview: str
    search_text: str
    identity: str
    thread_key: str
    defects: tuple[str, ...]
    received: datetime | None
    header: bytes = field(repr=False)
    start: int


def parse(source: bytes, moment: datetime | None = None) -> Message:
    """Return what a source says; what is odd in it becomes a defect.

    :param moment: when it arrived, for the identity of what has neither Date nor
        Message-ID; the topmost Received says it where nobody else does
    :raises Unreadable: ``empty``, ``structure``, ``depth`` or ``parts``, see
        :func:`.structure.read_structure`; nothing else is raised
    """
    root, defects = read_structure(source)
    segments = body_segments(root)
    nodes = attached(root, segments)
    charset = header_charset(source, root)
    parts = tuple(_part(node, source, charset) for node in nodes)
    pieces = Reader(source).pieces(segments)
    shown = shown_paths(source, root, pieces, nodes)
    text = text_of(pieces)
    inner = attached_words(nodes, source)
    return _message(source, root, charset, parts, text, defects, moment, inner, shown)


def parse_headers(source: bytes, moment: datetime | None = None) -> Message:
    """Return what a header block alone says, for a message too large to fetch.

    :param moment: as in :func:`parse`
    :raises Unreadable: ``empty`` or ``structure``
    """
    root, defects = read_headers(source)
    charset = header_charset(source, root)
    return _message(source, root, charset, (), "", defects, moment)


def identities(source: bytes, moment: datetime | None = None) -> tuple[str, str]:
    """Return the identity of a source, and the one that version 1 stored.

    :raises Unreadable: ``empty`` or ``structure``
    """
    root, _defects = read_headers(source)
    body = memoryview(source)[root.start :]
    now = identity(root.headers, body, moment or received(root.headers))
    return now, former_identity(root.headers, body)


def read_part(source: bytes, path: str) -> PartContent:
    """Return one part, decoded. An attached message is one part.

    :param path: "2/1.3" is part 1.3 of the message that is attached as part 2
    :raises PartMissing: there is no part at ``path``
    :raises Unreadable: see :func:`parse`
    """
    outer, _slash, inner = path.rpartition("/")
    (part,) = read_parts(read_attached(source, outer), [inner])
    return part


def read_parts(source: bytes, paths: Iterable[str]) -> Iterator[PartContent]:
    """Yield some parts, decoded, one after the other; the structure is read once.

    :raises PartMissing: there is no part at one of ``paths``
    :raises Unreadable: see :func:`parse`
    """
    root, _defects = read_structure(source)
    leaves = {node.path: node for node in root.walk() if not node.children}
    wanted = {path: leaves.get(path) for path in paths}
    charset = header_charset(source, root)
    for path, node in wanted.items():
        if node is None:
            raise PartMissing("part", path)
        content = node.content(source)
        yield PartContent(
            _part(node, source, charset, len(content)),
            content,
            shown_part(node, source),
            node.parameters.get("charset", ""),
        )


def read_attached(source: bytes, path: str) -> bytes:
    """Return the source of a message attached to another, ``source`` itself for "".

    :param path: "2/1" is part 1 of the message that is attached as part 2
    :raises PartMissing: there is none, or it lies deeper than anybody forwards
    :raises Unreadable: see :func:`parse`
    """
    places = path.split("/") if path else []
    if len(places) > MAX_ATTACHED:
        raise PartMissing("part", path)
    for place in places:
        (attached,) = read_parts(source, [place])
        if attached.part.mimetype not in MESSAGES:
            raise PartMissing("part", path)
        source = attached.content
    return source


def _message(
    source: bytes,
    root: Node,
    charset: str | None,
    parts: tuple[Part, ...],
    text: str,
    defects: list[str],
    moment: datetime | None,
    inner: str = "",
    shown: frozenset[str] = frozenset(),
) -> Message:
    headers = root.headers
    subject = decode_header(headers.get("subject", [""])[0], fallback=charset)
    people = {name: addresses(headers, name, charset) for name in PEOPLE}
    message_id = first_id(headers, "message-id")
    in_reply_to = first_id(headers, "in-reply-to")
    references = reference_ids(headers)
    date = date_of(headers)
    last = received(headers)
    moment = moment or last
    if not date:
        defects.append("date_invalid" if headers.get("date") else "date_missing")
    defects += _cuts(text, people)
    return Message(
        subject=subject,
        date=date,
        from_=people["from"],
        to=people["to"],
        cc=people["cc"],
        bcc=people["bcc"],
        reply_to=people["reply-to"],
        message_id=message_id,
        in_reply_to=in_reply_to,
        references=references,
        parts=parts,
        shown=shown,
        text=text,
        preview=preview(text),
        search_text=search_text(
            said(subject, people, [part.filename for part in parts], text + inner),
            MAX_SEARCH,
        ),
        identity=identity(headers, memoryview(source)[root.start :], moment),
        thread_key=thread_key(message_id, in_reply_to, references),
        defects=tuple(defects),
        received=last,
        header=shared_header(source, root),
        start=root.start,
    )


def _cuts(text: str, people: dict[str, tuple[Address, ...]]) -> list[str]:
    """Return the defects of what was too long to be kept whole."""
    too_many = any(len(addressees) >= MAX_ADDRESSES for addressees in people.values())
    cuts = {"text_cut": len(text) >= MAX_TEXT, "addresses_cut": too_many}
    return [defect for defect, is_cut in cuts.items() if is_cut]


def _part(
    node: Node, source: bytes, charset: str | None, size: int | None = None
) -> Part:
    return Part(
        path=node.path,
        mimetype=safe_text(node.mimetype, 127),
        filename=part_name(node, source, charset),
        size=node.size(source) if size is None else size,
        cid=content_id(node),
        disposition=disposition(node),
    )
