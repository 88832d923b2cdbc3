"""A letter reads as its sender meant it: all its texts, its pictures, its files."""

import base64
import quopri
import re
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive import mailcore
from odoo.addons.mail_mailbox_archive.mailcore.errors import PartMissing
from odoo.addons.mail_mailbox_archive.mailcore.html import tokens as html_tokens
from odoo.addons.mail_mailbox_archive.mailcore.html.markup import html_to_text
from odoo.addons.mail_mailbox_archive.mailcore.html.tokens import TEXT, tokens
from odoo.addons.mail_mailbox_archive.mailcore.read.body import read_body
from odoo.addons.mail_mailbox_archive.mailcore.read.kind import shown_as
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    parse,
    read_attached,
    read_part,
    read_parts,
)
from odoo.addons.mail_mailbox_archive.mailcore.text import safe_text
from odoo.addons.mail_mailbox_archive.mailcore.view.html import (
    Rules,
    view_html,
    view_pieces,
)

from .examples import examples
from .sources import HEAD, corpus, mixed, sample, samples

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000100e221bc330000000049454e44ae426082"
)
GIF = b"GIF89a\x01\0\x01\0\0\0\0;"
PNG64 = base64.b64encode(PNG)
WORD = re.compile(r"[^\W_]+")


def words(text):
    return set(WORD.findall(text))


def html(markup, headers=b""):
    return b"Content-Type: text/html; charset=utf-8\r\n%s\r\n%s" % (headers, markup)


def picture(headers, data=PNG64):
    encoding = b"Content-Transfer-Encoding: base64\r\n"
    return headers + b"\r\n" + encoding + b"\r\n" + data


def shown(source, **rules):
    body = read_body(source)
    inline = {name: f"/part/{path}" for name, path in body.references.items()}
    pictures = {path: f"/part/{path}" for path in body.pictures}
    return view_pieces(body.pieces, Rules(inline=inline, pictures=pictures, **rules))


def check_words(source):
    """Every word of the readable text is in the view, folded or not."""
    body = read_body(source)
    for fold in (True, False):
        view = view_pieces(body.pieces, Rules(fold=fold))
        missing = words(body.text) - words(safe_text(html_to_text(view.markup), 0))
        assert not missing


# Several documents

DOCUMENT = b"<html><head><title>t</title></head><body bgcolor=red>%s</body></html>"
PDF = (
    b"Content-Type: application/pdf; name=offer.pdf\r\n"
    b"Content-Disposition: inline; filename=offer.pdf\r\n\r\n%PDF-1.4"
)
FORMS = {
    "one after the other": mixed(html(DOCUMENT % b"one"), html(DOCUMENT % b"two")),
    "a file between": mixed(html(DOCUMENT % b"one"), PDF, html(DOCUMENT % b"two")),
    "text below": mixed(html(DOCUMENT % b"one"), b"\r\ntwo"),
    "text above": mixed(b"\r\none", html(DOCUMENT % b"two")),
    "in one part": mixed(html(DOCUMENT % b"one" + DOCUMENT % b"two")),
    "text behind the end": mixed(html(DOCUMENT % b"one" + b"<p>two</p>")),
    "bare text behind the end": mixed(html(DOCUMENT % b"one" + b"\r\ntwo\r\n")),
    "open elements": mixed(
        html(b"<div style='display:none'></div><table><td>one"),
        html(b"<p>two"),
    ),
    "open comment": mixed(html(b"one<!-- "), html(b"two")),
    "open style": mixed(html(b"one<style>"), html(b"two")),
    "open script": mixed(html(b"one<script>"), html(b"two")),
    "open title": mixed(html(b"<title>one"), html(b"two")),
    "open quote": mixed(html(b'one<a href="x'), html(b"two")),
    "open textarea": mixed(html(b"one<textarea>"), html(b"two")),
    "frames": mixed(html(b"<frameset><noframes>one"), html(b"two")),
}


