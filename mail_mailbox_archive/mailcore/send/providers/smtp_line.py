"""The line to an SMTP server: smtplib's, with the limits and the TLS it leaves out."""

from __future__ import annotations

import contextlib
import re
import select
import smtplib
import socket
import ssl
from collections.abc import Callable

from ...errors import SendUnreachable

#: Lines and bytes of one reply.
MAX_REPLY_LINES = 200
MAX_REPLY_LINE = 4096

_REPLY = re.compile(rb"[2-5]\d\d(?:[ -]|\r?\n)")
_CONTROL = re.compile(r"[\r\n\0]")


class Line(smtplib.SMTP):
    """One connection. Never logs: smtplib's debug level stays 0.

    :param connect: opens the socket
    :param timeout: seconds of silence
    :param name: what we call ourselves, "" for the address that we come from
    """

    def __init__(
        self, connect: Callable[..., socket.socket], timeout: float, name: str = ""
    ) -> None:
        # a name, so that smtplib does not ask the resolver for ours
        super().__init__(local_hostname="localhost", timeout=timeout)
        self._open_socket = connect
        self._name = name
        self.tls: ssl.SSLContext | None = None
        self.greeting = ""

    def open(self, host: str, port: int) -> None:
        """Connect, encrypt when :attr:`tls` is set, read the greeting, say EHLO."""
        self._host = host
        code, words = self.connect(host, port)
        if code != 220:
            kind = "throttled" if 400 <= code < 500 else "protocol"
            raise SendUnreachable(kind, words)
        self.greeting = words.decode("utf-8", "replace")
        self.local_hostname = self._own_name()
        self._hello()

    def _hello(self) -> None:
        code, words = self.ehlo()
        if code >= 500:
            code, words = self.helo()
        if not 200 <= code < 300:
            raise SendUnreachable(
                "throttled" if code // 100 == 4 else "protocol", words
            )

    def _own_name(self) -> str:
        if self._name:
            return self._name
        # an address literal is what a client without a name of its own says
        # (RFC 5321, 4.1.4)
        address = self.sock.getsockname()[0] if self.sock else "127.0.0.1"
        return f"[IPv6:{address}]" if ":" in address else f"[{address}]"

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        line = self._open_socket(host, port, timeout)
        line.settimeout(timeout)
        if not self.tls:
            return line
        try:
            return self.tls.wrap_socket(line, server_hostname=host)
        except BaseException:
            line.close()
            raise

    def start_tls(self, context: ssl.SSLContext) -> None:
        """Encrypt the line (RFC 3207); the server is asked again what it can do."""
        if not self.has_extn("starttls"):
            raise SendUnreachable("starttls_missing")
        before = self.file
        code, words = self.starttls(context=context)
        if code != 220:
            raise SendUnreachable("starttls_missing", words)
        # what somebody slipped in behind the 220, in clear, was not read: smtplib
        # drops the buffer; but such a line is not to be trusted at all
        with contextlib.suppress(OSError, ValueError):
            if before and before.peek(1):
                raise SendUnreachable("protocol", "text in clear after STARTTLS")
        self._hello()

    def putcmd(self, cmd: str, args: str = "") -> None:
        """Write one command."""
        line = f"{cmd} {args}" if args else cmd
        if _CONTROL.search(line):
            raise ValueError("a command is one line")
        self.send(f"{line}\r\n".encode("ascii"))

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply (RFC 5321, 4.2), within bounds."""
        if self.file is None and self.sock:
            self.file = self.sock.makefile("rb")
        words = []
        for _number in range(MAX_REPLY_LINES):
            line = self._reply_line()
            words.append(line[4:].strip(b" \t\r\n"))
            if line[3:4] != b"-":
                return int(line[:3]), b"\n".join(words)
        self.close()
        raise SendUnreachable("protocol", "the reply does not end")

    def _reply_line(self) -> bytes:
        try:
            # a line that was closed has no more to say
            line: bytes = self.file.readline(MAX_REPLY_LINE) if self.file else b""
        except OSError:
            self.close()
            raise
        if not line:
            self.close()
            raise smtplib.SMTPServerDisconnected("the server closed the line")
        if len(line) >= MAX_REPLY_LINE or not _REPLY.match(line):
            self.close()
            raise SendUnreachable("protocol", line)
        return line

    def abort(self) -> None:
        """Break the connection while another thread waits for it."""
        if self.sock:
            with contextlib.suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)

    def hurry(self) -> None:
        """Wait for at most five seconds from now on: what is left is a farewell."""
        if self.sock:
            self.sock.settimeout(min(5, self.timeout))

    def write_message(self, source: bytes) -> None:
        """Write CRLF lines with their dots doubled, and the end (RFC 5321, 4.5.2)."""
        source = source.replace(b"\r\n.", b"\r\n..")
        first = b"." if source.startswith(b".") else b""
        self.send(first + source + b".\r\n")

    def is_quiet(self) -> bool:
        """Return whether the line stands and the server said nothing unasked."""
        if self.sock is None:
            return False
        try:
            return not select.select([self.sock], [], [], 0)[0]
        except (OSError, ValueError):
            return False
