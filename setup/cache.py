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

from .console import Failure

#: Seconds.
MONTH = 30 * 24 * 3600


#: Where root's cache is while root's home is closed: PostgreSQL does not run as root.
OPEN_CACHE = Path("/var/cache")


def _base() -> Path:
    if given := os.environ.get("XDG_CACHE_HOME"):
        return Path(given)
    base = Path.home() / ".cache"
    if os.getuid() == 0 and any(map(_is_closed, (base, *base.parents))):
        return OPEN_CACHE
    return base


def _is_closed(path: Path) -> bool:
    """Whether others may not pass the folder; one that is not there will be open."""
    return path.exists() and not path.stat().st_mode & stat.S_IXOTH


def folder() -> Path:
    """The cache folder, made if needed.

    ``$XDG_CACHE_HOME/mail_mailbox_archive``, by default in ``~/.cache``, for root
    whose home is closed to others in ``/var/cache``.
    """
    path = _base().resolve() / "mail_mailbox_archive"
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
    """Let servers that are not root pass (not list) our folders above `path`.

    :param reader: what is let in, for the person who started us
    :raises Failure: a folder that is not ours is closed; it stays as it is
    """
    for above in filter(_is_closed, path.parents):
        if not above.is_relative_to(folder()):
            raise Failure(
                f"{reader} runs as another user, to whom {above} is closed. Set "
                "XDG_CACHE_HOME to a folder that every user may pass through."
            )
        above.chmod(above.stat().st_mode | stat.S_IXOTH)


def _remove_old(kind: str) -> None:
    """Remove entries of other pins that nobody has used for a month."""
    for marker in folder().glob(f"{kind}-*/.complete"):
        if marker.stat().st_mtime < time.time() - MONTH:
            shutil.rmtree(marker.parent)
