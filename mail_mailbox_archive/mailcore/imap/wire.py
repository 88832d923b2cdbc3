"""Commands and their answers on one line, under limits.

Below imapclient, because it gathers all answers before it shows one, reads literals of
any size, and lets one odd answer spoil its neighbours. What it does well, reaching the
server, it does (``connection``).
"""

from __future__ import annotations

import base64
import contextlib
import re
import secrets
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from imapclient import IMAPClient

from ..errors import BadArgument, MailCoreError, Unreachable, Unreadable
from .arguments import guard
from .connection import MAX_LINE, hang_up
from .faults import explain, farewell, is_busy
from .responses import Answer, read_code

#: Bytes of a literal where none of any size is expected.
SMALL_LITERAL = 2**16
#: Bytes of all answers to one command, where no more are expected.
MAX_ANSWERS = 2**28
#: Bytes a second that a line must carry on average.
SLOWEST = 2**14

T = TypeVar("T")

_LITERAL = re.compile(rb"~?\{(\d{1,20})\+?\} *$")
_UNTAGGED = re.compile(rb"\* +(?:(\d{1,10}) +)?([A-Za-z]+)(?: +|$)")
#: What begins a line of data; all others end with words, whatever these look like.
_DATA = re.compile(rb"\* (?! *(?:OK|NO|BAD|BYE|PREAUTH)\b)", re.I)


class CommandRefused(MailCoreError):
    """The server answered NO or BAD; ``code`` is its response code (RFC 5530)."""

    failure_type = "folder"

    def __init__(self, status: str, text: str) -> None:
        self.status, self.text = status, text
        super().__init__(read_code(text)[0] or status, text)


