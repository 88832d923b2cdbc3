"""What a suite says at its end, and the summary of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .console import say


@dataclass(frozen=True)
class Outcome:
    """The number of tests that passed, the names of those that did not."""

    suite: str
    passed: int
    failed: Sequence[str] = ()
    seconds: float = 0.0


def summary(outcomes: Sequence[Outcome]) -> int:
    """Print the table and the last line; return the exit code of the run."""
    say("")
    for outcome in outcomes:
        counts = f"{outcome.passed:5} passed, {len(outcome.failed)} failed"
        say(f"{outcome.suite:12}{counts:24}{outcome.seconds:7.1f} s")
    failed = [name for outcome in outcomes for name in outcome.failed]
    for name in failed:
        say(f"FAILED {name}")
    passed = sum(outcome.passed for outcome in outcomes)
    print(f"{passed} passed, {len(failed)} failed", flush=True)
    return 1 if failed or not passed else 0
