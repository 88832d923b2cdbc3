"""How a newsletter is unsubscribed from: List-Unsubscribe (RFC 2369, RFC 8058).

By one request to a web server, where the header says that it is enough, or by an email.
Any other web page is for people to look at, in a browser of theirs: it is not offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from ..addresses.address import is_valid
from ..text import unfold
from .node import Headers

#: Characters of the header and of one address in it, and addresses that are looked at.
LONGEST = 16_384
LONGEST_ADDRESS = 2_000
MOST = 10
#: Characters of what an email to unsubscribe says.
LONGEST_TEXT = 500

_BRACKETED = re.compile(r"<([^<>]*)>")
_BLANK = re.compile(r"\s+")
_PRINTED = re.compile(r"[!-\[\]-~]+")


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """A way out of a newsletter: ``url`` is posted to, else ``address`` is written to.

    :param host: of the URL as it is reached, with the port unless that is usual
    """

    url: str = ""
    host: str = ""
    address: str = ""
    subject: str = ""
    body: str = ""


def read_unsubscribe(headers: Headers) -> Unsubscribe | None:
    """Return how to unsubscribe by what the headers say, None where there is no way."""
    values = headers.get("list-unsubscribe", [])
    if not values:
        return None
    # of several fields the last ones may have been added by anybody
    found = _BRACKETED.findall(unfold(values[0][:LONGEST]))[:MOST]
    addresses = [_BLANK.sub("", one) for one in found]
    if _is_one_click(headers):
        for one in addresses:
            if parts := read_url(one):
                host = parts.hostname or ""
                port = f":{parts.port}" if parts.port not in (None, 443) else ""
                return Unsubscribe(url=one, host=host + port)
    return next(filter(None, map(_read_mailto, addresses)), None)


def read_url(text: str) -> SplitResult | None:
    """Return the parts of an https URL that may be posted to, None for any other."""
    if len(text) > LONGEST_ADDRESS or not _PRINTED.fullmatch(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    named = parts.hostname and "@" not in parts.netloc and port != 0
    return parts if parts.scheme == "https" and named else None


def _is_one_click(headers: Headers) -> bool:
    values = headers.get("list-unsubscribe-post", [])
    said = [_BLANK.sub("", unfold(value)).lower() for value in values]
    return said == ["list-unsubscribe=one-click"]


def _read_mailto(text: str) -> Unsubscribe | None:
    scheme, _colon, rest = text.partition(":")
    if scheme.lower() != "mailto" or len(text) > LONGEST_ADDRESS:
        return None
    recipient, _mark, query = rest.partition("?")
    address = unquote(recipient)
    if not is_valid(address):
        return None
    try:
        said = parse_qs(query, max_num_fields=MOST)
    except ValueError:
        said = {}
    # what else it asks for, copies and files above all, is nobody's wish
    values = {name.lower(): found[0] for name, found in said.items()}
    return Unsubscribe(
        address=address,
        subject=_BLANK.sub(" ", values.get("subject", ""))[:LONGEST_TEXT],
        body=values.get("body", "")[:LONGEST_TEXT],
    )
