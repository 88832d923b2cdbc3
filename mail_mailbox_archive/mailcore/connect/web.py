"""HTTP for what we ask of others: through the guard, nothing of the environment.

Without encryption only the allowed ranges of the guard are spoken to. Redirects are not
followed: each would be another address that nobody chose.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from ..errors import Unreachable
from .net_guard import NetGuard

#: Seconds for the line and for each answer.
SECONDS = 10


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a request, its body within the bounds that were asked for."""

    status: int
    body: bytes


class GuardedAdapter(HTTPAdapter):
    """The way of ``requests`` to a server, by a guard.

    :param seconds: for a request that names no other time
    """

    def __init__(self, guard: NetGuard, seconds: float = SECONDS) -> None:
        self._guard, self._seconds = guard, seconds
        super().__init__(max_retries=0)

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        """Have the pool make connections of the guard."""
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self._guard)

    def send(self, request: Any, **options: Any) -> requests.Response:
        """Send ``request``; it never waits for ever."""
        options["timeout"] = options.get("timeout") or self._seconds
        return super().send(request, **options)


def guard_session(session: requests.Session, guard: NetGuard) -> None:
    """Have ``session`` reach others by ``guard`` only, without the environment."""
    session.trust_env = False
    session.mount("https://", GuardedAdapter(guard))
    session.mount("http://", GuardedAdapter(guard))


def fetch(guard: NetGuard, url: str, limit: int = 2**16, seconds: float = 5) -> Page:
    """Return what is at ``url``.

    :param limit: bytes that it may have
    :param seconds: for all of it
    :raises Unreachable: nobody answers, too slowly or too much
    """
    end = time.monotonic() + seconds
    with requests.Session() as session:
        guard_session(session, guard)
        try:
            return _read(session, url, limit, end)
        except (requests.RequestException, OSError, ValueError) as error:
            raise Unreachable("closed", type(error).__name__) from error


def _read(session: requests.Session, url: str, limit: int, end: float) -> Page:
    left = end - time.monotonic()
    body = bytearray()
    options = {"allow_redirects": False, "stream": True, "timeout": left}
    with session.get(url, **options) as response:
        # byte by byte, as a larger piece is waited for however slowly it drips
        for piece in response.iter_content(1):
            body += piece
            if len(body) > limit:
                raise Unreachable("protocol", "the answer is too long")
            if time.monotonic() > end:
                raise Unreachable("timeout")
        return Page(response.status_code, bytes(body))


def _pools(guard: NetGuard) -> dict[str, type[HTTPConnectionPool]]:
    def dial(connection: HTTPConnection, plain: bool) -> Any:
        host = connection.host.strip("[]")
        return guard.connect(host, connection.port, connection.timeout, plain=plain)

    class Plain(HTTPConnection):
        def _new_conn(self) -> Any:
            return dial(self, plain=True)

    class Tls(HTTPSConnection):
        def _new_conn(self) -> Any:
            return dial(self, plain=False)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = Tls

    return {"http": PlainPool, "https": TlsPool}
