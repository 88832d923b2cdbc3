"""Reaching a server: name, line, certificate, greeting.

No byte that proves who we are is written here: that needs a connection from
:func:`connect`, on which the certificate was verified first. STARTTLS is never
optional, and a server that greets us as known already is refused, since nobody can tell
who opened that line (RFC 3501, 11; RFC 8314).
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from imapclient import IMAPClient, SocketTimeout
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from ..addresses.idn import ascii_or_same
from ..connect.net_guard import NetGuard, tls_context
from ..errors import BadArgument, Unreachable
from .arguments import FORBIDDEN
from .faults import explain

#: Bytes of one line: some 1.5 million UIDs of a SEARCH.
MAX_LINE = 16 * 2**20
#: Bytes that a server may send before we log in.
MAX_PREFACE = 2**18

_LINE_END = re.compile(rb"[ \r]*\n$")
_BEGINNING = re.compile(rb"^(\S+) +([A-Za-z]+)")
_BARE_STATUS = re.compile(rb"^(\S+ (?:OK|NO|BAD))(\r?\n)$")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds.

    :param connect: until the line stands and the server greets
    :param read: of silence in the middle of an answer
    :param stall: of silence where a message is due, after which that one is the cause
    :param command: for one command with all its answers, apart from literals
    """

    connect: float = 15
    read: float = 60
    stall: float = 15
    command: float = 600


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a server, without what proves that it is ours.

    :param security: ``ssl`` (RFC 8314, 3.2), ``starttls`` (RFC 3501, 6.2.1) or ``none``
    :param verify_certificate: False keeps the encryption and checks nobody
    :param guard: which addresses may be reached
    """

    host: str
    port: int
    security: str
    login: str
    verify_certificate: bool = True
    timeouts: Timeouts = field(default_factory=Timeouts)
    guard: NetGuard = field(default_factory=NetGuard, repr=False, compare=False)

    @property
    def server_name(self) -> str:
        """The host, as DNS and certificates have it."""
        return ascii_or_same(self.host)

    def reach(self, seconds: float) -> socket.socket:
        """Return a line to the server, nothing sent yet; in clear only where allowed.

        :raises AddressRefused: it is none of the servers that may be reached
        :raises OSError: it cannot be reached
        """
        plain = self.security == "none"
        return self.guard.connect(self.host, self.port, seconds, plain=plain)


class _Limited(imaplib.IMAP4 if TYPE_CHECKING else object):  # type: ignore[misc]
    """imaplib's reading of greeting and capabilities, within bounds."""

    received = 0

    def readline(self) -> bytes:
        line = self.file.readline(MAX_PREFACE)
        self.received += len(line)
        if self.received > MAX_PREFACE:
            raise imaplib.IMAP4.abort("the greeting does not end")
        # imaplib gives up on small letters, two blanks, and a missing CR or text
        line = _LINE_END.sub(b"\r\n", line)
        line = _BEGINNING.sub(lambda match: b" ".join(match.groups()).upper(), line)
        return _BARE_STATUS.sub(rb"\1 \2", line)

    def read(self, size: int) -> bytes:
        raise imaplib.IMAP4.abort(f"a literal of {size} bytes before the login")

    def _get_capabilities(self) -> None:
        """Note what the server can do: all of it, in whatever lines and letters.

        imaplib looks at the last line alone, refuses who is of RFC 9051, and asks also
        where the greeting has told it.
        """
        if self._tls_established:
            # what was told in clear may be anybody's words
            self.untagged_responses.pop("CAPABILITY", None)
        lines = self.untagged_responses.pop("CAPABILITY", None)
        try:
            lines = lines or self.capability()[1]
        except self.abort:
            raise
        except self.error:
            lines = []  # refused: what cannot be known is not used
        told = b" ".join(line for line in lines if isinstance(line, bytes))
        words = told.decode("latin-1").upper().split()
        # whoever greets as a server of mail is tried
        self.capabilities = ("IMAP4REV1", *words)


