"""Reports of delivery: per recipient, with our Message-ID; other mail says nothing."""

from datetime import datetime, timezone

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.dsn import may_be_report, parse

from .sources import CORPORA, HEAD, corpus, growth

OURS = "<order-7@example.com>"
REPORT = """\
From: MAILER-DAEMON@mx.example.com (Mail Delivery System)
To: office@example.com
Subject: {subject}
Date: Tue, 24 Nov 2026 10:00:00 +0000
Message-ID: <report-1@mx.example.com>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Something happened.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com
Arrival-Date: Tue, 24 Nov 2026 09:59:00 +0000

{blocks}

--b
Content-Type: {returned}

From: office@example.com
To: to@example.com
{message_id}
Subject: Order 7

--b--
"""
FAILED = """\
Final-Recipient: rfc822; To@Example.com
Original-Recipient: rfc822;to+2Btag@example.com
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.other.example
Diagnostic-Code: smtp; 550 5.1.1 <to@example.com>:
 no such user
Last-Attempt-Date: Tue, 24 Nov 2026 11:00:00 +0100"""


def report(
    *blocks,
    subject="Undelivered Mail Returned to Sender",
    returned="message/rfc822",
    message_id=f"Message-ID: {OURS}",
):
    return REPORT.format(
        blocks="\n\n".join(blocks or [FAILED]),
        subject=subject,
        returned=returned,
        message_id=message_id,
    ).encode()


def block(address, action, status, words=""):
    return f"Final-Recipient: rfc822;{address}\nAction: {action}\nStatus: {status}" + (
        f"\nDiagnostic-Code: smtp;{words}" if words else ""
    )


def test_failed():
    (event,) = parse(report())
    assert event.state == "bounced"
    assert event.message_id == OURS
    assert event.recipient == "to+tag@example.com"
    assert event.reason == "550 5.1.1 <to@example.com>: no such user"
    assert event.time == datetime(2026, 11, 24, 10, 0, tzinfo=timezone.utc)


def test_each_recipient():
    events = parse(
        report(
            block("a@example.com", "failed", "5.2.2", "552 full"),
            block("b@example.com", "delayed", "4.4.1"),
            block("c@example.com", "Delivered (to mailbox)", "2.0.0"),
            block("d@example.com", "relayed", "2.0.0"),
            block("e@example.com", "expanded", "2.0.0"),
            block("f@example.com", "", "5.0.0"),
        )
    )
    assert [(one.recipient[0], one.state) for one in events] == [
        ("a", "bounced"),
        ("b", "deferred"),
        ("c", "delivered"),
        ("d", "delivered"),
        ("e", "delivered"),
        ("f", "bounced"),
    ]
    assert events[0].reason == "5.2.2 552 full"
    assert len({one.event_id for one in events}) == 6


def test_the_same_report_has_the_same_events():
    assert parse(report()) == parse(report().replace(b"\n", b"\r\n"))
    assert parse(report()) == parse(report().replace(b"\n", b"\r"))


@pytest.mark.parametrize(
    "returned", ["message/rfc822", "text/rfc822-headers", "message/rfc822-headers"]
)
@pytest.mark.parametrize(
    "field", [f"Message-ID: {OURS}", f"message-id:\n  {OURS}", f"Message-Id:{OURS}"]
)
def test_message_id_of_what_came_back(returned, field):
    (event,) = parse(report(returned=returned, message_id=field))
    assert event.message_id == OURS


def test_no_message_id():
    (event,) = parse(report(message_id="X-Nothing: here"))
    assert event.message_id == ""


def test_identifier_that_the_report_answers_to():
    source = report(message_id="X-Nothing: here")
    source = source.replace(b"Auto-Sub", f"In-Reply-To: {OURS}\nAuto-Sub".encode())
    (event,) = parse(source)
    assert event.message_id == OURS


def test_exim():
    source = f"""\
From: Mail Delivery System <Mailer-Daemon@mx.example.com>
To: office@example.com
Subject: Mail delivery failed: returning message to sender
X-Failed-Recipients: to@example.com, b@example.com
Date: Tue, 24 Nov 2026 10:00:00 +0000

This message was created automatically by mail delivery software.

  to@example.com
    host mx.other.example [192.0.2.1]
    SMTP error from remote mail server after RCPT TO: 550 5.1.1 unknown

------ This is a copy of the message, including all the headers. ------

Message-ID: {OURS}
From: office@example.com
"""
    first, second = parse(source.encode())
    assert (first.recipient, second.recipient) == ("to@example.com", "b@example.com")
    assert first.state == "bounced" and first.message_id == OURS
    assert "550 5.1.1 unknown" in first.reason


