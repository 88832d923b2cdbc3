"""What a recipient gets of a written text: the HTML, the plain text beside it."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing_html import finish_html
from odoo.addons.mail_mailbox_archive.mailcore.send.placeholders import (
    fill,
    has_left,
    path_of,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.plain_text import to_text

TABLE = '<table class="table o_table"><tbody>{}</tbody></table>'


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("Hello", "Hello"),
        ("<p>Hello <b>you</b></p><p><br></p><p>Bye</p>", "Hello you\n\nBye"),
        ("<div>a<div>b</div>c</div>", "a\nb\nc"),
        ("<p>a  \n b&nbsp;c</p>", "a b\xa0c"),
        ("<ul><li>a</li><li><p>b</p></li></ul>", "- a\n- b"),
        ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
        (
            "<ul><li>a<ol><li>x</li><li>y</li></ol></li><li>b</li></ul>",
            "- a\n  1. x\n  2. y\n- b",
        ),
        (
            '<ul><li>a</li><li class="oe-nested"><ul><li>x</li></ul></li></ul>',
            "- a\n  - x",
        ),
        (
            TABLE.format("<tr><td><p>a</p></td><td>b</td></tr><tr><td>c</td></tr>"),
            "a | b\nc",
        ),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a  b"),
        ("<p>so</p><blockquote>q<br>r<blockquote>s</blockquote></blockquote>", None),
        ('<a href="https://x.example/">https://x.example</a>', "https://x.example"),
        ('<a href="https://x.example/">this</a>', "this <https://x.example/>"),
        ('<a href="javascript:alert(1)">this</a>', "this"),
        ('<a href="mailto:a@b.example">Anna</a>', "Anna <a@b.example>"),
        ('<img alt="Logo" src="cid:1"><style>p{}</style>', "Logo"),
        ("<pre>a\n  b</pre>c", "a\n  b\nc"),
        ("a<hr>b", "a\n--------------------\nb"),
        ("1 &lt; 2 &amp;amp; 3", "1 < 2 &amp; 3"),
    ],
)
def test_plain_text(markup, text):
    expected = "so\n> q\n> r\n> > s" if text is None else text
    assert to_text(markup) == expected


def test_tables_have_their_lines_at_the_recipient():
    finished = finish_html(TABLE.format('<tr><td style="color: red">a</td></tr>'))
    assert 'style="border-collapse: collapse"' in finished
    assert "border: 1px solid #bbb" in finished
    assert finished.index("border:") < finished.index("color: red")
    plain = "<table><tr><td>a signature's</td></tr></table>"
    assert finish_html(plain) == plain


@pytest.mark.parametrize(
    ("markup", "finished"),
    [
        ("<p>Hello</p>", "<p>Hello</p>"),
        ("<p>שלום hello</p>", '<p dir="rtl">שלום hello</p>'),
        ("<p>1. مرحبا</p>", '<p dir="rtl">1. مرحبا</p>'),
        ("<p>Hello שלום</p>", "<p>Hello שלום</p>"),
        ('<p dir="ltr">שלום</p>', '<p dir="ltr">שלום</p>'),
        ("a &lt; b<p>ש</p>", 'a &lt; b<p dir="rtl">ש</p>'),
        (
            "<ul><li>ש</li></ul><p>a</p>",
            '<ul dir="rtl"><li dir="rtl">ש</li></ul><p>a</p>',
        ),
    ],
)
def test_paragraphs_keep_their_direction(markup, finished):
    assert finish_html(markup) == finished


def test_placeholders_are_filled_once_and_as_text():
    values = {"first_name": "<b>{{object.name}}</b>", "object.name": "A & B"}
    filled = fill("{{first_name}}, {{ object.name }} {{object.x}}", values.get)
    assert filled == ("&lt;b&gt;{{object.name}}&lt;/b&gt;, A &amp; B {{object.x}}")
    assert has_left(filled)
    assert not has_left("a } b {{}} {{\n}}")


@pytest.mark.parametrize(
    ("placeholder", "path"),
    [
        ("object.name", ("name",)),
        ("object.partner_id.name", ("partner_id", "name")),
        ("object._cr", ()),
        ("object.name()", ()),
        ("object.a.__class__", ()),
        ("object", ()),
        ("user.name", ()),
        ("object.a.b.c.d.e.f", ()),
    ],
)
def test_paths_are_fields_and_nothing_else(placeholder, path):
    assert path_of(placeholder) == path
