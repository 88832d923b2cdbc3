"""HTML to readable plain text, for search, previews and lists; nothing is sanitised.

The tags are split off, no tree is built: depth costs nothing and loses nothing (libxml2
drops what lies deeper than about 250 elements), and time is linear in the length.
"""

from __future__ import annotations

import html
import re

_BLOCKS = (
    "address article aside body br center dd div dl dt fieldset figure footer form "
    "header hr html main nav ol section table tbody tfoot thead tr ul"
).split()
_PARAGRAPHS = "h1 h2 h3 h4 h5 h6 p".split()
# Lines of their own in the text while it is built; cleaned text never holds them.
_QUOTE, _UNQUOTE = "\x01", "\x02"
_MAX_QUOTE_DEPTH = 3

#: Tag → what it puts into the text.
_BREAKS = {
    **{f"{slash}{name}": "\n" for name in _BLOCKS for slash in ("", "/")},
    **{f"{slash}{name}": "\n\n" for name in _PARAGRAPHS for slash in ("", "/")},
    "blockquote": f"\n{_QUOTE}\n",
    "/blockquote": f"\n{_UNQUOTE}\n",
    "pre": "\n\n",
    "/pre": "\n\n",
    "li": "\n- ",
    "td": " ",
    "th": " ",
}

# No part runs over the next "<", or a row of them would take quadratic time.
_TAG = re.compile(
    r"""<(?:(/?[a-z][a-z0-9]*)[^<>"']*(?:"[^"<]*"[^<>"']*|'[^'<]*'[^<>"']*)*"""
    r"""|/?[a-z][^<>]*|[!?/][^<>]*)>""",
    re.I,
)
_SPECIAL = re.compile(r"<(style|script|title|pre|!--)", re.I)
_ENDS = {
    name: re.compile(rf"</{name}[^<>]*>", re.I)
    for name in ("style", "script", "title", "pre")
} | {"!--": re.compile("-->")}
# Python refuses to read numbers of thousands of digits; no character has them.
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(markup: str) -> str:
    """Return the text of ``markup``; lines of quotations begin with ``>``.

    Any string gives a result; the result is not cleaned, see :func:`.text.safe_text`.
    """
    for mark in (_QUOTE, _UNQUOTE):
        markup = markup.replace(mark, "")
    markup = _without_hidden(markup).replace("\n", " ").replace("\r", " ")
    first, *rest = _TAG.split(markup)
    text = first + "".join(map(_with_break, rest[::2], rest[1::2]))
    if "&" in text:
        text = html.unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return _BLANK_LINES.sub("\n\n", "\n".join(_lines(text))).strip()


def _with_break(name: str | None, text: str) -> str:
    return _BREAKS.get(name.lower(), "") + text if name else text


def _without_hidden(markup: str) -> str:
    """Drop comments, styles, scripts and the title; keep the lines of ``pre``."""
    kept: list[str] = []
    position = 0
    endless: set[str] = set()
    while found := _SPECIAL.search(markup, position):
        name = found[1].lower()
        end = None if name in endless else _ENDS[name].search(markup, found.end())
        kept.append(markup[position : found.start()])
        position = end.end() if end else found.end()
        if not end:
            # What never ends hides nothing.
            endless.add(name)
            kept.append("" if name == "!--" else found[0])
        elif name == "pre":
            lines = markup[found.start() : position].replace("\r\n", "\n")
            kept.append(lines.replace("\n", "<br>"))
    return "".join([*kept, markup[position:]]) if kept else markup


def _lines(text: str) -> list[str]:
    lines = []
    depth = 0
    for line in text.split("\n"):
        words = " ".join(line.split())
        if words == _QUOTE:
            depth += 1
        elif words == _UNQUOTE:
            depth = max(depth - 1, 0)
        elif words or not depth or (lines and lines[-1].strip("> ")):
            prefix = "> " * min(depth, _MAX_QUOTE_DEPTH)
            lines.append(f"{prefix}{words}".rstrip() if prefix else words)
    return lines
