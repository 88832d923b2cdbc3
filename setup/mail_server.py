"""The mail server of the demonstration: IMAP, SMTP and a web page, in memory."""

from __future__ import annotations

import imaplib
import smtplib
from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from . import pins
from .demo_mail import Letter, build
from .processes import HOST, free_port, listens, running

#: All accounts have it; the server listens on this machine alone.
PASSWORD = "demo"


@dataclass(frozen=True)
class MailServer:
    imap_port: int
    smtp_port: int
    http_port: int

    def fill(self, letters: Iterable[Letter], start: datetime) -> int:
        """Put the letters where they lie at the start; return the number of copies."""
        copies = [(place, letter) for letter in letters for place in letter.places]
        by_account: dict[str, list[tuple[str, Letter]]] = {}
        for (account, folder), letter in copies:
            by_account.setdefault(account, []).append((folder, letter))
        for account, items in by_account.items():
            self._fill_account(account, items, start)
        return len(copies)

    def _fill_account(
        self, account: str, items: list[tuple[str, Letter]], start: datetime
    ) -> None:
        with imaplib.IMAP4(HOST, self.imap_port, timeout=30) as session:
            session.login(account, PASSWORD)
            for folder in {folder for folder, _letter in items} - {"INBOX"}:
                session.create(_wire_name(folder))
            for folder, letter in sorted(items, key=lambda i: -i[1].hours):
                flags = r"(\Seen)" if letter.seen else None
                date = imaplib.Time2Internaldate(letter.date(start))
                source = build(letter, start)
                session.append(_wire_name(folder), flags, date, source)

    def deliver(self, letter: Letter, start: datetime) -> None:
        """Send the letter by SMTP, as the world does."""
        recipients = [account for account, _folder in letter.places]
        with smtplib.SMTP(HOST, self.smtp_port, timeout=30) as session:
            session.sendmail(letter.sender[1], recipients, build(letter, start))


def _wire_name(folder: str) -> str:
    """The folder's name in IMAP's own UTF-7 (RFC 3501, 5.1.3), in quotes."""
    return f'"{folder.encode("utf-7").decode().replace("+", "&")}"'


@contextmanager
def mail_server(python: Path, log: Path):
    """A running :class:`MailServer`."""
    imap = free_port(4143)
    smtp = free_port(4025)
    http = free_port(4080)
    ports = ["--imap-port", imap, "--smtp-port", smtp, "--http-port", http]
    command = [python, pins.HERE / "plugins" / "mail_server.py", "--host", HOST]
    command += ["--multi-user", "--password", PASSWORD, *map(str, ports)]
    with running(
        "The mail server",
        command,
        {},
        log,
        lambda: all(map(listens, (imap, smtp, http))),
    ):
        yield MailServer(imap, smtp, http)
