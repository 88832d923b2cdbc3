"""The texts of a body, decoded, as far as they are read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..charset import certain, decode, guess
from ..charset_names import codec_of
from ..html.markup import says_something
from ..text import unify_lines
from .node import Node

#: Encoded bytes of all displayed parts together that are read.
MAX_BODY = 4 << 20

_META_CHARSET = re.compile(rb"charset\s*=\s*[\"']?([\w.:-]+)", re.I)


@dataclass(frozen=True, slots=True)
class Piece:
    """One text of a body, or a file between two of them.

    :param kind: "text", "html" (hostile until sanitised) or "file"
    :param content: text, markup or name of the file
    :param path: of the part
    """

    kind: str
    content: str
    path: str


@dataclass(slots=True)
class Segment:
    """Forms of one piece of the body; several pieces stand below each other."""

    plain: list[Node] = field(default_factory=list)
    html: list[Node] = field(default_factory=list)


class Reader:
    """Decodes displayed parts until the allowance is used up."""

    def __init__(self, source: bytes) -> None:
        # Same length, the ranges of the parts hold.
        self.source = source if b"\n" in source else source.replace(b"\r", b"\n")
        self.left = MAX_BODY
        self.decoded: dict[str, str] = {}
        #: Charset of the texts that declare none; one guess serves all.
        self.guessed: str | None = None

    def pieces(self, segments: Sequence[Segment]) -> list[Piece]:
        """Return what is shown of the segments: the HTML of those that say some."""
        shown: list[Piece] = []
        for one in segments:
            documents = [Piece("html", self._decode(x), x.path) for x in one.html]
            if not one.plain or any(
                says_something(document.content) for document in documents
            ):
                shown += documents
            else:
                shown += [Piece("text", self._decode(x), x.path) for x in one.plain]
        return shown

    def _decode(self, node: Node) -> str:
        if node.path not in self.decoded:
            data = node.content(self.source, self.left)
            self.left -= min(self.left, node.stop - node.start)
            is_html = node.mimetype == "text/html"
            charset = node.parameters.get("charset")
            text = certain(data, _charset(charset, data) if is_html else charset)
            if text is None:
                self.guessed = self.guessed or guess(data)
                text = decode(data, self.guessed, "cp1252")
            self.decoded[node.path] = text if is_html else _unflow(text, node)
        return self.decoded[node.path]


def _charset(charset: str | None, data: bytes) -> str | None:
    """Return what a document says that it is of, where its part does not say it."""
    if data.isascii() or (charset and codec_of(charset) not in (None, "ascii")):
        return charset
    meta = _META_CHARSET.search(data, 0, 1024)
    return meta[1].decode("ascii", "replace") if meta else charset


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
