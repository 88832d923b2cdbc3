"""S/MIME signatures: what is signed, by whom, and how far that is to be trusted."""

import random
import shutil
import subprocess
import sys

import pytest
from asn1crypto import cms, core
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509.oid import ExtendedKeyUsageOID

from odoo.addons.mail_mailbox_archive.mailcore.inside import signature as module
from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened
from odoo.addons.mail_mailbox_archive.mailcore.inside.signature import (
    check_signature,
    missing_libraries,
    system_certificates,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.signed import (
    find_signed,
    is_signed,
)

from ..reliability.extent import extent
from .signatures import (
    ANNA,
    DAY,
    ELSEWHERE,
    HASHES,
    MIDDLE,
    NOW,
    PEM,
    ROOT,
    RSA,
    TEXT,
    Owner,
    apart,
    around,
    authority,
    checked_here,  # noqa: F401
    head,
    sign,
)

#: What is done in the process of Odoo itself: to find what is signed, and to ask. The
#: check is the other process's, which Odoo is not in.
in_odoo_as_well = pytest.mark.inside_odoo

OWNER = Owner("Anna Nowak", MIDDLE)


def check(source, roots=ROOT.pem, senders=(ANNA,)):
    return check_signature(find_signed(source), list(senders), roots, b"")


def state(source, roots=ROOT.pem):
    return check(source, roots).state


@in_odoo_as_well
def test_what_is_told_of_a_good_one():
    verdict = check(apart(sign(TEXT, OWNER)))
    assert verdict.state == "good"
    assert (verdict.name, verdict.issuer) == ("Anna Nowak", "Spostex Mail CA")
    assert verdict.addresses == (ANNA,)
    assert verdict.signed_at == NOW
    assert (verdict.valid_until - verdict.valid_from).days == 330


@pytest.mark.parametrize(
    ("key", "options"),
    [
        (RSA, {"digest": "sha384"}),
        (RSA, {"digest": "sha512", "pss": True}),
        (RSA, {"pss": True}),
        (RSA, {"bare": True}),
        (RSA, {"by_key": True}),
        (RSA, {"signed_at": None}),
        (ec.generate_private_key(ec.SECP256R1()), {}),
        (ec.generate_private_key(ec.SECP384R1()), {"digest": "sha384", "bare": True}),
        (ed25519.Ed25519PrivateKey.generate(), {"digest": "sha512"}),
    ],
)
@pytest.mark.parametrize("held", [False, True])
def test_methods(key, options, held):
    owner = Owner("Anna Nowak", MIDDLE, key)
    signature = sign(TEXT, owner, held=held, **options)
    assert state(around(signature) if held else apart(signature)) == "good"
    # one byte of what is signed, and the signature is none
    if not held:
        assert state(apart(signature, TEXT.replace(b"100", b"900"))) == "broken"
    else:
        assert state(around(signature.replace(b"100", b"900"))) == "broken"


@in_odoo_as_well
def test_every_byte_of_what_is_signed_counts():
    signature = sign(TEXT, OWNER)
    for other in (TEXT.replace(b"  \r\n", b"\r\n"), TEXT + b"\r\n", TEXT[:-2]):
        assert state(apart(signature, other)) == "broken"
    # headers of the part are signed as well
    assert state(apart(signature, TEXT.replace(b"8bit", b"7bit"))) == "broken"


@in_odoo_as_well
def test_a_file_of_mail_with_other_ends_of_lines():
    source = apart(sign(TEXT, OWNER)).replace(b"\r\n", b"\n")
    assert state(source) == "good"
    as_it_stands = TEXT.replace(b"\r\n", b"\n")
    assert state(apart(sign(as_it_stands, OWNER), as_it_stands)) == "good"
    assert state(source.replace(b"100", b"900")) == "broken"


def test_a_forged_signature():
    forger = Owner("Anna Nowak", MIDDLE, rsa.generate_private_key(65537, 2048))
    data = cms.ContentInfo.load(sign(TEXT, forger))
    info = data["content"]["signer_infos"][0]
    own = cms.ContentInfo.load(sign(TEXT, OWNER))["content"]
    info["sid"] = own["signer_infos"][0]["sid"]
    data["content"]["certificates"] = own["certificates"]
    assert state(apart(data.dump())) == "broken"


def test_attributes_that_say_something_else():
    twice = [{"type": "message_digest", "values": [b"\xff" * 32]}]
    assert state(apart(sign(TEXT, OWNER, attributes=twice))) == "broken"
    data = cms.ContentInfo.load(sign(TEXT, OWNER))
    data["content"]["encap_content_info"]["content_type"] = "signed_data"
    assert state(apart(data.dump())) == "broken"


# Whom to trust


def test_an_unknown_root():
    source = apart(sign(TEXT, OWNER))
    assert state(source, ELSEWHERE.pem) == "untrusted"
    assert state(source, "") == "untrusted"
    assert state(source, "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----")
    # what comes with the message makes nobody trusted
    assert state(apart(sign(TEXT, OWNER, (MIDDLE, ROOT))), ELSEWHERE.pem) == "untrusted"


def test_the_intermediate_is_missing():
    assert state(apart(sign(TEXT, OWNER, ()))) == "untrusted"
    assert state(apart(sign(TEXT, OWNER, ())), ROOT.pem + MIDDLE.pem) == "good"


def test_a_single_certificate_is_trusted():
    single = Owner("Anna Nowak")
    source = apart(sign(TEXT, single, ()))
    assert state(source) == "untrusted"
    assert state(source, single.pem) == "good"


def test_a_person_is_no_authority():
    other = Owner("Eve", OWNER, rsa.generate_private_key(65537, 2048))
    source = apart(sign(TEXT, other, (OWNER, MIDDLE)))
    assert state(source) == "untrusted"


def test_an_authority_for_other_purposes():
    web = authority(
        "Web CA",
        ROOT,
        extensions=[x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])],
    )
    owner = Owner("Anna Nowak", web)
    assert state(apart(sign(TEXT, owner, (web,)))) == "untrusted"
    server = Owner("Anna Nowak", MIDDLE, purposes=[ExtendedKeyUsageOID.SERVER_AUTH])
    assert state(apart(sign(TEXT, server))) == "purpose"


