"""The providers of the documentation, each one file, under the contract of them all."""

import hashlib
import hmac
import json
from datetime import datetime, timezone
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from odoo.addons.mail_mailbox_archive import mailcore
from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import parse_addresses
from odoo.addons.mail_mailbox_archive.mailcore.errors import SendDeferred, Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.send import providers
from odoo.addons.mail_mailbox_archive_tests.providers import (
    folder,
    mailgun_like,
    ses_like,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import web

from .outgoing_samples import outgoing
from .provider_contract import SECRET, ProviderContract

EXAMPLES = (folder, mailgun_like, ses_like)
NOW = datetime(2026, 5, 4, 10, tzinfo=timezone.utc)


def shown_in(source):
    """Return the addresses that a message shows."""
    read = message_from_bytes(source)
    assert "bcc" not in read
    shown = f"{read.get('to', '')}, {read.get('cc', '')}"
    return [one.addr_spec for one in parse_addresses(shown)]


class WebContract(ProviderContract):
    def fail(self, server, kind):
        answers = {
            "login": web.Answer(401, {"message": "Forbidden"}),
            "later": web.Answer(503, {"message": "busy"}),
            "never": web.Answer(400, {"message": "no"}),
            "cut": web.CUT,
        }
        server.answers.append(answers[kind])


class TestMailgunLike(WebContract):
    code = "mailgun_like"

    @pytest.fixture
    def server(self):
        def usual(request):
            if request.method == "GET":
                return web.Answer(200, {"domain": {"state": "active"}})
            return web.Answer(200, {"id": "<1@mg.example.com>", "message": "Queued."})

        with web.WebService(usual) as running:
            yield running

    def provider(self, server, **values):
        given = {"api_key": SECRET, "domain": "mg.example.com", "host": "x", **values}
        kind = mailgun_like.MailgunLikeProvider
        return kind(providers.Settings(given), server.url)

    def copies(self, server):
        for request in server.requests:
            if request.method == "POST":
                kind = request.headers["Content-Type"].encode()
                form = message_from_bytes(
                    b"Content-Type: " + kind + b"\r\n\r\n" + request.body,
                    policy=policy.HTTP,
                )
                parts = {"to": [], "message": []}
                for part in form.get_payload():
                    name = part.get_param("name", header="content-disposition")
                    parts[name].append(part.get_payload(decode=True))
                to = [address.decode() for address in parts["to"]]
                yield to, shown_in(parts["message"][0])


class TestSesLike(WebContract):
    code = "ses_like"

    @pytest.fixture
    def server(self):
        def usual(request):
            if request.method == "GET":
                return web.Answer(200, {"SendQuota": {"Max24HourSend": 200.0}})
            return web.Answer(200, {"MessageId": "010201"})

        with web.WebService(usual) as running:
            yield running

    def provider(self, server, **values):
        given = {"api_key": "AKIA", "secret": SECRET, "place": "eu-central-1"}
        kind = ses_like.SesLikeProvider
        return kind(providers.Settings({**given, **values}), server.url)

    def copies(self, server):
        for request in server.requests:
            assert SECRET not in str(request.headers)
            if request.method == "POST":
                raw = request.json["Content"]["Raw"]["Data"]
                source = ses_like.base64.b64decode(raw)
                yield request.json["Destination"]["ToAddresses"], shown_in(source)

    def test_signature_is_that_of_the_published_algorithm(self):
        made = self.provider(web.WebService(lambda request: web.Answer(200)))
        made._url = "https://email.eu-central-1.amazonaws.com"
        first = made._sign("GET", "/v2/email/account", b"", NOW)["Authorization"]
        other = made._sign("GET", "/v2/email/account", b"x", NOW)["Authorization"]
        assert first.startswith(
            "AWS4-HMAC-SHA256 Credential=AKIA/20260504/eu-central-1/ses/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature="
        )
        assert first != other


class TestFolder:
    def provider(self, path):
        return providers.get("folder").open(providers.Settings(folder=str(path)))

    def test_a_message_and_who_gets_it(self, tmp_path):
        with self.provider(tmp_path) as sender:
            result = sender.send(outgoing(("a@example.com", "b@example.com")))
            assert sender.check() == "1 emails are there"
        assert {one.status for one in result.recipients} == {"accepted"}
        (people,) = tmp_path.glob("*.json")
        assert json.loads(people.read_text()) == ["a@example.com", "b@example.com"]
        (source,) = tmp_path.glob("*.eml")
        assert message_from_bytes(source.read_bytes())["subject"]

    def test_a_folder_that_is_gone(self, tmp_path):
        with self.provider(tmp_path / "gone") as sender:
            for do in (sender.check, lambda: sender.send(outgoing())):
                with pytest.raises(SendDeferred):
                    do()


def mailgun_event(key="signing", stamp=None, **event):
    stamp = str(int(NOW.timestamp()) if stamp is None else stamp)
    proof = hmac.new(key.encode(), f"{stamp}token".encode(), hashlib.sha256)
    signature = {"timestamp": stamp, "token": "token", "signature": proof.hexdigest()}
    return json.dumps({"signature": signature, "event-data": event}).encode()


@pytest.mark.parametrize(
    ("raw", "genuine"),
    [
        (mailgun_event(), True),
        (mailgun_event(key="other"), False),
        (mailgun_event(stamp=1), False),
        (b"{}", False),
        (b"[]", False),
        (b"[" * 100_000, False),
    ],
)
def test_who_signed_an_event(raw, genuine):
    kind = providers.get("mailgun_like")
    values = providers.Settings(signing_key="signing")
    assert kind.verify_events(raw, {}, values, NOW) is genuine


def test_what_mailgun_tells():
    read = providers.get("mailgun_like").parse_events
    common = {
        "id": "e1",
        "recipient": "Ann@Example.com",
        "timestamp": NOW.timestamp(),
        "message": {"headers": {"message-id": "1@example.com"}},
        "delivery-status": {"message": "no such user"},
    }
    words = ("delivered", "failed", "opened")
    found = [read(mailgun_event(event=word, **common)) for word in words]
    (delivered,), (failed,), opened = found
    assert (delivered.state, failed.state, opened) == ("delivered", "deferred", ())
    assert delivered.message_id == "<1@example.com>"
    assert (delivered.recipient, delivered.time) == ("ann@example.com", NOW)
    gone = read(mailgun_event(event="failed", severity="permanent", **common))
    assert (gone[0].state, gone[0].reason) == ("bounced", "no such user")


def test_what_ses_tells():
    read = providers.get("ses_like").parse_events
    mail = {
        "messageId": "0102",
        "timestamp": "2026-05-04T10:00:00.000Z",
        "destination": ["a@example.com", "b@example.com"],
        "commonHeaders": {"messageId": "<1@example.com>"},
    }
    event = {"eventType": "Bounce", "mail": mail, "bounce": {"bounceType": "Permanent"}}
    found = read(json.dumps({"Message": json.dumps(event)}).encode())
    assert [one.recipient for one in found] == mail["destination"]
    assert {(one.state, one.reason) for one in found} == {("bounced", "Permanent")}
    assert {one.message_id for one in found} == {"<1@example.com>"}
    event["eventType"] = "Open"
    assert read(json.dumps({"Message": json.dumps(event)}).encode()) == ()


@pytest.mark.parametrize("code", ["mailgun_like", "ses_like", "folder"])
@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_event(code, raw):
    with pytest.raises(Unreadable):
        providers.get(code).parse_events(raw)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_one_short_file(example):
    lines = Path(example.__file__).read_text().splitlines()
    assert len(lines) < 130


def test_the_smallest_is_shown_in_the_documentation():
    page = Path(mailcore.__file__).parents[1] / "readme" / "DEVELOP.rst"
    lines = [line.removeprefix("    ") for line in page.read_text().splitlines()]
    code = Path(folder.__file__).read_text()
    assert code[code.index("@providers.register") :] in "\n".join(lines)


@pytest.mark.parametrize("code", providers.codes())
def test_each_setting_has_a_name_for_people(code):
    # what the account's form has a field for needs none
    own = {"api_key", "secret_key", "region", "smtp_account", "text_field"}
    own |= {"reply_to_field", "hook_public_key", "hook_key", "hook_panel"}
    settings = providers.get(code).settings
    assert len({one.name for one in settings}) == len(settings)
    assert all(one.label or one.name in own for one in settings)


def test_values_are_shown_to_nobody():
    assert SECRET not in repr(providers.Settings(api_key=SECRET))
