"""Hostile messages on the wire: exactly the headers meant, one mail, no Bcc."""

import logging
import re
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import SendRefused
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.smtp import (
    SmtpProvider,
    SmtpSettings,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK
from odoo.addons.mail_mailbox_archive_tests.tests.servers.smtp import SmtpServer

from .outgoing_samples import message
from .sources import corpus

pytestmark = pytest.mark.inside_odoo

TO = ("to@example.com",)
#: The fields of the sample on the wire, in their order.
MEANT = (
    "Message-ID From To Subject Date MIME-Version Content-Type"
    " Content-Transfer-Encoding"
).split()
CRLF_WORD = "=?utf-8?B?SGkNCkJjYzogZXZpbEBldmlsLmV4YW1wbGUNClgtRXZpbDogMQ==?="
EVIL = "a\r\nBcc: evil@evil.example\r\n\r\nX"
SMUGGLED = (
    "MAIL FROM:<evil@evil.example>\r\nRCPT TO:<to@example.com>\r\nDATA\r\n"
    "Subject: smuggled\r\n\r\nx"
)


def raw(*fields, body=b"Hello\r\n", drop=()):
    """Return the sample as parsed from bytes with fields replaced or added."""
    kept = {
        "From": '"Office" <office@example.com>',
        "To": "to@example.com",
        "Subject": "Order 7",
        "Message-ID": "<order-7@example.com>",
        "Date": "Tue, 24 Nov 2026 10:00:00 +0000",
    }
    for name in (*drop, *(name for name, _value in fields)):
        kept.pop(name, None)
    made = Message()
    # past the library's own checks, as an old or a careless one would leave it
    made._headers = [*kept.items(), *fields]
    made.set_payload(body.decode("latin-1") if isinstance(body, bytes) else body)
    return made


def text(body):
    return raw(body=body)


def attached(filename):
    made = message()
    made.add_attachment(b"%PDF\r\n.\r\n", "application", "pdf", filename="a.pdf")
    part = made.get_payload()[1]
    part._headers = [
        (name, value)
        for name, value in part._headers
        if name.lower() != "content-disposition"
    ]
    part._headers.append(("Content-Disposition", f'attachment; filename="{filename}"'))
    return made


def one_line(value):
    return re.sub(r"\r\n[ \t]", " ", value)


# name, message, what one field is on the wire, or how many parts the body has
TABLE = [
    ("subject with CRLF", raw(("Subject", EVIL)), "Subject: aBcc: evil@evil.exampleX"),
    (
        "subject with an encoded CRLF",
        raw(("Subject", CRLF_WORD)),
        "Subject: Hi Bcc: evil@evil.example X-Evil: 1",
    ),
    ("subject with a lone CR", raw(("Subject", "a\rBcc: x@y")), "Subject: aBcc: x@y"),
    ("subject with a lone LF", raw(("Subject", "a\nBcc: x@y")), "Subject: aBcc: x@y"),
    ("subject with NUL", raw(("Subject", "a\0b\x1b[2Jc")), "Subject: ab[2Jc"),
    (
        "subject with a Unicode line break",
        raw(("Subject", "a\u2028Bcc: x@y\x85b")),
        "Subject: a Bcc: x@y b",
    ),
    ("subject twice", raw(("Subject", "one"), ("subject", "two")), "Subject: one"),
    ("empty subject", raw(("Subject", "")), None),
    ("subject of blanks", raw(("Subject", " \r\n \r\n ")), None),
    ("a long word", raw(("Subject", "x" * 3000)), "=?utf-8?B?"),
    ("a subject that folds", raw(("Subject", "word " * 400)), "Subject: word word"),
    (
        "name with CRLF",
        raw(("From", f'"{EVIL}" <office@example.com>')),
        'From: "aBcc: evil@evil.exampleX" <office@example.com>',
    ),
    (
        "name with an encoded CRLF",
        raw(("From", f"{CRLF_WORD} <office@example.com>")),
        'From: "Hi Bcc: evil@evil.example X-Evil: 1" <office@example.com>',
    ),
    (
        "name with a quote",
        raw(("To", '"a\\" <evil@evil.example>, \\"b" <to@example.com>')),
        'To: "a\\" <evil@evil.example>, \\"b" <to@example.com>',
    ),
    ("recipients in Bcc", raw(("Bcc", "secret@example.com")), None),
    ("Bcc in odd letters", raw(("bCC", "secret@example.com")), None),
    ("Resent-Bcc", raw(("Resent-Bcc", "secret@example.com")), None),
    ("Return-Path", raw(("Return-Path", "<evil@evil.example>")), None),
    (
        "To twice",
        raw(("To", "to@example.com"), ("to", "b@example.com")),
        "To: to@example.com, b@example.com",
    ),
    ("a group of nobody", raw(("Cc", "undisclosed-recipients:;")), None),
    (
        "a domain in Polish",
        raw(("To", "Ola <ola@żółw.example>")),
        "To: Ola <ola@xn--w-uga1v8h.example>",
    ),
    (
        "Message-ID with an injection",
        raw(("Message-ID", f"<{EVIL}> <order-7@example.com>")),
        "Message-ID: <order-7@example.com>",
    ),
    (
        "References with an injection",
        raw(("References", "<a@b>\r\nBcc: x@y\r\n <c@d> junk\0")),
        "References: <a@b> <c@d>",
    ),
    (
        "encoded References",
        raw(("In-Reply-To", CRLF_WORD)),
        None,
    ),
    (
        "References without end",
        raw(("References", " ".join(f"<{n}@example.com>" for n in range(500)))),
        "References: <0@example.com>",
    ),
    ("no date", raw(("Date", "yesterday\r\nBcc: x@y")), "Date: "),
    (
        "a field of ours",
        raw(("X-Odoo-Objects", "a\r\nBcc: x@y")),
        "X-Odoo-Objects: aBcc: x@y",
    ),
    ("a long field", raw(("X-Long", "y" * 5000)), "X-Long: =?utf-8?B?"),
    (
        "8-bit in a field",
        raw(("X-Name", "caf\udce9 \udcff")),
        "X-Name: =?utf-8?B?",
    ),
    ("lone dots", text(".\r\n..\r\n.\r\n"), 1),
    ("LF . LF", text("a\n.\n" + SMUGGLED), 1),
    ("CR . CR", text("a\r.\r" + SMUGGLED), 1),
    ("LF . CR LF", text("a\n.\r\n" + SMUGGLED), 1),
    ("CR LF . LF", text("a\r\n.\n" + SMUGGLED), 1),
    ("CR LF . CR", text("a\r\n.\r" + SMUGGLED), 1),
    ("CR LF . CR LF", text("a\r\n.\r\n" + SMUGGLED), 1),
    ("CR CR LF . CR CR LF", text("a\r\r\n.\r\r\n" + SMUGGLED), 1),
    ("NUL", text("a\0b\r\n\0.\r\n"), 1),
    ("a line without end", text("z" * 100_000), 1),
    ("8-bit without a charset", text(b"caf\xe9\n.\n"), 1),
    ("no line end", text("Hello"), 1),
    ("an empty body", text(""), 1),
    ("file name with CRLF", attached(EVIL), 2),
    ("file name with an encoded CRLF", attached(CRLF_WORD), 2),
    ("file name with a quote", attached('a\\"; x="y.pdf'), 2),
    ("a long file name", attached("ż" * 400 + ".pdf"), 2),
    ("a path for a file name", attached("../../etc/passwd\0.pdf"), 2),
]


@pytest.fixture(scope="module")
def server():
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    with SmtpServer() as running:
        yield running


def field_names(source):
    head = source.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0] for line in re.split(r"\r\n(?![ \t])", head)]


