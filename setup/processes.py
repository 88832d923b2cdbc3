"""Child processes that end with us, however we end; ports that are free."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .console import Failure, die_with_parent

HOST = "127.0.0.1"
#: Seconds that a process has to end on its own.
GRACE = 10


def start(
    command: Sequence[str | Path], env: Mapping[str, str], log: Path
) -> subprocess.Popen:
    """Start a server that does not hear the terminal's Ctrl-C."""
    with log.open("wb") as file:
        return subprocess.Popen(
            [str(word) for word in command],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            preexec_fn=die_with_parent,
            start_new_session=True,
        )


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def running(
    name: str,
    command: Sequence[str | Path],
    env: Mapping[str, str],
    log: Path,
    ready: Callable[[], bool],
    seconds: float = 60,
):
    """A server for the time of the block, from when `ready` says so.

    :raises Failure: it ends, or is not ready after `seconds`
    """
    process = start(command, env, log)
    try:
        end = time.monotonic() + seconds
        while not ready():
            if process.poll() is not None or time.monotonic() > end:
                tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                raise Failure(f"{name} does not start:\n{tail}\n(all of it: {log})")
            time.sleep(0.1)
        yield process
    finally:
        stop(process)


def listens(port: int) -> bool:
    """Whether something accepts connections on `port`."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port(wanted: int) -> int:
    """`wanted`, or the next port that is free."""
    return next(port for port in range(wanted, 65536) if is_free(port))
