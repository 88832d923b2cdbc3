"""A message's parts written as 7-bit lines of at most 998 characters.

Whatever the parts hold, nothing of it can end the message early or begin another one:
every line end is CRLF and there is no NUL (RFC 5321, 4.5.2; RFC 5322, 2.3).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from email.message import Message
from email.utils import collapse_rfc2231_value

from ..errors import SendRefused
from ..text import decode_header, safe_text, unfold
from .outgoing_header import MAX_LINE, fold, is_token, write_field, write_structured

#: How deep parts may be nested.
MAX_DEPTH = 30

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=?-]{1,70}")
_FIELD_NAME = re.compile(r"[!-9;-~]{1,76}")
_WIDE = ("utf-16", "utf-32", "ucs-2", "ucs-4")


def write_part(part: Message, depth: int = 0) -> tuple[list[str], bytes]:
    """Return the MIME fields of a part, and its encoded body.

    :raises SendRefused: its structure is beyond reading
    """
    if depth > MAX_DEPTH:
        raise SendRefused("structure", "The parts are nested too deeply.")
    kind = part.get_content_type()
    if not all(is_token(word) for word in kind.split("/")):
        kind = "application/octet-stream"
    parameters = _parameters(part, "content-type")
    inner = subparts(part) if part.is_multipart() else None
    if inner is not None and kind.startswith("multipart/"):
        bodies = [_block(one, depth + 1) for one in inner]
        encoding, body = "", _joined(parameters, bodies)
    elif inner is not None:
        encoding, body = "", _message(kind, inner, depth)
    else:
        if kind.startswith(("multipart/", "message/")):
            kind = _as_leaf(kind)
        encoding, body = _leaf(part, kind, parameters)
    fields = [write_structured("Content-Type", kind, parameters.items())]
    if encoding:
        fields.append(f"Content-Transfer-Encoding: {encoding}")
    return fields + _described(part), body


def subparts(part: Message) -> list[Message]:
    """Return the parts of a multipart, in order; () of a leaf."""
    inner = part.get_payload()
    return inner if isinstance(inner, list) else []  # type: ignore[return-value]


def decoded(part: Message) -> bytes:
    """Return the bytes of a leaf, b"" of a multipart."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _as_leaf(kind: str) -> str:
    # a message as bytes: RFC 2046, 5.2.1 lets no encoding hide one
    return "text/plain" if kind.startswith("multipart/") else "application/octet-stream"


def _described(part: Message) -> list[str]:
    """Return the other fields of a part (RFC 2183, RFC 2392)."""
    fields = []
    disposition = part.get_content_disposition()
    if disposition and is_token(disposition):
        parameters = _parameters(part, "content-disposition")
        fields.append(
            write_structured("Content-Disposition", disposition, parameters.items())
        )
    for name in ("Content-ID", "Content-Description", "Content-Language"):
        if value := part.get(name):
            fields.append(write_field(name, str(value)))
    return [field for field in fields if not field.endswith(":")]


def _parameters(part: Message, field: str) -> dict[str, str]:
    try:
        given = part.get_params(header=field, failobj=[])
        pairs = [
            (key.lower(), collapse_rfc2231_value(value)) for key, value in given[1:]
        ]
    except (ValueError, TypeError, IndexError, AttributeError, LookupError):
        # the library trips over some broken ones; they say nothing of use
        return {}
    clean: dict[str, str] = {}
    for key, value in pairs:
        text = decode_header(value) if key in ("name", "filename") else value
        text = safe_text(unfold(text), 0)
        if text and is_token(key):
            clean.setdefault(key, text)
    return clean


def _block(part: Message, depth: int) -> bytes:
    fields, body = write_part(part, depth)
    return "\r\n".join([*fields, "", ""]).encode() + body


def _joined(parameters: dict[str, str], bodies: list[bytes]) -> bytes:
    boundary = parameters.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary) or _occurs(boundary, bodies):
        digest = hashlib.sha256(b"".join(bodies)).hexdigest()
        boundary = f"=_{digest[:40]}"
    parameters["boundary"] = boundary
    mark = b"--" + boundary.encode()
    # the line end before a boundary is the boundary's (RFC 2046, 5.1.1)
    parts = b"".join(mark + b"\r\n" + body + b"\r\n" for body in bodies)
    return parts + mark + b"--\r\n"


def _occurs(boundary: str, bodies: list[bytes]) -> bool:
    mark = b"--" + boundary.encode()
    return any(body.startswith(mark) or b"\n" + mark in body for body in bodies)


def _message(kind: str, inner: list[Message], depth: int) -> bytes:
    """Return a message or report inside the message, kept as it is where it may be."""
    if kind == "message/delivery-status":
        return b"\r\n".join(
            "".join(f"{line}\r\n" for line in _kept_fields(one)).encode()
            for one in inner
        )
    if not inner:
        return b"\r\n"
    one = inner[0]
    mime, body = write_part(one, depth + 1)
    fields = _kept_fields(one) + mime
    return "\r\n".join([*fields, "", ""]).encode() + body


def _kept_fields(part: Message) -> list[str]:
    fields = []
    for name, value in part.raw_items():
        described = name.lower() in _WRITTEN_BY_US
        if described or not _FIELD_NAME.fullmatch(name):
            continue
        text = str(value)
        if text.isascii() and len(text) < MAX_LINE - 100:
            fields.append(fold(name, safe_text(unfold(text), 0)))
        else:
            fields.append(write_field("Comments", text).replace("Comments", name, 1))
    return fields


_WRITTEN_BY_US = frozenset(
    "content-type content-transfer-encoding content-disposition content-id"
    " content-description content-language".split()
)


def _leaf(part: Message, kind: str, parameters: dict[str, str]) -> tuple[str, bytes]:
    encoding = str(part.get("content-transfer-encoding", "")).strip().lower()
    payload = part.get_payload()
    text = payload if isinstance(payload, str) else ""
    if encoding in ("base64", "quoted-printable") and text.isascii():
        kept = crlf(text.encode())
        if is_safe(kept):
            return encoding, kept
    if encoding in ("", "7bit", "8bit", "binary"):
        data = _bytes_of(part, text, parameters)
    else:
        data = decoded(part)
    if not kind.startswith("text/") or _is_wide(parameters):
        return "base64", crlf(base64.encodebytes(data))
    lines = crlf(data)
    if lines.isascii() and is_safe(lines):
        return "7bit", lines
    return "quoted-printable", crlf(binascii.b2a_qp(_lf(data), istext=True))


def _bytes_of(part: Message, text: str, parameters: dict[str, str]) -> bytes:
    if text.isascii():
        return text.encode()
    data = decoded(part)
    if data.decode("raw-unicode-escape", "replace") != text:
        return data
    # letters in a payload that nobody encoded
    parameters["charset"] = "utf-8"
    return text.encode("utf-8", "replace")


def _is_wide(parameters: dict[str, str]) -> bool:
    return parameters.get("charset", "").lower().startswith(_WIDE)


def crlf(data: bytes) -> bytes:
    """Return ``data`` with CRLF at the end of each line."""
    return _lf(data).replace(b"\n", b"\r\n")


def _lf(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def is_safe(data: bytes) -> bool:
    """Return whether a server can read ``data`` in one way only.

    That is lines with CRLF, of at most 998 characters, and no NUL.
    """
    ends = data.count(b"\r\n")
    return (
        data.count(b"\r") == data.count(b"\n") == ends
        and b"\0" not in data
        and max(map(len, data.split(b"\n"))) <= MAX_LINE + 1
    )
