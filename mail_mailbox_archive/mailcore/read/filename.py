"""Names for files that people download: labels, never paths."""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections.abc import Iterable

#: Bytes of UTF-8 that every common file system takes.
MAX_BYTES = 150

_UNSAFE = re.compile(r'[\\/:*?"<>|]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


def download_name(name: str, mimetype: str = "", fallback: str = "attachment") -> str:
    """Return a name to save a file under, made from the one a sender gave it.

    Without separators, control and direction characters and names that Windows
    reserves; at most 150 bytes, its extension kept.
    """
    name = "".join(c for c in name if unicodedata.category(c)[0] != "C")
    name = _UNSAFE.sub("_", name).strip(" .")
    if not name:
        name = fallback + (mimetypes.guess_extension(mimetype) or "")
    if _RESERVED.match(name):
        name = "_" + name
    return _shorten(name)


def _shorten(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension.encode()) > 20:
        stem, dot, extension = name, "", ""
    room = MAX_BYTES - len((dot + extension).encode())
    return stem.encode()[:room].decode("utf-8", "ignore") + dot + extension


def unique_names(names: Iterable[str]) -> list[str]:
    """Return ``names`` in order, those that came before numbered, in any case of
    letters: ``a.txt``, ``A (2).txt``."""
    taken: set[str] = set()
    unique = []
    for name in names:
        stem, dot, extension = name.rpartition(".")
        if not stem:
            stem, dot, extension = name, "", ""
        free, number = name, 1
        while free.casefold() in taken:
            number += 1
            free = f"{stem} ({number}){dot}{extension}"
        taken.add(free.casefold())
        unique.append(free)
    return unique
