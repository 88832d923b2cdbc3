"""Messages as files that other mail programs read: a zip of .eml, or an mbox.

The bytes of a message are kept as they are in a zip; an mbox (RFC 4155, its "mboxrd"
kind) has other line ends and marks lines that begin with "From ".
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import IO

from .filename import download_name

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_UNSAFE_SENDER = re.compile(r"[^!-~]+")
#: Files of one folder.
PER_FOLDER = 1000
#: Zip knows no earlier time.
_ZIP_EPOCH = datetime(1980, 1, 1)


@dataclass(frozen=True, slots=True)
class Exported:
    """A message on its way out.

    :param source: its RFC 5322 bytes
    :param date: when it was written, UTC without a zone; None when it does not say
    :param sender: the address of who wrote it, "" when there is none
    :param attached_to: names of the records it is attached to, for the list
    """

    source: bytes
    subject: str
    date: datetime | None
    sender: str
    attached_to: str = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the list that goes with the messages."""

    file: str
    date: str
    sender: str
    subject: str
    attached_to: str


def write_zip(file: IO[bytes], messages: Iterable[Exported]) -> None:
    """Write each message as an .eml file, and ``index.csv`` that lists them.

    Names are numbered, safe on every system, and tell date and subject.
    """
    lines = []
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, message in enumerate(messages, start=1):
            name = _file_name(number, message)
            date = max(message.date or _ZIP_EPOCH, _ZIP_EPOCH)
            info = zipfile.ZipInfo(name, date.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, message.source)
            lines.append(_line(name, message))
        archive.writestr("index.csv", _index(lines))


def _file_name(number: int, message: Exported) -> str:
    day = message.date.strftime("%Y-%m-%d ") if message.date else ""
    label = download_name(message.subject, "", "message")[:80].rstrip(" .")
    return f"{number:05} {day}{label}.eml"


def _line(name: str, message: Exported) -> _Line:
    date = message.date.isoformat(" ") if message.date else ""
    values = (name, date, message.sender, message.subject, message.attached_to)
    return _Line(*map(_inert, values))


def _inert(value: str) -> str:
    """What a spreadsheet takes for a formula is text."""
    return f"'{value}" if value.startswith(tuple("=+-@\t\r")) else value


def _values(line: _Line) -> list[str]:
    return [getattr(line, field.name) for field in fields(line)]


def _index(lines: Iterable[_Line]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([field.name for field in fields(_Line)])
    writer.writerows(map(_values, lines))
    # with a byte order mark: spreadsheets take it for another charset without
    return text.getvalue().encode("utf-8-sig")


def write_folder(folder: Path, messages: Iterable[tuple[Exported, str, str]]) -> int:
    """Write each message as an .eml file, and ``index.csv`` that lists them.

    A thousand files to a folder, so that every file system bears them.

    :param folder: made here
    :param messages: each with the mailboxes that it was in, and the roles that alone
        read it
    :return: how many there were
    """
    folder.mkdir(parents=True)
    number = 0
    with open(folder / "index.csv", "w", newline="", encoding="utf-8-sig") as index:
        writer = csv.writer(index)
        names = [field.name for field in fields(_Line)]
        writer.writerow([*names, "mailboxes", "only_for_roles"])
        for number, (message, *more) in enumerate(messages, start=1):
            part = f"{(number - 1) // PER_FOLDER:04}"
            (folder / part).mkdir(exist_ok=True)
            name = f"{part}/{_file_name(number, message)}"
            (folder / name).write_bytes(message.source)
            writer.writerow([*_values(_line(name, message)), *map(_inert, more)])
    return number


def write_mbox(file: IO[bytes], messages: Iterable[Exported]) -> None:
    """Write the messages one after the other, as mboxrd."""
    for message in messages:
        date = message.date or datetime(1970, 1, 1)
        sender = _UNSAFE_SENDER.sub("", message.sender) or "MAILER-DAEMON"
        file.write(f"From {sender} {date.ctime()}\n".encode("ascii"))
        body = message.source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        file.write(_FROM_LINE.sub(rb">\1", body))
        file.write(b"\n" if body.endswith(b"\n") else b"\n\n")
