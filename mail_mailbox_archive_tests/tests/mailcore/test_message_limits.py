"""Odd, damaged and hostile messages: an answer for each, in time and memory."""

import base64
import tracemalloc
from functools import partial
from random import Random

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import format_addresses
from odoo.addons.mail_mailbox_archive.mailcore.errors import PartMissing, Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read.body import read_body
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    Message,
    parse,
    parse_headers,
    read_part,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    HEAD,
    corpus,
    effort,
    growth,
    mixed,
    sample,
    samples,
    seconds,
)

PDF = (
    b"Content-Type: application/pdf; name=a.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n"
)


def texts(message: Message) -> str:
    """Return all text that a message would put into a database."""
    people = (message.from_, message.to, message.cc, message.bcc, message.reply_to)
    parts = [part.filename + part.mimetype + part.cid for part in message.parts]
    return "\n".join(
        [message.subject, message.text, message.preview, message.search_text]
        + [message.message_id, message.in_reply_to, *message.references, *parts]
        + [format_addresses(some) for some in people]
    )


def read_all(source: bytes) -> bool:
    """Read everything there is in a source; return whether it can be read."""
    try:
        message = parse(source)
    except Unreadable:
        return False
    assert len(message.identity) == 64
    text = texts(message)
    assert "\0" not in text and "\r" not in text
    text.encode("utf-8")
    read_body(source)
    for part in message.parts[:10]:
        read_part(source, part.path)
    return True


def _nested(depth: int) -> bytes:
    opening = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (at, at)
        for at in range(depth)
    )
    return HEAD + opening + b"\r\ndeep inside\r\n"


def _attached(depth: int) -> bytes:
    return (HEAD + b"Content-Type: message/rfc822\r\n\r\n") * depth + HEAD + b"\r\ndeep"


def _with(name: bytes, value: bytes) -> bytes:
    return HEAD + name + b": " + value + b"\r\n\r\nstill here\r\n"


def _parameters(count: int) -> bytes:
    pieces = b"".join(b";\r\n filename*%d*=%%41%%42" % at for at in range(count))
    disposition = b"Content-Disposition: attachment" + pieces
    return mixed(PDF + disposition + b"\r\n\r\nQUJD\r\n")


UUENCODED = b"Content-Type: a/b\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\n"
#: Built to exhaust a reader, by size.
BOMBS = {
    "brackets in From": lambda n: _with(b"Reply-To", b"(" * n),
    "brackets closed": lambda n: _with(b"Reply-To", b"(" * n + b")" * n),
    "quotes in From": lambda n: _with(b"Reply-To", b'"a\\' * n),
    "angles in From": lambda n: _with(b"Reply-To", b"<" * n),
    "addresses": lambda n: _with(b"Cc", b"Jan K <jan@firma.example>,\r\n " * n),
    "groups": lambda n: _with(b"Cc", b"a:b;" * n),
    "encoded words": lambda n: b"Subject: " + b"=?utf-8?q?a?= " * n + b"\r\n" + HEAD,
    "unknown words": lambda n: b"Subject: " + b"=?x?q?=FF?= " * n + b"\r\n" + HEAD,
    "open encoded words": lambda n: _with(b"Cc", b"=?utf-8?q?" * n),
    "references": lambda n: _with(b"References", b"<a@b>\r\n " * n),
    "open references": lambda n: _with(b"References", b"<" * n),
    "parameters": _parameters,
    "flat parts": lambda n: mixed(*[b"\r\nx"] * min(n, 999)),
    "lookalike boundaries": lambda n: mixed(b"\r\n" + b"--part-\r\n" * n),
    "line ends": lambda n: HEAD + b"\r\n" * n,
    "carriage returns": lambda n: HEAD + b"\r\n" + b"\r" * n,
    "dashes": lambda n: mixed(b"\r\n" + b"--\r\n" * n),
    "fields": lambda n: HEAD + b"X: y\r\n" * n + b"\r\nbody",
    "broken fields": lambda n: HEAD + b"no field\r\nFrom: a\r\n" * n + b"\r\nbody",
    "uuencoded zeros": lambda n: HEAD + UUENCODED + b"_\r\n" * n,
    "undeclared bytes": lambda n: HEAD + b"\r\n" + b"\xb1\xe6\xea x\r\n" * n,
    "quoted lines": lambda n: HEAD + b"\r\n" + b"> a\r\nb\r\n" * n,
    "attributions": lambda n: HEAD + b"\r\n" + b"On 1:\r\n" * n,
    "tags": lambda n: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * n,
    "open tags": lambda n: HEAD + b"Content-Type: text/html\r\n\r\n" + b'<a "' * n,
    "open comments": lambda n: HEAD + b"Content-Type: text/html\r\n\r\n" + b"<!--" * n,
    "marks": lambda n: HEAD + b"\r\n" + "a\u0300\u0316".encode() * n,
}


