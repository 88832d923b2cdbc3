"""What may stand in a command: the one guard that every argument passes."""

from __future__ import annotations

from ..errors import BadArgument

#: Characters of a command: servers must take 8,192 (RFC 7162, 4), and old ones 1,000.
MAX_COMMAND = 8000
FORBIDDEN = frozenset("\r\n\0")


def quote(text: str) -> str:
    """Return ``text`` as a quoted string (RFC 3501, 9).

    :raises BadArgument: it holds what would end the command
    """
    guard(text)
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def guard(text: str) -> None:
    """Refuse what would end a command and start another.

    :raises BadArgument: ``text`` holds CR, LF or NUL, is too long, or no latin-1
    """
    if FORBIDDEN.intersection(text):
        raise BadArgument("control_character")
    if len(text) > MAX_COMMAND:
        raise BadArgument("too_long")
    if any(ord(character) > 255 for character in text):
        raise BadArgument("encoding")


def is_safe(text: str) -> bool:
    """Return whether :func:`guard` lets ``text`` pass."""
    try:
        guard(text)
    except BadArgument:
        return False
    return True
