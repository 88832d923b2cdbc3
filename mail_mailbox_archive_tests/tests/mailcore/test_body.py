"""The body: which parts, as text, and where the quoted mail begins."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.html.markup import html_to_text
from odoo.addons.mail_mailbox_archive.mailcore.read.body import preview, read_body
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive.mailcore.read.quoting import own_text, quote_start
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    HEAD,
    effort,
    growth,
    mixed,
    sample,
)

MARKUP = [
    ("", ""),
    ("just text", "just text"),
    ("<p>Hello <b>Jan</b>,</p><p>bye</p>", "Hello Jan,\n\nbye"),
    ("a<br>b<BR/>c", "a\nb\nc"),
    ("<div>a</div><div>b</div>", "a\n\nb"),
    ("a\r\n  b\t c", "a b c"),
    ("<pre>a\n  b</pre>c\nd", "a\nb\n\nc d"),
    ("<ul><li>one<li>two</ul>", "- one\n- two"),
    ("<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>", "1 2\n\n3"),
    ("&lt;b&gt; &amp; &euro;&nbsp;5 &#x41;&#66;", "<b> & € 5 AB"),
    ("&#99999999999; &bogus; &", "\ufffd &bogus; &"),
    ("<style>p{}</style><title>t</title>a<script>if(a<b){}</script>b", "ab"),
    ("<STYLE type=x>p{}</Style >a", "a"),
    ("<!-- <p>no</p> -->a<!--[if mso]>no<![endif]-->b", "ab"),
    ("<!DOCTYPE html><?xml version='1'?><o:p></o:p>a", "a"),
    ("<!-- never closed <p>kept</p>", "never closed\n\nkept"),
    ("<style>never closed <p>kept", "never closed\n\nkept"),
    ('<a title="x>y" href=\'a"b\'>z</a>', "z"),
    ("<a href=it's>z</a>", "z"),
    ("a < b and c > d, 1<2", "a < b and c > d, 1<2"),
    ("end <b", "end <b"),
    ("a <ſcript> <\u212a> <x@y.example>", "a <ſcript> <\u212a> <x@y.example>"),
    ("<p>a<blockquote>b<br>c</blockquote>d", "a\n> b\n> c\nd"),
    ("<blockquote>a<blockquote>b</blockquote></blockquote>c", "> a\n> > b\n>\nc"),
    ("\x01a\x02", "a"),
    ("<div>" * 5_000 + "deep" + "</div>" * 5_000, "deep"),
    ("<blockquote>" * 5_000 + "deep", "> > > deep"),
]


@pytest.mark.parametrize("markup, text", MARKUP, ids=range(len(MARKUP)))
def test_html_to_text(markup, text):
    assert html_to_text(markup) == text


PIECES = ["<", "<b", "<!--", "<style>", '<a "', "<a '>\"", "&", "&#1", "</p>", "<pre>"]
PIECES += ["<blockquote>a", "<script", "<!-- -->", "<title></title>", "\r\n", "&#x" * 9]


@pytest.mark.parametrize("piece", PIECES)
def test_html_cost_is_linear(piece):
    assert growth(html_to_text, lambda n: piece * n) < 2.5
    assert effort(lambda: html_to_text((piece * 64_000)[:64_000])) < 16


QUOTED = {
    "english": "On Mon, Feb 3, 2025 at 10:11 AM Jan <jan@x.example> wrote:\n> a",
    "english, other client": "On 3 Feb 2025, at 10:11, Jan wrote:\n\n> a\n>\n> b\n",
    "english, no marks": "On 3 Feb 2025 10:11 Jan <jan@x.example> wrote:\n\na\nb",
    "english, three lines": "On 3 Feb 2025\nJan Kowalski\n<j@x.example> wrote:\n> a",
    "polish": "W dniu 03.02.2025 o 10:11, Jan Kowalski pisze:\n> a",
    "polish, other client": "W dniu 2025-02-03 10:11, Jan napisał(a):\n> a",
    "polish, web mail": "pon., 3 lut 2025 o 10:11 Jan <j@x.example> napisał(a):\n> a",
    "polish, she": "Dnia 3 lutego 2025 10:11 Anna <a@x.example> napisała:\n> a",
    "german": "Am 03.02.2025 um 10:11 schrieb Jan Müller:\n> a",
    "german, wrapped": "Am 3. Feb. 2025 um 10:11 Uhr schrieb Jan\n<j@x.example>:\n> a",
    "french": "Le lun. 3 févr. 2025 à 10:11, Jean <j@x.example> a écrit :\n> a",
    "french, hard space": "Le 3 févr. 2025 à 10:11, Jean a écrit\xa0:\n> a",
    "spanish": "El lun, 3 feb 2025 a las 10:11, Juan (<j@x.example>) escribió:\n> a",
    "italian": "Il giorno lun 3 feb 2025 alle 10:11 Gianni ha scritto:\n> a",
    "dutch": "Op ma 3 feb 2025 om 10:11 schreef Jan <j@x.example>:\n> a",
    "czech": "Dne 3.2.2025 v 10:11 Jan Novák napsal(a):\n> a",
    "ukrainian": "3 лют. 2025 р. 10:11 Ян <j@x.example> написав:\n> a",
    "marks only": "> a\n> b\n\n",
    "outlook": "From: Jan\nSent: Monday\nTo: Anna\nSubject: x\n\na",
    "outlook, bold": "*From:* Jan\n*Sent:* Monday\n*To:* Anna\n*Subject:* x\n\na",
    "outlook, ruled": "_" * 32 + "\nFrom: Jan\nSent: Monday\nTo: Anna\n\na",
    "outlook, polish": "Od: Jan\nWysłano: x\nDo: Anna\nTemat: x\n\na",
    "outlook, polish 2": "Od: Jan\nData: x\nDo: Anna\nDW: x\n\na",
    "outlook, german": "Von: Jan\nGesendet: x\nAn: Anna\nBetreff: x\n\na",
    "outlook, french": "De : Jean\nEnvoyé : x\nÀ : Anne\nObjet : x\n\na",
    "original": "-----Original Message-----\nFrom: x",
    "original, polish": "----- Wiadomość oryginalna -----\na",
    "original, german": "-----Ursprüngliche Nachricht-----\na",
    "original, french": "-----Message d'origine-----\na",
    "forwarded": "---------- Forwarded message ---------\nFrom: x",
}


@pytest.mark.parametrize("kind", QUOTED)
def test_quoted_part_is_found(kind):
    own = "I agree.\nRegards: Anna\n\n"
    text = own + QUOTED[kind]
    assert text[: quote_start(text)] == own
    assert own_text(text) == own
    windows = own + QUOTED[kind] + "\n\nOn 1 Jan 2024 at 9:00 X wrote:\n> even earlier"
    assert quote_start(windows) <= len(own) or ">" not in own_text(windows)


UNQUOTED = [
    "",
    "one line",
    "He wrote:\nnothing is quoted here",
    "From: here to there\nand on: it goes",
    "I met him on 3 May and he wrote:\nlong letters",
    "--- Section original idea\ntext",
    "-----------\na ruler",
    "To: be\nor: not",
    "5 > 4\nand 3 < 4",
]


@pytest.mark.parametrize("text", UNQUOTED)
def test_nothing_is_cut_off(text):
    assert quote_start(text) == len(text)
    assert own_text(text) == text


BETWEEN = [
    ("> a\n\nyes\n\n> b\n\nno", "yes no"),
    ("On 3 Feb 2025, at 10:11, Jan wrote:\n> a\n\nbelow", "below"),
    ("top\n\nOn 3 Feb 2025, at 10:11, Jan wrote:\n> a\n\nbelow", "top below"),
    ("> all of it", "> all of it"),
    ("-----Original Message-----\nFrom: x", "-----Original Message----- From: x"),
]


@pytest.mark.parametrize("text, own", BETWEEN)
def test_answers_between_the_lines_stay(text, own):
    assert " ".join(own_text(text).split()) == own
    assert preview(text) == own


LINES = [
    ">\n",
    "> a\nb\n",
    "On 1 wrote:\n",
    "On 1:\n",
    "From: a\n",
    ":\n",
    "\n",
    "--\n",
]
LINES += ["On 1 a@b ", "_" * 20 + "\n", "--original--\n", "wrote: ", "a\n:\n", " :\n"]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.slow
def test_quote_cost_is_linear(line):
    assert growth(own_text, lambda n: line * n) < 2.5
    assert effort(lambda: own_text((line * 64_000)[:64_000])) < 16


def test_preview_is_one_short_line():
    assert preview("a\n\n  b\tc\xa0d") == "a b c d"
    assert preview("\u200c\u034f \u00ad\u2007shown\ufeff") == "shown"
    assert len(preview("word " * 1_000)) <= 200
    assert preview("x" * 10_000) == "x" * 200
    assert preview("") == ""


def test_html_as_the_sender_wrote_it():
    """Decoded and nothing else: cleaning is done where it is shown."""
    body = read_body(sample("structure/html_only"))
    assert "<script>alert(1)</script>" in body.html
    assert "alert" not in body.text


def test_inline_pictures_by_content_id():
    body = read_body(sample("structure/mixed_alternative_related"))
    assert dict(body.cids) == {"pic": "1.2.2"}
    assert 'src="cid:pic"' in body.html


#: Where markup shows a picture, for the Content-ID "a+b@x" or "a".
SHOWING = [
    '<img src="cid:a">',
    "<img src=cid:a>",
    '<IMG SRC=" CID:a">',
    '<img src="cid:&#97;">',
    '<img src="cid:%61">',
    '<img src="cid:&lt;a&gt;">',
    '<td background="cid:a">',
    '<p style="background:url(cid:a)">',
    "<style>p{background:url('cid:a')}</style>",
]
NOT_SHOWING = ["", "<p>a</p>", '<img src="cid:b">', '<img src="cid:ab">', "acid:a"]


def with_picture(markup, kind="image/png", more=""):
    body = f"Content-Type: text/html\r\n\r\n{markup}".encode()
    head = f"Content-Type: {kind}; name=f\r\nContent-ID: <a>\r\n{more}\r\nx"
    return mixed(body, head.encode())


def shown(source):
    """What both readers say; they must agree."""
    told = parse(source).shown
    assert told == read_body(source).shown
    return told


@pytest.mark.parametrize("markup", SHOWING)
@pytest.mark.parametrize("more", ["", "Content-Disposition: attachment\r\n"])
def test_shown_is_what_the_markup_shows(markup, more):
    assert shown(with_picture(markup, more=more)) == {"2"}


@pytest.mark.parametrize("markup", NOT_SHOWING)
@pytest.mark.parametrize("more", ["", "Content-Disposition: inline\r\n"])
def test_a_content_id_alone_shows_nothing(markup, more):
    assert shown(with_picture(markup, more=more)) == set()


@pytest.mark.parametrize("markup", SHOWING)
@pytest.mark.parametrize("kind", ["application/pdf", "text/calendar", "video/mp4"])
def test_what_is_no_picture_is_never_shown(markup, kind):
    assert shown(with_picture(markup, kind)) == set()


def test_first_of_two_pictures_with_one_content_id():
    picture = b"Content-Type: image/png\r\nContent-ID: <a>\r\n\r\nx"
    assert dict(read_body(mixed(picture, picture)).cids) == {"a": "1"}


def test_attached_message_is_not_merged():
    inner = HEAD + b"Content-Type: text/html\r\n\r\n<p>inner</p>"
    outer = mixed(b"\r\nouter", b"Content-Type: message/rfc822\r\n\r\n" + inner)
    body = read_body(outer)
    assert (body.text, body.html) == ("outer", None)
    message = parse(outer)
    assert "inner" not in message.text and "inner" in message.search_text


def test_quote_is_where_the_text_says():
    body = read_body(sample("quoting/polish_gmail"))
    assert body.text[: body.quote_start] == "Zgadzam się.\n\n"


def test_fifty_texts_are_shown_the_rest_is_attached():
    source = mixed(*[b"\r\ntext %d" % at for at in range(60)])
    message = parse(source)
    assert message.text.split()[-1] == "49"
    assert [part.path for part in message.parts] == [str(at) for at in range(51, 61)]


def test_search_text():
    source = mixed(
        "Content-Type: text/plain; charset=utf-8\r\n\r\nŁożyska gotowe".encode(),
        b"Content-Type: application/pdf; name*=utf-8''Zam%C3%B3wienie.pdf\r\n\r\nx",
    )
    words = parse(source).search_text.split()
    assert sorted(words) == sorted(
        "order anna nowak firma example biuro zamowienie pdf lozyska gotowe".split()
    )
