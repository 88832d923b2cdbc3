"""Sending by SMTP: a result for each recipient, a clear word for each failure."""

import logging
import socket

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import NetGuard
from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    LoginRefused,
    MailCoreError,
    SendDeferred,
    SendLoginRefused,
    SendRefused,
    SendUnreachable,
    Unreachable,
    Unsupported,
)
from odoo.addons.mail_mailbox_archive.mailcore.send.providers.smtp import (
    SmtpProvider,
    SmtpSettings,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    Scripted,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.smtp import (
    CUT,
    HANG,
    PASSWORD,
    TOKEN,
    SmtpServer,
)

from .outgoing_samples import outgoing

pytestmark = pytest.mark.usefixtures("trusted")

LOGIN = "ann@example.com"
FIVE = [f"to{number}@example.com" for number in range(5)]


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog):
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text and TOKEN not in caplog.text


def provider(server, **values):
    values = {"security": "none", "connect": LOOPBACK.connect, "timeout": 10} | values
    return SmtpProvider(
        SmtpSettings(values.pop("host", "localhost"), server.port, **values)
    )


def failure(server, message=None, **values):
    """Return class and code of the error of sending; it holds no secret."""
    with provider(server, **values) as sender, pytest.raises(MailCoreError) as caught:
        sender.send(message or outgoing())
    error = caught.value
    assert PASSWORD not in f"{error!r} {error.detail}"
    assert TOKEN not in f"{error!r} {error.detail}"
    return type(error), error.code


def statuses(result):
    return [one.status for one in result.recipients]


# One message


def test_what_is_sent_is_what_arrives():
    message = outgoing(to=FIVE, text=".\n..\n.dot\nend")
    with SmtpServer() as server, provider(server) as sender:
        result = sender.send(message)
    (received,) = server.received
    assert received.source == message.as_bytes()
    assert received.mail_from == "bounce@example.com"
    assert list(received.rcpt_to) == FIVE
    assert statuses(result) == ["accepted"] * 5
    assert [one.address for one in result.recipients] == FIVE
    assert result.provider_message_id == "000001"


def test_null_return_path():
    with SmtpServer() as server, provider(server) as sender:
        sender.send(outgoing(envelope_from=""))
    assert server.received[0].mail_from == ""
    assert any(command.startswith("MAIL FROM:<>") for command in server.commands)


def test_one_connection_for_many_messages():
    with SmtpServer() as server:
        with provider(server) as sender:
            for _number in range(5):
                sender.send(outgoing())
        assert server.connections == 1
        assert len(server.received) == 5
        assert server.commands[-1] == "QUIT"


def test_a_line_that_died_meanwhile_is_opened_anew():
    with SmtpServer() as server, provider(server) as sender:
        sender.send(outgoing())
        sender._line.sock.shutdown(socket.SHUT_RDWR)
        sender.send(outgoing())
    assert len(server.received) == 2
    assert server.connections == 2


# Each recipient


def test_one_bad_of_five():
    replies = {"RCPT to2@example.com": "550 5.1.1 no such user"}
    with SmtpServer(replies=replies) as server, provider(server) as sender:
        result = sender.send(outgoing(to=FIVE))
    assert statuses(result) == ["accepted"] * 2 + ["refused"] + ["accepted"] * 2
    assert result.recipients[2].reason == "550 5.1.1 no such user"
    assert [list(one.rcpt_to) for one in server.received] == [
        [one for one in FIVE if one != "to2@example.com"]
    ]


def test_deferred_and_refused_beside_accepted():
    replies = {
        "RCPT to0@example.com": "450 4.2.1 try again in 20 minutes",
        "RCPT to1@example.com": "552 5.2.2 mailbox full",
        "RCPT to2@example.com": "553 5.1.3 bad address",
    }
    with SmtpServer(replies=replies) as server, provider(server) as sender:
        result = sender.send(outgoing(to=FIVE))
    assert statuses(result) == ["deferred", "deferred", "refused"] + ["accepted"] * 2
    assert result.retry_after == 1200


