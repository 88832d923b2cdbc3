"""The first lines of the process that reads a file; see ``child``.

Run as a script, before anything is imported that is not Python's own: the limits stand
before the first byte of the file is looked at. What it cannot limit, it does not read.
"""

from __future__ import annotations

import base64
import importlib.util
import json
import os
import sys
import types
from typing import Any

#: Of ``prctl`` (Linux): end with who started it, and gain no rights by any program.
PDEATHSIG, NO_NEW_PRIVS = 1, 38
#: Of ``unshare`` (Linux): a namespace of users, and one of an empty network.
NEWUSER, NEWNET = 0x10000000, 0x40000000
#: What a job has no reason to do, by the beginning of the event (PEP 578).
REFUSED = tuple(
    "socket. subprocess. os.system os.exec os.fork os.posix_spawn os.spawn os.putenv "
    "pty. ftplib. urllib. http. smtplib.".split()
)


def main() -> None:
    """Read the order and the file from standard input, write the answer."""
    # nothing that a library prints gets among the answer
    out = os.dup(1)
    os.dup2(2, 1)
    with os.fdopen(0, "rb", closefd=False) as given:
        order = json.loads(given.readline())
        # whoever works for people goes first
        if hasattr(os, "nice"):
            os.nice(order.get("nice", 0))
        told: dict[str, Any] = {"error": "unavailable"}
        if limit(order):
            told = {"sealed": shut()}
            told |= work(order, given.read())
    try:
        answer = json.dumps(told, default=_as_base64).encode()
    except (TypeError, ValueError, RecursionError):
        answer = b'{"error": "crash"}'
    except MemoryError:
        answer = b'{"error": "memory"}'
    with os.fdopen(out, "wb") as file:
        file.write(answer)


def limit(order: dict[str, Any]) -> bool:
    """Set the limits; return whether this system has them."""
    try:
        import resource
    except ImportError:
        return False
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_CPU: order["processor"],
        resource.RLIMIT_AS: order["memory"],
        # no file grows, and no other process is started (but by root)
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_NPROC: 0,
        resource.RLIMIT_NOFILE: 64,
    }
    for kind, value in wanted.items():
        _soft, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            value = min(value, hard)
        try:
            resource.setrlimit(kind, (value, value))
        except (ValueError, OSError):
            if kind in (resource.RLIMIT_CPU, resource.RLIMIT_AS):
                return False
    return True


def shut() -> bool:
    """Give up the network, as far as the system lets it; return whether it is gone."""
    sealed = False
    try:
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        # one call after the other: the second forgets who started it
        sealed = libc.unshare(NEWUSER | NEWNET) == 0
        libc.prctl(NO_NEW_PRIVS, 1, 0, 0, 0)
        libc.prctl(PDEATHSIG, 9, 0, 0, 0)
    except (ImportError, OSError, AttributeError):
        # another system than Linux
        pass
    sys.addaudithook(_refuse)
    return sealed


def _refuse(event: str, _arguments: Any) -> None:
    if event.startswith(REFUSED):
        raise PermissionError(event)


def work(order: dict[str, Any], content: bytes) -> dict[str, Any]:
    """Return what the job reads out of ``content``, or why it does not."""
    sys.path[:] = order["path"]
    # the room alone, without the add-on around it, which is Odoo's
    package = types.ModuleType("mailcore")
    package.__path__ = [os.path.join(order["root"], "mailcore")]
    sys.modules["mailcore"] = package
    name = os.path.splitext(os.path.basename(order["job"]))[0]
    name = f"mailcore.inside.{name}" if order["inside"] else name
    spec = importlib.util.spec_from_file_location(name, order["job"])
    assert spec and spec.loader
    job = importlib.util.module_from_spec(spec)
    sys.modules[name] = job
    try:
        spec.loader.exec_module(job)
    except MemoryError:
        return {"error": "memory"}
    except Exception:
        return {"error": "unavailable"}
    try:
        return {"value": job.read(content)}
    except MemoryError:
        return {"error": "memory"}
    except Exception:
        # whatever a library says of what is no such file
        return {"error": "content"}


def _as_base64(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return {"base64": base64.b64encode(value).decode()}
    raise TypeError(type(value).__name__)


if __name__ == "__main__":
    main()