def test_an_authority_that_is_bound_to_a_domain():
    bound = authority(
        "Bound CA",
        ROOT,
        extensions=[x509.NameConstraints([x509.RFC822Name("spostex.example")], None)],
    )
    assert state(apart(sign(TEXT, Owner("Anna", bound), (bound,)))) == "good"
    other = Owner("Eve", bound, address="ceo@spedbud.example")
    assert state(apart(sign(TEXT, other, (bound,)))) == "untrusted"


def test_time():
    old = Owner("Anna Nowak", MIDDLE, days=(-29, -5))
    at = {"signed_at": NOW - 10 * DAY}
    assert state(apart(sign(TEXT, old, **at))) == "lapsed"
    assert state(apart(sign(TEXT, old, signed_at=NOW - 2 * DAY))) == "expired"
    assert state(apart(sign(TEXT, old, signed_at=None))) == "expired"
    assert state(apart(sign(TEXT, old, **at)), ELSEWHERE.pem) == "untrusted"
    # a moment that is yet to come proves nothing
    assert state(apart(sign(TEXT, old, signed_at=NOW + 90 * DAY))) == "expired"
    assert state(apart(sign(TEXT, OWNER, signed_at=NOW - 90 * DAY))) == "expired"
    soon = Owner("Anna Nowak", MIDDLE, days=(5, 30))
    assert state(apart(sign(TEXT, soon))) == "expired"
    assert state(apart(sign(TEXT, soon, signed_at=NOW + 6 * DAY))) == "expired"


