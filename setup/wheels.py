"""The add-ons as packages: each wheel is built, installed, and what it holds runs."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from . import databases, pins, python
from .console import Failure, call, output, say
from .outcome import Outcome
from .workplace import Workplace, add_ons

#: Where a wheel has the code of an add-on.
INSIDE = "odoo/addons"
#: Packaging reads these; they do not travel.
LEFT_BEHIND = ("pyproject.toml",)
LOADED = """
from odoo.modules import get_module_path
for name in {names!r}:
    print("LOADED", name, get_module_path(name))
"""


def build(names: Sequence[str], folder: Path) -> list[Path]:
    """The packages of add-ons, made in `folder`, in the order of their names."""
    command = [python.lint_python(), "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--no-index", "--wheel-dir", folder]
    call([*command, *(pins.CHECKOUT / name for name in names)])
    return [next(folder.glob(f"odoo_addon_{name}-*.whl")) for name in names]


def _missing(name: str, wheel: Path) -> list[str]:
    """Files that git tracks and the wheel has not."""
    tracked = output(["git", "ls-files", "-z", name], cwd=pins.CHECKOUT).split("\0")
    there = set(zipfile.ZipFile(wheel).namelist())
    return [
        file
        for file in filter(None, tracked)
        if f"{INSIDE}/{file}" not in there and Path(file).name not in LEFT_BEHIND
    ]


def _install(wheels: Path, target: Path) -> Path:
    """Install the wheels into a folder of their own; return what Odoo looks in."""
    files = sorted(wheels.glob("*.whl"))
    command = [python.lint_python(), "-m", "pip", "install", "--quiet", "--no-deps"]
    call([*command, "--no-index", "--target", target, *files])
    return target / INSIDE


def _load(place: Workplace, folder: Path, names: list[str]) -> Iterator[str]:
    """Start Odoo with the installed packages alone on a database that has them."""
    source, _problems = databases.installed(place, add_ons(), kind="glue")
    paths = ",".join(map(str, (*place.other_addons, folder)))
    with databases.scratch(place, source) as database:
        options = ["shell", f"--addons-path={paths}", "-d", database, "--no-http"]
        lines = output(
            place.command(*options, "--log-level=warn"),
            env=place.environment,
            input=LOADED.format(names=names),
        ).splitlines()
    for name in names:
        if not any(line.endswith(f"LOADED {name} {folder / name}") for line in lines):
            say("\n".join(lines[-10:]))
            yield f"wheels: {name} does not load from its wheel"


def _each(place: Workplace) -> Iterator[str]:
    names = [*add_ons()]
    with tempfile.TemporaryDirectory() as temporary:
        wheels, target = Path(temporary, "wheels"), Path(temporary, "target")
        wheels.mkdir()
        for name, wheel in zip(names, build(names, wheels), strict=True):
            missing = _missing(name, wheel)
            if missing:
                say(f"not in the wheel of {name}: {' '.join(missing[:5])}")
                yield f"wheels: {name} lacks files"
        yield from _load(place, _install(wheels, target), names)


def run(place: Workplace) -> Outcome:
    """Build, install and load; each add-on counts as one test."""
    say("\n== wheels")
    started = time.monotonic()
    try:
        failed = list(_each(place))
    except Failure as failure:
        say(str(failure))
        failed = [f"wheels: {str(failure).splitlines()[0]}"]
    passed = max(0, len(add_ons()) - len(failed))
    return Outcome("wheels", passed, tuple(failed), time.monotonic() - started)
