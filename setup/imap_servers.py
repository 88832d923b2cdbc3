"""Courier, Cyrus and GNU Mailutils for the tests, on ports and folders of their own.

Debian lets one IMAP server be installed, and that is Dovecot here: these are
unpacked into the cache.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from . import cache
from .beside import Beside

#: Gamin tells Courier of changes: without it each login waits six seconds for it.
PACKAGES = ("courier-imap", "gamin", "libgamin0", "cyrus-imapd", "cyrus-common")
PACKAGES += ("mailutils-imap4d",)
#: What must be in the folder.
PROGRAMS = ("usr/bin/imapd", "usr/lib/cyrus/bin/imapd", "usr/sbin/imap4d")
#: The tests read it: the folder that they are unpacked in.
ROOT = "IMAP_SERVERS"


def environment() -> Mapping[str, str]:
    """Where the servers are, for the tests; empty if they cannot be had here.

    :raises Failure: as :meth:`Beside.find`
    """
    given = bool(os.environ.get(ROOT))
    root = Beside(ROOT, "Courier, Cyrus and Mailutils", PACKAGES, PROGRAMS).find()
    if given or not root:
        return {}
    if os.getuid() == 0:
        cache.open_way(root, "Cyrus")
    return {ROOT: str(root)}
