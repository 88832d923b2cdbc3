"""Which messages are one, and which belong to one conversation."""

import re
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read.identity import (
    covers,
    identity,
    thread_key,
)
from odoo.addons.mail_mailbox_archive.mailcore.read.message import (
    identities,
    parse,
    read_part,
)
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    HEAD,
    effort,
    growth,
    mixed,
    sample,
    samples,
)

BODY = b"\r\nGood morning,\r\n\r\nthe order is ready.\r\n"
MAIL = HEAD + BODY


def same(one: bytes, other: bytes) -> bool:
    """Return whether two sources are one message."""
    return parse(one).identity == parse(other).identity


TRACE = [
    b"Received: from mx.firma.example by other.example; Mon, 3 Feb 2025 10:11:13 +0100",
    b"Delivered-To: biuro@firma.example",
    b"Return-Path: <anna@firma.example>",
    b"Authentication-Results: mx.firma.example; spf=pass",
    b"X-Spam-Score: 0.1",
    b"X-Original-To: biuro@firma.example",
    b"DKIM-Signature: v=1; d=firma.example",
    b"List-Id: <list.firma.example>",
    b"Status: RO",
    b"Resent-From: eve@firma.example",
    b"X-Forwarded-To: biuro@firma.example",
    b"ARC-Seal: i=1; d=firma.example",
]


@pytest.mark.parametrize(
    "field", TRACE, ids=lambda field: field.split(b":")[0].decode()
)
def test_trace_headers_do_not_count(field):
    assert same(MAIL, field + b"\r\n" + MAIL)
    assert same(MAIL, HEAD + field + b"\r\n" + BODY)


EQUAL = {
    "line ends": MAIL.replace(b"\r\n", b"\n"),
    "last line end missing": MAIL.rstrip(b"\r\n"),
    "more line ends at the end": MAIL + b"\r\n\r\n\n",
    "folding": MAIL.replace(b"Anna Nowak <", b"Anna\r\n\tNowak\r\n <"),
    "order of fields": b"".join(HEAD.splitlines(True)[::-1]) + BODY,
    "case of field names": MAIL.replace(b"From:", b"FROM:").replace(b"To:", b"to:"),
    "spaces around a value": MAIL.replace(b"Order\r\n", b"  Order  \r\n"),
}


@pytest.mark.parametrize("difference", EQUAL)
def test_one_message(difference):
    assert EQUAL[difference] != MAIL
    assert same(MAIL, EQUAL[difference])


DIFFERENT = {
    "forged Message-ID, other body": HEAD + b"\r\nSend the money elsewhere.\r\n",
    "forged Message-ID, other sender": MAIL.replace(b"anna@", b"eve@"),
    "forged Message-ID, other subject": MAIL.replace(b"Order", b"Invoice"),
    "other Message-ID": MAIL.replace(b"<order@", b"<other@"),
    "other date": MAIL.replace(b"10:11:12", b"10:11:13"),
    "other recipient": MAIL.replace(b"biuro@", b"sklep@"),
    "copy in Sent with Bcc": b"Bcc: szef@firma.example\r\n" + MAIL,
    "other Cc": b"Cc: szef@firma.example\r\n" + MAIL,
    "other Reply-To": b"Reply-To: eve@firma.example\r\n" + MAIL,
    "other Sender": b"Sender: eve@firma.example\r\n" + MAIL,
    "References": b"References: <earlier@firma.example>\r\n" + MAIL,
    "In-Reply-To": b"In-Reply-To: <earlier@firma.example>\r\n" + MAIL,
    "MIME-Version": b"MIME-Version: 1.0\r\n" + MAIL,
    "charset": b"Content-Type: text/plain; charset=utf-8\r\n" + MAIL,
    "encoding": b"Content-Transfer-Encoding: base64\r\n" + MAIL,
    "shown as a file": b"Content-Disposition: attachment\r\n" + MAIL,
    "any other of Content-*": b"Content-Whatever: 1\r\n" + MAIL,
    "an empty From before it": b"From:\r\n" + MAIL,
    "second From": b"From: eve@firma.example\r\n" + MAIL,
    "one space in the body": MAIL.replace(b"is ready", b"is  ready"),
    "line ends inside the body": MAIL.replace(b"morning,\r\n", b"morning,\r\n\r\n"),
    "footer of a list": MAIL + b"-- \r\nlist\r\n",
    "field moved into the body": HEAD.replace(b"Message-ID", b"\r\nMessage-ID") + BODY,
}


