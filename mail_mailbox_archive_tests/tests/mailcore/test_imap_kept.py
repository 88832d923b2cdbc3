"""Logins that wait for the next poll: one command each time, and no dead line."""

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap.kept import KeptSessions
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Opener,
    Password,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Limits, poll
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


@pytest.fixture(scope="module")
def server():
    with Dovecot() as dovecot:
        yield dovecot


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept(clock):
    sessions = KeptSessions(limit=2, seconds=600, clock=clock)
    yield sessions
    sessions.close()


def account(server, login):
    """Return an opener of a new account, and an empty ledger."""
    server.add_user(login)
    where = Account(server.host, server.port, "none", login, guard=LOOPBACK)
    return Opener(where, Password(PASSWORD)), Ledger()


def look(kept, opener, ledger):
    """Poll once, as the scheduled action does; return the session it used."""
    with kept.session(opener) as session:
        ledger.consume(poll(session, ledger.known(), Limits()))
    return session


def test_idle_polls_share_one_login(server, kept):
    opener, ledger = account(server, "kept_idle")
    server.deliver("kept_idle", b"Subject: one\r\n\r\nHello\r\n")
    look(kept, opener, ledger)
    assert len(kept) == 0, "with a folder open it is not kept"
    server.commands("kept_idle")
    used = [look(kept, opener, ledger) for _ in range(3)]
    assert used[0] is used[1] is used[2]
    kept.close()
    [commands] = server.commands("kept_idle")
    assert [command.split()[0] for command in commands] == ["LIST"] * 3


def test_mail_that_comes_to_a_kept_login_is_told(server, kept):
    opener, ledger = account(server, "kept_news")
    look(kept, opener, ledger)
    look(kept, opener, ledger)
    assert len(kept) == 1
    server.deliver("kept_news", b"Subject: news\r\n\r\nHello\r\n")
    look(kept, opener, ledger)
    assert ledger.stored == 1
    assert len(kept) == 0


def test_line_that_died_meanwhile_is_opened_anew(server, kept):
    opener, ledger = account(server, "kept_dead")
    look(kept, opener, ledger)
    session = look(kept, opener, ledger)
    session._wire.cut()
    server.deliver("kept_dead", b"Subject: late\r\n\r\nHello\r\n")
    assert look(kept, opener, ledger) is session
    assert ledger.stored == 1


def test_old_and_surplus_ones_are_hung_up(server, kept, clock):
    accounts = [account(server, f"kept_many{number}") for number in range(3)]
    for one in accounts:
        look(kept, *one)
    sessions = [look(kept, *one) for one in accounts]
    assert len(kept) == 2
    clock.now = 700
    assert look(kept, *accounts[0]) is sessions[0]
    assert len(kept) == 1


def test_who_has_a_place_keeps_it(server, kept, clock):
    """Accounts are looked at in turn: else each is hung up just before it is needed."""
    accounts = [account(server, f"kept_turn{number}") for number in range(4)]
    for one in accounts:
        look(kept, *one)
    turns = []
    for now in range(3):
        clock.now = 100 * now
        turns.append([look(kept, *one) for one in accounts])
    same = [one is other for one, other in zip(*turns[1:], strict=True)]
    assert same == [True, True, False, False]
    # a place becomes free when somebody does not come any more
    clock.now = 900
    look(kept, *accounts[3])
    assert len(kept) == 1


def test_other_secret_opens_its_own(server, kept):
    opener, ledger = account(server, "kept_secret")
    look(kept, opener, ledger)
    session = look(kept, opener, ledger)
    assert look(kept, Opener(opener.account, Password(PASSWORD)), ledger) is session
    assert Opener(opener.account, Password("other")) != opener


def test_two_at_once_have_a_session_each(server, kept):
    opener, ledger = account(server, "kept_two")
    look(kept, opener, ledger)
    with kept.session(opener) as one, kept.session(opener) as other:
        assert one is not other
    assert len(kept) == 1


def test_error_hangs_up(server, kept):
    opener, ledger = account(server, "kept_error")
    look(kept, opener, ledger)
    with pytest.raises(Unreachable), kept.session(opener):
        raise Unreachable("closed")
    assert len(kept) == 0
