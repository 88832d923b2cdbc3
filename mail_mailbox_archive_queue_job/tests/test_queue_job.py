"""Checks of mailboxes as jobs, up to a job runner of its own process."""

import os
import socket
import subprocess
import sys
import time
from unittest.mock import patch

from odoo import Command, fields
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tests.common import get_db_name
from odoo.tools import config

from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)
from odoo.addons.queue_job.tests.common import trap_jobs

COUNT = 60
#: Seconds until the runner must have done its work.
PATIENCE = 90


def make_mailbox(env, name, **values):
    admin = env.ref("base.user_admin")
    return env["mail.mailbox"].create(
        {
            "name": name,
            "email": f"{name}@spedbud.example",
            "responsible_id": admin.id,
            "user_ids": [Command.set(admin.ids)],
            "imap_host": "localhost",
            "imap_security": "none",
            "imap_login": name,
            "imap_password": PASSWORD,
            **values,
        }
    )


@tagged("post_install", "-at_install")
class TestJobs(TransactionCase):
    def setUp(self):
        super().setUp()
        self.mailboxes = self.env["mail.mailbox"]
        self.mailboxes.search([]).active = False
        self.due = make_mailbox(self.env, "due")
        self.later = make_mailbox(self.env, "later")
        self.later.next_poll_at = fields.Datetime.add(fields.Datetime.now(), hours=1)

    def test_scheduled_action_queues_one_job_for_each_due_mailbox(self):
        with trap_jobs() as jobs:
            done, left = self.mailboxes._poll_due(10)
            jobs.assert_jobs_count(1, only=self.due._job_poll)
        self.assertEqual((done, left), (1, 0))

    def test_waiting_job_is_not_queued_again(self):
        self.mailboxes._poll_due(10)
        self.mailboxes._poll_due(10)
        jobs = self.env["queue.job"].search([("model_name", "=", "mail.mailbox")])
        self.assertEqual(len(jobs), 1)
        self.assertEqual(jobs.channel, "root.mailbox")

    def wait(self, eta=None):
        """Have the queued checks wait since yesterday, to be tried again at ``eta``."""
        yesterday = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.mailboxes._poll_due(10)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE queue_job SET date_created = %s, eta = %s"
            " WHERE model_name = 'mail.mailbox'",
            [yesterday, eta],
        )
        self.env.invalidate_all()

    def test_without_a_runner_the_scheduled_action_fetches(self):
        self.mailboxes._poll_due(10)
        self.assertFalse(self.due._get_schedule_problem())
        self.wait()
        with patch.object(type(self.mailboxes), "_poll", return_value=[1]) as poll:
            done, _left = self.mailboxes._poll_due(10)
        poll.assert_called_once()
        self.assertEqual(done, 1)
        self.assertIn("job queue", self.due._get_schedule_problem())

    def test_a_job_that_is_to_be_tried_again_waits_for_its_time(self):
        self.wait(fields.Datetime.add(fields.Datetime.now(), minutes=5))
        self.assertFalse(self.mailboxes._is_runner_late())


@tagged("post_install", "-at_install")
class TestRunner(BaseCase):
    """A job runner of its own process, on mailboxes that are committed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.server = cls.enterClassContext(Dovecot())

    def transact(self, work):
        with self.registry.cursor() as cr:
            return work(Environment(cr, SUPERUSER_ID, {}))

    def make(self, env):
        others = env["mail.mailbox"].search([("imap_enabled", "=", True)])
        others.next_poll_at = fields.Datetime.add(fields.Datetime.now(), days=1)
        names = ("runner_one", "runner_two")
        return [
            make_mailbox(env, name, imap_port=self.server.port).id for name in names
        ]

    def remove(self):
        def work(env):
            mailboxes = env["mail.mailbox"].browse(self.ids)
            of_them = [("mailbox_id", "in", self.ids)]
            arrivals = env["mail.mailbox.arrival"].search(of_them)
            messages = arrivals.mailbox_message_id
            arrivals.unlink()
            messages.unlink()
            mailboxes.unlink()
            env["queue.job"].search([("model_name", "=", "mail.mailbox")]).unlink()

        self.transact(work)

    def start_odoo(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        command = [sys.executable, "-m", "odoo", "-c", config["config"]]
        command += ["-d", get_db_name(), f"--http-port={port}"]
        command += ["--load=base,web,queue_job", "--max-cron-threads=0"]
        environment = {
            **os.environ,
            "ODOO_QUEUE_JOB_CHANNELS": "root:2",
            "ODOO_QUEUE_JOB_HOST": "127.0.0.1",
            "ODOO_QUEUE_JOB_PORT": str(port),
        }
        process = subprocess.Popen(command, env=environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.terminate)
        return process

    def test_runner_fetches_the_mail_of_two_mailboxes(self):
        for name in ("runner_one", "runner_two"):
            self.server.add_user(name)
            for number in range(COUNT):
                source = f"Subject: {name} {number}\r\n\r\nHello {number}\r\n"
                self.server.deliver(name, source.encode())
        self.ids = self.transact(self.make)
        self.addCleanup(self.remove)
        self.transact(lambda env: env["mail.mailbox"]._poll_due(10))
        self.start_odoo()
        end = time.monotonic() + PATIENCE
        states = set()
        while time.monotonic() < end and states != {"done"}:
            time.sleep(0.5)
            states = set(self.transact(self.states))
        self.assertEqual(states, {"done"})
        of_them = [("mailbox_id", "in", self.ids)]
        arrived = self.transact(
            lambda env: env["mail.mailbox.arrival"].search_count(of_them)
        )
        self.assertEqual(arrived, 2 * COUNT)

    def states(self, env):
        jobs = env["queue.job"].search([("model_name", "=", "mail.mailbox")])
        return jobs.mapped("state")
