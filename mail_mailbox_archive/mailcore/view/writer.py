"""Rewrites an email's HTML, token by token, so that whatever it opens is closed.

The browser builds the tree; here only what is open is known, as far as our own elements
around and inside of the mail need it: the end of one that is not open ends nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Protocol

from ..html.elements import (
    ATTRIBUTES,
    COLOURS,
    ELEMENTS,
    ENCLOSING,
    ENDED_BY,
    NAMED,
    OF_TABLES,
    OF_TEXT,
    OURS,
    VOID,
)
from ..html.markup import breaks
from ..html.resource import Resources
from ..html.tokens import END, SHEET, START, Token, attributes, plain_text
from ..text import safe_text
from .fold import REST, WHOLE, Folds, is_answer, is_quote
from .link import MAX_LABEL, OUTWARD, Link, linkify, misleads, read_link

#: Elements open at once. Browsers stop at 512; what lies deeper is written flat.
MAX_DEPTH = 300

_COLOURED = re.compile(r"(?:^|[;\s])(?:background|color)", re.I)
_BRACES = re.compile(r"([{}])")
_NOT_PLAIN = re.compile(r"[^\t\n\r\x20-\x7e]")
_HINT = (
    "display:inline !important;visibility:visible !important;opacity:1 !important;"
    "font:12px/1.4 sans-serif !important;color:#8a2a00 !important;"
    "background:#fff3cd !important;padding:0 4px !important;position:static !important"
)


class Words(Protocol):
    """Our own words in the body, see :class:`.html.Rules`."""

    @property
    def fold(self) -> bool: ...  # noqa: D102
    @property
    def quoted(self) -> str: ...  # noqa: D102
    @property
    def leads_to(self) -> str: ...  # noqa: D102


def _balanced(sheet: str) -> str:
    """Return ``sheet`` without the braces that would end what it stands in."""
    kept, depth = [], 0
    for piece in _BRACES.split(sheet):
        depth += (piece == "{") - (piece == "}")
        kept.append("" if depth < 0 else piece)
        depth = max(depth, 0)
    return "".join([*kept, "}" * depth])


@dataclass(slots=True)
class _Element:
    """An element that is open; ``end`` ends it, "" when that was written already."""

    tag: str
    end: str
    answers: bool = False


class Writer:
    """Writes one document of a mail from its tokens, in order.

    :param scope: class of the element that its styles do not leave, "" for the page
    """

    def __init__(self, resources: Resources, words: Words, scope: str = "") -> None:
        self.resources = resources
        self.words = words
        self.scope = scope
        self.folds = Folds(words.quoted, enabled=words.fold)
        self.body_attributes = ""
        self.designed = False
        self._out = self.folds.out
        self._open = [_Element("", "")]
        self._count: Counter[str] = Counter()
        #: Elements too deep to be written, whose ends are none either.
        self._flat: Counter[str] = Counter()
        self._text: list[str] = []
        #: Whether text was written that nothing parts from what follows, and whether
        #: something that is not written has to.
        self._joined = self._apart = False
        self._link: Link | None = None
        self._label = ""

    def write(self, tokens: Iterable[Token]) -> str:
        """Return the markup of a document."""
        for kind, name, content in tokens:
            if kind == START:
                self._start(name, content)
            elif kind == END:
                self._end(name)
            elif kind == SHEET:
                self._sheet(content)
            else:
                self._text.append(plain_text(content))
        self._flush()
        while len(self._open) > 1:
            self._close()
        return self.folds.markup()

    def _start(self, tag: str, content: str) -> None:
        # HTML, 13.2.6.4.7: "Don't ask."
        tag = "img" if tag == "image" else tag
        if tag == "body" and not self.body_attributes:
            self.body_attributes = self._attributes(tag, attributes(content))
        if self._text and (tag in ELEMENTS or breaks(tag)):
            self._flush()
        if tag not in ELEMENTS:
            self._apart |= breaks(tag)
            return
        given = attributes(content) if content else {}
        ended = ENDED_BY.get(tag, ())
        while self._open[-1].tag in ended:
            self._close()
        if tag == "a" and self._count["a"]:
            self._end("a")
        if tag in VOID:
            self._joined &= not breaks(tag)
            self._out.append(f"<{tag}{self._attributes(tag, given)}>")
        else:
            self._begin(tag, given)

    def _begin(self, tag: str, given: Mapping[str, str]) -> None:
        if len(self._open) > MAX_DEPTH:
            self._flat[tag] += 1
            self._apart |= breaks(tag)
            return
        if given and tag in ("div", "blockquote", "section"):
            if kind := is_quote(tag, given):
                self.folds.enter(len(self._open), kind)
        self.folds.quotes += tag == "blockquote"
        written = self._attributes(tag, given) if given else ""
        self._out.append(f"<{tag}{written}>")
        self._joined &= not breaks(tag)
        answers = bool(given) and is_answer(given)
        self.folds.answers += answers
        self._open.append(_Element(tag, f"</{tag}>", answers))
        self._count[tag] += 1

    def _end(self, tag: str) -> None:
        if tag == "br":
            self._start("br", "")
        parts = breaks(f"/{tag}")
        if self._text and (tag in ELEMENTS or parts):
            self._flush()
        self._apart |= parts
        if self._flat[tag]:
            self._flat[tag] -= 1
        elif self._count[tag]:
            self._end_open(tag)

    def _end_open(self, tag: str) -> None:
        """End the innermost open ``tag``, and what is open inside of it."""
        at = len(self._open) - 1
        block = False
        while self._open[at].tag != tag or not self._open[at].end:
            between = self._open[at].tag
            if between in ENCLOSING and (between == "table" or tag not in OF_TABLES):
                if tag != "table":
                    return
            block = block or between not in OF_TEXT
            at -= 1
        if block and tag in OF_TEXT:
            element = self._open[at]
            self._out.append(self._ended(element))
            return
        while len(self._open) > at:
            self._close()

    def _close(self) -> None:
        """End the innermost element."""
        element = self._open.pop()
        around = len(self._open)
        self.folds.leave(around, REST)
        if element.end:
            self._out.append(self._ended(element))
            self._joined &= not breaks(f"/{element.tag}")
        self.folds.leave(around, WHOLE)
        if element.tag == "blockquote":
            self.folds.quotes -= 1

    def _ended(self, element: _Element) -> str:
        if element.tag == "a" and self._link:
            self._end_link()
        end, element.end = element.end, ""
        self._count[element.tag] -= 1
        self.folds.answers -= element.answers
        return end

    def _attributes(self, tag: str, given: Mapping[str, str]) -> str:
        written = ""
        for name, value in given.items():
            if name in ATTRIBUTES:
                if name in COLOURS:
                    self.designed = True
                if name == "id" and value.lower().startswith(OURS):
                    continue
                if name != "title" or tag != "a":
                    written += f' {name}="{escape(value)}"'
            elif name == "style":
                written += self._style(value)
            elif name == "background" or (name == "src" and tag == "img"):
                written += self._picture(name, value)
            elif name == "name" and tag in NAMED:
                written += f' name="{escape(value)}"'
        if tag in ("a", "area"):
            written += self._href(tag, given)
        return written

    def _style(self, value: str) -> str:
        if not self.designed and _COLOURED.search(value):
            self.designed = True
        return f' style="{escape(self.resources.css(value))}"'

    def _picture(self, name: str, value: str) -> str:
        url = self.resources.picture(value)
        if name == "background":
            self.designed = True
        if url:
            return f' {name}="{escape(url)}"'
        return ' data-blocked=""' if name == "src" else ""

    def _href(self, tag: str, given: Mapping[str, str]) -> str:
        href = given.get("href") or given.get("xlink:href") or ""
        if href.startswith("#") and len(href) > 1:
            return f' href="{escape(href)}" target="_self"'
        link = read_link(href) if href else None
        if not link:
            return ""
        if tag == "a":
            self._link, self._label = link, ""
        title = f"{link.host} – {link.url[:300]}"
        return f' href="{escape(link.url)}" title="{escape(title)}"{OUTWARD}'

    def _end_link(self) -> None:
        link, self._link = self._link, None
        if link and misleads(self._label, link):
            hint = escape(f"{self.words.leads_to} {link.host}")
            self._out.append(f'<span style="{_HINT}">[{hint}]</span>')

    def _sheet(self, sheet: str) -> None:
        if self._text:
            self._flush()
        if sheet.strip():
            self.designed = True
            # older browsers were to take it for a comment (CSS, "CDO" and "CDC")
            sheet = sheet.replace("<!--", "").replace("-->", "")
            sheet = self.resources.css(sheet)
            if self.scope:
                sheet = f"@scope (.{self.scope}){{{_balanced(sheet)}}}"
            self._out.append(f"<style>{sheet}</style>")

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if _NOT_PLAIN.search(text):
            text = safe_text(text, 0, lines=True)
        if text and not text.isspace():
            if self._apart and self._joined:
                self._out.append("<div></div>")
            self._joined, self._apart = True, False
        if self._link:
            if len(self._label) < MAX_LABEL:
                self._label += text
            self._out.append(escape(text, quote=False))
        else:
            self._out.append(linkify(text))
        if text and not text.isspace():
            self.folds.note_text(text)
