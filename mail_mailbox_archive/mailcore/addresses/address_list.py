"""The tokens of an address header, split into what stands between its commas."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

# An encoded word may hold, against its own rules, commas and brackets.
_TOKEN = re.compile(r'=\?[^?\s]{1,64}\?[bBqQ]\?[^?]*\?=|[^"(),:;<>\\=]+|.', re.DOTALL)


@dataclass(slots=True)
class Element:
    """What is between two commas."""

    #: Text outside brackets, first as it is shown, then with its quotes.
    shown: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    #: Text inside angle brackets, None when there are none.
    angle: list[str] | None = None
    open: bool = False

    def add(self, text: str, written: str) -> None:
        """Add text where we are; what follows a closed bracket is dropped."""
        if self.open and self.angle is not None:
            self.angle.append(written)
        elif self.angle is None:
            self.shown.append(text)
            self.written.append(written)

    def is_route(self) -> bool:
        """Whether commas and colons belong to ``<@a,@b:c@d>`` (RFC 5322, 4.4)."""
        return self.open and (self.angle or [""])[0].startswith("@")

    def is_literal(self) -> bool:
        """Whether a colon belongs to ``[IPv6:…]`` (RFC 5321, 4.1.3)."""
        return "[" in (self.angle or self.written or [""])[0]


def elements(header: str) -> Iterator[Element]:
    """Split at commas, and at semicolons, which some clients use for them."""
    tokens = _TOKEN.findall(header)
    last_quote, last_bracket = _last(tokens, '"'), _last(tokens, ")")
    nested = tokens.count("(") <= tokens.count(")")
    element = Element()
    position = 0
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == '"' and position <= last_quote:
            text, position = _quoted(tokens, position)
            element.add(text, quote(text))
        elif token == "(" and position <= last_bracket:
            text, position = _comment(tokens, position, nested)
            element.comments.append(text)
        elif (token in ",;" and not element.is_route()) or (
            token == "<" and element.angle is not None and not element.open
        ):
            yield element
            element = Element()
            position -= token == "<"
        else:
            _take(element, token)
    yield element


def _take(element: Element, token: str) -> None:
    if token == "<":
        element.angle, element.open = [], True
    elif token == ">":
        element.open = False
    elif token == ":" and not element.is_literal():
        _colon(element)
    elif token not in '"()\\':
        element.add(token, token)


def _colon(element: Element) -> None:
    # Before it stands the name of a group, a "mailto", or a route.
    if element.angle is not None:
        element.angle.clear()
    elif "@" not in "".join(element.written):
        element.shown.clear()
        element.written.clear()


def _last(tokens: list[str], token: str) -> int:
    """Return the index of the last ``token``; an opening one after it never closes."""
    return next(
        (at for at in range(len(tokens) - 1, -1, -1) if tokens[at] == token), -1
    )


def _quoted(tokens: list[str], position: int) -> tuple[str, int]:
    text: list[str] = []
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == '"':
            break
        if token == "\\" and position < len(tokens):
            token = tokens[position]
            position += 1
        text.append(token)
    return "".join(text), position


def _comment(tokens: list[str], position: int, nested: bool) -> tuple[str, int]:
    """Read a comment; one that is not balanced ends at the first bracket."""
    text: list[str] = []
    depth = 1
    while position < len(tokens):
        token = tokens[position]
        position += 1
        if token == "\\" and position < len(tokens):
            token = tokens[position]
            position += 1
        else:
            depth += (token == "(" and nested) - (token == ")")
        if not depth:
            break
        text.append(token)
    return "".join(text), position


def quote(text: str) -> str:
    """Return ``text`` as a quoted string (RFC 5322, 3.2.4)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
