"""HTML to readable plain text, for search, previews and lists; nothing is sanitised.

The tokens are those the viewer writes its page of, so that both hold the same words. No
tree is built: depth costs nothing and loses nothing, and time is linear in the length.
"""

from __future__ import annotations

import re

from .tokens import END, SHEET, START, TEXT, plain_text, tokens

_BLOCKS = (
    "address article aside audio body br button canvas center dd details dialog div dl "
    "dt fieldset figure footer form header hr html iframe legend listing main math nav "
    "noframes object ol optgroup option plaintext section select summary svg table "
    "tbody textarea tfoot thead tr ul video xmp"
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

_BLANK_LINES = re.compile(r"\n{3,}")
_LINE_ENDS = str.maketrans("\r\n", "  ")


def html_to_text(markup: str) -> str:
    """Return the text of ``markup``; lines of quotations begin with ``>``.

    Any string gives a result; the result is not cleaned, see :func:`.text.safe_text`.
    """
    for mark in (_QUOTE, _UNQUOTE):
        markup = markup.replace(mark, "")
    return _BLANK_LINES.sub("\n\n", "\n".join(_lines(_broken(markup)))).strip()


def breaks(tag: str) -> bool:
    """Whether a start ("p") or an end ("/p") parts the words around it."""
    return tag in _BREAKS


def says_something(markup: str) -> bool:
    """Whether ``markup`` has a text or a picture for people to see."""
    return any(
        (kind == TEXT and plain_text(content).strip())
        or (kind == START and name == "img")
        for kind, name, content in tokens(markup)
    )


def _broken(markup: str) -> str:
    """Return the text with the line breaks that its elements mean."""
    pieces: list[str] = []
    kept_lines = 0
    for kind, name, content in tokens(markup):
        if kind == TEXT:
            if kept_lines:
                content = content.replace("\r\n", "\n")
            elif "\n" in content or "\r" in content:
                content = content.translate(_LINE_ENDS)
            pieces.append(plain_text(content) if "&" in content else content)
        elif kind != SHEET:
            if line_break := _BREAKS.get(f"/{name}" if kind == END else name):
                pieces.append(line_break)
            if name == "pre":
                kept_lines = max(kept_lines + (1 if kind != END else -1), 0)
    return "".join(pieces)


def _lines(text: str) -> list[str]:
    if _QUOTE not in text:
        return [" ".join(line.split()) for line in text.split("\n")]
    lines: list[str] = []
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