@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.slow
def test_bomb_costs_linear_time(bomb):
    assert growth(read_all, BOMBS[bomb]) < 2.5
    assert effort(partial(parse, BOMBS[bomb](20_000))) < 80


HOSTILE = {
    "depth 3,000": (lambda: _nested(3_000), "depth"),
    "depth 101": (lambda: _nested(102), "depth"),
    "10,000 parts": (lambda: mixed(*[b"\r\nx"] * 10_000), "parts"),
    "1,001 parts": (lambda: mixed(*[b"\r\nx"] * 1_001), "parts"),
    "nothing": (lambda: b"", "empty"),
    "NUL bytes": (lambda: b"\0" * 5_000, "structure"),
    "words": (lambda: b"These are words.\r\n\r\nMore of them.", "structure"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_is_unreadable(name):
    make, code = HOSTILE[name]
    source = make()
    for read in (parse, read_body, lambda source: read_part(source, "1")):
        with pytest.raises(Unreadable) as caught:
            read(source)
        assert caught.value.code == code
    assert effort(lambda: read_all(source)) < 80


def test_within_the_limits_all_is_read():
    assert parse(_nested(99)).text == "deep inside"
    assert len(parse(mixed(*[PDF + b"\r\nQUJD"] * 999)).parts) == 999
    chain = parse(_attached(3_000))
    assert [part.mimetype for part in chain.parts] == ["message/rfc822"]


def test_header_of_a_megabyte():
    message = parse(_with(b"X-Long", b"x" * 1_000_000))
    assert message.subject == "Order"
    assert message.text == "still here"
    assert message.defects == ("header_cut",)


def test_twenty_thousand_addresses():
    message = parse(_with(b"Cc", b"Jan K <jan@firma.example>,\r\n " * 20_000))
    assert len(message.cc) == 1_000
    assert message.defects == ("header_cut", "addresses_cut")
    assert message.text == "still here"
    assert "order" in message.search_text and "still here" in message.search_text


def test_long_file_name_in_pieces():
    (part,) = parse(_parameters(5_000)).parts
    assert part.filename.startswith("ABAB") and len(part.filename) == 255


def test_extension_survives_the_cut():
    name = b"Content-Type: application/pdf; name=" + b"n" * 4_000 + b".exe\r\n\r\nx"
    assert parse(mixed(name)).parts[0].filename.endswith("….exe")


@pytest.mark.slow
def test_many_files_with_names_in_unknown_charsets():
    name = bytes(range(128, 256)) * 60
    source = mixed(*[b"Content-Type: a/b; name=" + name + b"\r\n\r\nx"] * 200)
    assert effort(lambda: parse(source)) < 50


@pytest.mark.slow
def test_many_texts_in_unknown_charsets():
    source = mixed(*[b"\r\n" + bytes(range(129, 256)) * 40] * 900)
    assert effort(lambda: read_all(source)) < 56
    assert len(parse(source).parts) == 850


def test_deep_html_loses_no_text():
    markup = b"<div>" * 5_000 + b"at the bottom" + b"</div>" * 5_000
    source = HEAD + b"Content-Type: text/html\r\n\r\n" + markup
    assert parse(source).text == "at the bottom"


@pytest.mark.slow
def test_memory_stays_below_the_size_of_the_message():
    """Less than three times the size, the source itself included."""
    lines = base64.encodebytes(bytes(range(256)) * 40_000).replace(b"\n", b"\r\n")
    source = mixed(b"\r\nSee the file.\r\n", PDF + b"\r\n" + lines)
    tracemalloc.start()
    try:
        parse(source)
        read_body(source)
        assert tracemalloc.get_traced_memory()[1] < 0.5 * len(source)
        content = read_part(source, "2").content
        assert tracemalloc.get_traced_memory()[1] < 1.5 * len(source)
    finally:
        tracemalloc.stop()
    assert content == bytes(range(256)) * 40_000


def test_large_text_is_cut():
    text = b"Good morning, this is a line.\r\n" * 400_000
    message = parse(HEAD + b"\r\n" + text)
    assert 900_000 < len(message.text) <= 1_000_000
    assert len(message.search_text) <= 200_000
    assert message.defects == ("text_cut",)


def test_text_is_the_same_beside_large_html():
    plain = b"Content-Type: text/plain\r\n\r\nshort"
    html = b"Content-Type: text/html\r\n\r\n" + b"<p>long</p>\r\n" * 500_000
    source = mixed(plain, html).replace(b"multipart/mixed", b"multipart/alternative")
    body = read_body(source)
    assert body.text == parse(source).text
    assert body.text.startswith("long\n\nlong")
    assert 4_000_000 < len(body.html) < 4_200_000


@pytest.mark.parametrize("path", ["", "0", "3", "1.1", "x", "2.1", "١"])
def test_no_such_part(path):
    source = mixed(b"\r\nSee the file.", PDF + b"\r\nQUJD")
    with pytest.raises(PartMissing) as caught:
        read_part(source, path)
    assert isinstance(caught.value, KeyError)
    assert caught.value.code == "part"


def test_body_parts_can_be_read_too():
    source = mixed(b"\r\nSee the file.", PDF + b"\r\nQUJD")
    assert read_part(source, "1").content == b"See the file."
    assert read_part(source, "2").content == b"ABC"


def test_attached_message_keeps_its_bytes():
    inner = HEAD + b"\r\n" + bytes(set(range(256)) - {10, 13}) + b"\r\nend"
    source = mixed(b"Content-Type: message/rfc822\r\n\r\n" + inner)
    assert read_part(source, "1").content == inner


@pytest.mark.parametrize("name", samples())
def test_damaged_samples(name):
    """Cut, begun late, with a NUL byte: always an answer."""
    source = sample(name)
    for at in range(0, len(source), 1 + len(source) // 4):
        read_all(source[:at])
        read_all(source[:at] + b"\0" + source[at:])
        read_all(source[at:])


PIECES = [b"\r", b"\n", b"\r\n", b"\0", b'"', b"=?", b"?=", b"=?utf-8?b?", b";", b"--"]
PIECES += [b"(", b")", b"<", b">", b"*0*=", b"''", b":", b"\xff", b"\xc5", b"%", b"="]
PIECES += [b"\\", b"boundary=", b"charset=", b"base64", b"&#", b"9" * 30, b"utf-16"]


def _random_damage(source: bytes, random: Random) -> bytes:
    for _turn in range(random.randint(1, 12)):
        at = random.randint(0, len(source))
        added = random.choice(PIECES) * random.choice((0, 1, 1, 2, 50))
        source = source[:at] + added + source[at + random.choice((0, 0, 1, 20)) :]
    return source


@pytest.mark.slow
def test_random_damage():
    """The same hundreds each time; what longer runs found is among the samples."""
    random = Random(20250203)
    names = samples()
    assert any([read_all(_random_damage(sample(n), random)) for n in names * 4])


@pytest.mark.parametrize(
    "name", [n for n in samples() if not n.startswith(("broken/", "headers/"))]
)
def test_line_ends_make_no_difference(name):
    lines = sample(name).replace(b"\r\n", b"\n")
    lf, crlf, cr = (parse(lines.replace(b"\n", end)) for end in (b"\n", b"\r\n", b"\r"))
    assert lf.identity == crlf.identity
    for key in ("subject", "date", "from_", "to", "text", "preview"):
        assert getattr(lf, key) == getattr(crlf, key) == getattr(cr, key)
    assert [part.path for part in lf.parts] == [part.path for part in cr.parts]


def _damaged(source: bytes, at: int) -> bytes:
    place = at * 7 % 500
    kinds = (
        source[: len(source) * 2 // 3],
        source[:place] + b"\0" + source[place:],
        source.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
        source[place:],
    )
    return kinds[at // 4 % 4]


@pytest.mark.slow
def test_every_message_of_the_corpora():
    slow = []
    for at, (name, source) in enumerate(corpus()):
        sources = [source] if at % 4 else [source, _damaged(source, at)]
        for one in sources:
            work = partial(read_all, one)
            if seconds(work, 1) > 1 and (taken := effort(work)) > 80:
                slow.append((name, taken))
    assert slow == []


@pytest.mark.slow
def test_corpora_have_one_identity_whatever_the_line_ends():
    for name, source in list(corpus())[::6]:
        lines = source.replace(b"\r\n", b"\n")
        if b"\r" in lines or not read_all(lines):
            continue
        again = lines.replace(b"\n", b"\r\n")
        assert parse(again).identity == parse(lines).identity, name


def test_headers_alone():
    stub = parse_headers(HEAD + b"Content-Type: multipart/mixed; boundary=x\r\n\r\n")
    assert (stub.subject, stub.defects, stub.parts) == ("Order", (), ())
    for source, code in ((b"", "empty"), (b"just words\r\n", "structure")):
        with pytest.raises(Unreadable) as caught:
            parse_headers(source)
        assert caught.value.code == code
