"""The body people read: which parts it is made of, as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..html.markup import html_to_text
from ..html.resource import reference
from ..text import safe_text
from .kind import PICTURES, shown_part
from .node import Node
from .parameters import filename, parameters
from .pieces import Piece, Reader, Segment
from .quoting import own_text, quote_start
from .shown import may_ask, shown_pictures
from .structure import read_structure

#: Parts that are displayed one below the other; further ones are attachments.
MAX_DISPLAYED = 50
#: Last pieces of the path of a Content-Location by which it may be asked for.
MAX_FOLDERS = 4
#: Characters of readable text.
MAX_TEXT = 1_000_000
PREVIEW = 200

#: Other forms of the same text, for readers we are not.
_OTHER_FORMS = ("text/enriched", "text/richtext", "text/x-amp-html", "text/watch-html")
_BRACKETS = re.compile("<([^<>]+)>")
# Newsletters fill their preview with these.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u180e\u200b-\u200f\u2060-\u2064\ufeff]+")


@dataclass(frozen=True)
class Body:
    """What is displayed of a message.

    :param pieces: what is shown, one below the other
    :param cids: Content-ID without brackets (RFC 2392) → path of the part
    :param references: whatever may ask for a picture of the mail, see
        :func:`.html_resource.reference` → path of the part
    :param kinds: path of each other part → the kind under which it is looked at, by
        its bytes, see :mod:`.kind`
    :param shown: paths of the pictures that ``pieces`` show; all other parts are
        attachments, whatever their headers say of them
    """

    pieces: tuple[Piece, ...]
    cids: Mapping[str, str]
    references: Mapping[str, str]
    kinds: Mapping[str, str]
    shown: frozenset[str]

    @cached_property
    def text(self) -> str:
        """The words of ``pieces``, readable and cleaned."""
        return text_of([piece for piece in self.pieces if piece.kind != "file"])

    @property
    def quote_start(self) -> int:
        """Where in ``text`` the quoted earlier mail begins."""
        return quote_start(self.text)

    @property
    def pictures(self) -> Mapping[str, str]:
        """Path of each part that is a picture → its kind."""
        return _pictures(self.kinds)

    @property
    def html(self) -> str | None:
        """The markup of all documents as the sender wrote it, hostile; None without."""
        documents = [piece.content for piece in self.pieces if piece.kind == "html"]
        return "\n".join(documents) if documents else None


def read_body(source: bytes) -> Body:
    """Return the body of a message.

    :raises Unreadable: see :func:`.structure.read_structure`
    """
    root, _defects = read_structure(source)
    segments = body_segments(root)
    files = attached(root, segments)
    pieces = Reader(source).pieces(segments)
    cids: dict[str, str] = {}
    for leaf in files:
        if cid := content_id(leaf):
            cids.setdefault(cid, leaf.path)
    kinds = _kinds(source, files)
    pictures = _pictures(kinds)
    references = _references(files, pictures)
    all_pieces = _with_files(pieces, root, files)
    shown = shown_pictures(all_pieces, references, pictures)
    return Body(all_pieces, cids, references, kinds, shown)


def shown_paths(
    source: bytes, root: Node, pieces: Sequence[Piece], files: Sequence[Node]
) -> frozenset[str]:
    """Return the paths of those of ``files`` that the body itself shows.

    A Content-ID alone says nothing: some programs give one to every attachment.
    """
    asking = any(piece.kind == "html" and may_ask(piece.content) for piece in pieces)
    if not files or (len(pieces) < 2 and not asking):
        # most mail; nothing is decoded for this
        return frozenset()
    pictures = _pictures(_kinds(source, files))
    shown = _with_files(pieces, root, files)
    return shown_pictures(shown, _references(files, pictures), pictures)


def _kinds(source: bytes, files: Sequence[Node]) -> dict[str, str]:
    return {leaf.path: shown_part(leaf, source) for leaf in files}


def _pictures(kinds: Mapping[str, str]) -> dict[str, str]:
    return {path: kind for path, kind in kinds.items() if kind in PICTURES}


def _references(files: Sequence[Node], pictures: Mapping[str, str]) -> dict[str, str]:
    """Return what may ask for each picture; the surer of two that are equal counts."""
    references: dict[str, str] = {}
    shown = [one for one in files if one.path in pictures]
    locations = [
        "".join(one.headers.get("content-location", [""])[0].split()) for one in shown
    ]
    # asked for from a page beside it, above it, or in a folder of it (RFC 2557, 5)
    ends = [
        ["/".join(location.split("/")[-length:]) for location in locations]
        for length in range(MAX_FOLDERS, 0, -1)
    ]
    for names in (
        map(content_id, shown),
        locations,
        *ends,
        (filename(one.raw_name, None) for one in shown),
    ):
        for name, one in zip(names, shown, strict=True):
            if name.strip():
                references.setdefault(reference(name), one.path)
    return references


def _with_files(
    pieces: Sequence[Piece], root: Node, files: Sequence[Node]
) -> tuple[Piece, ...]:
    """Return the pieces with the files that stand between two of them."""
    if len(pieces) < 2 or not files:
        return tuple(pieces)
    order = {node.path: at for at, node in enumerate(root.walk())}
    places = [order[piece.path] for piece in pieces]
    between = [
        Piece("file", filename(leaf.raw_name, None), leaf.path)
        for leaf in files
        if places[0] < order[leaf.path] < places[-1]
        and not content_id(leaf)
        and leaf.raw_name
    ]
    return tuple(sorted((*pieces, *between), key=lambda piece: order[piece.path]))


def read_text(source: bytes, segments: Sequence[Segment]) -> str:
    """Return the readable text of the body."""
    return text_of(Reader(source).pieces(segments))


def text_of(pieces: Sequence[Piece]) -> str:
    """Return the readable text of what is shown."""
    texts = [
        html_to_text(piece.content[:MAX_TEXT])
        if piece.kind == "html"
        else piece.content
        for piece in pieces
    ]
    text = "\n".join(text for text in texts if text.strip())
    return safe_text(text, MAX_TEXT, lines=True).rstrip()


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
    return _segments(root, "", False)[:MAX_DISPLAYED]


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


def _segments(node: Node, within: str, is_root: bool) -> list[Segment]:
    if not node.children:
        if not _is_displayed(node, within, is_root):
            return []
        is_html = node.mimetype == "text/html"
        return [Segment([], [node]) if is_html else Segment([node], [])]
    root = _root_of(node)
    inner = [
        segment
        for child in node.children
        for segment in _segments(child, node.mimetype, child is root)
    ]
    if node.mimetype != "multipart/alternative" or not inner:
        return inner
    plain = [form for segment in inner for form in segment.plain]
    return [Segment(plain, [form for segment in inner for form in segment.html])]


def _root_of(node: Node) -> Node | None:
    """Return the part that shows the others of a ``multipart/related`` (RFC 2387)."""
    if node.mimetype != "multipart/related":
        return None
    start = node.parameters.get("start", "").strip(" <>").lower()
    named = [
        child for child in node.children if start and content_id(child).lower() == start
    ]
    texts = [
        child
        for child in node.children
        if child.children or child.mimetype == "text/html"
    ]
    return (named or texts or node.children)[0]


def _is_displayed(node: Node, within: str, is_root: bool) -> bool:
    if node.mimetype not in ("text/plain", "text/html"):
        return False
    if disposition(node) == "attachment":
        return False
    if within == "multipart/related" and not is_root and content_id(node):
        return False
    # Some clients give the body itself a name.
    first = set(node.path) <= {"1", "."}
    return first or is_root or within == "multipart/alternative" or not node.raw_name


def disposition(node: Node) -> str:
    """Return "attachment", "inline" or ""; an unknown word is the first (RFC 2183)."""
    values = node.headers.get("content-disposition")
    word = parameters(values[0])[0] if values else ""
    return word if word in ("", "inline") else "attachment"


def content_id(node: Node) -> str:
    """Return the Content-ID without its brackets (RFC 2392)."""
    value = node.headers.get("content-id", [""])[0]
    if not value:
        return ""
    # a comment may follow
    match = _BRACKETS.search(value)
    return safe_text(match[1] if match else value.strip().strip("<>"), 255).strip()
