"""A crowd changes mailboxes while they are polled: nothing is lost or doubled.

In the manner of Dovecot's ImapTest: many clients of another make append, copy, move,
flag, expunge and rename at random, from a seed, and keep a ledger of their own of what
they put there; what is in the mailbox at the end that make tells. The long form is a
hundred of them for an hour, or for as many seconds as ``MAILBOX_CROWD`` says.
"""

from __future__ import annotations

import contextlib
import os
import random
import re
import threading
import time
from collections import Counter

import imapclient
import pytest

from odoo.addons.mail_mailbox_archive.mailcore.errors import MailCoreError
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import (
    Account,
    Password,
    Session,
)
from odoo.addons.mail_mailbox_archive.mailcore.imap.sync import Limits, poll
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger
from odoo.addons.mail_mailbox_archive_tests.tests.servers.scripted import LOOPBACK

LONG = os.environ.get("MAILBOX_RELIABILITY") == "long"
#: Accounts, clients of each, seconds.
ACCOUNTS, CLIENTS = (13, 8) if LONG else (2, 5)
SECONDS = int(os.environ.get("MAILBOX_CROWD") or (3600 if LONG else 12))
#: Seconds that a client rests at most: the polls need some of the machine as well.
REST = 2 if LONG else 0.2
SEED = int(os.environ.get("MAILBOX_SEED") or 22)
FOLDERS = ("INBOX", "Work", "Work/Old", "Sent")
NUMBER = re.compile(rb"Subject: crowd ([\w.-]+)")


