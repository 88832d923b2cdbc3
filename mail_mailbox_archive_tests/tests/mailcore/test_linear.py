"""Whatever reads mail takes twice as long for twice as much, however hostile it is.

The functions are found, not listed: one added tomorrow is tried as well. What counts is
how the time of a longer input relates to that of a shorter one, never the time itself.
"""

import inspect
import itertools
import pkgutil
from functools import partial
from importlib import import_module
from random import Random

import pytest

from odoo.addons.mail_mailbox_archive import mailcore
from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError

from ..reliability.extent import extent
from .examples import FACTOR
from .sources import HEAD, growth, seconds

#: Of a shorter and of a longer input.
SHORT, LONG = 16_384, 65_536
#: CPU seconds under which growth cannot be told, nor matters.
QUICK = 0.02
#: 2 is linear, 4 is quadratic.
MOST = 2.7
#: What is linear beyond doubt.
CLEAR = 2.3

#: They ask others, and what they are given is no mail.
NOT_OF_MAIL = {
    "discovery",
    "imap",
    "providers",
    "net_guard",
    "oauth",
    "sender_domain",
    "vault",
    "web",
    "schedule",
}

PIECES = (
    "<",
    "</",
    "<a ",
    "<a x=",
    '<a x="',
    "<a x='",
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "</b>",
    "<blockquote type=cite>",
    "<table><tr><td>",
    "<!--",
    "-->",
    "<style>",
    "</style",
    "<script",
    "<xml>",
    "<?",
    "<![",
    "&",
    "&#",
    "&#x9",
    '"',
    "'",
    '="',
    ">",
    "url(",
    "@",
    "a@b.",
    "www.",
    "https://",
    "\\",
    "\r",
    "\r\n",
    "\n ",
    "\0",
    "=?utf-8?q?",
    "?=",
    "=?x?b?=",
    "(",
    ")",
    ",",
    ";",
    "; a=",
    ";x*0*=",
    ":",
    "begin 644 a\nM",
    "\nend\n",
    "--b\n",
    "--b--\n",
    "\x1b$B",
    "\x1b(B!",
    "1 ",
    "1.",
    "12345-",
    "字",
    "é",
    "e\u0301\u0316",
    "\u202e",
    "\ud8b1",
    "> ",
    "On 1, a wrote:\n",
    "From: a\n",
    "._-",
    "aA",
)


