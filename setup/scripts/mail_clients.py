"""What fetches mail beside us in ``bench ingest``: programs that people use for it.

Each is restarted on an empty folder, and counts as done when all mail is there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PASSWORD = "bench"
HOST = "127.0.0.1"
UNPRIVILEGED = "nobody"
#: Of one run, at most.
SECONDS = 45
#: Runs a command, tells what it cost. In a small process of its own, because the peak
#: memory of a command is never told as less than that of who starts it.
TELL = """
import json, os, sys, time
begun = time.monotonic()
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_pid, status, used = os.wait4(pid, 0)
print(json.dumps({
    "seconds": time.monotonic() - begun,
    "cpu": used.ru_utime + used.ru_stime,
    "peak": used.ru_maxrss / 1024,
    "status": os.waitstatus_to_exitcode(status),
}))
"""
MBSYNC = """
IMAPStore server
Host {host}
Port {port}
User {login}
Pass {password}
SSLType None
AuthMechs LOGIN

MaildirStore files
Path {folder}/mail/
Inbox {folder}/mail/INBOX

Channel all
Far :server:
Near :files:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""
OFFLINEIMAP = """
[general]
accounts = bench
metadata = {folder}/state

[Account bench]
localrepository = files
remoterepository = server

[Repository files]
type = Maildir
localfolders = {folder}/mail

[Repository server]
type = IMAP
remotehost = {host}
remoteport = {port}
remoteuser = {login}
remotepass = {password}
ssl = no
starttls = no
readonly = true
"""
GETMAIL = """
[retriever]
type = SimpleIMAPRetriever
server = {host}
port = {port}
username = {login}
password = {password}

[destination]
type = Maildir
path = {folder}/mail/
{user}

[options]
read_all = true
delete = false
verbose = 0
"""
IMAPCLIENT = """
import sys
from imapclient import IMAPClient
host, port, login, password, kept = sys.argv[1:]
with IMAPClient(host, int(port), ssl=False) as client:
    client._imap.debug = 0
    client.login(login, password)
    client.select_folder("INBOX", readonly=True)
    uids, got = client.search(), 0
    for start in range(0, len(uids), 100):
        got += len(client.fetch(uids[start : start + 100], ["BODY.PEEK[]"]))
print(got, file=open(kept, "w"))
"""
#: Name, program, its configuration, its options.
PROGRAMS = (
    ("mbsync", "mbsync", MBSYNC, ("-q", "-c", "{folder}/rc", "all")),
    (
        "OfflineIMAP",
        "offlineimap",
        OFFLINEIMAP,
        ("-o", "-u", "quiet", "-c", "{folder}/rc"),
    ),
    (
        "getmail",
        "getmail",
        GETMAIL,
        ("-q", "--getmaildir={folder}", "--rcfile={folder}/rc"),
    ),
)


class Client:
    """A program that reads one INBOX into files.

    :param name: for people
    :param command: with ``{folder}`` and so on where a run puts its own
    :param config: of the file ``rc``, the same
    """

    def __init__(self, name: str, command: Sequence[str], config: str = "") -> None:
        self.name, self.command, self.config = name, command, config

    def fetch(self, port: int, login: str, folder: Path) -> dict[str, float]:
        """Fetch all mail of ``login``; return what it cost, and the ``count``.

        :raises RuntimeError: the program did not do it
        """
        words = {"host": HOST, "port": port, "login": login, "password": PASSWORD}
        words |= {"folder": folder, "user": ""}
        for name in ("cur", "new", "tmp"):
            (folder / "mail" / name).mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0 and self.name == "getmail":
            # it delivers nothing as root
            words["user"] = f"user = {UNPRIVILEGED}"
            folder.chmod(0o711)
            for path in (folder / "mail", *(folder / "mail").iterdir()):
                shutil.chown(path, UNPRIVILEGED)
        (folder / "rc").write_text(self.config.format(**words))
        command = [word.format(**words) for word in self.command]
        told = _run([sys.executable, "-c", TELL, *command])
        if told.pop("status"):
            raise RuntimeError(f"{self.name} gave up")
        return {**told, "count": _count(folder)}


def _run(command: Sequence[str]) -> dict[str, float]:
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            told, _errors = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise RuntimeError("it took too long") from None
    return json.loads(told.splitlines()[-1])


def _count(folder: Path) -> int:
    """Return how many mails are in the Maildirs of ``folder``, or were noted there."""
    noted = folder / "noted"
    if noted.exists():
        return int(noted.read_text())
    found = folder.glob("mail/**/*")
    return sum(p.parent.name in ("cur", "new") and p.is_file() for p in found)


def find() -> tuple[list[Client], list[str]]:
    """Return the clients that are on the machine, and the names of the others."""
    arguments = ("{host}", "{port}", "{login}", "{password}", "{folder}/noted")
    clients = [Client("imapclient", (sys.executable, "-c", IMAPCLIENT, *arguments))]
    missing = []
    for name, program, config, options in PROGRAMS:
        path = shutil.which(program)
        if path:
            clients.append(Client(name, (path, *options), config))
        else:
            missing.append(name)
    return clients, missing
