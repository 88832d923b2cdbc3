"""Lines that are slow, narrow, cut or silent: after every poll the books are right."""

import random
from collections import Counter
from dataclasses import replace
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Timeouts

from ..servers.mbsync import fetch_all
from ..servers.proxy import SOUND, Proxy, Trouble
from ..test_poll import PollCase, mails
from .extent import extent, note
from .stage import digest, wait_for

ROUNDS, EACH = extent(9, 300), 8
FOLDERS = ("INBOX", "Projekt", "Projekt/Ogród", "Later")
#: Seconds; a line that stalls is given up within them.
TIMEOUTS = Timeouts(connect=2, read=0.5, command=20)


def troubles(chance):
    """Return each kind of trouble, somewhere in what the server says."""
    return [
        Trouble(delay=0.002, piece=500),
        Trouble(rate=400_000, piece=2000),
        Trouble(piece=1),
        Trouble(cut_after=chance.randint(0, 2000)),
        Trouble(cut_after=chance.randint(0, 150_000)),
        Trouble(cut_after=chance.randint(0, 150_000), reset=True),
        Trouble(piece=7, cut_after=chance.randint(1000, 30_000), reset=True),
        Trouble(stall_after=chance.randint(0, 100_000)),
        Trouble(stall_after=chance.randint(0, 100_000), half_open=True),
    ]


def as_maildir(message):
    return digest(message._read_source().replace(b"\r\n", b"\n"))


@tagged("post_install", "-at_install")
class TestLines(PollCase):
    """Mail comes, moves and goes while the line to its server keeps breaking."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(18)
        self.proxy = self.enterContext(Proxy(self.server.port))
        self.mailbox.imap_port = self.proxy.port
        model = type(self.env["mail.mailbox"])
        account = model._imap_account
        self.patch(
            model,
            "_imap_account",
            lambda mailbox: replace(account(mailbox), timeouts=TIMEOUTS),
        )
        self.sent = self.expunged = self.lost = self.doubled = 0

    def change(self):
        """Let the world go on: new mail, read mail, moved and deleted mail."""
        for source in mails(EACH, f"Line {self.sent}", 30_000):
            folder = self.random.choice(FOLDERS)
            self.server.deliver(
                self.login, source, folder, self.random.choice(["", "S"])
            )
            self.sent += 1
        folder, uid = self.pick()
        act = self.random.choice(["read", "move", "expunge", "nothing"])
        if act == "read":
            self.server.store_flags(self.login, folder, uid, r"+FLAGS (\Seen)")
        elif act == "move":
            target = self.random.choice([f for f in FOLDERS if f != folder])
            self.server.move(self.login, folder, uid, target)
        elif act == "expunge":
            self.server.expunge(self.login, folder, uid)
            self.expunged += 1

    def pick(self):
        """Return folder and UID of some message."""
        with self.server.connected(self.login) as client:
            while True:
                folder = self.random.choice(["INBOX", "Projekt", "Later"])
                client.select(folder, readonly=True)
                _ok, (found,) = client.uid("SEARCH", "ALL")
                if found:
                    return folder, self.random.choice(found.split()).decode()

    def look(self):
        """Return what the server has, as soon as it has seen all its files."""

        def complete():
            # its numbers may be older than its list: only twice the same counts
            seen = self.server.snapshot(self.login)
            here = sum(len(folder.flags) for folder in seen.values())
            settled = here == self.sent - self.expunged
            return settled and seen == self.server.snapshot(self.login) and seen

        return wait_for(complete, "the server's own look at its files")

    def withheld(self):
        """Return what waits to be asked for again."""
        rows = self.env["mail.mailbox.quarantine"]
        return rows.search([("state", "=", "waiting")])

    def check_books(self, before):
        """What may never be otherwise, wherever the line broke."""
        self.assertEqual(self.server.snapshot(self.login), before)
        withheld = self.withheld()
        self.assertTrue(all(withheld.mapped("withheld")))
        placed = {}
        for arrival in self.arrivals():
            if arrival.folder_id:
                placed.setdefault(arrival.folder_id, Counter())[arrival.uid] += 1
        for folder in self.mailbox.folder_ids:
            on_server = before[folder.wire_name]
            if folder.uid_validity not in (0, on_server.uid_validity):
                continue
            decided = {
                uid
                for uid in on_server.flags
                if folder.backfill_uid <= uid < folder.next_uid
            }
            held = placed.get(folder, Counter())
            mine = withheld.filtered(lambda row, folder=folder: row.folder_id == folder)
            asked_again = {int(row.uid) for row in mine}
            self.assertFalse(
                decided - held.keys() - asked_again, "a message was passed over"
            )
            self.assertLessEqual(max(held.values(), default=0), 1)

    def check_whole(self):
        """All that the server holds is listed once, in its place, byte for byte."""
        held = Counter(
            (arrival.folder_id.wire_name, as_maildir(arrival.mailbox_message_id))
            for arrival in self.arrivals()
            if arrival.folder_id
        )
        on_server = Counter(
            {
                (name, digest(source)): number
                for (name, source), number in fetch_all(
                    self.server.port, self.login
                ).items()
            }
        )
        self.lost += (on_server - held).total()
        self.doubled += (held - on_server).total()
        self.assertEqual((self.lost, self.doubled), (0, 0), "lost, too many")
        self.assertEqual(len(self.arrivals()), len(set(self.sources())))
        unseen = sum(f.unseen for f in self.server.snapshot(self.login).values())
        self.assertEqual(self.mailbox.unread_count, unseen)

    def recover(self):
        """Let the line be sound, and the time pass until all is asked for again."""
        self.proxy.trouble = SOUND
        self.withheld().ask_at = "2020-01-01"
        self.poll()
        self.assertWorks()
        self.assertFalse(self.withheld())

    def test_message_that_no_line_lets_through_comes_when_one_does(self):
        self.change()
        self.proxy.trouble = Trouble(cut_after=20_000)
        self.poll()
        rows = self.withheld()
        self.assertEqual(rows.mapped("withheld"), [True, True])
        rows.action_retry()
        self.assertEqual(len(self.arrivals()), EACH - 2)
        self.recover()
        self.check_whole()

    def test_line_breaks_again_and_again(self):
        faults = 0
        for number in range(ROUNDS):
            self.change()
            before = self.look()
            kinds = troubles(self.random)
            self.proxy.trouble = kinds[number % len(kinds)]
            with self.subTest(trouble=self.proxy.trouble, round=number):
                self.poll()
                faults += 1
                self.check_books(before)
                if number % 3 == 2:
                    self.recover()
                    self.check_books(before)
                    self.check_whole()
        self.assertGreater(self.proxy.broken, ROUNDS // 3)
        note(
            "Lines that break",
            "delayed, narrowed, sliced to 1 byte, cut, reset, stalled, half open;"
            " compared with mbsync",
            messages=self.sent,
            faults=faults,
            lost=self.lost,
            doubled=self.doubled,
        )

    def test_message_that_is_passed_over_would_be_seen(self):
        self.change()
        arrivals = type(self.env["mail.mailbox.arrival"])
        place = arrivals._place

        def forget_one(model, folder, fetched, messages, live):
            return place(model, folder, fetched[1:], messages, live)

        with patch.object(arrivals, "_place", forget_one):
            self.poll()
        with self.assertRaisesRegex(AssertionError, "passed over"):
            self.check_books(self.look())
        with self.assertRaisesRegex(AssertionError, "lost"):
            self.check_whole()
