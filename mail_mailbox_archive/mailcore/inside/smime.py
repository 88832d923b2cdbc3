"""An S/MIME signature checked; runs in the process with limits alone (RFC 5652, 5.6).

CMS is read by asn1crypto; every signature is checked by ``cryptography``.
"""

from __future__ import annotations

import json
from datetime import datetime
from hashlib import new as digest_of
from typing import Any

from asn1crypto import algos, cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from . import trust

#: Certificates and signers of one signature that are looked at.
MAX_CERTIFICATES, MAX_SIGNERS = 200, 5
#: Digests nobody should rely on any more (RFC 8551, 2.1), and sizes of RSA keys.
WEAK, MIN_RSA = frozenset(("md2", "md5", "sha1")), 2048
#: Digests by their name.
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),
    "sha224": hashes.SHA224(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


class Broken(Exception):
    """What was signed is another content, or the signature is somebody else's."""


def read(content: bytes) -> list[dict[str, Any]]:
    """Return what is found of each signer.

    :param content: a line of JSON (``now``, ``digests`` of what is signed, the
        ``sizes`` of what follows), then the signature and the trusted roots in PEM
    :raises ValueError: it is no signature that can be read
    """
    line, _end, rest = content.partition(b"\n")
    order = json.loads(line)
    size = order["sizes"][0]
    data = _signed_data(rest[:size])
    digests = [
        {name: bytes.fromhex(one) for name, one in form.items()}
        for form in order["digests"]
    ]
    if not digests:
        held = data["encap_content_info"]["content"].native
        if not isinstance(held, bytes):
            raise ValueError("the signature stands apart from what it signs")
        digests = [_digests(data, held)]
    signers = list(data["signer_infos"])[:MAX_SIGNERS]
    if not signers or len(data["certificates"] or ()) > MAX_CERTIFICATES:
        raise ValueError("signers or certificates")
    roots = trust.load_roots(rest[size:])
    return [_check(one, data, digests, roots, order["now"]) for one in signers]


def _signed_data(content: bytes) -> Any:
    # nothing may stand behind it, where no signature covers it
    found = cms.ContentInfo.load(content, strict=True)
    if found["content_type"].native != "signed_data":
        raise ValueError("not signed data")
    return found["content"]


def _digests(data: Any, content: bytes) -> dict[str, bytes]:
    """Return the digests of what is held in the signature."""
    names = {
        one["digest_algorithm"]["algorithm"].native for one in data["signer_infos"]
    }
    return {name: digest_of(name, content).digest() for name in names & HASHES.keys()}


def _check(
    info: Any, data: Any, digests: list[dict[str, bytes]], roots: Any, now: float
) -> dict[str, Any]:
    """Return what is found of one signer; ``state`` says how it ended."""
    leaf, others = _certificates(info, data)
    if leaf is None:
        return {"state": "unnamed"}
    told = trust.describe(leaf, (leaf, *others))
    signed_at = _signed_at(info)
    told["signed_at"] = signed_at and signed_at.timestamp()
    name = info["digest_algorithm"]["algorithm"].native
    told["digest"] = name
    try:
        _verify(info, data, leaf.public_key(), digests)
    except (Broken, InvalidSignature):
        return {**told, "state": "broken"}
    except (UnsupportedAlgorithm, ValueError, KeyError, TypeError, NotImplementedError):
        return {**told, "state": "weak" if name in WEAK else "unknown_method"}
    if name in WEAK or _is_short(leaf.public_key()):
        return {**told, "state": "weak"}
    moment = datetime.fromtimestamp(now, tz=trust.UTC)
    told["state"], path = trust.judge(leaf, others, roots, signed_at, moment)
    if path:
        told["addresses"] = trust.addresses(leaf, path)
    return told


def _certificates(info: Any, data: Any) -> tuple[Any, list[Any]]:
    """Return the certificate of a signer, and those that came with it."""
    wanted = info["sid"].chosen
    leaf, others = None, []
    for choice in data["certificates"] or ():
        if choice.name != "certificate":
            continue
        one = choice.chosen
        if info["sid"].name == "issuer_and_serial_number":
            number = one["tbs_certificate"]["serial_number"].native
            same = number == wanted["serial_number"].native
            is_signers = same and one.issuer.dump() == wanted["issuer"].dump()
        else:
            is_signers = one.key_identifier == wanted.native
        try:
            loaded = x509.load_der_x509_certificate(one.dump())
        except ValueError:
            # one that is odd and not the signer's harms nothing
            continue
        if is_signers and leaf is None:
            leaf = loaded
        else:
            others.append(loaded)
    return leaf, others


def _attribute(info: Any, name: str) -> Any:
    """Return the value of a signed attribute, which stands there once or never."""
    found = [one for one in info["signed_attrs"] if one["type"].native == name]
    if not found:
        return None
    if len(found) > 1 or len(found[0]["values"]) != 1:
        raise Broken
    return found[0]["values"][0].native


def _signed_at(info: Any) -> datetime | None:
    """Return when it was signed, by the signer's own word."""
    try:
        moment = _attribute(info, "signing_time")
    except (Broken, ValueError):
        return None
    return moment if isinstance(moment, datetime) and moment.tzinfo else None


def _verify(info: Any, data: Any, key: Any, digests: list[dict[str, bytes]]) -> None:
    """Raise where a signature does not hold.

    :raises Broken: the content is another one
    :raises InvalidSignature: the signature is not of this key
    """
    name = info["digest_algorithm"]["algorithm"].native
    found = [form[name] for form in digests if name in form]
    if not found:
        raise ValueError(name)
    signature = info["signature"].native
    if not len(info["signed_attrs"]):
        # without attributes the content itself is signed
        _verify_digest(info, key, signature, found, name)
        return
    if _attribute(info, "message_digest") not in found:
        raise Broken
    kind = data["encap_content_info"]["content_type"].native
    if _attribute(info, "content_type") != kind:
        raise Broken
    # signed as a SET, whatever stands before it in the message (RFC 5652, 5.4)
    _verify_with(info, key, signature, b"\x31" + info["signed_attrs"].dump()[1:], name)


def _verify_digest(
    info: Any, key: Any, signature: bytes, found: list[bytes], name: str
) -> None:
    for at, digest in enumerate(found, 1):
        try:
            _verify_with(info, key, signature, digest, name, prehashed=True)
        except InvalidSignature:
            if at == len(found):
                raise
        else:
            return


def _verify_with(
    info: Any,
    key: Any,
    signature: bytes,
    data: bytes,
    name: str,
    prehashed: bool = False,
) -> None:
    method = info["signature_algorithm"]
    kind = method.signature_algo
    if isinstance(key, (ed25519.Ed25519PublicKey, ed448.Ed448PublicKey)):
        if prehashed or not kind.startswith("ed"):
            raise ValueError(kind)
        key.verify(signature, data)
        return
    method_hash: Any = HASHES[_hash_name(method, name)]
    if isinstance(key, rsa.RSAPublicKey):
        fill = _padding(method, kind)
        used = Prehashed(method_hash) if prehashed else method_hash
        key.verify(signature, data, fill, used)
    elif isinstance(key, ec.EllipticCurvePublicKey) and kind == "ecdsa":
        used = Prehashed(method_hash) if prehashed else method_hash
        key.verify(signature, data, ec.ECDSA(used))
    else:
        raise ValueError(kind)


def _hash_name(method: algos.SignedDigestAlgorithm, name: str) -> str:
    try:
        return str(method.hash_algo)
    except ValueError:
        # named by its key alone: the digest of the content says it
        return name


def _padding(method: algos.SignedDigestAlgorithm, kind: str) -> Any:
    if kind == "rsassa_pkcs1v15":
        return padding.PKCS1v15()
    if kind != "rsassa_pss":
        raise ValueError(kind)
    given = method["parameters"]
    mask = given["mask_gen_algorithm"]["parameters"]["algorithm"].native
    return padding.PSS(padding.MGF1(HASHES[mask]), given["salt_length"].native)


def _is_short(key: Any) -> bool:
    return isinstance(key, rsa.RSAPublicKey) and key.key_size < MIN_RSA
