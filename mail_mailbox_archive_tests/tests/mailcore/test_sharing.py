"""A source in two parts: one says what the message says, both are the source."""

from dataclasses import asdict

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read.identity import covers
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse, parse_headers
from odoo.addons.mail_mailbox_archive.mailcore.read.sharing import join, seal, share
from odoo.addons.mail_mailbox_archive.mailcore.read.structure import read_headers
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    HEAD,
    corpus,
    effort,
    growth,
    sample,
    samples,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.test_properties import (
    SOURCES,
    damaged,
)

BODY = b"\r\nGood morning,\r\n\r\nthe order is ready.\r\n"
MAIL = HEAD + BODY
#: What servers put before a message, and some into the middle of it.
ADDED = (
    b"Return-Path: <anna@firma.example>",
    b"Delivered-To: board@firma.example",
    b"X-Delivered-To: board@firma.example",
    b"X-Forwarded-To: board@firma.example",
    b"Envelope-To: board@firma.example",
    b"Resent-To: board@firma.example",
    b"ARC-Seal: i=1; board",
    b"Received: from a by b\r\n\tfor <board@firma.example>;\r\n"
    b"\tMon, 3 Feb 2025 10:11:13 +0100",
    b"X-Anything-At-All: board",
    b"Status: RO",
)
#: Of a message, what is no value of it.
APART = ("defects", "received", "start")


def parts_of(source, reader=parse):
    """Return both parts of ``source``, shared first; None where it is no message."""
    try:
        message = reader(source)
    except Unreadable:
        return None
    shared = message.header + source[message.start :]
    return shared, seal(source, message.start, shared)


def said(source, moment=None, reader=parse):
    """Return all that a source says to a reader."""
    values = asdict(reader(source, moment))
    return {name: value for name, value in values.items() if name not in APART}


def check_parts(source, reader=parse):
    """Assert what holds of the two parts of whatever can be read."""
    parts = parts_of(source, reader)
    if not parts:
        return False
    shared, sealed = parts
    message = reader(source)
    assert join(sealed, shared) == source
    assert join(seal(source, message.start), shared) == source
    assert share(source) == shared == share(shared)
    names = {name.lower() for name, _value in read_headers(shared)[0].fields}
    assert all(map(covers, names)), names
    moment = message.received
    assert said(shared, moment, reader) == said(source, moment, reader)
    return True


@pytest.mark.parametrize("name", samples())
def test_samples(name):
    source = sample(name)
    check_parts(source)
    check_parts(source, parse_headers)


@examples(300)
@given(SOURCES)
@example(b"Received: by x\r\n\r\nnothing that is the message's")
@example(b"X-A: 1\rSubject: lines end with CR\r\rtext\rmore")
@example(b"\xef\xbb\xbfSubject: begins with a mark\r\n\r\ntext")
@example(b"Subject: a\r\n \r\n\r\ntext")
@example(b"Subject : a\r\nX : b\r\n\r\ntext")
@example(b"Subject: a\r\nno field\r\nDelivered-To: b\r\n\r\ntext")
@example(b"From a@b Mon Feb  3 10:11:12 2025\nSubject: a\n\ntext\n")
@example(b"Subject: a\r\nX: b")
@example(b"Subject: a\r\n\r\na\r\r\nb\nc\r\n")
@example(b"Subject: a\n\na\r\n")
def test_whatever_can_be_read(source):
    check_parts(source)
    check_parts(source, parse_headers)


@examples(100)
@given(damaged())
def test_damaged_samples(source):
    check_parts(source)


def test_long_header():
    """Also where the header is longer than what is read of one."""
    padding = b"".join(b"X-%d: %s\r\n" % (n, b"x" * 900) for n in range(400))
    for source in (padding + MAIL, HEAD + padding + b"Subject: late\r\n" + BODY):
        assert len(source) > 2**18
        assert check_parts(source)


@pytest.mark.parametrize(
    "field", ADDED, ids=lambda field: field.split(b":")[0].decode()
)
def test_what_was_added_on_the_way_is_not_the_message_s(field):
    for source in (field + b"\r\n" + MAIL, HEAD + field + b"\r\n" + BODY):
        shared, sealed = parts_of(source)
        assert shared == MAIL
        assert join(sealed, shared) == source


LINES = st.lists(
    st.sampled_from([b"a", b"", b"Text \r here", b"\r", b"--b", b"\xff"]), max_size=12
)
ENDS = st.sampled_from([b"\r\n", b"\n"])


@examples(300)
@given(LINES, ENDS, ENDS, st.lists(st.sampled_from(ADDED)), st.integers(0, 3))
def test_two_arrivals_of_one_message(lines, first, second, added, more):
    """Whatever a second delivery adds: one message, and each arrival has its bytes."""
    one = HEAD.replace(b"\r\n", first) + first + first.join(lines)
    head = b"".join(field + b"\r\n" for field in added) + HEAD
    other = head.replace(b"\r\n", second) + second + second.join(lines) + second * more
    if parse(one).identity != parse(other).identity:
        # a CR at the end of a line belongs to the one and not to the other
        assert any(line.endswith(b"\r") for line in lines)
        return
    shared, sealed = parts_of(one)
    assert join(sealed, shared) == one
    assert join(seal(other, parse(other).start), shared) == other


@examples(200)
@given(st.lists(st.sampled_from([b"\r\n", b"\n", b"\r", b"x"]), max_size=30), st.data())
def test_arrivals_whose_line_ends_are_mixed(pieces, data):
    one = MAIL + b"".join(pieces)
    other = MAIL + b"".join(
        data.draw(st.sampled_from([b"\r\n", b"\n"])) if b"\n" in piece else piece
        for piece in pieces
    )
    shared, _sealed = parts_of(one)
    if parse(one).identity == parse(other).identity:
        assert join(seal(other, parse(other).start), shared) == other


@pytest.mark.parametrize("piece", [b"\r", b"\n", b"\r\n", b"X: y\r\n", b" ", b"x: y"])
def test_cost_is_linear(piece):
    def work(source):
        parts = parts_of(source)
        join(*reversed(parts))

    assert growth(work, lambda n: HEAD + piece * n * 10) < 2.5
    assert growth(work, lambda n: HEAD + b"\r\n" + piece * n * 10) < 2.5
    assert effort(lambda: work(HEAD + b"\r\n" + piece * 200_000)) < 400


def test_every_message_of_the_corpora():
    read = [check_parts(source) for _name, source in corpus()]
    if not read:
        pytest.skip("is not tried: the corpora are not here")
    assert sum(read) > 0.9 * len(read)