def test_all_refused_sends_nothing():
    with SmtpServer(replies={"RCPT": "550 no"}) as server, provider(server) as sender:
        assert statuses(sender.send(outgoing(to=FIVE))) == ["refused"] * 5
        server.replies.clear()
        assert statuses(sender.send(outgoing())) == ["accepted"]
        assert server.connections == 1
    assert "RSET" in server.commands
    assert len(server.received) == 1


def test_refused_after_data_keeps_what_was_said_before():
    replies = {"RCPT to0@example.com": "550 no", ".": "451 4.3.0 later"}
    with SmtpServer(replies=replies) as server, provider(server) as sender:
        result = sender.send(outgoing(to=FIVE))
    assert statuses(result) == ["refused"] + ["deferred"] * 4
    assert result.recipients[1].reason == "451 4.3.0 later"


# The whole message


@pytest.mark.parametrize(
    ("command", "reply", "expected"),
    [
        ("MAIL", "550 5.7.1 sender not allowed", (SendRefused, "sender")),
        ("MAIL", "451 4.7.1 greylisted", (SendDeferred, "deferred")),
        ("MAIL", "452 4.5.3 too many messages", (SendDeferred, "rate")),
        ("MAIL", "552 5.3.4 too big", (Unsupported, "size")),
        ("MAIL", "530 5.7.0 log in first", (SendLoginRefused, "password")),
        ("MAIL", "421 4.3.2 shutting down", (SendUnreachable, "throttled")),
        ("RCPT", "421 4.7.0 too many errors", (SendUnreachable, "throttled")),
        ("DATA", "554 5.7.1 relay access denied", (SendRefused, "relay")),
        ("DATA", "451 no", (SendDeferred, "deferred")),
        (".", "554 5.6.0 spam", (SendRefused, "refused")),
        (".", "552 5.3.4 too big", (Unsupported, "size")),
        (".", "450 try again in 90 seconds", (SendDeferred, "deferred")),
        (".", "421 4.3.2 closing", (SendUnreachable, "throttled")),
        ("EHLO", "421 4.7.0 too many connections", (SendUnreachable, "throttled")),
        ("MAIL", CUT, (SendUnreachable, "closed")),
        ("RCPT", CUT, (SendUnreachable, "closed")),
        ("DATA", CUT, (SendUnreachable, "closed")),
        (".", CUT, (SendDeferred, "uncertain")),
    ],
)
def test_failure_of_the_whole_message(command, reply, expected):
    with SmtpServer(replies={command: reply}) as server:
        assert failure(server) == expected
        assert not server.received


@pytest.mark.slow
@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("EHLO", (SendUnreachable, "timeout")),
        ("MAIL", (SendUnreachable, "timeout")),
        (".", (SendDeferred, "uncertain")),
    ],
)
def test_server_hangs(command, expected):
    with SmtpServer(replies={command: HANG}) as server:
        assert failure(server, timeout=0.3) == expected


def test_retry_after():
    with SmtpServer(replies={"MAIL": "450 come again in 2 hours"}) as server:
        with provider(server) as sender, pytest.raises(SendDeferred) as caught:
            sender.send(outgoing())
    assert caught.value.retry_after == 7200
    assert caught.value.reason == "450 come again in 2 hours"


def test_too_large_is_not_sent():
    with SmtpServer(size=10_000) as server:
        assert failure(server, outgoing(text="long line\n" * 2000)) == (
            Unsupported,
            "size",
        )
        assert not any(one.startswith("MAIL") for one in server.commands)


def test_next_message_after_a_failure():
    replies = {"MAIL": ["451 later", ""], ".": [CUT, "550 no", ""]}
    with SmtpServer(replies=replies) as server, provider(server) as sender:
        for code in ("deferred", "uncertain", "refused"):
            with pytest.raises(MailCoreError) as caught:
                sender.send(outgoing())
            assert caught.value.code == code
        sender.send(outgoing())
    assert len(server.received) == 1
    assert server.connections == 2


