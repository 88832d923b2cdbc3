"""``python3 setup test reliability``: the long form, and the table of what was tried.

The tests are in ``mail_mailbox_archive_tests/tests/reliability``; what they count comes
through a file, see ``extent.py`` there.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable
from contextlib import contextmanager
from pathlib import Path

from .console import say

NAME = "reliability"
#: The tests read it: "long", or nothing for the short form.
SWITCH = "MAILBOX_RELIABILITY"
OUTPUT = "MAILBOX_RELIABILITY_TABLE"
FIGURES = "MAILBOX_RELIABILITY_FIGURES"
COLUMNS = ("messages", "faults", "kills", "inputs", "lost", "doubled")


def ask_long(output: Path | None) -> None:
    """Have the suites of this run try longer.

    :param output: file for the table of what they tried
    """
    os.environ[SWITCH] = "long"
    if output:
        os.environ[OUTPUT] = str(output.absolute())


@contextmanager
def noted():
    """Yield the environment for a suite; print in the end what its tests tried."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "figures"
        file.touch()
        yield {FIGURES: str(file)}
        lines = file.read_text().splitlines()
    if lines:
        text = table(json.loads(line) for line in lines)
        say(f"\n{text}")
        if os.environ.get(OUTPUT):
            Path(os.environ[OUTPUT]).write_text(f"{text}\n")


def table(notes: Iterable[tuple[str, str, dict[str, int]]]) -> str:
    """Return what was tried as a table in Markdown, a row for each part."""
    words, sums = {}, {}
    for part, tried, figures in notes:
        words[part] = tried
        row = sums.setdefault(part, {})
        for name, number in figures.items():
            row[name] = row.get(name, 0) + number
    rows = [
        [part, words[part], *(_shown(row.get(name)) for name in COLUMNS)]
        for part, row in sorted(sums.items())
    ]
    head = ["what", "how", *COLUMNS]
    line = ["---", "---", *("--:" for _name in COLUMNS)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, line, *rows))


def _shown(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
