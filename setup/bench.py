"""``python3 setup bench NAME``: figures, each from ``scripts/bench_NAME.py``.

A script runs in Odoo's shell on a copy of the database that is thrown away, or kept to
measure again with ``--keep``. It prints tables in Markdown; ``--output FOLDER`` keeps
them in a file as well, with a chart where there is one. See ``scripts/reporting.py``.
Each run of the tests has each of them measure next to nothing, to see that it works.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path

from . import databases, machine, pins, postgres
from .console import Failure, die_with_parent, say
from .outcome import Outcome
from .workplace import Workplace, own_add_ons, workplace

SCRIPTS = Path(__file__).with_name("scripts")
OPTIONS = (
    ("--size", {"type": int, "help": "how many messages, or mailboxes"}),
    ("--mailboxes", {"type": int, "help": "how many mailboxes the messages are in"}),
    ("--seed", {"type": int, "default": 1, "help": "another one makes other mail"}),
    ("--repeats", {"type": int, "help": "how often each figure is measured"}),
    ("--keep", {"action": "store_true", "help": "keep the database, use it if kept"}),
    ("--plan", {"action": "store_true", "help": "print PostgreSQL's plans as well"}),
    (
        "--postgres",
        {
            "type": Path,
            "metavar": "BIN",
            "help": "programs of the PostgreSQL to use as it comes",
        },
    ),
    ("--output", {"type": Path, "help": "folder for the tables and charts"}),
)
#: The least that each can measure.
SMOKE = {
    "access": {"size": 600},
    "complete": {"size": 600},
    "archive": {"size": 3},
    "click": {"size": 60},
    "first-import": {"size": 40},
    "idle": {"mailboxes": 3},
    "ingest": {"size": 30, "mailboxes": 2},
    "listen": {},
    "proposals": {"size": 40},
    "queue": {"size": 600, "mailboxes": 2},
    "retention": {"size": 600},
    "rooms": {},
    "rules": {"size": 30},
    "scale": {"size": 1_000, "mailboxes": 2},
    "send": {"size": 5},
}


def names() -> list[str]:
    """What can be measured."""
    found = (file.stem[6:] for file in SCRIPTS.glob("bench_*.py"))
    return sorted(name.replace("_", "-") for name in found)


@contextmanager
def _database(place: Workplace, name: str, options: argparse.Namespace) -> Iterator:
    source, problems = databases.installed(place, own_add_ons(), demo=True)
    for line in problems:
        say(line)
    if not options.keep:
        with databases.scratch(place, source) as copy:
            yield copy
        return
    kept = f"bench_{place.key}_{name}_{options.size or 'usual'}_{options.seed}"
    if not databases.exists(place, kept):
        databases.copy(place, source, kept)
    yield kept


def run(name: str, options: argparse.Namespace) -> int:
    """Measure; return the script's exit status."""
    if name not in names():
        raise Failure(f"there is no bench “{name}”, but {', '.join(names())}")
    machine.ensure()
    given = {
        "size": options.size,
        "mailboxes": options.mailboxes,
        "seed": options.seed,
        "repeats": options.repeats,
        "plan": options.plan,
        "output": options.output and str(options.output.resolve()),
    }
    other = options.postgres
    with (
        postgres.as_it_comes(other) if other else nullcontext() as pg,
        workplace(pg) as place,
        _database(place, name, options) as database,
    ):
        return _measure(place, name, database, given)


def _measure(
    place: Workplace, name: str, database: str, given: Mapping, **options: object
) -> int:
    command = ("shell", "-d", database, "--no-http", "--log-level=error")
    # Chromium, which a bench may start, reserves more than Odoo lets a process have
    command += ("--limit-memory-hard=0",)
    environment = {**os.environ, **place.environment}
    environment["PYTHONPATH"] += f":{pins.CHECKOUT}"
    environment["MAILBOX_BENCH"] = json.dumps(given)
    with (SCRIPTS / f"bench_{name.replace('-', '_')}.py").open() as script:
        return subprocess.run(
            [str(word) for word in place.command(*command)],
            env=environment,
            stdin=script,
            preexec_fn=die_with_parent,
            check=False,
            **options,
        ).returncode


def smoke(place: Workplace) -> Outcome:
    """Have each bench measure next to nothing; its figures are not looked at."""
    started = time.monotonic()
    source, _problems = databases.installed(place, own_add_ons())
    failed = []
    for name in names():
        given = {"repeats": 1, **SMOKE[name]}
        with databases.scratch(place, source) as copy, tempfile.TemporaryFile() as told:
            code = _measure(place, name, copy, given, stdout=told, stderr=told)
            told.seek(0)
            printed = told.read().decode(errors="replace")
        if code or "|" not in printed:
            say(f"\n== bench {name}\n{printed.rstrip()}")
            failed.append(f"bench {name}: ended with {code}")
    passed = len(names()) - len(failed)
    return Outcome("bench", passed, tuple(failed), time.monotonic() - started)
