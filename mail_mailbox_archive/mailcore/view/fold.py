"""Folds what a mail quotes, once it is known what stands around it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

# What people say who answered further below, between the lines.
_POINTS_BELOW = re.compile(
    r"(?i)\b(?:below|in-?line|poniżej|w treści|unten|ci-dessous|abajo|abaixo|"
    r"di seguito|hieronder|nedan|nedenfor|níže|ниже|нижче|"
    # or in a colour that this does not know
    r"in (?:red|blue|green|yellow|colou?r)|highlighted|in (?:rot|blau|grün|farbe)|"
    r"na (?:czerwono|niebiesko|zielono|żółto)|(?:innym|czerwonym) kolor\w*)\b"
)
#: Characters of a mail's own text in which that is looked for.
_MAX_POINTING = 1_000
# The colours that Outlook and the like offer first: what is written in them inside of a
# quotation was added to it. Its usual text, links and signatures have others.
_ANSWER_COLOURS = frozenset(
    "red blue green purple ff0000 f00 c00000 c82613 0000ff 00f 0070c0 0c64c0 00b0f0 "
    "00b050 008000 0c882a 7030a0 800080 ff6600".split()
)
_COLOUR = re.compile(
    r"(?ai)(?:^|[;\s])color\s*:\s*(?:#?([a-z0-9]{3,6})\b(?!\()"
    r"|rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\))"
)

# What they mark it with.
_MARKED = re.compile(
    r"(?ai)(?:^|[;\s])(?:background(?:-color)?|mso-highlight)\s*:\s*"
    r"(?:yellow|lime|aqua|#?ff0\b|#?ffff00|rgb\(\s*255\s*,\s*255\s*,\s*0\s*\))"
)

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


def is_answer(attributes: Mapping[str, str]) -> bool:
    """Whether an element has the colour of an answer between quoted lines."""
    style = attributes.get("style", "")
    if style and _MARKED.search(style[:1_000]):
        return True
    if "color" in attributes:
        style = f"{style};color:{attributes['color']}"
    match = _COLOUR.search(style[:1_000]) if style else None
    if not match:
        return False
    colour = match[1] or "".join(f"{int(part):02x}" for part in match.groups()[1:])
    return colour.lower() in _ANSWER_COLOURS


def points_below(text: str) -> bool:
    """Whether a mail says that its answers stand in what it quotes."""
    return bool(_POINTS_BELOW.search(text[:_MAX_POINTING]))


class Folds:
    """What was written so far, with the outermost quotations in it.

    A quotation is folded when there is text of the mail's own around it, and stays open
    when the answers stand between several, or inside of one: where the mail says so, in
    a colour of their own, or beside the quoted lines of a ``gmail_quote``.
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
        #: Elements open of the kinds ``<blockquote>`` and :func:`is_answer`.
        self.quotes = self.answers = 0
        #: Quoted lines in the open fold: how deep it began, whether there were some.
        self._quotes_around = self._answers_around = 0
        self._quoted_lines = False
        self._own: list[str] = []
        self._own_length = 0

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
        self._quotes_around, self._quoted_lines = self.quotes, False
        self._answers_around = self.answers

    def leave(self, depth: int, kind: str) -> None:
        """End the fold, if it ends with an element with ``depth`` others around it.

        Called for REST before that element's end is written, for WHOLE after it.
        """
        if self._until == depth and self._kind == kind:
            self._close()

    def _close(self) -> None:
        self.out.append("</details>")
        self._until = -1

    def note_text(self, text: str) -> None:
        """Note that ``text`` was written."""
        if self._until < 0:
            self._own_text = self._text_since = True
            if not self._places and self._own_length < _MAX_POINTING:
                self._own.append(text)
                self._own_length += len(text)
        elif self.answers > self._answers_around:
            self._interleaved = True
        elif self.quotes > self._quotes_around:
            self._quoted_lines = True
        elif self._quoted_lines:
            self._interleaved = True

    def markup(self) -> str:
        """Return all of it."""
        if self._until >= 0:
            self._close()
        shown = self._interleaved or not self._own_text
        shown = shown or points_below(" ".join(self._own))
        start = f'<details class="o-mailbox-quoted"{" open" if shown else ""}>'
        for place in self._places:
            self.out[place] = start
        return "".join(self.out)
