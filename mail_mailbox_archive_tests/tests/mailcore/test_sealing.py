"""Encrypted and signed messages are known by their form; nothing is called checked."""

import base64

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.read.sealing import (
    Sealing,
    read_sealing,
)

pytestmark = pytest.mark.inside_odoo

HEAD = "From: a@spostex.example\r\nTo: office@spedbud.example\r\nMIME-Version: 1.0\r\n"
KEY = bytes.fromhex("1122334455667788")
#: A packet that says which key opens what follows, in the old and the new form.
OLD = bytes([0x84, 12, 3]) + KEY + b"\x01\x00\x00"
NEW = bytes([0xC1, 12, 3]) + KEY[::-1] + b"\x01\x00\x00"
NOBODY = bytes([0xC1, 12, 3]) + bytes(8) + b"\x01\x00\x00"
DATA = bytes([0xD2, 4, 1, 0, 0, 0])
ENVELOPED = bytes.fromhex("308006092a864886f70d010703") + b"\0" * 40
SIGNED = bytes.fromhex("308006092a864886f70d010702") + b"\0" * 40


def armoured(*packets, word="MESSAGE"):
    data = base64.encodebytes(b"".join(packets)).decode().replace("\n", "\r\n")
    return (
        f"-----BEGIN PGP {word}-----\r\nVersion: x\r\n\r\n{data}=abcd\r\n"
        f"-----END PGP {word}-----\r\n"
    )


def multipart(kind, *parts):
    body = "".join(f"--b\r\n{part}\r\n" for part in parts)
    return f"{HEAD}Content-Type: {kind}; boundary=b\r\n\r\n{body}--b--\r\n".encode()


def smime(content, word="", kind="application/pkcs7-mime"):
    word = f"; smime-type={word}" if word else ""
    return (
        f'{HEAD}Content-Type: {kind}{word}; name="smime.p7m"\r\n'
        "Content-Transfer-Encoding: base64\r\n\r\n"
        f"{base64.encodebytes(content).decode()}"
    ).encode()


TEXT = "Content-Type: text/plain\r\n\r\nHello"
PGP = (
    "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n",
    "Content-Type: application/octet-stream; name=encrypted.asc\r\n\r\n"
    + armoured(OLD, NEW, NOBODY, DATA),
)
KEYS = ("1122334455667788", "8877665544332211")
ENCRYPTED = Sealing("encrypted", "OpenPGP", KEYS)


@pytest.mark.parametrize(
    ("source", "sealing"),
    [
        (
            multipart(
                'multipart/encrypted; protocol="application/pgp-encrypted"', *PGP
            ),
            ENCRYPTED,
        ),
        (multipart("multipart/mixed", *PGP), ENCRYPTED),
        (f"{HEAD}\r\n{armoured(OLD, NEW, DATA)}".encode(), ENCRYPTED),
        (
            f"{HEAD}\r\nHi\r\n\r\n{armoured(DATA)}".encode(),
            Sealing("encrypted", "OpenPGP"),
        ),
        (
            f"{HEAD}\r\n-----BEGIN PGP SIGNED MESSAGE-----\r\nHash: x\r\n".encode(),
            Sealing("signed", "OpenPGP"),
        ),
        (
            multipart('multipart/signed; protocol="application/pgp-signature"', TEXT),
            Sealing("signed", "OpenPGP"),
        ),
        (
            multipart('multipart/signed; protocol="application/pkcs7-signature"', TEXT),
            Sealing("signed", "S/MIME"),
        ),
        (smime(ENVELOPED), Sealing("encrypted", "S/MIME")),
        (smime(ENVELOPED, "signed-data"), Sealing("encrypted", "S/MIME")),
        (smime(b"x", "enveloped-data"), Sealing("encrypted", "S/MIME")),
        (smime(SIGNED, kind="application/x-pkcs7-mime"), Sealing("opaque", "S/MIME")),
        (
            smime(ENVELOPED, kind="application/octet-stream"),
            Sealing("encrypted", "S/MIME"),
        ),
        (smime(b"x"), None),
        (
            multipart(
                "multipart/mixed",
                TEXT,
                'Content-Type: application/pkcs7-mime; name="invoice.xml.p7m"; '
                "smime-type=signed-data\r\n\r\nx",
            ),
            None,
        ),
        (f"{HEAD}\r\nHello".encode(), None),
        (f"{HEAD}\r\n> -----BEGIN PGP MESSAGE-----\r\n".encode(), None),
        (multipart("multipart/mixed", TEXT), None),
    ],
)
def test_how_a_message_is_sealed(source, sealing):
    assert read_sealing(source) == sealing


@pytest.mark.parametrize(
    "packets",
    [b"", b"\xff", b"\xc1\xff\xff\xff\xff\xff", b"\x87" * 900, OLD * 900, OLD[:5]],
)
def test_broken_packets_name_what_they_can(packets):
    found = read_sealing(f"{HEAD}\r\n{armoured(packets)}".encode())
    assert found.kind == "encrypted" and len(found.keys) <= 1
