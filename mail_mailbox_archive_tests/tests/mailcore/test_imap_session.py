"""Servers that fail: each failure has its code, the server's words, and no secret."""

import base64
import logging
import socket
import ssl
import threading
import time

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    FolderGone,
    LoginRefused,
    MailCoreError,
    Unreachable,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.folder import Folder
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    OAuthToken,
    Password,
    Session,
    Timeouts,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import (
    LOOPBACK,
    PASSWORD,
    FakeFolder,
    FakeMessage,
    FakeServer,
    Scripted,
)

pytestmark = pytest.mark.usefixtures("trusted")

LOGIN = "ann@example.com"
PATIENT = Timeouts(connect=10, read=10)
QUICK = Timeouts(connect=0.15, read=0.15)
#: As servers take it for the end of a command and the start of the next.
INJECTIONS = [
    'x"\r\nX1 STORE 1:* +FLAGS (\\Deleted)',
    "x\r\nX1 LOGOUT",
    "x\ry",
    "x\ny",
    "x\0y",
]


@pytest.fixture(autouse=True)
def no_secret_is_logged(caplog):
    caplog.set_level(logging.DEBUG)
    yield
    assert PASSWORD not in caplog.text


def log_in(server, security="none", host=None, secret=None, **values):
    values.setdefault("guard", LOOPBACK)
    account = Account(host or server.host, server.port, security, LOGIN, **values)
    return Session.open(account, secret or Password(PASSWORD))


def fail(server, security="none", timeouts=PATIENT, **values):
    """Return the error of a login that fails; what was sent held no secret."""
    with pytest.raises(MailCoreError) as caught:
        log_in(server, security, timeouts=timeouts, **values)
    error = caught.value
    assert PASSWORD not in f"{error} {error!r} {error.detail}"
    if isinstance(error, Unreachable) and security != "none":
        assert b"LOGIN" not in server.received and b"AUTH" not in server.received
    return type(error), error.code


def greet(line, capabilities="IMAP4rev1"):
    line.send("* OK ready")
    line.answer_capability(capabilities)


# Reaching the server


def test_no_such_host():
    class Nowhere(FakeServer):
        host = "no-such-host.invalid"

    with Nowhere() as server:
        assert fail(server) == (Unreachable, "dns")


def test_closed_port():
    with FakeServer() as server:
        pass
    assert fail(server, "ssl") == (Unreachable, "refused")


@pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
@pytest.mark.slow
def test_silent_server(security):
    with Scripted(lambda line: line.wait()) as server:
        assert fail(server, security, QUICK) == (Unreachable, "timeout")


def test_tls_to_a_plain_port():
    with FakeServer() as server:
        assert fail(server, "ssl") == (Unreachable, "not_tls")


@pytest.mark.parametrize("security", ["starttls", "none"])
@pytest.mark.slow
def test_plain_to_a_tls_port(authority, security):
    timeouts = Timeouts(connect=0.3)
    with Scripted(lambda line: line.wait(), authority.good()) as server:
        assert fail(server, security, timeouts) == (Unreachable, "needs_tls")


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("expired", "certificate_expired"),
        ("self_signed", "certificate_self_signed"),
        ("wrong_host", "certificate_host"),
        ("of_a_stranger", "certificate"),
    ],
)
@pytest.mark.parametrize("security", ["ssl", "starttls"])
def test_certificate(authority, kind, code, security):
    certificate = getattr(authority, kind)()

    def starttls(line):
        greet(line, "IMAP4rev1 STARTTLS")
        tag, _ = line.command()
        line.send(f"{tag} OK go")
        line.start_tls(certificate)
        line.wait()

    implicit = security == "ssl"
    script = greet if implicit else starttls
    with Scripted(script, certificate if implicit else None) as server:
        assert fail(server, security) == (Unreachable, code)


