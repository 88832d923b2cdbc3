"""Addresses: header values read, addresses compared, checked and written.

RFC 5322, 3.4 with its obsolete forms (4.4), RFC 6531/6532 for non-ASCII, RFC 5890 for
domains. Whatever stands in a header gives a result, in time linear in its length.
"""

from __future__ import annotations

from dataclasses import dataclass


MAX_ADDRESSES = 1_000
#: Characters of one header that are read.
MAX_HEADER = 262_144
#: Characters of one address (RFC 5321, 4.5.3.1.3) and of one name that are kept.
MAX_ADDRESS = 254
MAX_NAME = 255


@dataclass(frozen=True, slots=True)
class Address:
    """One address (RFC 5322, 3.4).

    :param display_name: decoded and cleaned, "" when there is none
    :param addr_spec: as written, "" when only a name stood there
    """

    display_name: str
    addr_spec: str
