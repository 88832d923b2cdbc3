"""A job: the files in a winmail.dat, as Outlook packs them (MS-OXTNEF, MS-OXCMSG).

A reader of our own: ``tnefparse`` copies the rest of the file for each attribute, gives
up on names with letters of another code page, and was last released in 2021. Runs in
the process of ``child`` alone.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..text import safe_text

SIGNATURE = b"\x78\x9f\x3e\x22"
#: Kinds under which such files travel.
KINDS = frozenset(("application/ms-tnef", "application/vnd.ms-tnef"))
MAX_FILES = 200
#: How deep messages packed into messages are opened.
MAX_DEPTH = 5
MAX_NAME = 255

# attributes of TNEF, by the lower half of their number
_BEGIN, _TITLE, _DATA, _PROPERTIES, _CODEPAGE = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007
# properties of an attachment
_LONG_NAME, _NAME, _SHOWN_NAME, _CONTENT, _KIND = 0x3707, 0x3704, 0x3001, 0x3701, 0x370E
# types of properties whose values say how long they are
_TEXT, _WIDE, _BYTES, _OBJECT = 0x1E, 0x1F, 0x102, 0x0D
_SIZES = {
    0x02: 4, 0x03: 4, 0x04: 4, 0x0A: 4, 0x0B: 4, 0x48: 16,
    **dict.fromkeys((0x05, 0x06, 0x07, 0x14, 0x40), 8),
}  # fmt: skip
#: A packed message begins with the name of its interface.
_MESSAGE = bytes.fromhex("0703020000000000c000000000000046")


@dataclass(slots=True)
class File:
    """A file in a winmail.dat; ``names`` are its names by how much they count."""

    names: dict[int, str] = field(default_factory=dict)
    kind: str = ""
    content: memoryview = field(default_factory=lambda: memoryview(b""))
    is_message: bool = False

    @property
    def name(self) -> str:
        """The name that people gave it."""
        order = (_LONG_NAME, _NAME, _TITLE, _SHOWN_NAME)
        found = next((self.names[one] for one in order if self.names.get(one)), "")
        return safe_text(found.rstrip("\0"), MAX_NAME)


def is_tnef(filename: str, mimetype: str) -> bool:
    """Return whether a part is such a file, by what its sender calls it."""
    return mimetype.lower() in KINDS or filename.lower().strip() == "winmail.dat"


def read(content: bytes) -> Any:
    """Return the files in it, without their bytes; or the bytes of one.

    :param content: a line with the number of a file, empty for the list, then the file
    :raises ValueError: it is no winmail.dat
    :raises IndexError: there is no such file
    """
    line, _end, packed = content.partition(b"\n")
    files = list(find_files(packed))
    if line:
        return bytes(files[int(line)].content)
    return [
        {"name": one.name, "kind": safe_text(one.kind, 127), "size": len(one.content)}
        for one in files
    ]


def names_in(packed: bytes) -> Iterator[str]:
    """Yield the names of the files in a winmail.dat, each as a line to be searched.

    :raises ValueError: it is none
    """
    for one in find_files(packed):
        yield f"{one.name}\n"


def find_files(content: bytes | memoryview, depth: int = 0) -> Iterator[File]:
    """Yield the files in a winmail.dat, those of messages in it among them.

    :raises ValueError: it is none
    """
    if bytes(content[:4]) != SIGNATURE:
        raise ValueError("no TNEF")
    count = 0
    for file in _files(memoryview(content)):
        # one that is damaged is a file like others
        inside = file.is_message and bytes(file.content[:4]) == SIGNATURE
        if inside and depth < MAX_DEPTH:
            inner = find_files(file.content, depth + 1)
        else:
            inner = iter((file,))
        for one in inner:
            count += 1
            if count > MAX_FILES:
                return
            yield one


def _files(data: memoryview) -> Iterator[File]:
    """Yield the attachments of one level; what is cut off ends the list."""
    file: File | None = None
    codepage = "cp1252"
    for number, value in _attributes(data):
        if number == _CODEPAGE and len(value) >= 4:
            codepage = f"cp{struct.unpack_from('<I', value)[0]}"
        elif number == _BEGIN:
            if file:
                yield file
            file = File()
        elif file and number == _TITLE:
            file.names[_TITLE] = _text(value, codepage)
        elif file and number == _DATA:
            file.content = value
        elif file and number == _PROPERTIES:
            _describe(file, value, codepage)
    if file:
        yield file


def _attributes(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    at = 6
    while at + 11 <= len(data):
        _level, number, length = struct.unpack_from("<BII", data, at)
        start, at = at + 9, at + 9 + length + 2
        if start + length > len(data):
            return
        yield number & 0xFFFF, data[start : start + length]


def _describe(file: File, data: memoryview, codepage: str) -> None:
    for number, kind, value in _properties(data):
        if number in (_LONG_NAME, _NAME, _SHOWN_NAME):
            file.names[number] = _text(
                value, "utf-16-le" if kind == _WIDE else codepage
            )
        elif number == _KIND:
            file.kind = _text(value, "utf-16-le" if kind == _WIDE else codepage)
        elif number == _CONTENT and kind == _OBJECT:
            file.is_message = bytes(value[:16]) == _MESSAGE
            file.content = value[16:]
        elif number == _CONTENT and not file.content:
            file.content = value


def _properties(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield number, type and first value of each property; an odd one is the last."""
    try:
        (count,) = struct.unpack_from("<I", data)
        at = 4
        for _one in range(min(count, len(data) // 4)):
            kind, number = struct.unpack_from("<HH", data, at)
            at += 4
            if number >= 0x8000:
                at = _after_name(data, at)
            plain = kind & 0xFFF
            many = bool(kind & 0x1000)
            if plain in (_TEXT, _WIDE, _BYTES, _OBJECT):
                (values,) = struct.unpack_from("<I", data, at)
                at += 4
                for place in range(min(values, len(data) // 4)):
                    (length,) = struct.unpack_from("<I", data, at)
                    value = data[at + 4 : at + 4 + length]
                    at += 4 + length + -length % 4
                    if place == 0:
                        yield number, plain, value
            elif plain in _SIZES:
                values = struct.unpack_from("<I", data, at)[0] if many else 1
                at += 4 * many + min(values, len(data)) * _SIZES[plain]
            else:
                return
    except struct.error:
        return


def _after_name(data: memoryview, at: int) -> int:
    """Return where the value of a property with a name of its own begins."""
    (kind,) = struct.unpack_from("<I", data, at + 16)
    if kind == 0:
        return at + 24
    (length,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + length + -length % 4)


def _text(value: memoryview, codepage: str) -> str:
    try:
        return bytes(value[:2_000]).decode(codepage, "replace").partition("\0")[0]
    except LookupError:
        return bytes(value[:2_000]).decode("cp1252", "replace").partition("\0")[0]
