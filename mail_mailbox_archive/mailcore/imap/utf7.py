"""Folder names: modified UTF-7 (RFC 3501, 5.1.3)."""

from __future__ import annotations

import binascii
import re

from ..text import safe_text

_SHIFTED = re.compile(r"&([A-Za-z0-9+,]*)-")
_TO_SHIFT = re.compile(r"&|[^\x20-\x7e]+")
MAX_NAME = 1000


def decode_utf7(wire_name: str) -> str:
    """Return ``wire_name`` for people; never raises.

    :param wire_name: the server's bytes as latin-1 text. Bytes above 127 are no
        modified UTF-7, but some servers send UTF-8 as it is: it is then shown as that.
    """
    raw = wire_name.encode("latin-1", "replace")
    if any(byte > 127 for byte in raw):
        return safe_text(raw.decode("utf-8", "replace"), MAX_NAME)
    name = _SHIFTED.sub(_decode_shifted, wire_name)
    return safe_text(name, MAX_NAME) or safe_text(wire_name, MAX_NAME)


def encode_utf7(name: str) -> str:
    """Return ``name`` as it is written on the wire, all ASCII."""
    return _TO_SHIFT.sub(_encode_shifted, name)


def _decode_shifted(match: re.Match[str]) -> str:
    if not match[1]:
        return "&"
    base64 = match[1].replace(",", "/")
    try:
        raw = binascii.a2b_base64(base64 + "=" * (-len(base64) % 4))
        return raw.decode("utf-16-be")
    except (binascii.Error, UnicodeDecodeError):
        return match[0]


def _encode_shifted(match: re.Match[str]) -> str:
    if match[0] == "&":
        return "&-"
    raw = match[0].encode("utf-16-be", "surrogatepass")
    base64 = binascii.b2a_base64(raw, newline=False).decode().rstrip("=")
    return f"&{base64.replace('/', ',')}-"
