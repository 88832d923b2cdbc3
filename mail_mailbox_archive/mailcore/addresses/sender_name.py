"""The name a mailbox shows to recipients: a template with the sending person's names.

Not Odoo's inline templates, which would let a person who may name a mailbox run code.
"""

from __future__ import annotations

import html
import re
from collections.abc import Collection, Mapping

from ..text import safe_text

VARIABLES = ("first_name", "last_name")
MAX_NAME = 128

_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
# What is left of "{{first_name}}, office" when no particular person sends.
_EDGES = " ,;:-–—|/"


def unknown_variables(
    template: str, variables: Collection[str] = VARIABLES
) -> tuple[str, ...]:
    """Return what ``template`` asks for and nobody can fill, as written there.

    A brace without its pair counts too: recipients would see it.
    """
    names = (match[1].strip() for match in _VARIABLE.finditer(template))
    unknown = [f"{{{{{name}}}}}" for name in names if name not in variables]
    rest = _VARIABLE.sub("", template)
    return (*unknown, *(brace for brace in ("{{", "}}") if brace in rest))


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return ``template`` with its variables filled, on one line.

    What a value says is never read as a template again.
    """
    return fill_line(template, values).strip(_EDGES)[:MAX_NAME].strip()


def fill_line(template: str, values: Mapping[str, str], limit: int = 0) -> str:
    """Return ``template`` with its variables filled, on one line.

    :param limit: characters, 0 for all of them
    """
    filled = _VARIABLE.sub(lambda match: values.get(match[1].strip(), ""), template)
    line = " ".join(safe_text(filled, 0).split())
    return line[:limit].strip() if limit else line


def fill_html(template: str, values: Mapping[str, str]) -> str:
    """Return the HTML ``template`` with its variables filled with plain text."""
    return _VARIABLE.sub(
        lambda match: html.escape(values.get(html.unescape(match[1]).strip(), "")),
        template,
    )


def split_name(name: str) -> dict[str, str]:
    """Return the variables for a person known by one line: "Jan Maria Kowalski".

    The last word is the last name; a single word is the first name.
    """
    words = name.split()
    first, last = (words[:-1], words[-1:]) if len(words) > 1 else (words, [])
    return {"first_name": " ".join(first), "last_name": " ".join(last)}
