"""Checks of the text of the code: ruff, pylint-odoo, XML."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from xml.parsers import expat

from . import pins, python
from .console import say
from .outcome import Outcome
from .workplace import add_ons


def _check(name: str, *command: str | Path) -> Iterator[str]:
    """Run a linter; yield `name` if it finds fault, after showing what it says."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=pins.CHECKOUT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        say((done.stdout + done.stderr).strip())
        yield name


def _xml() -> Iterator[str]:
    """Files that are not well-formed."""
    for name in add_ons():
        for file in sorted((pins.CHECKOUT / name).rglob("*.xml")):
            try:
                expat.ParserCreate().Parse(file.read_bytes(), True)
            except expat.ExpatError as error:
                say(f"{file.relative_to(pins.CHECKOUT)}: {error}")
                yield f"xml: {file.name}"


def fix() -> None:
    """Have ruff put right what it can."""
    ruff = (python.lint_python(), "-m", "ruff")
    for arguments in (("check", "--fix", "--quiet", "."), ("format", ".")):
        subprocess.run([*ruff, *arguments], cwd=pins.CHECKOUT, check=False)


def _python() -> Iterator[str]:
    interpreter = python.lint_python()
    ruff = (interpreter, "-m", "ruff")
    yield from _check("ruff check", *ruff, "check", "--quiet", ".")
    yield from _check("ruff format", *ruff, "format", "--quiet", "--diff", ".")
    options = (f"--rcfile={pins.CHECKOUT}/.pylintrc", "--score=n")
    if add_ons():
        yield from _check("pylint", interpreter, "-m", "pylint", *options, *add_ons())


def run() -> Outcome:
    """All checks; each counts as one test."""
    say("\n== lint")
    started = time.monotonic()
    failed = [*_python(), *_xml()]
    passed = max(0, 4 - len({name.split(":")[0] for name in failed}))
    return Outcome("lint", passed, tuple(failed), time.monotonic() - started)
