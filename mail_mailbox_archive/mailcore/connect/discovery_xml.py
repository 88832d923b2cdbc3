"""Reading autoconfig documents (config-v1.1), which strangers write.

No entity is resolved, no document type accepted and nothing loaded, so that a document
of a few lines neither grows nor reads our files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

#: Bytes that a document may have.
MAX_SIZE = 2**16
#: Servers of a kind that are looked at.
MAX_SERVERS = 8

_HOST = re.compile(r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,62})\.)+[a-z0-9-]{2,63}$")
_SECURITY = {"ssl": "ssl", "starttls": "starttls"}


@dataclass(frozen=True, slots=True)
class Server:
    """A server of a mail provider, always with encryption.

    :param security: ``ssl`` or ``starttls``
    :param login: the name to sign in with
    :param oauth: whether one signs in there by OAuth
    """

    host: str
    port: int
    security: str
    login: str
    oauth: bool = False
    password: bool = True


@dataclass(frozen=True, slots=True)
class Settings:
    """What was found for an address; best first.

    :param source: which of the sources said so
    :param where: its address, or what it went by
    """

    imap: tuple[Server, ...]
    smtp: tuple[Server, ...]
    source: str
    where: str


def is_host(text: str) -> bool:
    """Return whether ``text`` is the full name of a host."""
    return bool(_HOST.match(text))


def read_config(
    raw: bytes, address: str
) -> tuple[tuple[Server, ...], tuple[Server, ...]]:
    """Return the IMAP and the SMTP servers for ``address``.

    :raises ValueError: it is not such a document, or not safe to parse
    """
    if len(raw) > MAX_SIZE:
        raise ValueError("too long")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(raw, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError("not well-formed") from error
    if root.getroottree().docinfo.doctype:
        raise ValueError("a document type")
    if root.tag != "clientConfig":
        raise ValueError("no clientConfig")
    incoming = root.iterfind("emailProvider/incomingServer[@type='imap']")
    outgoing = root.iterfind("emailProvider/outgoingServer[@type='smtp']")
    return (
        tuple(_servers(incoming, address))[:MAX_SERVERS],
        tuple(_servers(outgoing, address))[:MAX_SERVERS],
    )


def _servers(elements: Iterator[etree._Element], address: str) -> Iterator[Server]:
    for element in elements:
        host = _fill(element.findtext("hostname"), address).lower()
        port = _fill(element.findtext("port"), address)
        security = _SECURITY.get((element.findtext("socketType") or "").strip().lower())
        if not (security and is_host(host) and re.fullmatch(r"\d{1,5}", port)):
            continue  # without encryption as well: the password would go in clear
        if not 0 < int(port) < 65536:
            continue
        ways = {(one.text or "").strip() for one in element.iterfind("authentication")}
        yield Server(
            host,
            int(port),
            security,
            _fill(element.findtext("username"), address) or address,
            "OAuth2" in ways,
            # documents without the element mean a password
            bool(ways - {"OAuth2"}) or not ways,
        )


def _fill(text: str | None, address: str) -> str:
    """Return ``text`` with the variables of the format filled in."""
    local, _, domain = address.rpartition("@")
    text = (text or "").strip()
    # two documents of Thunderbird's own forget the last sign
    for name, value in (
        ("EMAILADDRESS", address),
        ("EMAILLOCALPART", local),
        ("EMAILDOMAIN", domain),
    ):
        # no template: an address may hold backslashes
        text = re.sub(f"%{name}%?", value.replace("\\", r"\\"), text)
    return "".join(character for character in text if character.isprintable())
