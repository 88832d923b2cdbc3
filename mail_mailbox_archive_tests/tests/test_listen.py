"""``odoo mailboxlisten``: a process that hears of new mail and has it fetched."""

import os
import signal
import subprocess
import sys
import time

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config

from .servers.dovecot import PASSWORD, Dovecot

#: Seconds until something must have happened; what people are promised is two.
PATIENCE = 20
#: A time that the scheduled action would wait for.
LATER = "2099-01-01 00:00:00"


@tagged("post_install", "-at_install")
class TestListen(BaseCase):
    """A real process, on mailboxes that are committed, and removed in the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.notify = cls.enterClassContext(Dovecot())
        cls.idle = cls.enterClassContext(Dovecot(without=["NOTIFY"]))

    def transact(self, work):
        with self.registry.cursor() as cr:
            return work(Environment(cr, SUPERUSER_ID, {}))

    def setUp(self):
        super().setUp()
        self.ids = {}
        self.others = self.transact(self.silence)
        self.addCleanup(lambda: self.transact(self.remove))

    def silence(self, env):
        others = env["mail.mailbox"].search([("imap_enabled", "=", True)])
        others.imap_enabled = False
        return others.ids

    def remove(self, env):
        env["mail.mailbox"].browse(self.ids.values()).unlink()
        env["mail.mailbox"].browse(self.others).imap_enabled = True

    def make(self, name, server, **values):
        if server:
            server.add_user(name)
        admin_id = self.transact(lambda env: env.ref("base.user_admin").id)
        values = {
            "name": name,
            "email": f"{name}@spedbud.example",
            "responsible_id": admin_id,
            "imap_host": "localhost",
            "imap_port": server.port if server else 9,
            "imap_security": "none",
            "imap_login": name,
            "imap_password": PASSWORD,
        } | values
        self.ids[name] = self.transact(
            lambda env: env["mail.mailbox"].create(values).id
        )

    def start(self):
        command = [sys.executable, "-m", "odoo", "mailboxlisten"]
        command += ["-c", config["config"], "-d", get_db_name(), "--log-level=error"]
        environment = {**os.environ, "ODOO_RC": config["config"]}
        process = subprocess.Popen(command, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def is_due(self, name):
        mailbox = self.ids[name]
        return self.transact(
            lambda env: not env["mail.mailbox"].browse(mailbox).next_poll_at
        )

    def postpone(self):
        """Have all wait for long, as after a check."""

        def work(env):
            env["mail.mailbox"].browse(self.ids.values()).next_poll_at = LATER
            env["ir.cron.trigger"].search([]).unlink()

        self.transact(work)

    def wait(self, *names):
        end = time.monotonic() + PATIENCE
        while not all(self.is_due(name) for name in names):
            self.assertLess(time.monotonic(), end, f"{names} were not woken")
            time.sleep(0.1)

    def test_mail_wakes_its_mailbox_and_no_other(self):
        for name, server in (("all_folders", self.notify), ("inbox", self.idle)):
            self.make(name, server)
            server.create_folder(name, "Trash")
            server.create_folder(name, "Projects")
        self.make("quiet", self.notify)
        self.make("dead", None)
        self.make("refused", self.notify, imap_password="wrong")
        self.postpone()
        process = self.start()
        # each line tells when it stands: what came before it did is fetched as well
        self.wait("all_folders", "inbox", "quiet")
        self.postpone()
        for name, server, folder in (
            ("all_folders", self.notify, "Projects"),
            ("inbox", self.idle, "INBOX"),
        ):
            with server.connected(name) as client:
                client.append("Trash", None, None, b"Subject: Old\r\n\r\nx\r\n")
            time.sleep(1.5)
            self.assertFalse(self.is_due(name))
            # by the server itself: of files that others put there it does not tell
            with server.connected(name) as client:
                client.append(folder, None, None, b"Subject: News\r\n\r\nx\r\n")
            self.wait(name)
        self.assertFalse(self.is_due("quiet"))
        woken = self.transact(
            lambda env: env["ir.cron.trigger"].search_count(
                [("cron_id", "=", env.ref("mail_mailbox_archive.ir_cron_poll_1").id)]
            )
        )
        self.assertTrue(woken)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(PATIENCE), 0)
