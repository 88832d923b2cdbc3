"""What an S/MIME signature of a whole message covers, byte for byte (RFC 8551, 3.5).

What is signed in part is not found here: whoever sees "signed" above a message takes
all of it for signed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from ..errors import Unreadable
from .node import Node
from .sealing import cms_kind
from .structure import read_structure

#: Digests that are computed, by the number under which a signature names them
#: (RFC 5754, RFC 3370); of what is signed with others nothing can be said.
DIGESTS = {
    "sha1": bytes.fromhex("2b0e03021a"),
    "sha224": bytes.fromhex("608648016503040204"),
    "sha256": bytes.fromhex("608648016503040201"),
    "sha384": bytes.fromhex("608648016503040202"),
    "sha512": bytes.fromhex("608648016503040203"),
}
_APART = frozenset(("application/pkcs7-signature", "application/x-pkcs7-signature"))
_AROUND = frozenset(("application/pkcs7-mime", "application/x-pkcs7-mime"))
_PEM_BEGIN, _PEM_END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
_LINE_END = re.compile(rb"\r?\n")


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
    if root.mimetype in _AROUND:
        return root if cms_kind(root, source) == "opaque" else None
    # further parts would be shown, and are not signed
    if root.mimetype != "multipart/signed" or len(root.children) != 2:
        return None
    last = root.children[1]
    return last if last.mimetype in _APART else None


def _digests(covered: Node, source: bytes, cms: bytes) -> list[dict[str, bytes]]:
    content = source[covered.begin : covered.stop]
    forms = [content]
    if content.count(b"\n") != content.count(b"\r\n"):
        # a file of mail has its own ends of lines
        forms.append(_LINE_END.sub(b"\r\n", content))
    wanted = [name for name, number in DIGESTS.items() if number in cms]
    return [
        {
            name: hashlib.new(name, form, usedforsecurity=False).digest()
            for name in wanted
        }
        for form in forms
    ]
