"""Who a server says a message is from: its Authentication-Results (RFC 8601).

Anybody can write such a field. What counts is the topmost one that bears the name of a
server one trusts: that server removes those which others wrote in its name (RFC 8601,
section 5) and puts its own above whatever came with the message.
"""

from __future__ import annotations

import re

from ..addresses.address import normalise, parse_addresses
from ..addresses.domains import domain_of, is_related
from ..errors import Unreadable
from ..text import unfold
from .structure import read_headers

#: Characters of one field that are read.
MAX_FIELD = 8_192

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\\.|[();]|[^"\\();]+|["\\]', re.S)
_RESULT = re.compile(r"\s*dmarc\s*=\s*([a-z]+)(?=\s|$)", re.I)
_FROM = re.compile(r"(?:^|\s)header\.from\s*=\s*([^\s;]+)", re.I)


def authenticated_sender(source: bytes, server: str) -> str:
    """Return the address that ``server`` vouches for by DMARC, "" when it does not.

    :param server: the name (authserv-id) of the server whose word is taken
    """
    try:
        headers = read_headers(source)[0].headers
    except Unreadable:
        return ""
    senders = parse_addresses(", ".join(headers.get("from", [])))
    # of several senders one alone would be vouched for
    if len(headers.get("from", [])) != 1 or len(senders) != 1 or not server:
        return ""
    for value in headers.get("authentication-results", []):
        name, *results = _split(value)
        if name.partition(" ")[0].lower() == server.strip().lower():
            passed = _passes(results, domain_of(senders[0].addr_spec))
            return normalise(senders[0].addr_spec) if passed else ""
    return ""


def _passes(results: list[str], domain: str) -> bool:
    """Return whether every DMARC result says that a message is of ``domain``."""
    found = [(match, one) for one in results if (match := _RESULT.match(one))]
    return bool(found and domain) and all(
        match[1].lower() == "pass" and _is_about(one, domain) for match, one in found
    )


def _is_about(result: str, domain: str) -> bool:
    about = _FROM.search(result)
    # an address's domain alone, or the whole of it
    name = about[1].rpartition("@")[2].strip('"').lower() if about else domain
    return is_related(domain, name)


def _split(value: str) -> list[str]:
    """Return the name of the server and its results, without comments."""
    parts, depth = [""], 0
    for token in _TOKEN.findall(unfold(value)[:MAX_FIELD]):
        if token == "(":
            depth += 1
        elif token == ")":
            depth = max(0, depth - 1)
        elif not depth and token == ";":
            parts.append("")
        elif not depth:
            parts[-1] += token
    return [part.strip() for part in parts]
