"""Whether a certificate is one of a trusted authority's, for email (RFC 8550).

The path is built and checked by ``cryptography``; nothing is fetched, so that what was
revoked is not known. Used in the process with limits alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

from asn1crypto.core import UTF8String
from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..read.signed import certificates
from ..text import safe_text

UTC = timezone.utc
#: Roots that are read, and characters of a name that are told.
MAX_ROOTS, MAX_NAME = 2_000, 200
#: Addresses of one certificate that are told, and characters of one (RFC 5321); what is
#: longer is nobody's.
MAX_ADDRESSES, MAX_ADDRESS = 20, 254
#: By how much the clock of who signs may be ahead.
AHEAD = timedelta(days=1)
# an address whose local part is not ASCII (RFC 9598)
_SMTP_UTF8 = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")
_FOR_EMAIL = {
    ExtendedKeyUsageOID.EMAIL_PROTECTION,
    ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,
}


def load_roots(pem: bytes) -> list[x509.Certificate]:
    """Return the certificates in ``pem``; one that cannot be read is left out."""
    roots = []
    for block in certificates(pem)[:MAX_ROOTS]:
        try:
            roots.append(x509.load_pem_x509_certificate(block))
        except ValueError:
            # of an age before the rules that are kept today
            continue
    return roots


def judge(
    leaf: x509.Certificate,
    others: list[x509.Certificate],
    roots: list[x509.Certificate],
    signed_at: datetime | None,
    now: datetime,
) -> tuple[str, Sequence[x509.Certificate]]:
    """Return how far the certificate of a valid signature is trusted, and by whom.

    :param signed_at: by the word of who signed
    :return: ``good``; ``lapsed``, valid when it was signed and no more; ``expired``,
        not valid when it was signed; ``purpose``, not made for email; ``untrusted``,
        its authority is not known here. Then the certificates from ``leaf`` to the
        trusted one, none for the last two
    """
    if not _is_for_email(leaf):
        return "purpose", ()
    begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if signed_at and signed_at > now + AHEAD:
        signed_at = None
    if path := _find_path(leaf, others, roots, now):
        in_time = not signed_at or begin - AHEAD <= signed_at <= end
        return ("good" if in_time else "expired"), path
    if signed_at and (path := _find_path(leaf, others, roots, signed_at)):
        return "lapsed", path
    outside = not begin <= (signed_at or now) <= end or not begin <= now <= end
    last = end - timedelta(seconds=1)
    if outside and (path := _find_path(leaf, others, roots, last)):
        return "expired", path
    return "untrusted", ()


def _find_path(
    leaf: x509.Certificate,
    others: list[x509.Certificate],
    roots: list[x509.Certificate],
    moment: datetime,
) -> Sequence[x509.Certificate]:
    """Return the path from ``leaf`` to a root at that moment, with both."""
    if not roots:
        return ()
    agnostic = verification.Criticality.AGNOSTIC
    authorities = (
        verification.ExtensionPolicy.permit_all()
        # that it is an authority, the library looks at itself
        .require_present(x509.BasicConstraints, agnostic, None)
        .may_be_present(x509.KeyUsage, agnostic, _may_sign_certificates)
        .may_be_present(x509.ExtendedKeyUsage, agnostic, _may_be_for_email)
    )
    builder = (
        verification.PolicyBuilder()
        .store(verification.Store(roots))
        .time(moment.replace(tzinfo=None))
        .extension_policies(
            ca_policy=authorities,
            ee_policy=verification.ExtensionPolicy.permit_all(),
        )
    )
    try:
        return list(builder.build_client_verifier().verify(leaf, others).chain)
    except verification.VerificationError:
        return ()


def _may_sign_certificates(_policy: Any, _certificate: Any, extension: Any) -> None:
    if extension is not None and not extension.key_cert_sign:
        raise ValueError("not for certificates")


def _may_be_for_email(_policy: Any, _certificate: Any, extension: Any) -> None:
    if extension is not None and _FOR_EMAIL.isdisjoint(extension):
        raise ValueError("not for email")


def _is_for_email(leaf: x509.Certificate) -> bool:
    usage = _extension(leaf, x509.KeyUsage)
    if usage and not (usage.digital_signature or usage.content_commitment):
        return False
    purposes = _extension(leaf, x509.ExtendedKeyUsage)
    return purposes is None or not _FOR_EMAIL.isdisjoint(purposes)


def describe(
    leaf: x509.Certificate, known: Sequence[x509.Certificate]
) -> dict[str, Any]:
    """Return what a certificate says of who has it.

    :param known: see :func:`addresses`
    """
    return {
        "name": _name(leaf.subject),
        "issuer": _name(leaf.issuer),
        "addresses": addresses(leaf, known),
        "valid_from": leaf.not_valid_before_utc.timestamp(),
        "valid_until": leaf.not_valid_after_utc.timestamp(),
    }


def _name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for one in name.get_attributes_for_oid(kind):
            if isinstance(one.value, str) and (text := _clean(one.value)):
                return text
    return ""


def addresses(leaf: x509.Certificate, path: Sequence[x509.Certificate]) -> list[str]:
    """Return the addresses that a certificate is for.

    :param path: ``leaf``, and who vouches for it. What one of them is bound to is
        checked for plain addresses beside the subject alone: others do not count then
    """
    bound = any(_extension(one, x509.NameConstraints) for one in path)
    names = _extension(leaf, x509.SubjectAlternativeName)
    found = list(names.get_values_for_type(x509.RFC822Name)) if names else []
    if names and not bound:
        others = names.get_values_for_type(x509.OtherName)
        found += [_utf8_mailbox(one) for one in others if one.type_id == _SMTP_UTF8]
    if not found and not bound:
        subject = leaf.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        found = [one.value for one in subject if isinstance(one.value, str)]
    # what would become an address by being shortened or cleaned is another one
    return [one for one in found if one and one == _cleaned(one)][:MAX_ADDRESSES]


def _cleaned(address: str) -> str:
    return safe_text(address, MAX_ADDRESS).strip().rstrip(".")


def _utf8_mailbox(name: x509.OtherName) -> str:
    """Return an address whose local part is not ASCII, "" for what is none.

    One in ASCII belongs to the plain addresses, which authorities may be bound to.
    """
    try:
        address = UTF8String.load(name.value, strict=True).native
    except ValueError:
        return ""
    return "" if address.rpartition("@")[0].isascii() else str(address)


def _extension(certificate: x509.Certificate, kind: Any) -> Any:
    """Return an extension, None where there is none.

    :raises ValueError: the extensions cannot be read
    """
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def _clean(text: str) -> str:
    return safe_text(text, MAX_NAME).strip()