@pytest.mark.parametrize(
    ("made", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_on_the_wire(server, made, expected):
    outgoing = prepare(made, "bounce@example.com", TO)
    before = len(server.wire)
    settings = SmtpSettings("localhost", server.port, "none", connect=LOOPBACK.connect)
    server.received.clear()
    with SmtpProvider(settings) as sender:
        sender.send(outgoing)
    wire = server.wire[before:]
    # one mail, of the bytes that were checked
    (received,) = server.received
    assert (received.mail_from, received.rcpt_to) == ("bounce@example.com", TO)
    assert received.source == outgoing.as_bytes()
    # no bare CR or LF, no NUL, no line over 998, on the whole connection
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0|[^\r\n]{999}", wire)
    assert wire.count(b"\r\n.\r\n") == 1
    assert b"secret@example.com" not in wire
    source = received.source
    names = field_names(source)
    assert len({name.lower() for name in names}) == len(names)
    assert set(names) <= {
        *MEANT,
        "Cc",
        "References",
        "X-Odoo-Objects",
        "X-Long",
        "X-Name",
    }
    assert "bcc" not in {name.lower() for name in names}
    head = one_line(source.partition(b"\r\n\r\n")[0].decode("ascii"))
    if isinstance(expected, str):
        assert expected in head
    elif isinstance(expected, int):
        assert_parts(source, expected)


def assert_parts(source, count):
    read = message_from_bytes(source, policy=policy.default)
    leaves = [part for part in read.walk() if not part.is_multipart()]
    assert len(leaves) == count
    for part in leaves:
        assert {name.lower() for name in part.keys()} <= {
            *(name.lower() for name in MEANT),
            "content-disposition",
        }
        assert not re.search(r"[\r\n\0]", part.get_filename() or "")


def test_the_table_is_long_enough():
    assert len(TABLE) >= 40


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (raw(drop=["From"]), "header"),
        (raw(("From", "a@example.com, b@example.com")), "header"),
        (raw(("From", "a@example.com"), ("From", "b@example.com")), "header"),
        (raw(("From", "a@example.com"), ("FROM", "a@example.com")), "header"),
        (raw(("From", "office")), "address"),
        (raw(("From", "ofis\u0131@example.com")), "address"),
        (raw(("Cc", "a@b.example\r\nBcc: x@y.example")), "address"),
        (raw(("Reply-To", "<script>@example.com")), "address"),
        (raw(("X Y", "a")), "header"),
        (raw(("X-A:b\r\nBcc", "a")), "header"),
        (raw(("", "a")), "header"),
        (raw(*((f"X-{n}", "a") for n in range(400))), "header"),
        (raw(("To", ",".join(f"{n}@example.com" for n in range(1200)))), "recipients"),
    ],
)
def test_refused_before_sending(made, code):
    with pytest.raises(SendRefused) as caught:
        prepare(made, "bounce@example.com", TO)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "address",
    [
        "a@b.example\r\nDATA",
        "a@b.example> SIZE=1",
        "<a@b.example>",
        "a b@example.com",
        "a@b@c.example",
        "a@",
        "@b.example",
        "żółw@example.com",
        "a@exa\u2028mple.com",
        "a\0@example.com",
        "a" * 65 + "@example.com",
    ],
)
def test_envelope_addresses(address):
    with pytest.raises(SendRefused):
        prepare(message(), "bounce@example.com", [*TO, address])
    with pytest.raises(SendRefused):
        prepare(message(), address, TO)


