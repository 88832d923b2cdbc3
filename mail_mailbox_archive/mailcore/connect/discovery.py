"""Settings found from an address alone: each source asked in turn, the best first.

Nothing that is secret is sent to any of them, and none of the servers that they name is
connected to: that waits until a person has confirmed the host.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.resolver

from ..addresses.address import is_valid, normalise
from ..addresses.domains import organisation
from ..errors import MailCoreError
from . import discovery_presets as presets
from .discovery_xml import MAX_SIZE, Server, Settings, is_host, read_config
from .net_guard import NetGuard
from .web import fetch

#: Thunderbird's database of providers.
DATABASE = "https://autoconfig.thunderbird.net/v1.1/"
#: Seconds for one source.
SECONDS = 5
#: Services to look up (RFC 6186, 3; RFC 8314, 5.1), and how they are encrypted.
_IMAP = (("_imaps._tcp", "ssl"), ("_imap._tcp", "starttls"))
_SMTP = (("_submissions._tcp", "ssl"), ("_submission._tcp", "starttls"))


@dataclass(frozen=True, slots=True)
class Fetchers:
    """How the sources are asked; each answers nothing when there is nothing.

    :param page: the body at an address
    :param services: (host, port) of a service's name, best first (RFC 2782)
    :param mail_servers: hosts that take the mail of a domain, best first
    :param exists: whether a host has an address that may be connected to
    """

    page: Callable[[str], bytes]
    services: Callable[[str], Sequence[tuple[str, int]]]
    mail_servers: Callable[[str], Sequence[str]]
    exists: Callable[[str], bool]


def discover(address: str, fetchers: Fetchers) -> Settings | None:
    """Return the settings for ``address`` of the first source that knows any."""
    address = normalise(address)
    domain = address.rpartition("@")[2]
    if not is_valid(address) or not is_host(domain):
        return None
    return next(_found(address, domain, fetchers), None)


def _found(address: str, domain: str, fetchers: Fetchers) -> Iterator[Settings]:
    known = presets.by_domain(address)
    if known:
        yield known
    for source, url in (
        ("autoconfig", f"https://autoconfig.{domain}/mail/config-v1.1.xml"),
        ("autoconfig", f"https://{domain}/.well-known/autoconfig/mail/config-v1.1.xml"),
        ("database", DATABASE + domain),
    ):
        yield from _of_page(address, source, url, fetchers)
    yield from _of_services(address, domain, fetchers)
    hosts = [host for host in fetchers.mail_servers(domain) if is_host(host)]
    known = presets.by_mail_server(address, hosts)
    if known:
        yield known
    for above in dict.fromkeys(map(organisation, hosts[:3])):
        if above and above != domain:
            yield from _of_page(address, "database", DATABASE + above, fetchers)
    yield from _guessed(address, domain, fetchers)


def _of_page(
    address: str, source: str, url: str, fetchers: Fetchers
) -> Iterator[Settings]:
    with contextlib.suppress(ValueError):
        imap, smtp = read_config(fetchers.page(url), address)
        if imap:
            yield Settings(imap, smtp, source, url)


def _of_services(address: str, domain: str, fetchers: Fetchers) -> Iterator[Settings]:
    def servers(names: Sequence[tuple[str, str]]) -> tuple[Server, ...]:
        return tuple(
            Server(host, port, security, address)
            for name, security in names
            for host, port in fetchers.services(f"{name}.{domain}")
            # a dot alone: the service is not there (RFC 2782)
            if is_host(host) and 0 < port < 65536
        )

    imap = servers(_IMAP)
    if imap:
        yield Settings(imap, servers(_SMTP), "services", domain)


def _guessed(address: str, domain: str, fetchers: Fetchers) -> Iterator[Settings]:
    def first(*names: str) -> str:
        hosts = (f"{name}.{domain}" for name in names)
        return next(filter(fetchers.exists, hosts), "")

    imap, smtp = first("imap", "mail"), first("smtp", "mail")
    if imap:
        sending = (Server(smtp, 465, "ssl", address),) if smtp else ()
        receiving = (Server(imap, 993, "ssl", address),)
        yield Settings(receiving, sending, "guess", imap)


def make_fetchers(guard: NetGuard) -> Fetchers:
    """Return the fetchers that ask the network."""

    def page(url: str) -> bytes:
        try:
            answer = fetch(guard, url, MAX_SIZE, SECONDS)
        except MailCoreError:
            return b""
        return answer.body if answer.status == 200 else b""

    def services(name: str) -> list[tuple[str, int]]:
        records = sorted(_ask(name, "SRV"), key=lambda r: (r.priority, -r.weight))
        return [(_name(record.target), record.port) for record in records]

    def mail_servers(domain: str) -> list[str]:
        records = sorted(_ask(domain, "MX"), key=lambda record: record.preference)
        return [_name(record.exchange) for record in records]

    def exists(host: str) -> bool:
        try:
            return bool(guard.check(host, 993))
        except (OSError, MailCoreError, UnicodeError):
            return False

    return Fetchers(page, services, mail_servers, exists)


def _ask(name: str, kind: str) -> list[Any]:
    try:
        return list(dns.resolver.resolve(name, kind, lifetime=SECONDS))
    except (dns.exception.DNSException, OSError):
        return []


def _name(target: object) -> str:
    return str(target).rstrip(".").lower()
