"""The body of a mail prepared for its frame."""

import re
from html import unescape

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.view.html import (
    Rules,
    view_html,
    view_text,
)
from odoo.addons.mail_mailbox_archive.mailcore.view.page import page

from .sources import effort, growth

RULES = Rules(inline={"logo@x": "/part/7"}, own_hosts=frozenset({"erp.example"}))
REMOTE = Rules(
    inline={"logo@x": "/part/7"}, own_hosts=frozenset({"erp.example"}), remote=True
)
OUTWARD = 'target="_blank" rel="noopener noreferrer"'


def shown(markup, rules=RULES):
    return view_html(markup, rules).markup


@pytest.mark.parametrize(
    "markup, expected",
    [
        ("a<script>alert(1)</script>b", "ab"),
        ("<p onclick=alert(1) onx>a</p>", "<p>a</p>"),
        ("<form action=/x method=post><button>Go</button></form>", "Go"),
        ("a<input value=x>b", "ab"),
        (
            "a<textarea>b</textarea><select><option>c</select>",
            "a<div></div>b<div></div>c",
        ),
        ("<meta http-equiv=refresh content='0;url=https://x.example'>a", "a"),
        ("<base href=https://x.example><link rel=stylesheet href=//x>a", "a"),
        ("<iframe src=https://x.example>no</iframe><embed src=x>a", "a"),
        ("<object data=x><p>instead</p></object>", "<p>instead</p>"),
        ("<video src=x poster=y><p>instead</p></video>", "<p>instead</p>"),
        ("<svg onload=x><text>t</text><style>*{}</style></svg>", "t<style>*{}</style>"),
        ("<math><mi xlink:href=javascript:1>m</mi></math>", "m"),
        ("<o:p>word</o:p><center>c</center>", "word<center>c</center>"),
        ("<noscript><b>n</b></noscript>", "<b>n</b>"),
        ("<xmp><b>x</b></xmp>", "<b>x</b>"),
        ("a<!-- <b>c</b> -->d<!--[if mso]>m<![endif]-->", "ad"),
        (
            '<p title="&quot;&gt;&lt;script&gt;">a',
            '<p title="&quot;&gt;&lt;script&gt;">a</p>',
        ),
        ("&lt;script&gt;1&lt;/script&gt;", "&lt;script&gt;1&lt;/script&gt;"),
        ("a\x00b", "ab"),
        ("", ""),
        ("   ", "   "),
    ],
)
def test_only_what_is_on_the_list_is_written(markup, expected):
    assert shown(markup).strip() == expected.strip()


def test_attributes_of_the_body_are_kept():
    view = view_html("<html><body bgcolor=#fff onload=x style='margin:0'>a", RULES)
    assert view.body_attributes == ' bgcolor="#fff" style="margin:0"'


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "JaVaScRiPt&colon;alert(1)",
        "vbscript:x",
        "data:text/html,<script>",
        "/web/session/logout",
        "web",
        "//x.example",
        "file:///etc/passwd",
        "blob:https://x",
        "",
        "https://",
    ],
)
def test_links_that_are_none_lead_nowhere(href):
    assert shown(f'<a href="{href}">a</a>') == "<a>a</a>"
    assert shown(f'<svg><a xlink:href="{href}">a</a></svg>') == "<a>a</a>"


@pytest.mark.parametrize(
    "href, url, host",
    [
        ("https://x.example/a?b=1#c", "https://x.example/a?b=1#c", "x.example"),
        (" HTTP://x.example ", "http://x.example", "x.example"),
        ("https:\\\\x.example", "https://x.example", "x.example"),
        ("https:///x.example", "https://x.example", "x.example"),
        (
            "https://bank.example@x.example/",
            "https://bank.example@x.example/",
            "x.example",
        ),
        (
            "https://x.example\\@bank.example",
            "https://x.example\\@bank.example",
            "x.example",
        ),
        ("https://x.example:8443/", "https://x.example:8443/", "x.example"),
        ("https://müller.de/", "https://müller.de/", "xn--mller-kva.de"),
        ("mailto:a@x.example?subject=b", "mailto:a@x.example?subject=b", "x.example"),
        ("tel:+48123", "tel:+48123", "tel"),
    ],
)
def test_links_open_elsewhere_and_name_their_host(href, url, host):
    link = shown(f'<a href="{href}" target="_top" rel="opener">a</a>')
    assert link == f'<a href="{url}" title="{host} – {url}" {OUTWARD}>a</a>'


