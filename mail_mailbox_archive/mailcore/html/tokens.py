"""An email's HTML as tokens, read once for search, previews and the viewer.

What people do not see (comments, scripts, titles, data of Office) is not a token, so
that the text that is searched and the page that is shown have the same words. Names are
compared by their ASCII letters alone, as browsers do. What never ends hides nothing.

Time is linear in the length of any string: where an open quote swallows the rest of an
email, the search for its end stops after as many characters as the email has.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

START, END, TEXT, SHEET = "start", "end", "text", "sheet"
#: Kind, name of the element in lower case, and: of a start its attributes, of a text
#: and a sheet their characters; all of them as they are written.
Token = tuple[str, str, str]

#: Elements whose content people do not see; a style sheet is a token of its own.
HIDDEN = frozenset(("script", "title", "iframe", "template", "xml"))
_RAW = HIDDEN | {"style"}

#: Characters of the markup that are read at once.
_PIECE = 8_192
_BLANK = r"[\t\n\f\r ]"
_NAME = re.compile(r"[a-zA-Z][^\t\n\f\r />< ]*")
# Quotes count behind "=" only. No two branches begin alike, so nothing is tried twice.
_REST = re.compile(
    rf"[^>=]*(?:=(?:{_BLANK}*\"[^\"]*\"|{_BLANK}*'[^']*'|(?!{_BLANK}*[\"']))[^>=]*)*>"
)
# As nearly all are written, and none can be read in two ways: one pass of C for many.
_USUAL = re.compile(
    rf"<(?:/([a-zA-Z][\w:-]*){_BLANK}*|([a-zA-Z][\w:-]*)((?:[\t\n\f\r /][^<>\"'=]*"
    rf"(?:={_BLANK}*(?:\"[^\"<]*\"|'[^'<]*'|(?![\t\n\f\r \"']))[^<>\"'=]*)*)?))>",
    re.A,
)
# What hides something, or is not a tag at all.
_SPECIAL = re.compile(rf"(?ai)<(?:[!?]|(?:{'|'.join(sorted(_RAW))})(?=[\t\n\f\r />]))")
# The same without quotes: never over the next tag.
_PLAIN_REST = re.compile(r"[^<>]*>")
_COMMENT_END = re.compile(r"--!?>")
_ENDS = {name: re.compile(rf"(?ai)</{name}(?=[\t\n\f\r />])[^<>]*>") for name in _RAW}
_ATTRIBUTE = re.compile(
    rf"([^\t\n\f\r />=][^\t\n\f\r />=]*)"
    rf"(?:{_BLANK}*={_BLANK}*(?:\"([^\"]*)\"|'([^']*)'|([^\t\n\f\r >]+)))?"
)
# Python refuses to read numbers of thousands of digits; no character has them.
_LONG_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{8,};?")
# In an address "&copy=1" is a parameter, no sign (HTML, 13.2.5.73).
_REFERENCE = re.compile(r"&(?:#[xX]?[0-9a-fA-F]{1,7};?|[a-zA-Z][a-zA-Z0-9]{1,31};)")


def tokens(markup: str) -> Iterator[Token]:
    """Yield the tokens of ``markup``; any string has some."""
    return _Reader(markup).read()


def plain_text(text: str) -> str:
    """Return the characters that a text stands for."""
    if "&" not in text:
        return text
    return html.unescape(_LONG_REFERENCE.sub("\ufffd", text))


def attributes(written: str) -> dict[str, str]:
    """Return the attributes of a start by name in lower case; the first one counts."""
    values: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        value = double or single or bare
        if "&" in value:
            value = _REFERENCE.sub(lambda sign: html.unescape(sign[0]), value)
        values.setdefault(name.lower(), value)
    return values


def _divided(markup: str) -> tuple[list[str], ...]:
    """Return what stands between usual tags, and of each: its end, name, attributes."""
    pieces = _USUAL.split(markup)
    return pieces[::4], pieces[1::4], pieces[2::4], pieces[3::4]


class _Reader:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        #: Behind the last ">" there is no tag.
        self.last = markup.rfind(">")
        #: Characters that may still be read in vain.
        self.patience = len(markup)
        #: What was found to have no end.
        self.endless: set[str] = set()

    def read(self) -> Iterator[Token]:
        markup, at, special = self.markup, 0, -1
        while at < len(markup):
            if special < at:
                match = _SPECIAL.search(markup, at)
                special = match.start() if match else len(markup)
            # piece by piece: who asks for the first words alone gets them quickly
            stop = markup.find("<", at + _PIECE, special)
            stop = special if stop < 0 else stop
            texts, ends, names, given = _divided(markup[at:stop])
            if markup.count("<", at, stop) > len(names):
                yield from self._read_each(at)
                return
            for text, end, name, content in zip(
                texts, ends, names, given, strict=False
            ):
                if text:
                    yield TEXT, "", text
                yield (START, name.lower(), content) if name else (END, end.lower(), "")
            if texts[-1]:
                yield TEXT, "", texts[-1]
            if stop < special or stop == len(markup):
                at = stop
                continue
            token, after = self._at(stop) if stop < self.last else (None, 0)
            if token or not after:
                yield token or (TEXT, "", "<")
            at = after or stop + 1

    def _read_each(self, begun: int) -> Iterator[Token]:
        """Yield the tokens from a place on, one sign after the other."""
        markup, at = self.markup, begun
        while 0 <= (at := markup.find("<", at)) < self.last:
            token, after = self._at(at)
            if not after:
                at += 1
                continue
            if at > begun:
                yield TEXT, "", markup[begun:at]
            if token:
                yield token
            begun = at = after
        if begun < len(markup):
            yield TEXT, "", markup[begun:]

    def _at(self, at: int) -> tuple[Token | None, int]:
        """Return the token at a "<" and where it ends; 0 when this is text."""
        sign = self.markup[at + 1]
        if sign == "/":
            return self._end(at)
        if sign in "!?":
            return None, self._hidden(at)
        name = _NAME.match(self.markup, at + 1)
        # an address in brackets is meant to be read
        if not name or "@" in name[0]:
            return None, 0
        after = self._tag_end(name.end())
        if not after:
            return None, 0
        tag = name[0].lower()
        if tag in _RAW and (end := self._raw_end(tag, after)):
            sheet = (SHEET, tag, self.markup[after : end.start()])
            return (sheet if tag == "style" else None), end.end()
        if tag in _RAW:
            return None, after
        return (START, tag, self.markup[name.end() : after - 1]), after

    def _end(self, at: int) -> tuple[Token | None, int]:
        name = _NAME.match(self.markup, at + 2)
        rest = _PLAIN_REST.match(self.markup, name.end() if name else at + 2)
        if not rest:
            return None, 0
        return (END, name[0].lower(), "") if name else None, rest.end()

    def _hidden(self, at: int) -> int:
        if self.markup.startswith("<!--", at):
            end = None
            if "<!--" not in self.endless:
                end = _COMMENT_END.search(self.markup, at + 2)
            if not end:
                self.endless.add("<!--")
            return end.end() if end else at + 4
        rest = _PLAIN_REST.match(self.markup, at + 2)
        return rest.end() if rest else 0

    def _tag_end(self, start: int) -> int:
        rest = _REST.match(self.markup, start) if self.patience > 0 else None
        if not rest:
            self.patience -= len(self.markup) - start
            rest = _PLAIN_REST.match(self.markup, start)
        return rest.end() if rest else 0

    def _raw_end(self, tag: str, start: int) -> re.Match[str] | None:
        if tag in self.endless:
            return None
        end = _ENDS[tag].search(self.markup, start)
        if not end:
            self.endless.add(tag)
        return end
