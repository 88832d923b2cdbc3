"""An authority of our own, and certificates of every kind that a server may show."""

from __future__ import annotations

import datetime
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

#: The name that good certificates are for; it resolves to the loopback.
HOST = "localhost"
_SIGNS_CERTIFICATES = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=False,
    data_encipherment=False,
    key_agreement=False,
    key_cert_sign=True,
    crl_sign=True,
    encipher_only=False,
    decipher_only=False,
)
_DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Certificate:
    """PEM files of a certificate and its key."""

    certificate: Path
    key: Path


class Authority:
    """Makes certificates in ``folder``; clients must trust :attr:`certificate`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name("Authority of the tests")
        builder = _builder(self._name, self._name, self._key.public_key(), 0, 30)
        builder = builder.add_extension(
            x509.BasicConstraints(ca=True, path_length=None), critical=True
        )
        builder = builder.add_extension(_SIGNS_CERTIFICATES, critical=True)
        builder = builder.add_extension(
            x509.SubjectKeyIdentifier.from_public_key(self._key.public_key()), False
        )
        certificate = builder.sign(self._key, hashes.SHA256())
        self.certificate = folder / "authority.pem"
        self.certificate.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
        )

    def good(self) -> Certificate:
        return self._issue("good", HOST)

    def expired(self) -> Certificate:
        return self._issue("expired", HOST, first_day=-30, last_day=-2)

    def wrong_host(self) -> Certificate:
        return self._issue("wrong-host", "mail.example.com")

    def self_signed(self) -> Certificate:
        return self._issue("self-signed", HOST, by_itself=True)

    def of_a_stranger(self) -> Certificate:
        """Signed by an authority that nobody trusts."""
        folder = self._folder / "stranger"
        folder.mkdir(exist_ok=True)
        return Authority(folder).good()

    def _issue(
        self,
        label: str,
        host: str,
        first_day: int = -1,
        last_day: int = 30,
        by_itself: bool = False,
    ) -> Certificate:
        key = ec.generate_private_key(ec.SECP256R1())
        issuer = _name(host) if by_itself else self._name
        builder = _builder(_name(host), issuer, key.public_key(), first_day, last_day)
        names: list[x509.GeneralName] = [x509.DNSName(host)]
        if host == HOST:
            names.append(x509.IPAddress(ipaddress.ip_address("127.0.0.1")))
        builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
        # Python 3.13 wants to know which key signed
        signer = key if by_itself else self._key
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()),
            False,
        )
        certificate = builder.sign(signer, hashes.SHA256())
        files = Certificate(
            self._folder / f"{label}.pem", self._folder / f"{label}.key"
        )
        files.certificate.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
        )
        files.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        return files


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _builder(subject, issuer, public_key, first_day, last_day):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + first_day * _DAY - _DAY / 24)
        .not_valid_after(now + last_day * _DAY)
    )
