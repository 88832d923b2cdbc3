"""``python3 setup try-provider CODE``: a live account of a provider, tried once."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence

from . import pins, python
from .console import die_with_parent

SCRIPT = pins.HERE / "scripts" / "try_provider.py"


def run(arguments: Sequence[str]) -> int:
    """Try it, with the interpreter of Odoo but without Odoo; exit status."""
    command = [python.odoo_python(), SCRIPT, *arguments]
    return subprocess.run(
        [str(word) for word in command], preexec_fn=die_with_parent, check=False
    ).returncode
