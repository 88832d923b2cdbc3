"""``python3 setup docs``: the documentation as a site, built by Sphinx.

The pages are read where they are: ``docs/``, the add-ons' guides and the pages at the
top of the repository. They are laid out in a folder of the build, where their links to
each other lead to the pages of the site; a link that leads nowhere ends the build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import links, pins, python, readme
from .console import Failure, say
from .workplace import MAIN, glue_add_ons, manifest

ADD_ON = pins.CHECKOUT / MAIN
DOCS = pins.CHECKOUT / "docs"
README = ADD_ON / "README.rst"
#: Parts of the add-on's guide that are a page each, and what they are called.
GUIDE = {
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ADMINISTRATION": "Administrator's guide",
    "SECURITY": "Security",
    "DEVELOP": "Development",
    "HISTORY": "Changelog",
}
#: Pages beside those of ``docs/``.
PROJECT = ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")
CLIENT = pins.CHECKOUT / "clients" / "thunderbird" / "README.md"
VOCABULARY = ADD_ON / "readme" / "VOCABULARY.md"
PICTURES = (".png", ".gif", ".svg")
PICTURES_OF_THE_GUIDE = "static/description/"


def pages() -> dict[Path, str]:
    """Each page of the repository, with its path in the site."""
    found = {page: str(page.relative_to(DOCS)) for page in sorted(DOCS.rglob("*.md"))}
    for name in PROJECT:
        found[pins.CHECKOUT / name] = f"project/{name.lower()}"
    found[VOCABULARY] = "project/vocabulary.md"
    found[CLIENT] = "project/thunderbird.md"
    for name in GUIDE:
        found[ADD_ON / "readme" / f"{name}.rst"] = f"guide/{name.lower()}.rst"
    for name in glue_add_ons():
        page = pins.CHECKOUT / name / "README.rst"
        if page.exists():
            found[page] = f"add_ons/{name.removeprefix(f'{MAIN}_')}.rst"
    # those that the Apps list and a forge need, and a site does not
    found[pins.CHECKOUT / "README.md"] = "index.md"
    found[pins.CHECKOUT / "CHANGELOG.md"] = "guide/history.rst"
    found[README] = "guide/usage.rst"
    return found


def label(target: str, anchor: str) -> str:
    """The name in the site of a heading in a page of the guide."""
    return f"{target.removesuffix('.rst').replace('/', '-')}-{anchor}"


def _headings() -> dict[str, str]:
    """The headings of the add-on's README.rst, with the page of the site each is in."""
    return {
        anchor: f"guide/{name.lower()}.rst"
        for name in GUIDE
        for anchor in links.anchors(ADD_ON / "readme" / f"{name}.rst")
    }


def _target(page: Path, link: str, folder: Path) -> str:
    """Where a link of `page` leads in the site; a picture is copied there.

    :raises Failure: it leads to nothing that the site has
    """
    name, _mark, anchor = link.partition("#")
    if not name:
        return link
    file = (page.parent / name).resolve()
    here = Path(pages()[page]).parent
    if file.suffix in PICTURES and file.exists():
        return os.path.relpath(_copied(file, folder), folder / here)
    target = pages().get(file)
    if file == README and anchor:
        title = anchor.replace("-", " ").capitalize()
        whole = {v: f"guide/{k.lower()}.rst" for k, v in GUIDE.items()}
        target = _headings().get(anchor) or whole.get(title)
    if not target:
        raise Failure(f"{page.name}: the site has nothing for {link}.")
    if target.endswith(".rst") and anchor in _headings():
        return f"#{label(target, anchor)}"
    mark = f"#{anchor}" if anchor and target.endswith(".md") else ""
    return f"{os.path.relpath(target, here)}{mark}"


def _copied(picture: Path, folder: Path) -> Path:
    """The copy of a picture in the folder that is built from."""
    copy = folder / "pictures" / picture.name
    copy.parent.mkdir(exist_ok=True)
    shutil.copy(picture, copy)
    return copy


def _markdown(page: Path, folder: Path) -> str:
    """A page in Markdown, with links that lead to pages of the site."""
    text, out, end = page.read_text(), [], 0
    code = [match.span() for match in links.CODE.finditer(text)]
    for match in links.LINK.finditer(text):
        link = match[1]
        inside = any(start < match.start() < stop for start, stop in code)
        if inside or re.match(r"[a-z]+:", link):
            continue
        out += [text[end : match.start(1)], _target(page, link, folder)]
        end = match.end(1)
    return "".join([*out, text[end:]])


def _guide(page: Path, folder: Path) -> str:
    """A part of the add-on's guide, as a page whose headings have names."""
    target = pages()[page]
    for picture in (ADD_ON / PICTURES_OF_THE_GUIDE).glob("*.png"):
        _copied(picture, folder)
    # what is new is in files of its own until it is released
    text = readme.changelog(ADD_ON) if page.stem == "HISTORY" else page.read_text()
    text = text.replace(f":: {PICTURES_OF_THE_GUIDE}", ":: /pictures/")
    names: set[str] = set()

    def name(found: re.Match[str]) -> str:
        # of headings that stand under each version the first one has the name
        anchor = links.slug(found[1])
        if anchor in names:
            return found[0]
        names.add(anchor)
        return f".. _{label(target, anchor)}:\n\n{found[0]}"

    named = links.RST_HEADING.sub(name, text)
    if page.name == "README.rst":
        return text
    title = GUIDE[page.stem]
    return f"{title}\n{'=' * len(title)}\n\n{named}"


def lay_out(folder: Path) -> None:
    """Write what Sphinx reads.

    :raises Failure: a link leads to nothing that the site has
    """
    shutil.copy(DOCS / "conf.py", folder)
    for page, target in pages().items():
        if page.is_relative_to(DOCS) or target.startswith("project/"):
            text = _markdown(page, folder)
        elif target.endswith(".rst") and page.suffix == ".rst" and page != README:
            text = _guide(page, folder)
        else:
            continue
        (folder / target).parent.mkdir(parents=True, exist_ok=True)
        (folder / target).write_text(text)


def build(output: Path) -> list[str]:
    """Build the site into the folder `output`; return what Sphinx says of faults."""
    version = manifest(ADD_ON)["version"]
    with tempfile.TemporaryDirectory() as folder:
        lay_out(Path(folder))
        command = [python.docs_python(), "-m", "sphinx", "-W", "-q", "--keep-going"]
        command += ["-n", "-D", f"release={version}", "-d", f"{folder}/.read"]
        done = subprocess.run(
            [str(word) for word in [*command, folder, output]],
            capture_output=True,
            text=True,
            check=False,
        )
    lines = done.stderr.replace(f"{folder}/", "").strip().splitlines()
    return lines if done.returncode else []


def run(output: Path) -> int:
    """Build the site; say where its first page is."""
    if lines := build(output):
        raise Failure("\n".join(lines))
    say(f"{output / 'index.html'}")
    return 0


def check() -> Iterator[str]:
    """Yield the site if it cannot be built, after saying why."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            lines = build(Path(folder))
        except Failure as failure:
            lines = str(failure).splitlines()
    if lines:
        say("\n".join(lines))
        yield "site"
