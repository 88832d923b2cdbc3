"""Checks of the text of the code: Python, XML, JavaScript, manifests, readme.

Kept linters check; here they are called, by `python3 setup lint` and by the hooks of
`.pre-commit-config.yaml`, so that both have the same pins.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from xml.parsers import expat

from . import cache, links, node_tools, pages, pins, python, readme, site
from .console import Failure, say
from .outcome import Outcome
from .workplace import add_ons, manifest

CheckResult = Iterator[str]


def _check(name: str, *command: str | Path, env: Mapping[str, str] | None = None):
    """Run a linter; yield `name` if it finds fault, after showing what it says."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=pins.CHECKOUT,
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        say((done.stdout + done.stderr).strip())
        yield name


def _files(*suffixes: str) -> list[Path]:
    """The files of the add-ons, clients and the checkout's root, by their suffix."""
    folders = [pins.CHECKOUT / name for name in (*add_ons(), "clients")]
    found = [file for folder in folders for file in folder.rglob("*")]
    found += pins.CHECKOUT.glob("*")
    return sorted(file for file in found if file.suffix in suffixes)


def _ruff() -> CheckResult:
    ruff = (python.lint_python(), "-m", "ruff")
    yield from _check("ruff check", *ruff, "check", "--quiet", ".")
    yield from _check("ruff format", *ruff, "format", "--quiet", "--diff", ".")


def _mypy() -> CheckResult:
    """The types of ``mailcore``; what needs Odoo has none."""
    lint, odoo = python.lint_python(), python.odoo_python()
    options = (f"--config-file={pins.CHECKOUT}/mypy.ini", f"--python-executable={odoo}")
    options += (f"--cache-dir={cache.folder() / 'mypy'}", "--no-error-summary")
    env = {"MYPYPATH": str(pins.CHECKOUT / "mail_mailbox_archive")}
    command = (lint, "-m", "mypy", *options, "--package=mailcore")
    yield from _check("mypy", *command, env=env)


def _pylint() -> CheckResult:
    options = (f"--rcfile={pins.CHECKOUT}/.pylintrc", "--score=n")
    command = (python.lint_python(), "-m", "pylint", *options)
    yield from _check("pylint", *command, *add_ons())


def _oca() -> CheckResult:
    """What the association's hooks look for in data files and translations."""
    programs = python.lint_python().parent
    manifests = [f"{name}/__manifest__.py" for name in add_ons()]
    yield from _check("oca module", programs / "oca-checks-odoo-module", *manifests)
    translations = _files(".po", ".pot")
    if translations:
        # it wants what reads the same in both languages left out: no language would be
        # whole, and who translates would be asked for it again
        other = "--disable=po-pretty-format"
        yield from _check("oca po", programs / "oca-checks-po", other, *translations)


def _xml() -> CheckResult:
    """Files that are not well-formed."""
    for file in _files(".xml"):
        try:
            expat.ParserCreate().Parse(file.read_bytes(), True)
        except expat.ExpatError as error:
            say(f"{file.relative_to(pins.CHECKOUT)}: {error}")
            yield f"xml: {file.name}"


def _eslint() -> CheckResult:
    command = node_tools.command("eslint", "bin/eslint.js", *_files(".js"))
    yield from _check("eslint", *command, env=_node_environment())


def _prettier_command(option: str) -> list[str | Path]:
    files = _files(".js", ".cjs", ".xml", ".scss", ".css")
    # elsewhere they are made by other tools, or samples
    clients = [*(pins.CHECKOUT / "clients").rglob("*")]
    files += [file for file in clients if file.suffix in (".html", ".json")]
    return node_tools.command("prettier", "bin/prettier.cjs", option, *files)


def _prettier() -> CheckResult:
    command = _prettier_command("--list-different")
    yield from _check("prettier", *command, env=_node_environment())


def _node_environment() -> dict[str, str]:
    return node_tools.environment(node_tools.modules().parent)


def _requirements() -> CheckResult:
    """The requirements are those of the manifests, no more and no less."""
    wanted = set()
    for name in add_ons():
        needs = manifest(pins.CHECKOUT / name).get("external_dependencies", {})
        wanted.update(needs.get("python", ()))
    file = pins.CHECKOUT / "requirements.txt"
    if file.read_text().splitlines() != sorted(wanted):
        say(f"requirements.txt: the manifests ask for {', '.join(sorted(wanted))}")
        yield "requirements"


def _readme() -> CheckResult:
    """README.rst and index.html are made from the fragments, and up to date."""
    for name in add_ons():
        yield from readme.check(pins.CHECKOUT / name)


#: By the name that ``.pre-commit-config.yaml`` calls it.
CHECKS: dict[str, Callable[[], CheckResult]] = {
    "ruff": _ruff,
    "mypy": _mypy,
    "pylint": _pylint,
    "oca": _oca,
    "xml": _xml,
    "eslint": _eslint,
    "prettier": _prettier,
    "requirements": _requirements,
    "readme": _readme,
    "pages": pages.check,
    "links": links.check,
    "site": site.check,
}


def fix() -> None:
    """Have the tools put right what they can."""
    ruff = (python.lint_python(), "-m", "ruff")
    for arguments in (("check", "--fix", "--quiet", "."), ("format", ".")):
        subprocess.run([*ruff, *arguments], cwd=pins.CHECKOUT, check=False)
    subprocess.run(
        [str(word) for word in _prettier_command("--write")],
        cwd=pins.CHECKOUT,
        env={**os.environ, **_node_environment()},
        stdout=subprocess.DEVNULL,
        check=False,
    )
    for name in add_ons():
        readme.write(pins.CHECKOUT / name)
    pages.write()


def run(names: Sequence[str] = ()) -> Outcome:
    """Run the checks of these names, or all; each counts as one test."""
    if unknown := set(names) - set(CHECKS):
        raise Failure(f"There is no check {', '.join(sorted(unknown))}.")
    say("\n== lint")
    started = time.monotonic()
    failed: list[str] = []
    passed = 0
    for name in names or CHECKS:
        faults = list(CHECKS[name]())
        failed += faults
        passed += not faults
    return Outcome("lint", passed, tuple(failed), time.monotonic() - started)
