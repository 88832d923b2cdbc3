"""A real IMAP server: Debian's Dovecot 2.3, in a folder and on ports of its own.

It works as root and as an ordinary user. ``DOVECOT`` names another binary. What tests
do to a mailbox is done behind the server's back (Maildir files) or with Python's own
imaplib, never with the code under test.
"""

from __future__ import annotations

import contextlib
import grp
import itertools
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from imapclient.imap_utf7 import encode

from .certificates import Authority, Certificate
from .imap_server import PASSWORD, START_SECONDS, ImapServer, free_ports

__all__ = ["CAPABILITIES", "PASSWORD", "Dovecot", "DovecotCase"]

CAPABILITIES = (
    "IMAP4rev1 SASL-IR LOGIN-REFERRALS ID ENABLE IDLE MULTIAPPEND UNSELECT CHILDREN"
    " NAMESPACE UIDPLUS LIST-EXTENDED CONDSTORE QRESYNC ESEARCH SEARCHRES WITHIN"
    " LIST-STATUS BINARY MOVE SAVEDATE LITERAL+ NOTIFY SPECIAL-USE"
).split()

_CONFIG = """
base_dir = {base}/run
state_dir = {base}/state
log_path = {base}/log
instance_name = {base}
protocols = imap
listen = 127.0.0.1
default_internal_user = {internal_user}
default_internal_group = {internal_group}
default_login_user = {login_user}
first_valid_uid = 1
first_valid_gid = 0
mail_location = maildir:~/mail:LAYOUT=fs:INBOX=~/mail/INBOX
mail_fsync = never
mail_max_userip_connections = 1000
maildir_very_dirty_syncs = no
disable_plaintext_auth = no
auth_mechanisms = {mechanisms}
auth_failure_delay = 0
auth_cache_size = 0
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
rawlog_dir = %h/rawlog
{capability}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {base}/users/%u
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={base}/home/%u allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  prefix = {prefix}
  separator = {separator}
{mailboxes}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap {{
  service_count = 100
}}
service imap-login {{
  chroot =
  service_count = 0
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""


_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {base}/oauth2.conf
}}
"""

_INTROSPECTION = """
introspection_url = {url}
introspection_mode = post
force_introspection = yes
username_attribute = email
active_attribute = active
active_value = true
"""


class DovecotCase:
    """A part of a test case: a server for the class, an account for each test.

    :cvar options: of the server
    :ivar login: of the account
    """

    options: dict = {}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server = cls.enterClassContext(Dovecot(**cls.options))

    def setUp(self) -> None:
        super().setUp()
        self.login = self.id().rpartition(".")[2][-40:].lower()
        self.server.add_user(self.login)


