"""Attachments are read in the background, and nobody waits for it.

The long form reads 1,000 attachments of 1 MB; its table says how long a page and a
check took meanwhile, before, and afterwards.
"""

import base64
import os
import sys
import time
from statistics import median

from ..common import write_mail
from ..mailcore.attachments import docx
from ..reliability.extent import LONG, extent, note
from .case import OutsideCase

COUNT, SIZE, OF_ONE = extent(6, 1_000), extent(100_000, 1_000_000), extent(3, 10)
#: How often a page and a check are measured, while nothing is read.
ROUNDS = extent(3, 30)
#: Seconds in which all is read.
PATIENCE = extent(120, 3_000)
WAITING = (
    "SELECT count(*) FROM mail_mailbox_part WHERE inside_id IS NULL"
    " AND inside_kind IS NOT NULL"
)
SWITCH = "mail_mailbox_archive.attachments_off"
#: How much longer something may take meanwhile: a machine of two cores is busy.
FACTOR, SPARE = 2, 0.5


def letter(number):
    """Return a file of words that nobody else has, as large as it is said to be."""
    words = base64.b32encode(os.urandom(SIZE)).decode().lower()
    lines = [words[at : at + 60] for at in range(0, len(words), 60)]
    return docx(f"letter number{number}", *lines)


class TestInsideBeside(OutsideCase):
    """A server of its own, since all its attachments are read at once."""

    def setUp(self):
        super().setUp()
        self.odoo = self.another_odoo(workers=2, crons=2)
        self.anna = self.person("beside", odoo=self.odoo)
        self.box = self.mailbox("beside@spedbud.example", self.anna, odoo=self.odoo)
        self.arrived = 0

    def switch(self, value):
        """Have attachments read, or not."""
        admin = self.odoo.client("admin")
        admin.call("ir.config_parameter", "set_param", SWITCH, value)

    def waiting(self):
        return self.odoo.sql(WAITING)[0][0]

    def put(self, *sources):
        for source in sources:
            self.dovecot.deliver("beside", source)
        self.arrived += len(sources)

    def check(self):
        """Have new mail fetched; return the seconds until it is in the Queue."""
        begun = time.monotonic()
        super().check(self.box, self.anna)
        self.wait(self.is_there, "the emails", PATIENCE)
        return time.monotonic() - begun

    def is_there(self):
        domain = [("mailbox_id", "=", self.box)]
        found = self.anna.call("mail.mailbox.arrival", "search_count", domain)
        return found == self.arrived

    def page(self):
        """Return the seconds in which the Queue and an email are there."""
        begun = time.monotonic()
        spec = {"mailbox_message_id": {"fields": {"display_name": {}}}}
        found = self.anna.call(
            "mail.mailbox.arrival", "web_search_read", [], spec, limit=80
        )
        message = found["records"][0]["mailbox_message_id"]["id"]
        self.anna.call("mail.mailbox.message", "get_view_data", [message])
        return time.monotonic() - begun

    def measure(self, goes_on):
        """Return the seconds of pages and of checks, one after the other."""
        pages, checks = [], []
        while goes_on(len(pages)):
            pages.append(self.page())
            self.put(write_mail(f"Small {self.arrived}").as_bytes())
            checks.append(self.check())
        return pages, checks

    def test_nobody_waits_for_it(self):
        self.switch("True")
        numbers = iter(range(COUNT))
        for _mail in range(COUNT // OF_ONE):
            mail = write_mail(f"Letters {self.arrived}")
            for _one in range(OF_ONE):
                name = f"letter{next(numbers)}.docx"
                mail.add_attachment(letter(name), "application", "x", filename=name)
            self.put(mail.as_bytes())
        self.check()
        self.assertEqual(self.waiting(), COUNT)
        before = self.measure(lambda done: done < ROUNDS)
        self.assertEqual(self.waiting(), COUNT)
        self.switch("")
        begun = time.monotonic()
        self.odoo.wake("mail_mailbox_archive.ir_cron_inside")
        self.wait(lambda: self.waiting() < COUNT, "the first attachment", PATIENCE)
        beside = self.measure(lambda done: self.waiting() or not done)
        took = time.monotonic() - begun
        after = self.measure(lambda done: done < ROUNDS)
        self.assertFalse(self.waiting())
        ((failed,),) = self.odoo.sql(
            "SELECT count(*) FROM mail_mailbox_inside WHERE error_code IS NOT NULL"
        )
        self.assertEqual(failed, 0)
        self.tell({"before": before, "meanwhile": beside, "afterwards": after}, took)
        for kind, name in enumerate(("page", "check")):
            usual = max(median(before[kind]), median(after[kind]))
            self.assertLess(median(beside[kind]), FACTOR * usual + SPARE, name)

    def tell(self, figures, took):
        """Print the figures, in Markdown."""
        lines = ["", "| | rounds | page (s) | slowest | check (s) | slowest |"]
        lines.append("|---|---|---|---|---|---|")
        for name, (pages, checks) in figures.items():
            cells = [f"{one:.2f}" for one in (median(pages), max(pages))]
            cells += [f"{one:.2f}" for one in (median(checks), max(checks))]
            lines.append(f"| {name} | {len(pages)} | {' | '.join(cells)} |")
        lines.append(f"{COUNT} attachments of {SIZE:,} bytes, read in {took:.0f} s")
        if LONG:
            sys.stderr.write("\n".join(lines) + "\n")
        said = f"{COUNT} files read, pages and checks meanwhile"
        note("Attachments in the background", said, inputs=COUNT)