class TooLarge(Unreadable):
    """The server announced more bytes than we take; ``size`` is how many."""

    def __init__(self, code: str, detail: str = "", size: int = 0) -> None:
        self.size = size
        super().__init__(code, detail)


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes that the answers to one command may have.

    :param literal: any single literal
    :param total: all together
    """

    literal: int = SMALL_LITERAL
    total: int = MAX_ANSWERS


SMALL = Bounds()


class Wire:
    """One line to a server, one command (or a pipeline of them) at a time.

    :param commands: how many were sent
    """

    def __init__(self, client: IMAPClient, command_seconds: float) -> None:
        self._client = client
        self._file = client._imap.file
        self._seconds = command_seconds
        # nobody who writes mail can guess it, so no mail can end a command
        self._prefix = secrets.token_hex(4)
        self._broken: Unreachable | None = None
        self._end = 0.0
        self.commands = 0

    def run(
        self, *commands: str, bounds: Bounds = SMALL, tolerant: bool = False
    ) -> Iterator[Answer]:
        """Send ``commands`` at once and yield all their untagged answers.

        Must be read to its end; the line is useless after an error other than
        :class:`CommandRefused`.

        :param tolerant: a refusal is not an error
        :raises BadArgument: before any byte is sent
        :raises CommandRefused: after the last answer
        :raises Unreachable: the line broke
        :raises Unreadable: the answers exceed ``bounds``
        """
        # an empty line is not a command: servers hang up on it
        tags = self._write(*commands) if commands else []
        refused = None
        pending, budget = set(tags), bounds.total
        while pending:
            pieces = self._read_answer(min(bounds.literal, budget))
            budget -= sum(map(len, pieces))
            if budget < 0:
                raise self._break(Unreachable("protocol", "the answer does not end"))
            if pieces[0].startswith(b"* "):
                yield self._untagged(pieces)
            elif not pieces[0].startswith(b"+"):
                # nobody asked for a plus: it is late, of a command before
                refused = self._completed(pieces[0], pending) or refused
        if refused and not tolerant:
            raise refused

    def authenticate(self, mechanism: str, answer: bytes, last: bytes = b"") -> str:
        """Log in by SASL with one client message; return the text of the OK.

        :param last: what a server gets that then tells why it refuses
        :raises CommandRefused: the server says no
        """
        (tag,) = self._write(f"AUTHENTICATE {mechanism}")
        replies = [base64.b64encode(last), base64.b64encode(answer)]
        while True:
            line = self._read_answer(SMALL_LITERAL)[0]
            if line.startswith(b"+"):
                # a second challenge is the server's reason to refuse
                self._send(replies.pop() if replies else b"")
            elif not line.startswith(b"* "):
                refused = self._completed(line, {tag})
                if refused:
                    raise refused
                return self.completion
            elif line[2:5].upper() == b"BYE":
                raise self._break(farewell(line[5:].decode("utf-8", "replace").strip()))

    def upload(self, command: str, content: bytes) -> str:
        """Send a command that ends with a literal (RFC 3501, 4.3 and 7.5).

        :return: the text of the OK
        :raises BadArgument: before any byte is sent
        :raises CommandRefused: the server says no, before or after it got the literal
        """
        if b"\0" in content:
            raise BadArgument("control_character")
        (tag,) = self._write(f"{command} {{{len(content)}}}")
        self._end += len(content) / SLOWEST
        invited = False
        while True:
            line = self._read_answer(SMALL_LITERAL)[0]
            if line.startswith(b"+") and not invited:
                invited = True
                self._send(content)
            elif line.startswith(b"* "):
                self._untagged([line])
            else:
                refused = self._completed(line, {tag})
                if refused:
                    raise refused
                return self.completion

    def idle(self, seconds: float) -> Iterator[Answer]:
        """Yield what the server reports unasked in ``seconds`` (RFC 2177).

        :raises CommandRefused: it does not want to
        """
        (tag,) = self._write("IDLE")
        until = time.monotonic() + seconds
        self._end += seconds
        invited = done = False
        while True:
            if invited and not done and not self._waits(until):
                self._send(b"DONE")
                done = True
            line = self._read_answer(SMALL_LITERAL)[0]
            if line.startswith(b"+"):
                invited = True
            elif line.startswith(b"* "):
                yield self._untagged([line])
            else:
                refused = self._completed(line, {tag})
                if refused:
                    raise refused
                return

    def hear(self, seconds: float) -> Iterator[Answer]:
        """Yield what the server tells between two commands in ``seconds``."""
        until = time.monotonic() + seconds
        while self._waits(until):
            self._end = time.monotonic() + self._seconds
            yield self._untagged(self._read_answer(SMALL_LITERAL))
        yield from self.run("NOOP")

    def _waits(self, until: float) -> bool:
        """Return whether there is something to read before the moment ``until``."""
        line = self._client.socket()
        before = line.gettimeout()
        try:
            line.settimeout(0)
            # what came with the last line, here or inside TLS
            if self._file.peek(1):
                return True
        except (BlockingIOError, ssl.SSLWantReadError):
            pass
        except OSError as error:
            raise self._break(explain(error)) from error
        finally:
            with contextlib.suppress(OSError):
                line.settimeout(before)
        try:
            return bool(
                select.select([line], [], [], max(0, until - time.monotonic()))[0]
            )
        except (OSError, ValueError) as error:
            raise self._break(Unreachable("closed")) from error

    def close(self) -> None:
        """Say LOGOUT, do not wait for the answer, hang up."""
        if self._broken is None:
            try:
                self._write("LOGOUT")
            except Unreachable:
                return
        hang_up(self._client)

    @property
    def broken(self) -> bool:
        """Whether nothing more can be sent."""
        return self._broken is not None

    @contextlib.contextmanager
    def patience(self, seconds: float) -> Iterator[None]:
        """Wait no longer than ``seconds`` for each piece of an answer in the block."""
        if self._broken:
            raise self._broken
        line = self._client.socket()
        before = line.gettimeout()
        line.settimeout(seconds)
        try:
            yield
        finally:
            # a line that broke in the block is closed by now
            with contextlib.suppress(OSError):
                line.settimeout(before)

    def cut(self) -> None:
        """Break the connection, also while another thread reads from it."""
        with contextlib.suppress(OSError):
            self._client.socket().shutdown(socket.SHUT_RDWR)

    def _write(self, *commands: str) -> list[str]:
        """Send commands in one piece; return their tags."""
        for command in commands:
            guard(command)
        if self._broken:
            raise self._broken
        self._end = time.monotonic() + self._seconds
        first = self.commands + 1
        self.commands += len(commands)
        tags = [f"{self._prefix}{first + n}" for n in range(len(commands))]
        lines = [f"{tag} {text}" for tag, text in zip(tags, commands, strict=True)]
        self._send("\r\n".join(lines).encode("latin-1"))
        return tags

    def _send(self, line: bytes) -> None:
        try:
            self._client._imap.send(line + b"\r\n")
        except OSError as error:
            raise self._break(explain(error)) from error

    def _read_answer(self, max_literal: int) -> list[bytes]:
        """Return a line with its literals: text, literal, text, literal ... text.

        A line without a word says nothing, and is passed over.
        """
        pieces: list[bytes] = []
        while True:
            line = self._read_line()
            if not pieces and not line.strip(b"* \t"):
                continue
            # the first piece tells what the line is
            is_data = bool(_DATA.match(pieces[0] if pieces else line))
            match = _LITERAL.search(line) if is_data else None
            if not match:
                return [*pieces, line]
            size = int(match[1])
            if size > max_literal:
                self._break(Unreachable("protocol", "a literal too large"))
                words = f"the server sends {size} bytes"
                raise TooLarge("structure", words, size)
            max_literal -= size
            pieces += [line[: match.start()], self._read(size)]

    def _read_line(self) -> bytes:
        line = bytearray()
        while not line.endswith(b"\n"):
            waiting = self._receive(self._file.peek, 1)
            if len(line) + len(waiting) > MAX_LINE:
                raise self._break(Unreachable("protocol", "a line too long"))
            line += self._file.read(waiting.find(b"\n") + 1 or len(waiting))
        return bytes(line.rstrip(b"\r\n"))

    def _read(self, size: int) -> bytes:
        self._end += size / SLOWEST
        data = bytearray(size)
        left = memoryview(data)
        while left:
            left = left[self._receive(self._file.readinto1, left) :]
        return bytes(data)

    def _receive(self, read: Callable[[Any], T], argument: object) -> T:
        """Return what ``read``, which waits for the server once at most, gives.

        A server that sends a byte now and then must not hold us for ever.
        """
        try:
            got = read(argument)
        except OSError as error:
            raise self._break(explain(error)) from error
        if not got:
            raise self._break(Unreachable("closed"))
        if time.monotonic() > self._end:
            raise self._break(Unreachable("timeout"))
        return got

    def _untagged(self, pieces: Sequence[bytes]) -> Answer:
        match = _UNTAGGED.match(pieces[0])
        if not match:
            return Answer("", 0, pieces)
        rest = pieces[0][match.end() :]
        answer = Answer(
            match[2].decode().upper(), int(match[1] or 0), [rest, *pieces[1:]]
        )
        if answer.kind == "BYE":
            raise self._break(farewell(answer.text))
        return answer

    def _completed(self, line: bytes, pending: set[str]) -> CommandRefused | None:
        """Note the end of a command (RFC 3501, 7.1); some servers give no text."""
        words = line.decode("utf-8", "replace").split(None, 2) or [""]
        tag = words[0].lower()
        status = words[1].upper() if len(words) > 1 else ""
        if tag not in pending or status not in ("OK", "NO", "BAD"):
            # out of step: whatever comes now belongs to something else
            raise self._break(Unreachable("protocol", line[:200]))
        pending.discard(tag)
        self.completion = words[2] if len(words) > 2 else ""
        if status == "OK":
            return None
        if is_busy(self.completion):
            raise self._break(farewell(self.completion))
        return CommandRefused(status, self.completion)

    def _break(self, error: Unreachable) -> Unreachable:
        self._broken = Unreachable("closed", error.detail)
        hang_up(self._client)
        return error
