"""README.rst and static/description/index.html of an add-on, from its fragments.

The fragments are those of the Odoo Community Association: ``readme/DESCRIPTION.rst``
and so on, changes as ``readme/newsfragments/<issue>.<kind>.rst``. Written by hand
around docutils: the association's generator is not a package that can be pinned.
"""

from __future__ import annotations

import re
import subprocess
import textwrap
from collections.abc import Iterator
from pathlib import Path

from . import pins, python
from .console import Failure, say
from .workplace import manifest

#: Fragment and its heading, in the order of the README.
SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Use cases",
    "INSTALL": "Installation",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ADMINISTRATION": "Administrator's guide",
    "SECURITY": "Security",
    "DEVELOP": "Development",
    "ROADMAP": "Known limits",
    "HISTORY": "Changelog",
    "CONTRIBUTORS": "Contributors",
}
#: Kinds of changes, by the second part of a newsfragment's name.
KINDS = {"feature": "New", "bugfix": "Corrected", "misc": "Changed"}
HEAD = ".. This file is made by `python3 setup lint --fix` from readme/*.rst.\n"
PICTURES = "static/description/"


def _headline(text: str, line: str, over: str = "") -> str:
    rule = line * len(text)
    return "\n".join([rule, text, rule] if over else [text, rule]) + "\n"


def versions(text: str) -> list[str]:
    """The versions that a history or a changelog tells of, the newest first."""
    return re.findall(r"^(\d[\d.]+)(?: \(.+\))?\n-+$", text, re.M)


def _news(folder: Path) -> str:
    """What has changed since the last release, by kind."""
    parts = []
    for kind, heading in KINDS.items():
        files = sorted((folder / "newsfragments").glob(f"*.{kind}.rst"))
        texts = (file.read_text().strip() for file in files)
        lines = ["- " + textwrap.indent(text, "  ").lstrip() for text in texts]
        if lines:
            parts.append(_headline(heading, "^") + "\n" + "\n".join(lines) + "\n")
    return "\n".join(parts)


def changelog(add_on: Path) -> str:
    """The add-on's changelog: what is new, then its releases."""
    folder, file = add_on / "readme", add_on / "readme" / "HISTORY.rst"
    text = file.read_text().strip() + "\n" if file.exists() else ""
    version, news = manifest(add_on)["version"], _news(folder)
    if not news:
        return text
    # the manifest moves with the first change that asks for it, maybe later
    coming = "Next version" if version in versions(text) else version
    heading = _headline(f"{coming} (not released yet)", "-")
    return "\n".join(filter(None, [heading, news, text]))


def release(add_on: Path, day: str) -> str:
    """Make what is new the history of the manifest's version; return that version.

    As the Odoo Community Association's robot does when it releases: the newsfragments
    go to ``HISTORY.rst``, under the version and the day, and are deleted.

    :raises Failure: nothing is new, or the version is released already
    """
    folder, version = add_on / "readme", manifest(add_on)["version"]
    file, news = folder / "HISTORY.rst", _news(folder)
    text = file.read_text() if file.exists() else ""
    if not news:
        raise Failure(f"{add_on.name}: there are no newsfragments.")
    if version in versions(text):
        raise Failure(f"{version} is released already: move `version` in the manifest.")
    file.write_text("\n".join([_headline(f"{version} ({day})", "-"), news, text]))
    for fragment in (folder / "newsfragments").glob("*.rst"):
        fragment.unlink()
    return version


def rst(add_on: Path) -> str:
    """The text of the add-on's README.rst."""
    facts = manifest(add_on)
    parts = [HEAD, _headline(facts["name"], "=", over="=")]
    folder = add_on / "readme"
    for name, heading in SECTIONS.items():
        file = folder / f"{name}.rst"
        text = file.read_text().strip() + "\n" if file.exists() else ""
        if name == "HISTORY":
            text = changelog(add_on)
        if text:
            parts.append(_headline(heading, "=") + "\n" + text if heading else text)
        if text and name == "DESCRIPTION":
            parts.append(".. contents:: Contents\n   :local:\n   :depth: 2\n")
    parts.append(_headline("Authors", "=") + f"\n{facts['author']}. ")
    parts[-1] += f"License: {facts['license']}.\n"
    return "\n".join(parts)


def html(text: str) -> str:
    """The page of the Apps list, from the text of a README.rst.

    :raises Failure: the text is not reStructuredText
    """
    done = subprocess.run(
        [python.lint_python(), pins.HERE / "scripts" / "describe.py"],
        input=text.replace(PICTURES, ""),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Failure(done.stderr.strip().splitlines()[-1])
    return done.stdout


def _made(add_on: Path) -> dict[Path, str]:
    if not (add_on / "readme").is_dir():
        return {}
    text = rst(add_on)
    page = add_on / "static" / "description" / "index.html"
    return {add_on / "README.rst": text, page: html(text)}


def write(add_on: Path) -> None:
    for file, text in _made(add_on).items():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def check(add_on: Path) -> Iterator[str]:
    """Files that are not what the fragments make, pictures that are not there."""
    try:
        made = _made(add_on)
    except Failure as failure:
        say(f"{add_on.name}/readme: {failure}")
        yield f"readme: {add_on.name}"
        return
    for file, text in made.items():
        if not file.exists() or file.read_text() != text:
            say(f"{file.relative_to(pins.CHECKOUT)}: `python3 setup lint --fix`")
            yield f"readme: {add_on.name}"
    for line in rst(add_on).splitlines():
        directive, _, picture = line.strip().partition(":: ")
        named = directive in (".. image", ".. figure")
        if named and not (add_on / picture).exists():
            say(f"{add_on.name}/readme: no picture {picture}")
            yield f"readme: {add_on.name}"
