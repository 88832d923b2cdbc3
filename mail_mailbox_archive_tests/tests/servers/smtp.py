"""A real SMTP server, aiosmtpd's, that says on command what a test wants to hear."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from aiosmtpd import smtp

from .certificates import HOST, Certificate
from .scripted import server_context

PASSWORD = "s3cret-word"
TOKEN = "s3cret-token"
#: Instead of a reply: say nothing more, or break the line.
HANG = "hang"
CUT = "cut"
MECHANISMS = frozenset({"PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"})
PATIENCE = 10


@dataclass(frozen=True)
class Received:
    """A message as the server got it.

    :param source: without the doubled dots
    """

    mail_from: str
    rcpt_to: tuple[str, ...]
    source: bytes


@dataclass
class SmtpServer:
    """A context manager: listens on a loopback port from entry to exit.

    :param security: ``none``, ``starttls`` (offered) or ``ssl``
    :param users: password or token by login; nobody needs to log in when empty
    :param replies: what to answer instead of the usual, by command: ``"MAIL"``,
        ``"RCPT"``, ``"RCPT bad@example.com"``, ``"DATA"``, ``"."`` (after the message),
        ``"AUTH"``, ``"EHLO"``, ``"RSET"``, ``"NOOP"``; a reply line, ``HANG`` or
        ``CUT``, or a list of these for one time after the other, "" being the usual
    :param size: bytes that the server says it takes
    """

    security: str = "none"
    certificate: Certificate | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    replies: dict[str, str | list[str]] = field(default_factory=dict)
    mechanisms: Iterable[str] = MECHANISMS
    size: int = 33_554_432
    host: str = HOST
    port: int = 0

    def __post_init__(self) -> None:
        self.received: list[Received] = []
        self.commands: list[str] = []
        #: each connection's bytes from the client, decrypted
        self.wires: list[bytearray] = []
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    @property
    def connections(self) -> int:
        return len(self.wires)

    @property
    def wire(self) -> bytes:
        """All that clients sent, decrypted."""
        return b"".join(bytes(one) for one in self.wires)

    def __enter__(self) -> SmtpServer:
        self._thread.start()
        started = asyncio.run_coroutine_threadsafe(self._listen(), self._loop)
        self.port = started.result(PATIENCE)
        return self

    def __exit__(self, *_exception: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(PATIENCE)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(PATIENCE)
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _listen(self) -> int:
        tls = server_context(self.certificate) if self.certificate else None
        self._server = await self._loop.create_server(
            lambda: _Protocol(self, tls if self.security == "starttls" else None),
            "127.0.0.1",
            self.port,
            ssl=tls if self.security == "ssl" else None,
        )
        return self._server.sockets[0].getsockname()[1]

    async def _stop(self) -> None:
        self._server.close()
        mine = asyncio.current_task()
        others = [task for task in asyncio.all_tasks() if task is not mine]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def reply(self, *names: str) -> str:
        """Return what to answer instead of the usual, "" for the usual."""
        for name in names:
            reply = self.replies.get(name)
            if isinstance(reply, list):
                return reply.pop(0) if reply else ""
            if reply:
                return reply
        return ""


class _Protocol(smtp.SMTP):
    command_size_limit = 8192

    def __init__(self, server: SmtpServer, tls) -> None:
        self._server = server
        self._wire = bytearray()
        super().__init__(
            _Handler(),
            hostname="smtp.example.com",
            ident="ready",
            tls_context=tls,
            data_size_limit=server.size,
            auth_required=bool(server.users) and bool(tls),
            auth_require_tls=bool(tls),
            auth_exclude_mechanism=MECHANISMS - frozenset(server.mechanisms),
            authenticator=self._check,
            loop=asyncio.get_running_loop(),
        )
        self.event_handler.protocol = self

    def connection_made(self, transport) -> None:
        # a second time after STARTTLS
        if self._wire not in self._server.wires or not self._wire:
            self._server.wires.append(self._wire)
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        self._wire += data
        super().data_received(data)

    def _check(
        self, _server, _session, _envelope, _mechanism, login
    ) -> smtp.AuthResult:
        known = self._server.users.get(login.login.decode())
        right = known is not None and known == login.password.decode()
        return smtp.AuthResult(success=right, handled=False)

    async def auth_XOAUTH2(self, _server, args) -> smtp.AuthResult:
        return await self._bearer(args, login_field="user=")

    async def auth_OAUTHBEARER(self, _server, args) -> smtp.AuthResult:
        return await self._bearer(args, login_field="n,a=")

    async def _bearer(self, args, login_field) -> smtp.AuthResult:
        fields = base64.b64decode(args[1]).decode().split("\1")
        login = fields[0].removeprefix(login_field).rstrip(",")
        token = next(one for one in fields if one.startswith("auth=")).partition(" ")[2]
        if self._server.users.get(login) == token:
            return smtp.AuthResult(success=True, auth_data=login)
        await self.challenge_auth(b'{"status":"401"}')
        return smtp.AuthResult(success=False, handled=False)

    async def scripted(self, *names: str) -> bool:
        """Answer as the test wants; return whether it wanted anything."""
        reply = self._server.reply(*names)
        if reply == HANG:
            await asyncio.sleep(3600)
        elif reply == CUT:
            self.transport.abort()
        elif reply:
            await self.push(reply)
            if reply.startswith("421"):
                self.transport.close()
        return bool(reply)

    async def _command(self, name: str, arg: str | None, usual, *more: str) -> None:
        self._server.commands.append(f"{name} {arg}" if arg else name)
        if not await self.scripted(*more, name):
            await usual(arg)

    async def smtp_EHLO(self, arg):
        await self._command("EHLO", arg, super().smtp_EHLO)

    async def smtp_AUTH(self, arg):
        # what it says is a secret
        name = "AUTH " + (arg or "").partition(" ")[0]
        self._server.commands.append(name)
        if not await self.scripted("AUTH"):
            await super().smtp_AUTH(arg)

    async def smtp_MAIL(self, arg):
        await self._command("MAIL", arg, super().smtp_MAIL)

    async def smtp_RCPT(self, arg):
        address = (arg or "").partition("<")[2].partition(">")[0]
        await self._command("RCPT", arg, super().smtp_RCPT, f"RCPT {address}")

    async def smtp_DATA(self, arg):
        await self._command("DATA", arg, super().smtp_DATA)

    async def smtp_RSET(self, arg):
        await self._command("RSET", arg, super().smtp_RSET)

    async def smtp_NOOP(self, arg):
        await self._command("NOOP", arg, super().smtp_NOOP)

    async def smtp_QUIT(self, arg):
        await self._command("QUIT", arg, super().smtp_QUIT)


class _Handler:
    protocol: _Protocol

    async def handle_DATA(self, _server, _session, envelope) -> str:
        server = self.protocol._server
        received = Received(
            (envelope.mail_from or "").strip("<>"),
            tuple(envelope.rcpt_tos),
            envelope.original_content,
        )
        reply = server.reply(".")
        if not reply or reply.startswith("2"):
            server.received.append(received)
        if reply == HANG:
            await asyncio.sleep(3600)
        if reply == CUT:
            self.protocol.transport.abort()
            raise asyncio.CancelledError
        return reply or f"250 2.0.0 Ok: queued as {len(server.received):06X}"

    async def handle_exception(self, error: Exception) -> str:
        with contextlib.suppress(OSError):
            self.protocol.transport.abort()
        raise error
