"""Servers that exclude each other in Debian: unpacked, and started from there."""

from __future__ import annotations

import ctypes
import imaplib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from .imap_server import START_SECONDS, ImapServer, ok

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG = 1
EXITS = [name for name in dir(os) if name.startswith("EX_")]
FLAGS = {"S": r"\Seen", "F": r"\Flagged", "R": r"\Answered"}


class Unavailable(Exception):
    """The server is not on this machine; the text says how to have it."""


class Packaged(ImapServer):
    """A context manager: started on entry; on exit nothing of it is left.

    ``IMAP_SERVERS`` names the folder that the packages were unpacked in; without it
    the server must be installed.

    :cvar package: Debian's name of it
    :cvar binary: what must be there
    :raises Unavailable: it is not there
    """

    package = ""
    binary = ""

    def __init__(self) -> None:
        self._root = Path(os.environ.get("IMAP_SERVERS", "/"))
        reason = self._missing()
        if reason:
            raise Unavailable(f"{type(self).__name__} is not tried: {reason}")
        self._base = Path(tempfile.mkdtemp(prefix=f"{self.package}-"))
        self._base.chmod(0o755)
        self._processes: list[subprocess.Popen] = []

    def __enter__(self) -> Packaged:
        try:
            self._start()
            self._wait()
        except BaseException as error:
            words = self.log()
            self._stop()
            if isinstance(error, Exception):
                name = type(self).__name__
                raise RuntimeError(f"{name} did not start: {error}\n{words}") from error
            raise
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop()

    def _put(self, login, source, folder, flags, date, age):
        if folder != "INBOX":
            self.create_folder(login, folder)
        words = " ".join(FLAGS[letter] for letter in flags)
        with self.connected(login) as client:
            ok(client.append(self.quoted(folder), f"({words})", date, source))

    def reset_uidvalidity(self, login: str, folder: str = "INBOX") -> None:
        """Make the server number the messages of a folder, but INBOX, anew."""
        with self.selected(login, folder) as client:
            before = client.response("UIDVALIDITY")[1]
            found = ok(client.uid("FETCH", "1:*", "(FLAGS INTERNALDATE BODY.PEEK[])"))
        self.delete_folder(login, folder)
        self.create_folder(login, folder)
        with self.connected(login) as client:
            for items, source in (one for one in found if isinstance(one, tuple)):
                # \Recent cannot be given (RFC 3501, 2.3.2)
                known = set(imaplib.ParseFlags(items)) - {rb"\Recent"}
                flags = b" ".join(sorted(known)).decode()
                date = imaplib.Internaldate2tuple(items)
                ok(client.append(self.quoted(folder), f"({flags})", date, source))
        with self.selected(login, folder) as client:
            if client.response("UIDVALIDITY")[1] == before:
                raise RuntimeError("the folder is numbered as before")

    def log(self) -> str:
        file = self._base / "log"
        return file.read_text(errors="replace") if file.exists() else ""

    # For each server to tell

    def _start(self) -> None:
        raise NotImplementedError

    # Inner workings

    def _missing(self) -> str:
        """Return why the server cannot be had here, "" if it can."""
        if (self._root / self.binary).exists():
            return ""
        return (
            f"Debian's {self.package} is neither installed nor unpacked where "
            "IMAP_SERVERS says."
        )

    def _run(self, command: Iterable[object], **options: object) -> subprocess.Popen:
        """Start a program of the packages; it ends with this server, or with us."""
        with (self._base / "log").open("a") as log:
            process = subprocess.Popen(
                [str(word) for word in command],
                **{"stdin": subprocess.DEVNULL, "stdout": log, **options},
                stderr=log,
                # what it starts itself must not outlive it either
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )
        self._processes.append(process)
        return process

    def _environment(self) -> dict[str, str]:
        """Return what the programs need to find the libraries beside them."""
        folders = [self._root / "usr/lib", *self._root.glob("usr/lib/*-linux-*")]
        folders += self._root.glob("lib/*-linux-*")
        libraries = ":".join(map(str, folders)) if self._root != Path("/") else ""
        return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LD_LIBRARY_PATH": libraries}

    def _check_alive(self) -> None:
        for process in self._processes:
            if process.poll():
                code = process.returncode
                # sysexits.h: all that Cyrus says, but in the system's log
                name = next((n for n in EXITS if getattr(os, n) == code), "?")
                raise RuntimeError(f"{process.args[0]} ended with {code}, {name}")

    def _stop(self) -> None:
        for process in reversed(self._processes):
            self._end(process)
        shutil.rmtree(self._base, ignore_errors=True)

    @staticmethod
    def _end(process: subprocess.Popen) -> None:
        try:
            process.terminate()
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            process.wait()


def _die_with_parent() -> None:
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
