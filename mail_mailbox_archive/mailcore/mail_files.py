"""Messages read out of the files that mail programs write: .eml, mbox, zips of them."""

from __future__ import annotations

import io
import mailbox
import re
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from .errors import Unreadable
from .message import Message, parse

#: Files in one zip that are looked at.
MAX_FILES = 20_000
#: How many times the bytes of one message an mbox in a zip may have.
LARGEST_BOX = 4

_QUOTED_FROM = re.compile(rb"^>(>*From )", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A message, or what is none.

    :param name: of its file
    :param source: its RFC 5322 bytes, as they stand there
    :param message: the source parsed; None where it is no message or cannot be read
    :param error: why not: ``none``, ``too_big``, ``structure`` or another of
        :class:`.errors.Unreadable`; "" for a message
    """

    name: str
    source: bytes
    message: Message | None = None
    error: str = ""


def read_mail_files(name: str, content: bytes, max_size: int) -> Iterator[MailFile]:
    """Yield the messages of a file, one at a time; what is none says why.

    An mbox (RFC 4155) is known by its first line, a zip by its first bytes; files in
    it are read in the same way, zips in it are not.

    :param max_size: bytes that one message may have
    """
    if zipfile.is_zipfile(io.BytesIO(content)):
        yield from _read_zip(name, content, max_size)
    else:
        yield from _read_file(name, content, max_size)


def _read_zip(name: str, content: bytes, max_size: int) -> Iterator[MailFile]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for member in archive.infolist()[:MAX_FILES]:
                if member.is_dir() or member.filename.lower().endswith(".csv"):
                    continue
                limit = max_size * (LARGEST_BOX if _is_mbox(member.filename) else 1)
                with archive.open(member) as file:
                    # a bomb says little of its size: no more is unpacked than is read
                    data = file.read(limit + 1)
                if len(data) > limit:
                    yield MailFile(member.filename, b"", error="too_big")
                else:
                    yield from _read_file(member.filename, data, max_size)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError):
        # damaged, encrypted, or packed in a way that is unknown here
        yield MailFile(name, b"", error="zip")


def _is_mbox(name: str) -> bool:
    return name.lower().endswith((".mbox", ".mbx"))


def _read_file(name: str, content: bytes, max_size: int) -> Iterator[MailFile]:
    if not content.startswith(b"From "):
        yield _read_message(name, content, max_size)
        return
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        box = mailbox.mbox(file.name, create=False)
        try:
            for key in box.iterkeys():
                source = _QUOTED_FROM.sub(rb"\1", box.get_bytes(key))
                yield _read_message(name, source, max_size)
        finally:
            with suppress(OSError):
                box.close()


def _read_message(name: str, source: bytes, max_size: int) -> MailFile:
    if len(source) > max_size:
        return MailFile(name, b"", error="too_big")
    try:
        message = parse(source)
    except Unreadable as error:
        return MailFile(name, source, error=error.code)
    # whatever bytes can be read as a message; one that nobody wrote is none
    if not (message.from_ or message.message_id or message.date):
        return MailFile(name, b"", error="none")
    return MailFile(name, source, message)