def test_nobody_to_send_to():
    with pytest.raises(SendRefused) as caught:
        prepare(message(), "", [])
    assert caught.value.code == "recipients"


def test_each_recipient_once_in_ascii():
    recipients = ["A@Example.com", "a@example.com", "ola@żółw.example"]
    outgoing = prepare(message(), "", recipients)
    assert outgoing.recipients == ("A@Example.com", "ola@xn--w-uga1v8h.example")


def test_the_message_is_not_changed():
    made = message()
    made["Bcc"] = "secret@example.com"
    before = made.as_bytes()
    assert b"secret" not in prepare(made, "", TO).as_bytes()
    assert made.as_bytes() == before


def test_the_same_bytes_each_time():
    assert (
        prepare(message(), "", TO).as_bytes() == prepare(message(), "", TO).as_bytes()
    )


def test_content_survives():
    made = message(text="Zażółć\n.\nend\n", html="<p>Zażółć</p>")
    data = bytes(range(256)) * 9
    made.add_attachment(data, "application", "x-y", filename="Żółw \U0001f422.bin")
    read = message_from_bytes(prepare(made, "", TO).as_bytes(), policy=policy.default)
    plain = read.get_body(("plain",)).get_content()
    assert plain.replace("\r\n", "\n") == "Zażółć\n.\nend\n"
    assert read.get_body(("html",)).get_content().strip() == "<p>Zażółć</p>"
    (part,) = read.iter_attachments()
    assert part.get_filename() == "Żółw \U0001f422.bin"
    assert part.get_content() == data


def test_letters_of_the_names_survive():
    made = message(subject="Zażółć gęślą jaźń " * 20)
    del made["From"]
    made["From"] = '"Żółw, Jan {x}" <office@example.com>'
    read = message_from_bytes(prepare(made, "", TO).as_bytes(), policy=policy.default)
    assert read["subject"] == ("Zażółć gęślą jaźń " * 20).strip()
    assert read["from"].addresses[0].display_name == "Żółw, Jan {x}"


def test_a_message_inside_keeps_its_own_headers():
    inner = message_from_bytes(
        b"From: x@y.example\nBcc: kept@y.example\nSubject: caf\xe9\n\n"
        b"old\n.\nend \xe9\n"
    )
    made = message()
    made.add_attachment(inner, filename="old.eml")
    source = prepare(made, "", TO).as_bytes()
    read = message_from_bytes(source, policy=policy.default)
    (part,) = read.iter_attachments()
    assert part.get_content()["bcc"] == "kept@y.example"
    assert part.get_content()["subject"] == "café"
    assert b"old\r\n" in source and source.isascii()


def test_too_deep():
    made = EmailMessage()
    for _level in range(60):
        outer = EmailMessage()
        outer["Content-Type"] = "multipart/mixed"
        outer.set_payload([made])
        made = outer
    made["From"] = "a@example.com"
    with pytest.raises(SendRefused) as caught:
        prepare(made, "", TO)
    assert caught.value.code == "structure"


def test_every_message_of_the_corpora_is_written_or_refused():
    for name, source in corpus():
        made = message_from_bytes(source)
        del made["From"], made["To"], made["Cc"], made["Sender"], made["Reply-To"]
        made["From"] = "a@example.com"
        try:
            written = prepare(made, "", TO).as_bytes()
        except SendRefused:
            continue
        assert not re.search(rb"\r(?!\n)|(?<!\r)\n|\0|[^\r\n]{999}", written), name