class Member(threading.Thread):
    """One client of the crowd; ``put`` is what it appended, by number."""

    def __init__(self, server: Dovecot, login: str, name: str) -> None:
        super().__init__(daemon=True)
        self._server, self._login, self._name = server, login, name
        self._rolled = random.Random(f"{SEED} {login} {name}")
        self.stop = threading.Event()
        self.put: set[str] = set()
        self.fault: BaseException | None = None
        self.refused = 0

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:
            self.fault = error

    def _work(self) -> None:
        while not self.stop.is_set():
            with imapclient.IMAPClient(
                self._server.host, self._server.port, ssl=False
            ) as one:
                one.login(self._login, PASSWORD)
                # the server hangs up on a client whose folder another one renamed
                with contextlib.suppress(imapclient.exceptions.IMAPClientAbortError):
                    while not self.stop.is_set():
                        self._do_something(one)

    def _do_something(self, one: imapclient.IMAPClient) -> None:
        work = self._rolled.choices(
            (self._append, self._copy, self._move, self._flag)
            + (self._expunge, self._rename),
            (8, 3, 3, 5, 2, 0.3),
        )[0]
        try:
            work(one)
        except imapclient.exceptions.IMAPClientAbortError:
            raise
        except imapclient.exceptions.IMAPClientError:
            # another member was there first
            self.refused += 1
        self.stop.wait(self._rolled.random() * REST)

    def _folder(self, one: imapclient.IMAPClient) -> str:
        names = [name for _flags, _delimiter, name in one.list_folders()]
        return self._rolled.choice(names)

    def _append(self, one: imapclient.IMAPClient) -> None:
        number = f"{self._name}-{len(self.put)}"
        text = "x" * self._rolled.randint(1, 3000)
        source = f"From: a@x.example\r\nSubject: crowd {number}\r\n\r\n{text}\r\n"
        self.put.add(number)
        one.append(self._folder(one), source.encode())

    def _some(self, one: imapclient.IMAPClient) -> list[int]:
        one.select_folder(self._folder(one))
        uids = one.search()
        return self._rolled.sample(uids, min(len(uids), self._rolled.randint(1, 3)))

    def _copy(self, one: imapclient.IMAPClient) -> None:
        if uids := self._some(one):
            one.copy(uids, self._folder(one))

    def _move(self, one: imapclient.IMAPClient) -> None:
        if uids := self._some(one):
            one.move(uids, self._folder(one))

    def _flag(self, one: imapclient.IMAPClient) -> None:
        if uids := self._some(one):
            change = self._rolled.choice((one.add_flags, one.remove_flags))
            change(uids, [imapclient.SEEN])

    def _expunge(self, one: imapclient.IMAPClient) -> None:
        """Remove a few, and of many more, so that no folder grows for an hour."""
        if uids := self._some(one):
            found = one.search()
            uids += self._rolled.sample(found, len(found) // 20)
            one.delete_messages(uids)
            one.uid_expunge(uids)

    def _rename(self, one: imapclient.IMAPClient) -> None:
        old = self._folder(one)
        if old != "INBOX":
            one.rename_folder(old, f"Box {self._name} {self._rolled.randint(0, 9)}")


def look(server: Dovecot, login: str, ledger: Ledger) -> bool:
    """Poll once; return whether that came to its end."""
    where = Account(server.host, server.port, "none", login, guard=LOOPBACK)
    ledger.failed.clear()
    try:
        with Session.open(where, Password(PASSWORD)) as session:
            ledger.consume(poll(session, ledger.known(), Limits(batch_count=20)))
    except MailCoreError:
        return False
    finally:
        # what lies nowhere any more is not needed for the comparison
        placed = set(ledger.places.values())
        ledger.sources = {one: ledger.sources[one] for one in placed}
    return not ledger.failed


def held(server: Dovecot, login: str) -> dict[tuple[str, int], str]:
    """Return the number of each message by its place, asked by the other make."""
    found = {}
    with imapclient.IMAPClient(server.host, server.port, ssl=False) as one:
        one.login(login, PASSWORD)
        one.folder_encode = False
        for _flags, _delimiter, name in one.list_folders():
            one.select_folder(name, readonly=True)
            for uid, items in one.fetch(one.search(), ["BODY.PEEK[]"]).items():
                number = NUMBER.search(items[b"BODY[]"])[1].decode()
                found[name.decode(), uid] = number
    return found


@pytest.mark.slow
def test_crowd():
    with Dovecot() as server:
        logins = [f"crowd{number}" for number in range(ACCOUNTS)]
        for login in logins:
            server.add_user(login)
            for name in FOLDERS[1:]:
                server.create_folder(login, name)
        crowd = {
            login: [Member(server, login, f"c{n}") for n in range(CLIENTS)]
            for login in logins
        }
        ledgers = {login: Ledger() for login in logins}
        members = [one for some in crowd.values() for one in some]
        for one in members:
            one.start()
        start = time.monotonic()
        polls = Counter()

        def is_enough() -> bool:
            """Whether both sides did something; a busy machine needs longer."""
            return polls[True] > 5 and sum(len(one.put) for one in members) > 50

        while (passed := time.monotonic() - start) < SECONDS or (
            not is_enough() and passed < 20 * SECONDS
        ):
            for login in logins:
                polls[look(server, login, ledgers[login])] += 1
        for one in members:
            one.stop.set()
        for one in members:
            one.join(60)
            assert one.fault is None, one.fault
        assert is_enough(), polls
        put = sum(len(one.put) for one in members)
        refused = sum(one.refused for one in members)
        print(f"\ncrowd: {put} appended, {refused} refused, polls {dict(polls)}")
        for login in logins:
            check(server, login, ledgers[login], crowd[login])


def check(server, login, ledger, members):
    """What is held is what lies there; what was put there and lies there is held."""
    assert look(server, login, ledger) and look(server, login, ledger)
    there = held(server, login)
    listed = {folder.wire_name for folder in ledger.listed.folders}
    here = {
        (name, uid): NUMBER.search(ledger.sources[identity])[1].decode()
        for (name, uid), identity in ledger.places.items()
        if name in listed
    }
    assert here == there
    assert not ledger.quarantine
    put = set().union(*(one.put for one in members))
    assert set(there.values()) <= put
