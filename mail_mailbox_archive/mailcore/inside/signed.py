"""What a signed file holds, without asking who signed it (CMS, RFC 5652).

Italian invoices are sent so, with a name that ends in ``.xml.p7m``.
"""

from __future__ import annotations

import base64
import binascii


def signed_content(content: bytes) -> bytes:
    """Return what stands inside of a signature that holds what it signs.

    :raises ValueError: it is no such file
    :raises ImportError: asn1crypto, which Odoo uses itself, is not installed
    """
    from asn1crypto import cms

    raw = content.lstrip()
    if not content.startswith(b"\x30"):
        # in letters, as mail programs make it, with or without a frame
        lines = [one for one in raw.splitlines() if not one.startswith(b"-----")]
        try:
            content = base64.b64decode(b"".join(lines), validate=True)
        except binascii.Error as error:
            raise ValueError("neither DER nor base64") from error
    found = cms.ContentInfo.load(content)
    if found["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    held = found["content"]["encap_content_info"]["content"].native
    if not isinstance(held, bytes):
        raise ValueError("the signature stands apart from what it signs")
    return held
