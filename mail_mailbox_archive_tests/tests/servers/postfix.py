"""A real Postfix, Debian's, with configuration, queue and port of its own; as root.

Nothing of the machine's own mail is touched: another configuration, another queue, and
delivery into a Maildir of the test.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

START_SECONDS = 20
DELIVERY_SECONDS = 30

_MAIN = """
compatibility_level = 3.6
queue_directory = {base}/queue
data_directory = {base}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.example.com
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
maillog_file = {base}/log
maillog_file_prefixes = {base}
alias_maps =
alias_database =
local_recipient_maps =
relayhost =
default_transport = error:nothing leaves this machine
virtual_mailbox_domains = example.com
virtual_mailbox_base = {base}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
message_size_limit = 1000000
smtpd_recipient_restrictions =
    check_recipient_access inline:{{ {{ bad@example.com = REJECT unknown }} }},
    reject_unauth_destination
"""
_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
showq unix n - n - - showq
postlog unix-dgram n - n - 1 postlogd
"""


def usable() -> bool:
    """Return whether Postfix is installed, and we may start one."""
    return os.geteuid() == 0 and _binary() is not None


def _binary() -> str | None:
    return shutil.which("postfix", path=f"{os.environ['PATH']}:/usr/sbin")


class Postfix:
    """A context manager; mail to example.com is delivered, ``bad@`` is refused."""

    host = "localhost"

    def __enter__(self) -> Postfix:
        self._base = Path(tempfile.mkdtemp(prefix="postfix-"))
        self._base.chmod(0o755)
        self.port = _free_port()
        owner, group = 8, 8  # Debian's mail
        for name in ("config", "queue", "data", "mail"):
            (self._base / name).mkdir(mode=0o755)
        shutil.chown(self._base / "data", "postfix")
        os.chown(self._base / "mail", owner, group)
        main = _MAIN.format(base=self._base, uid=owner, gid=group)
        (self._base / "config" / "main.cf").write_text(main)
        master = _MASTER.format(port=self.port)
        (self._base / "config" / "master.cf").write_text(master)
        try:
            self._run("start")
            self._wait()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._run("abort", check=False)
        shutil.rmtree(self._base, ignore_errors=True)

    def _run(self, command: str, check: bool = True) -> None:
        with (self._base / "words").open("a") as words:
            subprocess.run(
                [_binary(), "-c", self._base / "config", command],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                check=check,
                timeout=START_SECONDS,
            )

    def _wait(self) -> None:
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    if line.recv(3) == b"220":
                        return
            except OSError:
                if time.monotonic() > end:
                    raise RuntimeError(self.log()) from None
            time.sleep(0.05)

    def log(self) -> str:
        file = self._base / "log"
        return file.read_text() if file.exists() else ""

    def delivered(self, count: int) -> list[bytes]:
        """Return what is in the Maildir, once there are ``count`` and none wait."""
        end = time.monotonic() + DELIVERY_SECONDS
        while len(self._files()) < count or self._waiting():
            if time.monotonic() > end:
                raise RuntimeError(self.log())
            time.sleep(0.05)
        return [file.read_bytes() for file in sorted(self._files())]

    def _waiting(self) -> bool:
        queues = ("maildrop", "incoming", "active", "deferred", "corrupt")
        return any(
            file.is_file()
            for name in queues
            for file in (self._base / "queue" / name).rglob("*")
        )

    def _files(self) -> list[Path]:
        return list((self._base / "mail" / "all").glob("new/*"))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
