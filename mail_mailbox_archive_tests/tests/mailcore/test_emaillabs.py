"""EmailLabs: the form that is sent, a result for each recipient, the webhook."""

import base64
import hashlib
import json
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    MailCoreError,
    SendDeferred,
    SendRefused,
    Unreadable,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.emaillabs import (
    EmailLabsProvider,
    EmailLabsSettings,
    build,
    parse_events,
    verify_events,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import web

from .outgoing_samples import message, outgoing
from .test_outgoing import TABLE

SECRET = "s3cret-key"
ACCOUNT = "1.office.smtp"
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=timezone.utc)
STAMP = str(int(NOW.timestamp()))


@pytest.fixture
def server():
    with web.emaillabs() as running:
        yield running


def settings(**values):
    return EmailLabsSettings("app-key", SECRET, ACCOUNT, **values)


def provider(server, **values):
    return EmailLabsProvider(settings(base_url=f"{server.url}/api/", **values))


# What is asked


def test_a_plain_message(server):
    with provider(server) as sender:
        result = sender.send(outgoing())
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/api/new_sendmail")
    coded = base64.b64encode(f"app-key:{SECRET}".encode()).decode()
    assert request.headers["Authorization"] == f"Basic {coded}"
    assert request.form == [
        ("smtp_account", ACCOUNT),
        ("subject", "Order 7"),
        ("from", "office@example.com"),
        ("from_name", "Office"),
        ("to[to@example.com][message_id]", "order-7@example.com"),
        ("text", "Hello\n"),
        ("headers[Message-ID]", "<order-7@example.com>"),
        ("headers[X-TRACKING-OFF]", "1"),
    ]
    assert result.provider_message_id == "56fd0df1dd9e4b6e"
    assert result.recipients[0].provider_id == "id-to@example.com"


def test_all_that_a_message_can_have(server):
    made = message(("a@example.com", "b@example.com"), html="<p>ż</p>")
    made["Cc"] = "Jan <jan@example.com>"
    made["Reply-To"] = "office@example.com"
    made["References"] = "<a@b>"
    made.get_payload()[1].add_related(
        b"PNG", "image", "png", cid="<logo@x>", disposition="inline"
    )
    made.add_attachment(b"%PDF", "application", "pdf", filename="żółw.pdf")
    people = ["a@example.com", "b@example.com", "jan@example.com", "blind@example.com"]
    with provider(server) as sender:
        result = sender.send(prepare(made, "", people))
    assert [one.status for one in result.recipients] == ["accepted"] * 4
    asked = dict(server.requests[0].form)
    assert asked["multi_cc"] == "1" and asked["multi_bcc"] == "1"
    assert asked["cc[jan@example.com]"] == "Jan" and "cc[b@example.com]" in asked
    assert "bcc[blind@example.com]" in asked
    assert asked["html"].strip() == "<p>ż</p>"
    assert asked["reply_to"] == asked["headers[Reply-To]"] == "office@example.com"
    assert asked["headers[References]"] == "<a@b>"
    assert asked["files[0][inline]"] == "1" and asked["files[0][name]"] == "logo@x"
    assert asked["files[1][name]"] == "żółw.pdf"
    assert base64.b64decode(asked["files[1][content]"]) == b"%PDF"


def test_names_of_fields_are_settings():
    made = message()
    made["Reply-To"] = "office@example.com"
    other = settings(text_field="txt", reply_to_field="replay_to")
    asked = dict(build(prepare(made, "", ["to@example.com"]), other))
    assert asked["txt"] == "Hello\n" and asked["replay_to"] == "office@example.com"
    assert not {"text", "reply_to"} & asked.keys()


