"""Many mailboxes for a while: mail comes, lines break, workers and database die."""

import itertools
import random
import time
from collections import Counter
from contextlib import suppress

import psutil
import psycopg2

from odoo.tests import BaseCase, tagged

from ..servers.dovecot import PASSWORD, Dovecot
from ..servers.proxy import SOUND, Proxy, Trouble
from ..test_poll import mails
from .extent import extent, note
from .odoo_server import OdooServer, server_places
from .stage import Stage

MAILBOXES, SECONDS = extent(6, 200), extent(9, 1800)
#: How often what happens, in seconds.
KILL, RESTART, CUT = extent(3, 30), extent(6, 180), extent(2, 20)
CRONS = 2
#: Bytes that a worker may grow by in the calm last third.
GROWTH = 20 * 2**20
#: Seconds that a transaction may last; the scheduled action has one open for its time.
STORING = 45
#: Files and lines of a worker: two logins kept for each mailbox, and its own.
OPEN = 2 * MAILBOXES + 60


@tagged("post_install", "-at_install")
class TestSoak(BaseCase):
    """Exact at the end, and nothing grows."""

    def setUp(self):
        super().setUp()
        self.dovecot = self.enterContext(Dovecot())
        self.proxy = self.enterContext(Proxy(self.dovecot.port))
        self.stage = self.enterContext(Stage())
        self.odoo = self.enterContext(OdooServer(self.stage, crons=CRONS))
        self.random = random.Random(200)
        self.logins = [f"soak{number}" for number in range(MAILBOXES)]
        for login in self.logins:
            self.dovecot.add_user(login)
        ids = self.odoo.make_mailboxes(self.dovecot, self.logins, port=self.proxy.port)
        self.mailbox_ids = dict(zip(self.logins, ids, strict=True))
        self.sent = self.kills = self.restarts = self.cuts = 0
        self.sizes, self.opened, self.connections = {}, 0, 0
        self.longest = 0.0

    # What happens

    def deliver(self):
        for source in mails(self.random.randint(1, 4), f"Soak {self.sent}", 20_000):
            login = self.random.choice(self.logins)
            folder = self.random.choice(["INBOX", "INBOX", "Projekt", "Sent"])
            self.dovecot.deliver(login, source, folder)
            self.sent += 1

    def change_lines(self):
        somewhere = self.random.randint(0, 60_000)
        self.proxy.trouble = self.random.choice(
            [
                SOUND,
                SOUND,
                SOUND,
                Trouble(delay=0.01),
                Trouble(cut_after=somewhere, reset=True),
                Trouble(stall_after=somewhere),
            ]
        )

    def cut(self):
        self.proxy.cut_all()
        self.cuts += 1

    def kill(self):
        workers = self.odoo.children()
        if workers:
            with suppress(psutil.NoSuchProcess):
                self.random.choice(workers).kill()
                self.kills += 1

    def restart(self):
        self.random.choice(
            [self.stage.postgres.kill, self.stage.postgres.stop_at_once]
        )()
        self.stage.postgres.start()
        self.restarts += 1

    def measure(self):
        for worker in self.odoo.children():
            with suppress(psutil.NoSuchProcess):
                self.sizes.setdefault(worker.pid, []).append(worker.memory_info().rss)
                self.opened = max(self.opened, worker.num_fds())
        sql = "SELECT count(*), max(extract(epoch FROM now() - xact_start))::float"
        sql += " FROM pg_stat_activity WHERE datname = %s"
        sql += " AND backend_type = 'client backend' AND pid != pg_backend_pid()"
        name = self.odoo.database
        ((count, longest),) = self.stage.execute(name, sql, name)
        self.connections = max(self.connections, count)
        self.longest = max(self.longest, longest or 0)

    def live(self, seconds, calm):
        """Let time pass; ``calm`` without what ends processes."""
        now = time.monotonic()
        end, due = now + seconds, {}
        acts = {self.change_lines: 0.5, self.cut: CUT}
        acts |= {self.measure: 1} if calm else {self.kill: KILL, self.restart: RESTART}
        while (now := time.monotonic()) < end:
            self.deliver()
            with suppress(psycopg2.OperationalError):
                self.odoo.kick()
            for act, every in acts.items():
                if due.setdefault(act, now + every / 2) <= now:
                    due[act] = now + every
                    act()
            time.sleep(0.3)

    def test_exact_at_the_end_and_nothing_grows(self):
        self.live(SECONDS * 2 / 3, calm=False)
        # whoever measures workers needs some: they may just have been killed
        self.odoo.go_on(self.odoo.children, "workers")
        self.live(SECONDS / 3, calm=True)
        self.proxy.trouble = SOUND
        try:
            self.odoo.wait_until_quiet(self.sent, seconds=300)
        except AssertionError as error:
            raise AssertionError(f"{self.missing()}\n{error}") from error
        lost = doubled = 0
        for login, mailbox_id in self.mailbox_ids.items():
            held = Counter(self.odoo.places(mailbox_id))
            on_server = server_places(self.dovecot, login)
            lost += len(on_server - held.keys())
            doubled += sum(held.values()) - len(on_server & held.keys())
        fifths = max(map(in_fifths, self.sizes.values()), key=grown)
        self.tell(lost, doubled, fifths)
        self.assertEqual((lost, doubled), (0, 0))
        self.assertEqual(self.odoo.in_quarantine(), [])
        self.assertNotIn(PASSWORD, self.odoo.log())
        self.assertLess(grown(fifths), GROWTH)
        self.assertLess(self.opened, OPEN)
        # a worker listens on one, and works with two at a time
        self.assertLessEqual(self.connections, 4 * CRONS)
        # one at most per batch that is stored; none while a server is waited for
        self.assertLess(self.longest, STORING)

    def missing(self):
        """Return in words where the server has what is not listed."""
        told = []
        for login, mailbox_id in self.mailbox_ids.items():
            held = set(self.odoo.places(mailbox_id))
            # before the folders are opened, which may change what it says
            said = self.said(login)
            lacking = server_places(self.dovecot, login) - held
            if lacking:
                sql = "SELECT * FROM mail_mailbox_folder WHERE mailbox_id = %s"
                rows = self.stage.execute(self.odoo.database, sql, mailbox_id)
                told += [f"{login} lacks {lacking}", f"{said}", *map(str, rows)]
        sql = "SELECT folder_id, uid, error, withheld, state, ask_at"
        sql += " FROM mail_mailbox_quarantine"
        told += map(str, self.stage.execute(self.odoo.database, sql))
        return "\n".join(told) or "the server has no more than is listed"

    def said(self, login):
        """Return what the server says of its folders when a check asks."""
        with self.dovecot.connected(login) as client:
            numbers = "RETURN (STATUS (MESSAGES UIDNEXT UNSEEN HIGHESTMODSEQ))"
            client._simple_command("LIST", '""', '"*"', numbers)
            return client.untagged_responses.get("STATUS")

    def tell(self, lost, doubled, fifths):
        megabytes = ", ".join(f"{size / 2**20:.1f}" for size in fifths)
        note(
            "Soak",
            f"{MAILBOXES} mailboxes for {SECONDS} s; from fifth to fifth of the calm"
            f" last third a worker had {megabytes} MB;"
            f" at most {self.opened} open files, {self.connections} connections,"
            f" a transaction of {self.longest:.1f} s",
            messages=self.sent,
            kills=self.kills + self.restarts,
            faults=self.cuts + self.proxy.broken,
            lost=lost,
            doubled=doubled,
        )


def in_fifths(sizes):
    """Return the means of the five parts of ``sizes``, in their order."""
    at = [len(sizes) * fifth // 5 for fifth in range(6)]
    parts = (sizes[a:b] or sizes for a, b in itertools.pairwise(at))
    return [sum(part) / len(part) for part in parts]


def grown(fifths):
    """Return by how many bytes a worker grew once it was warm."""
    return fifths[-1] - fifths[1]
