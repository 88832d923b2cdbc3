"""Servers that misbehave on purpose, in this process.

:class:`Scripted` runs a function of the test for each connection; :class:`FakeServer`
is a small IMAP server whose answers a test replaces one by one.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import NetGuard

from .certificates import HOST, Certificate
from .listening import PATIENCE, Listening

#: As odoo.conf allows it for tests: this machine and the public Internet.
LOOPBACK = NetGuard(["127.0.0.0/8", "::1"])
PASSWORD = "s3cret-word"


class Line:
    """The server's end of one connection."""

    def __init__(self, connection: socket.socket, received: bytearray) -> None:
        self._socket = connection
        self._received = received
        self._buffer = b""
        connection.settimeout(PATIENCE)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, *lines: str | bytes) -> None:
        """Send lines, each with its end, in one packet."""
        self.write(b"".join(_bytes(line) + b"\r\n" for line in lines))

    def write(self, data: bytes) -> None:
        self._socket.sendall(data)

    def read(self) -> str:
        """Return the client's next line without its end; "" when it hung up."""
        while b"\r\n" not in self._buffer:
            data = self._socket.recv(65536)
            if not data:
                return ""
            self._received += data
            self._buffer += data
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line.decode("latin-1")

    def command(self) -> tuple[str, str]:
        """Return the next command's tag and the rest."""
        tag, _, rest = self.read().partition(" ")
        return tag, rest

    def answer_capability(self, words: str) -> None:
        """Wait for CAPABILITY and answer it."""
        tag, _ = self.command()
        self.send(f"* CAPABILITY {words}", f"{tag} OK done")

    def start_tls(self, certificate: Certificate) -> None:
        self._socket = server_context(certificate).wrap_socket(
            self._socket, server_side=True
        )

    def wait(self) -> None:
        """Stay silent until the client gives up."""
        with contextlib.suppress(OSError):
            while self._socket.recv(65536):
                pass

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()


class Scripted(Listening):
    """Listens on a loopback port and runs ``script`` for each connection.

    :param certificate: speaks TLS from the first byte
    :param tls_version: the newest that it knows
    """

    host = HOST

    def __init__(
        self,
        script: Callable[[Line], None],
        certificate: Certificate | None = None,
        tls_version: ssl.TLSVersion | None = None,
    ) -> None:
        super().__init__()
        self._script = script
        self._context = (
            server_context(certificate, tls_version) if certificate else None
        )
        self._lines: list[Line] = []
        self._faults: list[BaseException] = []
        #: all that clients sent, decrypted
        self.received = bytearray()

    def __enter__(self) -> Scripted:
        self._begin()
        return self

    def __exit__(self, kind: type | None, *_exception: object) -> None:
        self._hang_up()
        for line in self._lines:
            line.cut()
        self._join()
        if self._faults and kind is None:
            raise self._faults[0]

    @property
    def connections(self) -> int:
        return len(self._lines)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
            line = Line(connection, self.received)
            self._lines.append(line)
            self._script(line)
            line.cut()
        except OSError:
            connection.close()  # the client hung up, as many tests want it
        except BaseException as error:
            self._faults.append(error)
            connection.close()


@dataclass
class FakeMessage:
    """A message of the fake server."""

    source: bytes
    seen: bool = False
    date: str = "05-Nov-2026 10:00:00 +0100"


@dataclass
class FakeFolder:
    """A folder of the fake server; ``messages`` by UID."""

    messages: dict[int, FakeMessage] = field(default_factory=dict)
    uid_validity: int = 7
    uid_next: int = 0
    modseq: int = 0

    def next(self) -> int:
        return self.uid_next or max(self.messages, default=0) + 1


#: Takes the line, the tag and the argument of a command instead of the fake server.
Quirk = Callable[["FakeServer", Line, str, str], None]


