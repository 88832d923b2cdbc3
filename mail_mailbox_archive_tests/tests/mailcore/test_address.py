"""Addresses: what headers hold, what is one address, what can be written to."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import (
    Address,
    format_addresses,
    is_valid,
    normalise,
    parse_addresses,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import effort, growth

#: header → (name, address) of each
HEADERS = {
    "": [],
    " \r\n ": [],
    ",,;": [],
    "<>": [],
    "jan@firma.example": [("", "jan@firma.example")],
    "<jan@firma.example>": [("", "jan@firma.example")],
    "Jan <jan@firma.example>": [("Jan", "jan@firma.example")],
    "Jan\r\n <jan@firma.example>": [("Jan", "jan@firma.example")],
    "Jan<jan@firma.example>": [("Jan", "jan@firma.example")],
    '"Nowak, Anna" <anna@firma.example>': [("Nowak, Anna", "anna@firma.example")],
    "Nowak, Anna <anna@firma.example>": [("Nowak, Anna", "anna@firma.example")],
    "Nowak, anna@firma.example": [("", "Nowak"), ("", "anna@firma.example")],
    "a@x.example, b@x.example": [("", "a@x.example"), ("", "b@x.example")],
    "a@x.example; b@x.example;": [("", "a@x.example"), ("", "b@x.example")],
    "<a@x.example> <b@x.example>": [("", "a@x.example"), ("", "b@x.example")],
    "a@x.example,, b@x.example,": [("", "a@x.example"), ("", "b@x.example")],
    "undisclosed-recipients:;": [],
    "Team: a@x.example, B <b@x.example>;": [("", "a@x.example"), ("B", "b@x.example")],
    "A: a@x.example;, B: b@x.example;": [("", "a@x.example"), ("", "b@x.example")],
    "a@x.example (Anna)": [("Anna", "a@x.example")],
    "a@x.example (Anna (the boss))": [("Anna (the boss)", "a@x.example")],
    "Anna (boss) <a(x)@(y)x.example>": [("Anna", "a@x.example")],
    "Pete(A nice \\) chap) <pete(his)@x.example(host)>": [("Pete", "pete@x.example")],
    "Foo (open <a@x.example>": [("Foo open", "a@x.example")],
    '"Foo <a@x.example>': [("Foo", "a@x.example")],
    '"a\\"b\\\\c" <a@x.example>': [('a"b\\c', "a@x.example")],
    '"" <a@x.example>': [("", "a@x.example")],
    'Jan "Q." K <a@x.example>': [("Jan Q. K", "a@x.example")],
    "'Jan' <a@x.example>": [("Jan", "a@x.example")],
    "<@a,@b:c@x.example>": [("", "c@x.example")],
    "x <a@[IPv6:2001:db8::1]>": [("x", "a@[IPv6:2001:db8::1]")],
    '"john doe"@x.example': [("", '"john doe"@x.example')],
    '<"john doe"@x.example>': [("", '"john doe"@x.example')],
    "john . doe @ x . example": [("", "john.doe@x.example")],
    "Jan Kowalski jan@x.example": [("Jan Kowalski", "jan@x.example")],
    "a@x.example <b@y.example>": [("a@x.example", "b@y.example")],
    "<<a@x.example>>": [("", "a@x.example")],
    "a@x.example>": [("", "a@x.example")],
    "<a@x.example": [("", "a@x.example")],
    "mailto:a@x.example": [("", "a@x.example")],
    "root": [("", "root")],
    "MAILER-DAEMON (Mail System)": [("Mail System", "MAILER-DAEMON")],
    "Jan Kowalski": [("Jan Kowalski", "")],
    "=?utf-8?q?=C5=BBaneta?= <z@x.example>": [("Żaneta", "z@x.example")],
    '"=?utf-8?q?=C5=BBaneta?=" <z@x.example>': [("Żaneta", "z@x.example")],
    "=?utf-8?q?Nowak=2C_Anna?= <a@x.example>": [("Nowak, Anna", "a@x.example")],
    "=?utf-8?q?Firma (PL), x?= <a@x.example>": [("Firma (PL), x", "a@x.example")],
    "=?utf-8?q?a=0D=0ABcc:_b@y?= <a@x.example>": [("a Bcc: b@y", "a@x.example")],
    "=?utf-8?q?x=3Ca=40y=3E?= <a@x.example>": [("x<a@y>", "a@x.example")],
    "Żaneta <żaneta@żółw.example>": [("Żaneta", "żaneta@żółw.example")],
    "za\udcbf\udcf3\udcb3\udce6 <z@x.example>": [("zażółć", "z@x.example")],
    "\u202eevil <a@x.example>": [("[U+202E]evil", "a@x.example")],
    "\0": [],
    "a\0b <a\0@x.example>": [("ab", "a@x.example")],
}


@pytest.mark.parametrize("header", HEADERS)
def test_header(header):
    found = parse_addresses(header)
    assert [(one.display_name, one.addr_spec) for one in found] == HEADERS[header]


@pytest.mark.parametrize("header", HEADERS)
def test_what_is_written_is_read_again(header):
    found = parse_addresses(header)
    assert parse_addresses(format_addresses(found)) == found


def test_comment_beside_nothing_is_a_name():
    assert parse_addresses("\0 (Anna)") == (Address("Anna", ""),)


def test_at_most_a_thousand():
    assert len(parse_addresses("a@x.example, " * 20_000)) == 1_000


def test_names_and_addresses_are_cut():
    (address,) = parse_addresses("n" * 5_000 + " <" + "a" * 5_000 + "@x.example>")
    assert (len(address.display_name), len(address.addr_spec)) == (255, 254)


BOMBS = ["(", '"', "<", ">", ",", ";", ":", "\\", "@", "[", "=?", "=?a?q?", "()", '""']
BOMBS += [
    "a@b.example, ",
    "A <a@b.example>, ",
    "<@a,",
    "a:",
    "(a",
    "a ",
    "\udcb1",
    "A, ",
]


@pytest.mark.parametrize("piece", BOMBS)
@pytest.mark.slow
def test_cost_is_linear(piece):
    assert growth(parse_addresses, lambda n: piece * n) < 2.5
    long = (piece * 64_000)[:64_000]
    assert effort(lambda: parse_addresses(long)) < 16


NORMAL = {
    "jan@firma.example": "jan@firma.example",
    " Jan@Firma.EXAMPLE ": "jan@firma.example",
    "jan@firma.example.": "jan@firma.example",
    "jan@Żółw.example": "jan@xn--w-uga1v8h.example",
    "jan@xn--w-uga1v8h.EXAMPLE": "jan@xn--w-uga1v8h.example",
    "Żaneta@firma.example": "żaneta@firma.example",
    "z\u0307aneta@firma.example": "żaneta@firma.example",
    "jan@" + "ż" * 100 + ".example": "jan@" + "ż" * 100 + ".example",
    "jan@ż..example": "jan@ż..example",
    "root": "root",
    "": "",
    "@": "@",
}


@pytest.mark.parametrize("written", NORMAL)
def test_normalise(written):
    assert normalise(written) == NORMAL[written]
    assert normalise(normalise(written)) == normalise(written)


@pytest.mark.parametrize(
    "address",
    [
        "jan@firma.example",
        "jan.nowak+tag@mail.firma.example",
        "o'brien@firma.example",
        "jan@localhost",
        "jan@żółw.example",
        "żaneta@firma.example",
        '"jan nowak"@firma.example',
        "a@" + "b" * 63 + ".example",
        "a" * 64 + "@firma.example",
        "!#$%&*/=?^_`{|}~-@firma.example",
        "jan@123.example",
    ],
)
def test_valid(address):
    assert is_valid(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "jan",
        "jan@",
        "@firma.example",
        "jan@firma",
        "jan@@firma.example",
        "jan@nowak@firma.example",
        "jan nowak@firma.example",
        "jan@firma example",
        "jan@firma..example",
        "jan@.example",
        "jan@firma.example.",
        "jan@-firma.example",
        "jan@firma-.example",
        "jan@fir_ma.example",
        ".jan@firma.example",
        "jan.@firma.example",
        "j..an@firma.example",
        "jan@firma.example\n",
        "jan@firma.example\r\nBcc: x@y.example",
        "jan\0@firma.example",
        "jan<@firma.example",
        "Jan <jan@firma.example>",
        "jan@firma.example, a@firma.example",
        "jan@192.168.0.1",
        "jan@[192.168.0.1]",
        '"jan@firma.example',
        '"ja"n"@firma.example',
        "a" * 65 + "@firma.example",
        "a@" + "b" * 64 + ".example",
        "a@" + "b." * 130 + "example",
    ],
)
def test_not_valid(address):
    assert not is_valid(address)


def test_format():
    people = (
        Address("Jan", "jan@x.example"),
        Address("", "a@x.example"),
        Address("Nowak, Anna", "b@x.example"),
        Address('say "hi"\\', "c@x.example"),
        Address("Only Name", ""),
    )
    assert format_addresses(people) == (
        "Jan <jan@x.example>, a@x.example, "
        '"Nowak, Anna" <b@x.example>, "say \\"hi\\"\\\\" <c@x.example>, Only Name'
    )
    assert format_addresses(()) == ""
