"""Servers from packages that serve one line each: somebody else accepts for them."""

from __future__ import annotations

import contextlib
import socket
import threading

from .listening import accepted
from .packaged import Packaged


class Accepting(Packaged):
    """A server whose program is started for each line that is accepted here."""

    def __init__(self) -> None:
        super().__init__()
        #: Held while processes are begun and ended.
        self._lock = threading.Lock()
        self._listener: socket.socket | None = None

    def _listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _stop(self) -> None:
        if self._listener:
            # shut down first: closing alone does not wake the one who accepts
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
        with self._lock:
            super()._stop()

    def _accept(self) -> None:
        for line in accepted(self._listener):
            threading.Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        """Serve one line to its end."""
        raise NotImplementedError
