"""Whether the UIDs that we hold still mean the messages that they meant.

UIDVALIDITY says so (RFC 3501, 2.3.1.1), but some servers give a UID to another message
without changing it: a bridge that forgot its numbers begins at 1 again. So the newest
messages of a folder are remembered by what is in their headers, and looked at once more
where the server has nothing better to tell a change by (RFC 7162).

A probe is text, ``uid:checksum`` for each message, so that it can be stored as it is.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Mapping

#: Messages that are remembered of a folder.
REMEMBERED = 3
#: Bytes of a header block that are looked at.
LOOKED_AT = 2**16

#: Fields that no server changes after it took a message in.
_FIELDS = re.compile(
    rb"^(?:message-id|date|from|to|subject)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", re.I | re.M
)


def checksum(source: bytes) -> int:
    """Return what a message is known by, from its source or its header block.

    0 where nothing in it tells.
    """
    header = source[:LOOKED_AT].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    fields = _FIELDS.findall(header)
    if not fields:
        return 0
    return zlib.crc32(b"\n".join(b" ".join(field.split()) for field in fields))


def read(probe: str) -> dict[int, int]:
    """Return a probe as UID → checksum; what is none of one is left out."""
    pairs = (part.partition(":") for part in probe.split())
    return {
        int(uid): int(known)
        for uid, _colon, known in pairs
        if uid.isdecimal() and known.isdecimal()
    }


def extend(probe: str, sources: Iterable[tuple[int, bytes]]) -> str:
    """Return ``probe`` with newer messages; only the newest are kept."""
    known = read(probe)
    newest = sorted(sources, reverse=True)[:REMEMBERED]
    known |= {uid: checksum(source) for uid, source in newest}
    kept = sorted((uid, value) for uid, value in known.items() if value)[-REMEMBERED:]
    return " ".join(f"{uid}:{value}" for uid, value in kept)


def differs(probe: str, sources: Mapping[int, bytes]) -> bool:
    """Return whether a UID means another message now; gone ones tell nothing."""
    known = read(probe)
    return any(
        checksum(source) != known[uid]
        for uid, source in sources.items()
        if uid in known
    )
