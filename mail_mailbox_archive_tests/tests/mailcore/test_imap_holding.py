"""Whether a real server still holds messages, and that asking changes nothing."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.imap.holding import find_held
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK


@pytest.fixture(scope="module")
def server():
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def opened(server, request):
    login = f"user{abs(hash(request.node.nodeid))}"
    server.add_user(login)
    for number in range(1, 4):
        source = f"Message-ID:\r\n <{number}@a.example>\r\nSubject: {number}\r\n\r\nHi"
        server.deliver(login, source.encode(), "INBOX", "")
    server.deliver(login, b"Subject: none\r\n\r\nHi", "INBOX", "")
    account = Account(server.host, server.port, "none", login, guard=LOOPBACK)
    with Session.open(account, Password(PASSWORD)) as session:
        session.login = login
        yield session


def held(session, wanted):
    return {(name, uid): mark for name, uid, mark in find_held(session, wanted)}


def test_marks_are_those_that_a_check_tells(server, opened):
    before = server.snapshot(opened.login)
    validity = opened.examine("INBOX").uid_validity
    known = opened.fetch_sources([1, 2, 3, 4], 1000, 10_000)
    found = held(opened, {("INBOX", validity): [1, 2, 3, 4, 5]})
    assert set(found) == {("INBOX", uid) for uid in known}
    for uid, item in known.items():
        mark = found["INBOX", uid]
        assert (mark.size, mark.internal_date) == (item.size, item.internal_date)
        assert mark.message_id == (f"<{uid}@a.example>" if uid < 4 else "")
    assert server.snapshot(opened.login) == before


def test_what_was_deleted_is_not_held(server, opened):
    validity = opened.examine("INBOX").uid_validity
    assert not held(opened, {("INBOX", validity): [77]})


def test_another_numbering_holds_nothing(opened):
    validity = opened.examine("INBOX").uid_validity
    assert not held(opened, {("INBOX", validity + 1): [1, 2]})


def test_folder_that_is_gone_harms_no_other(opened):
    validity = opened.examine("INBOX").uid_validity
    found = held(opened, {("Gone", 1): [1], ("INBOX", validity): [1]})
    assert set(found) == {("INBOX", 1)}
