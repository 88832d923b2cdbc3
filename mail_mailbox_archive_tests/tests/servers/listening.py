"""A server of ours on loopback: it accepts lines, and does its work in threads."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

#: Seconds for each thread to end.
PATIENCE = 10


def accepted(listener: socket.socket) -> Iterator[socket.socket]:
    """Yield the lines that are accepted, until the listener is shut down."""
    while True:
        try:
            line, _address = listener.accept()
        except OSError:
            return
        yield line


class Listening:
    """Listens on :attr:`port` of loopback from the beginning; :meth:`_begin` accepts.

    :ivar port: where
    """

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._threads: list[threading.Thread] = []

    def _begin(self) -> None:
        self._start(self._accept)

    def _hang_up(self) -> None:
        """Accept no more; what was accepted goes on."""
        # shut down first: closing alone does not wake the one who accepts
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _join(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)

    def _start(self, target: Callable[..., None], *arguments: object) -> None:
        self._threads = [one for one in self._threads if one.is_alive()]
        thread = threading.Thread(target=target, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        for line in accepted(self._listener):
            self._start(self._serve, line)

    def _serve(self, line: socket.socket) -> None:
        """Serve one line to its end, in a thread of its own."""
        raise NotImplementedError