@pytest.mark.parametrize("kind", ["expired", "self_signed", "wrong_host"])
def test_unverified_is_still_encrypted(authority, kind):
    def script(line):
        greet(line)
        tag, command = line.command()
        assert command == f'LOGIN "{LOGIN}" "{PASSWORD}"'
        line.send(f"{tag} OK [CAPABILITY IMAP4rev1 IDLE] in")

    with Scripted(script, getattr(authority, kind)()) as server:
        with log_in(server, "ssl", verify_certificate=False) as session:
            assert session.capabilities == {"IMAP4REV1", "IDLE"}


def test_verified(authority):
    with Scripted(lambda line: None, authority.good()) as server:
        assert fail(server, "ssl") == (Unreachable, "closed")


def test_too_old_tls(authority):
    with Scripted(greet, authority.good(), ssl.TLSVersion.TLSv1_1) as server:
        assert fail(server, "ssl") == (Unreachable, "tls_version")


# Greeting and STARTTLS


@pytest.mark.parametrize(
    ("greeting", "code"),
    [
        ("* BYE closed for today", "closed"),
        ("* BYE [UNAVAILABLE] Too many connections from you", "throttled"),
        ("* BYE Session throttled", "throttled"),
        ("HTTP/1.1 400 Bad Request", "protocol"),
        ("220 mail.example.com ESMTP", "protocol"),
        ("* OK {4294967296}", "protocol"),
        ("x" * 300_000, "protocol"),
        ("* PREAUTH welcome", "preauth"),
    ],
)
@pytest.mark.parametrize("security", ["ssl", "starttls", "none"])
def test_greeting(authority, greeting, code, security):
    def script(line):
        line.send(greeting)
        while tag := line.command()[0]:
            line.send("* CAPABILITY IMAP4rev1 STARTTLS", f"{tag} OK")

    certificate = authority.good() if security == "ssl" else None
    with Scripted(script, certificate) as server:
        assert fail(server, security) == (Unreachable, code)
        assert b"LOGIN" not in server.received


def test_words_of_the_server_are_kept():
    with Scripted(lambda line: line.send("* BYE closed \x1b[2J for today")) as server:
        with pytest.raises(Unreachable) as caught:
            log_in(server)
    assert caught.value.detail == "closed [2J for today"


def test_starttls_missing():
    with FakeServer() as server:
        assert fail(server, "starttls") == (Unreachable, "starttls_missing")


def test_starttls_refused():
    def script(line):
        greet(line, "IMAP4rev1 STARTTLS")
        tag, _ = line.command()
        line.send(f"{tag} NO not today")
        line.wait()

    with Scripted(script) as server:
        assert fail(server, "starttls") == (Unreachable, "protocol")


@pytest.mark.parametrize(
    "injected", ["* CAPABILITY IMAP4rev1 AUTH=PLAIN", "* OK [ALERT] x", "a OK in", "x"]
)
def test_starttls_injection(authority, injected):
    """What stands behind the OK, in clear, came from somebody else."""

    def script(line):
        greet(line, "IMAP4rev1 STARTTLS")
        tag, _ = line.command()
        line.send(f"{tag} OK go", injected)
        line.start_tls(authority.good())
        line.answer_capability("IMAP4rev1")
        line.wait()

    with Scripted(script) as server:
        assert fail(server, "starttls") == (Unreachable, "protocol")


def test_starttls(authority, caplog):
    def script(line):
        greet(line, "IMAP4rev1 STARTTLS LOGINDISABLED")
        tag, _ = line.command()
        line.send(f"{tag} OK go")
        line.start_tls(authority.good())
        while True:
            tag, command = line.command()
            if command != "CAPABILITY":
                break
            line.send("* CAPABILITY IMAP4rev1", f"{tag} OK")
        assert command.startswith("LOGIN")
        line.send("* CAPABILITY IMAP4rev1 CONDSTORE", f"{tag} OK in")

    with Scripted(script) as server, log_in(server, "starttls") as session:
        assert "CONDSTORE" in session.capabilities
    # imaplib writes what passes into the log unless it is told not to
    assert "CAPABILITY" not in caplog.text


# Login


