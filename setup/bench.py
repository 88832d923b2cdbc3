"""``python3 setup bench NAME``: figures, each from ``scripts/bench_NAME.py``.

A script runs in Odoo's shell on a copy of the database that is thrown away, and prints
what it measured.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from . import databases
from .console import Failure, say
from .workplace import customer_add_ons, workplace

SCRIPTS = Path(__file__).with_name("scripts")


def names() -> list[str]:
    """What can be measured."""
    return sorted(file.stem[6:] for file in SCRIPTS.glob("bench_*.py"))


def run(name: str) -> int:
    """Measure; return the script's exit status."""
    if name not in names():
        raise Failure(f"there is no bench “{name}”, but {', '.join(names())}")
    with workplace() as place:
        source, problems = databases.installed(place, customer_add_ons(), demo=True)
        for line in problems:
            say(line)
        with databases.scratch(place, source) as copy:
            options = ("shell", "-d", copy, "--no-http", "--log-level=error")
            with (SCRIPTS / f"bench_{name}.py").open() as script:
                return subprocess.run(
                    [str(word) for word in place.command(*options)],
                    env={**os.environ, **place.environment},
                    stdin=script,
                    check=False,
                ).returncode
