"""Which of its addresses a mailbox was written to: in the open, or by its delivery."""

from __future__ import annotations

from collections.abc import Collection

from ..addresses.address import normalise, parse_addresses
from ..addresses.sender_claim import without_tag
from .fields import addresses
from .node import Headers

#: Where a server says for whom it delivered (RFC 9228 for the last), the nearest to
#: what was written first: the others may be what an alias was expanded to.
DELIVERED = ("x-original-to", "x-envelope-to", "envelope-to", "delivered-to")


def written_to(headers: Headers, own: Collection[str], main: str = "") -> str:
    """Return the address among ``own`` that a message was written to, "" for none.

    An address in To or Cc counts before those of the delivery, which a blind copy has
    alone; there an alias counts before ``main``, to which it may have been expanded.

    :param own: addresses in their normal form
    """
    for name in ("to", "cc"):
        for one in addresses(headers, name):
            if found := _find(one.addr_spec, own):
                return found
    delivered = [
        found
        for name in DELIVERED
        for value in headers.get(name, ())
        for one in parse_addresses(value)
        if (found := _find(one.addr_spec, own))
    ]
    return next((one for one in delivered if one != main), "") or (
        main if main in delivered else ""
    )


def _find(addr_spec: str, own: Collection[str]) -> str:
    form = normalise(addr_spec)
    return next((one for one in (form, without_tag(form)) if one in own), "")