def test_a_link_within_the_mail_stays_in_it():
    assert shown('<a href="#top">a</a>') == '<a href="#top" target="_self">a</a>'


@pytest.mark.parametrize(
    "href, label, warned",
    [
        ("https://evil.example", "www.bank.example", True),
        ("https://evil.example", "https://bank.example/login", True),
        ("https://evil.example", "<b>bank</b>.example", True),
        ("https://evil.example", "Log in: https://bank.example now", True),
        ("https://evil.example", "me@bank.example", True),
        ("https://evil.example", "(www.bank.example)", True),
        ("mailto:x@evil.example", "me@bank.example", True),
        ("https://bank.example", "www.bank.example", False),
        ("https://click.bank.example", "bank.example", False),
        ("https://evil.example", "Click here", False),
        ("https://evil.example", "report.pdf", False),
        ("https://evil.example", "No. 5.6.7", False),
        ("https://xn--mller-kva.de", "www.müller.de", False),
        ("mailto:me@bank.example", "me@bank.example", False),
    ],
)
def test_text_that_names_another_host_is_corrected(href, label, warned):
    markup = shown(f'<a href="{href}">{label}</a>')
    assert ("leads to" in markup) == warned
    if warned:
        assert re.search(r"\[leads to (x@)?evil\.example\]</span></a>$", markup)


@pytest.mark.parametrize(
    "source, expected",
    [
        ("cid:logo@x", ' src="/part/7"'),
        ("CID:%6Cogo@x", ' src="/part/7"'),
        ("data:image/png;base64,AA==", ' src="data:image/png;base64,AA=="'),
        ("cid:other", None),
        ("data:text/html,x", None),
        ("/web/session/logout", None),
        ("web/session/logout", None),
        ("//erp.example/x", None),
        ("https://erp.example/web/session/logout", None),
        ("https://ERP.example:443/x", None),
        ("https://a@erp.example/x", None),
        ("https:\\\\erp.example\\x", None),
        ("https://ｅrp.example/x", None),
        ("https://erp。example/x", None),
        ("https:x", None),
        ("ftp://x.example/x", None),
        ("https://t.example/p.png", None),
    ],
)
def test_pictures_before_consent(source, expected):
    markup = shown(f'<img src="{source}" alt="a">')
    blocked = ' data-blocked=""'
    assert markup == f'<img{expected or blocked} alt="a">'


def test_pictures_after_consent():
    markup = (
        "<img src='http://t.example/a b.png'><td background=https://t.example/c>"
        "<img src=https://erp.example/web/session/logout><img src=/web>"
        "<img srcset='https://t.example/d 1x'><source srcset=https://t.example/e>"
        "<video poster=https://t.example/f src=https://t.example/g></video>"
    )
    view = view_html(markup, REMOTE)
    assert view.remote == 2
    assert re.findall(r"https?:[^\"]+", view.markup) == [
        "https://t.example/a%20b.png",
        "https://t.example/c",
    ]


