"""The text in office files: Office Open XML (ECMA-376) and OpenDocument (ISO 26300).

Both are a zip of XML. Its parts are read one after the other in pieces, until there is
enough text; a part that is damaged ends the reading, with what was read before it.
"""

from __future__ import annotations

import io
import re
import time
import zipfile
import zlib
from collections.abc import Iterator
from typing import IO, Any

from lxml import etree

from .document import SAFE, local_name

#: Parts of one file that are read, and bytes of all of them unpacked.
MAX_PARTS, MAX_UNPACKED = 500, 100 * 2**20
#: Seconds of the processor after which no more is read, so that what was read is kept.
MAX_SECONDS = 6
#: Parts that hold what people read, in this order: words before numbers, of which a
#: sheet may have more than is read.
_TEXTS = tuple(
    re.compile(rf"(?:{one})\.xml\Z")
    for one in (
        r"word/document|xl/workbook|content",
        r"xl/sharedStrings|ppt/slides/slide\d+",
        r"word/(?:header\d*|footer\d*|footnotes|endnotes|comments)"
        r"|xl/comments\d*|ppt/notesSlides/notesSlide\d+|styles",
        r"xl/worksheets/sheet\d+",
    )
)
#: Elements that are a line of text with all that is in them, of both families.
_LINES = frozenset(("p", "h", "si", "c", "comment"))


class _Capped(io.RawIOBase):
    """A part of the zip, of which no more is unpacked than is left for all of them."""

    def __init__(self, file: IO[bytes], left: list[int]) -> None:
        super().__init__()
        self._file, self._left = file, left

    def read(self, size: int = -1) -> bytes:
        wanted = min(size if size > 0 else 65_536, 65_536, self._left[0])
        piece = self._file.read(wanted) if wanted > 0 else b""
        self._left[0] -= len(piece)
        return piece


def is_zip(content: bytes) -> bool:
    """Return whether a file begins like a zip."""
    return content.startswith(b"PK\x03\x04")


def office_text(content: bytes) -> Iterator[str]:
    """Yield the text of an office file in pieces.

    :raises ValueError: it is a zip of something else, or of nothing that can be read
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        listed = archive.infolist()
        parts = [one for form in _TEXTS for one in listed if form.match(one.filename)]
    except (zipfile.BadZipFile, NotImplementedError, OSError) as error:
        raise ValueError("not a zip") from error
    if not parts:
        raise ValueError("no office file")
    left, until = [MAX_UNPACKED], time.process_time() + MAX_SECONDS
    with archive:
        for part in parts[:MAX_PARTS]:
            try:
                with archive.open(part) as file:
                    yield from _texts(_Capped(file, left), until)
            except (
                zipfile.BadZipFile,
                zlib.error,
                etree.XMLSyntaxError,
                NotImplementedError,
                RuntimeError,
                EOFError,
                OSError,
            ):
                # damaged, encrypted, or longer than what is read of it
                continue


def _texts(file: Any, until: float) -> Iterator[str]:
    lines = 0
    pieces = etree.iterparse(file, events=("start", "end"), **SAFE)
    for at, (event, element) in enumerate(pieces):
        if at % 10_000 == 0 and time.process_time() > until:
            return
        name = local_name(element)
        if event == "start":
            lines += name in _LINES
            if name == "sheet":
                yield f"{element.get('name', '')}\n"
            continue
        lines -= name in _LINES
        if name in _LINES:
            # a cell of type s holds the number of a text, which stands elsewhere
            if name != "c" or element.get("t") != "s":
                yield "".join(element.itertext()) + "\n"
            element.clear()
        if not lines:
            _give_back(element)


def _give_back(element: Any) -> None:
    """Free what was read, with what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