class FakeServer(Scripted):
    """A small IMAP server over :attr:`folders`.

    :param quirks: by command (``"EXAMINE"``, ``"UID FETCH"``): what to do instead; it
        may call :meth:`answer` for the usual
    """

    def __init__(
        self,
        folders: Mapping[str, FakeFolder] | None = None,
        quirks: Mapping[str, Quirk] | None = None,
        capabilities: str = "IMAP4rev1",
    ) -> None:
        super().__init__(self._talk)
        self.folders = dict(folders or {"INBOX": FakeFolder()})
        self.quirks = dict(quirks or {})
        self.capabilities = capabilities
        self.commands: list[str] = []
        self.greeting = "* OK ready"

    def _talk(self, line: Line) -> None:
        line.send(self.greeting)
        self.selected = ""
        while True:
            tag, command = line.command()
            if not tag:
                return
            name, _, argument = command.partition(" ")
            if name == "UID":
                word, _, argument = argument.partition(" ")
                name = f"UID {word}"
            self.commands.append(command)
            quirk = self.quirks.get(name)
            if quirk:
                quirk(self, line, tag, argument)
            else:
                self.answer(line, tag, name, argument)
            if name == "LOGOUT":
                return

    def answer(self, line: Line, tag: str, name: str, argument: str) -> None:
        """Answer a command as it should be."""
        method = getattr(self, "_" + name.replace(" ", "_").lower(), None)
        if method is None:
            line.send(f"{tag} BAD unknown command")
            return
        opens = name in ("EXAMINE", "STATUS")
        if opens and _unquote(argument) not in self.folders:
            self.selected = "" if name == "EXAMINE" else self.selected
            line.send(f"{tag} NO [NONEXISTENT] no such folder")
            return
        line.write(b"".join(_bytes(part) + b"\r\n" for part in method(argument)))
        line.send(f"{tag} OK {self._completion(name)}")

    def _completion(self, name: str) -> str:
        return f"[CAPABILITY {self.capabilities}] in" if name == "LOGIN" else "done"

    def _capability(self, _argument: str) -> Iterable[str]:
        return (f"* CAPABILITY {self.capabilities}",)

    def _login(self, _argument: str) -> Iterable[str]:
        return ()

    def _logout(self, _argument: str) -> Iterable[str]:
        return ("* BYE see you",)

    def _list(self, _argument: str) -> Iterable[str]:
        return [f'* LIST () "/" "{name}"' for name in self.folders]

    def _status(self, argument: str) -> Iterable[str]:
        name = _unquote(argument)
        folder = self.folders[name]
        unseen = sum(not message.seen for message in folder.messages.values())
        return (
            f'* STATUS "{name}" (MESSAGES {len(folder.messages)}'
            f" UIDNEXT {folder.next()} UIDVALIDITY {folder.uid_validity}"
            f" UNSEEN {unseen} HIGHESTMODSEQ {folder.modseq})",
        )

    def _examine(self, argument: str) -> Iterable[str]:
        self.selected = _unquote(argument)
        folder = self.folders[self.selected]
        answers = [
            f"* {len(folder.messages)} EXISTS",
            f"* OK [UIDVALIDITY {folder.uid_validity}] ok",
            f"* OK [UIDNEXT {folder.next()}] ok",
        ]
        modseq = f"* OK [HIGHESTMODSEQ {folder.modseq}]"
        return [*answers, modseq] if folder.modseq else answers

    def _uid_search(self, argument: str) -> Iterable[str]:
        wanted = re.search(r"UID ([\d:,*]+)", argument)[1]
        messages = self.folders[self.selected].messages
        found = [
            str(uid)
            for uid in sorted(messages)
            if _in_set(uid, wanted)
            and not ("UNSEEN" in argument and messages[uid].seen)
        ]
        return (" ".join(["* SEARCH", *found]),)

    def _uid_fetch(self, argument: str) -> Iterable[bytes]:
        wanted, _, items = argument.partition(" ")
        messages = self.folders[self.selected].messages
        for number, uid in enumerate(sorted(messages), 1):
            if _in_set(uid, wanted):
                yield self.fetched(number, uid, messages[uid], items)

    @staticmethod
    def fetched(number: int, uid: int, message: FakeMessage, items: str) -> bytes:
        """Return the answer to FETCH for one message, without its last line end."""
        flags = r"\Seen" if message.seen else ""
        text = f"* {number} FETCH (UID {uid} FLAGS ({flags})"
        if "RFC822.SIZE" in items:
            text += f' INTERNALDATE "{message.date}" RFC822.SIZE {len(message.source)}'
        if "BODY" not in items:
            return f"{text})".encode()
        label, source = "BODY[]", message.source
        if "HEADER" in items:
            label = "BODY[HEADER]<0>"
            source = message.source.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        return f"{text} {label} {{{len(source)}}}\r\n".encode() + source + b")"


def server_context(
    certificate: Certificate, newest: ssl.TLSVersion | None = None
) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    if newest:
        # what a machine of today refuses to speak must be asked for in so many words
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = newest
    return context


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


def _unquote(argument: str) -> str:
    return re.match(r'"((?:[^"\\]|\\.)*)"', argument)[1]


def _in_set(uid: int, text: str) -> bool:
    for part in text.split(","):
        low, _, high = part.partition(":")
        if int(low) <= uid <= (2**32 if high == "*" else int(high or low)):
            return True
    return False
