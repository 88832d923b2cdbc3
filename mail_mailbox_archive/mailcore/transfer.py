"""Content transfer encodings (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import string

_BASE64 = f"{string.ascii_letters}{string.digits}+/".encode()
_UUENCODE = ("x-uuencode", "uuencode", "uue", "x-uue")
_BLANKS = (b"\n", b"\r", b" ", b"\t")
_NOT_BASE64 = bytes(set(range(256)).difference(_BASE64))


def decode_base64(data: bytes | memoryview) -> bytes:
    """Return the bytes behind ``data``, as many as it holds; padding may be missing."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        digits = bytes(data).translate(None, _NOT_BASE64)
        if len(digits) % 4 == 1:
            digits = digits[:-1]
        return binascii.a2b_base64(digits + b"=" * (-len(digits) % 4))


def decode_content(data: bytes | memoryview, encoding: str) -> bytes:
    """Return the bytes behind ``data``; an unknown encoding changes nothing."""
    if encoding == "base64":
        return decode_base64(data)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(data)
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
    lines = data.splitlines()
    begin = next((at for at, line in enumerate(lines) if line[:6] == b"begin "), -1)
    decoded = []
    for line in lines[begin + 1 :]:
        if line.strip() == b"end":
            break
        try:
            decoded.append(binascii.a2b_uu(line))
        except binascii.Error:
            # Some encoders count the bytes of a line wrongly: read what it holds.
            length = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
            decoded.append(_lenient_uu(line[:length]))
    return b"".join(decoded)


def _lenient_uu(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        return b""