@pytest.mark.parametrize("form", FORMS)
def test_all_documents_of_a_mail_are_shown(form):
    view = shown(FORMS[form])
    text = html_to_text(view.markup)
    assert "one" in text and "two" in text
    assert text.index("one") < text.index("two")
    assert {"one", "two"} <= words(parse(FORMS[form]).search_text)
    check_words(FORMS[form])


def test_the_file_between_two_texts_is_named_there():
    text = html_to_text(shown(FORMS["a file between"]).markup)
    assert text.split() == ["one", "[offer.pdf]", "two"]


def test_each_document_has_its_own_paper():
    markup = shown(FORMS["one after the other"]).markup
    assert markup.count('<div style="background-color:red">') == 2


@pytest.mark.parametrize(
    "sheet", ["p{display:none}", "} p{display:none}", "a{b} } p{display:none}", "p{"]
)
def test_the_styles_of_a_document_stay_in_it(sheet):
    markup = b"<style>%s</style><p>one" % sheet.encode()
    written = shown(mixed(html(markup), html(b"<p>two"))).markup
    (styles,) = re.findall(r"<style>(.*?)</style>", written)
    scope, rules = re.fullmatch(r"@scope \(\.([\w-]+)\)\{(.*)\}", styles).groups()
    assert f'class="{scope}"' in written.partition("two")[0]
    depths = [rules[:at].count("{") - rules[:at].count("}") for at in range(len(rules))]
    assert min(depths, default=0) >= 0 and rules.count("{") == rules.count("}")
    alone = shown(HEAD + html(markup)).markup
    assert "@scope" not in alone


def test_the_text_is_that_of_what_is_shown():
    source = mixed(b"\r\nplain", html(b"<p>shown</p>")).replace(
        b"mixed", b"alternative"
    )
    message = parse(source)
    assert message.text == "shown" and "plain" not in message.search_text.split()


BOXES = (
    "textarea select button object xmp plaintext svg math dialog video legend".split()
)


@pytest.mark.parametrize("tag", BOXES)
def test_words_of_another_box_are_words_of_their_own(tag):
    source = HEAD + html(f"one<{tag}>two</{tag}>three".encode())
    found = {"one", "two"}
    assert found <= words(parse(source).text)
    assert found <= words(html_to_text(shown(source).markup))


def test_an_empty_document_leaves_the_text():
    source = mixed(b"\r\nplain", html(b"<p>&nbsp;</p>"))
    assert parse(source.replace(b"mixed", b"alternative")).text == "plain"


MARKUP = st.lists(
    st.sampled_from(
        "<p> </p> <div> </div> <b> </b> <table> <tr><td> </table> <br> <li> <!-- --> "
        "<style> </style> <script> </script> <title> </title> <xml> </xml> <body> "
        '</body> </html> <html> <a\thref="https://x.example"> </a> <a\tx=" "> \' " > < '
        "</ &amp; & &#65; <blockquote\ttype=cite> </blockquote> <pre> </pre> "
        "<div\tclass=gmail_quote> <textarea> </textarea> <svg> <x@y.example> "
        "<![if\tx]> <ſcript> <İ> <K>".split(" ")
    )
    | st.text(alphabet="abcżółwſKİ字\u202e\u0301 \n<>&\"'=/-!", max_size=6),
    max_size=40,
).map(lambda pieces: "".join(pieces).replace("\t", " "))


@given(MARKUP)
@example("<p>Price list <ſcript> of 1790</p>")
@example("</html>" * 3 + "a")
@example("<div class=gmail_quote>a<blockquote>b</blockquote>c</div>")
@examples(400)
def test_every_word_of_the_text_is_in_the_view(markup):
    check_words(HEAD + html(markup.encode("utf-8", "replace")))
    check_words(mixed(html(markup.encode()), b"\r\nmiddle", html(b"<p>end</p>")))


@given(MARKUP)
@examples(200)
def test_what_is_written_closes_what_it_opens(markup):
    written = view_html(markup, Rules()).markup
    for tag in ("div", "details", "table", "blockquote", "a"):
        opened = len(re.findall(rf"<{tag}[ >]", written))
        assert written.count(f"</{tag}>") == opened, tag


