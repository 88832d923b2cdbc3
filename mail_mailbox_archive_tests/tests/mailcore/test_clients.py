"""Letters as mail programs write them: what each language looks like from each of them.

One contract: subject, sender, text, view, names and bytes of files and the search are
those that were written.
"""

import base64
import quopri
import unicodedata
from urllib.parse import quote

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.html.markup import html_to_text
from odoo.addons.mail_mailbox_archive.mailcore.read.body import read_body
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse, read_part
from odoo.addons.mail_mailbox_archive.mailcore.read.search import search_text
from odoo.addons.mail_mailbox_archive.mailcore.text import safe_text
from odoo.addons.mail_mailbox_archive.mailcore.view.html import Rules, view_pieces

#: Language → who writes, about what, the text, and the name of a file.
TEXTS = {
    "pl": (
        "Łukasz Źdźbłowski",
        "Zamówienie nr 17 – płyty i żwir",
        "Dzień dobry, przesyłam zamówienie na płyty, cegłę i żwir. Proszę o wycenę.",
        "Zamówienie płyt.pdf",
    ),
    "de": (
        "Jörg Großmann",
        "Rückfrage zu Ihrer Lieferung",
        "Schöne Grüße, wir hätten gern die Maße für das Gerüst. Größe: 20 m².",
        "Maße für Gerüst.pdf",
    ),
    "cs": (
        "Jiří Dvořák",
        "Poptávka na žulové dlažby",
        "Dobrý den, posílám poptávku na žulové dlažby. Děkuji, těším se na nabídku.",
        "Poptávka dlažby.pdf",
    ),
    "ru": (
        "Сергей Щукин",
        "Счёт на оплату за май",
        "Добрый день, высылаем счёт за поставку щебня. С уважением, Сергей",
        "Счёт за май.pdf",
    ),
    "ja": (
        "田中 太郎",
        "お見積書のご送付について",
        "いつもお世話になっております。お見積書をお送りいたします。よろしくお願いします。",
        "お見積書.pdf",
    ),
    "zh": (
        "王小明",
        "关于报价单的确认",
        "您好,请查收附件中的报价单,并尽快回复我们,谢谢。",
        "报价单.pdf",
    ),
    "ko": (
        "김철수",
        "견적서를 보내드립니다",
        "안녕하세요. 견적서를 보내드립니다. 확인 부탁드립니다. 감사합니다.",
        "견적서.pdf",
    ),
}
#: What old programs take for a language.
OLD = {
    "pl": ("iso-8859-2", "windows-1250"),
    "de": ("iso-8859-1", "windows-1252"),
    "cs": ("iso-8859-2", "windows-1250"),
    "ru": ("koi8-r", "windows-1251"),
    "ja": ("iso-2022-jp", "shift_jis"),
    "zh": ("gb2312", "gbk"),
    "ko": ("euc-kr", "ks_c_5601-1987"),
}
FILE = b"%PDF-1.4 \r\n\xff\x00 end"
WRAPPED = 'Content-Disposition: attachment;\r\n\tfilename="{}"\r\n'


def octets(text, charset):
    lossless = {"–": "-", "²": "2"}
    return "".join(lossless.get(one, one) for one in text).encode(charset)


def word(text, charset, encoding="B", name=None):
    """Return one encoded word, however long."""
    data = text if isinstance(text, bytes) else octets(text, charset)
    if encoding == "B":
        content = base64.b64encode(data).decode()
    else:
        content = "".join(
            chr(one) if chr(one).isalnum() and one < 128 else f"={one:02X}"
            for one in data
        )
    return f"=?{name or charset}?{encoding}?{content}?="


def split(text, charset, encoding="B", size=24, end="\r\n "):
    """Return encoded words of so many bytes each, wherever that cuts."""
    data = octets(text, charset)
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return end.join(word(part, charset, encoding) for part in parts)


def whole(text, charset, encoding="Q", size=12):
    """Return encoded words that are cut between characters."""
    parts = [text[at : at + size] for at in range(0, len(text), size)]
    return "\r\n ".join(word(part, charset, encoding) for part in parts)


