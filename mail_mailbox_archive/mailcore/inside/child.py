"""A file read in a process of its own that can do no harm.

The process is this interpreter started anew, never a fork of a server with threads. It
gets the bytes, and nothing else: no variable of the environment, no open file, no
secret. It ends at its limits of processor, time, memory and output, with everything it
may have started. It writes no file and leaves no core. Its network is shut where the
system lets a process shut it (Linux, namespaces of users allowed); elsewhere, Python
refuses it connections, which a fault in a library written in C could go around.
"""

from __future__ import annotations

import base64
import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..errors import MailCoreError

#: Processes at once of one server process; who comes later waits.
AT_ONCE = 2
HERE = Path(__file__).parent
# What the linker needs, where Python itself was put together by it.
_KEPT = ("LD_LIBRARY_PATH", "SYSTEMROOT")
_CHUNK = 65_536
_places = threading.BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one process may use.

    :param processor: seconds of the processor
    :param wait: seconds by the clock, whatever it waits for
    :param memory: bytes of address space, Python and its libraries included
    :param given: bytes of the file
    :param returned: bytes of the answer
    :param nice: by how much it steps back before other processes
    """

    processor: int = 10
    wait: int = 30
    memory: int = 256 * 2**20
    given: int = 32 * 2**20
    returned: int = 16 * 2**20
    nice: int = 0


LIMITS = Limits()


class NotOpened(MailCoreError):
    """A file was not read: it is odd or hostile, or there was no process for it.

    ``content``: the job says that it is not what it should be; ``unavailable``: this
    system cannot limit a process, so nothing is read; ``busy``: too many wait.
    """

    failure_type = "unreadable"
    codes: ClassVar[tuple[str, ...]] = (
        "content",
        "time",
        "memory",
        "size",
        "output",
        "crash",
        "busy",
        "unavailable",
    )


@dataclass(frozen=True, slots=True)
class Opened:
    """What a job returned.

    :param value: plain data: what JSON has, and bytes
    :param sealed: the system had shut the network of the process
    """

    value: Any
    sealed: bool


def read_inside(job: str, content: bytes, limits: Limits = LIMITS) -> Any:
    """Return what the module ``job`` of this room reads out of ``content``.

    :raises NotOpened: see there; whatever the file is, nothing else is raised
    """
    return run(job, content, limits).value


def run(
    job: str, content: bytes, limits: Limits = LIMITS, folder: Path = HERE
) -> Opened:
    """Run ``read(content)`` of the module ``job`` in a process of its own.

    :param folder: where the module is; one of another add-on imports ``mailcore`` by
        this name
    :raises NotOpened: see there
    """
    if len(content) > limits.given:
        raise NotOpened("size")
    if not _places.acquire(timeout=limits.wait):
        raise NotOpened("busy")
    try:
        status, answer = _exchange(_order(job, folder, limits), content, limits)
    finally:
        _places.release()
    return _understand(status, answer)


def _order(job: str, folder: Path, limits: Limits) -> bytes:
    order = {
        "root": str(HERE.parents[1]),
        "job": str(folder / f"{job}.py"),
        "inside": folder == HERE,
        # where the libraries are: the process looks nowhere else for them
        "path": [one for one in sys.path if one],
        **asdict(limits),
    }
    return json.dumps(order).encode() + b"\n"


def _exchange(order: bytes, content: bytes, limits: Limits) -> tuple[int, bytes]:
    """Start the process, hand it its order and the file; return how it ended."""
    try:
        process = subprocess.Popen(
            # isolated: neither variables nor the user's folders say what it imports
            [sys.executable, "-I", "-S", "-B", str(HERE / "start.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in _KEPT if name in os.environ},
            cwd="/",
            # a group of its own, with which it is ended
            start_new_session=True,
        )
    except OSError as error:
        raise NotOpened("unavailable", str(error)) from error
    try:
        answer = _talk(process, [order, content], limits)
    finally:
        status = _end(process)
    return status, answer


def _talk(
    process: subprocess.Popen[bytes], given: list[bytes], limits: Limits
) -> bytes:
    """Write and read at once, until the process closes its answer."""
    assert process.stdin and process.stdout
    deadline = time.monotonic() + limits.wait
    rest = [memoryview(one) for one in given if one]
    answer = bytearray()
    os.set_blocking(process.stdin.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        ready.register(process.stdin, selectors.EVENT_WRITE)
        while True:
            left = deadline - time.monotonic()
            if left <= 0:
                raise NotOpened("time")
            for key, _events in ready.select(left):
                if key.fileobj is process.stdout:
                    if not (piece := os.read(key.fd, _CHUNK)):
                        return bytes(answer)
                    answer += piece
                    if len(answer) > limits.returned:
                        raise NotOpened("output")
                elif not _write(key.fd, rest):
                    ready.unregister(process.stdin)
                    process.stdin.close()


def _write(file: int, rest: list[memoryview]) -> bool:
    """Write what goes at once; return whether there is more."""
    try:
        rest[0] = rest[0][os.write(file, rest[0][:_CHUNK]) :]
    except BlockingIOError:
        return True
    except OSError:
        # it ended before it had read all; how, its status says
        return False
    if not rest[0]:
        del rest[0]
    return bool(rest)


def _end(process: subprocess.Popen[bytes]) -> int:
    """End the process with its group; return its status.

    One that has answered, or died, is at its end already, and its status stands.
    """
    for file in (process.stdin, process.stdout):
        if file:
            file.close()
    # before it is waited for: until then nobody else has its number
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    return process.wait()


def _understand(status: int, answer: bytes) -> Opened:
    try:
        told = json.loads(answer, object_hook=_bytes)
    except (ValueError, RecursionError) as error:
        ended = status in (-signal.SIGXCPU, -signal.SIGKILL)
        raise NotOpened("time" if ended else "crash", f"status {status}") from error
    if not isinstance(told, dict) or "value" not in told:
        code = told.get("error") if isinstance(told, dict) else None
        raise NotOpened(code if code in NotOpened.codes else "crash")
    return Opened(told["value"], told.get("sealed") is True)


def _bytes(found: dict[str, Any]) -> Any:
    """Return bytes where the process wrote them, which JSON has not."""
    if set(found) == {"base64"} and isinstance(found["base64"], str):
        return base64.b64decode(found["base64"])
    return found
