"""Content transfer encodings (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import re
import string
from itertools import islice

_BASE64 = f"{string.ascii_uppercase}{string.ascii_lowercase}{string.digits}+/".encode()
_UUENCODE = ("x-uuencode", "uuencode", "uue", "x-uue")
_UU_BEGIN = re.compile(rb"(?:^|[\r\n])begin ")
_LINE = re.compile(rb"[^\r\n]+")
#: Lines of a uuencoded part that are read: 60 MB of honest ones.
MAX_UU_LINES = 1_000_000
#: Pieces of base64, each padded, that are read as one.
MAX_PIECES = 10_000
_SOFT_END = re.compile(rb"=[ \t]+(?=\r?\n|$)")
_BLANKS = (b"\n", b"\r", b" ", b"\t")
# Senders who encode piece by piece pad each; the library stops at the first.
_PADDED_INSIDE = re.compile(rb"(?<![=\s])=[=\s]*(?=[A-Za-z0-9+/])")
_ALL_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]*(?:=[=\s]*)?")
_NOT_BASE64 = bytes(set(range(256)).difference(_BASE64))


def decode_base64(data: bytes | memoryview) -> bytes:
    """Return the bytes behind ``data``, as many as it holds; padding may be missing."""
    if _PADDED_INSIDE.search(data):
        pieces = _PADDED_INSIDE.split(bytes(data), MAX_PIECES)
        # a mailing list appended text that is not base64
        if all(_ALL_BASE64.fullmatch(piece) for piece in pieces):
            return b"".join(map(_decode_base64, pieces))
    return _decode_base64(data)


def _decode_base64(data: bytes | memoryview) -> bytes:
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        digits = bytes(data).translate(None, _NOT_BASE64)
        if len(digits) % 4 == 1:
            digits = digits[:-1]
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def is_cut_base64(data: bytes) -> bool:
    """Whether ``data`` ends inside of a group, as senders do who encode and then cut.

    Where only the padding is missing, the bits that it stands for are zeros.
    """
    left = len(data) % 4
    if not left or data.endswith(b"="):
        return False
    spare = _BASE64.find(data[-1:]) % (16 if left == 2 else 4)
    return left == 1 or spare != 0


def decode_content(data: bytes | memoryview, encoding: str) -> bytes:
    """Return the bytes behind ``data``; an unknown encoding changes nothing."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        # blanks at the end of a line are of the way, not of the text (RFC 2045, 6.7)
        return binascii.a2b_qp(_SOFT_END.sub(b"=", data))
    if encoding in _UUENCODE:
        return _decode_uu(bytes(data))
    return bytes(data)


def decoded_size(source: bytes, start: int, stop: int, encoding: str) -> int:
    """Return the decoded size in bytes; base64 is counted, not decoded."""
    if encoding == "base64":
        blanks = sum(
            source.count(blank, start, stop)
            for blank in _BLANKS
            # to find out that there is none takes a tenth of counting
            if source.find(blank, start, stop) >= 0
        )
        padding = source[max(stop - 16, start) : stop].count(b"=")
        return (stop - start - blanks - padding) * 3 // 4
    if encoding == "quoted-printable" or encoding in _UUENCODE:
        return len(decode_content(memoryview(source)[start:stop], encoding))
    return stop - start


def _decode_uu(data: bytes) -> bytes:
    decoded = bytearray()
    begun = not _UU_BEGIN.search(data)
    for match in islice(_LINE.finditer(data), MAX_UU_LINES):
        line = match[0]
        if not begun:
            begun = line.startswith(b"begin ")
        elif line.strip() == b"end":
            break
        else:
            piece = _decode_uu_line(line)
            # a line may leave out the zeros at its end, so that one letter stands for
            # 63 bytes; a part that becomes longer than it is was written to exhaust us
            if len(decoded) + len(piece) > len(data):
                piece = piece[: len(line) * 3 // 4]
            decoded += piece
    return bytes(decoded)


def _decode_uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count the bytes of a line wrongly: read what it holds.
        length = ((line[0] - 32) & 63) * 4 + 5
        return _lenient_uu(line[: length // 3])


def _lenient_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
