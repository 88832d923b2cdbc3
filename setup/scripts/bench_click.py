"""How long a click on Send takes, and how soon the mail is with the SMTP server.

Run by ``python3 setup bench click`` in Odoo's shell, which gives ``env``. A server of
its own with two workers and two threads of scheduled actions, a Dovecot and an SMTP
server; from outside, by the calls of the web client, with an attachment of 10 MB that
is uploaded before. Once while nothing else happens, and once while another mailbox of
``--size`` messages is fetched for the first time. ``--repeats`` clicks are made.
Its database is on the same machine and does not wait for the disk.
"""

import logging
import random
import statistics
import time
from unittest import TestSuite

from odoo.addons.mail_mailbox_archive_tests.tests.outside.test_outbox import (
    DRAFT,
    OutboxCase,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.smtp import SmtpServer

from setup.scripts.reporting import OPTIONS, Report

# it logs every line it gets
logging.getLogger("mail.log").setLevel(logging.ERROR)
CLICKS = OPTIONS.repeats or 30
SIZE = OPTIONS.size or 20_000
MEGABYTES = 10
#: A mail of the mailbox that is fetched.
LETTER = (
    b"From: Bob <bob@busy.example>\r\nSubject: %d\r\nMessage-ID: <%d@x>\r\n\r\n%s\r\n"
)
LISTED = "SELECT count(*) FROM mail_mailbox_arrival WHERE mailbox_id = %s"


class TimedServer(SmtpServer):
    """Notes when each message begins to come."""

    def __post_init__(self):
        super().__post_init__()
        self.begun = []

    def reply(self, *names):
        if "DATA" in names:
            self.begun.append(time.monotonic())
        return super().reply(*names)


class Click(OutboxCase):
    """One person who sends one mail after the other."""

    def runTest(self):
        report = Report("click")
        self.timed = self.enter(TimedServer())
        self.anna = self.person("click_anna")
        values = self.smtp_values(self.timed)
        self.box = self.mailbox("click_anna@spedbud.example", self.anna, **values)
        # what a worker does once only
        self.click()
        runs = [("Nothing else happens", [self.click() for _time in range(CLICKS)])]
        runs.append(("During a first import", self.click_while_filling()))
        report.say(f"{CLICKS} clicks each, with an attachment of {MEGABYTES} MB.")
        report.table(
            ("", "clicks", "click, median ms", "p95 ms", "to DATA, median s", "p95 s"),
            [(name, len(run), *self.figures(run)) for name, run in runs if run],
        )

    def click(self):
        """Return the milliseconds of one click, and the seconds from it to DATA."""
        number = len(self.timed.begun)
        draft = self.compose(self.anna, self.box, f"p{number}@x.example", "Plan")
        content = random.randbytes(MEGABYTES * 2**20)
        made = self.anna.upload("plan.bin", content, DRAFT, draft)
        self.anna.change(DRAFT, draft, attachment_ids=[(6, 0, [made])])
        started = time.monotonic()
        row = self.send(self.anna, draft)
        answered = time.monotonic()
        self.wait(lambda: len(self.timed.begun) > number, "its DATA")
        self.wait(lambda: self.is_listed(row), "its line in the Queue")
        # not to fill the machine's memory
        self.timed.received.clear()
        self.timed.wires.clear()
        return (answered - started) * 1000, self.timed.begun[number] - started

    def is_listed(self, row):
        return self.row(self.anna, row, "mailbox_message_id")["mailbox_message_id"]

    def click_while_filling(self):
        login = "click_filled"
        for number in range(SIZE):
            self.dovecot.deliver(login, LETTER % (number, number, b"word " * 400))
        filled = self.mailbox(f"{login}@spedbud.example", self.anna)
        self.odoo.wake("mail_mailbox_archive.ir_cron_poll_1")
        self.wait(lambda: self.count(filled), "the first import")
        run = []
        while len(run) < CLICKS:
            clicked = self.click()
            if self.count(filled) >= SIZE:
                # it may have ended before
                break
            run.append(clicked)
        return run

    def count(self, mailbox):
        return self.odoo.sql(LISTED, mailbox)[0][0]

    def figures(self, run):
        """Return median and 95th percentile of both."""
        for values in zip(*run, strict=True):
            yield statistics.median(values)
            yield sorted(values)[min(int(len(values) * 0.95), len(values) - 1)]


TestSuite([Click()]).debug()