@pytest.mark.slow
def test_every_word_of_samples_and_corpora_is_in_the_view():
    tried = [(name, sample(name)) for name in samples()] + list(corpus())
    for _name, source in tried:
        try:
            parse(source)
        except Exception:  # noqa: S112 - what cannot be read is asked elsewhere
            continue
        check_words(source)


def test_a_mail_gives_no_element_of_the_page_its_name():
    markup = shown(
        HEAD
        + html(
            b"<body id=o-mailbox-body><img name=getElementById id=O-MAILBOX-x src=x>"
            b"<form name=body></form><a name=top>a</a>"
            b"<iframe name=defaultView></iframe>"
        )
    ).markup
    assert markup.count("name=") == 1 and '<a name="top">' in markup
    assert "mailbox" not in markup.lower()


def test_the_page_of_the_frame_is_asked_in_one_place():
    """Where it is asked by what no mail can answer."""
    source = Path(mailcore.__file__).parents[1] / "static" / "src"
    files = {
        path.name
        for path in source.rglob("*.js")
        if re.search(r"contentDocument|contentWindow\??\.document", path.read_text())
    }
    assert files == {"frame_page.esm.js"}
    text = (source / "message_viewer" / "frame_page.esm.js").read_text()
    # of the document itself nothing is read
    assert not re.search(r"\bpage\??\.", text)


# Pictures

WANTED = b'<img src="cid:a@b">'
TYPES = (
    "image/jpg image/pjpeg image/x-png image/png image/bmp image/gif image/x-ms-bmp "
    "application/octet-stream image/tiff application/x-unknown text/plain"
).split()


def related(markup, *parts):
    return mixed(html(markup), *parts).replace(b"multipart/mixed", b"multipart/related")


@pytest.mark.parametrize("declared", TYPES)
def test_a_picture_is_known_by_its_bytes(declared):
    one = picture(b"Content-Type: %s\r\nContent-ID: <a@b>" % declared.encode())
    view = shown(related(WANTED, one))
    assert view.markup == '<img src="/part/2">' and view.used == {"/part/2"}


REFERENCES = {
    "as it is": (b"cid:a@b", b"Content-ID: <a@b>"),
    "in another case": (b"CID:A@B", b"Content-ID: <a@b>"),
    "the identifier in capitals": (b"cid:a@b", b"Content-ID: <A@B>"),
    "without brackets": (b"cid:a@b", b"Content-ID: a@b"),
    "with brackets": (b"cid:&lt;a@b&gt;", b"Content-ID: <a@b>"),
    "escaped": (b"cid:a%40b%20c", b"Content-ID: <a@b c>"),
    "without cid": (b"a@b", b"Content-ID: <a@b>"),
    "mid": (b"mid:m@x/a@b", b"Content-ID: <a@b>"),
    "location": (
        b"https://x.example/a.png",
        b"Content-Location: https://x.example/a.png",
    ),
    "relative location": (b"a.png", b"Content-Location: a.png"),
    "end of a location": (b"a.png", b"Content-Location: https://x.example/a.png"),
    "folded location": (
        b"file:///c:/a.png",
        b"Content-Location: file:///c:\r\n /a.png",
    ),
    "name": (b"a.png", b'Content-Disposition: inline; filename="a.png"'),
    "a comment behind it": (b"cid:a@b", b"Content-ID: <a@b> (a picture)"),
    "slashes": (b"cid://a@b", b"Content-ID: <a@b>"),
    "in the same folder": (b"./a.png", b"Content-Location: a.png"),
    "in a folder below": (
        b"img/a.png",
        b"Content-Location: https://x.example/page/img/a.png",
    ),
    "in the folder above": (b"../a.png", b"Content-Location: https://x.example/a.png"),
    "from the top": (b"/p/a.png", b"Content-Location: https://x.example/p/a.png"),
    "slashes of Windows": (
        b"file:///C:\\x\\a.png",
        b"Content-Location: file:///C:/x/a.png",
    ),
}


