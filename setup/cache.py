"""One folder for all that is downloaded or built, keyed by what it is made of."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import stat
import time
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

from .console import Failure, say

#: Seconds.
MONTH = 30 * 24 * 3600


def folder() -> Path:
    """The cache folder, made if needed (``$XDG_CACHE_HOME/mail_mailbox_archive``)."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    path = Path(base).resolve() / "mail_mailbox_archive"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Failure(
            f"Cannot write to {path} ({error.strerror}). "
            "Set XDG_CACHE_HOME to a folder of yours."
        ) from error
    return path


def key(*parts: str) -> str:
    """A short name for a list of pins."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


@contextmanager
def locked(name: str, *, shared: bool = False, taken: str = ""):
    """Hold the lock `name`; the kernel frees it even if we are killed.

    :param taken: what to say when somebody holds it; without it one waits
    :raises Failure: somebody holds it, and there is something to say
    """
    path = folder() / "locks" / name
    path.parent.mkdir(exist_ok=True)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    with path.open("w") as file:
        try:
            fcntl.flock(file, kind | (fcntl.LOCK_NB if taken else 0))
        except BlockingIOError as error:
            raise Failure(taken) from error
        yield file


def entry(name: str, build: Callable[[Path], None]) -> Path:
    """The folder `name` of the cache, built by `build(path)` when it is not there.

    Built in place, since a virtual environment cannot be moved; a marker written
    last tells a whole entry from what a killed run left behind.
    """
    path = folder() / name
    marker = path / ".complete"
    if marker.exists():
        os.utime(marker)
        return path
    with locked(name):
        if not marker.exists():
            if path.exists():
                shutil.rmtree(path)
            path.mkdir()
            build(path)
            marker.touch()
            _remove_old(name.rpartition("-")[0])
    return path


def open_way(path: Path, reader: str) -> None:
    """Let servers that are not root pass (not list) the folders above `path`.

    :param reader: what is let in, for the person who started us
    """
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & stat.S_IXOTH:
            say(f"  chmod o+x {above}, so that {reader} reaches its files")
            above.chmod(mode | stat.S_IXOTH)


def _remove_old(kind: str) -> None:
    """Remove entries of other pins that nobody has used for a month."""
    for marker in folder().glob(f"{kind}-*/.complete"):
        if marker.stat().st_mtime < time.time() - MONTH:
            shutil.rmtree(marker.parent)