def test_different_messages():
    every = [MAIL, *DIFFERENT.values()]
    assert len({parse(source).identity for source in every}) == len(every)


def test_field_values_cannot_be_shifted():
    """Where one field ends and the next begins is part of the identity."""
    every = [
        {"from": ["a", "b"]},
        {"from": ["a b"]},
        {"from": ["a"], "sender": ["b"]},
        {"from": ["a\nsender:1:b"]},
        {"sender": ["a"], "from": ["b"]},
        {"from": ["", "a"]},
        {"from": ["a", ""]},
        {},
    ]
    assert len({identity(headers, b"") for headers in every}) == len(every)


def test_identity_never_changes():
    """It is stored: another value would store every message again."""
    now, former = identities(MAIL)
    assert now == parse(MAIL).identity
    assert now == "7cba865b7e1ce379f5cc96545a4e75fd361b0d3d904f118423212f9b9e64d3a6"
    assert former == "323b67908562ca3110e4ef137047df2143dc580cf367c2b7084af596976a8738"


def test_another_boundary_is_another_message():
    """A decoy that has all but the boundary does not stand in for the real mail."""
    parts = [
        b"--%s\r\n\r\n%s\r\n" % (name, text)
        for name, text in ((b"a b", b"Paid."), (b"a  b", b"Account changed."))
    ]
    body = b"".join(parts) + b"--a b--\r\n--a  b--\r\n"
    kinds = (b'"a b"', b'"a  b"', b'"a \r\n b"', b"a b", b"a  b", b"x")
    sources = [
        b"%sContent-Type: multipart/mixed; boundary=%s\r\n\r\n%s" % (HEAD, kind, body)
        for kind in kinds
    ]
    texts = {}
    for source in sources:
        texts.setdefault(parse(source).identity, set()).add(parse(source).text)
    assert all(len(some) == 1 for some in texts.values())
    assert len({text for some in texts.values() for text in some}) > 1


NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)
ALARM = b"From: ups@firma.example\r\nSubject: On battery\r\n\r\nOn battery\r\n"


def test_alarms_of_three_days_are_three():
    days = [NOON + timedelta(days=day) for day in range(3)]
    assert len({parse(ALARM, day).identity for day in days}) == 3
    again = [parse(b"Delivered-To: a@b.example\r\n" + ALARM, day) for day in days]
    assert [one.identity for one in again] == [parse(ALARM, d).identity for d in days]
    warsaw = NOON.astimezone(timezone(timedelta(hours=1)))
    assert parse(ALARM, warsaw).identity == parse(ALARM, NOON).identity


def test_file_says_by_its_topmost_received_when_it_came():
    lines = [
        b"Received: from a by b; Mon, 2 Nov 2026 13:00:00 +0100\r\n",
        b"Received: from c by a; Mon, 2 Nov 2026 12:59:58 +0100\r\n",
    ]
    assert parse(b"".join(lines) + ALARM).identity == parse(ALARM, NOON).identity
    # nothing at all is no moment: what is imported again is the same
    assert parse(ALARM).identity == parse(ALARM).identity
    assert parse(ALARM).identity != parse(ALARM, NOON).identity


@pytest.mark.parametrize("field", [b"Date:", b"Date: ?", b"Message-ID: <>", b"X-Id: 7"])
def test_what_says_nothing_leaves_it_to_the_moment(field):
    source = field + b"\r\n" + ALARM
    later = NOON + timedelta(days=1)
    assert parse(source, NOON).identity != parse(source, later).identity


@pytest.mark.parametrize(
    "field",
    [b"Date: Mon, 2 Nov 2026 13:00:00 +0100", b"Date: 3000", b"Message-ID: <a@b>"],
)
def test_what_has_a_date_or_an_id_is_one_whenever_it_came(field):
    source = field + b"\r\n" + ALARM
    later = NOON + timedelta(days=1)
    assert parse(source, NOON).identity == parse(source, later).identity


# Both directions, for any message

#: What servers, lists and programs add on the way of one copy.
WAY = st.lists(
    st.builds(
        lambda name, value: b"%s: %s\r\n" % (name.encode(), value),
        st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True).filter(
            lambda name: not covers(name.lower())
        ),
        st.sampled_from([b"x", b"board@firma.example", b"a\r\n\tb", b"", b"=?x?q?y?="]),
    ),
    max_size=4,
)