@pytest.mark.parametrize("way", REFERENCES)
def test_a_picture_is_found_as_mail_programs_find_it(way):
    asked, header = REFERENCES[way]
    one = picture(b"Content-Type: image/png\r\n" + header)
    source = related(b'<img src="%s">' % asked, one)
    view = shown(source)
    assert view.markup == '<img src="/part/2">' and view.remote == 0
    assert read_body(source).shown == parse(source).shown == {"2"}


def test_two_pictures_of_one_name_are_told_apart_by_their_folders():
    markup = b"<img src='one/a.png'><img src='two/a.png'><img src='../a.png'>"
    parts = [
        picture(
            b"Content-Type: image/png\r\nContent-Location: https://x.example" + path
        )
        for path in (b"/a.png", b"/two/a.png", b"/one/a.png")
    ]
    source = related(markup, *parts)
    assert re.findall(r"/part/(\d)", shown(source).markup) == ["4", "3", "2"]


def test_a_picture_in_css_and_of_the_background_is_one_in_the_text():
    one = picture(b"Content-Type: image/png\r\nContent-ID: <a@b>")
    for markup in (
        b"<image src=cid:a@b>",
        b"<p style='background:url(cid:a@b)'>x",
        b"<table background=cid:a@b>",
    ):
        assert shown(related(markup, one)).used == {"/part/2"}
        assert parse(related(markup, one)).shown == {"2"}


def test_a_picture_between_two_texts_is_shown_there():
    one = picture(b"Content-Type: image/jpg; name=a.jpg")
    markup = shown(mixed(b"\r\nabove", one, b"\r\nbelow")).markup
    assert re.search(r'above.*<img src="/part/2" alt="a.jpg">.*below', markup, re.S)


@given(MARKUP.map(lambda markup: markup + "<img src=cid:a@b>"))
@examples(100)
def test_what_is_said_to_be_shown_is_what_the_viewer_shows(markup):
    one = picture(b"Content-Type: image/png\r\nContent-ID: <a@b>")
    source = related(markup.encode(), one)
    used = {path.removeprefix("/part/") for path in shown(source).used}
    assert used == parse(source).shown == read_body(source).shown


def test_the_root_of_related_parts_is_read_where_it_stands():
    one = picture(b"Content-Type: image/png\r\nContent-ID: <a@b>")
    root = html(WANTED + b"shown", b"Content-ID: <root@x>\r\n")
    source = mixed(one, html(b"other", b"Content-ID: <o@x>\r\n"), root)
    for start in (b"root@x", b"<root@x>", b" <ROOT@x> "):
        named = b'multipart/related; start="%s"' % start
        text = html_to_text(shown(source.replace(b"multipart/mixed", named)).markup)
        assert text == "shown"
    source = mixed(one, root).replace(b"multipart/mixed", b"multipart/related")
    assert shown(source).markup == '<img src="/part/1">shown'


def test_no_picture_of_the_mail_is_none():
    one = picture(b"Content-Type: image/png\r\nContent-ID: <a@b>", b"PHN2Zz4=")
    other = picture(b"Content-Type: text/html\r\nContent-ID: <c@d>", b"PHN2Zz4=")
    body = read_body(related(WANTED + b"<img src=cid:c@d>", one, other))
    assert "c@d" not in body.references


KINDS = [
    ("image/jpg", "a.jpg", PNG, "image/png"),
    ("image/pjpeg", "a.jpg", b"?", "image/jpeg"),
    ("application/octet-stream", "a.JPG", b"?", "image/jpeg"),
    ("application/octet-stream", "a.pdf", b"%PDF-1.7", "application/pdf"),
    ("application/octet-stream", "a.txt", b"words", "text/plain"),
    ("application/octet-stream", "a.bin", b"words", ""),
    ("application/x-pdf", "", b"?", "application/pdf"),
    ("text/csv", "a.csv", b"a;b", "text/plain"),
    ("application/xml", "a.xml", b"<a/>", "text/plain"),
    ("text/calendar", "a.ics", b"BEGIN:", "text/plain"),
    ("text/html", "a.html", b"<b>", ""),
    ("application/xhtml+xml", "a.xhtml", b"<b>", ""),
    ("image/svg+xml", "a.svg", b"<svg>", ""),
    ("application/zip", "a.zip", b"PK\3\4", ""),
    ("text/plain", "a.txt", GIF, "image/gif"),
    ("text/html", "a.gif", b"<script>", ""),
]