def refusing(answer, capabilities="IMAP4rev1", lines=()):
    def script(line):
        greet(line, capabilities)
        while True:
            tag, command = line.command()
            if not tag:
                return
            line.send(*lines, answer.format(tag=tag, secret=PASSWORD))

    return script


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("{tag} NO [AUTHENTICATIONFAILED] no", LoginRefused, "password"),
        ("{tag} NO LOGIN failed.", LoginRefused, "password"),
        ("{tag} NO", LoginRefused, "password"),
        ("{tag} NO user ann password {secret} wrong", LoginRefused, "password"),
        ("{tag} NO [EXPIRED] change it", LoginRefused, "expired"),
        ("{tag} NO [AUTHORIZATIONFAILED] no", LoginRefused, "login_disabled"),
        ("{tag} NO [PRIVACYREQUIRED] not in clear", Unreachable, "needs_tls"),
        ("{tag} NO [UNAVAILABLE] later", Unreachable, "throttled"),
        ("{tag} NO [LIMIT] later", Unreachable, "throttled"),
        (
            "{tag} NO [ALERT] Too many simultaneous connections",
            Unreachable,
            "throttled",
        ),
        ("{tag} NO User is authenticated but not connected.", Unreachable, "throttled"),
        ("{tag} BAD what", LoginRefused, "password"),
        ("{tag} BAD [ALERT] what", LoginRefused, "password"),
        (
            "{tag} NO [AUTHENTICATIONFAILED] Invalid user name or password. "
            "Please try again.",
            LoginRefused,
            "password",
        ),
        (
            "{tag} NO [AUTHENTICATIONFAILED] Too many login failures, try again later",
            LoginRefused,
            "password",
        ),
        ("{tag} NO Invalid password. Please try again later", LoginRefused, "password"),
        ("{tag} NO Login failed, please try again", LoginRefused, "password"),
        ("{tag} NO Temporary authentication failure", Unreachable, "throttled"),
        ("{tag} NO Server busy, try again later", Unreachable, "throttled"),
        ("{tag} NO [SERVERBUG] invalid state", Unreachable, "throttled"),
        ("{tag} BAD internal server error", Unreachable, "throttled"),
        ("{tag} NO [CONTACTADMIN] blocked, throttled", LoginRefused, "login_disabled"),
        ("* BYE {secret}", Unreachable, "closed"),
        ("zzz OK", Unreachable, "protocol"),
        # QQ, Zoho, Yandex, Exchange, GMX, Mail.ru, 163, Domino, hMailServer
        (
            "{tag} NO Login fail. Account is abnormal, service is not open, password is"
            " incorrect, login frequency limited, or system is busy.",
            LoginRefused,
            "password",
        ),
        (
            "{tag} NO [ALERT] You are yet to enable IMAP for your account. (Failure)",
            LoginRefused,
            "password",
        ),
        (
            "{tag} NO [AUTHENTICATIONFAILED] LOGIN invalid credentials or IMAP is"
            " disabled sc=x",
            LoginRefused,
            "password",
        ),
        ("{tag} NO AUTHENTICATE failed.", LoginRefused, "password"),
        (
            "{tag} NO [AUTHORIZATIONFAILED] IMAP disabled",
            LoginRefused,
            "login_disabled",
        ),
        ("{tag} NO Server Unavailable. 15", Unreachable, "throttled"),
        ("{tag} NO [INUSE] mailbox in use", Unreachable, "throttled"),
        ("{tag} NO System busy!", Unreachable, "throttled"),
        ("{tag} NO [OVERQUOTA] quota", Unreachable, "throttled"),
        ("{tag} BAD [THROTTLED] later", Unreachable, "throttled"),
        ("{tag} NO LOGIN Login error password error", LoginRefused, "password"),
        (
            "{tag} NO Error: Authentication failed. Consult the administrator, server"
            " is busy",
            LoginRefused,
            "password",
        ),
        ("* BYE [UNAVAILABLE] Connection refused", Unreachable, "closed"),
        ("* BYE Too many connections from your IP", Unreachable, "throttled"),
    ],
)
def test_refused_login(answer, kind, code):
    with Scripted(refusing(answer)) as server:
        assert fail(server) == (kind, code)


