"""The web server before Odoo: one port, from which the bus's sockets go to its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading

PATIENCE = 10
_PIECE = 65536


class Front:
    """A context manager that listens on :attr:`port` of loopback.

    :param pages: port of the workers
    :param sockets: port of the process that holds the bus's sockets
    """

    def __init__(self, pages: int, sockets: int) -> None:
        self._pages, self._sockets, self.port = pages, sockets, 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Front:
        self._thread.start()
        started = asyncio.start_server(self._serve, "127.0.0.1", 0)
        server = asyncio.run_coroutine_threadsafe(started, self._loop).result(PATIENCE)
        self.port = server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _stop(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader, writer) -> None:
        # a browser opens a connection of its own for a socket
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\n")
            port = self._sockets if b" /websocket" in head else self._pages
            behind, to = await asyncio.open_connection("127.0.0.1", port)
            to.write(head)
            await asyncio.gather(_pass_on(reader, to), _pass_on(behind, writer))
        writer.close()


async def _pass_on(reader, writer) -> None:
    with contextlib.suppress(OSError):
        while piece := await reader.read(_PIECE):
            writer.write(piece)
            await writer.drain()
    # the other end hears that this one has nothing more to say
    writer.close()
