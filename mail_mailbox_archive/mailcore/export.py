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
from typing import IO

from .filename import download_name

_FROM_LINE = re.compile(rb"^(>*From )", re.MULTILINE)
_UNSAFE_SENDER = re.compile(r"[^!-~]+")
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


def _index(lines: Iterable[_Line]) -> bytes:
    text = io.StringIO()
    names = [field.name for field in fields(_Line)]
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([getattr(line, name) for name in names] for line in lines)
    # with a byte order mark: spreadsheets take it for another charset without
    return text.getvalue().encode("utf-8-sig")


def write_mbox(file: IO[bytes], messages: Iterable[Exported]) -> None:
    """Write the messages one after the other, as mboxrd."""
    for message in messages:
        date = message.date or datetime(1970, 1, 1)
        sender = _UNSAFE_SENDER.sub("", message.sender) or "MAILER-DAEMON"
        file.write(f"From {sender} {date.ctime()}\n".encode("ascii"))
        body = message.source.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        file.write(_FROM_LINE.sub(rb">\1", body))
        file.write(b"\n" if body.endswith(b"\n") else b"\n\n")
