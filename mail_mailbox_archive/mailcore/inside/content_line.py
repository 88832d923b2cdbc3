"""The lines of a calendar object and their nesting (RFC 5545, 3.1 and 3.4).

Everything is read once, from left to right. ``vobject``, which comes with Odoo, is not
used for what strangers sent: one line of parameters with commas keeps it busy for
minutes. The tests read with it what is written here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import Unreadable
from ..text import safe_text, unify_lines

#: Characters of a calendar object; a longer one is a file and nothing else.
MAX_SIZE = 1_000_000
#: Characters of one value.
MAX_VALUE = 8_000
MAX_LINES = 50_000
#: A calendar, its time zones, their rules: nothing lies deeper.
MAX_DEPTH = 8

_NAME = re.compile(r"[A-Za-z0-9-]{1,60}")
# Outlook writes addresses into names of zones, without quotes
_WORDS = r'(?:"[^"]*"|(?:[^";:,]|:(?=//))*)'
_PARAMETER = re.compile(rf";[ \t]*([A-Za-z0-9-]{{1,60}})=({_WORDS}(?:,{_WORDS})*)")
#: Lines whose value is an address.
_PEOPLE = frozenset(("ATTENDEE", "ORGANIZER"))
_ESCAPED = re.compile(r"\\(.)", re.S)


@dataclass(frozen=True, slots=True)
class Line:
    """One content line.

    :param name: in capitals
    :param parameters: name in capitals → value without its quotes
    :param value: as it stands there, its escapes kept
    """

    name: str
    value: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The value as text for people (RFC 5545, 3.3.11)."""
        return safe_text(_ESCAPED.sub(_unescape, self.value), MAX_VALUE, lines=True)


@dataclass(slots=True)
class Component:
    """A component: its own lines, and the components inside of it."""

    name: str
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)

    def first(self, name: str) -> Line | None:
        """Return the first line of a name, None when there is none."""
        return next((line for line in self.lines if line.name == name), None)

    def every(self, name: str) -> list[Line]:
        """Return all lines of a name."""
        return [line for line in self.lines if line.name == name]

    def value(self, name: str) -> str:
        """Return the value of the first line of a name, "" when there is none."""
        line = self.first(name)
        return line.value.strip() if line else ""

    def text(self, name: str, limit: int) -> str:
        """Return the same as one line for people, of at most ``limit`` characters."""
        line = self.first(name)
        return " ".join(line.text[:limit].split()) if line else ""

    def within(self, name: str) -> list[Component]:
        """Return the components of a name directly inside of this one."""
        return [child for child in self.children if child.name == name]


def read_components(text: str) -> Component:
    """Return a calendar object as a tree, below a component without a name.

    A line that is none is left out; what is not closed ends with the text.

    :raises Unreadable: ``parts`` for what is longer, ``depth`` for what is deeper than
        anybody sends
    """
    if len(text) > MAX_SIZE:
        raise Unreadable("parts")
    root = Component("")
    stack = [root]
    for count, one in enumerate(_unfolded(text)):
        if count >= MAX_LINES:
            raise Unreadable("parts")
        line = read_line(one)
        if line is None:
            continue
        if line.name == "BEGIN":
            if len(stack) > MAX_DEPTH:
                raise Unreadable("depth")
            child = Component(line.value.strip().upper())
            stack[-1].children.append(child)
            stack.append(child)
        elif line.name == "END":
            _close(stack, line.value.strip().upper())
        else:
            stack[-1].lines.append(line)
    return root


def read_line(text: str) -> Line | None:
    """Return one unfolded line, None for what is no content line."""
    match = _NAME.match(text)
    if not match:
        return None
    parameters: dict[str, str] = {}
    at = match.end()
    while parameter := _PARAMETER.match(text, at):
        name, value = parameter[1].upper(), parameter[2]
        parameters.setdefault(name, safe_text(value.replace('"', ""), MAX_VALUE))
        at = parameter.end()
    kind = match[0].upper()
    if kind in _PEOPLE:
        # some write colons into names without quotes; the address follows them
        at = max(at, text.lower().rfind(":mailto:"))
    if text[at : at + 1] != ":":
        return None
    return Line(kind, text[at + 1 : at + 1 + MAX_VALUE], parameters)


def _unfolded(text: str) -> Iterator[str]:
    """Yield the lines as they were before they were folded (RFC 5545, 3.1)."""
    text = unify_lines(text.removeprefix("\ufeff"))
    text = text.replace("\n ", "").replace("\n\t", "")
    return (line for line in text.split("\n") if line)


def _close(stack: list[Component], name: str) -> None:
    """End the innermost component of a name, and what was left open inside of it."""
    for depth in range(len(stack) - 1, 0, -1):
        if stack[depth].name == name:
            del stack[depth:]
            return


def _unescape(match: re.Match[str]) -> str:
    return "\n" if match[1] in "nN" else match[1]
