"""``python3 setup test``: one suite after the other, one summary."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from . import pins, python
from .console import say

TESTS = pins.CHECKOUT / "mail_mailbox_archive_tests" / "tests"
NOTHING_SELECTED = 5
OPTIONS = ("-q", "--no-header", "--tb=short", "--disable-warnings", "-rfE")


@dataclass(frozen=True)
class Outcome:
    """The result of a suite: names of what failed, with the number of the rest."""

    suite: str
    passed: int
    failed: Sequence[str] = field(default_factory=tuple)
    seconds: float = 0.0


def pytest(
    suite: str,
    interpreter: Path,
    arguments: Sequence[str],
    env: Mapping[str, str],
) -> Outcome:
    """Run pytest on one suite. A run that dies before its end counts as failed."""
    say(f"\n== {suite}")
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.json"
        command = [interpreter, "-m", "pytest", *OPTIONS, f"--rootdir={pins.CHECKOUT}"]
        command += ["-c", pins.HERE / "pytest.ini", "-p", "setup.plugins.suites"]
        command += [f"--suite={suite}", f"--result={result}", *arguments]
        code = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **env, "PYTHONDONTWRITEBYTECODE": ""},
            cwd=pins.CHECKOUT,
            stdout=sys.stderr,
            check=False,
        ).returncode
        outcomes = json.loads(result.read_text()) if result.exists() else {}
    return _outcome(suite, code, outcomes, time.monotonic() - started)


def _outcome(suite: str, code: int, outcomes: dict[str, str], seconds: float) -> Outcome:
    failed = [name for name, result in outcomes.items() if result == "failed"]
    # a test that did not run is no test that passed
    failed += [f"{n} (skipped)" for n, result in outcomes.items() if result == "skipped"]
    passed = len(outcomes) - len(failed)
    if code not in (0, NOTHING_SELECTED) and not failed:
        failed.append(f"{suite}: pytest ended with {code} before its summary")
    return Outcome(suite, passed, tuple(failed), seconds)


def pure(arguments: Sequence[str]) -> Outcome:
    """The tests that need no Odoo and no server."""
    env = {"PYTHONPATH": str(pins.CHECKOUT)}
    options = ["-p", "setup.plugins.pure", "-p", "no:odoo"]
    return pytest("pure", python.odoo_python(), [*options, *arguments], env)


def paths(arguments: Sequence[str], default: Path) -> list[str]:
    """`arguments`, with `default` in front unless they name a file or folder."""
    named = [a for a in arguments if not a.startswith("-")]
    if any((pins.CHECKOUT / a.split("::")[0]).exists() for a in named):
        return list(arguments)
    return [str(default), *arguments]


def summary(outcomes: Sequence[Outcome]) -> int:
    """Print the table and the last line; the exit code of the run."""
    say("")
    for outcome in outcomes:
        counts = f"{outcome.passed:5} passed, {len(outcome.failed)} failed"
        say(f"{outcome.suite:10} {counts:24} {outcome.seconds:6.1f} s")
    failed = [name for outcome in outcomes for name in outcome.failed]
    for name in failed:
        say(f"FAILED {name}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    return 1 if failed or not passed else 0


def fast(arguments: Sequence[str]) -> int:
    return summary([pure(paths(arguments, TESTS / "mailcore"))])