@pytest.mark.parametrize("password", ["s3cret-word", 'quo"ted', "back\\slash", "żółw"])
def test_secret_that_the_server_repeats_is_left_out(password):
    def script(line):
        greet(line)
        tag, command = line.command()
        line.send(f"{tag} NO {'x' * 480} {command}".encode("latin-1"))
        line.wait()

    with Scripted(script) as server, pytest.raises(LoginRefused) as caught:
        log_in(server, secret=Password(password))
    assert password[:5] not in caught.value.detail


def test_plus_that_nothing_follows():
    hasty = Timeouts(connect=5, read=0.3)
    with Scripted(refusing("+ go on")) as server:
        assert fail(server, timeouts=hasty) == (Unreachable, "timeout")


def test_suggested_wait():
    words = "{tag} NO Suggested Backoff Time: 90500 milliseconds"
    with Scripted(refusing(words)) as server, pytest.raises(Unreachable) as caught:
        log_in(server)
    assert caught.value.retry_after == 90.5


def test_login_disabled():
    with FakeServer(capabilities="IMAP4rev1 LOGINDISABLED") as server:
        assert fail(server) == (LoginRefused, "login_disabled")
        assert not any("LOGIN" in command for command in server.commands)


def test_login_in_clear_disabled():
    with FakeServer(capabilities="IMAP4rev1 LOGINDISABLED STARTTLS") as server:
        assert fail(server) == (Unreachable, "needs_tls")


@pytest.mark.slow
def test_hang_and_cut_at_login():
    for script in (lambda line: (greet(line), line.wait()), greet):
        with Scripted(script) as server:
            assert fail(server, timeouts=QUICK)[1] in ("timeout", "closed")


@pytest.mark.parametrize(
    ("login", "password", "capabilities", "expected"),
    [
        ("a b", 'p"\\w', "IMAP4rev1", 'LOGIN "a b" "p\\"\\\\w"'),
        ("ann", "żółw", "IMAP4rev1", 'LOGIN "ann" "żółw"'),
        ("ann", "żółw", "IMAP4rev1 AUTH=PLAIN", "AUTHENTICATE PLAIN"),
        ("ann", "x", "IMAP4rev1 AUTH=PLAIN LOGINDISABLED", "AUTHENTICATE PLAIN"),
    ],
)
def test_ways_to_log_in(login, password, capabilities, expected):
    seen = []

    def script(line):
        greet(line, capabilities)
        tag, command = line.command()
        seen.append(command.encode("latin-1").decode())
        if command.startswith("AUTH"):
            line.send("+ ")
            seen.append(line.read())
        line.send(f"{tag} OK [CAPABILITY IMAP4rev1] in")

    with Scripted(script) as server:
        account = Account(server.host, server.port, "none", login, guard=LOOPBACK)
        Session.open(account, Password(password)).close()
    assert seen[0] == expected
    assert password not in repr(account) and password not in repr(Password(password))


@pytest.mark.parametrize(
    ("mechanism", "message", "last"),
    [
        ("XOAUTH2", f"user={LOGIN}\1auth=Bearer {PASSWORD}\1\1", ""),
        (
            "OAUTHBEARER",
            f"n,a={LOGIN},\1host=localhost\1port=%s\1auth=Bearer {PASSWORD}\1\1",
            "AQ==",
        ),
    ],
)
def test_oauth_refused(mechanism, message, last):
    def script(line):
        greet(line, f"IMAP4rev1 AUTH={mechanism}")
        tag, command = line.command()
        assert command == f"AUTHENTICATE {mechanism}"
        line.send("+ ")
        sent = base64.b64decode(line.read()).decode()
        assert sent == message.replace("%s", str(server.port))
        line.send("+ eyJzdGF0dXMiOiI0MDAifQ==")
        assert line.read() == last
        line.send(f"{tag} NO [AUTHENTICATIONFAILED] Invalid credentials")
        line.wait()

    with Scripted(script) as server:
        secret = OAuthToken(PASSWORD)
        assert fail(server, secret=secret) == (LoginRefused, "token")


