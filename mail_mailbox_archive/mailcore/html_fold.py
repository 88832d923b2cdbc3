"""Folds what a mail quotes, once it is known what stands around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

#: The element is a quotation / all that follows in its parent is one.
WHOLE, REST = "whole", "rest"

_QUOTES = frozenset(
    "gmail_quote gmail_quote_container yahoo_quoted protonmail_quote tutanota_quote "
    "zmail_extra moz-forward-container".split()
)
_RESTS = frozenset(
    "appendonsend divrplyfwdmsg olk_src_body_section maileditororiginalmessage "
    "stopspelling".split()
)
# The line Outlook draws above the mail it answers.
_OUTLOOK = re.compile(
    r"border:none;\s*border-top:\s*solid #(?:e1e1e1|b5c4df) 1\.0pt", re.I
)


def is_quote(tag: str, attributes: Mapping[str, str]) -> str:
    """Return whether an element begins a quotation, and which: WHOLE, REST or ""."""
    if tag == "blockquote":
        return WHOLE if attributes.get("type", "").lower() == "cite" else ""
    if not _QUOTES.isdisjoint(attributes.get("class", "").lower().split()):
        return WHOLE
    name = attributes.get("id", "").lower()
    if name in _RESTS or name.removeprefix("x_") in _RESTS:
        return REST
    return REST if _OUTLOOK.search(attributes.get("style", "")[:200]) else ""


class Folds:
    """What was written so far, with the outermost quotations in it.

    A quotation is folded when there is text of the mail's own around it, and stays open
    when the answers stand between several.
    """

    def __init__(self, label: str, *, enabled: bool) -> None:
        self.out: list[str] = []
        self.enabled = enabled
        self._summary = f"<summary>{escape(label)}</summary>"
        #: Where each fold begins in ``out``.
        self._places: list[int] = []
        #: Elements open around the one that ends the open fold, -1 outside of one.
        self._until = -1
        self._kind = ""
        self._own_text = False
        self._text_since = False
        self._interleaved = False

    def enter(self, depth: int, kind: str) -> None:
        """Begin a quotation at an element with ``depth`` others open around it."""
        if not self.enabled or self._until >= 0 or not depth:
            return
        self._interleaved |= bool(self._places) and self._text_since
        self._text_since = False
        self._places.append(len(self.out))
        self.out += ("", self._summary)
        self._until = depth if kind == WHOLE else depth - 1
        self._kind = kind

    def leave(self, depth: int, kind: str) -> None:
        """End the fold, if it ends with an element with ``depth`` others around it.

        Called for REST before that element's end is written, for WHOLE after it.
        """
        if self._until == depth and self._kind == kind:
            self._close()

    def _close(self) -> None:
        self.out.append("</details>")
        self._until = -1

    def note_text(self) -> None:
        """Note that text was written."""
        if self._until < 0:
            self._own_text = self._text_since = True

    def markup(self) -> str:
        """Return all of it."""
        if self._until >= 0:
            self._close()
        shown = self._interleaved or not self._own_text
        start = f'<details class="o-mailbox-quoted"{" open" if shown else ""}>'
        for place in self._places:
            self.out[place] = start
        return "".join(self.out)