@pytest.mark.parametrize(
    "css",
    [
        "background:url(https://t.example/x)",
        "background:url( 'https://t.example/x' )",
        'background:URL("https://t.example/x")',
        "background:u\\72 l(https://t.example/x)",
        "background:\\75\\72\\6c(https://t.example/x)",
        "background:\\u\\r\\l(https://t.example/x)",
        "background:url(https:\\/\\/t.example/x)",
        "background:url(/web/session/logout)",
        "background:url(//t.example)",
        "list-style:url(data:text/html,x)",
        "background:image-set('https://t.example/x' 1x)",
        "background:-webkit-image-set(url(https://t.example/x) 1x)",
        "content:url(https://t.example/x",
        "content:url('https://t.example/x",
        "--a:url(https://t.example/x);background:var(--a)",
        "@import 'https://t.example/x';",
        "@\\69mport url(https://t.example/x);",
        "@font-face{src:url(https://t.example/x)}",
        "cursor:url(https://t.example/x),auto",
        "/* url( */background:url(https://t.example/x)",
    ],
)
def test_css_loads_nothing(css):
    for rules in (RULES, REMOTE):
        for markup in (
            f"<style>{css}</style>",
            f'<p style="{css.replace(chr(34), chr(39))}">',
        ):
            written = unescape(shown(markup, rules)).lower()
            named = re.findall(r"url\(\"?([^)\"]*)|(image-set\()|(@import)", written)
            if rules is RULES:
                assert all(name[0] == "data:," for name in named), written
            else:
                assert all(re.match(r"data:,|https://t\.", name[0]) for name in named)


def test_css_of_the_mail_is_kept():
    css = '.a:before{content:"\\201C"}.b{background:url("cid:logo@x")}'
    assert shown(f"<style>{css}</style>") == (
        '<style>.a:before{content:"\\201C"}.b{background:url("/part/7")}</style>'
    )


def test_css_in_a_comment_is_css():
    assert (
        shown("<style><!-- p{margin:0} --></style>") == "<style> p{margin:0} </style>"
    )


def test_css_cannot_end_its_element():
    markup = shown("<style>a{} </styl</style><p>x</p>")
    assert markup == "<style>a{} \\3c /styl</style><p>x</p>"


@pytest.mark.parametrize(
    "markup, designed",
    [
        ("<p>a</p>", False),
        ("<p style='margin:0'>a</p>", False),
        ("<p style='color:red'>a</p>", True),
        ("<p style='margin:0; background-color:red'>a</p>", True),
        ("<td bgcolor=red>a</td>", True),
        ("<font color=red>a</font>", True),
        ("<style>p{}</style>a", True),
        ("<body bgcolor=white>a", True),
    ],
)
def test_mail_with_colours_stays_on_white_paper(markup, designed):
    view = view_html(markup, RULES)
    assert view.designed == designed
    assert ("color-scheme:dark" in page(view, dark=True)) == (not designed)
    assert "color-scheme:dark" not in page(view)


FOLD = '<details class="o-mailbox-quoted"><summary>Quoted text</summary>'


@pytest.mark.parametrize(
    "markup",
    [
        "<p>Hi</p><blockquote type=cite>old</blockquote>",
        '<div>Hi</div><div class="gmail_quote">old</div>',
        '<div>Hi</div><div class="x gmail_quote y">old</div>',
        '<div>Hi<div id="appendonsend"></div><hr>old</div>',
        '<div>Hi</div><div id="divRplyFwdMsg">x</div><div>old</div>',
        "<p>Hi</p><div style='border:none;border-top:solid #E1E1E1 1.0pt'>x</div>old",
        "<p>Hi</p><blockquote type=cite>a"
        "<blockquote type=cite>b</blockquote></blockquote>",
        "<blockquote type=cite>old</blockquote><p>below</p>",
    ],
)
def test_the_quoted_part_is_folded_once(markup):
    written = shown(markup)
    assert written.count(FOLD) == 1
    assert written.count("<details") == written.count("</details>") == 1


@pytest.mark.parametrize(
    "markup",
    [
        '<div class="gmail_quote">forwarded</div>',
        "<blockquote type=cite>a</blockquote>x<blockquote type=cite>b</blockquote>y",
    ],
)
def test_a_quote_that_is_the_message_stays_open(markup):
    assert FOLD not in shown(markup)
    assert "<details" in shown(markup) and " open>" in shown(markup)


