"""HTML to readable plain text, for search, previews and lists; nothing is sanitised.

A plain walk over the tags: no tree, so depth costs nothing and loses nothing (libxml2
drops what lies deeper than about 250 elements), and time is linear in the length.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

_RAW_ELEMENTS = {"style", "script", "title"}
_BREAKS = {
    **dict.fromkeys(("p", "h1", "h2", "h3", "h4", "h5", "h6", "pre"), "\n\n"),
    **dict.fromkeys(
        "address article aside body br center dd div dl dt fieldset figure footer form "
        "header hr html main nav ol section table tbody tfoot thead tr ul".split(),
        "\n",
    ),
    "li": "\n- ",
    "td": " ",
    "th": " ",
}
# Lines of their own in the text while it is built; cleaned text never holds them.
_QUOTE, _UNQUOTE = "\x01", "\x02"
_MAX_QUOTE_DEPTH = 3

_NAME = re.compile(r"/?[a-zA-Z][a-zA-Z0-9]*")
_TAG_END = re.compile(r"""[^>"']*(?:"[^"]*"[^>"']*|'[^']*'[^>"']*)*>""")
# Python refuses to read numbers of thousands of digits; no character has them.
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
_BLANK_LINES = re.compile(r"\n{3,}")


def html_to_text(markup: str) -> str:
    """Return the text of ``markup``; lines of quotations begin with ``>``.

    Any string gives a result; the result is not cleaned, see :func:`.text.safe_text`.
    """
    for mark in (_QUOTE, _UNQUOTE):
        markup = markup.replace(mark, "")
    text = "".join(_Walk(markup.split("<")).read())
    if "&" in text:
        text = html.unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return _BLANK_LINES.sub("\n\n", "\n".join(_lines(text))).strip()


def _lines(text: str) -> list[str]:
    lines = []
    depth = 0
    for line in text.split("\n"):
        words = " ".join(line.split())
        if words == _QUOTE:
            depth += 1
        elif words == _UNQUOTE:
            depth = max(depth - 1, 0)
        else:
            prefix = "> " * min(depth, _MAX_QUOTE_DEPTH)
            lines.append(f"{prefix}{words}".rstrip() if prefix else words)
    return lines


class _Walk:
    """Goes once over the pieces between the ``<`` signs."""

    def __init__(self, pieces: list[str]) -> None:
        self.pieces = pieces
        self.position = 1
        self.preformatted = 0
        #: Ends that were looked for and do not come any more.
        self.missing: set[str] = set()

    def read(self) -> list[str]:
        """Return the text in order, with breaks where elements make them."""
        out = [self._text(self.pieces[0])]
        while self.position < len(self.pieces):
            piece = self.pieces[self.position]
            self.position += 1
            last = self.position == len(self.pieces)
            found = _NAME.match(piece)
            if found and not (last and ">" not in piece):
                out += self._element(found[0].lower(), piece)
            elif piece.startswith("!--"):
                out.append(self._comment(piece[3:]))
            elif piece[:1] in ("!", "?", "/"):
                out.append(self._text(piece.partition(">")[2]))
            else:
                out.append(self._text(f"<{piece}"))
        return out

    def _element(self, name: str, piece: str) -> tuple[str, str]:
        text = self._text(_after_tag(piece))
        if name in _RAW_ELEMENTS:
            return "", self._after(f"/{name}", text)
        if name in ("pre", "/pre"):
            self.preformatted = max(self.preformatted + (1 if name == "pre" else -1), 0)
            text = self._text(_after_tag(piece))
        if name == "blockquote":
            return f"\n{_QUOTE}\n", text
        if name == "/blockquote":
            return f"\n{_UNQUOTE}\n", text
        if name == "/li":
            return "", text
        return _BREAKS.get(name.lstrip("/"), ""), text

    def _text(self, text: str) -> str:
        if "\n" in text or "\r" in text:
            if self.preformatted:
                return text.replace("\r\n", "\n").replace("\r", "\n")
            return text.replace("\n", " ").replace("\r", " ")
        return text

    def _comment(self, text: str) -> str:
        """Return what follows a comment, all of it when the comment never ends."""
        if "-->" not in text:
            at = self._find("-->", lambda piece: "-->" in piece)
            text = self.pieces[at] if at else f"-->{text}"
        return self._text(text.partition("-->")[2])

    def _after(self, end: str, text: str) -> str:
        """Return what follows the end tag, ``text`` when there is none."""
        at = self._find(end, lambda piece: piece[: len(end)].lower() == end)
        return self._text(_after_tag(self.pieces[at])) if at else text

    def _find(self, end: str, is_end: Callable[[str], bool]) -> int:
        """Go behind the next piece that is the end; return its index, 0 without one."""
        if end not in self.missing:
            for at in range(self.position, len(self.pieces)):
                if is_end(self.pieces[at]):
                    self.position = at + 1
                    return at
            self.missing.add(end)
        return 0


def _after_tag(piece: str) -> str:
    end = piece.find(">")
    if end < 0:
        return ""
    if piece.count('"', 0, end) % 2 and (found := _TAG_END.match(piece)):
        end = found.end() - 1
    return piece[end + 1 :]