@pytest.mark.parametrize("declared, name, head, expected", KINDS)
def test_how_a_file_is_looked_at(declared, name, head, expected):
    assert shown_as(declared, name, head) == expected


# One boundary, nested in itself

NESTED = (
    HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n"
    b"--b\r\n\r\nplain\r\n"
    b"--b\r\nContent-Type: text/html\r\n\r\n<p>shown</p>\r\n"
    b"--b--\r\n\r\n"
    b"--b\r\n" + PDF + b"\r\n--b--\r\n"
)


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_a_boundary_nested_in_itself(end):
    message = parse(NESTED.replace(b"\r\n", end))
    assert message.text == "shown"
    assert [(part.path, part.filename) for part in message.parts] == [
        ("2", "offer.pdf")
    ]


def test_a_boundary_nested_twice():
    inner = NESTED.partition(b"\r\n\r\n")[2].rpartition(b"--b\r\n" + PDF)[0]
    outer = (
        HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + inner + b"--b--\r\n"
        b"--b\r\n" + PDF + b"\r\n--b--\r\n"
    )
    message = parse(outer)
    assert message.text == "shown" and len(message.parts) == 1


def test_a_nested_boundary_closed_once():
    source = NESTED.replace(b"--b--\r\n\r\n", b"", 1)
    message = parse(source)
    assert message.text == "shown" and len(message.parts) == 1


# Uuencoded files in a text

UU = b"begin 644 caf\xc3\xa9 1.txt\r\n#0V%T\r\n`\r\nend\r\n"


def test_a_uuencoded_file_in_a_text_is_an_attachment():
    source = HEAD + b"\r\nabove\r\n\r\n" + UU + b"\r\nbelow\r\n"
    message = parse(source)
    assert message.text.split() == ["above", "below"]
    (part,) = message.parts
    assert (part.path, part.filename, part.size) == ("2", "café 1.txt", 3)
    assert read_part(source, "2").content == b"Cat"
    assert "0V" not in message.search_text and "cafe" in message.search_text
    check_words(source)


@pytest.mark.parametrize("encoding", ["quoted-printable", "base64", "8bit", "7bit"])
def test_a_uuencoded_file_in_an_encoded_text_is_an_attachment(encoding):
    text = "zażółć\r\n".encode() + UU + "poniżej\r\n".encode() + UU
    encode = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}
    text = encode.get(encoding, bytes)(text)
    header = f"Content-Transfer-Encoding: {encoding}\r\n".encode()
    single = header + b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + text
    for source, before in ((HEAD + single, ""), (mixed(single, PDF), "1.")):
        message = parse(source)
        assert message.text.split() == ["zażółć", "poniżej"]
        files = [part for part in message.parts if part.filename == "café 1.txt"]
        assert [part.path for part in files] == [f"{before}2", f"{before}4"]
        assert [part.size for part in files] == [3, 3]
        for part in files:
            assert read_part(source, part.path).content == b"Cat"
        check_words(source)


def test_the_end_of_a_file_whose_space_was_lost():
    source = HEAD + b"\r\nabove\r\n" + UU.replace(b"`", b"") + b"below\r\n"
    assert parse(source).text.split() == ["above", "below"]
    assert read_part(source, "2").content == b"Cat"


def test_a_file_in_a_text_that_was_encoded_the_other_way():
    file = b"begin-base64 644 cat.txt\r\nQ2F0\r\n====\r\n"
    source = HEAD + b"\r\nabove\r\n" + file + file + UU + b"below\r\n"
    message = parse(source)
    assert message.text.split() == ["above", "below"]
    assert [part.path for part in message.parts] == ["2", "3", "4"]
    contents = [one.content for one in read_parts(source, ["2", "3", "4"])]
    assert contents == [b"Cat"] * 3


