"""Whether a certificate is one of a trusted authority's, for email (RFC 8550).

The path is built and checked by ``cryptography``; nothing is fetched, so that what was
revoked is not known. Used in the process with limits alone.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from cryptography import x509
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ..read.signed import certificates
from ..text import safe_text

UTC = timezone.utc
#: Roots that are read, and characters of a name that are told.
MAX_ROOTS, MAX_NAME = 2_000, 200
#: Addresses of one certificate that are told.
MAX_ADDRESSES = 20
#: By how much the clock of who signs may be ahead.
AHEAD = timedelta(days=1)
# an address whose local part is not ASCII (RFC 8398)
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
) -> str:
    """Return how far the certificate of a valid signature is trusted.

    :param signed_at: by the word of who signed
    :return: ``good``; ``lapsed``, valid when it was signed and no more; ``expired``,
        not valid when it was signed; ``purpose``, not made for email; ``untrusted``,
        its authority is not known here
    """
    if not _is_for_email(leaf):
        return "purpose"
    begin, end = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if signed_at and signed_at > now + AHEAD:
        signed_at = None
    if _holds(leaf, others, roots, now):
        in_time = not signed_at or begin - AHEAD <= signed_at <= end
        return "good" if in_time else "expired"
    if signed_at and _holds(leaf, others, roots, signed_at):
        return "lapsed"
    outside = not begin <= (signed_at or now) <= end or not begin <= now <= end
    return (
        "expired"
        if outside and _holds(leaf, others, roots, end - timedelta(seconds=1))
        else "untrusted"
    )


def _holds(
    leaf: x509.Certificate,
    others: list[x509.Certificate],
    roots: list[x509.Certificate],
    moment: datetime,
) -> bool:
    """Return whether a path leads from ``leaf`` to a root at that moment."""
    if not roots:
        return False
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
        builder.build_client_verifier().verify(leaf, others)
    except verification.VerificationError:
        return False
    return True


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


def describe(leaf: x509.Certificate, others: list[x509.Certificate]) -> dict[str, Any]:
    """Return what a certificate says of who has it."""
    return {
        "name": _name(leaf.subject),
        "issuer": _name(leaf.issuer),
        "addresses": _addresses(leaf, others)[:MAX_ADDRESSES],
        "valid_from": leaf.not_valid_before_utc.timestamp(),
        "valid_until": leaf.not_valid_after_utc.timestamp(),
    }


def _name(name: x509.Name) -> str:
    for kind in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME):
        for one in name.get_attributes_for_oid(kind):
            if isinstance(one.value, str) and (text := _clean(one.value)):
                return text
    return ""


def _addresses(leaf: x509.Certificate, others: list[x509.Certificate]) -> list[str]:
    names = _extension(leaf, x509.SubjectAlternativeName)
    found = list(names.get_values_for_type(x509.RFC822Name)) if names else []
    for one in names.get_values_for_type(x509.OtherName) if names else ():
        # a short UTF8String
        if one.type_id == _SMTP_UTF8 and one.value[:1] == b"\x0c":
            found.append(one.value[2:129].decode("utf-8", "replace"))
    # what an authority is bound to is checked for the names beside the subject alone
    bound = any(_extension(one, x509.NameConstraints) for one in others)
    if not found and not bound:
        subject = leaf.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)
        found = [one.value for one in subject if isinstance(one.value, str)]
    return [text for one in found if (text := _clean(one))]


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
