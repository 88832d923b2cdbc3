"""Who signs may be the one who deceives.

What a certificate claims beside the rules that bind who issued it, and what is put
where no signature covers it.
"""

import hashlib
import tracemalloc

import pytest
from asn1crypto import cms
from asn1crypto.core import OctetString, UTF8String
from cryptography import x509

from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened
from odoo.addons.mail_mailbox_archive.mailcore.inside.signature import check_signature
from odoo.addons.mail_mailbox_archive.mailcore.read import signed
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse, read_part
from odoo.addons.mail_mailbox_archive.mailcore.read.signed import (
    find_signed,
    signature_path,
)

from .signatures import (
    ANNA,
    MIDDLE,
    ROOT,
    TEXT,
    Owner,
    apart,
    around,
    authority,
    checked_here,  # noqa: F401
    head,
    sign,
)

#: What is done in the process of Odoo itself, as in ``test_signature``.
in_odoo_as_well = pytest.mark.inside_odoo

CEO = "ceo@spedbud.example"
ZIP = b"PK\x03\x04" + b"A bill to be paid" * 9
SMTP_UTF8 = x509.ObjectIdentifier("1.3.6.1.5.5.7.8.9")
BOUND = x509.NameConstraints([x509.RFC822Name("spostex.example")], None)
OWNER = Owner("Anna Nowak", MIDDLE)


def check(owner, others, roots):
    pem = "".join(one.pem for one in roots)
    source = apart(sign(TEXT, owner, others))
    return check_signature(find_signed(source), [ANNA], pem, b"")


def also(*names):
    """Return the names of a certificate, those that are text as plain addresses."""
    plain = [x509.RFC822Name(one) if isinstance(one, str) else one for one in names]
    return x509.SubjectAlternativeName(plain)


def utf8(address):
    der = address if isinstance(address, bytes) else UTF8String(address).dump()
    return x509.OtherName(SMTP_UTF8, der)


# What no signature covers


def named(source, name=b"invoice.zip"):
    return source.replace(b"smime.p7s", name).replace(b"smime.p7m", name)


@in_odoo_as_well
@pytest.mark.parametrize("whole", [True, False])
def test_a_file_behind_the_signature(whole):
    signature = sign(TEXT, OWNER, held=not whole) + ZIP
    source = named(apart(signature) if whole else around(signature))
    with pytest.raises(NotOpened) as refusal:
        check_signature(find_signed(source), [ANNA], ROOT.pem, b"")
    assert refusal.value.code == "content"


@in_odoo_as_well
@pytest.mark.parametrize("whole", [True, False])
def test_a_file_in_the_signature_has_no_name_of_its_own(whole):
    data = cms.ContentInfo.load(sign(TEXT, OWNER, held=not whole))
    data["content"]["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
        [cms.CMSAttribute({"type": "1.2.3.4", "values": [OctetString(ZIP)]})]
    )
    source = named(apart(data.dump()) if whole else around(data.dump()))
    verdict = check_signature(find_signed(source), [ANNA], ROOT.pem, b"")
    assert verdict.state == "good"
    path, name = ("2", "smime.p7s") if whole else ("1", "smime.p7m")
    assert signature_path(source) == path
    (part,) = parse(source).parts
    assert (part.path, part.filename) == (path, name)
    assert read_part(source, path).part.filename == name
    assert read_part(source, path).shown_as == ""


@in_odoo_as_well
def test_what_is_not_the_signature_of_the_email_keeps_its_name():
    source = named(apart(sign(TEXT, OWNER)), b"contract.pdf.p7s")
    mixed = source.replace(b"multipart/signed", b"multipart/mixed")
    assert [one.filename for one in parse(mixed).parts] == ["contract.pdf.p7s"]
    assert signature_path(mixed) == signature_path(b"") == ""


# Addresses that an authority may not vouch for


@pytest.mark.parametrize("above", [True, False])
def test_a_bound_authority_and_a_name_of_another_kind(above):
    """The library checks what an authority is bound to for plain addresses alone."""
    own = authority("Bound Root", extensions=[BOUND])
    bound = own if above else authority("Bound CA", ROOT, extensions=[BOUND])
    middle = authority("Below", bound)
    others, roots = ([middle], [bound]) if above else ([middle, bound], [ROOT])
    for name in (utf8(CEO), utf8("szef-\u0142@spedbud.example")):
        eve = Owner("Eve", middle, address="", extensions=[also(ANNA, name)])
        verdict = check(eve, others, roots)
        assert (verdict.state, verdict.addresses) == ("good", (ANNA,))


