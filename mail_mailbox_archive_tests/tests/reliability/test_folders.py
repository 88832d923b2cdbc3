"""Accounts of thousands of folders at servers that tell of each one by itself."""

import time

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap import sync
from odoo.addons.mail_mailbox_archive.models.receiving.health import TURN

from ..servers.scripted import FakeFolder, FakeMessage, FakeServer
from ..test_poll import PollingCase, mails
from .extent import LONG, extent, note

#: Folders, seconds that the server takes for each answer, seconds for a check that
#: finds nothing, on the average, and how often it is looked.
SIZES = extent(((300, 0.005, 2, 2),), ((3_000, 0.005, 2, 20), (14_000, 0.008, 4, 5)))


@tagged("post_install", "-at_install")
class TestManyFolders(PollingCase):
    """No LIST-STATUS, and no answer at once."""

    def serve(self, count, seconds):
        def slow(name):
            def quirk(server, line, tag, argument):
                time.sleep(seconds)
                server.answer(line, tag, name, argument)

            return quirk

        sources = list(mails(12, f"Of {count}"))
        folders = {f"Folder {number:05}": FakeFolder() for number in range(count - 1)}
        names = list(folders)
        holding = ["INBOX", *names[:: max(1, count // 10)]][:10]
        folders["INBOX"] = FakeFolder()
        for name, source in zip(holding, sources, strict=False):
            folders[name].messages[1] = FakeMessage(source)
        quirks = {name: slow(name) for name in ("STATUS", "EXAMINE", "UID SEARCH")}
        server = self.enterContext(FakeServer(folders, quirks))
        self.connect(self.mailbox, f"many{count}", server)
        return server, sources, holding

    def fetch_all(self, sources):
        """Check as often as it takes; return how often, and the longest check."""
        longest = 0
        for number in range(1, 400):
            begun = time.monotonic()
            self.poll(seconds=10)
            longest = max(longest, time.monotonic() - begun)
            self.assertFalse(self.mailbox.last_error)
            if not self.mailbox.folder_ids.filtered(lambda f: not f.next_uid):
                self.assertArrived(sources)
                return number, longest
        self.fail("not all folders were read")

    def check_size(self, count, seconds, most, looks):
        server, sources, holding = self.serve(count, seconds)
        begun = time.monotonic()
        self.poll(seconds=3)
        first = self.arrivals()[:1].folder_id
        self.assertEqual(first.role, "inbox", "what people wait for comes first")
        checks, _longest = self.fetch_all(sources[:10])
        told = f"{count:,} folders: all in {time.monotonic() - begun:.0f} s"
        spent = 0
        for _look in range(looks):
            begun = time.monotonic()
            self.poll(seconds=10)
            spent += time.monotonic() - begun
        self.assertWorks()
        self.assertLess(spent / looks, most)
        pause = self.mailbox.next_poll_at - self.mailbox.last_check
        self.assertEqual(pause, TURN, "the others have their turn before long")
        told += f" and {checks + 1} checks, an idle check in {spent / looks:.1f} s"
        # new mail: in INBOX at once, in the folder of the last turn after all others
        for name, source in (("INBOX", sources[10]), (holding[-1], sources[11])):
            server.folders[name].messages[2] = FakeMessage(source)
        self.poll(seconds=10)
        self.assertIn(sources[10], self.sources())
        return told, server, sources, holding

    def test_all_are_fetched_and_a_check_stays_short(self):
        for count, seconds, most, looks in SIZES:
            with self.subTest(count), self.env.cr.savepoint() as savepoint:
                told, _server, sources, _holding = self.check_size(
                    count, seconds, most, looks
                )
                turns = 2
                while sources[11] not in self.sources():
                    self.poll(seconds=10)
                    turns += 1
                    self.assertLess(turns, count / sync.PORTION)
                self.assertArrived(sources)
                note(
                    "Many folders",
                    f"{told}; the turn of each within {turns} checks"
                    if LONG
                    else "all are read by turns",
                    messages=12,
                    lost=0,
                    doubled=0,
                )
                savepoint.rollback()
            self.env.invalidate_all()
