"""Reports of delivery: per recipient, with our Message-ID; other mail says nothing."""

from datetime import datetime, timezone
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.send.dsn import may_be_report, parse

from .sources import CORPORA, HEAD, corpus, growth

pytestmark = pytest.mark.inside_odoo

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


def test_a_delay_is_no_bounce_whatever_its_status():
    delay = block("to@example.com", "delayed", "5.4.7", "554 retrying")
    (event,) = parse(report(delay))
    assert (event.state, event.reason) == ("deferred", "5.4.7 554 retrying")


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


#: What systems write above a report, in the languages of the countries around us and
#: some of those far away: the one that it failed, the one that it waits.
SUBJECTS = {
    "en": ("Undeliverable: Order 7", "Delivery delayed: Order 7"),
    "de": ("Unzustellbar: Bestellung 7", "Zustellung verzögert: Bestellung 7"),
    "pl": ("Nie można dostarczyć: Zamówienie 7", "Dostarczenie opóźnione: 7"),
    "fr": ("Non remis : Commande 7", "Remise retardée : Commande 7"),
    "es": ("No se pudo entregar: Pedido 7", "Entrega retrasada: Pedido 7"),
    "it": ("Mancato recapito: Ordine 7", "Recapito ritardato: Ordine 7"),
    "pt": ("Não foi possível entregar: Pedido 7", "Entrega atrasada: Pedido 7"),
    "nl": ("Onbestelbaar: Order 7", "Bezorging vertraagd: Order 7"),
    "sv": ("Kunde inte levereras: Order 7", "Leveransen är försenad: Order 7"),
    "da": ("Kunne ikke leveres: Ordre 7", "Leveringen er forsinket: Ordre 7"),
    "fi": ("Viestiä ei voitu toimittaa: 7", "Toimitus viivästyy: 7"),
    "cs": ("Nedoručitelné: Objednávka 7", "Doručení zpožděno: 7"),
    "hu": ("Kézbesíthetetlen: Rendelés 7", "A kézbesítés késik: 7"),
    "ro": ("Nelivrat: Comanda 7", "Livrare întârziată: 7"),
    "ru": ("Не удалось доставить: Заказ 7", "Задержка доставки: Заказ 7"),
    "uk": ("Не вдалося доставити: 7", "Затримка доставки: 7"),
    "tr": ("İletilemedi: Sipariş 7", "Teslimat gecikti: 7"),
    "el": ("Δεν ήταν δυνατή η παράδοση: 7", "Καθυστέρηση παράδοσης: 7"),
    "ja": ("配信不能: 注文 7", "配信遅延: 注文 7"),
    "zh": ("未送达: 订单 7", "邮件延迟: 订单 7"),
    "ko": ("배달되지 않음: 주문 7", "배달 지연: 주문 7"),
}
#: Words that nobody's list has: the form alone must tell.
NONSENSE = "Zzyzx qwertz: 7"
COPY = f"""\
Received: from erp.example.com by mx.example.com; Tue, 24 Nov 2026 09:59:00 +0000
Message-ID: {OURS}
From: office@example.com
To: to@example.com
Subject: Order 7

Words of ours
"""
REPLY = "<to@example.com>: 550 5.1.1 abc def"


def in_words(subject, *told, sender="MAILER-DAEMON@mx.example.com", more=""):
    """Return a report that no machine is meant to read."""
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"] = sender, "office@example.com"
    message["Subject"], message["Date"] = subject, "Tue, 24 Nov 2026 10:00:00 +0000"
    message["Message-ID"] = "<report-1@mx.example.com>"
    for line in filter(None, more.split("\n")):
        message.add_header(*line.split(": ", 1))
    texts = [one for one in told if isinstance(one, str)]
    message.set_content("Zzyzx qwertz asdf yxcv:\n\n" + "\n\n".join(texts) + "\n")
    for returned in (one for one in told if isinstance(one, bytes)):
        message.add_attachment(
            message_from_bytes(returned, policy=SMTP), filename="returned.eml"
        )
    return message.as_bytes()


#: Forms of a report that have nothing of any language in them.
FORMS = {
    "reply and returned": (REPLY, COPY.encode()),
    "reply and copy": (REPLY, COPY),
    "returned": ("to@example.com", COPY.encode()),
    "returned, nobody named": (COPY.encode(),),
    "copy": ("to@example.com qwertz qwertz qwertz qwertz qwertz qwertz qwertz", COPY),
    "copy, nobody named": ("qwertz " * 30, COPY),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("subject", [NONSENSE, *(s for s, _d in SUBJECTS.values())])
@pytest.mark.parametrize(
    "sender", ["MAILER-DAEMON@mx.example.com", "Zzyzx <postmaster@example.com>", "<>"]
)
def test_told_by_its_form(form, subject, sender):
    (event,) = parse(in_words(subject, *FORMS[form], sender=sender))
    assert (event.recipient, event.state) == ("to@example.com", "bounced")
    assert event.message_id == OURS


@pytest.mark.parametrize("language", SUBJECTS)
@pytest.mark.parametrize("sender", ["MAILER-DAEMON@mx.example.com", "x@y.example"])
def test_told_by_words_where_there_is_no_form(language, sender):
    more = f"Return-Path: <>\nIn-Reply-To: {OURS}"
    failed, delayed = SUBJECTS[language]
    for subject, state in ((failed, "bounced"), (delayed, "deferred")):
        source = in_words(subject, "to@example.com", sender=sender, more=more)
        (event,) = parse(source)
        assert (event.recipient, event.state) == ("to@example.com", state)
        assert event.message_id == OURS


#: What is no report, though it comes from where reports come from.
OTHERS = {
    "automatic answer": (
        "Away until Monday",
        ("I am away.", COPY),
        {"sender": "to@example.com", "more": "Return-Path: <>"},
    ),
    "automatic answer that names a number": (
        "Abwesend",
        ("In room 550 nobody is, ask 1.2.3 to@example.com",),
        {"sender": "to@example.com", "more": "Return-Path: <>"},
    ),
    "automatic answer in words of failures": (
        "Could not be reached, returned on Monday",
        ("I am away.", COPY),
        {"sender": "to@example.com", "more": "Return-Path: <>"},
    ),
    "person who is postmaster": (
        "Re: Order 7",
        ("Thank you, it works.", COPY),
        {"sender": "Jan <postmaster@example.com>"},
    ),
    "greeting of a postmaster": (
        "Maintenance on Sunday",
        ("The server to@example.com rests.",),
        {"sender": "postmaster@example.com"},
    ),
    "message that arrived": (
        "Successfully delivered: Order 7",
        ("to@example.com", COPY),
        {},
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_no_report_though_it_looks_like_one(name):
    subject, told, options = OTHERS[name]
    assert parse(in_words(subject, *told, **options)) == ()


@pytest.mark.parametrize("kind", ["disposition-notification", "feedback-report"])
def test_reports_about_something_else(kind):
    source = in_words(NONSENSE, REPLY, COPY.encode())
    source = source.replace(
        b"multipart/mixed;", f"multipart/report; report-type={kind};".encode()
    )
    assert parse(source) == ()


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
        # what stands beside them there is one that its collectors' reader misreads
        if "/not/is-not-bounce" in name:
            assert events == ()
    if CORPORA.exists():
        known = sum(1 for events in bounces.values() if events)
        assert known / len(bounces) > 0.9
        named = sum(
            1 for events in bounces.values() if any(e.message_id for e in events)
        )
        assert named / known > 0.85
