"""What came meanwhile is stored together; what fails in it is found alone."""

import threading
import time
from concurrent.futures import Future
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.models.receiving import ahead, poll_claim

from .common import refusing
from .test_poll import POLL_LOG, PollCase, mails


@tagged("post_install", "-at_install")
class TestBundles(PollCase):
    def setUp(self):
        super().setUp()
        self.folders = [f"Folder {number}" for number in range(6)]
        self.expected = []
        for name in self.folders:
            sources = list(mails(2, name))
            self.deliver_all(sources, name)
            self.expected += sources

    def all_at_once(self, before=lambda: None):
        """Have the server tell all before anything is stored; call ``before`` then."""
        take = ahead.Ahead.take

        def later(reader):
            if not reader._over:
                return ahead.Taken([], False)
            before()
            return take(reader)

        return patch.object(ahead.Ahead, "take", later)

    def transactions(self):
        """Return a dict that grows by the events of each transaction that is committed.

        Each gives the claim another token.
        """
        note, bundles = poll_claim.Poll.note, {}

        def count(poll, event):
            bundles.setdefault(poll.token, []).append(event)
            return note(poll, event)

        self.enterContext(patch.object(poll_claim.Poll, "note", count))
        return bundles

    def disk_fails(self, when):
        """Patch the storing of messages: it fails for those values, not for ever."""
        messages = self.env["mail.mailbox.message"]
        return refusing(messages, OSError("the disk is gone"), when)

    def test_what_came_meanwhile_shares_a_transaction(self):
        bundles = self.transactions()
        with self.all_at_once():
            self.poll()
        (events,) = bundles.values()
        self.assertGreater(len(events), 12)
        self.assertArrived(self.expected)
        self.assertWorks()

    def test_event_that_fails_harms_its_mailbox_from_there_on(self):
        bundles = self.transactions()
        broken = self.disk_fails(lambda one: one["subject"].startswith("Folder 3"))
        with self.all_at_once(), broken, mute_logger(POLL_LOG):
            self.poll()
        # those before it are stored, each alone
        self.assertEqual({len(events) for events in bundles.values()}, {1})
        stored = sum(len(ahead.emails_of(event)) for (event,) in bundles.values())
        self.assertEqual(len(self.arrivals()), stored)
        self.assertLess(stored, 12)
        self.assertEqual(self.mailbox.error_code, "store")
        self.poll()
        self.assertArrived(self.expected)

    def test_one_mailbox_that_fails_harms_no_other_of_its_bundle(self):
        self.server.add_user(f"{self.login}-2")
        board = self.make_mailbox("board@spedbud.example", self.member)
        self.connect(board, f"{self.login}-2")
        self.deliver_all(mails(3, "Board"), login=f"{self.login}-2")
        broken = self.disk_fails(lambda one: one["subject"].startswith("Folder"))
        with self.all_at_once(), broken, mute_logger(POLL_LOG):
            self.poll(self.mailbox | board)
        self.assertEqual(self.mailbox.error_code, "store")
        self.assertFalse(self.arrivals())
        self.assertEqual(len(self.arrivals(board)), 3)
        self.assertEqual(board.health, "good")

    def test_who_lost_the_claim_stores_nothing_of_a_bundle(self):
        def lose():
            self.env.cr.execute("UPDATE mail_mailbox SET lease_token = lease_token + 1")

        with self.all_at_once(lose):
            self.poll()
        self.assertFalse(self.arrivals())
        self.mailbox.sudo().lease_until = False
        self.poll()
        self.assertArrived(self.expected)


@tagged("post_install", "-at_install")
class TestAhead(PollCase):
    def setUp(self):
        super().setUp()
        self.polls = []

    def reader(self, count, size):
        """Return a running reader of ``count`` events, and the list of those asked."""
        asked = []

        def events():
            for number in range(count):
                asked.append(number)
                source = b"x" * size
                one = ahead.sync.Fetched(number, None, False, size, source)
                yield ahead.sync.MessagesFetched(None, (one,), (), True)

        poll = poll_claim.Poll(1, 1, None, True, events())
        poll.ahead = ahead.Ahead(poll.events, threading.Event())
        self.polls.append(poll)
        thread = threading.Thread(target=poll.ahead.run)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(poll.ahead.stop)
        return poll.ahead, asked, thread

    def wait_until_full(self, reader):
        while not (reader._is_enough() or reader._over):
            time.sleep(0.001)

    def test_no_more_is_held_than_the_bounds(self):
        for count, size in ((10_000, 1), (100, ahead.AHEAD_BYTES // 4)):
            with self.subTest(size=size):
                reader, asked, _thread = self.reader(count, size)
                told = 0
                while told < count:
                    self.wait_until_full(reader)
                    taken = reader.take()
                    held = sum(len(one.messages[0].source) for one in taken.events)
                    self.assertLessEqual(len(taken.events), ahead.AHEAD_COUNT)
                    self.assertLess(held, ahead.AHEAD_BYTES + size)
                    told += len(taken.events)
                self.assertEqual(len(asked), count)

    def test_reader_that_is_stopped_is_no_good_end(self):
        reader, asked, thread = self.reader(10_000, 1)
        self.wait_until_full(reader)
        reader.stop()
        thread.join(10)
        self.assertFalse(thread.is_alive())
        self.assertIsInstance(reader.error, Unreachable)
        self.assertLess(len(asked), 10_000)
        self.assertTrue(reader.take().is_over)

    def test_worker_that_ends_on_an_error_leaves_no_thread_waiting(self):
        for rule in (ahead.leaving, ahead.give_up):
            with self.subTest(rule=rule.__name__):
                reader, asked, thread = self.reader(10_000, 1)
                self.wait_until_full(reader)
                poll = self.polls[-1]
                poll.reading = Future()
                poll.reading.set_result(None)
                if rule is ahead.leaving:
                    with self.assertRaises(KeyboardInterrupt), ahead.leaving([poll]):
                        raise KeyboardInterrupt
                else:
                    ahead.give_up([poll])
                thread.join(10)
                self.assertFalse(thread.is_alive())
                self.assertLess(len(asked), 10_000)
