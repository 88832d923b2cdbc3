"""Odoo killed, PostgreSQL killed, the file store full: the next poll goes on."""

import random
import time
from collections import Counter

from odoo.tests import BaseCase, tagged

from ..servers.dovecot import Dovecot
from ..test_poll import mails
from .extent import extent, note
from .odoo_process import PLACES
from .odoo_server import OdooServer, server_places
from .stage import Stage

FOLDERS = extent(5, 20)
KILLS, DATABASE_KILLS, FULL = extent(9, 50), extent(1, 5), extent(1, 3)
MESSAGES = extent(600, 10_000)


@tagged("post_install", "-at_install")
class TestCrashes(BaseCase):
    """One mailbox, filled while everything around it breaks."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stage = cls.enterClassContext(Stage())

    def setUp(self):
        super().setUp()
        self.dovecot = self.enterContext(Dovecot())
        self.random = random.Random(8)
        self.login = self.id().rpartition(".")[2][-20:]
        self.dovecot.add_user(self.login)
        self.delivered = 0

    def start(self, **options):
        self.odoo = self.enterContext(OdooServer(self.stage, **options))
        (self.mailbox_id,) = self.odoo.make_mailboxes(self.dovecot, [self.login])

    def deliver(self, count):
        """Put new mail into the folders, some of it read already."""
        for source in mails(count, f"{self.login} {self.delivered}", 40_000):
            number = self.delivered % FOLDERS
            folder = f"Folder {number}" if number else "INBOX"
            flags = self.random.choice(["", "S", "FS"])
            self.dovecot.deliver(self.login, source, folder, flags)
            self.delivered += 1

    def compare(self):
        """Return how many messages are lost and how many are there twice."""
        held = self.odoo.places(self.mailbox_id)
        on_server = server_places(self.dovecot, self.login)
        self.assertEqual(len(on_server), self.delivered)
        times = Counter(held)
        doubled = sum(number - 1 for number in times.values())
        return len(on_server - times.keys()), doubled, len(times.keys() - on_server)

    def check_whole(self, before):
        """All of it is there once, byte for byte, and nothing else."""
        self.odoo.wait_until_quiet(self.delivered)
        self.assertEqual(self.compare(), (0, 0, 0))
        self.assertEqual(self.odoo.in_quarantine(), [])
        self.assertEqual(self.dovecot.snapshot(self.login), before)

    # The rounds

    def kill_at(self, place):
        self.odoo.aim(place, self.random.randint(1, 3))
        self.odoo.go_on(lambda: not self.odoo.aimed(), f"death at {place}")

    def kill_sometime(self):
        begun = self.odoo.count()
        self.odoo.go_on(lambda: self.odoo.count() > begun, "the first messages")
        time.sleep(self.random.uniform(0, 0.3))
        if self.random.random() < 0.2:
            self.odoo.stop()  # all of it, to be started anew
        else:
            self.odoo.kill_workers()

    def kill_database(self):
        begun = self.odoo.count()
        self.odoo.go_on(lambda: self.odoo.count() > begun, "the first messages")
        time.sleep(self.random.uniform(0, 0.3))
        postgres = self.stage.postgres
        self.random.choice([postgres.kill, postgres.stop_at_once])()
        time.sleep(self.random.uniform(0, 0.5))
        postgres.start()

    def fill_disk(self):
        """Have the file store full until the mailbox says so, then free it."""
        self.odoo.kick()
        self.odoo.disk.fill(self.odoo.pids())

        def told():
            sql = "SELECT error_code FROM mail_mailbox WHERE id = %s"
            code = self.stage.execute(self.odoo.database, sql, self.mailbox_id)[0][0]
            self.odoo.disk.fill(self.odoo.pids())
            return code == "disk_full"

        self.odoo.go_on(told, "the word that the disk is full")
        self.odoo.disk.free(self.odoo.pids())

    def rounds(self):
        aimed = KILLS * 2 // 3
        acts = [
            *((self.kill_at, PLACES[n % len(PLACES)]) for n in range(aimed)),
            *((self.kill_sometime,) for _n in range(KILLS - aimed)),
            *((self.kill_database,) for _n in range(DATABASE_KILLS)),
            *((self.fill_disk,) for _n in range(FULL)),
        ]
        self.random.shuffle(acts)
        return acts

    def test_everything_dies_and_nothing_is_lost(self):
        acts = self.rounds()
        portion = MESSAGES // (len(acts) + 1)
        self.deliver(MESSAGES - portion * len(acts))
        self.start()
        for act, *arguments in acts:
            self.deliver(portion)
            with self.subTest(act.__name__, arguments=arguments):
                act(*arguments)
        before = self.dovecot.snapshot(self.login)
        self.check_whole(before)
        lost, doubled, _more = self.compare()
        note(
            "Crash harness",
            f"{KILLS} × SIGKILL, PostgreSQL killed {DATABASE_KILLS} times, file store"
            f" full {FULL} times, {FOLDERS} folders",
            messages=self.delivered,
            kills=KILLS + DATABASE_KILLS,
            faults=FULL,
            lost=lost,
            doubled=doubled,
        )

    def test_loss_would_be_seen(self):
        self.deliver(200)
        self.start(unsafe=True)
        self.odoo.aim("rows", 2)
        self.odoo.go_on(lambda: not self.odoo.aimed(), "death")
        self.odoo.wait_until_quiet(1)
        time.sleep(1)
        lost, _doubled, _more = self.compare()
        self.assertGreater(lost, 0)
