"""Whether a message is encrypted or signed, by its form alone; nothing is checked.

S/MIME (RFC 8551), OpenPGP in MIME (RFC 3156) and in the text itself (RFC 9580, 7).
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from .node import Node
from .parameters import parameters
from .structure import read_structure

#: Kinds of parts by which a sealed message is known.
SEALED = frozenset(
    f"application/{name}"
    for name in (
        "pkcs7-mime x-pkcs7-mime pkcs7-signature x-pkcs7-signature "
        "pgp-encrypted pgp-signature"
    ).split()
)
#: How armoured OpenPGP begins.
ARMOUR = "-----BEGIN PGP "
#: Keys that are named.
MAX_KEYS = 20
#: Bytes of a part that are looked at.
HEAD = 16_384

# the first bytes of CMS: what it holds (RFC 5652, RFC 5083, RFC 3274)
_CMS = {
    bytes.fromhex("06092a864886f70d010702"): "opaque",
    bytes.fromhex("06092a864886f70d010703"): "encrypted",
    bytes.fromhex("060b2a864886f70d0109100117"): "encrypted",
}
_BY_WORD = {
    "enveloped-data": "encrypted",
    "authenveloped-data": "encrypted",
    "signed-data": "opaque",
}
_HOLDING = frozenset(
    f"application/{name}" for name in ("pkcs7-mime", "x-pkcs7-mime", "octet-stream")
)
_ARMOUR = re.compile(rb"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----[ \t]*\r?$", re.M)


@dataclass(frozen=True, slots=True)
class Sealing:
    """How a message is sealed.

    :param kind: "encrypted"; "signed", beside what can be read; "opaque", signed so
        that what was signed is inside of the signature
    :param method: "S/MIME" or "OpenPGP"
    :param keys: OpenPGP numbers of the keys that open it, as far as it names them
    """

    kind: str
    method: str
    keys: tuple[str, ...] = ()


def read_sealing(source: bytes) -> Sealing | None:
    """Return how a message is sealed, None for one that is not.

    Of several ways the outermost counts.

    :raises Unreadable: see :func:`.structure.read_structure`
    """
    root, _defects = read_structure(source)
    for node in root.walk():
        if found := _sealing(node, source, node is root):
            return found
    return None


def _sealing(node: Node, source: bytes, is_root: bool) -> Sealing | None:
    protocol = node.parameters.get("protocol", "").lower()
    if node.mimetype == "multipart/signed":
        method = "OpenPGP" if "pgp" in protocol else "S/MIME"
        return Sealing("signed", method)
    # servers that know no multipart/encrypted make another one of it
    if any(child.mimetype == "application/pgp-encrypted" for child in node.children):
        return Sealing("encrypted", "OpenPGP", _keys(node.children[-1], source))
    if node.mimetype in _HOLDING and (is_root or _is_p7m(node)):
        kind = cms_kind(node, source)
        return Sealing(kind, "S/MIME") if kind else None
    if node.mimetype == "text/plain" and not node.children and not node.raw_name:
        return _in_text(node, source)
    return None


def _is_p7m(node: Node) -> bool:
    # an invoice that is signed has a longer name, and is an attachment
    return node.raw_name.lower().strip() == "smime.p7m"


def cms_kind(node: Node, source: bytes) -> str:
    """Return what CMS holds, by its own bytes before what the header says.

    :return: a kind of :class:`Sealing`, "" for none
    """
    head = node.content(source, 200)[:40]
    for start, kind in _CMS.items():
        if start in head:
            return kind
    values = node.headers.get("content-type", [""])
    word = parameters(values[0])[1].get("smime-type", "").lower()
    return _BY_WORD.get(word, "")


def _in_text(node: Node, source: bytes) -> Sealing | None:
    head = node.content(source, HEAD)
    match = _ARMOUR.search(head)
    if not match:
        return None
    if match[1] == b"MESSAGE":
        return Sealing("encrypted", "OpenPGP", _key_numbers(head[match.start() :]))
    return Sealing("signed", "OpenPGP")


def _keys(node: Node, source: bytes) -> tuple[str, ...]:
    return _key_numbers(node.content(source, HEAD))


def _key_numbers(armoured: bytes) -> tuple[str, ...]:
    """Return the numbers of the keys named before the encrypted data (RFC 9580, 5.1).

    A number of zeros names nobody on purpose.
    """
    lines = [one.strip() for one in armoured.splitlines()[:400]]
    start = next((at for at, line in enumerate(lines) if not line), 0)
    letters = b"".join(one for one in lines[start:] if not one.startswith((b"-", b"=")))
    try:
        data = base64.b64decode(letters[: len(letters) // 4 * 4])
    except binascii.Error:
        return ()
    keys: list[str] = []
    at = 0
    while len(keys) < MAX_KEYS and at < len(data):
        tag, begin, length = _packet(data, at)
        if tag != 1:
            break
        if data[begin : begin + 1] == b"\x03" and any(data[begin + 1 : begin + 9]):
            keys.append(data[begin + 1 : begin + 9].hex().upper())
        at = begin + length
    return tuple(dict.fromkeys(keys))


def _packet(data: bytes, at: int) -> tuple[int, int, int]:
    """Return the tag of a packet, where its content begins, and how long that is."""
    first = data[at]
    if first & 0xC0 == 0xC0:
        size = data[at + 1] if at + 1 < len(data) else 255
        if size < 192:
            return first & 0x3F, at + 2, size
        if size < 224 and at + 2 < len(data):
            return first & 0x3F, at + 3, ((size - 192) << 8) + data[at + 2] + 192
        return 0, at, 0
    if first & 0x80:
        octets = 1 << (first & 3)
        if octets > 4:
            return 0, at, 0
        begin = at + 1 + octets
        return (first >> 2) & 15, begin, int.from_bytes(data[at + 1 : begin], "big")
    return 0, at, 0