def test_capabilities_are_asked_for_when_not_told():
    with FakeServer(capabilities="IMAP4rev1 IDLE") as server:
        server.quirks["LOGIN"] = lambda server, line, tag, _: line.send(f"{tag} OK")
        with log_in(server) as session:
            assert "IDLE" in session.capabilities


# Arguments


def calls(session, text):
    folder = Folder(text, text)
    yield lambda: session.examine(text)
    yield lambda: session.fetch_statuses([folder])
    yield lambda: session.search(((text, text),))
    yield lambda: session.fetch_sizes(((text, text),))
    yield lambda: session.fetch_flags(text, text, text)


@pytest.mark.parametrize("text", INJECTIONS)
def test_no_argument_ends_a_command(text):
    with FakeServer() as server, log_in(server) as session:
        before = len(server.received)
        for call in calls(session, text):
            with pytest.raises(BadArgument) as caught:
                call()
            assert caught.value.code == "control_character"
        session.list_folders()
        added = bytes(server.received[before:])
        assert added.count(b"\r\n") == 1 and b"LIST" in added


@pytest.mark.parametrize("text", INJECTIONS)
@pytest.mark.parametrize("field", ["login", "host", "password"])
def test_no_account_ends_a_command(text, field):
    with FakeServer() as server:
        values = {"host": server.host, "port": server.port, "security": "none"}
        values |= {"login": LOGIN}
        secret = Password(text if field == "password" else PASSWORD)
        if field != "password":
            values[field] = text
        with pytest.raises(BadArgument) as caught:
            Session.open(Account(**values), secret)
        assert text not in str(caught.value)
        assert not server.received


@pytest.mark.parametrize(
    ("field", "value"), [("port", 0), ("port", 65536), ("security", "tls")]
)
def test_impossible_accounts(field, value):
    values = {"host": "localhost", "port": 1, "security": "ssl", "login": LOGIN}
    with pytest.raises(BadArgument):
        Session.open(Account(**values | {field: value}), Password(PASSWORD))


# Folders


def test_odd_folder_lists():
    lines = [
        '* LIST () "/" INBOX',
        '* LIST (\\Noselect) "/" "broken',
        "* LIST",
        '* LIST () "/" {3}',
        'a"b',
        '* LIST () "/" "Ko\\\\s"',
        '* LIST () "/" inbox2',
        '* LIST () "/" INBOX',
        "* 7 EXISTS",
        "* OK [ALERT] hello",
        "* FLAGS ()",
        "*",
        "* ",
    ]
    with FakeServer() as server, log_in(server) as session:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            *lines[:3], lines[3], *lines[4:-2], f"{tag} OK"
        )
        names = [folder.wire_name for folder in session.list_folders()]
    assert names == ["INBOX", 'a"b', "Ko\\s", "inbox2"]


@pytest.mark.parametrize("times", [1, 90])
def test_eight_bit_names_round_trip(times):
    name = "Ko\xc5\x82o" * times  # UTF-8, as some servers send it
    with FakeServer({name: FakeFolder()}) as server, log_in(server) as session:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            f'* LIST () "/" "{name}"'.encode("latin-1"), f"{tag} OK"
        )
        (folder,) = session.list_folders()
        assert (folder.wire_name, folder.name) == (name, "Koło" * times)
        session.examine(folder.wire_name)


def test_list_status_offered_yet_refused():
    offered = "IMAP4rev1 LIST-STATUS LIST-EXTENDED SPECIAL-USE"
    with FakeServer(capabilities=offered) as server, log_in(server) as session:

        def refuse(server, line, tag, argument):
            if "STATUS" in argument:
                line.send(f"{tag} BAD no such thing")
            else:
                server.answer(line, tag, "LIST", argument)

        server.quirks["LIST"] = refuse
        (folder,) = session.list_folders()
        assert folder.status is None
        assert session.fetch_statuses([folder])["INBOX"].uid_validity == 7


