"""What a written text needs so that its recipient sees what its writer saw.

The editor's style sheet is not at the recipient's: the lines of its tables, and the
direction of a paragraph, are said in the HTML itself.
"""

from __future__ import annotations

import re
import unicodedata
from html import escape

from lxml import html as lxml_html

_FRAMED = re.compile(r"\b(?:o_table|table-bordered)\b")
#: Letters of scripts that are written from right to left, as far as they need a look.
_FROM_RIGHT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff]"
)
_PARAGRAPHS = frozenset("p div li td th h1 h2 h3 h4 h5 h6 blockquote ul ol".split())
_TABLE = "border-collapse: collapse"
_CELL = "border: 1px solid #bbb; padding: 4px 8px; vertical-align: top"


def finish_html(markup: str) -> str:
    """Return ``markup`` as it is sent."""
    tables, letters = _FRAMED.search(markup), _FROM_RIGHT.search(markup)
    if not (tables or letters):
        return markup
    tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    if tables:
        for table in tree.iter("table"):
            if _FRAMED.search(table.get("class") or ""):
                _draw_lines(table)
    if letters:
        for node in tree.iterdescendants(*_PARAGRAPHS):
            if not node.get("dir") and _starts_from_right(node):
                node.set("dir", "rtl")
    inner = "".join(lxml_html.tostring(one, encoding="unicode") for one in tree)
    return f"{escape(tree.text or '', quote=False)}{inner}"


def _draw_lines(table: lxml_html.HtmlElement) -> None:
    _add_style(table, _TABLE)
    for cell in table.iter("td", "th"):
        if next(cell.iterancestors("table")) is table:
            _add_style(cell, _CELL)


def _add_style(node: lxml_html.HtmlElement, style: str) -> None:
    own = (node.get("style") or "").strip().rstrip(";")
    # what was chosen for this one counts more
    node.set("style", f"{style}; {own}" if own else style)


def _starts_from_right(node: lxml_html.HtmlElement) -> bool:
    """Return whether a paragraph is written from right to left (UAX 9, P2)."""
    for text in node.itertext():
        for sign in text[:1000]:
            direction = unicodedata.bidirectional(sign)
            if direction in ("L", "R", "AL"):
                return direction != "L"
    return False
