"""Signed messages, with certificates made for the test (RFC 5652, RFC 8551)."""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone

import pytest
from asn1crypto import algos, cms, core
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from odoo.addons.mail_mailbox_archive.mailcore.inside import signature as module
from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened

NOW = datetime.now(timezone.utc).replace(microsecond=0)
DAY = timedelta(days=1)
ANNA = "anna@spostex.example"
TEXT = (
    b"Content-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\nCena: 100 z\xc5\x82  \r\n\r\n"
)
HASHES = {
    "sha1": hashes.SHA1(),
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
DER = serialization.Encoding.DER
PEM = serialization.Encoding.PEM
RSA = rsa.generate_private_key(65537, 2048)


@pytest.fixture(autouse=True)
def checked_here(request, monkeypatch):
    """Have signatures checked in the process of the tests, which starts no other.

    But where a test is marked as one inside Odoo too: the way to the other process is
    what these are about, while the rest ask what a certificate is worth.
    """

    def read_here(_job, content, _limits):
        # at the end of all imports: most who sign have nothing checked
        from odoo.addons.mail_mailbox_archive.mailcore.inside import smime

        try:
            return json.loads(json.dumps(smime.read(content)))
        except Exception as error:
            # as the other process has it, whatever a library says
            raise NotOpened("content") from error

    if not request.node.get_closest_marker("inside_odoo"):
        monkeypatch.setattr(module, "read_inside", read_here)


class Owner:
    """A key with its certificate, which may issue others."""

    def __init__(
        self, name, issuer=None, key=None, address=ANNA, days=(-30, 300), **more
    ):
        self.key = key or RSA
        self.issuer = issuer
        authority = more.get("authority", False)
        named = [x509.NameAttribute(NameOID.COMMON_NAME, name)]
        if more.get("in_subject"):
            kind = NameOID.EMAIL_ADDRESS
            named.append(x509.NameAttribute(kind, more["in_subject"]))
        own = x509.Name(named)
        builder = (
            x509.CertificateBuilder()
            .subject_name(own)
            .issuer_name(issuer.certificate.subject if issuer else own)
            .public_key(self.key.public_key())
            .serial_number(more.get("serial") or x509.random_serial_number())
            .not_valid_before(NOW + days[0] * DAY)
            .not_valid_after(NOW + days[1] * DAY)
            .add_extension(x509.BasicConstraints(authority, None), True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(self.key.public_key()), False
            )
        )
        if not authority:
            purposes = more.get("purposes", [ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), False)
        if address and not authority:
            names = x509.SubjectAlternativeName([x509.RFC822Name(address)])
            builder = builder.add_extension(names, False)
        for extension in more.get("extensions", ()):
            builder = builder.add_extension(extension, True)
        signer = issuer.key if issuer else self.key
        plain = isinstance(signer, ed25519.Ed25519PrivateKey)
        self.certificate = builder.sign(signer, None if plain else hashes.SHA256())

    @property
    def pem(self):
        return self.certificate.public_bytes(PEM).decode()

    @property
    def der(self):
        return self.certificate.public_bytes(DER)


def authority(name, issuer=None, **more):
    # a key of RSA takes a second to make, and each session of tests comes by here
    key = more.pop("key", None) or ec.generate_private_key(ec.SECP256R1())
    return Owner(name, issuer, key, authority=True, **more)


ROOT = authority("Spostex Root")
MIDDLE = authority("Spostex Mail CA", ROOT, key=rsa.generate_private_key(65537, 2048))
ELSEWHERE = authority("Nobody's Root")


def sign(content, owner, others=(MIDDLE,), **options):
    """Return CMS that signs ``content``.

    :param options: ``digest``, ``pss``, ``signed_at`` (None for not said), ``held`` (in
        the signature), ``bare`` (without attributes), ``by_key`` (named by its key)
    """
    digest = options.get("digest", "sha256")
    attributes = [
        {"type": "content_type", "values": ["data"]},
        {"type": "message_digest", "values": [hashlib.new(digest, content).digest()]},
    ]
    if moment := options.get("signed_at", NOW):
        value = cms.Time({"utc_time": core.UTCTime(moment)})
        attributes.append({"type": "signing_time", "values": [value]})
    attributes += options.get("attributes", ())
    signed = cms.CMSAttributes(attributes)
    bare = options.get("bare")
    method, signature = _signature(
        owner.key, content if bare else signed.dump(), digest, options.get("pss")
    )
    own = _as_asn1(owner)
    name = (
        {"subject_key_identifier": core.OctetString(own.key_identifier)}
        if options.get("by_key")
        else {
            "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                {"issuer": own.issuer, "serial_number": own.serial_number}
            )
        }
    )
    ((kind, value),) = name.items()
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(kind, value),
        "digest_algorithm": {"algorithm": digest},
        "signature_algorithm": method,
        "signature": signature,
    }
    if not bare:
        info["signed_attrs"] = signed
    held = {"content_type": "data"}
    if options.get("held"):
        held["content"] = content
    data = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [{"algorithm": digest}],
            "encap_content_info": held,
            "certificates": [
                cms.CertificateChoices("certificate", _as_asn1(one))
                for one in (owner, *others)
            ],
            "signer_infos": [info],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": data}).dump()


def _as_asn1(owner):
    return asn1_x509.Certificate.load(owner.der)


def _signature(key, data, digest, pss=False):
    """Return the name of the method and the signature."""
    used = HASHES[digest]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return {"algorithm": "ed25519"}, key.sign(data)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return {"algorithm": f"{digest}_ecdsa"}, key.sign(data, ec.ECDSA(used))
    if not pss:
        return {"algorithm": f"{digest}_rsa"}, key.sign(data, padding.PKCS1v15(), used)
    parameters = algos.RSASSAPSSParams(
        {
            "hash_algorithm": {"algorithm": digest},
            "mask_gen_algorithm": {
                "algorithm": "mgf1",
                "parameters": {"algorithm": digest},
            },
            "salt_length": used.digest_size,
        }
    )
    fill = padding.PSS(padding.MGF1(used), used.digest_size)
    method = {"algorithm": "rsassa_pss", "parameters": parameters}
    return method, key.sign(data, fill, used)


def head(sender=ANNA, subject="Offer"):
    return (
        f"From: Anna Nowak <{sender}>\r\nTo: office@spedbud.example\r\n"
        f"Subject: {subject}\r\nDate: Mon, 30 Nov 2026 13:00:00 +0100\r\n"
        "MIME-Version: 1.0\r\n"
    ).encode()


def letters(cms_bytes):
    return base64.encodebytes(cms_bytes).replace(b"\n", b"\r\n")


def apart(signature, content=TEXT, more=b"", **header):
    """Return a message whose signature stands beside what is signed."""
    return (
        head(**header)
        + b'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; '
        b"micalg=sha-256; boundary=b\r\n\r\nThis is signed.\r\n--b\r\n"
        + content
        + b'\r\n--b\r\nContent-Type: application/pkcs7-signature; name="smime.p7s"\r\n'
        b"Content-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="smime.p7s"\r\n\r\n'
        + letters(signature)
        + b"\r\n"
        + more
        + b"--b--\r\n"
    )


def around(signature, **header):
    """Return a message whose signature holds what is signed."""
    return (
        head(**header)
        + b"Content-Type: application/pkcs7-mime; smime-type=signed-data; "
        b'name="smime.p7m"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        + letters(signature)
    )
