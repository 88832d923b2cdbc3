"""Which pictures of a mail its own text shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..html.elements import ELEMENTS
from ..html.resource import Resources
from ..html.tokens import SHEET, START, attributes, tokens
from .pieces import Piece

#: What the start of an element that asks for a picture holds.
_ASKING = ("src", "background", "url")


def shown_pictures(
    pieces: Sequence[Piece], references: Mapping[str, str], pictures: Mapping[str, str]
) -> frozenset[str]:
    """Return the paths of the pictures that the viewer shows in the text.

    :param references: see :class:`.body.Body`
    """
    between = (piece.path for piece in pieces if piece.kind == "file")
    shown = {path for path in between if path in pictures}
    resources = Resources(references, frozenset(), remote=False)
    for piece in pieces:
        if piece.kind == "html" and references and may_ask(piece.content):
            _ask(piece.content, resources)
    return frozenset(shown | resources.used)


def may_ask(markup: str) -> bool:
    """Whether anything in ``markup`` may load a picture; a quick check."""
    lower = markup.lower()
    return any(word in lower for word in _ASKING) or "\\" in markup


def _ask(markup: str, resources: Resources) -> None:
    for kind, name, content in tokens(markup):
        if kind == SHEET:
            resources.css(content)
        elif kind == START and (name in ELEMENTS or name in ("image", "body")):
            lower = content.lower()
            if any(word in lower for word in _ASKING) or "\\" in content:
                _ask_of(name, attributes(content), resources)


def _ask_of(name: str, given: Mapping[str, str], resources: Resources) -> None:
    if name in ("img", "image") and "src" in given:
        resources.picture(given["src"])
    if "background" in given:
        resources.picture(given["background"])
    if "style" in given:
        resources.css(given["style"])
