"""SendGrid: each request is one that its own description allows; each answer read."""

import base64
import json
from datetime import datetime, timedelta, timezone

import jsonschema
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    MailCoreError,
    SendDeferred,
    SendLoginRefused,
    SendRefused,
    Unreadable,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import prepare
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.sendgrid import (
    SendGridProvider,
    SendGridSettings,
    build,
    parse_events,
    verify_events,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import web

from .outgoing_samples import message, outgoing
from .sources import CORPORA
from .test_outgoing import TABLE

KEY = "SG.s3cret-key"
DESCRIPTION = CORPORA / "providers" / "sendgrid" / "tsg_mail_v3.json"
#: The vector that SendGrid publishes with its package: body, time, signature, key.
SIGNED = (
    b'[{"email":"hello@world.com","event":"dropped","reason":"Bounced Address",'
    b'"sg_event_id":"ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA",'
    b'"sg_message_id":"LRzXl_NHStOGhQ4kofSm_A.filterdrecv-p3mdw1-756b745b58-kmzbl-18'
    b'-5F5FC76C-9.0","smtp-id":"<LRzXl_NHStOGhQ4kofSm_A@ismtpd0039p1iad1.sendgrid.net>"'
    b',"timestamp":1600112492}]\r\n'
)
SIGNED_AT = "1600112502"
SIGNATURE = (
    "MEUCIGHQVtGj+Y3LkG9fLcxf3qfI10QysgDWmMOVmxG0u6ZUAiEAyBiXDWzM+uOe5W0JuG+luQAbPIqH"
    "h89M15TluLtEZtM="
)
PUBLIC_KEY = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE83T4O/n84iotIvIW4mdBgQ/7dAfSmpqIM8kF9mN1flpV"
    "KS3GRqe62gw+2fNNRaINXvVpiglSI8eNEc6wEA3F+g=="
)
THEN = datetime.fromtimestamp(int(SIGNED_AT), timezone.utc)


@pytest.fixture(scope="session")
def described():
    """SendGrid's description of a request, of which ``oneOf`` hangs on components."""
    if not DESCRIPTION.exists():
        # the shape as the description has it, for where it is not at hand
        who = {"type": "object", "required": ["email"]}
        people = {"type": "array", "items": who, "minItems": 1}
        copy = {"properties": dict.fromkeys(("to", "cc", "bcc"), people)}
        return jsonschema.Draft202012Validator(
            {
                "type": "object",
                "required": ["personalizations", "from"],
                "properties": {
                    "from": who,
                    "personalizations": {"items": {**copy, "required": ["to"]}},
                    "subject": {"type": "string", "minLength": 1},
                    "content": {"items": {"required": ["type", "value"]}},
                    "attachments": {"items": {"required": ["content", "filename"]}},
                },
            }
        )
    found = json.loads(DESCRIPTION.read_text())
    body = found["components"]["requestBodies"]["PostMailSend"]
    schema = body["content"]["application/json"]["schema"]
    return jsonschema.Draft202012Validator(
        {**_strict(schema), "components": _strict(found["components"])}
    )


def _strict(schema):
    """Return the schema with no property allowed that it does not name."""
    if isinstance(schema, list):
        return [_strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _strict(value) for name, value in schema.items()}
    if isinstance(made.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


@pytest.fixture
def server(described):
    with web.sendgrid() as running:
        yield running
    for request in running.requests:
        if request.path == "/v3/mail/send":
            described.validate(request.json)


def provider(server, **values):
    values = {"base_url": server.url, "timeout": 10} | values
    return SendGridProvider(SendGridSettings(KEY, **values))


def sent(server, made, to=("to@example.com",)):
    with provider(server) as sender:
        sender.send(prepare(made, "", to))
    return server.requests[-1].json


# What is asked


def test_a_plain_message(server):
    asked = sent(server, message())
    assert asked == {
        "from": {"email": "office@example.com", "name": "Office"},
        "subject": "Order 7",
        "personalizations": [
            {
                "to": [{"email": "to@example.com"}],
                "custom_args": {"mailbox_message_id": "<order-7@example.com>"},
            }
        ],
        "content": [{"type": "text/plain", "value": "Hello\n"}],
        "headers": {"Message-ID": "<order-7@example.com>"},
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
            "subscription_tracking": {"enable": False},
            "ganalytics": {"enable": False},
        },
    }
    (request,) = server.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_all_that_a_message_can_have(server):
    made = message(
        ("Ola <ola@żółw.example>", "b@example.com"), "Zażółć", "text", "<p>html</p>"
    )
    made["Cc"] = '"Nowak, Jan" <jan@example.com>'
    made["Bcc"] = "blind@example.com"
    made["Reply-To"] = "Office <office@example.com>"
    made["In-Reply-To"] = "<a@b>"
    made["References"] = "<a@b> <c@d>"
    made["Auto-Submitted"] = "auto-replied"
    made.get_payload()[1].add_related(
        b"\x89PNG", "image", "png", cid="<logo@x>", disposition="inline"
    )
    made.add_attachment(b"%PDF", "application", "pdf", filename="żółw.pdf")
    to = ["ola@żółw.example", "b@example.com", "jan@example.com", "blind@example.com"]
    asked = sent(server, made, to)
    (one,) = asked["personalizations"]
    assert one["to"] == [
        {"email": "ola@xn--w-uga1v8h.example", "name": "Ola"},
        {"email": "b@example.com"},
    ]
    assert one["cc"] == [{"email": "jan@example.com", "name": "Nowak, Jan"}]
    assert one["bcc"] == [{"email": "blind@example.com"}]
    assert [part["type"] for part in asked["content"]] == ["text/plain", "text/html"]
    assert asked["reply_to"] == {"email": "office@example.com", "name": "Office"}
    assert asked["headers"] == {
        "Message-ID": "<order-7@example.com>",
        "In-Reply-To": "<a@b>",
        "References": "<a@b> <c@d>",
        "Auto-Submitted": "auto-replied",
    }
    image, pdf = asked["attachments"]
    assert image["content_id"] == "logo@x" and image["disposition"] == "inline"
    assert pdf["filename"] == "żółw.pdf" and pdf["disposition"] == "attachment"
    assert base64.b64decode(pdf["content"]) == b"%PDF"


