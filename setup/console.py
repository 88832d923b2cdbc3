"""What a person sees, and the child processes behind it."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1


class Failure(Exception):
    """The run ends here. The text says what to do about it."""


def die_with_parent() -> None:
    """Have the kernel end this process when the one that started it ends.

    To be called in the child (`preexec_fn`); also when the parent is killed.
    """
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


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


def call(
    command: Sequence[str | Path],
    *,
    shown: str = "",
    advice: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> list[str]:
    """Run `command`; return what it printed, after showing lines that match `shown`.

    :raises Failure: it ended with an error; the text ends with `advice`
    """
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            env={**os.environ, **(env or {})},
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            preexec_fn=die_with_parent,
        )
    except OSError as error:
        raise Failure(f"{words[0]}: {error.strerror}. {advice}".strip()) from error
    lines = []
    with process:
        for line in process.stdout:
            lines.append(line.rstrip())
            if shown and re.search(shown, line):
                say(f"  {lines[-1]}")
    if process.returncode:
        told = "\n".join([*lines[-25:], advice])
        raise Failure(f"`{shorten(words)}` ended with {process.returncode}:\n{told}")
    return lines


def shorten(words: Sequence[str]) -> str:
    """The start of a command line, for a message."""
    return " ".join(words[:6]) + (" ..." if len(words) > 6 else "")


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
        raise Failure(f"`{shorten(words)}` ended with {done.returncode}:\n{tail}")
    return done.stdout
