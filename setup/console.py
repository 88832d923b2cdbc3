"""What a person sees, and the child processes behind it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path


class Failure(Exception):
    """The run ends here. The text says what to do about it."""


def say(text: str) -> None:
    # stderr: `setup env` keeps stdout for the shell
    print(text, file=sys.stderr, flush=True)


@contextmanager
def step(text: str):
    """Tell what is being done, and how long it took."""
    started = time.monotonic()
    say(f"* {text} ...")
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def call(command: Sequence[str | Path], *, env=None, cwd=None, advice="") -> None:
    """Run `command`, its output going to stderr.

    :raises Failure: it ended with an error; the text ends with `advice`
    """
    words = [str(word) for word in command]
    try:
        code = subprocess.run(
            words,
            env=env and {**os.environ, **env},
            cwd=cwd,
            stdout=sys.stderr,
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}. {advice}".strip()) from error
    if code:
        raise Failure(f"`{' '.join(words[:6])} ...` ended with {code}. {advice}")


def output(command: Sequence[str | Path], *, env=None, **options) -> str:
    """Run `command` quietly and return what it printed.

    :raises Failure: it ended with an error; the text holds its last lines
    """
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        env=env and {**os.environ, **env},
        capture_output=True,
        text=True,
        check=False,
        **options,
    )
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).splitlines()[-15:])
        raise Failure(f"`{' '.join(words[:6])}` ended with {done.returncode}:\n{tail}")
    return done.stdout
