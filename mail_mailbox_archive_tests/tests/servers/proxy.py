"""A line that breaks: passes on what a server says, slowly, in bits, or not to its end.

Only what comes from the server is touched: what a client sends are a few short lines,
and a cut there looks the same from both ends.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from dataclasses import dataclass

from .listening import Listening, accepted

#: Closed with unsent data thrown away: the other end gets a reset.
_RESET = struct.pack("ii", 1, 0)
_PIECE = 65536


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a line.

    :param delay: seconds before each piece
    :param piece: bytes that are passed on at a time
    :param rate: bytes a second, 0 for as many as there are
    :param cut_after: bytes after which the line is cut, None = never
    :param reset: it is cut by a reset, not by an orderly end
    :param stall_after: bytes after which nothing more comes, the line staying open
    :param half_open: the server is gone by then, and the client does not know
    """

    delay: float = 0
    piece: int = _PIECE
    rate: int = 0
    cut_after: int | None = None
    reset: bool = False
    stall_after: int | None = None
    half_open: bool = False


SOUND = Trouble()


class Proxy(Listening):
    """A context manager that listens on :attr:`port` of loopback.

    :attr:`trouble` is that of the connections to come.
    """

    def __init__(self, target: int, trouble: Trouble = SOUND) -> None:
        super().__init__()
        self._target, self.trouble = target, trouble
        self._sockets: list[socket.socket] = []
        #: connections that were cut or stalled
        self.broken = 0

    def __enter__(self) -> Proxy:
        self._begin()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._hang_up()
        self.cut_all()
        self._join()

    def cut_all(self) -> None:
        """Cut the lines that stand."""
        for one in self._sockets:
            _end(one)
        self._sockets.clear()

    # each line in two threads, one for each direction
    def _accept(self) -> None:
        for client in accepted(self._listener):
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                client.close()
                continue
            for one in (client, server):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets = [one for one in self._sockets if one.fileno() >= 0]
            self._sockets += [client, server]
            self._start(self._ask, client, server)
            self._start(self._answer, server, client, self.trouble)

    def _ask(self, client: socket.socket, server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := client.recv(_PIECE):
                server.sendall(data)
        # also ends the other direction, whatever it waits for
        _end(server)
        client.close()

    def _answer(
        self, server: socket.socket, client: socket.socket, trouble: Trouble
    ) -> None:
        passed = 0
        with contextlib.suppress(OSError):
            while data := server.recv(_PIECE):
                passed = self._pass_on(data, passed, client, trouble)
                if passed < 0:
                    self.broken += 1
                    if trouble.half_open:
                        _end(server)
                    return
        _end(client)
        server.close()

    def _pass_on(self, data, passed, client, trouble) -> int:
        """Pass ``data`` on; return the bytes so far, -1 for the end of the line."""
        for start in range(0, len(data), trouble.piece):
            piece = data[start : start + trouble.piece]
            time.sleep(trouble.delay + len(piece) / (trouble.rate or 1e12))
            limits = (trouble.cut_after, trouble.stall_after)
            end = min((one for one in limits if one is not None), default=None)
            if end is not None and passed + len(piece) >= end:
                client.sendall(piece[: end - passed])
                if trouble.cut_after is not None:
                    self._cut(client, trouble)
                return -1
            client.sendall(piece)
            passed += len(piece)
        return passed

    def _cut(self, client, trouble) -> None:
        if trouble.reset:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            client.close()
        else:
            _end(client)


def _end(one: socket.socket) -> None:
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