def test_a_bound_authority_and_an_address_in_the_subject():
    own = authority("Bound Root", extensions=[BOUND])
    middle = authority("Below", own)
    eve = Owner("Eve", middle, address="", in_subject=CEO)
    for others, roots in (([middle], [own]), ([], [own]), ([], [middle, own])):
        verdict = check(eve, others, roots)
        found = "good" if others or middle in roots else "untrusted"
        assert verdict.state == found
        # who trusts the one in the middle for itself, trusts it for any address;
        # where nobody is trusted, it is what the certificate says, and nothing else
        assert verdict.addresses == (() if others else (CEO,))
    stored = authority("Bound CA", ROOT, extensions=[BOUND])
    eve = Owner("Eve", stored, address="", in_subject=CEO)
    for others, roots in (([], [ROOT, stored]), ([], [stored]), ([stored], [ROOT])):
        verdict = check(eve, others, roots)
        assert (verdict.state, verdict.addresses) == ("good", ())


def test_an_address_in_the_subject_of_one_who_is_not_bound():
    anna = Owner("Anna", MIDDLE, address="", in_subject=ANNA)
    # a bound authority that has no part in it changes nothing
    elsewhere = authority("Bound CA", ROOT, extensions=[BOUND])
    verdict = check(anna, [MIDDLE, elsewhere], [ROOT])
    assert (verdict.state, verdict.addresses) == ("good", (ANNA,))


def test_addresses_beyond_ascii():
    local = "\u0142" * 90
    told = {
        f"{local}@spedbud.example": f"{local}@spedbud.example",
        # one in ASCII belongs to the plain ones, also where it becomes one
        CEO: None,
        "\u212aey@spedbud.example": None,
        f"\ufeff{CEO}": None,
        b"\x16\x03\xc5\x82@": None,
    }
    for written, address in told.items():
        extensions = [also(ANNA, utf8(written))]
        owner = Owner("Eve", MIDDLE, address="", extensions=extensions)
        expected = (ANNA, address) if address else (ANNA,)
        assert check(owner, [MIDDLE], [ROOT]).addresses == expected, written


def test_what_is_shortened_or_cleaned_is_another_address():
    domain = f"@{'a.' * 60}spedbud.example"
    local = "c" * (254 - len(domain))
    longest = f"{local}{domain}"
    for name, told in (
        (longest, (ANNA, longest)),
        (f"{longest}.evil.example", (ANNA,)),
        (f"{CEO}.", (ANNA,)),
        (f"{CEO} ", (ANNA,)),
        (f"ceo\x00{CEO[3:]}", (ANNA,)),
    ):
        owner = Owner("Eve", MIDDLE, address="", extensions=[also(ANNA, name)])
        verdict = check(owner, [MIDDLE], [ROOT])
        assert verdict.addresses in (told, ()), name
        if verdict.state == "good":
            assert verdict.addresses == told, name


# What it costs


@in_odoo_as_well
@pytest.mark.parametrize("piece", [2, 3, 1 << 20])
def test_ends_of_lines_are_those_of_mail_on_its_way(monkeypatch, piece):
    monkeypatch.setattr(signed, "_PIECE", piece)
    for text in (b"a\nb\r\nc\r\r\nd\r\r\re\n", b"\n\n\r\n", b"a\r\n\n\r"):
        sent = b"\r\n".join(text.replace(b"\r\n", b"\n").split(b"\n"))
        mark = hashlib.sha256(b"\r\n" + sent).digest()
        source = apart(sign(TEXT, OWNER), b"\n" + text)
        forms = [one["sha256"] for one in find_signed(source).digests]
        assert mark in forms


@in_odoo_as_well
def test_millions_of_short_lines():
    source = (
        head() + apart(sign(TEXT, OWNER), b"\r\n" + b"\n" * 8_000_000)[len(head()) :]
    )
    tracemalloc.start()
    try:
        assert len(find_signed(source).digests) == 2
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # not the length of the email once more
    assert peak < len(source)
