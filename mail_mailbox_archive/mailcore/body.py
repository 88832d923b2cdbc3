"""The body people read: which parts it is made of, as text and as HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote

from .charset import certain, decode, guess
from .markup import html_to_text
from .parameters import parameters
from .quoting import own_text, quote_start
from .structure import Node, read_structure
from .text import safe_text, unify_lines

#: Encoded bytes of all displayed parts together that are read.
MAX_BODY = 4 << 20
#: Parts that are displayed one below the other; further ones are attachments.
MAX_DISPLAYED = 50
#: Characters of readable text.
MAX_TEXT = 1_000_000
PREVIEW = 200

#: Other forms of the same text, for readers we are not.
_OTHER_FORMS = ("text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html")
#: Where markup shows a part (RFC 2392), also in CSS.
_SHOWN = re.compile(r"\bcid:<?([^\s\"'<>)]+)", re.I)
_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
# Newsletters fill their preview with these.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]+")


@dataclass(frozen=True, slots=True)
class Body:
    """What is displayed of a message.

    :param text: readable text, cleaned; from text/plain, else made of the HTML
    :param html: decoded markup as the sender wrote it, hostile until sanitised; None
        when there is only text
    :param cids: Content-ID without brackets (RFC 2392) → path of the part
    :param shown: paths of the parts that the HTML itself shows; all others are
        attachments, whatever their headers say of them
    :param quote_start: where in ``text`` the quoted earlier mail begins
    """

    text: str
    html: str | None
    cids: Mapping[str, str]
    shown: frozenset[str]
    quote_start: int


@dataclass(slots=True)
class Segment:
    """Forms of one piece of the body; several pieces stand below each other."""

    plain: list[Node] = field(default_factory=list)
    html: list[Node] = field(default_factory=list)


def read_body(source: bytes) -> Body:
    """Return the body of a message.

    :raises Unreadable: see :func:`.structure.read_structure`
    """
    root, _defects = read_structure(source)
    segments = body_segments(root)
    reader = _Reader(source)
    # In this order: the allowance goes to the text first, as parse() does it.
    text = reader.text(segments)
    markup = reader.markup(segments)
    nodes = attached(root, segments)
    cids = _paths_by_id(nodes)
    return Body(text, markup, cids, _shown(markup, nodes), quote_start(text))


def read_text(source: bytes, segments: Sequence[Segment]) -> str:
    """Return the readable text of the body."""
    return _Reader(source).text(segments)


def shown_paths(
    source: bytes, segments: Sequence[Segment], nodes: Sequence[Node]
) -> frozenset[str]:
    """Return the paths of those of ``nodes`` that the HTML of the body shows.

    A Content-ID alone says nothing: some programs give one to every attachment.
    """
    if not _paths_by_id(nodes):
        # most mail; it need not be decoded for this
        return frozenset()
    return _shown(_Reader(source).markup(segments), nodes)


def _paths_by_id(nodes: Sequence[Node]) -> dict[str, str]:
    cids: dict[str, str] = {}
    for node in nodes:
        if cid := content_id(node):
            cids.setdefault(cid, node.path)
    return cids


def _shown(markup: str | None, nodes: Sequence[Node]) -> frozenset[str]:
    found = _SHOWN.findall(markup or "")
    names = {unquote(html.unescape(name)).strip("<>") for name in found}
    paths = (path for cid, path in _paths_by_id(nodes).items() if cid in names)
    pictures = {one.path for one in nodes if one.mimetype.startswith("image/")}
    return pictures.intersection(paths)


def preview(text: str) -> str:
    """Return the first 200 characters on one line, without quoted mail."""
    own = own_text(text[: 100 * PREVIEW])
    # mostly the beginning has enough words
    for cut in (4 * PREVIEW, len(own)):
        words = " ".join(_INVISIBLE.sub("", own[:cut]).split())[:PREVIEW]
        if len(words) == PREVIEW:
            break
    return words.rstrip()


def displayed(segments: Sequence[Segment]) -> set[str]:
    """Return the paths of the parts that are the body."""
    return {node.path for one in segments for node in (*one.plain, *one.html)}


def body_segments(root: Node) -> list[Segment]:
    """Choose the parts that are the body (RFC 2046, 5.1; RFC 2387)."""
    return _segments(root, None, 0)[:MAX_DISPLAYED]


def attached(root: Node, segments: Sequence[Segment]) -> list[Node]:
    """Return the parts that are not the body, in order."""
    shown = displayed(segments)
    return [
        leaf
        for leaf, parent in _leaves(root, "")
        if leaf.path not in shown
        and not (parent == "multipart/alternative" and leaf.mimetype in _OTHER_FORMS)
    ]


def _leaves(node: Node, parent: str) -> Iterator[tuple[Node, str]]:
    if not node.children:
        yield node, parent
    for child in node.children:
        yield from _leaves(child, node.mimetype)


def _segments(node: Node, parent: Node | None, place: int) -> list[Segment]:
    if not node.children:
        if not _is_displayed(node, parent, place):
            return []
        is_html = node.mimetype == "text/html"
        return [Segment([], [node]) if is_html else Segment([node], [])]
    inner = [
        segment
        for at, child in enumerate(node.children)
        for segment in _segments(child, node, at)
    ]
    if node.mimetype != "multipart/alternative" or not inner:
        return inner
    plain = [form for segment in inner for form in segment.plain]
    return [Segment(plain, [form for segment in inner for form in segment.html])]


def _is_displayed(node: Node, parent: Node | None, place: int) -> bool:
    if node.mimetype not in ("text/plain", "text/html"):
        return False
    if disposition(node) == "attachment":
        return False
    within = parent.mimetype if parent else ""
    if within == "multipart/related" and place and content_id(node):
        return False
    # Some clients give the body itself a name.
    first = set(node.path) <= {"1", "."}
    return first or within == "multipart/alternative" or not raw_name(node)


def disposition(node: Node) -> str:
    """Return "attachment", "inline" or ""; an unknown word is the first (RFC 2183)."""
    values = node.headers.get("content-disposition")
    word = parameters(values[0])[0] if values else ""
    return word if word in ("", "inline") else "attachment"


def content_id(node: Node) -> str:
    """Return the Content-ID without its brackets (RFC 2392)."""
    value = node.headers.get("content-id", [""])[0]
    return safe_text(value.strip().strip("<>"), 255).strip() if value else ""


def raw_name(node: Node) -> str:
    """Return the file name as it stands in the header, "" when there is none."""
    values = node.headers.get("content-disposition")
    given = parameters(values[0])[1].get("filename") if values else None
    return given or node.parameters.get("name", "")


class _Reader:
    """Decodes displayed parts until the allowance is used up."""

    def __init__(self, source: bytes) -> None:
        # Same length, the ranges of the parts hold.
        self.source = source if b"\n" in source else source.replace(b"\r", b"\n")
        self.left = MAX_BODY
        self.decoded: dict[str, str] = {}
        #: Charset of the texts that declare none; one guess serves all.
        self.guessed: str | None = None

    def text(self, segments: Sequence[Segment]) -> str:
        """Return the text of all segments."""
        texts = [self._plain(one) or self._from_html(one) for one in segments]
        text = "\n".join(text for text in texts if text)
        return safe_text(text, MAX_TEXT, lines=True).rstrip()

    def markup(self, segments: Sequence[Segment]) -> str | None:
        """Return the HTML of all segments, None when all are text."""
        if not any(one.html for one in segments):
            return None
        return "\n".join(
            self._join(one.html)
            or f"<pre>{html.escape(self._plain(one), quote=False)}</pre>"
            for one in segments
        )

    def _plain(self, segment: Segment) -> str:
        text = self._join(segment.plain)
        return text if text.strip() else ""

    def _from_html(self, segment: Segment) -> str:
        return html_to_text(self._join(segment.html)[:MAX_TEXT])

    def _join(self, nodes: Sequence[Node]) -> str:
        return "\n".join(self._decode(node) for node in nodes)

    def _decode(self, node: Node) -> str:
        if node.path not in self.decoded:
            data = node.content(self.source, self.left)
            self.left -= min(self.left, node.stop - node.start)
            text = certain(data, _charset(node, data))
            if text is None:
                self.guessed = self.guessed or guess(data)
                text = decode(data, self.guessed, "cp1252")
            is_html = node.mimetype == "text/html"
            self.decoded[node.path] = text if is_html else _unflow(text, node)
        return self.decoded[node.path]


def _charset(node: Node, data: bytes) -> str | None:
    charset = node.parameters.get("charset")
    if charset or node.mimetype != "text/html" or data.isascii():
        return charset
    meta = _META_CHARSET.search(data, 0, 1024)
    return meta[1].decode("ascii", "replace") if meta else None


def _unflow(text: str, node: Node) -> str:
    """Join the lines that a space at their end continues (RFC 3676, 4.1)."""
    text = unify_lines(text)
    if node.parameters.get("format", "").lower() != "flowed":
        return text
    joined: list[str] = []
    pending = ""
    remove_space = node.parameters.get("delsp", "").lower() == "yes"
    for line in text.split("\n"):
        quoted = line.startswith(">")
        line = line[1:] if line.startswith(" ") else line
        if line.endswith(" ") and line != "-- " and not quoted:
            pending += line[:-1] if remove_space else line
            continue
        joined.append(pending + line)
        pending = ""
    return "\n".join([*joined, pending] if pending else joined)
