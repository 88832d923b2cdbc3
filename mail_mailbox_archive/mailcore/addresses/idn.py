"""Domain names with letters beyond ASCII, as the wire has them and as people read them.

IDNA 2008 (RFC 5891) with the mapping of UTS 46, as browsers do it: "straße.de" is a
domain of its own, and not "strasse.de" as Python's codec of 2003 has it. Symbols that
UTS 46 lets pass and IDNA 2008 does not (there are such domains) go as they are.
"""

from __future__ import annotations

import idna

_PREFIX = "xn--"
_MAX_LABEL = 63


def to_ascii(domain: str) -> str:
    """Return ``domain`` as the wire has it, in lower case where it was not ASCII.

    :raises ValueError: it can be none
    """
    if domain.isascii():
        return domain
    # idna's tables are older than the Unicode that made ẞ a large ß
    domain = domain.lower()
    try:
        encoded: bytes = idna.encode(domain, uts46=True)
        return encoded.decode("ascii")
    except idna.InvalidCodepoint:
        mapped = idna.uts46_remap(domain, std3_rules=False)
        return ".".join(map(_encoded, mapped.split(".")))


def ascii_or_same(domain: str) -> str:
    """Return ``domain`` as the wire has it, unchanged when it can be none."""
    try:
        return to_ascii(domain)
    except ValueError:
        return domain


def to_unicode(domain: str) -> str:
    """Return ``domain`` with its encoded labels as they were meant to be read.

    What was encoded by other rules than ours stays as it is.
    """
    return ".".join(map(_decoded, domain.split(".")))


def _encoded(label: str) -> str:
    if label.isascii():
        return label
    encoded = _PREFIX + label.encode("punycode").decode("ascii")
    if len(encoded) > _MAX_LABEL:
        raise ValueError("label too long")
    return encoded


def _decoded(label: str) -> str:
    if not label.lower().startswith(_PREFIX):
        return label
    try:
        decoded = label[len(_PREFIX) :].encode("ascii").decode("punycode")
        return decoded if to_ascii(decoded) == label.lower() else label
    except ValueError:
        return label
