"""Encoded words as senders cut them, and headers in no words at all."""

import base64

import pytest

from odoo.addons.mail_mailbox_archive.mailcore import encoded_words
from odoo.addons.mail_mailbox_archive.mailcore.read import header_charset
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    parse,
    parse_headers,
)
from odoo.addons.mail_mailbox_archive.mailcore.text import decode_header

from .sources import growth

JAPANESE = "お見積書のご案内です"
TEXTS = {
    "utf-8": "Zażółć gęślą jaźń 見積書 😀",
    "gb2312": "您好请查收报价单谢谢",
    "big5": "您好請查收報價單謝謝",
    "euc-kr": "견적서를 보내드립니다",
    "shift_jis": JAPANESE,
    "euc-jp": JAPANESE,
}
#: What some of the words of one header are called, and others.
ALSO = {
    "utf-8": "UTF8",
    "gb2312": "gbk",
    "big5": "x-big5",
    "euc-kr": "ks_c_5601-1987",
    "shift_jis": "windows-31j",
    "euc-jp": "x-euc-jp",
}
TO_KANJI, TO_ASCII = b"\x1b$B", b"\x1b(B"


def in_base64(charset, data):
    return f"=?{charset}?B?{base64.b64encode(data).decode()}?="


def quoted(charset, data):
    return f"=?{charset}?Q?{''.join(f'={octet:02X}' for octet in data)}?="


@pytest.mark.parametrize("charset", TEXTS)
def test_words_that_are_cut_anywhere(charset):
    data = TEXTS[charset].encode(charset)
    also = ALSO[charset]
    for at in range(1, len(data)):
        first, second = data[:at], data[at:]
        for cut in (
            [in_base64(charset, first), in_base64(charset, second)],
            [quoted(charset, first), quoted(charset, second)],
            [quoted(charset, first), in_base64(charset.upper(), second)],
            [in_base64(charset, first), quoted(also, second)],
        ):
            assert decode_header("\r\n ".join(cut)) == TEXTS[charset], at


@pytest.mark.parametrize(
    "first_ends, second_begins",
    [
        (b"", b""),
        (b"", TO_KANJI),
        (TO_ASCII, TO_KANJI),
    ],
)
def test_iso_2022_that_is_cut_anywhere(first_ends, second_begins):
    whole = JAPANESE.encode("iso-2022-jp")
    for at in range(4, len(whole) - 4):
        first, second = whole[:at] + first_ends, second_begins + whole[at:]
        words = in_base64("iso-2022-jp", first), in_base64("iso-2022-jp", second)
        assert decode_header(" ".join(words)) == JAPANESE, at


def test_what_does_not_return_to_ascii():
    first = JAPANESE.encode("iso-2022-jp").removesuffix(TO_ASCII)
    words = in_base64("iso-2022-jp", first), in_base64("iso-2022-jp", b" Invoice 2026")
    assert decode_header(" ".join(words)) == f"{JAPANESE} Invoice 2026"


MIXED = [
    ("utf-8", ["Grüße an ".encode(), "Köln".encode("latin-1")], "Grüße an Köln"),
    (
        "utf-8",
        ["Zażółć ".encode(), "gęślą jaźń".encode("cp1250")],
        "Zażółć gęślą jaźń",
    ),
    (
        "utf-8",
        [b"Za" + b"\xc5", b"\xbc ", "Köln".encode("latin-1")],
        "Zaż Köln",
    ),
    ("iso-8859-2", ["żółw ".encode("iso8859-2"), "gęś".encode()], "żółw gęś"),
    ("windows-1252", ["Zoë ".encode("cp1252"), "Müller".encode()], "Zoë Müller"),
]


@pytest.mark.parametrize("charset, pieces, expected", MIXED)
def test_one_word_of_another_charset_harms_itself_only(charset, pieces, expected):
    words = " ".join(in_base64(charset, piece) for piece in pieces)
    assert decode_header(words) == expected


def test_words_apart_matter(monkeypatch):
    monkeypatch.setattr(encoded_words, "CUT_INTO", 0)
    monkeypatch.setattr(encoded_words, "_has_utf8", lambda *_args: False)
    failed = 0
    for charset, pieces, expected in MIXED:
        words = " ".join(in_base64(charset, piece) for piece in pieces)
        failed += decode_header(words) != expected
    assert failed >= 2


