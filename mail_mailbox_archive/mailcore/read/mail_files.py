"""Messages read out of the files that mail programs write.

An .eml, an mbox in any dialect, a zip of such, of a Maildir too. What a file is, its
bytes say, not its name. Never more is held than the largest message that is wanted,
whatever a zip unpacks to; one bad file is named and the next one read.
"""

from __future__ import annotations

import io
import logging
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO

from ..errors import Unreadable
from .filing import hide, read_tags
from .mbox import is_mbox, read_mbox
from .message import Message, parse

_logger = logging.getLogger(__name__)

#: What is taken in at once: no more messages, and as many bytes or one message more.
BATCH, BATCH_BYTES = 100, 8 * 2**20
#: Files in one zip that are looked at.
MAX_FILES = 2_000_000
#: Bytes that say what a file is.
_START = 4_096
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_OUTLOOK = {b"\xd0\xcf\x11\xe0": "msg", b"!BDN": "pst"}
#: What mail programs and systems put beside the messages of a folder.
_BESIDE = re.compile(
    r"(?:^|/)(?:__MACOSX/.*|\.DS_Store|Thumbs\.db|desktop\.ini|tmp/[^/]*"
    r"|dovecot[^/]*|courier[^/]*|maildirfolder|maildirsize|subscriptions"
    r"|\.(?:mh_sequences|uidvalidity|mbsyncstate[^/]*)|[^/]*\.(?:csv|msf|snm))$",
    re.I | re.S,
)


@dataclass(frozen=True, slots=True)
class MailFile:
    """A message, or what is none.

    :param name: of its file
    :param source: its RFC 5322 bytes, as they stand there
    :param message: the source parsed; None where it is not a message or cannot be read
    :param error: why not: ``none``, ``too_big``, ``zip``, ``msg``, ``pst``, ``fault``,
        ``structure`` or another of :class:`.errors.Unreadable`; "" for a message
    :param place: what to begin with to read on after it: the file of a zip, the byte
    """

    name: str
    source: bytes
    message: Message | None = None
    error: str = ""
    place: tuple[int, int] = (0, 0)


def read_mail_files(
    name: str,
    content: bytes | IO[bytes],
    max_size: int,
    place: tuple[int, int] = (0, 0),
    filing: frozenset[str] = frozenset(),
) -> Iterator[MailFile]:
    """Yield the messages of a file, one at a time; what is none says why.

    Files in a zip are read in the same way, zips in it are not.

    :param content: its bytes, or the file itself, which can seek
    :param max_size: bytes that one message may have
    :param place: of the :class:`MailFile` that was read last
    :param filing: as of :class:`~..imap.plan.Limits`
    """
    for one in _read(name, content, max_size, place):
        yield _parse(one, filing)


def _read(
    name: str, content: bytes | IO[bytes], max_size: int, place: tuple[int, int]
) -> Iterator[MailFile]:
    file = io.BytesIO(content) if isinstance(content, bytes) else content
    file.seek(0)
    # not wherever the end of a zip is found: a message may hold one as it is
    if file.read(len(_ZIP[0])) in _ZIP:
        yield from _read_zip(name, file, max_size, place)
    elif not place[0]:
        file.seek(0)
        yield from _read_file(name, file, max_size, place)


def take_batch(files: Iterator[MailFile]) -> list[MailFile]:
    """Return the next messages that are taken in at once; none at the end."""
    batch: list[MailFile] = []
    size = 0
    while len(batch) < BATCH and size < BATCH_BYTES and (one := next(files, None)):
        batch.append(one)
        size += len(one.source)
    return batch


def _read_zip(
    name: str, file: IO[bytes], max_size: int, place: tuple[int, int]
) -> Iterator[MailFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, OSError):
        yield MailFile(name, b"", error="zip", place=(1, 0))
        return
    with archive:
        members = archive.infolist()[:MAX_FILES]
        for number in range(place[0], len(members)):
            member = members[number]
            if member.is_dir() or _BESIDE.search(member.filename):
                continue
            at = place[1] if number == place[0] else 0
            yield from _read_member(archive, member, max_size, (number, at))


def _read_member(
    archive: zipfile.ZipFile,
    member: zipfile.ZipInfo,
    max_size: int,
    place: tuple[int, int],
) -> Iterator[MailFile]:
    try:
        with archive.open(member) as file:
            # a bomb says little of its size: no more is unpacked at once than is read
            yield from _read_file(member.filename, file, max_size, place)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
    ):
        # damaged, encrypted, or packed in a way that is unknown here
        yield MailFile(member.filename, b"", error="zip", place=(place[0] + 1, 0))


def _read_file(
    name: str, file: IO[bytes], max_size: int, place: tuple[int, int]
) -> Iterator[MailFile]:
    number, at = place
    start = b"" if at else file.read(_START)
    if at or is_mbox(start):
        file.seek(at)
        for entry in read_mbox(file, max_size):
            yield _read_message(name, entry.source, max_size, (number, entry.end))
        return
    after = (number + 1, 0)
    if kind := _OUTLOOK.get(start[:4]):
        yield MailFile(name, b"", error=kind, place=after)
        return
    source = start + file.read(max(max_size + 1 - len(start), 0))
    yield _read_message(name, source, max_size, after)


def _read_message(
    name: str, source: bytes | None, max_size: int, place: tuple[int, int]
) -> MailFile:
    if source is None or len(source) > max_size:
        return MailFile(name, b"", error="too_big", place=place)
    return MailFile(name, source, place=place)


def _parse(file: MailFile, filing: frozenset[str]) -> MailFile:
    """Return ``file`` with its message; what is none already stays as it is."""
    if file.error:
        return file
    source = hide(file.source, filing, read_tags(file.source) if filing else ())
    try:
        message = parse(source)
    except Unreadable as error:
        return replace(file, source=source, error=error.code)
    except Exception:
        # ours to mend, and no reason to stop the import
        _logger.exception("A message in a file could not be parsed")
        return replace(file, source=source, error="fault")
    # whatever bytes can be read as a message; one that nobody wrote is none
    if not (message.from_ or message.message_id or message.date):
        return replace(file, source=b"", error="none")
    return replace(file, source=source, message=message)
