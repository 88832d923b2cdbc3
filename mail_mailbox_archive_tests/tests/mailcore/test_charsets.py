"""What was declared, weighed against what the bytes are."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import parse_addresses
from odoo.addons.mail_mailbox_archive.mailcore.alphabets import by_letters
from odoo.addons.mail_mailbox_archive.mailcore.charset import certain, decode
from odoo.addons.mail_mailbox_archive.mailcore.charset_names import codec_of
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive.mailcore.text import decode_header

from .sources import HEAD

POLISH = "Zamówienie nr 5, proszę o fakturę za łódź, źdźbło i jeż"
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy"
RUSSIAN = "Добрый день, высылаем счёт за май"
HUNGARIAN = "Árvíztűrő tükörfúrógép"
JAPANESE = "こんにちは、会議の件です"
TURKISH = "Günaydın, faturanız ekte, şimşek"
UKRAINIAN = "Добрий день, надсилаємо рахунок, їжак, ґанок"
LITHUANIAN = "Ačiū už užsakymą, žąsys ėjo į šieną"
CHINESE = "您好，请查收附件中的报价单，谢谢"
OLD_CHINESE = "您好，請查收附件中的報價單，謝謝"
#: What is written in alphabets of its own, and the charsets that mail has it in.
ALPHABETS = {
    RUSSIAN: ("cp1251", "koi8-r", "cp866", "iso-8859-5", "mac-cyrillic"),
    "СЧЕТ НА ОПЛАТУ, ДОГОВОР": ("cp1251", "koi8-r"),
    UKRAINIAN: ("cp1251", "koi8-u"),
    "Здравейте, изпращаме ви фактура": ("cp1251", "koi8-r"),
    "Поштовани, шаљемо вам рачун": ("cp1251", "iso-8859-5"),
    "Καλημέρα σας, σας στέλνουμε το τιμολόγιο": ("iso-8859-7", "cp1253"),
    "Αθήνα, το τιμολόγιο": ("iso-8859-7",),
    "שלום רב, מצורפת חשבונית": ("cp1255", "iso-8859-8"),
    "היי, שלחתי את ההצעה אתמול": ("cp1255", "iso-8859-8"),
    "Рахунок-фактура № 7, ґанок": ("cp1251",),
    "السلام عليكم، نرسل لكم الفاتورة": ("cp1256", "iso-8859-6"),
    "شكرا جزيلا": ("cp1256",),
    "Шаљемо вам рачун за поруџбину": ("cp1251",),
    "ООО «Ромашка» – акт": ("cp1251", "mac-cyrillic"),
    "สวัสดีครับ ส่งใบเสนอราคา": ("cp874",),
}
#: Names of charsets → what Python calls what they mean.
NAMES = {
    "x-mac-ce": "mac-latin2",
    "x-mac-centraleurroman": "mac-latin2",
    "x-mac-cyrillic": "mac-cyrillic",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-mac-greek": "mac-greek",
    "x-mac-turkish": "mac-turkish",
    "x-mac-croatian": "mac-croatian",
    "x-mac-romanian": "mac-romanian",
    "x-mac-icelandic": "mac-iceland",
    "cp-852": "cp852",
    "ibm-852": "cp852",
    "oem852": "cp852",
    "dos-866": "cp866",
    "cp00858": "cp858",
    "win-1250": "cp1250",
    "win1250": "cp1250",
    "windows1250": "cp1250",
    "x-windows-1250": "cp1250",
    "x-cp1250": "cp1250",
    "ms-ansi": "cp1252",
    "ansi": "cp1252",
    "windows-28592": "iso8859-2",
    "iso88592": "iso8859-2",
    "iso_8859-2:1987": "iso8859-2",
    "iso 8859-2": "iso8859-2",
    "csisolatin2": "iso8859-2",
    "koi8u": "koi8-u",
    "koi8-ru": "koi8-u",
    "x-mac-ce-roman": "mac-latin2",
    "greek": "iso8859-7",
    "asmo-708": "iso8859-6",
    "x-koi8-r": "koi8-r",
    "cskoi8r": "koi8-r",
    "windows-31j": "cp932",
    "cswindows31j": "cp932",
    "ms_kanji": "cp932",
    "x-sjis": "cp932",
    "shift-jis": "cp932",
    "sjis-win": "cp932",
    "eucjp-ms": "euc_jp",
    "x-euc-jp": "euc_jp",
    "cp51932": "euc_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "ks_c_5601-1987": "cp949",
    "windows-949": "cp949",
    "x-windows-949": "cp949",
    "gb_2312-80": "gb18030",
    "windows-936": "gb18030",
    "x-gbk": "gb18030",
    "big5-eten": "cp950",
    "x-x-big5": "cp950",
    "tis-620": "cp874",
    "unicode-1-1-utf-8": "utf-8",
    "utf8mb4": "utf-8",
    "cp65001": "utf-8",
    "visual": "iso8859-8",
    "iso-8859-8-i": "iso8859-8",
    "iso-8859-6-e": "iso8859-6",
}


@pytest.mark.parametrize("name", NAMES)
def test_names_of_charsets(name):
    for written in (name, name.upper(), f' "{name}" '):
        assert codec_of(written) == NAMES[name]


@pytest.mark.parametrize(
    "name", ["x-unknown", "8bit", "idna", "", "\0", "x" * 999, "١"]
)
def test_no_names_of_charsets(name):
    assert codec_of(name) is None


NARROW = (
    "iso-8859-1 iso-8859-2 windows-1250 windows-1252 cp852 koi8-r iso-8859-15".split()
)


@pytest.mark.parametrize("label", [*NARROW, "us-ascii", "unknown", "x-mac-ce", None])
@pytest.mark.parametrize("text", [POLISH, CZECH, RUSSIAN, JAPANESE, "€ – „”", "ó"])
def test_utf8_without_a_fault_is_utf8(label, text):
    assert decode(text.encode(), label) == text


@pytest.mark.parametrize("label", ["gb2312", "gbk", "big5", "euc-kr", "shift_jis"])
@pytest.mark.parametrize("text", [POLISH, CZECH, RUSSIAN, JAPANESE, "Straße, Größe"])
def test_utf8_under_the_name_of_another_that_takes_several_bytes(label, text):
    assert decode(f"{text} {text}".encode(), label) == f"{text} {text}"


def test_utf8_that_was_cut_is_utf8():
    data = (POLISH + "ł").encode()[:-1]
    assert decode(data, "iso-8859-2") == POLISH + "\ufffd"


CONFUSED = [
    (POLISH, "cp1250", "iso-8859-2"),
    (POLISH, "cp1250", "iso-8859-1"),
    (POLISH, "iso-8859-2", "windows-1250"),
    (POLISH, "iso-8859-2", "iso-8859-1"),
    ("łąka", "cp1250", "iso-8859-2"),
    ("proszą o łóżko", "cp1250", "iso-8859-2"),
    (CZECH, "cp1250", "iso-8859-2"),
    (CZECH, "iso-8859-2", "windows-1250"),
    ("„Zamówienie” – tak", "cp1250", "iso-8859-2"),
    ("5 € – “x”", "cp1252", "iso-8859-15"),
    (RUSSIAN + " – „да”", "cp1251", "iso-8859-5"),
    ("Ödeme “tamam” şu", "cp1254", "iso-8859-9"),
    (HUNGARIAN, "iso-8859-2", "windows-1252"),
    (HUNGARIAN, "cp1250", "iso-8859-1"),
    (HUNGARIAN, "iso-8859-2", None),
    (RUSSIAN, "cp1251", "iso-8859-1"),
    (RUSSIAN, "koi8-r", "windows-1252"),
    (RUSSIAN, "koi8-r", "windows-1251"),
    (RUSSIAN, "cp1251", "koi8-r"),
    (RUSSIAN.lower(), "koi8-r", "windows-1251"),
    (RUSSIAN, "koi8-r", "iso-8859-5"),
    ("Привіт, як справи, їжак", "cp1251", "koi8-u"),
    ("Καλημέρα σας, το τιμολόγιο", "iso-8859-7", "iso-8859-1"),
    (JAPANESE, "shift_jis", None),
    (JAPANESE, "euc_jp", None),
    (JAPANESE, "shift_jis", "iso-8859-1"),
    (POLISH, "utf-16-be", "utf-16"),
    (POLISH, "utf-16-le", "utf-16"),
    (POLISH, "utf-16-le", "utf-8"),
    (POLISH, "utf-16-be", None),
    (TURKISH, "cp1254", "iso-8859-1"),
    (TURKISH, "cp1254", None),
    (UKRAINIAN, "koi8-u", "koi8-r"),
    (LITHUANIAN, "cp1257", "iso-8859-1"),
    (LITHUANIAN, "cp1257", "iso-8859-4"),
    (LITHUANIAN, "cp1257", None),
    ("Labdien, pielikumā rēķins par pasūtījumu", "cp1257", None),
    ("Bună ziua, vă mulţumim", "cp1250", None),
    ("Bună ziua, vă mulţumim", "iso-8859-2", None),
    ("Šaljemo račun, čekić i žlica, đak", "cp1250", "utf-8"),
    (CHINESE, "gb2312", "big5"),
    (OLD_CHINESE, "big5", "gb2312"),
]


@pytest.mark.parametrize("text, really, declared", CONFUSED)
def test_charsets_that_are_taken_for_each_other(text, really, declared):
    assert decode(text.encode(really), declared) == text


@pytest.mark.parametrize("declared", [None, "iso-8859-1", "utf-8", "right"])
@pytest.mark.parametrize("text", ALPHABETS)
def test_an_alphabet_of_its_own_is_known_by_its_usual_letters(text, declared):
    for charset in ALPHABETS[text]:
        label = charset if declared == "right" else declared
        assert decode(text.encode(charset), label) == text, charset


def test_what_is_no_alphabet_of_its_own():
    for text, charset in RIGHT:
        if charset.startswith(("cp125", "iso-8859-1", "iso-8859-2", "utf-8")):
            assert text in (RUSSIAN, RUSSIAN.upper()) or not by_letters(
                text.encode(charset)
            )
    for text, charset in (
        (CHINESE, "gbk"),
        (OLD_CHINESE, "big5"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "cp932"),
        ("주문하신 제품의 견적서를 보내드립니다.", "cp949"),
    ):
        assert by_letters(text.encode(charset)) is None


RIGHT = [
    ("订单号①已发货", "gb18030"),
    ("报价单", "gb2312"),
    ("ΞΨΦ ΧΘΔΓΒ", "iso-8859-7"),
    ("ضظغخذ ثزش", "iso-8859-6"),
    ("報價單", "big5"),
    ("Þetta er ný þýðing", "iso-8859-1"),
    ("São João, nº 5", "iso-8859-1"),
    (TURKISH, "cp1254"),
    (LITHUANIAN, "iso8859-4"),
    (LITHUANIAN, "cp1257"),
    ("╔══╗ да, нет ║", "koi8-r"),
    (POLISH, "cp1250"),
    (POLISH, "iso-8859-2"),
    (CZECH, "cp1250"),
    (CZECH, "iso-8859-2"),
    ("Žluťoučký", "cp1250"),
    ("šal", "iso-8859-2"),
    ("Árvíztűrő tükörfúrógép", "iso-8859-2"),
    ("Köszönöm szépen", "iso-8859-2"),
    ("Čaj s džemom, ćevapi, đak", "cp1250"),
    ("Größe: 5 m² à 3 €", "cp1252"),
    ("Ærø så café ½ ±3 µm", "iso-8859-1"),
    ("naïve façade, ¿qué?", "iso-8859-1"),
    (RUSSIAN, "koi8-r"),
    (RUSSIAN, "cp1251"),
    (RUSSIAN.upper(), "cp1251"),
    ("СССР", "koi8-r"),
    ("Tõnu tuli öösel, küll", "iso-8859-1"),
    ("Não põe pó, você", "iso-8859-1"),
    ("Bien sûr, l'été où ça", "cp1252"),
    ("żółć, żółć", "iso-8859-2"),
    ("联通", "gb2312"),
    ("会议通知", "gb18030"),
    ("ﾃｽﾄ ﾃﾞｰﾀ", "shift_jis"),
    (RUSSIAN, "iso-8859-5"),
    ("Καλημέρα", "iso-8859-7"),
    ("שלום", "iso-8859-8"),
    (POLISH, "cp852"),
    (POLISH, "mac_latin2"),
    (JAPANESE, "shift_jis"),
    (JAPANESE, "euc_jp"),
    (JAPANESE, "iso2022_jp"),
    ("朱镕基，您好", "gb18030"),
    ("您好，會議", "big5"),
    ("안녕하세요", "euc_kr"),
    (POLISH, "utf-16"),
    (POLISH, "utf-7"),
]


@pytest.mark.parametrize("text, charset", RIGHT)
def test_what_was_declared_rightly_is_believed(text, charset):
    assert decode(text.encode(charset), charset) == text


def test_marks_of_byte_order_are_believed():
    for mark in ("utf-8-sig", "utf-16"):
        assert decode(POLISH.encode(mark), "iso-8859-2") == POLISH
        assert certain(POLISH.encode(mark), None) == POLISH


ROW_13 = b"\x1b$B-!-5-j\x1b(B"


@pytest.mark.parametrize(
    "label", [None, "iso-2022-jp", "us-ascii", "utf-8", "shift_jis"]
)
def test_escape_sequences_tell_iso_2022(label):
    data = JAPANESE.encode("iso2022_jp")
    assert decode(data, label) == JAPANESE
    assert decode(ROW_13, label) == "①Ⅰ㈱"
    assert decode(b"a\x1b(I1X\x1b(Jb", label) == "aｱﾘb"
    assert decode("中".encode("iso2022_jp_2"), label) == "中"
    assert decode("한국".encode("iso2022_kr"), label) == "한국"


def test_the_rows_that_nec_and_ibm_added():
    assert (
        decode("①㈱高はしごだか髙".encode("cp932"), "shift_jis") == "①㈱高はしごだか髙"
    )
    euc = "会議".encode("euc_jp") + b"\xad\xa1\xad\xea a " + "件".encode("euc_jp")
    assert decode(euc, "euc-jp") == "会議①㈱ a 件"
    assert decode(b"1:\xad\xa1", "x-euc-jp") == "1:①"


def test_a_line_begins_in_ascii():
    assert decode(b"\x1b$B8z\nplain", None) == "効\nplain"


@pytest.mark.parametrize("really", ["shift_jis", "euc_jp", "utf-8", "cp932"])
def test_other_japanese_under_the_name_of_iso_2022_jp(really):
    assert decode(JAPANESE.encode(really), "iso-2022-jp") == JAPANESE


@pytest.mark.parametrize("text", ["請求書", "株式会社山田製作所 御中", "①②㈱"])
def test_japanese_that_nothing_but_its_label_tells(text):
    """Without the letters that are Japanese alone, no guess finds it."""
    assert decode(text.encode("cp932"), None) != text
    assert decode(text.encode("cp932"), "iso-2022-jp") == text


HEADERS = [
    (b"=?iso-8859-2?Q?Zam\xf3wienie_\xb3\xf3d\xbc?=", "Zamówienie łódź"),
    (b"=?windows-1250?Q?Micha\xb3?=", "Michał"),
    (b"=?iso-8859-2?Q?pi\xb6\xe6?=", "piść"),
    (b"=?koi8-r?Q?\xc4\xc1?= caf\xc3\xa9", "да café"),
    (b"=?utf-8?Q?Micha\xc5\x82?= raw \xc5\x82", "Michał raw ł"),
    (b"za\xbf\xf3\xb3\xe6 =?utf-8?Q?=C5=82?=", "zażółć ł"),
    (b"=?iso-8859-2?B?WmFtw7N3aWVuaWU=?=", "Zamówienie"),
    (b"=?iso-2022-jp?B?GyRCLSEbKEI=?=", "①"),
    (b"\x1b$B2q5D\x1b(B", "会議"),
    (b"=?x-mac-ce?Q?=97?=", b"\x97".decode("mac_latin2")),
    (b"=?utf-8?B?WmHFvMO?= =?utf-8?B?zxYLEhyBn?=\r\n =?utf-8?B?xJk=?=", "Zażółć gę"),
    (b"=?utf-8?B?WmHFvA?= =?utf-8?B?w7PFgg?=", "Zażół"),
    (b"=?utf-8?B?WmE?= =?utf-8?B?xbw=?=", "Zaż"),
    (b"=?utf-8?B?WmHF?= =?utf-8?Q?=BC=C3?= =?utf-8?B?sw==?=", "Zażó"),
]


@pytest.mark.parametrize("raw, expected", HEADERS)
def test_headers(raw, expected):
    text = raw.decode("ascii", "surrogateescape")
    assert decode_header(text) == expected
    message = parse(b"Subject: %s\r\nFrom: %s <a@b.example>\r\n\r\n" % (raw, raw))
    assert message.subject == message.from_[0].display_name == expected


ADDRESSES = [
    ("=?utf-8?Q?biuro=40firma.example?=", "", "biuro@firma.example"),
    ("<=?utf-8?Q?biuro=40firma.example?=>", "", "biuro@firma.example"),
    ("Biuro <=?utf-8?Q?biuro=40firma.example?=>", "Biuro", "biuro@firma.example"),
    ("=?utf-8?Q?Jan_=C5=81_=3Cj=40x.example=3E?=", "Jan Ł", "j@x.example"),
    ("=?utf-8?Q?Micha=C5=82?=", "Michał", ""),
    ("=?utf-8?B?TWljaGHFgg==?= <m@b.example>", "Michał", "m@b.example"),
]


@pytest.mark.parametrize("header, name, spec", ADDRESSES)
def test_an_encoded_word_is_no_address(header, name, spec):
    (found,) = parse_addresses(header)
    assert (found.display_name, found.addr_spec) == (name, spec)
    assert "=?" not in found.display_name + found.addr_spec


def test_the_charset_of_a_document_counts_where_the_part_declares_none():
    meta = b"<meta charset=windows-1250>" + POLISH.encode("cp1250")
    for label in (b"", b"; charset=us-ascii", b"; charset=unknown"):
        source = HEAD + b"Content-Type: text/html" + label + b"\r\n\r\n" + meta
        assert parse(source).text == POLISH
