"""What may deceive in the addresses of a mail."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import (
    Address,
    parse_addresses,
)
from odoo.addons.mail_mailbox_archive.mailcore.addresses.spoof import (
    has_mixed_scripts,
    readable_domain,
    signs,
    skeleton,
)

KNOWN = ("spostex.pl", "microsoft.com", "rnodern.example")


def codes(from_, reply_to="", known=KNOWN):
    found = signs(parse_addresses(from_), parse_addresses(reply_to), known)
    return [sign.code for sign in found]


@pytest.mark.parametrize(
    "from_, reply_to, expected",
    [
        ("Anna Nowak <anna@spostex.pl>", "", []),
        ("anna@spostex.pl", "", []),
        ("Łukasz Żółć <lukasz@spostex.pl>", "", []),
        ("Анна Новак <anna@spostex.pl>", "", []),
        ("株式会社ABC <info@abc.jp>", "", []),
        ('"anna@spostex.pl" <anna@spostex.pl>', "", []),
        ('"info@spostex.pl" <x@mail.spostex.pl>', "", []),
        ('"boss@spostex.co.uk" <x@evil.co.uk>', "", ["name_address"]),
        ('"boss@spostex.pl" <x@evil.example>', "", ["name_address"]),
        ('"Boss boss＠spostex.pl" <x@evil.example>', "", ["name_address"]),
        ('"Boss (boss@spostex.pl)" <x@evil.example>', "", ["name_address"]),
        ("Аnna Nowak <anna@spostex.pl>", "", ["mixed_scripts"]),
        ("PayPаl <x@evil.example>", "", ["mixed_scripts"]),
        ("x@pаypal.com", "", ["mixed_scripts"]),
        ("x@xn--pypal-4ve.com", "", ["mixed_scripts"]),
        ("佐々木スーパーマーケット <s@example.jp>", "", []),
        ("スズキ㈱ <s@example.jp>", "", []),
        ("Łódź-Юг LINEお得 김ABC <s@example.jp>", "", []),
        ("ЯндексDirect <s@example.ru>", "", []),
        ("Ωmega µTorrent Ångström <s@example.de>", "", []),
        ("x@xn--mller-kva.de", "", []),
        ("x@müller.de", "", []),
        ("x@żółw-ślimak.pl", "", []),
        ("x@ışık.com.tr", "", []),
        ("x@рф.рф", "", []),
        ("x@日本語.jp", "", []),
        ("x@xn--80ak6aa92e.com", "", ["punycode"]),
        ("x@раура.com", "", ["punycode"]),
        ("x@ɡooɡle.com", "", ["punycode"]),
        ("x@ʙank.com", "", ["punycode"]),
        ("ＡＢＣ株式会社 <s@example.jp>", "", []),
        ("1С Бухгалтерия <s@example.ru>", "", []),
        ("α-Tech <s@example.de>", "", []),
        ("x@spostёx.pl", "", ["mixed_scripts", "look_alike"]),
        ("x@sp0stex.pl", "", ["look_alike"]),
        ("x@micr0soft.com", "", ["look_alike"]),
        ("x@rnicrosoft.com", "", ["look_alike"]),
        ("x@rnodern.example", "", []),
        ("x@spostex.pl", "y@evil.example", ["reply_to"]),
        ("x@spostex.pl", "y@mail.spostex.pl", []),
        ("x@a.co.uk", "y@b.co.uk", ["reply_to"]),
        ("x@a.co.uk", "y@mail.a.co.uk", []),
        ("x@a.lodz.pl", "y@b.lodz.pl", ["reply_to"]),
        ("x@a.example", "y@com.pl", ["reply_to"]),
        ("", "", ["no_sender"]),
        ("a@spostex.pl, b@spostex.pl", "", ["several_senders"]),
    ],
)
def test_signs(from_, reply_to, expected):
    assert codes(from_, reply_to) == expected


def test_override_in_a_name_is_told():
    sender = Address("invoice[U+202E]moc.knab", "x@evil.example")
    assert [sign.code for sign in signs((sender,))] == ["override"]


def test_punycode_is_shown_both_ways():
    (sign,) = signs(parse_addresses("x@xn--80ak6aa92e.com"))
    assert (sign.shown, sign.real) == ("аррӏе.com", "xn--80ak6aa92e.com")


def test_broken_punycode_is_shown_as_it_is():
    assert readable_domain("xn--999999999") == "xn--999999999"
    assert codes("x@xn--999999999.com") == []


def test_look_alikes_have_one_skeleton():
    assert skeleton("spostex.pl") == skeleton("ѕроѕtех.pl") == skeleton("sp0stex.pl")


@pytest.mark.parametrize(
    "word", ["Łódź", "日本ビル", "한국", "Ελλάδα", "μTorrent", "abc"]
)
def test_scripts_written_together(word):
    assert not has_mixed_scripts(word)


@pytest.mark.slow
def test_a_thousand_senders_do_not_matter():
    many = tuple(Address("boss@spostex.pl", "x@evil.example") for _ in range(50_000))
    assert "name_address" in [sign.code for sign in signs(many)]