def readers():
    """Yield name and function of whatever takes one text or source and no more."""
    for found in pkgutil.walk_packages(mailcore.__path__, f"{mailcore.__name__}."):
        rooms = found.name.split(".")
        if found.ispkg or not NOT_OF_MAIL.isdisjoint(rooms):
            continue
        module = import_module(found.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("_") or function.__module__ != module.__name__:
                continue
            kind = _takes(function)
            if kind:
                yield pytest.param(kind, function, id=f"{rooms[-1]}.{name}")


def _takes(function):
    parameters = list(inspect.signature(function).parameters.values())
    needed = [one for one in parameters if one.default is one.empty]
    if len(needed) != 1 or needed[0].kind is needed[0].VAR_KEYWORD:
        return None
    annotation = str(needed[0].annotation)
    return {"str": str, "str | None": str, "bytes": bytes}.get(annotation)


READERS = list(readers())


#: What stands once before and after them: things that stay open, and an end that
#: belongs to none.
AROUND = (
    ("", "='>'"),
    ("<div><b><table><tr><td>", ">"),
    ("<!-- <style> <xml> \"'", ">"),
)
SHAPES = (
    ("<div><table><tr><td>", "<span></div>", ""),
    ("<p><table><tr><td>", "<b></p>", ""),
    ("", '<a x="', "='>'"),
    ("", "<a x='", '=">"'),
    ("", "<!--", "x>"),
    ("", "<style>", ">"),
    ("", "<xml><xml ", ">"),
)


def patterns():
    """Return what stands before, what is repeated and what follows, always the same."""
    choose = Random(7)
    pairs = list(itertools.permutations(PIECES, 2))
    pieces = [*PIECES, *map("".join, choose.sample(pairs, 8 * FACTOR))]
    around = [(*choose.choice(AROUND), piece) for piece in choose.sample(pieces, 10)]
    return [
        *(("", piece, "") for piece in pieces),
        *((before, piece, after) for before, after, piece in around),
        *SHAPES,
    ]


def dealt(number, step):
    """Return each ``step``-th pattern, others for each ``number``, and all shapes."""
    return dict.fromkeys((*patterns()[number % step :: step], *SHAPES))


def repeated(pattern, size):
    before, piece, after = pattern
    return before + (piece * (size // len(piece) + 1))[:size] + after


def check(work, make):
    """Check that ``work`` on what ``make`` returns by its size is linear."""

    def quietly(given):
        try:
            found = work(given)
            if inspect.isgenerator(found):
                for _one in found:
                    pass
        except (MailCoreError, ValueError):
            # it may refuse, at no more cost
            pass

    long = seconds(partial(quietly, make(LONG)), 1)
    if long <= QUICK:
        return
    # where one look shows that it is linear, a second one shows no more
    if (long / seconds(partial(quietly, make(SHORT)), 1)) ** 0.5 >= CLEAR:
        assert growth(quietly, make, SHORT) < MOST


def test_the_readers_are_found():
    names = {reader.id for reader in READERS}
    assert len(names) > 40
    assert {"markup.html_to_text", "message.parse", "text.decode_header"} <= names
    assert {"tokens.tokens", "search.search_text", "charset.guess"} <= names


@pytest.mark.parametrize("number", range(len(READERS)), ids=[r.id for r in READERS])
@pytest.mark.slow
def test_readers_are_linear(number):
    """In the short form on half of the patterns; the next reader has the others."""
    kind, function = READERS[number].values
    for pattern in dealt(number, extent(2, 1)):

        def make(size, pattern=pattern):
            text = repeated(pattern, size)
            if kind is bytes:
                return HEAD + b"\r\n" + text.encode("utf-8", "surrogatepass")
            return text

        check(function, make)


def _header(name):
    return lambda text: name + b": " + text + b"\r\n" + HEAD + b"\r\nbody"


def _typed(kind):
    return lambda text: HEAD + b"Content-Type: " + kind + b"\r\n\r\n" + text


#: Places of a mail in which somebody may write what he likes.
PLACES = {
    "subject": _header(b"Subject"),
    "from": _header(b"From"),
    "cc": _header(b"Cc"),
    "references": _header(b"References"),
    "date": _header(b"Date"),
    "type": _header(b"Content-Type"),
    "disposition": _header(b"Content-Disposition"),
    "id": _header(b"Content-ID"),
    "encoding": _header(b"Content-Transfer-Encoding"),
    "text": _typed(b"text/plain; charset=utf-8"),
    "flowed": _typed(b"text/plain; format=flowed"),
    "text in no charset": _typed(b"text/plain; charset=iso-8859-2"),
    "euc-jp": _typed(b"text/plain; charset=euc-jp"),
    "iso-2022-jp": _typed(b"text/plain; charset=iso-2022-jp"),
    "utf-7": _typed(b"text/plain; charset=utf-7"),
    "html": _typed(b"text/html"),
    "parts": _typed(b"multipart/mixed; boundary=b"),
    "nested": _typed(
        b"multipart/mixed; boundary=b\r\n\r\n--b\r\n"
        b"Content-Type: multipart/alternative; boundary=b"
    ),
    "message": _typed(b"message/rfc822"),
    "base64": _typed(b"text/plain\r\nContent-Transfer-Encoding: base64"),
    "quoted-printable": _typed(
        b"text/html\r\nContent-Transfer-Encoding: quoted-printable"
    ),
    "uuencoded": _typed(b"a/b\r\nContent-Transfer-Encoding: x-uuencode"),
}


def patterns_of(place):
    """Return those for a place: in the short form a third, dealt out to all places."""
    return dealt(list(PLACES).index(place), extent(3, 1))


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.slow
def test_mails_are_linear_wherever_it_stands(place):
    from odoo.addons.mail_mailbox_archive.mailcore.read.body import read_body
    from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
    from odoo.addons.mail_mailbox_archive.mailcore.view.html import Rules, view_pieces

    def open_it(source):
        parse(source)
        view_pieces(read_body(source).pieces, Rules())

    for pattern in patterns_of(place):

        def make(size, pattern=pattern):
            text = repeated(pattern, size).encode("utf-8", "surrogatepass")
            return PLACES[place](text)

        check(open_it, make)


def test_a_reader_that_is_not_linear_is_found():
    """The measure itself: what looks at everything before each character."""

    def quadratic(text):
        return [text[:at].count("x") for at in range(0, len(text), 8)]

    with pytest.raises(AssertionError):
        check(quadratic, lambda size: "x" * size)