def test_qmail_and_delay():
    body = "<to@example.com>:\nRemote host said: 452 4.2.2 full, will retry\n"
    source = f"""\
Return-Path: <>
From: MAILER-DAEMON@mx.example.com
To: office@example.com
Subject: Warning: message delayed 4 hours, failure notice

Hi. This is the qmail-send program at mx.example.com. Not an answer to be read.
{body}
--- Below this line is a copy of the message.

Message-ID: {OURS}
"""
    (event,) = parse(source.encode())
    assert (event.recipient, event.state) == ("to@example.com", "deferred")
    assert event.message_id == OURS


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\n\n",
        b"no header",
        HEAD + b"\r\nplease find 550 5.1.1 to@example.com\r\n",
        # a person who tells of a bounce, and one who forwards it
        HEAD.replace(b"Order", b"Undelivered mail") + b"\r\n550 5.1.1 to@example.com",
        HEAD
        + b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n--m\r\n'
        + b"Content-Type: message/rfc822\r\n\r\n"
        + report()
        + b"\r\n--m--\r\n",
        # an autoreply, a read receipt
        b"From: mailer-daemon@example.com\r\nSubject: Away\r\n\r\n550 5.1.1 a@b",
        report()
        .replace(b"message/delivery-status", b"message/disposition-notification")
        .replace(b"MAILER-DAEMON", b"ann")
        .replace(b"(Mail Delivery System)", b""),
    ],
)
def test_no_report(source):
    assert parse(source) == ()


@pytest.mark.parametrize(
    "odd",
    [
        block("", "failed", "5.0.0"),
        block("not an address", "failed", "5.0.0"),
        block("a@example.com", "dancing", "9.9.9"),
        "Final-Recipient: rfc822; \0\r\nAction: failed",
        "Action: failed\nStatus: 5.0.0",
    ],
)
def test_blocks_that_tell_nothing(odd):
    (event,) = parse(report(odd, FAILED))
    assert event.recipient == "to+tag@example.com"


def test_time_is_linear():
    assert growth(lambda source: parse(source), lambda n: report(*[FAILED] * n)) < 2.6
    for piece in ("a@", "Message-ID: <", "a.b@c.d", "\n-", "Status: 5.1.", "--b\n"):
        make = f"{piece}".__mul__
        source = report(subject="failure", message_id="X: y")
        assert (
            growth(
                lambda text, source=source: parse(source + text.encode()), make, 4_000
            )
            < 2.6
        )


@pytest.mark.parametrize(
    "header, expected",
    [
        (b"From: MAILER-DAEMON@mx.example.com\r\n", True),
        (b"Content-Type: Multipart/Report;\r\n boundary=b\r\n", True),
        (b"Return-Path: <>\nSubject: Returned\n", True),
        (b"From: anna@example.com\r\n", False),
        (b"From: anna@example.com\n" + b"X-Long: x\n" * 2_000, False),
    ],
)
def test_header_tells_what_may_be_a_report(header, expected):
    end = b"\r\n" if header.endswith(b"\r\n") else b"\n"
    assert may_be_report(header + end + b"Hello") is expected
    # what an answer quotes is no sign
    quoted = b"\r\n\r\n> multipart/report from MAILER-DAEMON\r\n"
    assert may_be_report(header.replace(b"\n", b"\r\n") + quoted) is expected


def test_every_report_that_is_read_may_be_one():
    sources = dict(corpus()).values()
    assert not [s[:2000] for s in sources if parse(s) and not may_be_report(s)]


def test_corpora():
    """At least nine in ten of the bounces that nobody here wrote are understood."""
    found = {name: parse(source) for name, source in corpus()}
    bounces = {
        name: events
        for name, events in found.items()
        if name.startswith("bounces/") and "/arf-" not in name and "rfc3834" not in name
    }
    for name, events in bounces.items():
        if "/not/" in name:
            assert events == ()
    if CORPORA.exists():
        known = sum(1 for events in bounces.values() if events)
        assert known / len(bounces) > 0.9
        named = sum(
            1 for events in bounces.values() if any(e.message_id for e in events)
        )
        assert named / known > 0.85
