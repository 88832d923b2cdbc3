"""The MIME tree of a source, as ranges of its bytes (RFC 2045, RFC 2046).

The standard library's compat32 parser reads the header blocks. Bodies it would turn
into text, cut into lines and join again, several copies of every attachment; here they
stay where they are. The tree is the one compat32 builds (a test compares them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from ..errors import Unreadable
from .header_block import read_fields
from .node import Headers, Node
from .parameters import parameters
from .uuencoded import divide

MAX_DEPTH = 100
MAX_PARTS = 1_000
#: Bytes that are searched for boundaries, all levels together.
MAX_SCAN = 1 << 30
#: Lines of one entity that only begin like its boundary.
MAX_LOOKALIKES = 10_000
#: Bytes of one header block that are read.
MAX_HEADER = 262_144

#: Kinds of what signs the part before it, and of what holds what it signs or encrypts.
APART = frozenset(("application/pkcs7-signature", "application/x-pkcs7-signature"))
AROUND = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))

_BLANK_LINE = re.compile(rb"\n\r*\n")
_BOM = b"\xef\xbb\xbf"


def read_structure(source: bytes) -> tuple[Node, list[str]]:
    """Return the tree and the defects found.

    :raises Unreadable: ``empty``; ``structure`` (not one header field); ``depth`` and
        ``parts`` (more than anybody sends)
    """
    builder, start = _begin(source)
    root = builder.read("", start, len(source), "text/plain", 0)
    if not root.headers:
        raise Unreadable("structure")
    root.fields = builder.fields
    _name_signature(root)
    builder.count += divide(root, builder.source, MAX_PARTS - builder.count)
    return root, builder.defects


def _name_signature(root: Node) -> None:
    """Call the S/MIME signature of a whole message what programs call it.

    It is covered by no signature: under a name like "invoice.zip" it would be taken for
    something that is signed.
    """
    if root.mimetype in AROUND:
        root.known_as = "smime.p7m"
    elif root.mimetype == "multipart/signed" and len(root.children) == 2:
        if root.children[1].mimetype in APART:
            root.children[1].known_as = "smime.p7s"


def read_headers(source: bytes) -> tuple[Node, list[str]]:
    """Return the header block at the start of ``source`` as a node without children.

    :raises Unreadable: ``empty``, or ``structure`` (not one header field)
    """
    builder, start = _begin(source)
    builder.count = 1
    headers, start = builder.read_block(start, len(builder.source))
    if not headers:
        raise Unreadable("structure")
    mimetype, given = _content_type(headers, "text/plain")
    # what the body may be of says how letters above are read
    parameters = given if mimetype.startswith("text/") else {}
    stop, fields = len(builder.source), builder.fields
    node = Node("1", headers, "text/plain", parameters, start, stop, fields=fields)
    return node, builder.defects


def _begin(source: bytes) -> tuple[_Builder, int]:
    if not source or source.isspace():
        raise Unreadable("empty")
    if b"\n" not in source:
        # Same length, so that the ranges hold for the source.
        source = source.replace(b"\r", b"\n")
    return _Builder(source), len(_BOM) if source.startswith(_BOM) else 0


@dataclass(slots=True)
class _Builder:
    source: bytes
    count: int = 0
    scanned: int = 0
    defects: list[str] = field(default_factory=list)
    fields: list[tuple[str, str]] = field(default_factory=list)

    def note(self, defect: str) -> None:
        if defect not in self.defects:
            self.defects.append(defect)

    def read(self, path: str, start: int, stop: int, default: str, depth: int) -> Node:
        self.count += 1
        if self.count > MAX_PARTS:
            raise Unreadable("parts")
        if depth > MAX_DEPTH:
            raise Unreadable("depth")
        begin = start
        headers, start = self.read_block(start, stop)
        mimetype, given = _content_type(headers, default)
        node = Node(path or "1", headers, mimetype, given, start, stop, begin=begin)
        if mimetype.startswith("multipart/"):
            self._divide(node, path, depth)
        return node

    def _divide(self, node: Node, path: str, depth: int) -> None:
        default = (
            "message/rfc822" if node.mimetype == "multipart/digest" else "text/plain"
        )
        boundary = node.parameters.get("boundary", "").rstrip()
        prefix = f"{path}." if path else ""
        for start, stop in self._sections(node, boundary):
            place = f"{prefix}{len(node.children) + 1}"
            node.children.append(self.read(place, start, stop, default, depth + 1))
        if not node.children:
            # People can still read what is there.
            self.note("boundary_not_found" if boundary else "boundary_missing")
            node.mimetype = "text/plain"

    def _sections(self, node: Node, boundary: str) -> Iterator[tuple[int, int]]:
        """Yield the ranges between delimiter lines (RFC 2046, 5.1.1)."""
        if not boundary:
            return
        delimiter = b"--" + boundary.encode("utf-8", "surrogateescape")
        began = -1
        nested = 0
        for at, start, closing in self._delimiters(node, delimiter):
            if nested:
                # Some give a multipart the boundary of the one around it: what follows
                # is the inner one's, until that is closed.
                nested += -1 if closing else self._is_nested(node, boundary, start)
                continue
            # Two delimiters in a row hold nothing between them.
            if began >= 0 and (began <= at or closing):
                yield began, max(began, at)
            began = start
            if closing:
                return
            nested = int(self._is_nested(node, boundary, start))
        if began >= 0:
            self.note("closing_boundary_missing")
            yield began, node.stop

    def _is_nested(self, node: Node, boundary: str, start: int) -> bool:
        """Whether a multipart of the same boundary begins at ``start``."""
        written = boundary.encode("utf-8", "surrogateescape")
        # no further than the next delimiter, so that each byte is read once
        stop = self.source.find(b"\n--" + written, start, node.stop) + 1
        blank = _BLANK_LINE.search(self.source, start, stop or node.stop)
        block = self.source[start : blank.start() + 1] if blank else b""
        if written not in block or b"multipart/" not in block.lower():
            return False
        fields, _rest, _broken = read_fields(block, is_root=False)
        headers = {name.lower(): [value] for name, value in reversed(fields)}
        mimetype, given = _content_type(headers, "")
        inner = given.get("boundary", "").rstrip()
        return mimetype.startswith("multipart/") and inner == boundary

    def _delimiters(
        self, node: Node, delimiter: bytes
    ) -> Iterator[tuple[int, int, bool]]:
        """Yield where each delimiter's line break begins, what follows, is it last."""
        source, stop = self.source, node.stop
        self.scanned += stop - node.start
        if self.scanned > MAX_SCAN:
            raise Unreadable("depth")
        lookalikes = 0
        line = b"\n" + delimiter
        if source.startswith(delimiter, node.start, stop):
            at = node.start - 1
        else:
            at = source.find(line, node.start, stop)
        while lookalikes <= MAX_LOOKALIKES and (at >= 0 or at == node.start - 1):
            after = at + len(line)
            end = source.find(b"\n", after, stop)
            end = stop if end < 0 else end
            tail = source[after : min(end, after + 1000)].strip(b" \t\r")
            if tail in (b"", b"--"):
                before = at - 1 if source[at - 1 : at] == b"\r" else at
                yield before, min(end + 1, stop), tail == b"--"
            else:
                lookalikes += 1
            at = source.find(line, min(end, stop), stop)

    def read_block(self, start: int, stop: int) -> tuple[Headers, int]:
        """Return the header block at ``start`` and where the content begins."""
        source = self.source
        if source[start : start + 1] in (b"\n", b"\r", b""):
            end = source.find(b"\n", start, stop)
            return {}, stop if end < 0 else end + 1
        blank = _BLANK_LINE.search(source, start, stop)
        end, body = (blank.start() + 1, blank.end()) if blank else (stop, stop)
        block = source[start : min(end, start + MAX_HEADER)]
        if len(block) < end - start:
            self.note("header_cut")
        fields, rest, broken = read_fields(block, is_root=self.count == 1)
        if broken:
            self.note("header_broken")
        if rest:
            body = start + len(block) - rest
        if self.count == 1:
            self.fields = fields
        headers: Headers = {}
        for name, value in fields:
            headers.setdefault(name.lower(), []).append(value)
        return headers, body


def _content_type(headers: Headers, default: str) -> tuple[str, dict[str, str]]:
    values = headers.get("content-type")
    if not values:
        return default, {}
    mimetype, given = parameters(values[0])
    # RFC 2045, 5.2: what cannot be understood is text.
    return (mimetype if mimetype.count("/") == 1 else "text/plain"), given
