"""Marking as read: on a real server nothing else changes, and nothing else is sent."""

import re

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    BadArgument,
    FolderGone,
    UidValidityChanged,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.marking import Marker
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Opener,
    Password,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.wire import Wire
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK

FOLDERS = ("INBOX", 'say "hi"', "Zażółć/gęślą", "back\\slash")
#: All that may be sent, the login aside.
COMMANDS = re.compile(
    rb'SELECT "(?:[^"\\]|\\.)*"|UID STORE [\d,:]+ \+FLAGS \(\\Seen\)'
    rb"|LOGOUT|CAPABILITY|ID \(.*\)|LOGIN .*|AUTHENTICATE \S+"
)


@pytest.fixture(scope="module")
def server():
    with Dovecot() as dovecot:
        dovecot.add_user("refused")
        yield dovecot


@pytest.fixture
def sent(monkeypatch):
    """All lines that were sent, without their tags."""
    lines, send = [], Wire._send

    def record(self, line):
        lines.extend(one.partition(b" ")[2] for one in line.split(b"\r\n"))
        return send(self, line)

    monkeypatch.setattr(Wire, "_send", record)
    return lines


def opener(server, login):
    account = Account(server.host, server.port, "none", login, guard=LOOPBACK)
    return Opener(account, Password(PASSWORD), Marker)


def fill(server, login):
    server.add_user(login)
    for folder in FOLDERS:
        for number, flags in enumerate(("", "F", "RS", "", "D")):
            source = f"Subject: {number}\r\n\r\n{folder!r}\r\n"
            server.deliver(login, source.encode(), folder, flags)
    return server.snapshot(login)


def test_only_seen_is_added_where_it_was_asked_for(server, sent):
    before = fill(server, "marked")
    with opener(server, "marked")() as marker:
        for folder in FOLDERS[:3]:
            name = server.wire_name(folder)
            marker.mark_seen(name, before[name].uid_validity, ((1, 2), (4, 4)))
    after = server.snapshot("marked")
    for folder in FOLDERS:
        name = server.wire_name(folder)
        marked = {1, 2, 4} if folder != FOLDERS[3] else set()
        wanted = {
            uid: flags | ({"\\Seen"} if uid in marked else set())
            for uid, flags in before[name].flags.items()
        }
        assert _kept(after[name].flags) == _kept(wanted)
        assert after[name].uid_next == before[name].uid_next
    assert len([one for one in sent if one.startswith(b"UID STORE")]) == 3
    assert [one for one in sent if not COMMANDS.fullmatch(one)] == []


def test_what_is_gone_is_no_error_and_a_renumbered_folder_is_left(server, sent):
    before = fill(server, "renumbered")
    with opener(server, "renumbered")() as marker:
        name = server.wire_name("INBOX")
        with pytest.raises(UidValidityChanged):
            marker.mark_seen(name, before[name].uid_validity + 1, ((1, 4),))
        with pytest.raises(FolderGone):
            marker.mark_seen("No such folder", 1, ((1, 1),))
        # the line goes on
        marker.mark_seen(name, before[name].uid_validity, ((900, 901),))
    after = server.snapshot("renumbered")
    assert {name: _kept(one.flags) for name, one in after.items()} == {
        name: _kept(one.flags) for name, one in before.items()
    }
    assert [one for one in sent if not COMMANDS.fullmatch(one)] == []


@pytest.mark.parametrize(
    "command",
    (
        "UID STORE 1 -FLAGS (\\Seen)",
        "UID STORE 1 FLAGS (\\Seen)",
        "UID STORE 1 +FLAGS (\\Deleted)",
        "UID STORE 1 +FLAGS (\\Seen \\Deleted)",
        "UID STORE 1:* +FLAGS (\\Seen)",
        "STORE 1 +FLAGS (\\Seen)",
        "UID MOVE 1 Trash",
        "UID COPY 1 Trash",
        "EXPUNGE",
        "UID EXPUNGE 1",
        "CLOSE",
        'DELETE "INBOX"',
        'CREATE "x"',
        'RENAME "a" "b"',
        'APPEND "INBOX" (\\Seen) {3}',
        'SELECT "a" (QRESYNC (1 1))',
        "SELECT INBOX",
        'EXAMINE "INBOX"',
        'SETACL "INBOX" anyone lr',
        "UID FETCH 1 (BODY[])",
        "NOOP\r\na EXPUNGE",
    ),
)
def test_nothing_else_is_sent(server, sent, command):
    with opener(server, "refused")() as marker:
        count = len(sent)
        for run in (
            lambda: list(marker._wire.run(command)),
            lambda: marker._wire.upload(command, b"abc"),
        ):
            with pytest.raises(BadArgument):
                run()
        assert len(sent) == count


def _kept(flags):
    """Return flags as mail programs keep them: what is new is so for one look."""
    return {uid: frozenset(some) - {"\\Recent"} for uid, some in flags.items()}