def test_weak_methods():
    assert state(apart(sign(TEXT, OWNER, digest="sha1"))) == "weak"
    changed = TEXT.replace(b"1", b"9")
    assert state(apart(sign(TEXT, OWNER, digest="sha1"), changed)) == "broken"
    short = Owner("Anna Nowak", MIDDLE, rsa.generate_private_key(65537, 1024))
    assert state(apart(sign(TEXT, short))) == "weak"


def test_another_address():
    source = apart(sign(TEXT, OWNER))
    assert check(source).is_of([ANNA])
    assert not check(source).is_of(["eve@evil.example"])
    assert not check(source).is_of([ANNA, "eve@evil.example"])
    assert not check(source).is_of([])


def test_of_several_signers_the_best_counts():
    other = Owner("Jan Lis", MIDDLE, address="jan@spostex.example")
    data = cms.ContentInfo.load(sign(TEXT, other, (MIDDLE, OWNER)))
    theirs = cms.ContentInfo.load(sign(TEXT, OWNER))["content"]["signer_infos"][0]
    data["content"]["signer_infos"].append(theirs)
    source = apart(data.dump())
    assert check(source).name == "Anna Nowak"
    assert check(source, senders=["jan@spostex.example"]).name == "Jan Lis"


# What is signed as a whole


@in_odoo_as_well
def test_what_is_signed_in_part_is_not_found():
    signature = sign(TEXT, OWNER)
    whole = apart(signature)
    assert find_signed(whole) and is_signed(whole)
    unsigned = b"--b\r\nContent-Type: text/plain\r\n\r\nPay at once\r\n"
    inner = whole.partition(b"MIME-Version: 1.0\r\n")[2]
    for other in (
        apart(signature, more=unsigned),
        head()
        + b"Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n"
        + inner
        + b"\r\n--o\r\nContent-Type: text/plain\r\n\r\nFooter\r\n--o--\r\n",
        whole.replace(b"multipart/signed", b"multipart/mixed"),
        whole.replace(b"application/pkcs7-signature; name", b"text/plain; name"),
        head() + b"\r\nPlain",
    ):
        assert find_signed(other) is None and not is_signed(other)
    assert not is_signed(b"")


@in_odoo_as_well
def test_text_around_the_parts_is_not_shown_and_harms_nothing():
    source = apart(sign(TEXT, OWNER)).replace(b"This is signed.", b"Pay at once")
    assert state(source) == "good"


# Limits


def refused(source):
    with pytest.raises(NotOpened) as refusal:
        check(source)
    return refusal.value.code


@in_odoo_as_well
def test_a_truncated_signature():
    signature = sign(TEXT, OWNER)
    for length in (0, 1, 20, 300, len(signature) - 1):
        assert refused(apart(signature[:length])) == "content"


