"""Which messages are one, and which belong to one conversation."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.identity import identity, thread_key
from odoo.addons.mail_mailbox_archive.mailcore.message import parse
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sources import (
    HEAD,
    effort,
    growth,
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
    b"References: <earlier@firma.example>",
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
        {"from": [""]},
        {},
    ]
    assert len({identity(headers, b"") for headers in every}) == len(every)


def test_identity_never_changes():
    """It is stored: another value would store every message again."""
    expected = "323b67908562ca3110e4ef137047df2143dc580cf367c2b7084af596976a8738"
    assert parse(MAIL).identity == expected


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
