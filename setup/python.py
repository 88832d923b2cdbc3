"""The virtual environments: one to run Odoo, one for the linters."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from . import cache, debian, pins
from .console import Failure, call, step


def interpreter() -> str:
    """A Python that Odoo 19 and its pins work with: this one, or one in PATH.

    :raises Failure: there is none
    """
    if sys.version_info[:2] in pins.PYTHONS:
        # the same one, also when it is an environment of ours that runs us
        return os.path.realpath(getattr(sys, "_base_executable", sys.executable))
    names = [f"python{major}.{minor}" for major, minor in reversed(pins.PYTHONS)]
    found = next(filter(None, map(shutil.which, names)), None)
    if not found:
        raise Failure(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} is not supported: "
            f"install one of {', '.join(names)}."
        )
    return found


def dotted(version: tuple[int, int]) -> str:
    """A version as people write it."""
    return ".".join(map(str, version))


def interpreters() -> dict[tuple[int, int], str]:
    """A Python of each version that Odoo 19 works with, as far as there is one.

    Looked for in PATH and where pyenv and uv keep theirs; one that does not start or
    lacks what a virtual environment needs does not count.
    """
    found = {}
    for version in pins.PYTHONS:
        candidates = filter(None, map(_usable, _candidates(dotted(version))))
        if first := next(candidates, None):
            found[version] = first
    return found


def _candidates(version: str) -> Iterator[str]:
    """Where a Python of `version` may be, the likeliest first."""
    if sys.version_info[:2] == tuple(map(int, version.split("."))):
        yield interpreter()
    yield shutil.which(f"python{version}") or ""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    uv = Path.home() / ".local/share/uv/python"
    for folder in (pyenv / "versions", uv):
        yield from map(str, sorted(folder.glob(f"*{version}.*/bin/python{version}")))


def _usable(python: str) -> str:
    """`python` itself, behind what only leads to it; empty if it does not work."""
    code = "import ssl, sys, venv; print(getattr(sys, '_base_executable'))"
    try:
        done = subprocess.run(
            [python, "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return "" if done.returncode else os.path.realpath(done.stdout.strip())


def _pip_of_debian() -> Path:
    def build(root: Path) -> None:
        debian.unpack([pins.PIP_PACKAGE], root)

    root = cache.entry("pip", build)
    return next((root / "usr/share/python-wheels").glob("pip-*.whl"))


def _has_ensurepip(python: str) -> bool:
    code = "import ensurepip; ensurepip.version()"
    done = subprocess.run([python, "-c", code], capture_output=True, check=False)
    return not done.returncode


def _pip(python: str, target: Path) -> list[str | Path]:
    """The pip of the environment `target`, wherever it can be had from."""
    if _has_ensurepip(python):
        call([target, "-m", "ensurepip"])
        return [target, "-m", "pip"]
    if sys.version_info[:2] in pins.PYTHONS and importlib.util.find_spec("pip"):
        outside = [sys.executable, "-m", "pip", "--python", str(target)]
    else:
        outside = [target, _pip_of_debian() / "pip"]
    call([*outside, "install", "pip"])
    return [target, "-m", "pip"]


def create(path: Path, requirements: tuple[Path, ...], python: str = "") -> None:
    """Make a virtual environment of `requirements` in `path`.

    :param python: its interpreter; without it the one that runs Odoo
    """
    python = python or interpreter()
    call(
        [python, "-m", "venv", "--without-pip", path],
        advice="Install Python's venv module (Debian: apt-get install python3-venv).",
    )
    target = path / "bin/python"
    pip = [*_pip(python, target), "install", "--no-input"]
    arguments = [word for file in requirements for word in ("-r", str(file))]
    with step(f"Installing {' '.join(f.name for f in requirements)}"):
        _install(*pip, *arguments)
        if requirements == pins.REQUIREMENTS and _version(python) == "3.10":
            _install(*pip, "--ignore-requires-python", pins.MAIL_SERVER)


def _install(*command: str | Path) -> None:
    call(
        command,
        shown=r"Downloading .* MB|^ERROR",
        advice="Check the network; a compiler's message names what is missing.",
    )


def _version(python: str) -> str:
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def environment(name: str, requirements: tuple[Path, ...]) -> Path:
    """The interpreter of the environment that holds `requirements`."""
    python = interpreter()
    key = cache.key(python, *(file.read_text() for file in requirements))
    entry = f"{name}-{_version(python)}-{key}"
    return cache.entry(entry, lambda path: create(path, requirements)) / "bin/python"


def _compiled() -> Path:
    return cache.entry(f"compiled-{cache.key(*pins.ODOO_PACKAGES)}", lambda path: None)


def compiled() -> dict[str, str]:
    """Variables that have Python keep what it compiles, in the cache.

    A run starts Odoo dozens of times. Where Python is told to keep nothing, as in many
    containers, each start would compile all of Odoo again.
    """
    folder = str(_compiled())
    return {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": folder}


def forget_temporary() -> None:
    """Remove what was compiled of files that are gone, since they were temporary."""
    folder = Path(tempfile.gettempdir()).resolve()
    shutil.rmtree(_compiled() / folder.relative_to("/"), ignore_errors=True)


def odoo_python() -> Path:
    """The interpreter that runs Odoo and its tests."""
    return environment("python", pins.REQUIREMENTS)


def oca_add_ons() -> Path:
    """The folder of the add-ons of others, installed beside Odoo and not into it."""

    def build(path: Path) -> None:
        # they ask for a package of Odoo, which there is none of
        options = ["--no-input", "--no-deps", "--target", path]
        command = [odoo_python(), "-m", "pip", "install", *options]
        with step(f"Installing {', '.join(pins.OCA_ADD_ONS)}"):
            _install(*command, *pins.OCA_ADD_ONS)

    return cache.entry(f"oca-{cache.key(*pins.OCA_ADD_ONS)}", build) / "odoo/addons"


def lint_python() -> Path:
    """The interpreter that runs the linters."""
    return environment("lint", (pins.LINT_REQUIREMENTS,))


def docs_python() -> Path:
    """The interpreter that builds the documentation."""
    return environment("docs", (pins.DOCS_REQUIREMENTS,))


def mcp_python() -> Path:
    """The interpreter that runs what an assistant talks to, which Odoo's does not."""
    return environment("mcp", (pins.MCP_REQUIREMENTS,))
