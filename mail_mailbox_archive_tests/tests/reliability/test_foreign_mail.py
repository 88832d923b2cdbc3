"""Mail that nobody here wrote, and mail written to do harm: all of it arrives.

Through a real poll, between mails of the usual kind. What cannot be read stands in
quarantine with its bytes and the reason; what can be read can also be looked at.
"""

import base64
import json
import os
import resource
from datetime import datetime, timezone

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

from ..mailcore.sources import corpus, mixed, sample, samples
from ..mailcore.test_message_limits import BOMBS, HOSTILE, PDF, read_all
from ..servers.scripted import FakeFolder, FakeMessage, FakeServer
from ..test_poll import PollingCase, mails
from .extent import extent, note

#: How often a bomb repeats what it is made of.
FORCE = 5_000
#: When the fake server says that they came.
MOMENT = datetime(2026, 11, 5, 9, tzinfo=timezone.utc)
#: Of the corpora, every so many messages are taken.
STEP = extent(short=12, long=1)
#: What a message may cost: seconds of CPU, and bytes of memory.
SECONDS, MEMORY = 2, 200 * 2**20


def bombs():
    """Yield name and source of what was written to do harm."""
    for name, make in BOMBS.items():
        yield name, make(FORCE)
    for name, (make, _code) in HOSTILE.items():
        yield name, make()
    yield "45 MB", mixed(PDF + b"\r\n" + b"QUJD" * (45 * 2**18) + b"\r\n")


def foreign():
    """Yield name and source of what nobody here wrote, and of our own samples."""
    yield from list(corpus())[::STEP]
    for name in samples():
        yield name, sample(name)


def cost(source):
    """Return the CPU seconds and the bytes of memory that reading a source takes."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        before = resource.getrusage(resource.RUSAGE_SELF)
        try:
            read_all(source)
        finally:
            after = resource.getrusage(resource.RUSAGE_SELF)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            grown = (after.ru_maxrss - before.ru_maxrss) * 1024
            os.write(writer, json.dumps([used, grown]).encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as told:
        result = json.loads(told.read())
    os.waitpid(child, 0)
    return result


@tagged("post_install", "-at_install")
class TestForeignMail(PollingCase):
    def receive(self, sources):
        """Poll ``sources``, with a usual mail after every tenth."""
        usual = list(mails(len(sources) // 10 + 1, "Usual"))
        every = []
        for number, source in enumerate(sources):
            every += [source] if number % 10 else [usual[number // 10], source]
        folder = FakeFolder({n: FakeMessage(one) for n, one in enumerate(every, 1)})
        server = self.enterContext(FakeServer({"INBOX": folder}))
        self.connect(self.mailbox, "ann", server)
        self.poll()
        self.assertWorks()
        return usual[: (len(sources) - 1) // 10 + 1]

    def check(self, sources, usual):
        """Each source is stored byte for byte, or in quarantine with its reason."""
        messages = self.arrivals().mailbox_message_id
        stored = {message.identity: message for message in messages}
        kept = {
            base64.b64decode(row.with_context(bin_size=False).source or b""): row
            for row in self.mailbox.quarantine_ids
        }
        # of a message without a byte the server has an empty header to give
        kept |= {source.strip(): row for source, row in kept.items()}
        quarantined = 0
        for source in [*usual, *sources]:
            try:
                message = stored.get(parse(source, MOMENT).identity)
            except Unreadable:
                quarantined += 1
                self.assertIn(source, kept)
                self.assertTrue(kept[source].error)
                continue
            self.assertTrue(message, source[:200])
        self.assertEqual(len(messages), len(stored))
        held = {arrival._read_source() for arrival in self.arrivals()}
        self.assertLessEqual(set(usual), held)
        self.assertLessEqual(held, {*usual, *sources})
        return quarantined

    def look(self):
        """Open every message as the viewer does."""
        for message in self.arrivals().mailbox_message_id.with_user(self.member):
            data = message.get_view_data()
            json.dumps(data)
            self.assertTrue(message._view_body([]))

    def test_foreign_mail_arrives_and_can_be_looked_at(self):
        sources = list({source for _name, source in foreign()})
        self.assertGreater(len(sources), 5)
        self.check(sources, self.receive(sources))
        self.look()
        note(
            "Foreign mail",
            "messages of public test suites, received and opened",
            inputs=len(sources),
            lost=0,
            doubled=0,
        )

    def test_bombs_harm_nobody(self):
        sources = [source for _name, source in bombs()]
        quarantined = self.check(sources, self.receive(sources))
        self.assertGreaterEqual(quarantined, 5)
        self.look()
        note(
            "Bombs",
            "messages written to exhaust a reader, between usual ones",
            inputs=len(sources),
            lost=0,
            doubled=0,
        )

    def test_a_bomb_costs_no_more_than_a_moment(self):
        self.assertGreaterEqual(len(list(bombs())), 30)
        for name, source in bombs():
            with self.subTest(bomb=name):
                seconds, memory = cost(source)
                if seconds >= SECONDS:
                    # on a busy machine the same work takes more of a processor
                    seconds, memory = min(cost(source) for _again in range(3))
                self.assertLess(seconds, SECONDS)
                self.assertLess(memory, MEMORY)
