"""Courier, Cyrus and GNU Mailutils for the tests, on ports and folders of their own.

Debian lets one IMAP server be installed, and that is Dovecot here: these are
unpacked into the cache.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from pathlib import Path

from . import cache, debian
from .console import Failure, say

#: Gamin tells Courier of changes: without it each login waits six seconds for it.
PACKAGES = ("courier-imap", "gamin", "libgamin0", "cyrus-imapd", "cyrus-common")
PACKAGES += ("mailutils-imap4d",)
#: What must be in the folder.
PROGRAMS = ("usr/bin/imapd", "usr/lib/cyrus/bin/imapd", "usr/sbin/imap4d")
#: The tests read it: the folder that they are unpacked in.
ROOT = "IMAP_SERVERS"


def environment() -> Mapping[str, str]:
    """Where the servers are, for the tests; empty if they cannot be had here.

    The tests that need them are left out then, and that is said; but not by root in
    CI, where whatever is left out would go unnoticed.

    :raises Failure: they cannot be had, by root in CI; or ``IMAP_SERVERS`` is wrong
    """
    given = os.environ.get(ROOT)
    if given:
        if not all((Path(given) / program).exists() for program in PROGRAMS):
            raise Failure(f"{ROOT}: {' and '.join(PROGRAMS)} are not in {given}.")
        return {}
    try:
        root = cache.entry(
            f"imap-{cache.key(*PACKAGES, *_release(), platform.machine())}",
            lambda path: debian.unpack_beside(PACKAGES, path),
        )
    except Failure as failure:
        if os.environ.get("CI") and os.getuid() == 0:
            raise
        reason = str(failure).splitlines()[0]
        names = "Courier, Cyrus and Mailutils"
        say(f"  {names} are not tried, they cannot be had here: {reason}")
        return {}
    if os.getuid() == 0:
        cache.open_way(root, "Cyrus")
    return {ROOT: str(root)}


def _release() -> tuple[str, str]:
    """The machine's distribution and its version, whose libraries they need."""
    try:
        release = platform.freedesktop_os_release()
    except OSError as error:
        raise Failure("this is neither Debian nor Ubuntu") from error
    return release["ID"], release.get("VERSION_ID", "")