def test_a_message_inside(server):
    inner = message(text="old\n")
    made = message()
    made.add_attachment(inner, filename="old.eml")
    asked = sent(server, made)
    (part,) = asked["attachments"]
    assert (part["type"], part["filename"]) == ("message/rfc822", "old.eml")
    assert b"Subject: Order 7\r\n" in base64.b64decode(part["content"])


def test_several_reply_to_and_html_alone(server):
    made = message(html="<p>x</p>")
    made["Reply-To"] = "a@example.com, b@example.com"
    assert len(sent(server, made)["reply_to_list"]) == 2


@pytest.mark.parametrize(
    "made", [row[1] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_hostile_messages(made, described):
    try:
        asked = build(prepare(made, "", ["to@example.com"]))
    except Unsupported:
        # no subject
        return
    described.validate(asked)
    for name, value in asked["headers"].items():
        assert name in {"Message-ID", "References"} or name.startswith("X-")
        assert value.isprintable() and value.isascii()
    # To holds two in one row of the table; only one is in the envelope
    people = [one for group in asked["personalizations"] for one in group["to"]]
    assert [one["email"] for one in people] == ["to@example.com"]
    assert "\r" not in asked["subject"] and "\n" not in asked["subject"]


@pytest.mark.parametrize(
    ("name", "value"),
    [("X-SMTPAPI", '{"to": ["evil@evil.example"]}'), ("DKIM-Signature", "v=1")],
)
def test_fields_that_it_keeps_for_itself(name, value):
    made = message()
    made[name] = value
    with pytest.raises(Unsupported) as caught:
        build(prepare(made, "", ["to@example.com"]))
    assert caught.value.code == "header"


def test_what_it_cannot_express():
    made = message(subject="")
    with pytest.raises(Unsupported):
        build(prepare(made, "", ["to@example.com"]))
    made = message()
    made.add_attachment(b"", "application", "pdf", filename="empty.pdf")
    with pytest.raises(Unsupported):
        build(prepare(made, "", ["to@example.com"]))
    made = message()
    made.replace_header("Content-Type", "multipart/signed")
    made.set_payload([message(), message()])
    with pytest.raises(Unsupported):
        build(prepare(made, "", ["to@example.com"]))


# What is answered


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (
            web.sendgrid_error(
                403, "The from address does not match a verified Sender Identity."
            ),
            SendRefused,
            "sender",
        ),
        (web.sendgrid_error(401, "Maximum credits exceeded"), SendDeferred, "quota"),
        (web.Answer(503, b"<html>busy</html>"), SendDeferred, "deferred"),
    ],
)
def test_answers(server, answer, error, code):
    server.answers.append(answer)
    with provider(server) as sender, pytest.raises(MailCoreError) as caught:
        sender.send(outgoing())
    assert (type(caught.value), caught.value.code) == (error, code)
    assert KEY not in f"{caught.value!r}{caught.value.detail}"
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"Retry-After": "90"}, 90, 90),
        ({"X_RateLimit_Reset": "99999999999"}, 10**9, 10**11),
        ({"Retry_After": "Fri, 31 Dec 2099 23:59:59 GMT"}, 10**8, 10**10),
        ({"Retry_After": "soon"}, None, None),
    ],
)
def test_retry_after(server, headers, low, high):
    server.answers.append(web.sendgrid_error(429, "too many", **headers))
    with provider(server) as sender, pytest.raises(SendDeferred) as caught:
        sender.send(outgoing())
    asked = caught.value.retry_after
    assert asked is None if low is None else low <= asked <= high