def test_uuencoded_files_in_a_part_of_a_mail():
    source = mixed(b"\r\nabove\r\n" + UU + UU + b"below", PDF)
    message = parse(source)
    assert [part.path for part in message.parts] == ["1.2", "1.3", "2"]
    assert [one.content for one in read_parts(source, ["1.3", "1.2"])] == [b"Cat"] * 2


@pytest.mark.parametrize(
    "text",
    [
        b"begin 644 a\r\nnothing of the kind\r\nend",
        b"begin 644 a\r\nend",
        b"begin to see\r\n#0V%T\r\nend",
        b"we begin 644 a\r\n#0V%T\r\nend",
        b"begin-base64 644 a\r\nnot so\r\n====",
        b"begin-base64 644 a\r\n====",
        b"begin 644 a\r\n\r\nthe end",
    ],
)
def test_words_are_no_uuencoded_file(text):
    message = parse(HEAD + b"\r\n" + text)
    assert message.parts == () and words(text.decode()) == words(message.text)


# Tokens

TAGS = st.lists(
    st.sampled_from(
        [
            "<p>",
            "</p>",
            "<P/>",
            "<br/>",
            "<a href=x>",
            "<a\xa0b>",
            "<td\nx='>'>",
            "<o:p>",
        ]
        + ['<a b="<">', '<a b=c">', "<a = ", "<a@b.c>", "<a<", "</>", "</", "</ p>"]
        + ["</p x>", "<p a=1 b='2' c=\"3\" d>", "<p a='>", "<p a = 'x'>", "<p='x'>"]
        + ["<!-- -->", "<!--", "-->", "<!x>", "<? ", "<![if]>", "<style>", "</style>"]
        + [
            "</style\f>",
            "<xml\n>",
            "<xml/>",
            "</xml>",
            "<script ",
            "<title>",
            "</title>",
        ]
        + ["<STYLE>", "<ſtyle>", "<", ">", "=", '"', "'", " ", "x", "é", "&", "&lt;"]
    ),
    max_size=14,
).map("".join)


def merged(found):
    """Return tokens with texts that follow each other as one."""
    told = []
    for token in found:
        if told and token[0] == told[-1][0] == TEXT:
            token = (TEXT, "", told.pop()[2] + token[2])
        told.append(token)
    return told


@given(TAGS, st.sampled_from([4, 16, 8_192]))
@examples(2_000)
def test_the_quick_reader_reads_what_the_careful_one_reads(markup, piece):
    careful = html_tokens._Reader(markup)._read_each(0)
    with patch.object(html_tokens, "_PIECE", piece):
        assert merged(tokens(markup)) == merged(careful)


# Messages attached to messages

INNER = mixed(
    "Content-Type: text/plain; charset=utf-8\r\n\r\nwnętrze".encode(),
    picture(b"Content-Type: image/png; name=chart.png"),
).replace(b"Order", b"Complaint")
EML = b"Content-Type: message/rfc822\r\n\r\n"


def attached(inner, headers=EML):
    return mixed(b"\r\nouter", headers + inner, boundary=b"outer%d" % len(inner))


def test_an_attached_message_is_searched_with_its_files():
    found = parse(attached(INNER)).search_text.split()
    assert {"outer", "wnetrze", "complaint", "chart"} <= set(found)
    twice = parse(attached(attached(INNER))).search_text.split()
    assert {"wnetrze", "chart"} <= set(twice)


def test_an_attached_message_is_opened_as_one():
    source = attached(INNER)
    assert parse(read_attached(source, "2")).subject == "Complaint"
    one = read_part(source, "2/2")
    assert (one.part.filename, one.shown_as, one.content) == (
        "chart.png",
        "image/png",
        PNG,
    )
    deep = attached(source)
    assert read_part(deep, "2/2/2").content == PNG
    assert parse(read_attached(deep, "2/2")).subject == "Complaint"
    assert read_body(source).kinds["2"] == ""


