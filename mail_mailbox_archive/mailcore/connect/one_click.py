"""The one request that unsubscribes from a newsletter (RFC 8058, 3.1).

Its address was written by a stranger. So nothing of the answer is read but its status,
no redirect is followed, nothing that tells who we are goes along, and it ends in time
whatever the other side does.
"""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import SplitResult

from ..errors import Unreachable
from .net_guard import PORTS, AddressRefused, NetGuard, tls_context

BODY = b"List-Unsubscribe=One-Click"
#: Seconds for all of it, and addresses of a host that are tried.
SECONDS = 10
TRIED = 2
#: Bytes in which the status of an answer stands.
STATUS_WITHIN = 1024

_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)\b")
#: Where mail servers listen, which take what they are sent for commands.
_MAIL = PORTS - {80, 443}


def post_one_click(
    guard: NetGuard, parts: SplitResult, seconds: float = SECONDS
) -> int:
    """Ask to be unsubscribed; return the status of the answer.

    :param parts: of an https URL, as ``read_url`` returns them
    :raises AddressRefused: before any connection
    :raises Unreachable: nobody answers as a web server does
    """
    host, port = parts.hostname or "", parts.port or 443
    if port in _MAIL:
        raise AddressRefused("port_refused")
    try:
        line = guard.connect(host, port, seconds / TRIED, most=TRIED)
        with (
            line,
            tls_context(True).wrap_socket(
                line, server_hostname=host, do_handshake_on_connect=False
            ) as tls,
            _cut_off(tls, seconds),
        ):
            tls.settimeout(seconds)
            tls.do_handshake()
            tls.sendall(_request(parts))
            return _read_status(tls)
    except ssl.SSLCertVerificationError as error:
        raise Unreachable("certificate", error.verify_message) from error
    except TimeoutError as error:
        raise Unreachable("timeout") from error
    except (OSError, ValueError) as error:
        raise Unreachable("closed", type(error).__name__) from error


def _request(parts: SplitResult) -> bytes:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = (
        f"POST {path} HTTP/1.1",
        f"Host: {parts.netloc}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(BODY)}",
        "Connection: close",
    )
    return "".join(f"{line}\r\n" for line in (*lines, "")).encode("ascii") + BODY


def _read_status(tls: ssl.SSLSocket) -> int:
    answer = b""
    while b"\n" not in answer and len(answer) < STATUS_WITHIN:
        piece = tls.recv(STATUS_WITHIN - len(answer))
        if not piece:
            break
        answer += piece
    status = _STATUS.match(answer)
    if not status:
        raise Unreachable("protocol", "no answer of a web server")
    return int(status[1])


@contextmanager
def _cut_off(tls: ssl.SSLSocket, seconds: float) -> Iterator[None]:
    """Break the line after so many seconds: a timeout begins anew with each byte."""

    def cut() -> None:
        with suppress(OSError):
            # past TLS, whose state is the other thread's
            socket.socket.shutdown(tls, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
