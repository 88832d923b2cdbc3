"""Processes that are killed and processes that meet: nothing lost, nothing doubled."""

import random
import time

from odoo import Command
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests import tagged
from odoo.tests.common import get_db_name

from .common import remove_mail
from .servers.dovecot import PASSWORD, Dovecot
from .test_poll import mails
from .waiting_process import WaitingProcessCase

COUNT = 1500


@tagged("post_install", "-at_install")
class TestPollProcesses(WaitingProcessCase):
    """Real processes on a mailbox that is committed, and removed in the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.server = cls.enterClassContext(Dovecot())
        cls.mailbox_id = None

    def setUp(self):
        super().setUp()
        self.login = self.id().rpartition(".")[2][-30:]
        self.server.add_user(self.login)
        self.sources = list(mails(COUNT, self.login, 40_000))
        for number, source in enumerate(self.sources):
            self.server.deliver(self.login, source, "INBOX" if number % 3 else "Other")
        with self.registry.cursor() as cr:
            self.mailbox_id = self._make_mailbox(cr).id
        self.addCleanup(self._remove_mailbox)

    def _make_mailbox(self, cr):
        env = Environment(cr, SUPERUSER_ID, {})
        admin = env.ref("base.user_admin")
        return env["mail.mailbox"].create(
            {
                "name": "Processes",
                "email": f"{self.login}@spedbud.example",
                "responsible_id": admin.id,
                "user_ids": [Command.set(admin.ids)],
                "imap_host": "localhost",
                "imap_port": self.server.port,
                "imap_security": "none",
                "imap_login": self.login,
                "imap_password": PASSWORD,
            }
        )

    def _remove_mailbox(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            mailbox = env["mail.mailbox"].browse(self.mailbox_id)
            remove_mail(mailbox)
            mailbox.unlink()

    def start(self):
        """Start a process that is ready to poll and waits for a word to begin."""
        return self.start_process("poll", self.mailbox_id)

    def check(self):
        """Every source is listed once and readable byte for byte."""
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            mailbox = env["mail.mailbox"].browse(self.mailbox_id)
            self.assertFalse(mailbox.last_error)
            arrivals = env["mail.mailbox.arrival"].search(
                [("mailbox_id", "=", mailbox.id)]
            )
            self.assertEqual(len(arrivals), COUNT)
            stored = sorted(a._read_source() for a in arrivals)
        self.assertTrue(stored == sorted(self.sources), "the sources differ")

    def count(self):
        with self.registry.cursor() as cr:
            cr.execute(
                "SELECT count(*) FROM mail_mailbox_arrival WHERE mailbox_id = %s",
                [self.mailbox_id],
            )
            return cr.fetchone()[0]

    def test_killed_in_the_middle(self):
        before = self.server.snapshot(self.login)
        delays, counts = random.Random(7), []
        for _round in range(4):
            process = self.start()
            begun = self.count()
            self.begin(process)
            while self.count() == begun and process.poll() is None:
                time.sleep(0.02)
            time.sleep(delays.uniform(0, 0.4))
            process.kill()
            process.wait()
            counts.append(self.count())
        self.assertGreater(counts[0], 0)
        self.assertLess(counts[0], COUNT)
        process = self.start()
        self.begin(process)
        self.assertEqual(process.wait(120), 0)
        self.check()
        self.assertEqual(self.server.snapshot(self.login), before)

    def test_two_at_once(self):
        first, second = self.start(), self.start()
        self.begin(first)
        self.begin(second)
        self.assertEqual((first.wait(120), second.wait(120)), (0, 0))
        arrived = sum(int(p.stdout.read().split()[1]) for p in (first, second))
        self.assertEqual(arrived, COUNT)
        self.check()