def test_name_of_the_message(server):
    with provider(server) as sender:
        result = sender.send(outgoing())
    assert result.provider_message_id == "14c5d75ce93.dfd.64b469"
    assert result.recipients[0].provider_id == result.provider_message_id


def test_key_that_may_not_send(server):
    server.answers.append(web.Answer(200, {"scopes": ["stats.read"]}))
    with provider(server) as sender, pytest.raises(SendLoginRefused):
        sender.check()


@pytest.mark.parametrize(
    ("region", "host"),
    [("global", "https://api.sendgrid.com"), ("eu", "https://api.eu.sendgrid.com")],
)
def test_region(region, host):
    sender = SendGridProvider(SendGridSettings(KEY, region))
    assert sender._api.client.host == host


@pytest.mark.parametrize(
    "settings",
    [
        SendGridSettings(""),
        SendGridSettings("SG.x\r\nX-Evil: 1"),
        SendGridSettings("SG.ż"),
        SendGridSettings(KEY, "mars"),
    ],
)
def test_settings(settings):
    with pytest.raises(BadArgument) as caught:
        SendGridProvider(settings)
    assert "SG." not in f"{caught.value!r}"


# What it tells later


def verify(
    raw=SIGNED, signature=SIGNATURE, stamp=SIGNED_AT, key=PUBLIC_KEY, now=THEN, **more
):
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
    }
    return verify_events(raw, {**headers, **more}, key, now)


def test_published_vector():
    assert verify()
    assert verify(now=THEN + timedelta(minutes=10))


def test_each_flipped_byte():
    for place in range(len(SIGNED)):
        flipped = bytearray(SIGNED)
        flipped[place] ^= 1
        assert not verify(bytes(flipped))


@pytest.mark.parametrize(
    "values",
    [
        {"raw": SIGNED.rstrip()},
        {"raw": b""},
        {"stamp": "1600112503"},
        {"stamp": ""},
        {"stamp": "-1600112502"},
        {"stamp": "1600112502.0"},
        {"stamp": "\u0661" * 10},
        {"stamp": "9" * 400},
        {"signature": ""},
        {"signature": "not base64!"},
        {"signature": SIGNATURE[:-8]},
        {"key": ""},
        {"key": "AAAA"},
        {"key": PUBLIC_KEY[:-4]},
        {"now": THEN + timedelta(minutes=10, seconds=1)},
        {"now": THEN - timedelta(minutes=10, seconds=1)},
    ],
)
def test_not_verified(values):
    assert not verify(**values)


def test_key_of_another():
    private = ec.generate_private_key(ec.SECP256R1())
    signature = private.sign(SIGNED_AT.encode() + SIGNED, ec.ECDSA(hashes.SHA256()))
    coded = base64.b64encode(signature).decode()
    assert not verify(signature=coded)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert verify(signature=coded, key=base64.b64encode(public).decode())


def event(**values):
    usual = {
        "email": "To@Example.com",
        "event": "bounce",
        "sg_event_id": "e1",
        "timestamp": 1600112492,
        "mailbox_message_id": "<order-7@example.com>",
        "reason": "550 no such user",
        "status": "5.1.1",
    }
    return {**usual, **values}


def test_events():
    words = ["processed", "delivered", "deferred", "bounce", "dropped", "open", "click"]
    found = parse_events(json.dumps([event(event=word) for word in words]).encode())
    assert [one.state for one in found] == [
        "accepted",
        "delivered",
        "deferred",
        "bounced",
        "bounced",
    ]
    bounce = found[3]
    assert bounce.event_id == "e1"
    assert bounce.message_id == "<order-7@example.com>"
    assert bounce.recipient == "to@example.com"
    assert bounce.reason == "5.1.1 550 no such user"
    assert bounce.time == datetime(2020, 9, 14, 19, 41, 32, tzinfo=timezone.utc)


def test_published_event():
    (one,) = parse_events(SIGNED)
    assert (one.state, one.reason) == ("bounced", "Bounced Address")
    assert one.message_id.startswith("<LRzXl_NHStOGhQ4kofSm_A@")


def test_events_of_nobody():
    odd = [
        1,
        None,
        [],
        {},
        event(email=7),
        event(sg_event_id=None),
        event(event=["bounce"]),
        event(timestamp="soon"),
        event(timestamp=10**30),
        event(reason="x" * 9999 + "\r\n\0"),
    ]
    found = parse_events(json.dumps(odd).encode())
    assert len(found) == 3
    assert all(len(one.reason) <= 520 for one in found)


@pytest.mark.parametrize("raw", [b"", b"{}", b"null", b"\xff", b"[" * 100_000, b"1"])
def test_no_events(raw):
    with pytest.raises(Unreadable):
        parse_events(raw)
