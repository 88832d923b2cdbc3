"""A real Cyrus, Debian's cyrus-imapd, in either layout of its folders.

Who logs in is asked of a few lines here, as Cyrus asks saslauthd.
"""

from __future__ import annotations

import contextlib
import grp
import os
import pwd
import socket
import struct
import threading

from .imap_server import PASSWORD, free_ports
from .packaged import Packaged

#: Who Cyrus is when root starts it: it does not want to be root.
UNPRIVILEGED = "mail"

_IMAPD = """
configdirectory: {base}/conf
proc_path: {base}/proc
mboxname_lockpath: {base}/lock
defaultpartition: default
partition-default: {base}/spool
cyrus_user: {user}
cyrus_group: {group}
altnamespace: {alternative}
unixhierarchysep: {alternative}
autocreate_quota: 0
imapidlepoll: 1
allowplaintext: yes
sasl_pwcheck_method: saslauthd
sasl_saslauthd_path: {base}/sockets/mux
sasl_mech_list: PLAIN
idlesocket: {base}/sockets/idle
notifysocket: {base}/sockets/notify
lmtpsocket: {base}/sockets/lmtp
syslog_prefix: test
"""
_SERVICES = """
START {{
  recover cmd="{programs}/ctl_cyrusdb -C {base}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="{programs}/imapd -C {base}/imapd.conf" listen="127.0.0.1:{port}" proto=tcp4
}}
EVENTS {{
}}
"""


class Cyrus(Packaged):
    """Every account has the same password, and an INBOX from its first login on.

    :param alternative: folders lie at the top, with ``/`` between the levels
        (altnamespace and unixhierarchysep); otherwise below ``INBOX.``
    """

    package = "cyrus-imapd"
    binary = "usr/lib/cyrus/bin/master"

    def __init__(self, alternative: bool = True) -> None:
        super().__init__()
        self._alternative = alternative
        if not alternative:
            self.prefix, self.separator = "INBOX.", "."
        self._logins: set[str] = set()
        self._asked: socket.socket | None = None

    def add_user(self, login: str) -> None:
        """Add an account with an empty INBOX."""
        self._logins.add(login)
        with self.connected(login):
            pass

    # Inner workings

    def _start(self) -> None:
        root = os.geteuid() == 0
        owner = pwd.getpwnam(UNPRIVILEGED) if root else pwd.getpwuid(os.geteuid())
        programs = self._root / "usr/lib/cyrus/bin"
        (self.port,) = free_ports(1)
        # the words that it would log go to the system's log, which is not ours to read
        for name in ("conf/socket", "proc", "lock", "spool", "sockets"):
            (self._base / name).mkdir(parents=True)
        self._answer_saslauthd()
        config = _IMAPD.format(
            base=self._base,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            alternative="yes" if self._alternative else "no",
        )
        (self._base / "imapd.conf").write_text(config)
        services = _SERVICES.format(base=self._base, programs=programs, port=self.port)
        (self._base / "cyrus.conf").write_text(services)
        for path in (self._base, *self._base.rglob("*")):
            os.chown(path, owner.pw_uid, owner.pw_gid)
        files = {"-C": "imapd.conf", "-M": "cyrus.conf", "-p": "pid"}
        options = [word for k, v in files.items() for word in (k, self._base / v)]
        # in the foreground, so that it ends with us
        command = [programs / "master", "-D", *options]
        # as its owner from the start: who changes that forgets with whom to end
        who = {"user": owner.pw_uid, "group": owner.pw_gid} if root else {}
        self._run(command, env=self._environment(), **who)

    def _stop(self) -> None:
        if self._asked:
            with contextlib.suppress(OSError):
                self._asked.shutdown(socket.SHUT_RDWR)
            self._asked.close()
        super()._stop()

    def _answer_saslauthd(self) -> None:
        self._asked = socket.socket(socket.AF_UNIX)
        self._asked.bind(str(self._base / "sockets" / "mux"))
        self._asked.listen(100)
        threading.Thread(target=self._let_in, daemon=True).start()

    def _let_in(self) -> None:
        while True:
            try:
                line, _address = self._asked.accept()
            except OSError:
                return
            with line, line.makefile("rb") as file, contextlib.suppress(OSError):
                login, password, _service, _realm = (_counted(file) for _ in range(4))
                good = login in self._logins and password == PASSWORD
                answer = b"OK" if good else b"NO"
                line.sendall(struct.pack("!H", len(answer)) + answer)


def _counted(file) -> str:
    (length,) = struct.unpack("!H", file.read(2))
    return file.read(length).decode()
