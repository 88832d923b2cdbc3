"""``python3 setup shell``: Odoo's shell on a copy that is thrown away."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence

from . import databases
from .console import die_with_parent, say
from .workplace import customer_add_ons, workplace


def run(arguments: Sequence[str]) -> int:
    """Open the shell, or run the script on standard input; its exit status.

    The copy is of the database with the add-on and its demo data as it is now.
    """
    with workplace() as place:
        source, problems = databases.installed(place, customer_add_ons(), demo=True)
        for line in problems:
            say(line)
        with databases.scratch(place, source) as name:
            options = ("shell", "-d", name, "--no-http", "--log-level=warn")
            command = place.command(*options, *arguments)
            # Ctrl-C is for the shell
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            return subprocess.run(
                [str(word) for word in command],
                env={**os.environ, **place.environment},
                preexec_fn=_as_child,
                check=False,
            ).returncode


def _as_child() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)
    die_with_parent()
