"""What a person waits for who presses Send, from outside of a running server.

Run by ``python3 setup bench click`` in Odoo's shell: only its database is used. It is
copied to a server with two workers, where people press Send by JSON as a browser does:
with nothing else to do, with an attachment of 10 MB, and while mailboxes are filled for
the first time, with one and with two threads of scheduled actions. ``--size`` is how
many mails are sent each time.
"""

import random
import time

from odoo.addons.mail_mailbox_archive_tests.tests.outside.running import running
from odoo.addons.mail_mailbox_archive_tests.tests.outside.test_outbox import (
    DRAFT,
    OUTBOX,
    OutboxCase,
)

from setup.scripts.reporting import OPTIONS, Report, median

COUNT = OPTIONS.size or 40
#: Mails that are fetched meanwhile, of two mailboxes.
FILLED = 12_000 if COUNT > 20 else 100
BIG = 10 * 2**20


class Noted(list):
    """What an SMTP server took, and when the last byte of each was there."""

    def __init__(self):
        super().__init__()
        self.when = {}

    def append(self, one):
        super().append(one)
        self.when |= dict.fromkeys(one.rcpt_to, time.monotonic())


class Desk(OutboxCase):
    """People who press Send, and what they wait for."""

    def runTest(self):
        """Nothing: it is the people and servers that are used."""

    def click(self, person, box, to, content=b"", **context):
        """Write a mail and press Send; return the ms of the answer and of the wire."""
        draft = self.compose(person, box, to, "Pressed")
        if content:
            made = person.upload("plan.bin", content, DRAFT, draft)
            person.change(DRAFT, draft, attachment_ids=[(6, 0, [made])])
        begun = time.monotonic()
        row = self.send(person, draft, context=context)
        answered = time.monotonic()
        self.wait(lambda: to in self.smtp.received.when, f"the mail to {to}")
        return answered - begun, self.smtp.received.when[to] - begun, row

    def measure(self, name, content=b"", odoo=None):
        """Return a row of the table: what people wait for, one mail after the other."""
        odoo = odoo or self.odoo
        login = name.lower().replace(" ", "_").replace(",", "")
        person = self.person(login, odoo=odoo)
        box = self.mailbox(f"{login}@spedbud.example", person, odoo=odoo)
        times = [
            self.click(person, box, f"{login}{number}@x.example", content)
            for number in range(COUNT)
        ]
        answers, wires = (sorted(one[n] * 1000 for one in times) for n in (0, 1))
        figures = (median(answers), late(answers), median(wires), late(wires))
        return (name, *figures, wires[-1])

    def measure_filling(self, crons):
        """The same while two mailboxes are filled."""
        odoo = self.another_odoo(workers=2, crons=crons)
        person = self.person("filled", odoo=odoo)
        for number in range(2):
            login = f"filled{crons}_{number}"
            self.mailbox(f"{login}@spedbud.example", person, odoo=odoo)
            self.fill(login, FILLED // 2)
            odoo.wake(f"mail_mailbox_archive.ir_cron_poll_{number + 1}")
        listed = (
            "SELECT count(*) FROM mail_mailbox_arrival WHERE direction = 'incoming'"
        )
        self.wait(lambda: odoo.sql(listed)[0][0], "the first import")
        row = self.measure(f"First import, {crons} cron threads", odoo=odoo)
        return row, odoo.sql(listed)[0][0]

    def fill(self, login, count):
        for number in range(count):
            head = f"From: Bob <bob@busy.example>\r\nSubject: {number}\r\n"
            head += f"Message-ID: <{number}.{login}@x>\r\n\r\n"
            self.dovecot.deliver(login, head.encode() + b"word " * 400)

    def undone(self):
        """Return the seconds on which a mail leaves whose writer may undo it."""
        person = self.person("undo")
        box = self.mailbox("undo@spedbud.example", person)
        _answer, wire, row = self.click(person, box, "u@x.example", mailbox_undo=True)
        (read,) = person.call(OUTBOX, "read", [row], ["send_at", "create_date"])
        return wire, read["send_at"], read["create_date"]


def late(figures):
    """Return what 95 of 100 are not later than."""
    return figures[max(-(-len(figures) * 95 // 100) - 1, 0)]


def main():
    report = Report("click")
    desk = Desk()
    Desk.setUpClass()
    try:
        desk.setUp()
        desk.smtp.received = Noted()
        big = random.Random(OPTIONS.seed).randbytes(BIG)
        rows = [desk.measure("Idle"), desk.measure("Idle, 10 MB", big)]
        wire, until, since = desk.undone()
        told = []
        for crons in (2, 1):
            row, listed = desk.measure_filling(crons)
            rows.append(row)
            told.append(f"{listed:,} of {FILLED:,} with {crons}")
        heads = ("answer, ms", "95 %", "on the wire, ms", "95 %", "longest")
        report.say(f"{COUNT} mails each, one after the other; two workers.")
        report.table(("", *heads), rows)
        report.say(f"Fetched by the end of it: {', '.join(told)} cron threads.")
        report.say(f"Not undone between {since} and {until}, it left in {wire:.1f} s.")
    finally:
        desk.doCleanups()
        Desk.doClassCleanups()
        running().close()


main()
