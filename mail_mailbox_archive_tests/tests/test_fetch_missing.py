"""Going through a mailbox once more: what is missing comes, nothing comes twice."""

from odoo.tests import tagged

from .browser import WatchedCase
from .servers import dovecot
from .test_poll import PollCase, mails

FETCH = "BODY.PEEK[]"


@tagged("post_install", "-at_install")
class TestFetchMissing(PollCase):
    """Needs the server of :mod:`.servers.dovecot`."""

    server_module = dovecot

    def fetch_missing(self, user=None):
        self.server.commands(self.login)
        self.mailbox.with_user(user or self.member).action_fetch_missing()
        self.env.invalidate_all()

    def fetched(self):
        """Return the commands that asked for sources."""
        sessions = self.server.commands(self.login)
        return [line for session in sessions for line in session if FETCH in line]

    def lose(self, arrivals):
        """Lose messages as no fault of ours should."""
        messages = arrivals.mailbox_message_id
        arrivals.unlink()
        messages.unlink()

    @property
    def folder(self):
        return self.mailbox.folder_ids.filtered(lambda f: f.name == "INBOX")

    def test_what_is_missing_comes_back_and_only_that(self):
        expected = list(mails(30))
        self.deliver_all(expected)
        self.poll()
        kept = self.arrivals()[10:]
        self.lose(self.arrivals()[:10])
        before = self.server.snapshot(self.login)
        self.fetch_missing()
        self.assertWorks()
        self.assertArrived(expected)
        self.assertEqual(kept.exists(), kept)
        # the first that arrived are the newest
        (asked,) = self.fetched()
        self.assertTrue(asked.startswith("UID FETCH 21:30 "), asked)
        self.assertEqual(self.server.snapshot(self.login), before)
        self.assertEqual(self.folder.backfill_uid, 1)
        self.assertEqual(self.folder.waiting_count, 0)

    def test_nothing_missing_fetches_nothing(self):
        self.deliver_all(mails(5))
        self.poll()
        self.fetch_missing()
        self.assertEqual(self.fetched(), [])
        self.assertEqual(len(self.arrivals()), 5)

    def test_flags_and_expunges_meanwhile_are_not_forgotten(self):
        self.deliver_all(mails(6))
        self.poll()
        self.server.store_flags(self.login, "INBOX", "2", "+FLAGS (\\Seen)")
        self.server.expunge(self.login, "INBOX", "4")
        self.fetch_missing()
        by_uid = {arrival.uid: arrival for arrival in self.arrivals()}
        self.assertTrue(by_uid[2].seen)
        self.assertFalse(by_uid[3].seen)
        self.assertNotIn(4, by_uid)
        self.assertEqual(len(self.arrivals()), 6)

    def test_folder_numbered_anew_meanwhile_loses_nothing(self):
        expected = list(mails(4))
        self.deliver_all(expected)
        self.poll()
        self.folder._go_through_again()
        # other mail has the UIDs of what is held
        self.server.delete_folder(self.login, "INBOX")
        self.server.reset_uidvalidity(self.login)
        others = list(mails(6, "Other"))
        self.deliver_all(others)
        self.poll()
        self.assertWorks()
        self.assertArrived(expected + others)

    def test_what_left_the_queue_stays_away(self):
        self.deliver_all(mails(4))
        self.poll()
        old = self.arrivals()[:2]
        self.env["mail.mailbox.tombstone"]._bury(old)
        self.lose(old)
        self.fetch_missing()
        self.assertEqual(len(self.arrivals()), 2)

    def test_progress_of_a_first_import_is_shown(self):
        self.deliver_all(mails(20))
        self.enterContext(self.limited(batch_count=8, deadline=lambda: True))
        self.poll()
        self.assertEqual(self.folder.message_count, 20)
        self.assertEqual(self.folder.waiting_count, 12)
        self.assertEqual(self.folder.read_count, 8)
        self.poll()
        self.assertEqual(self.folder.waiting_count, 4)
        self.poll()
        self.poll()
        self.assertEqual((self.folder.waiting_count, self.folder.read_count), (0, 20))

    def test_older_mail_is_counted_apart(self):
        self.deliver_all(mails(3))
        self.mailbox.fetch_since = "2099-01-01"
        self.poll()
        self.assertEqual(self.folder.older_count, 3)
        self.assertEqual((self.folder.waiting_count, self.folder.read_count), (0, 0))

    def test_who_may_not_read_a_private_mailbox_starts_nothing(self):
        self.deliver_all(mails(3))
        self.poll()
        self.mailbox.private = True
        self.lose(self.arrivals())
        self.fetch_missing(self.manager)
        self.assertFalse(self.arrivals())
        self.fetch_missing(self.member)
        self.assertEqual(len(self.arrivals()), 3)


@tagged("post_install", "-at_install")
class TestProgressBrowser(WatchedCase, PollCase):
    """What people see of a first import: how far it is, and the pause."""

    def setUp(self):
        super().setUp()
        self.deliver_all(mails(20))
        self.enterContext(self.limited(batch_count=8, deadline=lambda: True))
        self.poll()

    def click(self, browser, text, within):
        look = f"[...document.querySelectorAll('{within} button')]"
        find = f"{look}.find(b => b.offsetParent && b.innerText.trim() === '{text}')"
        browser.wait(f"return !!({find})")
        browser.run(f"{find}.click()")

    def sees(self, browser, text):
        browser.wait(f"return document.body.innerText.includes({text!r})")

    def paused(self):
        return self.env["mail.mailbox"].browse(self.mailbox.id).import_paused

    def walk(self, path, within):
        browser = self.open_browser(path, self.member.login)
        self.sees(browser, "20 emails found, 8 fetched, 12 left")
        self.click(browser, "Pause", within)
        self.sees(browser, "Paused; new emails still come in")
        with self.meanwhile():
            self.assertTrue(self.paused())
        self.click(browser, "Continue", within)
        browser.wait("return !document.body.innerText.includes('Paused;')")
        with self.meanwhile():
            self.assertFalse(self.paused())
        return browser

    def test_on_the_form(self):
        browser = self.walk(
            f"/odoo/email-mailboxes/{self.mailbox.id}",
            ".o_form_view .o-mailbox-ImportProgress",
        )
        self.follow(browser)

    def test_in_the_queue_until_all_is_there(self):
        self.follow(self.walk("/odoo/email-queue", ".o-mailbox-ImportProgress"))

    def follow(self, browser):
        """See the rest come in."""
        self.wait_for_bus()
        with self.meanwhile():
            self.poll()
        self.sees(browser, "16 fetched, 4 left")
        with self.meanwhile():
            self.poll()
            self.poll()
        browser.wait("return !document.querySelector('.o-mailbox-ImportProgress')")