def wrapped(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def qp(data):
    return quopri.encodestring(data).replace(b"\n", b"\r\n")


def body(kind, charset, encoding, data, more=""):
    how = {"base64": wrapped, "quoted-printable": qp}.get(encoding, bytes)
    head = f'Content-Type: text/{kind}; charset="{charset}"{more}\r\n'
    head += f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + how(data) + b"\r\n"


def file(headers, kind="application/pdf"):
    head = f"Content-Type: {kind}\r\n" if isinstance(headers, str) else b""
    more = headers.encode() if isinstance(headers, str) else headers
    start = head.encode() if head else f"Content-Type: {kind}\r\n".encode()
    return start + more + b"Content-Transfer-Encoding: base64\r\n\r\n" + wrapped(FILE)


def multipart(kind, boundary, *parts):
    head = f'Content-Type: multipart/{kind};\r\n\tboundary="{boundary}"\r\n\r\n'
    start = f"--{boundary}\r\n".encode()
    inner = b"".join(start + part + b"\r\n" for part in parts)
    return head.encode() + b"Preamble\r\n" + inner + f"--{boundary}--\r\n".encode()


def letter(sender, subject, content, *more):
    """Return a source; sender and subject as they stand in the header."""
    values = [
        one if isinstance(one, bytes) else one.encode() for one in (sender, subject)
    ]
    head = b"From: %s <who@sender.example>\r\nSubject: %s\r\n" % tuple(values)
    head += b"To: office@spedbud.example\r\nDate: Mon, 02 Nov 2026 10:00:00 +0100\r\n"
    lines = "".join(f"{line}\r\n" for line in (*more, "MIME-Version: 1.0"))
    return head + lines.encode() + content


def markup(text, charset, style=""):
    text = text.replace("&", "&amp;")
    page = (
        f"<html><head>{style}</head><body><p class=MsoNormal>{text}</p></body></html>"
    )
    return page.encode(charset)


def outlook(sender, subject, text, name, _language):
    """Of today: words that are cut anywhere, the name of the file in two places."""
    meta = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
    alternative = multipart(
        "alternative",
        "_000_AM0PR",
        body("plain", "utf-8", "base64", text.encode()),
        body("html", "utf-8", "base64", markup(text, "utf-8", meta)),
    )
    named = f"Content-Description: {word(name, 'utf-8')}\r\n" + WRAPPED.format(
        split(name, "utf-8", end="\r\n\t")
    )
    content = multipart("mixed", "_004_AM0PR", alternative, file(named))
    return letter(
        split(sender, "utf-8", size=9),
        split(subject, "utf-8", size=31),
        content,
        f"Thread-Topic: {word(subject, 'utf-8')}",
    )


def outlook_of_old(sender, subject, text, name, language):
    charset = OLD[language][0]
    content = multipart(
        "mixed",
        "----=_NextPart_000_0012_01C7",
        body("plain", charset, "quoted-printable", octets(text, charset)),
        file(
            WRAPPED.format(word(name, charset)),
            f'application/pdf;\r\n\tname="{word(name, charset)}"',
        ),
    )
    quoted = f'"{word(sender, charset)}"'
    return letter(quoted, word(subject, charset), content, "X-Mailer: Outlook Express")


def apple_mail(sender, subject, text, name, _language):
    """Names in decomposed letters, the file between two texts."""
    half = len(text) // 2
    apart = unicodedata.normalize("NFD", name)
    content = multipart(
        "alternative",
        "Apple-Mail=_1",
        body("plain", "utf-8", "quoted-printable", text.encode()),
        multipart(
            "mixed",
            "Apple-Mail=_2",
            body("html", "utf-8", "quoted-printable", markup(text[:half], "utf-8")),
            file(
                f"Content-Disposition: inline;\r\n\tfilename*=utf-8''{quote(apart)}\r\n"
            ),
            body("html", "utf-8", "quoted-printable", markup(text[half:], "utf-8")),
        ),
    )
    return letter(whole(sender, "utf-8"), whole(subject, "utf-8"), content)


def gmail(sender, subject, text, name, _language):
    content = multipart(
        "mixed",
        "000000000000a1b2",
        multipart(
            "alternative",
            "000000000000a1b0",
            body("plain", "UTF-8", "base64", text.encode()),
            body("html", "UTF-8", "base64", f'<div dir="ltr">{text}</div>'.encode()),
        ),
        file(
            f'Content-Disposition: attachment; filename="{word(name, "UTF-8")}"\r\n'
            "Content-ID: <f_m1>\r\nX-Attachment-Id: f_m1\r\n",
            f'application/pdf; name="{word(name, "UTF-8")}"',
        ),
    )
    return letter(whole(sender, "UTF-8", "B"), whole(subject, "UTF-8", "B"), content)


def thunderbird(sender, subject, text, name, _language):
    """Flowed text in 8 bits, the name of the file in pieces."""
    data = quote(name)
    pieces = [data[at : at + 30] for at in range(0, len(data), 30)]
    named = "".join(
        f";\r\n filename*{number}*={piece}"
        for number, piece in enumerate(["UTF-8''" + pieces[0], *pieces[1:]])
    )
    flowed = " \r\n".join(text.split(" ")) + "\r\n-- \r\nx"
    content = multipart(
        "mixed",
        "------------0k",
        body("plain", "UTF-8", "8bit", flowed.encode(), "; format=flowed"),
        file(f"Content-Disposition: attachment{named}\r\n"),
    )
    return letter(whole(sender, "UTF-8"), whole(subject, "UTF-8"), content)


def mutt(sender, subject, text, name, _language):
    content = multipart(
        "mixed",
        "k+w/mQv8wyuph6w0",
        body("plain", "utf-8", "8bit", text.encode()),
        file(f"Content-Disposition: attachment; filename*=utf-8''{quote(name)}\r\n"),
    )
    return letter(whole(sender, "utf-8", "B"), whole(subject, "utf-8", "Q"), content)


def lotus_notes(sender, subject, text, name, language):
    """Words of another charset than the text, blanks inside of the boundary."""
    charset = OLD[language][1]
    content = multipart(
        "mixed",
        "=_mixed 004C6F5FC1257A3B_=",
        multipart(
            "alternative",
            "=_alternative 004C6F5FC1257A3B_=",
            body("plain", charset, "base64", octets(text, charset)),
            body("html", charset, "base64", octets(f"<font size=2>{text}", charset)),
        ),
        file(
            WRAPPED.format(word(name, charset)),
            f'application/octet-stream; name="{word(name, charset)}"',
        ),
    )
    return letter(word(sender, charset), split(subject, charset, size=40), content)


def becky(sender, subject, text, name, language):
    """The charset of old in words, and the name of the file raw."""
    charset = OLD[language][0]
    raw = octets(name, charset)
    content = multipart(
        "mixed",
        "------_4729ABCD_MULTIPART_MIXED_",
        body("plain", charset, "7bit", octets(text, charset)),
        file(b'Content-Disposition: attachment;\r\n filename="%s"\r\n' % raw),
    )
    return letter(word(sender, charset), word(subject, charset), content)


def foxmail(sender, subject, text, name, language):
    """One word of any length, HTML in base64, a wider charset than is said."""
    charset = OLD[language][1]
    said = OLD[language][0] if language == "zh" else charset
    content = multipart(
        "mixed",
        "----=_001_NextPart_",
        body("html", said, "base64", octets(f"<div>{text}</div>", charset)),
        file(WRAPPED.format(word(name, charset, name=said))),
    )
    title = word(subject, charset, name=said)
    return letter(f'"{word(sender, charset, name=said)}"', title, content)


def the_bat(sender, subject, text, name, language):
    """The charset of Windows in 8 bits; what is in the header may be raw."""
    charset = OLD[language][1]
    content = multipart(
        "mixed",
        "----------0F1E2D3C",
        body("plain", charset, "8bit", octets(text, charset)),
        file(WRAPPED.format(word(name, charset, "Q"))),
    )
    return letter(octets(sender, charset), octets(subject, charset), content)


def kmail(sender, subject, text, name, _language):
    content = multipart(
        "mixed",
        "nextPart1234567.abc",
        body("plain", "utf-8", "quoted-printable", text.encode()),
        file(
            f"Content-Disposition: attachment; filename*=UTF-8''{quote(name)}\r\n",
            f'application/pdf; name="{whole(name, "UTF-8", "Q", 9)}"',
        ),
    )
    return letter(whole(sender, "UTF-8", "Q", 7), whole(subject, "UTF-8"), content)


def sap(sender, subject, text, name, _language):
    """A text that is an attachment by its words, names raw in UTF-8."""
    content = multipart(
        "mixed",
        "=_4E1F9D1B2C",
        body("plain", "utf-8", "base64", text.encode()),
        file(
            f'Content-Disposition: attachment; filename="{name}"\r\n'
            f"Content-Description: {name}\r\n",
            f'application/octet-stream; name="{name}"',
        ),
    )
    return letter(word(sender, "utf-8"), word(subject, "utf-8"), content)


def jira(sender, subject, text, name, _language):
    style = "<style>/* <![CDATA[ */ body{} /* ]]> */</style>"
    content = multipart(
        "related",
        "----=_Part_1_2",
        multipart(
            "alternative",
            "----=_Part_1_3",
            body("plain", "UTF-8", "quoted-printable", text.encode()),
            body("html", "UTF-8", "quoted-printable", markup(text, "utf-8", style)),
        ),
        file(f'Content-Disposition: attachment; filename="{word(name, "UTF-8")}"\r\n'),
    )
    return letter(f'"{sender} (Jira)"', whole(subject, "UTF-8"), content)


def php(sender, subject, text, name, _language):
    """All raw, lines that end with LF alone, blanks left out."""
    source = letter(
        sender,
        subject,
        multipart(
            "mixed",
            "b1_x",
            f"Content-type:text/html;charset=UTF-8\r\n\r\n<p>{text}<br />".encode(),
            file(f'Content-Disposition:attachment;filename="{name}"\r\n'),
        ),
    )
    return source.replace(b"\r\n", b"\n")


def shop(sender, subject, text, name, _language):
    """The name of the file escaped as in an address."""
    content = multipart(
        "mixed",
        "b2_y",
        body("html", "utf-8", "base64", f"<p>{text}</p>".encode()),
        file(
            f'Content-Disposition: attachment; filename="{quote(name)}"\r\n',
            f'application/pdf; name="{quote(name)}"',
        ),
    )
    return letter(word(sender, "utf-8"), split(subject, "utf-8", "Q", 20), content)


CLIENTS = [
    outlook,
    outlook_of_old,
    apple_mail,
    gmail,
    thunderbird,
    mutt,
    lotus_notes,
    becky,
    foxmail,
    the_bat,
    kmail,
    sap,
    jira,
    php,
    shop,
]


def same(text):
    """Return text as it is compared: what old charsets have no sign for left out."""
    return safe_text(text).replace("–", "-").replace("²", "2")


def check_letter(source, sender, subject, text, name):
    message = parse(source)
    assert same(message.subject) == same(subject)
    assert same(message.from_[0].display_name).removesuffix(" (Jira)") == sender
    for part in (
        message.text,
        html_to_text(view_pieces(read_body(source).pieces, Rules()).markup),
    ):
        # the name of a file stands between two texts
        found = same(part).replace(f"[{name}]", "").replace(name, "")
        assert "".join(same(text).split()) in "".join(found.split())
    names = {part.filename: part.path for part in message.parts}
    assert list(names) == [name]
    assert read_part(source, names[name]).content.rstrip() == FILE.rstrip()
    wanted = search_text("\n".join(map(same, (sender, subject, name))))
    assert set(wanted.split()) <= set(search_text(same(message.search_text)).split())


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("client", CLIENTS)
def test_a_letter_is_read_as_it_was_written(client, language):
    source = client(*TEXTS[language], language)
    check_letter(source, *TEXTS[language])