class _PlainLine(_Limited, IMAP4WithTimeout):
    def __init__(self, account: Account) -> None:
        self._account = account
        super().__init__(account.server_name, account.port, account.timeouts.connect)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        return self._account.reach(self._account.timeouts.connect)


class _TlsLine(_Limited, IMAP4_TLS):
    def __init__(self, account: Account, context: ssl.SSLContext) -> None:
        self._account = account
        seconds = account.timeouts.connect
        super().__init__(account.server_name, account.port, context, seconds)

    def _create_socket(self, _timeout: float | None = None) -> socket.socket:
        line = self._account.reach(self._account.timeouts.connect)
        try:
            context: ssl.SSLContext = self.ssl_context
            return context.wrap_socket(line, server_hostname=self.host)
        except BaseException:
            line.close()
            raise


class _Client(IMAPClient):
    def __init__(self, account: Account, **options: object) -> None:
        self._account = account
        super().__init__(account.server_name, account.port, **options)

    def _create_IMAP4(self) -> imaplib.IMAP4:
        if self.ssl:
            return _TlsLine(self._account, self.ssl_context)
        return _PlainLine(self._account)


def connect(account: Account) -> IMAPClient:
    """Return a client that is connected, encrypted as asked, and not logged in.

    :raises Unreachable: with the code for what went wrong; ``AddressRefused`` before
        any connection
    :raises BadArgument: host or port cannot be any
    """
    _check(account)
    implicit = account.security == "ssl"
    context = tls_context(account.verify_certificate) if implicit else None
    timeouts = SocketTimeout(account.timeouts.connect, account.timeouts.connect)
    with _explained():
        try:
            client = _Client(
                account, ssl=implicit, ssl_context=context, timeout=timeouts
            )
        except TimeoutError:
            if not implicit and _speaks_tls(account):
                raise Unreachable("needs_tls") from None
            raise
    # imapclient sets 5, with which imaplib writes what passes into the log
    client._imap.debug = 0
    try:
        with _explained():
            _prepare(client, account)
    except Unreachable:
        hang_up(client)
        raise
    return client


def offered(client: IMAPClient) -> frozenset[str]:
    """Return the server's capabilities before the login, in capitals."""
    return frozenset(client._imap.capabilities)


def hang_up(client: IMAPClient) -> None:
    """Close the line, whatever state it is in."""
    # not imapclient's own: it would fill the log with a line for each poll
    with contextlib.suppress(OSError, imaplib.IMAP4.error):
        client._imap.shutdown()


def _check(account: Account) -> None:
    if FORBIDDEN.intersection(account.host):
        raise BadArgument("control_character", "host")
    if len(account.host) > 253 or not 0 < account.port < 65536:
        raise BadArgument("too_long", "host or port")
    if account.security not in ("ssl", "starttls", "none"):
        raise BadArgument("security", account.security)


def _prepare(client: IMAPClient, account: Account) -> None:
    if client.welcome.upper().startswith(b"* PREAUTH"):
        raise Unreachable("preauth", client.welcome)
    if account.security == "starttls":
        _start_tls(client, tls_context(account.verify_certificate))
    client.socket().settimeout(account.timeouts.read)


def _start_tls(client: IMAPClient, context: ssl.SSLContext) -> None:
    if "STARTTLS" not in offered(client):
        raise Unreachable("starttls_missing")
    before = client._imap.file
    client.starttls(context)
    # what somebody slipped in behind the OK, in clear, would be taken for the server's
    with contextlib.suppress(OSError, ValueError):
        if before.peek(1):
            raise Unreachable("protocol", "text in clear after STARTTLS")


def _speaks_tls(account: Account) -> bool:
    """Return whether a silent server waits for TLS; nothing of ours is sent to it."""
    with contextlib.suppress(OSError):
        with account.reach(min(account.timeouts.connect, 5)) as line:
            with tls_context(verified=False).wrap_socket(line):
                return True
    return False


@contextlib.contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except Unreachable:
        raise
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise explain(error) from error