def test_folds_end_inside_their_parent():
    markup = shown('<div>Hi<div id="appendonsend"></div>old</div><p>ours</p>')
    assert markup.endswith("old</details></div><p>ours</p>")


def test_nothing_is_folded_when_not_asked_for():
    assert "details" not in shown("<p>Hi</p><blockquote type=cite>a", Rules(fold=False))


def test_plain_text_is_linked_and_folded():
    text = (
        "Hi <b>,\nsee https://x.example/a?b=1&c=2, (www.y.example) or a@z.example.\n\n"
        "On Mon, 2 Nov 2026 10:00, Anna <anna@x.example> wrote:\n> old\n> older\n"
    )
    markup = view_text(text, RULES).markup
    assert markup.count("<a href=") == 4 and "Hi &lt;b&gt;," in markup
    assert 'href="https://x.example/a?b=1&amp;c=2"' in markup
    assert (
        'href="https://www.y.example"' in markup
        and 'href="mailto:a@z.example"' in markup
    )
    assert markup.count(FOLD) == 1 and "&gt; old" in markup.partition(FOLD)[2]


def test_addresses_in_html_text_are_linked():
    assert shown("see https://x.example/a").count(OUTWARD) == 1
    assert shown('<a href="https://x.example">https://x.example</a>').count("<a ") == 1


@pytest.mark.parametrize("depth", [300, 10_000, 100_000])
@pytest.mark.slow
def test_depth_loses_no_text(depth):
    markup = shown("<div><b><table><tr><td>x" * depth + "END")
    assert markup.count("x") >= depth and "END" in markup


ADVERSARIES = {
    "less": "<",
    "tags": "<a ",
    "attributes": "<p " + "a=b " * 20 + ">",
    "ampersands": "&",
    "comments": "<!--",
    "styles": "<p style='x:url(\"'>",
    "urls": "url(",
    "quotes": "<blockquote type=cite>x",
    "ats": "a@",
    "dots": "www.((",
    "labels": "<a href=https://x.example>" + "a." * 50,
    "hyphens": "<a href=https://x.example>" + "a-" * 50,
    "escapes": "<p style='\\75 '>",
    "imports": "<p style='@ @ @ @ '>",
}


@pytest.mark.parametrize("name", ADVERSARIES)
@pytest.mark.slow
def test_time_is_linear(name):
    def make(size):
        return ADVERSARIES[name] * (size // len(ADVERSARIES[name]))

    def view(text):
        for one in (text, f"<style>{text}</style>"):
            view_html(one, RULES)
        view_text(text, RULES)

    assert effort(lambda: view(make(65_536))) < 32
    assert growth(view, make, 65_536) < 2.5


def newsletter(rows):
    row = (
        '<tr><td style="padding:4px;color:#333;background:url(https://t.example/{0})">'
        '<a href="https://x.example/{0}">Offer {0}</a> for you '
        '<img src="https://t.example/{0}.png" width=10></td></tr>'
    )
    return "<table>" + "".join(row.format(i) for i in range(rows)) + "</table>"


@pytest.mark.slow
def test_a_newsletter_of_2_mb_takes_as_long_as_it_is_large():
    markup = newsletter(12_000)
    assert len(markup) > 2_000_000
    view = view_html(markup, RULES)
    assert view.remote == 24_000 and "t.example" not in view.markup
    assert growth(lambda given: view_html(given, RULES), newsletter, 3_000) < 2.5


def test_the_page_is_whole():
    document = page(
        view_html("<body bgcolor=red>a", RULES), title="<b>", header="<h1>x</h1>"
    )
    assert "<title>&lt;b&gt;</title>" in document
    assert (
        '<body bgcolor="red"><h1>x</h1><div id="o-mailbox-body">a</div></body>'
        in document
    )
