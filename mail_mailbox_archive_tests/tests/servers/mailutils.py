"""A real GNU Mailutils, Debian's mailutils-imap4d: little more than RFC 3501.

No CONDSTORE, no ESEARCH, no LIST-STATUS, no SPECIAL-USE, no MOVE, no UIDPLUS. It is
started for each connection, as inetd does.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import socket

from .accepting import Accepting
from .imap_server import ok

#: Who a mailbox belongs to when root starts it: it serves no mail of root.
UNPRIVILEGED = "mail"

#: ``PASSWORD`` as crypt(3) writes it, which Python knows no more.
_HASH = "$5$mailbox$ZDf/xzaaP9ypPKFDMM87Qdajr7eh/EvgcJ2WVKZQKe5"
_CONFIGURATION = """
mode inetd;
virtdomain {{ passwd-dir {base}/domains; }};
auth {{
  authorization clear; authorization virtdomain;
  authentication clear; authentication generic;
}};
mailbox {{ mail-spool {base}/spool; mailbox-type maildir; }};
logging {{ syslog no; }};
"""


class Mailutils(Accepting):
    """Every account has the same password; its mail is in Maildirs of its home."""

    package = "mailutils-imap4d"
    binary = "usr/sbin/imap4d"
    moves = False

    def add_user(self, login: str) -> None:
        """Add an account with an empty INBOX."""
        home = self._base / "home" / login
        home.mkdir()
        user, group = self._owner()
        os.chown(home, user, group)
        line = f"{login}:{_HASH}:{user}:{group}:{login}:{home}:/bin/sh\n"
        for name in self._hosts():
            with (self._base / "domains" / name).open("a") as file:
                file.write(line)
        with self.connected(login) as client:
            # made when it is opened
            ok(client.select("INBOX"))

    def expunge(self, login: str, folder: str, uids: str) -> None:
        self.store_flags(login, folder, uids, r"+FLAGS (\Deleted)")
        with self.selected(login, folder) as client:
            ok(client.expunge())

    # Inner workings

    @staticmethod
    def _owner() -> tuple[int, int]:
        if os.getuid():
            return os.getuid(), os.getgid()
        return pwd.getpwnam(UNPRIVILEGED).pw_uid, grp.getgrnam(UNPRIVILEGED).gr_gid

    @staticmethod
    def _hosts() -> set[str]:
        """Return what it may call this machine, by whose name it finds an account."""
        with contextlib.suppress(OSError):
            return {"localhost", "127.0.0.1", socket.gethostbyaddr("127.0.0.1")[0]}
        return {"localhost", "127.0.0.1"}

    def _start(self) -> None:
        for name in ("home", "domains", "spool"):
            (self._base / name).mkdir()
        # it locks a mailbox by a file beside it
        (self._base / "spool").chmod(0o1777)
        self._file = self._base / "imap4d.conf"
        self._file.write_text(_CONFIGURATION.format(base=self._base))
        self._listen()

    def _serve(self, line: socket.socket) -> None:
        command = [self._root / self.binary, f"--config-file={self._file}"]
        with line, self._lock:
            process = self._run(
                command, env=self._environment(), stdin=line, stdout=line
            )
        process.wait()
        with self._lock, contextlib.suppress(ValueError):
            self._processes.remove(process)
