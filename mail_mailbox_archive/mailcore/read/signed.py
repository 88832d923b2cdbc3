"""What an S/MIME signature of a whole message covers, byte for byte (RFC 8551, 3.5).

What is signed in part is not found here: whoever sees "signed" above a message takes
all of it for signed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..errors import Unreadable
from .node import Node
from .sealing import cms_kind
from .structure import APART, AROUND, read_structure

#: Digests that are computed, by the number under which a signature names them
#: (RFC 5754, RFC 3370); of what is signed with others nothing can be said.
DIGESTS = {
    "sha1": bytes.fromhex("2b0e03021a"),
    "sha224": bytes.fromhex("608648016503040204"),
    "sha256": bytes.fromhex("608648016503040201"),
    "sha384": bytes.fromhex("608648016503040202"),
    "sha512": bytes.fromhex("608648016503040203"),
}
_PEM_BEGIN, _PEM_END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
# bytes whose ends of lines are changed at a time
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Signed:
    """A message that is signed as a whole.

    :param signature: CMS as it stands there
    :param digests: by name of the algorithm, of what is signed; once more for its
        lines as they are sent, where they are stored with other ends; none where the
        signature holds what it signs
    """

    signature: bytes
    digests: tuple[dict[str, bytes], ...] = ()


def find_signed(source: bytes) -> Signed | None:
    """Return the S/MIME signature of a whole message, None where there is none.

    :raises Unreadable: see :func:`.structure.read_structure`
    """
    root, _defects = read_structure(source)
    signature = _signature(root, source)
    if not signature:
        return None
    cms = signature.content(source)
    apart = signature is not root
    return Signed(cms, tuple(_digests(root.children[0], source, cms)) if apart else ())


def is_signed(source: bytes) -> bool:
    """Return whether :func:`find_signed` finds a signature, which takes less time."""
    try:
        root, _defects = read_structure(source)
    except Unreadable:
        return False
    return _signature(root, source) is not None


def signature_path(source: bytes) -> str:
    """Return the path of the part that is the signature of a whole message, or ""."""
    try:
        root, _defects = read_structure(source)
    except Unreadable:
        return ""
    node = _signature(root, source)
    return node.path if node else ""


def certificates(pem: bytes) -> list[bytes]:
    """Return the certificates that stand in ``pem``, each as it stands there."""
    found = []
    for block in pem.split(_PEM_END)[:-1]:
        begin = block.rfind(_PEM_BEGIN)
        if begin >= 0:
            found.append(block[begin:] + _PEM_END)
    return found


def _signature(root: Node, source: bytes) -> Node | None:
    """Return the entity that is the signature of a whole message."""
    if root.mimetype in AROUND:
        return root if cms_kind(root, source) == "opaque" else None
    # further parts would be shown, and are not signed
    if root.mimetype != "multipart/signed" or len(root.children) != 2:
        return None
    last = root.children[1]
    return last if last.mimetype in APART else None


def _digests(covered: Node, source: bytes, cms: bytes) -> list[dict[str, bytes]]:
    begin, stop = covered.begin, covered.stop
    wanted = [name for name, number in DIGESTS.items() if number in cms]
    found = [_hash(wanted, [memoryview(source)[begin:stop]])]
    if source.count(b"\n", begin, stop) != source.count(b"\r\n", begin, stop):
        # a file of mail has its own ends of lines
        found.append(_hash(wanted, _as_sent(source, begin, stop)))
    return found


def _hash(names: list[str], pieces: Iterable[bytes | memoryview]) -> dict[str, bytes]:
    used = {name: hashlib.new(name, usedforsecurity=False) for name in names}
    for piece in pieces:
        for one in used.values():
            one.update(piece)
    return {name: one.digest() for name, one in used.items()}


def _as_sent(source: bytes, begin: int, stop: int) -> Iterator[bytes]:
    """Yield a part of the source, piece by piece, with CRLF at the end of each line."""
    while begin < stop:
        end = min(begin + _PIECE, stop)
        if end < stop and source[end - 1] == 13:
            # the other half of this end of a line may follow
            end -= 1
        piece = source[begin:end]
        yield piece.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        begin = end
