"""Placeholders of short texts: a name, or ``{{object.name}}``, a path of fields.

Nothing in here is evaluated: what stands between the braces is asked of whoever knows
what may be read, once, and a value is never read as a placeholder again.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

_PLACEHOLDER = re.compile(r"\{\{([^{}\n]{1,200})\}\}")
_PATH = re.compile(r"object((?:\.[a-z][a-z0-9_]{0,62}){1,5})")


def fill(markup: str, read: Callable[[str], str | None]) -> str:
    """Return ``markup`` with its placeholders filled in, as text.

    :param read: what stands for a placeholder; None leaves it as it is written
    """

    def value_of(match: re.Match[str]) -> str:
        value = read(unescape(match[1]).strip())
        return match[0] if value is None else escape(value)

    return _PLACEHOLDER.sub(value_of, markup)


def path_of(placeholder: str) -> tuple[str, ...]:
    """Return the fields that ``object.partner_id.name`` leads through."""
    match = _PATH.fullmatch(placeholder)
    return tuple(match[1][1:].split(".")) if match else ()


def has_left(text: str) -> bool:
    """Return whether ``text`` holds a placeholder that nobody filled in."""
    return bool(_PLACEHOLDER.search(text))
