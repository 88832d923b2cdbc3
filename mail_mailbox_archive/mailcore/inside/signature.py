"""What is found of an S/MIME signature, as plain values that may be shown."""

from __future__ import annotations

import json
import ssl
import time
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..addresses.address import normalise
from ..read.signed import Signed
from ..text import safe_text
from .child import LIMITS, Limits, NotOpened, read_inside

#: What the check needs beside what is required anyway, as ``pip`` takes it.
NEEDED = ("asn1crypto", "cryptography>=45")
#: How a check ends, the best first. ``trust`` and ``smime`` say what each means.
STATES = (
    "good",
    "lapsed",
    "expired",
    "purpose",
    "untrusted",
    "weak",
    "unknown_method",
    "broken",
    "unnamed",
)
MAX_NAME = 200


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the check of a signature ended, of the signer for whom it ended best.

    :param state: one of ``STATES``
    :param name: of the signer, by the certificate, as all that follows
    :param issuer: name of the authority
    :param addresses: in normal form
    :param signed_at: by the word of who signed
    """

    state: str
    name: str = ""
    issuer: str = ""
    addresses: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    signed_at: datetime | None = None

    def is_of(self, senders: list[str]) -> bool:
        """Return whether the certificate names all ``senders``, in normal form."""
        return bool(senders) and set(senders) <= set(self.addresses)


def missing_libraries() -> tuple[str, ...]:
    """Return those of ``NEEDED`` that are not installed."""
    missing = []
    if find_spec("asn1crypto") is None:
        missing.append(NEEDED[0])
    try:
        from cryptography.x509.verification import ExtensionPolicy  # noqa: F401
    except ImportError:
        missing.append(NEEDED[1])
    return tuple(missing)


def check_signature(
    signed: Signed,
    senders: list[str],
    own_roots: str = "",
    system_roots: bytes | None = None,
    limits: Limits = LIMITS,
) -> Verdict:
    """Check a signature in a process with limits.

    :param senders: the addresses in From, in normal form
    :param own_roots: certificates in PEM that are trusted beside the system's
    :param system_roots: PEM; None for those of this system
    :raises NotOpened: see :func:`.child.read_inside`
    """
    roots = system_certificates() if system_roots is None else system_roots
    order = {
        "now": time.time(),
        "sizes": [len(signed.signature)],
        "digests": [
            {name: one.hex() for name, one in form.items()} for form in signed.digests
        ],
    }
    content = b"\n".join(
        (
            json.dumps(order).encode(),
            signed.signature + roots,
            own_roots.encode("ascii", "replace"),
        )
    )
    found = read_inside("smime", content, limits)
    if not isinstance(found, list) or not found:
        raise NotOpened("content")
    verdicts = [_verdict(one) for one in found]
    return min(
        verdicts, key=lambda one: (STATES.index(one.state), not one.is_of(senders))
    )


def _verdict(told: dict[str, Any]) -> Verdict:
    if told.get("state") not in STATES:
        raise NotOpened("content")
    return Verdict(
        state=told["state"],
        name=_clean(told.get("name")),
        issuer=_clean(told.get("issuer")),
        # told whole or not at all
        addresses=tuple(normalise(str(one)) for one in told.get("addresses") or ()),
        valid_from=_moment(told.get("valid_from")),
        valid_until=_moment(told.get("valid_until")),
        signed_at=_moment(told.get("signed_at")),
    )


def _clean(text: Any) -> str:
    return safe_text(str(text or ""), MAX_NAME).strip()


def _moment(seconds: Any) -> datetime | None:
    """Return a moment in UTC; one that no calendar has is none."""
    try:
        return seconds and datetime.fromtimestamp(float(seconds), tz=timezone.utc)
    except (ValueError, OverflowError, OSError, TypeError):
        return None


def system_certificates() -> bytes:
    """Return the roots that this system trusts, as PEM; b"" where there are none."""
    paths = [ssl.get_default_verify_paths().cafile]
    if find_spec("certifi") is not None:
        import certifi

        paths.append(certifi.where())
    for path in filter(None, paths):
        try:
            return _read(path, Path(path).stat().st_mtime_ns)
        except OSError:
            continue
    return b""


@lru_cache(maxsize=2)
def _read(path: str, _changed: int) -> bytes:
    return Path(path).read_bytes()
