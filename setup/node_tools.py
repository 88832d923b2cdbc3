"""The tools that are written in JavaScript: node itself, and what npm installs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import cache, pins, python
from .console import call, step

FOLDER = pins.HERE / "node"
#: The oldest that all tools run on.
OLDEST = (20, 9)


def _version(node: str) -> tuple[int, ...]:
    done = subprocess.run([node, "--version"], capture_output=True, text=True)
    return tuple(map(int, re.findall(r"\d+", done.stdout)[:2]))


def programs() -> Path:
    """The folder of `node` and `npm`: the machine's if new enough, else pip's."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST:
        return Path(node).parent
    return python.environment("node", (FOLDER / "requirements.txt",)).parent


def _build(path: Path) -> None:
    bin_folder = programs()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(FOLDER / name, path)
    # no scripts: what is installed does not run before it is called
    command = [bin_folder / "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    with step("Installing the linters of JavaScript"):
        call(
            command,
            cwd=path,
            env=environment(path),
            advice="Check the network: npm gets what setup/node/package.json names.",
        )


def modules() -> Path:
    """The folder ``node_modules`` with what the lock file names."""
    key = cache.key((FOLDER / "package-lock.json").read_text())
    return cache.entry(f"node_modules-{key}", _build) / "node_modules"


def environment(root: Path) -> dict[str, str]:
    """Environment variables for a tool below `root`."""
    path = f"{programs()}:{os.environ['PATH']}"
    return {"PATH": path, "NODE_PATH": str(root / "node_modules")}


def command(package: str, script: str, *arguments: str | Path) -> list[str | Path]:
    """The command line that runs a script of a package."""
    return [programs() / "node", modules() / package / script, *arguments]
