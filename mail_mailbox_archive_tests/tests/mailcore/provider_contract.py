"""What every provider does; each one runs this class against its own server."""

from __future__ import annotations

import logging

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    SendDeferred,
    SendError,
    SendLoginRefused,
    SendRefused,
    SendUnreachable,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.send import providers
from odoo.addons.mail_mailbox_archive.mailcore.send.outgoing import (
    OutgoingMessage,
    prepare,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers import web

from .outgoing_samples import message, outgoing

FIVE = tuple(f"to{number}@example.com" for number in range(5))
SECRET = "s3cret-key-of-the-contract"


class ProviderContract:
    """A subclass tells the code and how its server fails."""

    code: str

    @pytest.fixture
    def server(self):
        """The running server, ready to take messages."""
        raise NotImplementedError

    def provider(self, server, **values):
        """Return the provider with :data:`SECRET` as its secret."""
        raise NotImplementedError

    def fail(self, server, kind):
        """Have the next answer fail: ``login``, ``later``, ``never`` or ``cut``."""
        raise NotImplementedError

    def copies(self, server):
        """Return for each copy that left who got it, and who is shown in it."""
        raise NotImplementedError

    @pytest.fixture(autouse=True)
    def no_secret_is_logged(self, caplog):
        logging.getLogger("mail.log").setLevel(logging.ERROR)
        caplog.set_level(logging.DEBUG)
        yield
        assert SECRET not in caplog.text

    def test_registered(self):
        kind = providers.get(self.code)
        assert self.code in providers.codes()
        assert kind.code == self.code and kind.label and kind.max_bytes > 1_000_000

    def test_each_recipient_has_a_result(self, server):
        with self.provider(server) as sender:
            result = sender.send(outgoing(FIVE))
        assert [one.address for one in result.recipients] == list(FIVE)
        assert {one.status for one in result.recipients} == {"accepted"}
        assert result.provider_message_id

    def test_blind_copies_are_shown_to_nobody(self, server):
        everybody = (*FIVE[:3], "blind1@example.com", "blind2@example.com")
        made = message(FIVE[:2])
        made["Cc"] = FIVE[2]
        made["Bcc"] = "blind1@example.com"
        with self.provider(server) as sender:
            sender.send(prepare(made, "", everybody))
        copies = list(self.copies(server))
        assert {one for got, _shown in copies for one in got} == set(everybody)
        assert sum(len(got) for got, _shown in copies) == 5
        for _got, shown in copies:
            assert set(shown) == set(FIVE[:3])

    def test_only_blind_copies(self, server):
        blind = ("blind1@example.com", "blind2@example.com")
        made = message()
        del made["To"]
        with self.provider(server) as sender:
            sender.send(prepare(made, "", blind))
        copies = list(self.copies(server))
        assert {one for got, _shown in copies for one in got} == set(blind)
        for got, shown in copies:
            assert set(shown) <= set(got[:1]) and (not shown or len(got) == 1)

    def test_nothing_is_sent_to_nobody(self, server):
        empty = OutgoingMessage("", (), "<a@b>", outgoing().as_bytes())
        with self.provider(server) as sender, pytest.raises(SendRefused) as caught:
            sender.send(empty)
        assert caught.value.code == "recipients"
        assert not list(self.copies(server))

    def test_too_many_recipients(self, server):
        limit = providers.get(self.code).capabilities.max_recipients
        many = tuple(f"to{number}@example.com" for number in range(limit + 1))
        large = OutgoingMessage("", many, "<a@b>", outgoing().as_bytes())
        with self.provider(server) as sender, pytest.raises(Unsupported) as caught:
            sender.send(large)
        assert caught.value.code == "recipients"
        assert not list(self.copies(server))

    def test_too_large(self, server, monkeypatch):
        monkeypatch.setattr(providers.get(self.code), "max_bytes", 1000)
        with self.provider(server) as sender, pytest.raises(Unsupported) as caught:
            sender.send(outgoing(text="line\n" * 1000))
        assert caught.value.code == "size"
        assert not list(self.copies(server))

    @pytest.mark.parametrize(
        ("kind", "error"),
        [
            ("login", SendLoginRefused),
            ("later", SendDeferred),
            ("never", SendRefused),
            ("cut", SendDeferred),
        ],
    )
    def test_failures(self, server, kind, error):
        self.fail(server, kind)
        with self.provider(server) as sender:
            with pytest.raises(SendError) as caught:
                sender.send(outgoing())
            assert type(caught.value).mro().index(error) < 3
            assert caught.value.reason
            assert SECRET not in f"{caught.value!r} {caught.value.detail}"
            # and the next one goes
            result = sender.send(outgoing())
        assert [one.status for one in result.recipients] == ["accepted"]

    def test_check(self, server):
        with self.provider(server) as sender:
            assert sender.check()
        assert not list(self.copies(server))

    def test_check_with_a_wrong_secret(self, server):
        self.fail(server, "login")
        with self.provider(server) as sender, pytest.raises(SendLoginRefused):
            sender.check()

    def test_closed_twice_and_used_again(self, server):
        sender = self.provider(server)
        sender.close()
        sender.send(outgoing())
        sender.close()
        sender.close()
        sender.send(outgoing())
        sender.close()
        assert len(list(self.copies(server))) == 2

    def test_secret_is_not_shown(self, server):
        with self.provider(server) as sender:
            assert SECRET not in repr(sender) + repr(vars(sender).get("_settings"))


#: What any service over HTTP may answer: words, or an answer, and what it means.
ANSWERS = [
    ((401, "the key is invalid"), SendLoginRefused, "password"),
    ((403, "access forbidden"), SendLoginRefused, "login_disabled"),
    ((400, "Bad Request"), SendRefused, "refused"),
    ((413, "Payload too large"), Unsupported, "size"),
    ((429, "too many requests"), SendDeferred, "rate"),
    ((500, "oops"), SendDeferred, "deferred"),
    (web.Answer(302, b"", {"Location": "http://127.0.0.1:9/"}), SendRefused, "refused"),
    (web.CUT, SendDeferred, "uncertain"),
    (web.HALF, SendDeferred, "uncertain"),
]


class HttpProviderContract(ProviderContract):
    """A provider over HTTP; its server is one of ``servers.web``."""

    #: Starts the server, and makes an answer of a status and words.
    start = error = None

    @pytest.fixture
    def server(self):
        with self.start() as running:
            yield running

    @pytest.mark.parametrize(("answer", "error", "code"), ANSWERS)
    def test_answers(self, server, answer, error, code):
        made = self.error(*answer) if type(answer) is tuple else answer
        server.answers.append(made)
        with self.provider(server) as sender, pytest.raises(SendError) as caught:
            sender.send(outgoing())
        assert (type(caught.value), caught.value.code) == (error, code)
        assert len(server.requests) == 1

    @pytest.mark.slow
    def test_hang(self, server):
        server.answers.append(web.HANG)
        with self.provider(server, timeout=0.3) as sender:
            with pytest.raises(SendDeferred) as caught:
                sender.send(outgoing())
        assert caught.value.code == "uncertain"

    def test_closed_port(self):
        with self.start() as gone:
            pass
        with self.provider(gone) as sender, pytest.raises(SendUnreachable) as caught:
            sender.send(outgoing())
        assert caught.value.code == "refused"