@pytest.mark.parametrize(
    "made", [row[1] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_hostile_messages(made):
    try:
        asked = build(prepare(made, "", ["to@example.com"]), settings())
    except Unsupported as error:
        # no subject, or one of more than 128 characters
        assert error.code == "header"
        return
    assert [name for name, _value in asked if name.startswith("to[")] == [
        "to[to@example.com][message_id]"
    ]
    for name, value in asked:
        assert name.isascii() and name.isprintable()
        if not name.startswith(("text", "files")):
            assert value.isprintable()
    assert not any(name.startswith(("cc", "bcc")) for name, _value in asked)


def test_too_long_for_it():
    with pytest.raises(Unsupported) as caught:
        build(outgoing(subject="x " * 100), settings())
    assert caught.value.code == "header"


# What is answered


def test_an_error_for_one_within_a_200():
    error = "h4sh@api.emaillabs.co > Address: bad@example.com is incorrect."
    blind = ("ok@example.com", "bad@example.com", "busy@example.com")
    made = message()
    del made["To"]
    said = {"bad@example.com": error, "busy@example.com": "Limit, try again later"}
    with web.emaillabs(said) as server, provider(server) as sender:
        result = sender.send(prepare(made, "", blind))
    assert [one.status for one in result.recipients] == [
        "accepted",
        "refused",
        "deferred",
    ]
    assert result.recipients[1].reason == error


def test_copies_share_the_fate_of_the_one_they_go_with():
    made = message(("to@example.com", "b@example.com"))
    said = {"to@example.com": "x > Address: to@example.com is incorrect."}
    with web.emaillabs(said) as server, provider(server) as sender:
        result = sender.send(prepare(made, "", ["to@example.com", "b@example.com"]))
    assert {one.status for one in result.recipients} == {"refused"}


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (web.emaillabs_error(400, "Field from: not verified"), SendRefused, "sender"),
        (
            web.Answer(200, {"code": 500, "status": "fail", "message": "oops"}),
            SendDeferred,
            "deferred",
        ),
        (web.Answer(200, {"status": "fail", "message": "no"}), SendRefused, "refused"),
        (web.Answer(200, b"<html>"), SendDeferred, "uncertain"),
        (web.Answer(200, b"[]"), SendDeferred, "uncertain"),
    ],
)
def test_answers(server, answer, error, code):
    server.answers.append(answer)
    with provider(server) as sender, pytest.raises(MailCoreError) as caught:
        sender.send(outgoing())
    assert (type(caught.value), caught.value.code) == (error, code)
    assert len(server.requests) == 1


def test_account_that_is_not_there(server):
    with provider(server) as sender:
        assert sender.check() == "Data found"
    other = EmailLabsSettings("app-key", SECRET, "2.gone.smtp", f"{server.url}/api")
    with EmailLabsProvider(other) as sender, pytest.raises(SendRefused) as caught:
        sender.check()
    assert caught.value.code == "sender"


@pytest.mark.parametrize("keys", [("", "b"), ("a", ""), ("a\r\nX: y", "b"), ("ż", "b")])
def test_keys(keys):
    with pytest.raises(BadArgument):
        EmailLabsProvider(EmailLabsSettings(*keys))


# What it tells later


def headers(stamp=STAMP, secret=SECRET, panel="office"):
    digest = hashlib.md5(f"{stamp}|ok|{panel}|{secret}".encode()).hexdigest()
    return {
        "X-EMAILLABS-EV": "1",
        "X-EMAILLABS-TS": stamp,
        "X-EMAILLABS-MT": "ok",
        "X-EMAILLABS-ID": digest,
    }


def test_verified():
    assert verify_events(b"", headers(), SECRET, NOW, "office")


@pytest.mark.parametrize(
    ("told", "secret", "now"),
    [
        ({}, SECRET, NOW),
        (headers(), "another", NOW),
        (headers(), "", NOW),
        (headers(secret=""), "", NOW),
        (headers(panel="other"), SECRET, NOW),
        (headers(), SECRET, NOW + timedelta(seconds=601)),
        (headers(), SECRET, NOW - timedelta(seconds=601)),
        ({**headers(), "X-EMAILLABS-MT": "hardbounce"}, SECRET, NOW),
        ({**headers(), "X-EMAILLABS-ID": "ż"}, SECRET, NOW),
        ({**headers(), "X-EMAILLABS-TS": "soon"}, SECRET, NOW),
    ],
)
def test_not_verified(told, secret, now):
    assert not verify_events(b"", told, secret, now, "office")


def body(events):
    return urlencode({"p": base64.b64encode(json.dumps(events).encode())}).encode()


def event(**values):
    usual = {
        "message_id": "order-7@example.com",
        "to": "To@Example.com",
        "status": "hardbounce",
        "reason": "550 no such user",
        "timestamp": STAMP,
    }
    return {**usual, **values}


def test_events():
    words = [
        "injected",
        "ok",
        "deferred",
        "softbounce",
        "hardbounce",
        "dropped",
        "open",
    ]
    found = parse_events(body([event(status=word) for word in words]))
    assert [one.state for one in found] == [
        "accepted",
        "delivered",
        "deferred",
        "deferred",
        "bounced",
        "bounced",
    ]
    assert found[4].message_id == "<order-7@example.com>"
    assert found[4].recipient == "to@example.com"
    assert found[4].reason == "550 no such user"
    assert found[4].time == NOW
    assert len({one.event_id for one in found}) == 6


def test_the_same_event_has_the_same_name():
    first, second = (parse_events(body(event()))[0] for _turn in range(2))
    assert first == second
    assert parse_events(body({"data": [event()]}))[0] == first


@pytest.mark.parametrize(
    "raw", [b"", b"p=", b"p=!!", b"q=e30=", b"\xff", b"p=e30" * 99]
)
def test_no_events(raw):
    try:
        assert parse_events(raw) == ()
    except Unreadable:
        pass


def test_events_of_nobody():
    odd = [1, None, {}, event(to=None), event(status=7), event(timestamp="soon")]
    assert len(parse_events(body(odd))) == 1
