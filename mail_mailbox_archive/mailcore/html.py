"""The body of a message prepared for the frame that shows it.

The frame runs no script and its Content-Security-Policy loads nothing but what we name;
that is what protects people. What is done here is the second layer: only elements and
attributes of a list come through, written anew, so that a browser reads what was meant;
pictures from outside go unless they are wanted; links open elsewhere and say where they
lead. A mail's own ``<style>`` stays: outside of such a frame the result is not safe.

Time is linear in the length. No tree is built, so no depth loses text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from lxml import etree

from .html_link import linkify
from .html_resource import Resources
from .html_writer import Writer
from .quoting import quote_start

#: Characters of markup, and of plain text, that are shown.
MAX_MARKUP = 20_000_000
MAX_TEXT = 5_000_000
_BODY = re.compile(r"<body[\s>]", re.I)


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be shown, and our own words.

    :param remote: whether pictures from outside are loaded
    :param inline: Content-ID without brackets → URL of that part
    :param own_hosts: names of our own server, never the address of a picture
    :param fold: whether the quoted part is folded
    :param quoted: label of the folded part
    :param leads_to: ends with the host; put behind a link whose text names another
    """

    remote: bool = False
    inline: Mapping[str, str] = field(default_factory=dict)
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
    """

    markup: str
    body_attributes: str = ""
    remote: int = 0
    designed: bool = False


def view_html(markup: str, rules: Rules) -> View:
    """Return the HTML ``markup`` of a mail prepared for the frame; never raises."""
    resources = Resources(rules.inline, rules.own_hosts, remote=rules.remote)
    writer = Writer(resources, rules)
    # not comments: what Outlook hides in them is not for others
    parser = etree.HTMLParser(
        target=writer, huge_tree=True, encoding="utf-8", remove_comments=True
    )
    markup = markup[:MAX_MARKUP].replace("\x00", "")
    if not _BODY.search(markup):
        # libxml2 puts paragraphs of its own around text outside of any element
        markup = f"<html><body>{markup}"
    parser.feed(markup.encode("utf-8", "replace"))
    parser.close()
    return View(
        writer.markup(), writer.body_attributes, resources.remote_count, writer.designed
    )


def view_text(text: str, rules: Rules) -> View:
    """Return plain ``text`` prepared for the frame: links made, quoted part folded."""
    text = text[:MAX_TEXT]
    at = quote_start(text) if rules.fold else len(text)
    own, quoted = text[:at], text[at:]
    markup = linkify(own)
    if own.strip() and quoted.strip():
        markup += (
            f'<details class="o-mailbox-quoted"><summary>{escape(rules.quoted)}'
            f"</summary>{linkify(quoted)}</details>"
        )
    else:
        markup += linkify(quoted)
    return View(f'<div class="o-mailbox-text" dir="auto">{markup}</div>')
