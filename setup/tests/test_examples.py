"""The examples of the developers' page can be copied as they are."""

from __future__ import annotations

import ast
import builtins
import re
import textwrap
from collections.abc import Iterator

import pytest

from setup import pages, pins

PAGE = pins.CHECKOUT / "mail_mailbox_archive/readme/DEVELOP.rst"
BLOCK = re.compile(r"::\n\n((?:    .*\n|\n)+)")
#: What the page says is imported everywhere.
KNOWN = {"api", "fields", "models", *dir(builtins)}
OURS = "odoo.addons.mail_mailbox_archive."


def examples() -> list[str]:
    return [textwrap.dedent(block) for block in BLOCK.findall(PAGE.read_text())]


def unknown(tree: ast.Module) -> set[str]:
    """The names that an example uses and nobody gives it."""
    used, given = set(), set(KNOWN)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            (used if isinstance(node.ctx, ast.Load) else given).add(node.id)
        elif isinstance(node, ast.alias):
            given.add((node.asname or node.name).partition(".")[0])
        elif isinstance(node, ast.arg):
            given.add(node.arg)
        elif isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            given.add(node.name)
        elif isinstance(node, ast.ExceptHandler) and node.name:
            given.add(node.name)
    return used - given


def missing(tree: ast.Module) -> Iterator[str]:
    """The names that an example imports from us and that are not there."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom) or not node.module.startswith(OURS):
            continue
        path = pins.CHECKOUT / node.module.removeprefix("odoo.addons.").replace(
            ".", "/"
        )
        file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
        text = file.read_text() if file.exists() else ""
        for alias in node.names:
            there = (path / f"{alias.name}").exists() if path.is_dir() else False
            if not there and not re.search(
                rf"^(class |def )?{alias.name}\b", text, re.M
            ):
                yield f"{node.module}.{alias.name}"


def test_there_are_examples():
    assert len(examples()) >= 5


@pytest.mark.parametrize("code", examples())
def test_an_example_is_whole(code):
    tree = ast.parse(code)
    assert not unknown(tree)
    assert not list(missing(tree))


def test_what_is_left_out_is_noticed():
    assert unknown(ast.parse("x = Path(y)")) == {"Path", "y"}
    gone = ast.parse(f"from {OURS}mailcore.errors import Gone")
    assert list(missing(gone)) == [f"{OURS}mailcore.errors.Gone"]


#: The page for programs, whose examples name only what stays.
OUTSIDE = pins.CHECKOUT / "docs/from_outside.md"
PYTHON = re.compile(r"```python\n(.*?)```", re.S)


def named(node: ast.Call) -> Iterator[str]:
    """The fields that a call of the page for programs reads, writes or searches by."""
    given = {keyword.arg: keyword.value for keyword in node.keywords}
    for name in ("fields", "domain"):
        for each in getattr(given.get(name), "elts", ()):
            first = each.elts[0] if isinstance(each, ast.List) else each
            yield from [first.value] if isinstance(first, ast.Constant) else []
    values = getattr(given.get("vals_list"), "elts", [given.get("vals")])
    for each in values:
        yield from (key.value for key in getattr(each, "keys", ()))


def test_programs_are_shown_only_names_that_stay():
    known = {k: ast.literal_eval(v) for k, v in pages._constants(pages.NAMES).items()}
    trees = [ast.parse(code) for code in PYTHON.findall(OUTSIDE.read_text())]
    calls = [
        node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") == "call"
        and isinstance(node.args[0], ast.Constant)
        and node.args[0].value.startswith("mail.mailbox")
    ]
    assert len(calls) > 10
    other = {
        f"{node.args[0].value}: {name}"
        for node in calls
        for name in named(node)
        if name not in {"id", *known["PUBLIC"].get(node.args[0].value, ())}
    }
    assert not other
