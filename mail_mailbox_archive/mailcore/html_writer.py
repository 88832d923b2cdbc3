"""Writes a mail's HTML anew, element by element, as libxml2 reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Protocol

from .html_fold import REST, WHOLE, Folds, is_quote
from .html_link import MAX_LABEL, OUTWARD, Link, linkify, misleads, read_link
from .html_resource import Resources

#: Elements open at once. Browsers stop at 512; what lies deeper is written flat.
MAX_DEPTH = 300

ELEMENTS = frozenset(
    "a abbr acronym address area article aside b bdi bdo big blockquote br caption "
    "center cite code col colgroup dd del details dfn dir div dl dt em figcaption "
    "figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd label li main map "
    "mark menu nav ol p pre q rp rt ruby s samp section small span strike strong sub "
    "summary sup table tbody td tfoot th thead time tr tt u ul var wbr".split()
)
_VOID = frozenset(("area", "br", "col", "hr", "img", "wbr"))
#: Elements whose content is no text for people. Of all others not named it is.
_SILENT = frozenset(("script", "title", "iframe", "frameset", "xml", "template"))
ATTRIBUTES = frozenset(
    "abbr align alt bgcolor border cellpadding cellspacing class clear color cols "
    "colspan compact coords dir face headers height hspace id lang name noshade nowrap "
    "open reversed rowspan rows rules scope shape size span start summary title type "
    "usemap valign value vspace width".split()
)
_COLOURS = frozenset(("bgcolor", "background", "color"))
_COLOURED = re.compile(r"(?:^|[;\s])(?:background|color)", re.I)
_HINT = (
    "display:inline !important;visibility:visible !important;opacity:1 !important;"
    "font:12px/1.4 sans-serif !important;color:#8a2a00 !important;"
    "background:#fff3cd !important;padding:0 4px !important;position:static !important"
)


class Words(Protocol):
    """Our own words in the body, see :class:`.html.Rules`."""

    fold: bool
    quoted: str
    leads_to: str


class Writer:
    """Target of a parser: told of each start, end and text, in order."""

    def __init__(self, resources: Resources, words: Words) -> None:
        self.resources = resources
        self.words = words
        self.folds = Folds(words.quoted, enabled=words.fold)
        self.body_attributes = ""
        self.designed = False
        self._out = self.folds.out
        #: What ends each open element; "" when it was not written.
        self._ends: list[str] = []
        self._depth = 0
        self._silent = 0
        self._text: list[str] = []
        self._sheet: list[str] | None = None
        self._link: Link | None = None
        self._label = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Write the start of an element."""
        if self._text:
            self._flush()
        if self._silent or tag in _SILENT:
            self._silent += 1
        elif tag == "style":
            self._sheet = []
        elif tag == "body" and not self.body_attributes:
            self.body_attributes = self._attributes(tag, attributes)
            self._ends.append("")
        elif tag in ELEMENTS:
            self._open(tag, attributes)
        else:
            self._ends.append("")

    def end(self, tag: str) -> None:
        """Write the end of an element."""
        if self._text:
            self._flush()
        if self._silent:
            self._silent -= 1
        elif tag == "style":
            self._end_sheet()
        elif self._ends:
            self._close(tag, self._ends.pop())

    def data(self, text: str) -> None:
        """Keep a piece of text; a word may come in several."""
        if not self._silent:
            (self._text if self._sheet is None else self._sheet).append(text)

    def close(self) -> None:
        """Write what is still to be written."""
        self._flush()

    def markup(self) -> str:
        """Return what was written."""
        return self.folds.markup()

    def _open(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag in _VOID:
            self._out.append(f"<{tag}{self._attributes(tag, attributes)}>")
            self._ends.append("")
            return
        if tag in ("div", "blockquote", "section") and attributes:
            if kind := is_quote(tag, attributes):
                self.folds.enter(len(self._ends), kind)
        if self._depth >= MAX_DEPTH:
            self._ends.append("")
            return
        written = self._attributes(tag, attributes) if attributes else ""
        self._out.append(f"<{tag}{written}>")
        self._ends.append(f"</{tag}>")
        self._depth += 1

    def _close(self, tag: str, end: str) -> None:
        around = len(self._ends)
        self.folds.leave(around, REST)
        if tag == "a" and self._link:
            self._end_link()
        if end:
            self._depth -= 1
            self._out.append(end)
        self.folds.leave(around, WHOLE)

    def _attributes(self, tag: str, attributes: Mapping[str, str]) -> str:
        written = ""
        for name, value in attributes.items():
            if name in ATTRIBUTES:
                if name in _COLOURS:
                    self.designed = True
                if name != "title" or tag != "a":
                    written += f' {name}="{escape(value)}"'
            elif name == "style":
                written += self._style(value)
            elif name == "background" or (name == "src" and tag == "img"):
                written += self._picture(name, value)
        if tag in ("a", "area"):
            written += self._href(tag, attributes)
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

    def _href(self, tag: str, attributes: Mapping[str, str]) -> str:
        href = attributes.get("href") or attributes.get("xlink:href") or ""
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

    def _end_sheet(self) -> None:
        sheet, self._sheet = "".join(self._sheet or ()), None
        if sheet.strip():
            self.designed = True
            self._out.append(f"<style>{self.resources.css(sheet)}</style>")

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if self._link:
            if len(self._label) < MAX_LABEL:
                self._label += text
            self._out.append(escape(text, quote=False))
        else:
            self._out.append(linkify(text))
        if text and not text.isspace():
            self.folds.note_text()
