"""Links from one page of the repository to another, and to their headings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from . import pins
from .console import say
from .workplace import add_ons

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)
_MD_HEADING = re.compile(r"^#+ (.+)$", re.M)
#: A line with one of the same length or longer below it.
RST_HEADING = re.compile(r"^(\S.*)\n([=\-~^*+#\"'])\2{2,}$", re.M)


def pages() -> list[Path]:
    """The pages in Markdown: those at the top, of ``docs``, add-ons and clients."""
    found = [*pins.CHECKOUT.glob("*.md"), *(pins.CHECKOUT / "docs").rglob("*.md")]
    for name in (*add_ons(), "clients"):
        found += (pins.CHECKOUT / name).rglob("*.md")
    return sorted(found)


def links(text: str) -> list[str]:
    """The targets in a page; what stands in code is no link."""
    found = LINK.findall(CODE.sub("", text))
    return [one for one in found if not re.match(r"[a-z]+:", one)]


def anchors(page: Path) -> set[str]:
    """The names of a page's headings, as a forge makes them."""
    heading = RST_HEADING if page.suffix == ".rst" else _MD_HEADING
    found = heading.findall(page.read_text())
    titles = [one[0] if isinstance(one, tuple) else one for one in found]
    return {slug(title) for title in titles}


def slug(title: str) -> str:
    """The name of a heading in the address of its page, as a forge makes it."""
    kept = re.sub(r"[^\w\- ]", "", title.strip().lower())
    return kept.replace(" ", "-")


def broken(page: Path) -> Iterator[str]:
    """Yield the links of a page that lead nowhere."""
    for link in links(page.read_text()):
        name, _mark, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        readable = target.suffix in (".md", ".rst")
        if not target.exists() or (
            anchor and not (readable and anchor in anchors(target))
        ):
            yield link


def check() -> Iterator[str]:
    """Yield the pages with links that lead nowhere, after naming the links."""
    for page in pages():
        if lost := list(broken(page)):
            say(f"{page.relative_to(pins.CHECKOUT)}: {' '.join(lost)} lead nowhere")
            yield f"links: {page.name}"
