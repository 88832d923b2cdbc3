"""HTML as the plain text beside it: for whoever reads mail without HTML.

Lists keep their marks, tables their rows, quotes their ">", links their addresses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import html as lxml_html

_BLOCKS = frozenset(
    "address article aside blockquote body center dd div dl dt fieldset figcaption"
    " figure footer form h1 h2 h3 h4 h5 h6 header li main nav ol p pre section table"
    " tbody tfoot thead tr ul".split()
)
_LEFT_OUT = frozenset("head script style template title".split())
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_FRAMED = re.compile(r"\b(?:o_table|table-bordered)\b")


@dataclass
class _Lines:
    """Lines that are written so far, and what stands before the next one."""

    done: list[str] = field(default_factory=list)
    line: str = ""
    prefixes: list[str] = field(default_factory=list)
    marker: str = ""
    verbatim: int = 0

    def add(self, text: str) -> None:
        if self.verbatim:
            first, *others = text.split("\n")
            self.line += first
            for other in others:
                self.end(always=True)
                self.line = other
            return
        text = _BLANKS.sub(" ", text)
        if not self.line or self.line.endswith(" "):
            text = text.lstrip(" ")
        self.line += text

    def end(self, always: bool = False) -> None:
        """End the line, if anything stands in it."""
        if not (self.line.strip() or always):
            self.line = ""
            return
        start = "".join(self.prefixes)
        if self.marker:
            start = start[: -len(self.marker)] + self.marker
        self.done.append(f"{start}{self.line}".rstrip())
        self.line = self.marker = ""


def to_text(markup: str) -> str:
    """Return HTML as plain text; of an image, what stands in for it."""
    if not markup.strip():
        return ""
    lines = _Lines()
    _write(lxml_html.fragment_fromstring(markup, create_parent="div"), lines)
    lines.end()
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines.done)).strip("\n")


def _write(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    tag = node.tag if isinstance(node.tag, str) else ""
    if not tag or tag in _LEFT_OUT:
        return
    if tag in _BLOCKS:
        lines.end()
    if write := _WAYS.get(tag):
        write(node, lines)
    else:
        _write_children(node, lines)
    if tag in _BLOCKS:
        lines.end()


def _write_children(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.add(node.text or "")
    for child in node:
        _write(child, lines)
        lines.add(child.tail or "")


def _write_break(_node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.end(always=True)


def _write_rule(_node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.end()
    lines.add("-" * 20)
    lines.end()


def _write_image(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.add(node.get("alt") or "")


def _write_link(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    _write_children(node, lines)
    href, text = (node.get("href") or "").strip(), node.text_content().strip()
    plain = re.sub(r"^(?:mailto:|https?://)", "", href).rstrip("/")
    known = re.sub(r"^https?://", "", text).rstrip("/")
    if href.startswith(("http:", "https:", "mailto:")) and plain != known:
        lines.add(f" <{href.removeprefix('mailto:')}>" if text else f"<{href}>")


def _write_quote(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.prefixes.append("> ")
    _write_children(node, lines)
    lines.end()
    lines.prefixes.pop()


def _write_verbatim(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    lines.verbatim += 1
    _write_children(node, lines)
    lines.end()
    lines.verbatim -= 1


def _write_item(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    parent = node.getparent()
    lists = parent is not None and parent.tag in ("ol", "ul")
    nested = all(child.tag in ("ol", "ul") for child in node) and len(node)
    if nested and not (node.text or "").strip():
        # the editor's way to put a list into a list
        marker = ""
    elif lists and parent.tag == "ol":
        before = sum(1 for _one in node.itersiblings("li", preceding=True))
        marker = f"{before + 1}. "
    else:
        marker = "- "
    lines.marker = marker
    lines.prefixes.append(" " * (len(marker) or 2))
    _write_children(node, lines)
    lines.end(always=bool(lines.marker))
    lines.prefixes.pop()


def _write_row(node: lxml_html.HtmlElement, lines: _Lines) -> None:
    cells = list(_cells_of(node))
    framed = any(
        _FRAMED.search(table.get("class") or "") or table.get("border", "0") != "0"
        for table in node.iterancestors("table")
    )
    lines.line = (" | " if framed else "  ").join(cells).rstrip()


def _cells_of(row: lxml_html.HtmlElement) -> Iterator[str]:
    for cell in row.iterchildren("td", "th"):
        inner = _Lines()
        _write_children(cell, inner)
        inner.end()
        yield " ".join(" ".join(inner.done).split())


_WAYS = {
    "a": _write_link,
    "blockquote": _write_quote,
    "br": _write_break,
    "hr": _write_rule,
    "img": _write_image,
    "li": _write_item,
    "pre": _write_verbatim,
    "tr": _write_row,
}