def test_an_attached_message_in_base64():
    headers = EML[:-2] + b"Content-Transfer-Encoding: base64\r\n\r\n"
    source = attached(base64.encodebytes(INNER), headers)
    assert parse(read_attached(source, "2")).text == "wnętrze"
    assert "wnetrze" in parse(source).search_text


@pytest.mark.parametrize("path", ["1", "3", "2/1", "2/9", "/", "2/", "x", "2/2/1"])
def test_what_is_no_message_is_not_opened(path):
    with pytest.raises(PartMissing):
        read_attached(attached(INNER), path)


def test_parts_are_read_with_one_look_at_the_structure(monkeypatch):
    from odoo.addons.mail_mailbox_archive.mailcore.read import message as module

    looks = []
    read = module.read_structure
    monkeypatch.setattr(
        module, "read_structure", lambda source: looks.append(1) or read(source)
    )
    source = mixed(*[PDF] * 300)
    paths = [str(at) for at in range(1, 301)]
    assert len(list(read_parts(source, paths))) == 300 and len(looks) == 1


# Answers inside of a quotation

FOLDED = '<details class="o-mailbox-quoted"><summary>'
GMAIL = (
    "<div>Own</div><div class=gmail_quote><div class=gmail_attr>On 1 Jan wrote:</div>"
    "<blockquote class=gmail_quote>question one{0}</blockquote>{1}"
    "<blockquote class=gmail_quote>question two</blockquote>{2}</div>"
)
OUTLOOK = (
    "<div>{own}</div><div id=divRplyFwdMsg><b>From:</b> Jan<br><b>Sent:</b> x</div>"
    "<div><p>question</p>{0}<p>more</p></div>"
)
ANSWERS = {
    "between two quotations": GMAIL.format("", "<div>answer</div>", ""),
    "below the last": GMAIL.format("", "", "<div>answer</div>"),
    "in a colour": OUTLOOK.format("<p style='color:red'>answer</p>", own="Hi"),
    "in a colour of Office": OUTLOOK.format(
        "<p><span style='font-size:11pt;color:#0070C0'>answer</span></p>", own="Hi"
    ),
    "in a colour on the web": OUTLOOK.format(
        "<span style='color: rgb(255, 0, 0)'>answer</span>", own="Hi"
    ),
    "in a font": OUTLOOK.format("<font color=blue>answer</font>", own="Hi"),
    "in a colour on paper": OUTLOOK.format(
        "<p><span style='background:yellow;mso-highlight:yellow'>answer</span></p>",
        own="Hi",
    ),
    "in a colour that is named": OUTLOOK.format("<p>answer</p>", own="Mine is in red."),
    "as is said above": OUTLOOK.format("<p>answer</p>", own="See my answers below."),
    "as is said in Polish": OUTLOOK.format("<p>answer</p>", own="Odpowiedzi poniżej"),
}


@pytest.mark.parametrize("way", ANSWERS)
def test_an_answer_inside_of_a_quotation_is_shown(way):
    markup = view_html(ANSWERS[way], Rules()).markup
    assert "<details" in markup and FOLDED not in markup


@pytest.mark.parametrize(
    "markup",
    [
        GMAIL.format("", "", ""),
        GMAIL.format("<div style='color:red'></div>", "<br>", " "),
        OUTLOOK.format("<p style='color:#1F497D'>more of it</p>", own="Hi"),
        OUTLOOK.format("<p style='color: rgb(0, 0, 0)'>more of it</p>", own="Hi"),
        OUTLOOK.format("<p style='background-color:red'>more of it</p>", own="Hi"),
        OUTLOOK.format(
            "<a href='https://x.example' style='color:#0563C1'>x</a>", own="a"
        ),
        "<div style='color:blue'>Hi<div id=appendonsend></div><p>question</p></div>",
    ],
)
def test_a_quotation_without_answers_is_folded(markup):
    assert FOLDED in view_html(markup, Rules()).markup