def test_list_is_read_again_only_when_it_changed():
    with FakeServer() as server, log_in(server) as session:
        before = session.list_folders()
        assert session.list_folders() is before
        server.folders["New"] = FakeFolder()
        names = [folder.wire_name for folder in session.list_folders()]
        assert names == ["INBOX", "New"]


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        ("CONTACTADMIN", LoginRefused, "login_disabled"),
        ("NOPERM", LoginRefused, "login_disabled"),
        ("AUTHORIZATIONFAILED", LoginRefused, "login_disabled"),
        ("AUTHENTICATIONFAILED", LoginRefused, "password"),
        ("EXPIRED", LoginRefused, "expired"),
        ("PRIVACYREQUIRED", Unreachable, "needs_tls"),
        ("UNAVAILABLE", Unreachable, "throttled"),
        ("OVERQUOTA", Unreachable, "throttled"),
        ("CORRUPTION", Unreachable, "protocol"),
    ],
)
def test_account_that_is_refused_after_the_login(code, kind, told):
    with FakeServer() as server, log_in(server) as session:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            f"{tag} NO [{code}] blocked"
        )
        with pytest.raises(MailCoreError) as caught:
            session.list_folders()
        assert (type(caught.value), caught.value.code) == (kind, told)
        assert "blocked" in caught.value.detail


@pytest.mark.parametrize("answer", ["{tag} OK", "{tag} NO no", "{tag} BAD no"])
def test_no_folders_are_no_mailbox(answer):
    """Or a faulty answer would look as if all folders had been deleted."""
    with FakeServer() as server, log_in(server) as session:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            answer.format(tag=tag)
        )
        with pytest.raises(Unreachable) as caught:
            session.list_folders()
        assert caught.value.code == "protocol"


def test_refused_status_leaves_the_others():
    folders = {name: FakeFolder() for name in ("INBOX", "Broken", "Work")}
    with FakeServer(folders) as server, log_in(server) as session:

        def refuse(server, line, tag, argument):
            if "Broken" in argument:
                line.send(f"{tag} NO no access")
            else:
                server.answer(line, tag, "STATUS", argument)

        server.quirks["STATUS"] = refuse
        statuses = session.fetch_statuses(session.list_folders())
        assert set(statuses) == {"INBOX", "Work"}


def test_status_commands_are_sent_ten_at_a_time():
    folders = {f"f{number}": FakeFolder() for number in range(24)}
    folders["INBOX"] = FakeFolder()
    with FakeServer(folders) as server, log_in(server) as session:
        assert len(session.fetch_statuses(session.list_folders())) == 25
        assert session.commands == 26


def test_examine_with_condstore_refused():
    with FakeServer(capabilities="IMAP4rev1 CONDSTORE") as server:
        with log_in(server) as session:

            def refuse(server, line, tag, argument):
                if "CONDSTORE" in argument:
                    line.send(f"{tag} BAD what")
                else:
                    server.answer(line, tag, "EXAMINE", argument)

            server.quirks["EXAMINE"] = refuse
            assert session.examine("INBOX").uid_validity == 7
            session.examine("INBOX")
    assert sum("EXAMINE" in command for command in server.commands) == 3


def test_folder_is_gone():
    with FakeServer() as server, log_in(server) as session:
        server.quirks["EXAMINE"] = lambda server, line, tag, _: line.send(
            f"{tag} NO [NONEXISTENT] it is gone"
        )
        with pytest.raises(FolderGone) as caught:
            session.examine("INBOX")
        assert caught.value.detail == "[NONEXISTENT] it is gone"
        session.list_folders()


@pytest.mark.parametrize(
    ("answer", "prefix"),
    [
        ('NAMESPACE (("INBOX." ".")) NIL NIL', "INBOX."),
        ('NAMESPACE (("" "/")) (("Other/" "/")) NIL', ""),
        ('NAMESPACE (("INBOX/" "/" "X-P" ("a")) ("#mh/" "/")) NIL NIL', "INBOX/"),
        ('NAMESPACE NIL NIL (("" "."))', ""),
        ("NAMESPACE (() NIL) NIL NIL", ""),
        ("NAMESPACE (INBOX", ""),
        ("NAMESPACE what", ""),
        ("NAMESPACE", ""),
        ("OK nothing", ""),
    ],
)
def test_folder_is_made_where_the_server_has_folders(answer, prefix):
    offered = "IMAP4rev1 NAMESPACE"
    with FakeServer(capabilities=offered) as server, log_in(server) as session:
        server.quirks["NAMESPACE"] = lambda server, line, tag, _: line.send(
            f"* {answer}", f"{tag} OK"
        )
        assert session.place("Wysłane & Co") == f"{prefix}Wys&AUI-ane &- Co"


