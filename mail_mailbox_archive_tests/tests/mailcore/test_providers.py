"""Each provider under the contract; another one by one file."""

from email import message_from_bytes

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.addresses.address import parse_addresses
from odoo.addons.mail_mailbox_archive.mailcore.send import providers
from odoo.addons.mail_mailbox_archive.mailcore.send.providers import base
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.emaillabs import (
    EmailLabsProvider,
    EmailLabsSettings,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.sendgrid import (
    SendGridProvider,
    SendGridSettings,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.smtp import (
    SmtpProvider,
    SmtpSettings,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import web
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK
from odoo.addons.mail_mailbox_archive_tests.tests.servers.smtp import CUT, SmtpServer

from .outgoing_samples import outgoing
from .provider_contract import SECRET, HttpProviderContract, ProviderContract

pytestmark = pytest.mark.inside_odoo


class TestSmtp(ProviderContract):
    code = "smtp"

    @pytest.fixture
    def server(self):
        with SmtpServer(users={"ann": SECRET}) as running:
            yield running

    def provider(self, server, **values):
        values.setdefault("security", "none")
        return SmtpProvider(
            SmtpSettings(
                "localhost",
                server.port,
                login="ann",
                password=SECRET,
                connect=LOOPBACK.connect,
                timeout=10,
                **values,
            )
        )

    def fail(self, server, kind):
        command, reply = {
            "login": ("AUTH", f"535 5.7.8 {SECRET} is wrong"),
            "later": ("MAIL", "451 later"),
            "never": (".", "554 never"),
            "cut": (".", CUT),
        }[kind]
        server.replies[command] = [reply]

    def copies(self, server):
        for one in server.received:
            read = message_from_bytes(one.source)
            assert "bcc" not in read
            shown = f"{read.get('to', '')}, {read.get('cc', '')}"
            yield one.rcpt_to, [one.addr_spec for one in parse_addresses(shown)]


class TestSendGrid(HttpProviderContract):
    code = "sendgrid"
    start = staticmethod(web.sendgrid)
    error = staticmethod(web.sendgrid_error)

    def provider(self, server, **values):
        values = {"base_url": server.url, "timeout": 10, **values}
        return SendGridProvider(SendGridSettings(SECRET, **values))

    def fail(self, server, kind):
        answers = {
            "login": web.sendgrid_error(401, "The provided authorization is invalid"),
            "later": web.sendgrid_error(503, "busy"),
            "never": web.sendgrid_error(400, "no"),
            "cut": web.CUT,
        }
        server.answers.append(answers[kind])

    def copies(self, server):
        for request in server.requests:
            if request.path != "/v3/mail/send":
                continue
            for one in request.json["personalizations"]:
                to, cc, bcc = (
                    [who["email"] for who in one.get(kind, [])]
                    for kind in ("to", "cc", "bcc")
                )
                assert "bcc" not in {name.lower() for name in request.json["headers"]}
                yield to + cc + bcc, to + cc


class TestEmailLabs(HttpProviderContract):
    code = "emaillabs"
    start = staticmethod(web.emaillabs)
    error = staticmethod(web.emaillabs_error)

    def provider(self, server, **values):
        values = {"base_url": server.url, "timeout": 10, **values}
        values.setdefault("smtp_account", "1.office.smtp")
        return EmailLabsProvider(EmailLabsSettings("app", SECRET, **values))

    def fail(self, server, kind):
        answers = {
            "login": web.emaillabs_error(401, f"App Key is invalid ({SECRET})"),
            "later": web.emaillabs_error(500, "busy"),
            "never": web.emaillabs_error(400, "no"),
            "cut": web.CUT,
        }
        server.answers.append(answers[kind])

    def copies(self, server):
        for request in server.requests:
            if request.method != "POST":
                continue
            people = {"to": [], "cc": [], "bcc": []}
            for name, _value in request.form:
                kind, _, address = name.partition("[")
                if kind in people:
                    people[kind].append(address.partition("]")[0])
            for one in people["to"]:
                shown = [one, *people["cc"]]
                yield shown + people["bcc"], shown


def test_another_provider_is_one_file(monkeypatch):
    monkeypatch.setattr(base, "_registry", dict(base._registry))

    @providers.register
    class Pigeon(providers.Provider):
        code = "pigeon"
        label = "Pigeon"
        max_bytes = 100_000
        capabilities = providers.Capabilities(max_recipients=1)

        def _send(self, message):
            return providers.SendResult(
                base.same_for_all(message.recipients, "deferred", "rain")
            )

        def check(self):
            return "coo"

    assert providers.codes()[-1] == "pigeon"
    with providers.get("pigeon")() as sender:
        (one,) = sender.send(outgoing()).having("deferred")
    assert one.reason == "rain"
    with pytest.raises(ValueError):

        @providers.register
        class Crow(Pigeon):
            code = "pigeon"


def test_unknown_code():
    with pytest.raises(KeyError):
        providers.get("owl")
