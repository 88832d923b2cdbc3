"""Content transfer encodings (RFC 2045, 6)."""

from __future__ import annotations

import binascii
import string

_BASE64 = f"{string.ascii_letters}{string.digits}+/".encode()
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