@pytest.mark.parametrize("end", [CUT, "421 4.7.0 too many messages on this line"])
def test_server_that_counts_messages(end):
    with SmtpServer(replies={"MAIL": ["", end, "", end]}) as server:
        with provider(server) as sender:
            for _number in range(3):
                sender.send(outgoing())
    assert len(server.received) == 3
    assert server.connections == 3


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("451 4.3.0 later", (SendDeferred, "deferred")),
        ("421 4.3.2 shutting down", (SendUnreachable, "throttled")),
        ("554 5.7.1 no", (SendRefused, "refused")),
        # of an answer that is not whole nobody knows how it ends
        ("451-4.3.0 later", (SendDeferred, "uncertain")),
        ("250-2.0.0 ok", (SendDeferred, "uncertain")),
        ("", (SendDeferred, "uncertain")),
        ("250 2.0.0 ok", None),
    ],
)
def test_last_word_before_the_line_is_closed(last, expected):
    def script(line):
        line.send("220 ready")
        for answer in ("250 hello", "250 ok", "250 ok", "354 go"):
            line.read()
            line.send(answer)
        while line.read() != ".":
            pass
        if last:
            line.send(last)
        line.cut()

    with Scripted(script) as server:
        if expected:
            assert failure(server) == expected
        else:
            with provider(server) as sender:
                assert statuses(sender.send(outgoing())) == ["accepted"]


def test_garbage_after_the_message():
    with SmtpServer(replies={".": "what?"}) as server:
        assert failure(server) == (SendDeferred, "uncertain")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (LoginRefused("expired"), (SendLoginRefused, "expired")),
        (Unreachable("timeout"), (SendUnreachable, "timeout")),
    ],
)
def test_no_token_to_be_had(error, expected):
    def no_token():
        raise error

    with SmtpServer(users={LOGIN: TOKEN}) as server:
        assert failure(server, login=LOGIN, oauth_token=no_token) == expected


# The login


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"])
def test_login(authority, security, mechanism):
    by_token = mechanism.endswith(("2", "BEARER"))
    secret = TOKEN if by_token else PASSWORD
    proof = {"oauth_token": lambda: TOKEN} if by_token else {"password": PASSWORD}
    with SmtpServer(
        security, authority.good(), users={LOGIN: secret}, mechanisms=[mechanism]
    ) as server:
        with provider(server, security=security, login=LOGIN, **proof) as sender:
            assert "ready" in sender.check()
            sender.send(outgoing())
        assert f"AUTH {mechanism}" in server.commands
        assert len(server.received) == 1


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER"])
def test_wrong_login(authority, mechanism):
    by_token = mechanism.endswith(("2", "BEARER"))
    proof = {"oauth_token": lambda: TOKEN} if by_token else {"password": PASSWORD}
    with SmtpServer(
        "ssl", authority.good(), users={LOGIN: "another"}, mechanisms=[mechanism]
    ) as server:
        expected = (SendLoginRefused, "password")
        assert failure(server, security="ssl", login=LOGIN, **proof) == expected
        assert not server.received


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (f"535 5.7.8 {PASSWORD} is wrong", (SendLoginRefused, "password")),
        (
            "535 5.7.139 SmtpClientAuthentication off",
            (SendLoginRefused, "login_disabled"),
        ),
        ("534 5.7.9 stronger needed", (SendLoginRefused, "login_disabled")),
        ("432 password expired", (SendLoginRefused, "expired")),
        ("454 4.7.0 temporary", (SendDeferred, "deferred")),
        ("538 encryption needed", (SendUnreachable, "needs_tls")),
        ("421 bye", (SendUnreachable, "throttled")),
        (CUT, (SendUnreachable, "closed")),
    ],
)
def test_login_answers(reply, expected):
    with SmtpServer(replies={"AUTH": reply}, users={LOGIN: PASSWORD}) as server:
        assert failure(server, login=LOGIN, password=PASSWORD) == expected


def test_no_mechanism_of_ours(authority):
    with SmtpServer("ssl", authority.good(), mechanisms=()) as server:
        assert failure(server, security="ssl", login=LOGIN, password=PASSWORD) == (
            SendLoginRefused,
            "login_disabled",
        )