class Dovecot(ImapServer):
    """A context manager: started on entry, stopped and removed on exit.

    :param certificate: what it shows; by default a good one of :attr:`authority`
    :param without: capabilities that it does not offer
    :param special_use: attribute by folder, e.g. ``{"Kosz": "\\\\Trash"}``; such
        folders exist from the start
    :param introspection: address where an OAuth provider tells what a token is worth
    :param mechanisms: ways to log in
    :param prefix: what the name of each folder but INBOX begins with; ends with the
        separator of all names, e.g. ``INBOX.``
    """

    def __init__(
        self,
        certificate: Certificate | None = None,
        without: Iterable[str] = (),
        special_use: Mapping[str, str] | None = None,
        introspection: str = "",
        mechanisms: str = "plain",
        prefix: str = "",
    ) -> None:
        self._binary = _find_binary()
        self._base = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self._base.chmod(0o755)
        self.authority = Authority(self._base)
        self._certificate = certificate or self.authority.good()
        self._without = frozenset(without)
        self._special_use = special_use or {}
        self._introspection, self._mechanisms = introspection, mechanisms
        self.prefix, self.separator = prefix, prefix[-1:] or "/"
        self.moves = "MOVE" not in self._without
        self.port, self.tls_port = free_ports(2)
        self._numbers = itertools.count(1)
        owner = pwd.getpwnam("mail") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
        self._uid, self._gid = owner.pw_uid, owner.pw_gid

    def __enter__(self) -> Dovecot:
        for name in ("run", "state", "home", "users"):
            (self._base / name).mkdir(mode=0o755)
        self._own(self._base / "home")
        introspection = _INTROSPECTION.format(url=self._introspection)
        (self._base / "oauth2.conf").write_text(introspection)
        config = self._base / "dovecot.conf"
        config.write_text(self._config())
        try:
            # a file and no pipe: the daemon would keep the pipe open
            with (self._base / "start").open("w") as words:
                subprocess.run(
                    [self._binary, "-c", config],
                    stdin=subprocess.DEVNULL,
                    stdout=words,
                    stderr=words,
                    check=True,
                    timeout=START_SECONDS,
                )
            self._wait()
        except (subprocess.SubprocessError, RuntimeError) as error:
            words = (self._base / "start").read_text() + self.log()
            self._stop()
            raise RuntimeError(f"Dovecot did not start: {words}") from error
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop()

    @property
    def pid(self) -> int:
        """The process whose children do all the work."""
        return int((self._base / "run" / "master.pid").read_text())

    # Accounts and mail

    def add_user(
        self, login: str, password: str = PASSWORD, logged: bool = True
    ) -> None:
        """Add an account with an empty INBOX.

        :param logged: note what it sends and gets, for :meth:`commands`
        """
        # a file each: Dovecot looks at most once a second for changes of a file
        (self._base / "users" / login).write_text(f"{login}:{password}::::::\n")
        self._make_folder(login, "INBOX")
        if not logged:
            return
        rawlog = self._home(login) / "rawlog"
        rawlog.mkdir()
        self._own(rawlog)

    def remove_user(self, login: str) -> None:
        """Remove an account with all its mail."""
        (self._base / "users" / login).unlink()
        shutil.rmtree(self._home(login))

    def _put(self, login, source, folder, flags, date, age):
        path = self._make_folder(login, folder)
        name = f"{1_000_000_000 + next(self._numbers)}.M1P1.test"
        # a server that looks at this moment must not see half of it
        file = path / "tmp" / name
        file.write_bytes(source)
        if date:
            os.utime(file, (date.timestamp(), date.timestamp()))
        self._own(file)
        file.rename(path / "cur" / f"{name}:2,{flags}")

    def create_folder(self, login: str, folder: str) -> None:
        self._make_folder(login, folder)

    def delete_folder(self, login: str, folder: str) -> None:
        shutil.rmtree(self._path(login, folder))

    def reset_uidvalidity(self, login: str, folder: str = "INBOX") -> None:
        """Make the server number the messages of a folder anew."""
        path = self._path(login, folder)
        for file in [*path.glob("dovecot.index*"), path / "dovecot-uidlist"]:
            file.unlink(missing_ok=True)

    # What to look at afterwards

    def commands(self, login: str) -> list[list[str]]:
        """Return the commands between each login and LOGOUT, since the last call."""
        folder = self._home(login) / "rawlog"
        sessions = []
        for file in sorted(folder.glob("*.in"), key=lambda f: f.stat().st_mtime_ns):
            lines = file.read_text("latin-1").splitlines()
            # with or without a time in front
            words = [re.sub(r"^\d+\.\d+ ", "", line).split(" ", 1) for line in lines]
            commands = [word[1] for word in words if len(word) > 1]
            sessions.append([one for one in commands if one.upper() != "LOGOUT"])
        for file in folder.iterdir():
            file.unlink()
        return sessions

    def log(self) -> str:
        file = self._base / "log"
        return file.read_text() if file.exists() else ""

    # Inner workings

    def _config(self) -> str:
        root = os.geteuid() == 0
        me = pwd.getpwuid(os.geteuid()).pw_name
        offered = " ".join(w for w in CAPABILITIES if w not in self._without)
        mailboxes = (
            f'  mailbox "{name}" {{\n    auto = create\n    special_use = {use}\n  }}'
            for name, use in self._special_use.items()
        )
        return _CONFIG.format(
            base=self._base,
            mechanisms=self._mechanisms,
            oauth=_OAUTH.format(base=self._base) if self._introspection else "",
            internal_user="dovecot" if root else me,
            internal_group="dovecot" if root else grp.getgrgid(os.getegid()).gr_name,
            login_user="dovenull" if root else me,
            certificate=self._certificate.certificate,
            key=self._certificate.key,
            capability=f"imap_capability = {offered}" if self._without else "",
            uid=self._uid,
            gid=self._gid,
            mailboxes="\n".join(mailboxes),
            prefix=self.prefix,
            separator=self.separator,
            port=self.port,
            tls_port=self.tls_port,
        )

    def _password(self, login: str) -> str:
        line = (self._base / "users" / login).read_text().strip()
        return line.removesuffix("::::::").partition(":")[2]

    def _home(self, login: str) -> Path:
        return self._base / "home" / login

    def _path(self, login: str, folder: str) -> Path:
        return self._home(login) / "mail" / encode(folder).decode()

    def _make_folder(self, login: str, folder: str) -> Path:
        path = self._path(login, folder)
        if not (path / "cur").exists():
            for name in ("cur", "new", "tmp"):
                (path / name).mkdir(parents=True)
            while path != self._base / "home":
                for part in (path, *(path / n for n in ("cur", "new", "tmp"))):
                    if part.exists():
                        self._own(part)
                path = path.parent
        return self._path(login, folder)

    def _own(self, path: Path) -> None:
        if os.geteuid() == 0:
            os.chown(path, self._uid, self._gid)

    def _stop(self) -> None:
        pid_file = self._base / "run" / "master.pid"
        with contextlib.suppress(OSError, ValueError):
            pid = int(pid_file.read_text())
            os.kill(pid, signal.SIGTERM)
            end = time.monotonic() + START_SECONDS
            # the server removes the file when it is through
            while pid_file.exists() and time.monotonic() < end:
                os.kill(pid, 0)
                time.sleep(0.02)
        shutil.rmtree(self._base, ignore_errors=True)


def _find_binary() -> str:
    binary = os.environ.get("DOVECOT") or shutil.which(
        "dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
    )
    if not binary:
        raise RuntimeError("Dovecot is missing: install Debian's dovecot-imapd.")
    version = subprocess.check_output([binary, "--version"], text=True).strip()
    if not version.startswith("2.3."):
        raise RuntimeError(f"These tests configure Dovecot 2.3; {binary} is {version}.")
    return binary