def test_folder_is_made_at_the_top_where_namespaces_are_unknown():
    with FakeServer(capabilities="IMAP4rev1") as server, log_in(server) as session:
        assert session.place("Sent") == "Sent"
        assert "NAMESPACE" not in server.commands
    offered = "IMAP4rev1 NAMESPACE"
    with FakeServer(capabilities=offered) as server, log_in(server) as session:
        assert session.place("Sent") == "Sent"
        with pytest.raises(BadArgument):
            session.place("Sent" * 9999)


def test_nothing_is_sent_where_nothing_is_asked_for():
    with FakeServer() as server, log_in(server) as session:
        session.examine("INBOX")
        sent = len(server.received)
        assert session.search(()) == ()
        assert session.fetch_sizes(()) == {}
        assert session.fetch_statuses(()) == {}
        session.examine("INBOX")
        assert server.received[sent:].count(b"\r\n") == 1


# Answers


def test_two_search_lines_and_odd_ends():
    with FakeServer() as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID SEARCH"] = lambda server, line, tag, _: line.send(
            "* SEARCH 1 2", "* SEARCH 4 ", "* SEARCH", "* SEARCH 99", f"{tag} OK"
        )
        assert session.search(((1, 10),)) == ((1, 2), (4, 4))


@pytest.mark.slow
def test_search_line_of_a_megabyte():
    uids = range(100_000, 400_000, 2)
    with FakeServer() as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID SEARCH"] = lambda server, line, tag, _: line.send(
            f"* SEARCH {' '.join(map(str, uids))}", f"{tag} OK"
        )
        assert len(session.search(((1, 10**6),))) == len(uids)


def test_broken_search_is_no_empty_search():
    with FakeServer() as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID SEARCH"] = lambda server, line, tag, _: line.send(
            "* SEARCH 1 2 x", f"{tag} OK"
        )
        with pytest.raises(FolderGone):
            session.search(((1, 10),))


def unsolicited(server, line, tag, argument):
    """What a server may send in between: changes of others, some without a UID."""
    line.send(
        "* 2 FETCH (FLAGS (\\Seen))",
        "* 9 FETCH (UID 9 FLAGS () BODY[] {3}",
        "abc)",
        "* 1 FETCH (FLAGS (\\Seen) UID 1)",
        "* 3 EXPUNGE",
        "* 1 FETCH (broken",
        "* 7 EXISTS",
    )
    server.answer(line, tag, "UID FETCH", argument)


def test_only_what_was_asked_for_counts():
    folder = FakeFolder(
        {1: FakeMessage(b"A: 1\r\n\r\n"), 5: FakeMessage(b"A: 5\r\n\r\n")}
    )
    with FakeServer({"INBOX": folder}) as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID FETCH"] = unsolicited
        found = session.fetch_sources([1, 5], 100, 200)
    assert {uid: item.source for uid, item in found.items()} == {
        1: b"A: 1\r\n\r\n",
        5: b"A: 5\r\n\r\n",
    }
    assert found[1].size == 8 and not found[1].seen


def test_change_of_flags_after_the_source():
    folder = FakeFolder({1: FakeMessage(b"A: 1\r\n\r\n")})

    def change(server, line, tag, argument):
        line.send(server.fetched(1, 1, folder.messages[1], argument))
        line.send("* 1 FETCH (UID 1 FLAGS (\\Seen))", f"{tag} OK")

    with FakeServer({"INBOX": folder}) as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID FETCH"] = change
        item = session.fetch_sources([1], 100, 100)[1]
    assert (item.source, item.seen, item.size) == (b"A: 1\r\n\r\n", True, 8)


