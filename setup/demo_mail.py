"""Build the messages of the demonstration: every kind of mail that people get.

`demo_story.py` tells who writes what; here is how it becomes bytes.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email import policy
from email.header import Header
from email.message import EmailMessage
from email.utils import format_datetime, formataddr

CET = timezone(timedelta(hours=1))


@dataclass(frozen=True)
class File:
    """An attachment, or an inline image when it has a `cid`."""

    name: str
    mimetype: str
    content: bytes
    cid: str = ""


@dataclass(frozen=True)
class Letter:
    """A message before it is built. `places` are (account, folder) pairs."""

    key: str
    places: Sequence[tuple[str, str]]
    sender: tuple[str, str]
    subject: str
    text: str
    hours: float  # before the start of the demonstration
    to: str = ""
    cc: str = ""
    html: str = ""
    files: Sequence[File] = ()
    replies_to: Sequence[str] = ()  # keys, the root of the thread first
    charset: str = "utf-8"
    seen: bool = False
    extra: Sequence[tuple[str, str]] = ()
    raw: bytes = b""  # instead of all the above but the places

    def date(self, start: datetime) -> datetime:
        return (start - timedelta(hours=self.hours)).astimezone(CET)


def message_id(key: str) -> str:
    return f"<{key}@demo.example>"


def build(letter: Letter, start: datetime) -> bytes:
    """The bytes of `letter`, with CRLF; the same for the same `start`."""
    if letter.raw:
        date = format_datetime(letter.date(start)).encode()
        return letter.raw.replace(b"@DATE@", date).replace(b"\n", b"\r\n")
    message = EmailMessage(policy=policy.SMTP.clone(max_line_length=76))
    _set_body(message, letter)
    for name, value in _headers(letter, start).items():
        if value:
            message[name] = value
    for name, value in letter.extra:
        message[name] = value
    source = message.as_bytes()
    return _old_headers(source, letter) if letter.charset != "utf-8" else source


def _headers(letter: Letter, start: datetime) -> dict[str, str]:
    return {
        "From": formataddr(letter.sender),
        "To": letter.to,
        "Cc": letter.cc,
        "Subject": letter.subject,
        "Date": format_datetime(letter.date(start)),
        "Message-ID": message_id(letter.key),
        "In-Reply-To": message_id(letter.replies_to[-1]) if letter.replies_to else "",
        "References": " ".join(map(message_id, letter.replies_to)),
    }


def _set_body(message: EmailMessage, letter: Letter) -> None:
    message.set_content(letter.text, charset=letter.charset)
    if letter.html:
        message.add_alternative(letter.html, subtype="html", charset=letter.charset)
    for file in letter.files:
        main, _, sub = file.mimetype.partition("/")
        if file.cid:
            html = message.get_payload()[1]
            html.add_related(
                file.content,
                main,
                sub,
                cid=f"<{file.cid}>",
                filename=file.name,
                disposition="inline",
            )
        else:
            message.add_attachment(file.content, main, sub, filename=file.name)
    # a fixed boundary: a restart must give the same bytes again
    for number, part in enumerate(p for p in message.walk() if p.is_multipart()):
        part.set_boundary(f"=-{letter.key}-{number}")


def _old_headers(source: bytes, letter: Letter) -> bytes:
    """Encode the subject in the charset of the text, as older programs do."""
    subject = Header(letter.subject, letter.charset, header_name="Subject").encode()
    head, separator, body = source.partition(b"\r\n\r\n")
    lines = head.replace(b"\r\n ", b" ").split(b"\r\n")
    lines = [
        f"Subject: {subject}".replace("\n", "\r\n").encode()
        if line.startswith(b"Subject:")
        else line
        for line in lines
    ]
    return b"\r\n".join(lines) + separator + body


def pdf(text: str) -> bytes:
    """A page with one line of text."""
    line = text.encode("cp1252", "replace").replace(b"(", b"[").replace(b")", b"]")
    content = b"BT /F1 18 Tf 60 760 Td (" + line + b") Tj ET"
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R"
        b"/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj%s endobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + (
        b"xref\n0 6\n0000000000 65535 f \n%strailer<</Size 6/Root 1 0 R>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (table, len(out))
    )


def png(width: int, height: int, colour: tuple[int, int, int]) -> bytes:
    """A picture that runs from white to `colour`."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    def row(y: int) -> bytes:
        shade = bytes(255 - (255 - c) * y // height for c in colour)
        return b"\0" + shade * width

    pixels = b"".join(map(row, range(height)))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        chunk(kind, data)
        for kind, data in (
            (b"IHDR", header),
            (b"IDAT", zlib.compress(pixels)),
            (b"IEND", b""),
        )
    )


def noise(size: int) -> bytes:
    """Bytes that do not compress, the same each time."""
    return random.Random("spedbud").randbytes(size)
