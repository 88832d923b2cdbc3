"""The body of a message prepared for the frame that shows it.

The frame runs no script and its Content-Security-Policy loads nothing but what we name;
that is what protects people. What is done here is the second layer: only elements and
attributes of a list come through, rewritten, so that a browser reads what was meant;
pictures from outside go unless they are wanted; links open elsewhere and say where they
lead. A mail's own ``<style>`` stays: outside of such a frame the result is not safe.

Time is linear in the length. No tree is built, so no depth loses text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from ..html.elements import OURS
from ..html.resource import Resources
from ..html.tokens import tokens
from ..read.pieces import Piece
from ..read.quoting import quote_start
from ..text import safe_text
from .fold import points_below
from .link import linkify
from .writer import Writer

#: Characters of markup, and of plain text, that are shown.
MAX_MARKUP = 20_000_000
MAX_TEXT = 5_000_000
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_PAPER = re.compile(r' bgcolor="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be shown, and our own words.

    :param remote: whether pictures from outside are loaded
    :param inline: what asks for a part, see :func:`.html_resource.reference` → its URL
    :param pictures: path of a part that is shown between two texts → its URL
    :param own_hosts: names of our own server, never the address of a picture
    :param fold: whether the quoted part is folded
    :param quoted: label of the folded part
    :param leads_to: ends with the host; put behind a link whose text names another
    """

    remote: bool = False
    inline: Mapping[str, str] = field(default_factory=dict)
    pictures: Mapping[str, str] = field(default_factory=dict)
    own_hosts: frozenset[str] = frozenset()
    fold: bool = True
    quoted: str = "Quoted text"
    leads_to: str = "leads to"


@dataclass(frozen=True, slots=True)
class View:
    """A body ready for its page.

    :param markup: what goes between ``<body>`` and ``</body>``
    :param body_attributes: of ``<body>``, with a leading space, or ""
    :param remote: pictures from outside, shown or not
    :param designed: the mail brings colours of its own, made for white paper
    :param used: URLs of the parts that it shows, of those that the rules name
    """

    markup: str
    body_attributes: str = ""
    remote: int = 0
    designed: bool = False
    used: frozenset[str] = frozenset()


def view_html(markup: str, rules: Rules) -> View:
    """Return the HTML ``markup`` of a mail prepared for the frame; never raises."""
    resources = Resources(rules.inline, rules.own_hosts, remote=rules.remote)
    return _view_document(markup, resources, rules)


def view_pieces(pieces: Sequence[Piece], rules: Rules) -> View:
    """Return the pieces of a body below each other, each in its own right."""
    resources = Resources(rules.inline, rules.own_hosts, remote=rules.remote)
    if len(pieces) == 1:
        return _view_piece(pieces[0], resources, rules)
    names = [f"{OURS}-document-{number}" for number in range(len(pieces))]
    views = [
        _view_piece(piece, resources, rules, name)
        for name, piece in zip(names, pieces, strict=True)
    ]
    return View(
        "".join(map(_framed, views, names)),
        remote=resources.remote_count,
        designed=any(view.designed for view in views),
        used=frozenset().union(*(view.used for view in views)),
    )


def _view_piece(
    piece: Piece, resources: Resources, rules: Rules, scope: str = ""
) -> View:
    if piece.kind == "html":
        return _view_document(piece.content, resources, rules, scope)
    if piece.kind == "file":
        url = rules.pictures.get(piece.path)
        if url:
            shown = f'<p><img src="{escape(url)}" alt="{escape(piece.content)}"></p>'
            return View(shown, used=frozenset([url]))
        return View(f'<p class="o-mailbox-file">[{escape(piece.content)}]</p>')
    return view_text(piece.content, rules)


def _framed(view: View, name: str) -> str:
    """Return a document with the colours of its body, beside others."""
    paper = _PAPER.sub(r' style="background-color:\1"', view.body_attributes)
    # around it, so that the attributes of its body may have a class of their own
    return f'<div class="{name}"><div{paper}>{view.markup}</div></div>'


def _view_document(
    markup: str, resources: Resources, rules: Rules, scope: str = ""
) -> View:
    """Return the view of one document.

    :param scope: class of the element that its styles do not leave
    """
    writer = Writer(resources, rules, scope)
    before = resources.remote_count
    written = writer.write(tokens(_UNSTORABLE.sub("", markup[:MAX_MARKUP])))
    return View(
        written,
        writer.body_attributes,
        resources.remote_count - before,
        writer.designed,
        frozenset(resources.used),
    )


def view_text(text: str, rules: Rules) -> View:
    """Return plain ``text`` prepared for the frame: links made, quoted part folded."""
    text = safe_text(text, MAX_TEXT, lines=True)
    at = quote_start(text) if rules.fold else len(text)
    own, quoted = text[:at], text[at:]
    markup = linkify(own)
    if own.strip() and quoted.strip():
        markup += (
            f'<details class="o-mailbox-quoted"{" open" if points_below(own) else ""}>'
            f"<summary>{escape(rules.quoted)}</summary>{linkify(quoted)}</details>"
        )
    else:
        markup += linkify(quoted)
    return View(f'<div class="o-mailbox-text" dir="auto">{markup}</div>')