@pytest.mark.parametrize(
    "literal", ["{4294967296}", "{99999999999999999999}", "~{200000}"]
)
def test_huge_literal_is_not_read(literal):
    with FakeServer() as server, log_in(server) as session:
        session.examine("INBOX")
        server.quirks["UID FETCH"] = lambda server, line, tag, _: line.send(
            f"* 1 FETCH (UID 1 BODY[] {literal}", "x" * 1000
        )
        with pytest.raises(MailCoreError) as caught:
            session.fetch_sources([1], 1000, 1000)
        assert caught.value.failure_type == "unreadable"
        with pytest.raises(Unreachable):
            session.list_folders()


@pytest.mark.parametrize("drop", ["* OK still there\r\n", "x", "* 1 X {900}\r\ny"])
def test_endless_answers_end(drop):
    """Neither a flood nor a drip holds a worker."""

    def drip(server, line, tag, argument):
        while True:
            line.write(drop.encode())
            drop_again.wait(0.01)

    drop_again = threading.Event()
    timeouts = Timeouts(1, 1, command=0.05)
    with FakeServer(quirks={"LIST": drip}) as server:
        with log_in(server, timeouts=timeouts) as session:
            with pytest.raises(Unreachable) as caught:
                session.list_folders()
    assert caught.value.code == "timeout"


@pytest.mark.slow
def test_answers_without_end_are_not_gathered():
    def flood(server, line, tag, argument):
        while True:
            line.send(*[f"* {n} FETCH (UID {n} FLAGS ())" for n in range(1, 1000)])

    with FakeServer(quirks={"UID FETCH": flood}) as server, log_in(server) as session:
        session.examine("INBOX")
        with pytest.raises(Unreachable) as caught:
            session.fetch_sources([1], 1000, 1000)
    assert caught.value.code == "protocol"
    assert caught.value.detail == "the answer does not end"


@pytest.mark.parametrize(
    ("last", "code"),
    [
        ("* BYE going down", "closed"),
        ("* BYE [OVERQUOTA] bandwidth exceeded", "throttled"),
        ("zzz OK not yours", "protocol"),
        ("{tag} NO [THROTTLED] slow down", "throttled"),
        ("{tag} WHAT", "protocol"),
        ("garbage", "protocol"),
    ],
)
def test_line_breaks_in_the_middle(last, code):
    with FakeServer() as server, log_in(server) as session:
        server.quirks["LIST"] = lambda server, line, tag, _: line.send(
            '* LIST () "/" INBOX', last.format(tag=tag)
        )
        with pytest.raises(Unreachable) as caught:
            session.list_folders()
        assert caught.value.code == code


@pytest.mark.slow
def test_hang_in_the_middle():
    with FakeServer(
        quirks={"LIST": lambda server, line, tag, _: line.wait()}
    ) as server:
        with log_in(server, timeouts=QUICK) as session:
            with pytest.raises(Unreachable) as caught:
                session.list_folders()
    assert caught.value.code == "timeout"


def test_cut_in_the_middle():
    with FakeServer(quirks={"LIST": lambda server, line, tag, _: line.cut()}) as server:
        with log_in(server) as session, pytest.raises(Unreachable) as caught:
            session.list_folders()
    assert caught.value.code == "closed"


def test_logout_is_not_waited_for():
    with FakeServer(
        quirks={"LOGOUT": lambda server, line, tag, _: line.wait()}
    ) as server:
        log_in(server).close()
        # the server reads it when it comes to it
        end = time.monotonic() + 30
        while server.commands[-1] != "LOGOUT" and time.monotonic() < end:
            time.sleep(0.01)
    assert server.commands[-1] == "LOGOUT"


def test_sockets_are_closed(authority):
    """None is left to the garbage collector, whatever went wrong."""
    with Scripted(greet, authority.expired()) as server:
        fail(server, "ssl")
    with Scripted(refusing("{tag} NO no")) as server:
        fail(server)
    assert socket.getdefaulttimeout() is None
