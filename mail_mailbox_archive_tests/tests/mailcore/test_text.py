"""Text made safe, and bytes made into text."""

import base64
import unicodedata

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.charset import decode, guess
from odoo.addons.mail_mailbox_archive.mailcore.read.parameters import (
    filename,
    parameters,
)
from odoo.addons.mail_mailbox_archive.mailcore.text import (
    decode_header,
    normalise,
    safe_text,
    search_form,
    search_words,
    unify_lines,
)
from odoo.addons.mail_mailbox_archive.mailcore.transfer import (
    decode_base64,
    decode_content,
    decoded_size,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import effort, growth

SAFE = [
    ("", ""),
    (None, ""),
    ("plain", "plain"),
    ("Zażółć", "Zażółć"),
    ("Z\u0301", "Ź"),
    ("a\0b", "ab"),
    ("a\x07\x1b[31mb", "a[31mb"),
    ("a\x80\x9fb", "ab"),
    ("a\ud800b", "a\ufffdb"),
    ("a\r\nb\nc\td", "a b c d"),
    ("a\u2028b\u2029c\x85d\x0be\x0cf", "a b c d e f"),
    ("invoice\u202efdp.exe", "invoice[U+202E]fdp.exe"),
    ("\u202dx\u202c", "[U+202D]x"),
    ("\u2066+48 123\u2069 \u202a456\u202c", "+48 123 456"),
    ("\ufeffmark\ufffe\uffff", "mark"),
    ("\u200d👨\u200d👩 stays", "\u200d👨\u200d👩 stays"),
]


@pytest.mark.parametrize("value, expected", SAFE)
def test_safe_text(value, expected):
    assert safe_text(value) == expected


def test_safe_text_keeps_lines_where_asked():
    assert safe_text("a\r\nb\r\r\nc\rd\te\0", lines=True) == "a\nb\nc\nd\te"


def test_safe_text_is_cut():
    assert safe_text("abc", 2) == "ab"
    assert safe_text("\u202e" * 10, 10) == "[U+202E][U"
    assert safe_text("x" * 20_000, 0) == "x" * 20_000


def test_safe_text_leaves_no_dangerous_character():
    planes = (range(0x3000), range(0xD700, 0xE100), range(0xFDD0, 0x10100))
    every = "".join(chr(code) for plane in planes for code in plane)
    for lines in (False, True):
        safe = safe_text(every, 0, lines=lines)
        safe.encode("utf-8")
        kept = {c for c in safe if unicodedata.category(c) == "Cc"}
        assert kept == (set("\n\t") if lines else set())
        assert not set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068") & set(safe)


def test_safe_text_twice_is_safe_text():
    for value, expected in SAFE:
        assert safe_text(safe_text(value)) == expected


def test_long_text_is_normalised_as_short_text():
    text = "Za\u0301z\u0307o\u0301l " * 500
    assert normalise(text) == unicodedata.normalize("NFC", text)


SEARCH = [
    ("Łódź", "lodz"),
    ("ZAŻÓŁĆ GĘŚLĄ JAŹŃ", "zazolc gesla jazn"),
    ("Straße Ærø Đ", "strasse aero d"),
    ("Crème brûlée", "creme brulee"),
    ("İstanbul Işık", "istanbul isik"),
    ("ﬁle ①", "file 1"),
    ("Счёт", "счет"),
    ("plain", "plain"),
]


@pytest.mark.parametrize("value, expected", SEARCH)
def test_search_form(value, expected):
    assert search_form(value) == expected
    assert search_form(search_form(value)) == expected


WORDS = [
    ("Two words, TWO_words", "two words"),
    (
        "biuro@firma.example https://firma.example/a-b?c=1",
        "biuro firma example https a b c 1",
    ),
    ("Łódź\u00a0– łódź (LODZ)", "lodz"),
    ("e\u0301te\u0301 été", "ete"),
    ("½ ﬁle—①", "1 2 file"),
    ("\ud800 \0 ·", ""),
]


@pytest.mark.parametrize("value, expected", WORDS)
def test_search_words(value, expected):
    assert " ".join(search_words(value)) == expected


HEADERS = [
    ("plain", "plain"),
    (" folded\r\n value\r\n\there ", "folded value here"),
    ("=?utf-8?q?=C5=81=C3=B3d=C5=BA?=", "Łódź"),
    ("=?UTF-8?B?xYHDs2TFug==?=", "Łódź"),
    ("=?utf-8*pl?q?=C5=81?=", "Ł"),
    ("=?iso-8859-2?Q?Za=BF=F3=B3=E6_x?=", "Zażółć x"),
    ("=?utf-8?q?=C5?= =?utf-8?q?=81=C3=B3d?=", "Łód"),
    ("=?utf-8?q?a?= =?utf-8?q?b?= c =?utf-8?q?d?=", "ab c d"),
    ("=?utf-8?q?a?=\r\n =?iso-8859-1?q?=E9?=", "aé"),
    ("a =?utf-8?q?b?=c", "a bc"),
    ("=?utf-8?b?SGVsbG8NCkJjYzogeEB5?=", "Hello Bcc: x@y"),
    ("=?utf-8?q?a=0D=0A=00b?=", "a b"),
    ("=?utf-8?q?=E2=80=AEcod.exe?=", "[U+202E]cod.exe"),
    ("=?utf-8?b?w7M?=", "ó"),
    ("=?utf-8?b?!?=", ""),
    ("=?unknown?q?=C5=81?=", "Ł"),
    ("=?unknown?q?=E9?=", "é"),
    ("=?utf-8?x?a?=", "=?utf-8?x?a?="),
    ("=?utf-8?q?open", "=?utf-8?q?open"),
    ("=?\0?q?a?=", "a"),
    ("=?utf-8?q?two words?=", "two words"),
    ("\udcc5\udc81\udcc3\udcb3d\udcc5\udcba", "Łódź"),
    ("Zamówienie", "Zamówienie"),
    ("za\udcbf\udcf3\udcb3\udce6", "zażółć"),
]


@pytest.mark.parametrize("raw, expected", HEADERS)
def test_decode_header(raw, expected):
    assert decode_header(raw) == expected


DECODED = [
    (b"abc", None, "abc"),
    ("żółw".encode(), None, "żółw"),
    ("żółw".encode(), "UTF-8", "żółw"),
    ("żółw".encode(), '"utf8"', "żółw"),
    ("żółw".encode("iso-8859-2"), "iso-8859-2", "żółw"),
    ("żółw".encode("cp1250"), "windows-1250", "żółw"),
    ("żółw".encode(), "x-unknown", "żółw"),
    ("żółw".encode(), "us-ascii", "żółw"),
    ("łódź ą".encode("cp1250"), None, "łódź ą"),
    ("łódź ą".encode("iso-8859-2"), "utf-8", "łódź ą"),
    ("łódź ą".encode("cp1250"), "utf-8", "łódź ą"),
    ("café".encode("latin-1"), "utf-8", "café"),
    ("żółw café ".encode() + b"\xe9", "utf-8", "żółw café \ufffd"),
    (b"5 \x80", "iso-8859-1", "5 €"),
    ("朱镕基".encode("gb18030"), "gb2312", "朱镕基"),
    ("朱镕基".encode("gb18030"), "x-gbk", "朱镕基"),
    ("①".encode("cp932"), "shift_jis", "①"),
    ("שלום".encode("iso-8859-8"), "iso-8859-8-i", "שלום"),
    (b"\\u0041", "unicode_escape", "\\u0041"),
    (b"xn--a", "punycode", "xn--a"),
    (b"YWJj", "base64", "YWJj"),
    (b"abc", "\0", "abc"),
    (b"abc", "x" * 10_000, "abc"),
    (b"", "utf-16", ""),
]


@pytest.mark.parametrize("data, charset, expected", DECODED)
def test_decode(data, charset, expected):
    assert decode(data, charset) == expected


@pytest.mark.parametrize("charset", [None, "utf-8", "utf-16", "hz", "iso-2022-jp", "x"])
def test_decode_takes_any_bytes(charset):
    for data in (bytes(range(256)), b"\xff\xfe", b"\x1b$B", b"~{", b"\0" * 9):
        assert isinstance(decode(data, charset), str)


def test_guess_names_a_codec():
    assert guess("Łódź, ąę".encode("iso-8859-2")) in ("iso8859-2", "cp1250")
    assert guess("Łódź".encode()) == "utf-8"
    assert guess("Добрый день, высылаем счёт".encode("koi8-r")) == "koi8-r"


PARAMETERS = [
    ("text/plain", "text/plain", {}),
    ("TEXT/Plain; Charset=UTF-8", "text/plain", {"charset": "UTF-8"}),
    ('a/b; name="x; y=z"', "a/b", {"name": "x; y=z"}),
    ('a/b; name="say \\"hi\\""; c=d', "a/b", {"name": 'say "hi"', "c": "d"}),
    ("a/b; name=my file.pdf; c=d", "a/b", {"name": "my file.pdf", "c": "d"}),
    ('a/b; name="open', "a/b", {"name": '"open'}),
    ("a/b charset=utf-8", "a/b", {"charset": "utf-8"}),
    ("a/b;; ;c=d;", "a/b", {"c": "d"}),
    ("a/b; c=1; c=2", "a/b", {"c": "1"}),
    ("a/b; n*=utf-8''%C5%82", "a/b", {"n": "ł"}),
    ("a/b; n*=iso-8859-2'pl'%B3", "a/b", {"n": "ł"}),
    ("a/b; n*=%41", "a/b", {"n": "A"}),
    ("a/b; n*1=b; n*0=a", "a/b", {"n": "ab"}),
    ("a/b; n*0*=utf-8''%C5; n*1*=%82; n*2=%25", "a/b", {"n": "ł%25"}),
    ("a/b; n=x; n*=utf-8''y", "a/b", {"n": "y"}),
    ("a/b; n*99999999999=x", "a/b", {}),
    ("a/b; n*=utf-8''\udcc5\udc82%C5%82", "a/b", {"n": "łł"}),
    ("a/b; n*=\udcb3'pl'%C5%82", "a/b", {"n": "ł"}),
    ("", "", {}),
    (";", "", {}),
]


@pytest.mark.parametrize("value, main, found", PARAMETERS)
def test_parameters(value, main, found):
    said = parameters(value)
    assert said[0] == main
    assert {key: said[1].get(key) for key in found} == found


def test_file_names_are_cut_before_their_extension():
    assert filename("a" * 300 + ".exe", None) == "a" * 250 + "….exe"
    assert len(filename("a" * 300, None)) == 255
    assert filename("za\udcbf\udcf3\udcb3\udce6.pdf", "cp1250") == "zażółć.pdf"


BASE64 = [
    (b"QUJD", b"ABC"),
    (b"QU\r\nJD\r\n", b"ABC"),
    (b"QUI=", b"AB"),
    (b"QUI", b"AB"),
    (b"QQ", b"A"),
    (b"QUJDQ", b"ABC"),
    (b"Q-U*J D!", b"ABC"),
    (b"====", b""),
    (b"", b""),
    # encoded piece by piece, each of them padded
    (b"QQ==\r\nQkM=\r\nREVG\r\n", b"ABCDEF"),
    (b"QQ=QkM=", b"ABC"),
    # what was put behind it is none
    (b"QUI=\r\nA footer, of a list", b"AB"),
]


@pytest.mark.parametrize("data, expected", BASE64)
def test_base64(data, expected):
    assert decode_base64(data) == expected
    assert decode_base64(memoryview(data)) == expected


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_size_is_counted_right(end):
    for length in range(12):
        digits = base64.b64encode(b"ABCDEFGHIJKL"[:length])
        encoded = end.join([digits[:4], digits[4:], b""])
        found = decoded_size(b"xx" + encoded + b"yy", 2, 2 + len(encoded), "base64")
        assert found == length


CONTENT = [
    (b"a=3Db=\r\nc", "quoted-printable", b"a=bc"),
    (b"long =  \r\nline= \t\nend=  ", "quoted-printable", b"long lineend"),
    (b"a=", "quoted-printable", b"a"),
    (b"plain", "7bit", b"plain"),
    (b"plain", "x-unknown", b"plain"),
    (b"begin 644 x\n#0V%T\n`\nend\n", "x-uuencode", b"Cat"),
    (b"#0V%T\n", "uuencode", b"Cat"),
    (b"begin 644 x\n#0V%Tjunk\n\xff\xfe\nend", "x-uuencode", b"Cat"),
]


@pytest.mark.parametrize("data, encoding, expected", CONTENT)
def test_content(data, encoding, expected):
    assert decode_content(data, encoding) == expected
    assert decode_content(memoryview(data), encoding) == expected


LONG = {
    "controls": lambda n: "a\0\u202e" * n,
    "marks": lambda n: "a" + "\u0300\u0316" * n,
    "marked letters": lambda n: "a\u0301" * n,
    "line ends": lambda n: "\r\r\n" * n,
    "surrogates": lambda n: "\ud800" * n,
}


@pytest.mark.parametrize("kind", LONG)
@pytest.mark.slow
def test_cost_is_linear(kind):
    for work in (lambda value: safe_text(value, 0), search_form, unify_lines):
        assert growth(work, LONG[kind]) < 2.5
    assert effort(lambda: safe_text(LONG[kind](32_000), 0)) < 16


LONG_HEADERS = {
    "words": lambda n: "=?utf-8?q?a?= " * n,
    "open words": lambda n: "=?utf-8?q?" * n,
    "questions": lambda n: "=?" * n,
    "high bytes": lambda n: "\udcb1" * n,
}


@pytest.mark.parametrize("kind", LONG_HEADERS)
def test_header_cost_is_linear(kind):
    assert growth(decode_header, LONG_HEADERS[kind]) < 2.5


LONG_PARAMETERS = {
    "quotes": lambda n: 'a/b; x="' * n,
    "escaped quotes": lambda n: 'a/b; x="\\' * n,
    "semicolons": lambda n: ";" * n,
    "names": lambda n: "a/b" + "; a=" * n,
    "pieces": lambda n: "a/b" + "".join(f";x*{at}*=%41" for at in range(n)),
}


@pytest.mark.parametrize("kind", LONG_PARAMETERS)
def test_parameters_cost_is_linear(kind):
    assert growth(parameters, LONG_PARAMETERS[kind]) < 2.5
