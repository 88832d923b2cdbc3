"""What all IMAP servers of the tests have in common: people's other mail program.

What tests do to a mailbox is done behind the server's back or with Python's own
imaplib, as here, never with the code under test.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from imapclient.imap_utf7 import encode

PASSWORD = 'pass word"with\\oddities'
START_SECONDS = 15
_LISTED = re.compile(rb' ("(?:[^"\\]|\\.)*"|[^ "]+)$')


@dataclass(frozen=True)
class FolderSnapshot:
    """All that a reader could have changed of a folder."""

    uid_validity: int
    uid_next: int
    unseen: int
    flags: Mapping[int, frozenset[str]]


class ImapServer:
    """A server on loopback; tests name folders with ``/`` between the levels.

    :cvar prefix: what the name of each folder but INBOX begins with on the wire
    :cvar separator: what stands between the levels there
    :cvar moves: whether it can MOVE
    """

    host = "localhost"
    port = 0
    prefix = ""
    separator = "/"
    moves = True

    def deliver(
        self,
        login: str,
        source: bytes,
        folder: str = "INBOX",
        flags: str = "",
        date: datetime | None = None,
        age: int = 0,
    ) -> None:
        """Put a message into a folder, which is made when there is none.

        :param flags: Maildir's letters, e.g. "S" for ``\\Seen``, "FS"
        :param date: its internal date
        :param age: how many seconds ago its delivery began, where a server's files are
            named by that
        """
        self._put(login, source, folder, flags, date, age)

    def create_folder(self, login: str, folder: str) -> None:
        """Make a folder where there is none."""
        with self.connected(login) as client:
            client.create(self.quoted(folder))

    def delete_folder(self, login: str, folder: str) -> None:
        with self.connected(login) as client:
            ok(client.delete(self.quoted(folder)))

    def rename_folder(self, login: str, old: str, new: str) -> None:
        with self.connected(login) as client:
            ok(client.rename(self.quoted(old), self.quoted(new)))

    def store_flags(self, login: str, folder: str, uids: str, change: str) -> None:
        """Change flags, ``change`` being e.g. ``+FLAGS (\\\\Seen)``."""
        with self.selected(login, folder) as client:
            ok(client.uid("STORE", uids, *change.split(" ", 1)))

    def move(self, login: str, folder: str, uids: str, target: str) -> None:
        if not self.moves:
            self.copy(login, folder, uids, target)
            self.expunge(login, folder, uids)
            return
        self.create_folder(login, target)
        with self.selected(login, folder) as client:
            ok(client.uid("MOVE", uids, self.quoted(target)))

    def copy(self, login: str, folder: str, uids: str, target: str) -> None:
        self.create_folder(login, target)
        with self.selected(login, folder) as client:
            ok(client.uid("COPY", uids, self.quoted(target)))

    def expunge(self, login: str, folder: str, uids: str) -> None:
        self.store_flags(login, folder, uids, r"+FLAGS (\Deleted)")
        with self.selected(login, folder) as client:
            ok(client.uid("EXPUNGE", uids))

    def snapshot(self, login: str) -> dict[str, FolderSnapshot]:
        """Return the state of all folders by wire name; it changes nothing itself."""
        with self.connected(login) as client:
            names = [_listed(line) for line in ok(client.list()) if line]
            return {name: _snapshot(client, name) for name in names if name}

    @contextlib.contextmanager
    def connected(self, login: str) -> Iterator[imaplib.IMAP4]:
        """A client of Python's own, logged in."""
        client = imaplib.IMAP4(self.host, self.port, timeout=20)
        try:
            ok(client.login(login, self._password(login)))
            yield client
        finally:
            client.logout()

    @contextlib.contextmanager
    def selected(self, login: str, folder: str) -> Iterator[imaplib.IMAP4]:
        """The same with a folder opened for writing."""
        with self.connected(login) as client:
            ok(client.select(self.quoted(folder)))
            yield client

    def wire_name(self, folder: str) -> str:
        """Return a folder's name as the server writes it."""
        if folder == "INBOX":
            return folder
        levels = (encode(level).decode() for level in folder.split("/"))
        return self.prefix + self.separator.join(levels)

    def quoted(self, folder: str) -> str:
        return _quoted_wire(self.wire_name(folder))

    def log(self) -> str:
        """What the server itself wrote."""
        return ""

    def _put(
        self,
        login: str,
        source: bytes,
        folder: str,
        flags: str,
        date: datetime | None,
        age: int,
    ) -> None:
        """Deliver as this server does; for each to tell."""
        raise NotImplementedError

    def _password(self, login: str) -> str:
        return PASSWORD

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    if line.recv(100).startswith(b"* OK"):
                        return
            except OSError:
                pass
            self._check_alive()
            if time.monotonic() > end:
                raise RuntimeError(f"{type(self).__name__} does not greet")
            time.sleep(0.02)

    def _check_alive(self) -> None:
        """Raise if the server ended instead of greeting, where that can be seen."""


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def ok(answer):
    """Return the data of one of imaplib's answers, which must not be a refusal."""
    status, data = answer
    if status != "OK":
        raise RuntimeError(f"The server refused: {data}")
    return data


def _quoted_wire(name: str) -> str:
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _listed(line: bytes | tuple[bytes, bytes]) -> str:
    """Return the wire name in an answer to LIST, "" for a folder without messages."""
    if isinstance(line, tuple):  # a literal
        return line[1].decode()
    if b"\\Noselect" in line:
        return ""
    name = _LISTED.search(line)[1].decode()
    return re.sub(r"\\(.)", r"\1", name[1:-1]) if name[0] == '"' else name


def _snapshot(client: imaplib.IMAP4, name: str) -> FolderSnapshot:
    items, quoted = "(UIDNEXT UIDVALIDITY UNSEEN)", _quoted_wire(name)
    numbers = dict(
        re.findall(
            rb"(UIDNEXT|UIDVALIDITY|UNSEEN) (\d+)", ok(client.status(quoted, items))[0]
        )
    )
    ok(client.select(quoted, readonly=True))
    flags = {}
    for line in ok(client.uid("FETCH", "1:*", "(FLAGS)")):
        uid = re.search(rb"UID (\d+)", line or b"")
        told = re.search(rb"FLAGS \(([^)]*)\)", line or b"")
        if uid and told:
            flags[int(uid[1])] = frozenset(told[1].decode().split())
    # STATUS of an open folder may be an old one (RFC 3501, 6.3.10); Courier cannot
    with contextlib.suppress(imaplib.IMAP4.error):
        client.unselect()
    return FolderSnapshot(
        uid_validity=int(numbers[b"UIDVALIDITY"]),
        uid_next=int(numbers[b"UIDNEXT"]),
        unseen=int(numbers[b"UNSEEN"]),
        flags=flags,
    )
