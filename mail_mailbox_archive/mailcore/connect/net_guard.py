"""Which addresses may be reached: every connection that a user's setting causes.

A name is resolved once, all that it resolves to is checked, and the line goes to an
address that was checked: a name that leads elsewhere a moment later (DNS rebinding)
changes nothing. Inside is reachable only what odoo.conf lists.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from typing import Any, ClassVar

from ..addresses.idn import ascii_or_same
from ..errors import Unreachable

#: IMAP, SMTP submission, and the web's.
PORTS = frozenset({25, 80, 143, 443, 465, 587, 993, 2525})
#: IPv4 that is not the public Internet (RFC 6890 and IANA's registry), and one public
#: address under which Azure serves its virtual machines their secrets.
_INSIDE_4 = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12"
    " 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16 198.18.0.0/15"
    " 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32"
)
#: The one block of IPv6 that is handed out as public (RFC 4291, 2.4). Outside of it are
#: ::1, mapped and compatible IPv4, NAT64, fc00::/7, fe80::/10 and multicast.
_PUBLIC_6 = ipaddress.IPv6Network("2000::/3")
#: Within that block: protocol assignments with Teredo, documentation, 6to4.
_INSIDE_6 = "2001::/23 2001:db8::/32 2002::/16 3fff::/20"
#: Interface identifiers of ISATAP, which carry an IPv4 address (RFC 5214, 6.1).
_ISATAP = (b"\0\0\x5e\xfe", b"\2\0\x5e\xfe")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_NOT_PUBLIC: tuple[Network, ...] = tuple(
    ipaddress.ip_network(text) for text in f"{_INSIDE_4} {_INSIDE_6}".split()
)


class AddressRefused(Unreachable):
    """Nothing was connected to: the address or port is not one for users to reach."""

    codes: ClassVar[tuple[str, ...]] = (
        "address_refused",
        "port_refused",
        "plain_refused",
    )


def is_public(address: Address) -> bool:
    """Return whether ``address`` is an ordinary one of the public Internet."""
    if address.version == 6:
        if address not in _PUBLIC_6 or address.packed[8:12] in _ISATAP:
            return False
    return not any(
        address in net for net in _NOT_PUBLIC if net.version == address.version
    )


@lru_cache(maxsize=16)
def read_networks(text: str) -> tuple[Network, ...]:
    """Return the networks listed in ``text``, separated by commas or blanks.

    :raises ValueError: one of them is none
    """
    return tuple(ipaddress.ip_network(word) for word in text.replace(",", " ").split())


@lru_cache(maxsize=16)
def read_ports(text: str) -> frozenset[int]:
    """Return the ports listed in ``text``, separated by commas or blanks.

    :raises ValueError: one of them is none
    """
    ports = frozenset(int(word) for word in text.replace(",", " ").split())
    if any(not 0 < port < 65536 for port in ports):
        raise ValueError(text)
    return ports


class NetGuard:
    """Connects to public addresses, and to those of the ranges that are allowed.

    :param allowed: what is reachable besides
    :param ports: those of public servers; None for any
    :param allowed_ports: those of what is allowed besides; None for any, as always on
        this machine itself: bridges and tests listen where they please
    :param resolve: as ``socket.getaddrinfo``
    :param dial: takes family, sockaddr and seconds, returns a connected socket
    """

    def __init__(
        self,
        allowed: Iterable[Network | str] = (),
        ports: Collection[int] | None = PORTS,
        allowed_ports: Collection[int] | None = None,
        resolve: Callable[..., list[Any]] = socket.getaddrinfo,
        dial: Callable[[int, Any, float | None], socket.socket] | None = None,
    ) -> None:
        self._allowed = tuple(ipaddress.ip_network(network) for network in allowed)
        self._ports = ports
        self._allowed_ports = allowed_ports
        self._resolve = resolve
        self._dial = dial or _dial

    @property
    def allows_inside(self) -> bool:
        """Return whether any range is allowed besides public addresses."""
        return bool(self._allowed)

    def connect(
        self,
        host: str,
        port: int,
        timeout: float | None,
        *,
        plain: bool = False,
        most: int | None = None,
    ) -> socket.socket:
        """Return a socket connected to ``host``, at an address that was checked.

        :param timeout: seconds for each address; the socket keeps it
        :param plain: what proves who we are will cross the line in clear, so only the
            allowed ranges will do
        :param most: addresses that are tried; None for all
        :raises AddressRefused: before any connection
        :raises OSError: the name or the server cannot be reached
        """
        error: OSError = OSError("no address")
        for family, sockaddr in self.check(host, port, plain=plain)[:most]:
            try:
                return self._dial(family, sockaddr, timeout)
            except OSError as failed:
                error = failed
        raise error

    def check(
        self, host: str, port: int, *, plain: bool = False
    ) -> list[tuple[int, Any]]:
        """Return family and sockaddr of each address of ``host``, all of them allowed.

        :raises AddressRefused: one of them is not, or the port is not
        :raises OSError: the name does not resolve
        """
        usual = self._ports is None or port in self._ports
        if not (usual or self._allowed):
            raise AddressRefused("port_refused")
        if plain and not self._allowed:
            raise AddressRefused("plain_refused")
        resolved = self._resolve(ascii_or_same(host), port, type=socket.SOCK_STREAM)
        for *_, sockaddr in resolved:
            self._check_address(str(sockaddr[0]), port, plain)
        return [(family, sockaddr) for family, *_, sockaddr in resolved]

    def _check_address(self, text: str, port: int, plain: bool) -> None:
        # a zone (fe80::1%eth0) is not part of the address
        address = ipaddress.ip_address(text.partition("%")[0])
        allowed = any(address in net for net in self._allowed)
        if not (allowed or is_public(address)):
            raise AddressRefused("address_refused")
        if plain and not allowed:
            raise AddressRefused("plain_refused")
        ports = self._allowed_ports if allowed else self._ports
        here = allowed and address.is_loopback
        if not (here or ports is None or port in ports):
            raise AddressRefused("port_refused")


class ClosedGuard(NetGuard):
    """Reaches nobody: what a copy of a database has."""

    def check(
        self, host: str, port: int, *, plain: bool = False
    ) -> list[tuple[int, Any]]:
        """Refuse.

        :raises AddressRefused: always
        """
        raise AddressRefused("copy")


def _dial(family: int, sockaddr: Any, timeout: float | None) -> socket.socket:
    line = socket.socket(family, socket.SOCK_STREAM)
    try:
        line.settimeout(timeout)
        line.connect(sockaddr)
    except BaseException:
        line.close()
        raise
    return line


def tls_context(verified: bool) -> ssl.SSLContext:
    """Return a context of TLS 1.2 or later.

    :param verified: whether the server's certificate must be valid
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