@in_odoo_as_well
def test_ten_thousand_certificates():
    data = cms.ContentInfo.load(sign(TEXT, OWNER))
    certificates = data["content"]["certificates"]
    content = b"".join(one.dump() for one in certificates)
    number, many = len(certificates), 10_000
    data["content"]["certificates"] = cms.CertificateSet.load(
        core.Asn1Value.load(
            b"\x31\x84"
            + (len(content) * many // number).to_bytes(4, "big")
            + content * (many // number)
        ).dump()
    )
    assert refused(apart(data.dump())) in ("content", "time")


def test_many_roads_that_lead_nowhere():
    """As many authorities of one name as are looked at, none of which issued it."""
    lost = Owner("Anna Nowak", authority("Spostex Mail CA"))
    many = [Owner("Spostex Mail CA", ROOT, authority=True) for _ in range(150)]
    assert state(apart(sign(TEXT, lost, many))) == "untrusted"


def test_no_signer_and_no_certificate():
    data = cms.ContentInfo.load(sign(TEXT, OWNER))
    data["content"]["signer_infos"] = []
    assert refused(apart(data.dump())) == "content"
    other = cms.ContentInfo.load(sign(TEXT, Owner("Jan", MIDDLE)))["content"]
    data = cms.ContentInfo.load(sign(TEXT, OWNER))
    data["content"]["certificates"] = other["certificates"]
    assert state(apart(data.dump())) == "unnamed"


def test_changed_bytes_are_never_called_good():
    """Bytes of a signature are changed one after the other; each ends with a word."""
    signature = sign(TEXT, OWNER, (), signed_at=None)
    dice = random.Random(27)
    places = dice.sample(range(len(signature)), extent(12, 400))
    for at in places:
        wrong = bytearray(signature)
        wrong[at] ^= 1 << dice.randrange(8)
        source = apart(bytes(wrong))
        if find_signed(source) is None:
            continue
        try:
            found = check(source, ROOT.pem + MIDDLE.pem)
        except NotOpened as error:
            assert error.code == "content", at
            continue
        # version, parameters and what is not signed may differ
        if found.state == "good":
            assert (found.name, found.addresses) == ("Anna Nowak", (ANNA,)), at


# Libraries and roots


@in_odoo_as_well
def test_without_the_libraries(monkeypatch):
    assert missing_libraries() == ()
    monkeypatch.setattr(module, "find_spec", lambda _name: None)
    assert missing_libraries() == ("asn1crypto",)
    monkeypatch.setitem(sys.modules, "cryptography.x509.verification", None)
    assert missing_libraries() == ("asn1crypto", "cryptography>=45")


@in_odoo_as_well
def test_roots_of_the_system():
    assert system_certificates().count(b"BEGIN CERTIFICATE") > 20


# Other programs as witnesses


@pytest.mark.parametrize("digest", ["sha256", "sha512"])
@pytest.mark.parametrize("held", [False, True])
def test_signed_by_cryptography(digest, held):
    options = [pkcs7.PKCS7Options.Binary]
    if not held:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
    signature = (
        pkcs7.PKCS7SignatureBuilder()
        .set_data(TEXT)
        .add_signer(OWNER.certificate, OWNER.key, HASHES[digest])
        .add_certificate(MIDDLE.certificate)
        .sign(serialization.Encoding.DER, options)
    )
    source = around(signature) if held else apart(signature)
    assert state(source) == "good"


@pytest.fixture
def openssl(tmp_path):
    program = shutil.which("openssl")
    if not program:
        pytest.skip("openssl is not installed")
    (tmp_path / "own.pem").write_bytes(
        OWNER.pem.encode()
        + RSA.private_bytes(
            PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    (tmp_path / "middle.pem").write_text(MIDDLE.pem)
    (tmp_path / "root.pem").write_text(ROOT.pem)
    (tmp_path / "text").write_bytes(TEXT)

    def run(*arguments):
        return subprocess.run(
            [program, "cms", *arguments], cwd=tmp_path, capture_output=True, check=False
        )

    run.folder = tmp_path
    return run


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-keyopt", "rsa_padding_mode:pss"),
        ("-md", "sha512"),
        ("-noattr",),
        ("-nodetach",),
        ("-nodetach", "-stream", "-indef"),
        ("-keyid",),
    ],
)
def test_signed_by_openssl(openssl, options):
    ended = openssl(
        *("-sign", "-signer", "own.pem", "-certfile", "middle.pem", "-in", "text"),
        *("-crlfeol", "-binary", "-from", ANNA, "-subject", "Offer", *options),
    )
    assert ended.returncode == 0, ended.stderr
    source = ended.stdout
    assert state(source) == "good"
    if "-nodetach" not in options:
        assert state(source.replace(b"100", b"900")) == "broken"


def test_openssl_says_the_same(openssl):
    for content, good in ((TEXT, True), (TEXT.replace(b"1", b"9"), False)):
        source = apart(sign(TEXT, OWNER), content)
        (openssl.folder / "mail").write_bytes(source)
        ended = openssl("-verify", "-in", "mail", "-CAfile", "root.pem")
        assert (ended.returncode == 0) == good, ended.stderr
        assert (state(source) == "good") == good
