"""A real Courier, Debian's courier-imap: folders lie below INBOX, and it knows little.

No CONDSTORE, no ESEARCH, no LIST-STATUS, no SPECIAL-USE, no MOVE. Its own login would
need files in /etc and /run: a few lines here log in and start Courier for the rest of
the conversation, as its own do.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import socket
from pathlib import Path

from .accepting import Accepting
from .imap_server import PASSWORD

CAPABILITIES = (
    "IMAP4rev1 UIDPLUS CHILDREN NAMESPACE THREAD=ORDEREDSUBJECT THREAD=REFERENCES SORT"
    " QUOTA IDLE"
)
GREETING = f"* OK [CAPABILITY {CAPABILITIES} ACL ACL2=UNION] Courier-IMAP ready."
_QUOTED = r'"((?:[^"\\]|\\.)*)"'
_LOGIN = re.compile(rf"LOGIN (?:{_QUOTED}|(\S+)) {_QUOTED}$", re.I)


class Courier(Accepting):
    """Every account has the same password; its mail is in a Maildir."""

    package = "courier-imap"
    binary = "usr/bin/imapd"
    prefix = "INBOX."
    separator = "."
    moves = False

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count(1)

    def add_user(self, login: str) -> None:
        """Add an account with an empty INBOX."""
        for name in ("cur", "new", "tmp"):
            (self._base / "home" / login / "Maildir" / name).mkdir(parents=True)

    def _put(self, login, source, folder, flags, date, age):
        # as a mail server does it, behind Courier's back
        path = self._path(login, folder)
        if not path.exists():
            self.create_folder(login, folder)
        number = next(self._numbers)
        name = f"{1_000_000_000 + number - age}.M{number:06}P1.test"
        file = path / "tmp" / name
        file.write_bytes(source.replace(b"\r\n", b"\n"))
        if date:
            os.utime(file, (date.timestamp(), date.timestamp()))
        if flags:
            file.rename(path / "cur" / f"{name}:2,{''.join(sorted(flags))}")
        else:
            file.rename(path / "new" / name)

    def rename_folder(self, login: str, old: str, new: str) -> None:
        # Courier itself sleeps two seconds over it, and over DELETE
        self._path(login, old).rename(self._path(login, new))

    def delete_folder(self, login: str, folder: str) -> None:
        shutil.rmtree(self._path(login, folder))

    def reset_uidvalidity(self, login: str, folder: str = "INBOX") -> None:
        """Make the server number the messages of a folder anew."""
        file = self._path(login, folder) / "courierimapuiddb"
        version, validity, uid_next = file.read_text().splitlines()[0].split()
        file.write_text(f"{version} {int(validity) + 1} {uid_next}\n")

    # Inner workings

    def _start(self) -> None:
        # one of its own, so that it is not that of another test or of the machine
        self._watcher = self._base.name
        # each login waits for it, as long as Gamin takes to find that it is missing
        gamin = self._root / "usr/libexec/gam_server"
        if not gamin.exists():
            gamin = self._root / "usr/lib/gamin/gam_server"
        self._run([gamin, "--notimeout", self._watcher], env=self._variables())
        self._listen()

    def _serve(self, line: socket.socket) -> None:
        """Lead a conversation until somebody logged in, then hand it to Courier."""
        with line, contextlib.suppress(OSError):
            line.sendall(f"{GREETING}\r\n".encode())
            while command := _read_line(line):
                tag, _, text = command.partition(" ")
                login = self._let_in(text)
                if login:
                    self._hand_over(line, tag, login)
                    return
                answers = _answer(text)
                line.sendall("".join(f"{a}\r\n" for a in answers(tag)).encode())

    def _let_in(self, command: str) -> str:
        match = _LOGIN.match(command)
        if not match:
            return ""
        login = _unescaped(match[1] or match[2])
        known = (self._base / "home" / login).is_dir()
        return login if known and _unescaped(match[3]) == PASSWORD else ""

    def _hand_over(self, line: socket.socket, tag: str, login: str) -> None:
        with self._lock:
            process = self._run(
                [self._root / self.binary, "Maildir"],
                env={
                    **self._variables(),
                    "IMAPLOGINTAG": tag,
                    "AUTHENTICATED": login,
                    "TCPREMOTEIP": "127.0.0.1",
                    "TCPREMOTEPORT": "1",
                    "IMAP_CAPABILITY": CAPABILITIES,
                    "IMAP_KEYWORDS": "1",
                    "IMAP_ACL": "1",
                    "IMAP_USELOCKS": "1",
                    "IMAP_ENHANCEDIDLE": "1",
                    "IMAP_IDLE_TIMEOUT": "1",
                },
                cwd=self._base / "home" / login,
                stdin=line,
                stdout=line,
            )
        process.wait()
        with self._lock:
            self._processes.remove(process)

    def _check_alive(self) -> None:
        if self._processes[0].poll() is not None:
            raise RuntimeError("Gamin ended")

    def _variables(self) -> dict[str, str]:
        return {**self._environment(), "GAM_CLIENT_ID": self._watcher}

    def _path(self, login: str, folder: str) -> Path:
        path = self._base / "home" / login / "Maildir"
        if folder == "INBOX":
            return path
        # since version 5 in UTF-8, whatever goes over the wire
        return path / f".{folder.replace('/', '.')}"


def _answer(command: str):
    """Return what to answer somebody who has not logged in."""
    name = command.partition(" ")[0].upper()
    if name == "CAPABILITY":
        return lambda tag: (f"* CAPABILITY {CAPABILITIES}", f"{tag} OK done")
    if name == "LOGIN":
        return lambda tag: (f"{tag} NO Login failed.",)
    if name == "LOGOUT":
        return lambda tag: ("* BYE see you", f"{tag} OK done")
    return lambda tag: (f"{tag} BAD log in first",)


def _read_line(line: socket.socket) -> str:
    """Return a command, without a byte of the next, which is for Courier."""
    data = b""
    while not data.endswith(b"\n"):
        byte = line.recv(1)
        if not byte:
            return ""
        data += byte
    return data.decode().rstrip("\r\n")


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)