def test_relay_refused_without_login(authority):
    with SmtpServer("starttls", authority.good(), users={LOGIN: PASSWORD}) as server:
        assert failure(server, security="starttls") == (SendLoginRefused, "password")


# No secret on a line that is not the server's


@pytest.mark.parametrize("security", ["ssl", "starttls"])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("expired", "certificate_expired"),
        ("wrong_host", "certificate_host"),
        ("self_signed", "certificate_self_signed"),
        ("of_a_stranger", "certificate"),
    ],
)
def test_bad_certificate(authority, security, kind, code):
    certificate = getattr(authority, kind)()
    with SmtpServer(security, certificate, users={LOGIN: PASSWORD}) as server:
        settings = {"security": security, "login": LOGIN, "password": PASSWORD}
        assert failure(server, **settings) == (SendUnreachable, code)
        assert b"AUTH" not in server.wire


def test_certificate_not_verified_on_request(authority):
    with SmtpServer("ssl", authority.self_signed()) as server:
        with provider(server, security="ssl", verify_certificate=False) as sender:
            sender.send(outgoing())
    assert len(server.received) == 1


def test_no_starttls_no_login():
    with SmtpServer(users={LOGIN: PASSWORD}) as server:
        settings = {"security": "starttls", "login": LOGIN, "password": PASSWORD}
        assert failure(server, **settings) == (SendUnreachable, "starttls_missing")
        assert b"AUTH" not in server.wire


def test_text_in_clear_behind_starttls(authority):
    def script(line):
        line.send("220 ready")
        line.read()
        line.send("250-here", "250 STARTTLS")
        line.read()
        line.send("220 go", "250 AUTH PLAIN injected")
        line.start_tls(authority.good())
        line.wait()

    with Scripted(script) as server:
        settings = {"security": "starttls", "login": LOGIN, "password": PASSWORD}
        assert failure(server, **settings) == (SendUnreachable, "protocol")
        assert b"AUTH" not in server.received


def test_login_in_clear_only_where_it_is_allowed():
    with SmtpServer() as server:
        settings = {"login": LOGIN, "password": PASSWORD, "connect": NetGuard().connect}
        expected = (SendUnreachable, "plain_refused")
        # 587 is a port that the guard lets pass
        server.port, port = 587, server.port
        assert failure(server, **settings) == expected
        server.port = port
        assert server.connections == 0


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [
        ("554 no service", (SendUnreachable, "protocol")),
        ("421 busy", (SendUnreachable, "throttled")),
        ("* OK IMAP4rev1", (SendUnreachable, "protocol")),
        ("220 " + "x" * 5000, (SendUnreachable, "protocol")),
        ("\r\n".join(["220-more"] * 300), (SendUnreachable, "protocol")),
    ],
)
def test_greeting(greeting, expected):
    def script(line):
        line.send(greeting)
        line.wait()

    with Scripted(script) as server:
        assert failure(server) == expected


def test_closed_port():
    with SmtpServer() as server:
        pass
    assert failure(server) == (SendUnreachable, "refused")


@pytest.mark.parametrize("text", ["x\r\nRCPT TO:<a@b>", "x\ny", "x\0y"])
@pytest.mark.parametrize("name", ["host", "login", "password"])
def test_settings_are_one_line(name, text):
    values = {"host": "localhost", "port": 25, name: text}
    with pytest.raises(BadArgument):
        SmtpProvider(SmtpSettings(**values))


def test_token_is_one_line():
    with SmtpServer(users={LOGIN: TOKEN}) as server:
        expected = (BadArgument, "control_character")
        token = f"{TOKEN}\r\nRSET"
        assert failure(server, login=LOGIN, oauth_token=lambda: token) == expected
        assert TOKEN.encode() not in server.wire


def test_settings_show_no_secret():
    settings = SmtpSettings("h", 25, password=PASSWORD, oauth_token=lambda: TOKEN)
    assert PASSWORD not in repr(settings) and TOKEN not in repr(settings)