def seen(source):
    """Return all that a reader of a source gets to see."""
    try:
        message = parse(source)
        parts = [read_part(source, part.path).content for part in message.parts]
    except Unreadable as error:
        return error.code
    people = (message.from_, message.to, message.cc, message.bcc, message.reply_to)
    described = [(part.filename, part.mimetype, part.cid) for part in message.parts]
    words = re.sub(r"\s+", " ", message.text.rstrip())
    subject = re.sub(r"\s+", " ", message.subject)
    return (people, subject, message.date, words, described, parts)


@examples(150)
@given(st.sampled_from(samples()), WAY, st.booleans())
def test_what_a_second_delivery_adds_does_not_count(name, way, lines_end_in_lf):
    source = sample(name)
    try:
        first = parse(source, NOON)
    except Unreadable:
        return
    other = b"".join(way) + source
    if source.startswith((b"\xef", b"From ")) or b"\n" not in source:
        other = source
    if lines_end_in_lf and b"\r\r" not in other:
        other = other.replace(b"\r\n", b"\n")
    assert parse(other, NOON).identity == first.identity


PIECES = st.sampled_from(
    [b"", b" ", b"  ", b"x", b"\n", b"\r\n\r\n", b'"', b";", b"=", b"--", b"b", b"\t"]
    + [b"Content-Type: text/html\r\n", b"Subject: other\r\n", b"boundary=b;"]
)


@examples(400)
@given(st.sampled_from(samples()), st.data())
def test_whatever_changes_the_view_changes_the_identity(name, data):
    source = sample(name)
    at = data.draw(st.integers(0, len(source)))
    cut = data.draw(st.integers(0, 20))
    other = source[:at] + data.draw(PIECES) + source[at + cut :]
    try:
        one, two = parse(source, NOON).identity, parse(other, NOON).identity
    except Unreadable:
        return
    if seen(source) != seen(other):
        assert one != two


@pytest.mark.parametrize("name", samples())
def test_no_byte_of_a_body_is_free(name):
    """Each byte but the line ends at the end counts."""
    source = sample(name)
    try:
        message = parse(source)
    except Unreadable:
        return
    stop = len(source.rstrip(b"\r\n"))
    for at in range(message.start, stop, max((stop - message.start) // 50, 1)):
        if source[at : at + 1] in (b"\r", b"\n"):
            continue
        other = (
            source[:at] + (b"x" if source[at] != ord("x") else b"y") + source[at + 1 :]
        )
        body = memoryview(other)[message.start :]
        assert identity({}, body) != identity({}, memoryview(source)[message.start :])


def test_a_part_with_another_header_is_another_message():
    one = mixed(b"Content-Type: text/plain\r\n\r\nHello")
    assert not same(one, one.replace(b"text/plain", b"text/html"))


def test_pieces_do_not_matter():
    """A line end on the border of two pieces is one line end."""
    border = 1 << 20
    for shift in range(-2, 3):
        body = b"x" * (border + shift) + b"\r\nend\r\n" + b"\r\n" * 600_000
        lines = b"x" * (border + shift) + b"\nend"
        assert identity({}, body) == identity({}, lines)
        assert identity({}, memoryview(body)) == identity({}, lines)
    alone = b"x" * (border - 1) + b"\rend"
    assert identity({}, alone) != identity({}, alone.replace(b"\r", b""))


@pytest.mark.parametrize("piece", [b"\r", b"\n", b"\r\n", b"x\r\n"])
def test_cost_is_linear(piece):
    assert growth(lambda body: identity({}, body), lambda n: piece * n * 20) < 2.5
    assert effort(lambda: identity({}, piece * 1_000_000)) < 40


ROOT = "<root@firma.example>"


def test_conversation_is_named_by_its_root():
    first = thread_key(ROOT, "", ())
    assert len(first) == 32
    assert thread_key("<b@x>", ROOT, ()) == first
    assert thread_key("<c@x>", "<b@x>", (ROOT, "<b@x>")) == first
    assert thread_key("<ROOT@firma.example>", "", ()) == first
    assert thread_key("root@firma.example", "", ()) == first
    assert thread_key("<other@firma.example>", "", ()) != first
    assert thread_key("<c@x>", ROOT, ("<z@x>",)) != first


def test_no_identifier_no_conversation():
    assert thread_key("", "", ()) == ""
    assert thread_key("<>", " ", ("< >",)) == ""
    assert parse(b"From: a@x.example\r\n\r\nhello").thread_key == ""


def test_conversation_of_parsed_messages():
    answer = MAIL.replace(b"<order@", b"<answer@") + b""
    answer = b"In-Reply-To: <order@firma.example>\r\n" + answer
    assert parse(answer).thread_key == parse(MAIL).thread_key