LONG = {
    "cut": lambda n: in_base64("utf-8", b"\xc5") + " " + in_base64("utf-8", b"\xbc "),
    "broken": lambda n: in_base64("utf-8", b"K\xf6ln"),
    "names": lambda n: in_base64("gbk", b"\xc4") + in_base64("gb2312", b"\xe3"),
}


@pytest.mark.parametrize("kind", LONG)
def test_cost_is_linear(kind):
    assert growth(encoded_words.decode_words, lambda n: (LONG[kind](n) + " ") * n) < 2.6


#: Charset, a header of it without any label, and the text below it.
SHORT = [
    ("windows-1250", "Żądanie", "Dzień dobry, przesyłam ofertę na usługę."),
    ("windows-1250", "Źródła", "Krótko."),
    ("iso-8859-2", "Wyjaśnienie", "Proszę o wyjaśnienie tej sprawy"),
    ("windows-1251", "Счёт", "Добрый день, прошу оплатить счёт."),
    ("windows-1251", "Да", "Ясно."),
    ("koi8-r", "Привет", "Привет, как дела?"),
    ("koi8-r", "Счёт", "Добрый день, прошу оплатить счёт."),
    ("windows-1252", "Größe", "Schöne Grüße aus Köln"),
    ("shift_jis", "見積", "お見積書をお送りします。よろしくお願いします。"),
    ("euc-jp", "見積", "お見積書をお送りします。よろしくお願いします。"),
    ("gbk", "报价单", "您好,请查收附件中的报价单,谢谢。"),
    ("big5", "報價單", "您好,請查收附件中的報價單,謝謝。"),
    ("euc-kr", "견적서", "안녕하세요 견적서를 보내드립니다."),
    ("windows-1253", "Προσφορά", "Καλημέρα σας, σας στέλνω την προσφορά"),
    ("windows-1254", "Şirket", "Merhaba, şirket için teklif gönderiyorum"),
    ("windows-1255", "הצעה", "שלום, מצורפת הצעת המחיר"),
    ("tis-620", "ใบเสนอราคา", "สวัสดีครับ ส่งใบเสนอราคามาให้"),
]
#: Of these the text is enough without its label.
TOLD_BY_THE_TEXT = [row for row in SHORT if len(row[2]) > 20]


def letter(charset, header, text, label):
    """Return a letter whose header, and the name of its file, are raw bytes."""
    name = header.encode(charset)
    content_type = f"text/plain; charset={charset}" if label else "text/plain"
    return (
        b"Subject: %s\r\nFrom: %s <a@b.example>\r\n" % (name, name)
        + b'Content-Type: multipart/mixed; boundary="x"\r\n\r\n--x\r\n'
        + f"Content-Type: {content_type}\r\n\r\n".encode()
        + text.encode(charset)
        + b"\r\n--x\r\nContent-Type: application/pdf\r\n"
        + b'Content-Disposition: attachment; filename="%s.pdf"\r\n\r\nx\r\n' % name
        + b"--x--\r\n"
    )


def read(source):
    message = parse(source)
    (part,) = message.parts
    name = part.filename.removesuffix(".pdf")
    return message.subject, message.from_[0].display_name, name


@pytest.mark.parametrize("charset, header, text", SHORT)
def test_short_header_is_of_the_charset_that_its_text_declares(charset, header, text):
    assert read(letter(charset, header, text, label=True)) == (header,) * 3


@pytest.mark.parametrize("charset, header, text", TOLD_BY_THE_TEXT)
def test_short_header_is_of_the_charset_that_its_text_is_of(charset, header, text):
    assert read(letter(charset, header, text, label=False)) == (header,) * 3


@pytest.mark.parametrize(
    "charset, header",
    [("gbk", "Zamówienie łódź"), ("koi8-r", "Größe"), ("windows-1252", "Счёт")],
)
def test_header_in_utf_8_is_that_whatever_is_below(charset, header):
    raw = letter("utf-8", header, "text", label=False)
    source = raw.replace(b"text/plain", f"text/plain; charset={charset}".encode(), 1)
    assert read(source) == (header,) * 3


def test_what_the_text_declares_matters(monkeypatch):
    monkeypatch.setattr(header_charset, "_fits", lambda *_args: False)
    rows = [read(letter(*row, label=True)) == (row[1],) * 3 for row in SHORT]
    assert rows.count(False) > 5


def test_headers_alone_are_of_the_charset_that_they_declare():
    source = b"Subject: \xb5\r\nContent-Type: text/plain; charset=iso-8859-2\r\n\r\n"
    assert parse_headers(source).subject == "ľ" == parse(source).subject
