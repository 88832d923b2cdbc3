"""Polling a real IMAP server: nothing lost, nothing doubled, nothing changed."""

import errno
import hashlib
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged
from odoo.tests.test_cursor import TestCursor
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.imap import sync
from odoo.addons.mail_mailbox_archive.models.mailbox.work import owner
from odoo.addons.mail_mailbox_archive.models.receiving import ahead
from odoo.addons.mail_mailbox_archive.models.receiving.ahead import KEPT

from .common import MailboxCase, write_mail
from .reliability.extent import extent
from .servers.dovecot import PASSWORD, DovecotCase

LOGIN = "office"
POLL_LOG = "odoo.addons.mail_mailbox_archive.models.receiving.poll"
STORE_LOG = "odoo.addons.mail_mailbox_archive.models.receiving.store"


def mails(count, word="Mail", size=0):
    """Yield sources that differ, some with an attachment of ``size`` bytes."""
    for number in range(count):
        mail = write_mail(f"{word} {number}", f"{word} text {number}\n")
        if size and number % 5 == 0:
            mail.add_attachment(
                hashlib.sha256(str(number).encode()).digest() * (size // 32),
                "application",
                "octet-stream",
                filename=f"{number}.bin",
            )
        yield mail.as_bytes()


class Polling:
    """Polls of whatever server a test brings; for cases in the registry's test mode."""

    def connect(self, mailbox, login, server):
        mailbox.write(
            {
                "imap_enabled": True,
                "imap_host": "localhost",
                "imap_port": server.port,
                "imap_security": "none",
                "imap_login": login,
                "imap_password": PASSWORD,
            }
        )
        self.env.flush_all()
        return mailbox

    def poll(self, mailbox=None, seconds=60):
        """Poll as the scheduled action does, whatever the time; return the polls."""
        mailbox = mailbox or self.mailbox
        mailbox.write({"next_poll_at": False})
        self.env.flush_all()
        polls = self.env["mail.mailbox"]._poll(seconds, only=mailbox.ids)
        self.env.invalidate_all()
        return polls

    def limited(self, **limits):
        """Patch how far a check gets: :class:`sync.Limits`, but with these values."""
        make = sync.Limits
        return patch.object(sync, "Limits", lambda **given: make(**given | limits))

    def sources(self, mailbox=None):
        arrivals = self.arrivals(mailbox)
        return sorted(arrival._read_source() for arrival in arrivals)

    def arrivals(self, mailbox=None):
        return self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", (mailbox or self.mailbox).id)], order="id"
        )

    def assertArrived(self, expected):
        """Each of the sources is in the Queue exactly once, byte for byte."""
        arrived = self.sources()
        self.assertEqual(len(arrived), len(expected))
        self.assertTrue(arrived == sorted(expected), "the sources differ")

    def assertWorks(self):
        self.assertFalse(self.mailbox.last_error)
        self.assertEqual(self.mailbox.health, "good")


class PollingCase(Polling, MailboxCase):
    """The same, and the registry's test mode with it."""

    def setUp(self):
        super().setUp()
        if not isinstance(self, HttpCase):
            # that one is in it already
            self.enterContext(self.enter_registry_test_mode())


class PollCase(DovecotCase, PollingCase):
    """A mailbox on a Dovecot of its own."""

    def setUp(self):
        super().setUp()
        self.mailbox = self.connect(self.mailbox, self.login)

    def connect(self, mailbox, login, server=None):
        return super().connect(mailbox, login, server or self.server)

    def deliver_all(self, sources, folder="INBOX", login=None, **options):
        for source in sources:
            self.server.deliver(login or self.login, source, folder, **options)


@tagged("post_install", "-at_install")
class TestPoll(PollCase):
    """What arrives, and how it is listed."""

    allow_inherited_tests_method = True

    def test_messages_in_twelve_folders_arrive_once(self):
        """Two thousand in the long form; INBOX in more than one batch in both."""
        inbox, each = 174, extent(30, 166)
        expected = []
        for number in range(12):
            sources = list(mails(each if number else inbox, f"Folder {number}", 20_000))
            folder = f"Projekt {number} ąć" if number else "INBOX"
            self.deliver_all(sources, folder, flags="S" if number % 2 else "")
            expected += sources
        before = self.server.snapshot(self.login)
        self.poll()
        self.assertWorks()
        self.assertArrived(expected)
        self.assertEqual(self.server.snapshot(self.login), before)
        self.assertEqual(self.mailbox.unread_count, inbox + 5 * each)
        self.server.commands(self.login)
        self.assertEqual(sum(poll.arrived for poll in self.poll()), 0)
        (session,) = self.server.commands(self.login)
        commands = [line.split()[0].upper() for line in session]
        self.assertEqual([c for c in commands if c != "LOGOUT"], ["LIST"])

    def test_message_is_listed_as_it_was_sent(self):
        mail = write_mail(
            "Zażółć gęślą jaźń",
            "Dzień dobry",
            cc="Żółw <zolw@example.com>",
            reply_to="reply@example.com",
        )
        mail.add_attachment(b"%PDF-1", "application", "pdf", filename="zamówienie.pdf")
        self.server.deliver(
            self.login,
            mail.as_bytes(),
            flags="S",
            date=datetime(2026, 11, 3, 9, 8, tzinfo=timezone.utc),
        )
        self.poll()
        arrival = self.arrivals().with_user(self.member)
        self.assertEqual(arrival.subject, "Zażółć gęślą jaźń")
        self.assertEqual(arrival.email_from, "Anna Nowak <anna.nowak@spostex.example>")
        self.assertEqual(arrival.email_cc, "Żółw <zolw@example.com>")
        self.assertEqual(arrival.email_reply_to, "reply@example.com")
        self.assertEqual(arrival.body_text.strip(), "Dzień dobry")
        self.assertEqual(arrival.part_ids.filename, "zamówienie.pdf")
        self.assertEqual(arrival.part_ids.size, 6)
        self.assertEqual(arrival.internal_date, datetime(2026, 11, 3, 9, 8))
        self.assertTrue(arrival.seen)
        self.assertEqual(arrival.direction, "incoming")
        found = self.env["mail.mailbox.message"].with_user(self.member)
        for words in ("zazolc", "ZAMÓWIENIE", "dzien dobry", "nowak spostex"):
            with self.subTest(words=words):
                domain = [("content", "ilike", words)]
                self.assertEqual(found.search(domain), arrival.mailbox_message_id)

    def test_sent_folder_is_outgoing(self):
        mail = write_mail("Out", **{"from": "Office <OFFICE@spedbud.example>"})
        self.server.deliver(self.login, mail.as_bytes(), "Sent")
        self.poll()
        self.assertEqual(self.arrivals().direction, "outgoing")

    def test_only_later_mail_is_live(self):
        self.deliver_all(mails(2, "Past"))
        self.poll()
        self.deliver_all(mails(1, "New"))
        self.poll()
        live = self.arrivals().filtered("live")
        self.assertEqual(live.mapped("subject"), ["New 0"])

    def test_flags_follow_the_server(self):
        self.deliver_all(mails(4))
        self.poll()
        self.assertFalse(any(self.arrivals().mapped("seen")))
        self.server.store_flags(self.login, "INBOX", "2:3", r"+FLAGS (\Seen)")
        self.poll()
        self.assertEqual(
            self.arrivals().filtered("seen").sorted("uid").mapped("uid"), [2, 3]
        )
        self.server.store_flags(self.login, "INBOX", "2", r"-FLAGS (\Seen)")
        self.poll()
        self.assertEqual(self.arrivals().filtered("seen").mapped("uid"), [3])
        self.assertEqual(self.mailbox.unread_count, 3)

    def test_renumbered_folder_doubles_nothing(self):
        self.deliver_all(mails(20))
        self.poll()
        first = self.arrivals()
        self.server.reset_uidvalidity(self.login)
        self.deliver_all(mails(1, "New"))
        self.poll()
        self.assertWorks()
        self.assertEqual(len(self.arrivals()), 21)
        self.assertLess(first, self.arrivals())
        self.assertTrue(all(self.arrivals().mapped("uid")))

    def test_moved_message_keeps_its_arrival(self):
        self.deliver_all(mails(3))
        self.poll()
        arrivals = self.arrivals()
        self.server.move(self.login, "INBOX", "2", "Done")
        self.poll()
        self.assertEqual(self.arrivals(), arrivals)
        moved = arrivals.filtered(lambda a: a.folder_id.name == "Done")
        self.assertEqual(moved.subject, "Mail 1")

    def test_message_deleted_on_the_server_stays(self):
        self.deliver_all(mails(3))
        self.poll()
        self.server.expunge(self.login, "INBOX", "2")
        self.poll()
        self.assertEqual(len(self.arrivals()), 3)
        gone = self.arrivals().filtered(lambda a: not a.folder_id)
        self.assertEqual(gone.subject, "Mail 1")
        self.assertFalse(gone.seen)
        self.assertTrue(gone.mailbox_message_id._read_source())

    def test_same_mail_in_three_mailboxes_is_stored_once(self):
        source = write_mail("To all").as_bytes()
        others = [self.make_mailbox(f"{n}@spedbud.example") for n in ("a", "b")]
        self.server.deliver(self.login, b"Received: from one\r\n" + source)
        for number, other in enumerate(others):
            login = f"{self.login}{number}"
            self.server.add_user(login)
            self.connect(other, login)
            trace = f"Received: from {number}\r\nDelivered-To: {login}\r\n".encode()
            self.server.deliver(login, trace + source)
        attachments = self.env["ir.attachment"].search_count(
            [("res_field", "=", "source")]
        )
        self.poll(self.mailbox + others[0] + others[1])
        messages = self.env["mail.mailbox.arrival"].search([]).mailbox_message_id
        self.assertEqual(len(messages), 1)
        self.assertEqual(len(messages.arrival_ids), 3)
        self.assertEqual(
            self.env["ir.attachment"].search_count([("res_field", "=", "source")]),
            attachments + 1,
        )

    def test_file_left_half_written_by_a_killed_process_is_written_anew(self):
        [source] = mails(1, "Half")
        attachments = self.env["ir.attachment"]
        name, path = attachments._get_path(
            source, attachments._compute_checksum(source)
        )
        Path(path).write_bytes(source[:100])
        self.addCleanup(attachments._file_delete, name)
        self.deliver_all([source])
        self.poll()
        self.assertArrived([source])
        self.assertWorks()

    def test_poison_harms_only_itself(self):
        good = list(mails(60))
        poison = [
            b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
            + b"--x\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" * 3000,
            b"",
            b"\x00" * 500,
            b"Subject: =?x-gbk?B?//8=?=\r\n"
            b"Content-Type: text/plain; charset=x-no\r\n\r\n\xff",
            b"Date: Mon, 99 Nov 99999 99:99:99 +9999\r\n\r\nx",
            b"From: " + b"(" * 5000 + b"\r\n\r\nx",
            b"no header at all",
            b"To: "
            + b", ".join(b"a%d@b.example" % n for n in range(20_000))
            + b"\r\n\r\nx",
            b"Subject: x\r\n" + b"X-Long: y\r\n" * 100_000 + b"\r\nx",
            b"Content-Type: message/rfc822\r\n\r\n" * 500 + b"x",
        ]
        for number, source in enumerate(good):
            self.server.deliver(self.login, source)
            if number % 6 == 0:
                self.server.deliver(self.login, poison[number // 6])
        self.poll()
        self.assertWorks()
        self.assertLessEqual(set(good), set(self.sources()))
        quarantine = self.env["mail.mailbox.quarantine"].search([])
        self.assertEqual(len(self.arrivals()) + len(quarantine), 70)
        self.assertTrue(all(quarantine.mapped("error")))
        self.assertEqual(sum(poll.arrived for poll in self.poll()), 0)

    def test_oversize_message_is_stored_as_its_headers(self):
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.max_message_size", "1"
        )
        mail = write_mail("Big")
        mail.add_attachment(b"x" * 2_000_000, "application", "zip", filename="big.zip")
        self.server.deliver(self.login, mail.as_bytes())
        self.deliver_all(mails(1))
        self.poll()
        big = self.arrivals().filtered(lambda a: a.subject == "Big")
        self.assertTrue(big.oversize)
        self.assertLess(len(big.mailbox_message_id._read_source()), 2000)
        self.assertGreater(big.mailbox_message_id.size, 2_000_000)
        self.assertEqual(len(self.arrivals()), 2)

    def test_fetch_since_leaves_older_mail(self):
        old = datetime(2020, 1, 1, tzinfo=timezone.utc)
        new = datetime(2026, 11, 1, tzinfo=timezone.utc)
        self.deliver_all(mails(3, "Old"), date=old)
        self.deliver_all(mails(2, "New"), date=new)
        self.mailbox.fetch_since = "2026-01-01"
        self.poll()
        self.assertEqual(set(self.arrivals().mapped("subject")), {"New 0", "New 1"})

    def test_skipped_folders_are_left_alone(self):
        for folder in ("Trash", "spam", "Trash/2020", "Kept"):
            self.deliver_all(mails(1, folder), folder)
        self.poll()
        self.assertEqual(self.arrivals().mapped("subject"), ["Kept 0"])
        folders = self.env["mail.mailbox.folder"].search(
            [("mailbox_id", "=", self.mailbox.id), ("skipped", "=", True)]
        )
        self.assertEqual(set(folders.mapped("name")), {"Trash", "spam", "Trash/2020"})

    def test_first_import_goes_on_where_the_time_was_used_up(self):
        expected = list(mails(450))
        self.deliver_all(expected)
        counts = []
        with self.limited(batch_count=100, deadline=lambda: True):
            while len(self.arrivals()) < 450 and len(counts) < 10:
                self.poll()
                counts.append(len(self.arrivals()))
        self.assertEqual(counts, [100, 200, 300, 400, 450])
        self.assertArrived(expected)
        self.assertLess(self.arrivals()[-1].uid, self.arrivals()[0].uid)

    def test_what_goes_after_a_check_broke_off_is_noticed(self):
        self.deliver_all(mails(3))
        self.poll()
        self.assertTrue(self.mailbox.folder_ids.filtered("next_uid").settled)
        self.deliver_all(mails(2, "New"))
        with self.limited(deadline=lambda: True):
            self.poll()
        self.assertEqual(len(self.arrivals()), 5)
        # as many as were stored since: the server has as many as before
        self.server.expunge(self.login, "INBOX", "1,4")
        self.poll()
        held = self.arrivals().filtered("folder_id")
        self.assertEqual(sorted(held.mapped("uid")), [2, 3, 5])

    def test_crash_between_any_two_events_loses_and_doubles_nothing(self):
        expected = list(mails(60)) + list(mails(30, "Other"))
        self.deliver_all(expected[:60])
        self.deliver_all(expected[60:], "Other")
        model = type(self.env["mail.mailbox"])
        store = model._store_event
        for stop in range(1, 12):
            events = iter(range(1, stop + 1))

            def crash(mailbox, event, events=events, stop=stop):
                result = store(mailbox, event)
                if next(events) == stop:
                    raise KeyboardInterrupt
                return result

            with patch.object(model, "_store_event", crash):
                try:
                    self.poll()
                except KeyboardInterrupt:
                    self.env.invalidate_all()
            self.mailbox.sudo().lease_until = False
        self.poll()
        self.assertWorks()
        self.assertArrived(expected)

    def test_other_account_is_read_anew_and_doubles_nothing(self):
        self.deliver_all(mails(5))
        self.poll()
        self.server.add_user(self.login + "2")
        self.deliver_all([*mails(5), *mails(1, "More")], login=self.login + "2")
        self.mailbox.imap_login = self.login + "2"
        self.poll()
        self.assertEqual(len(self.arrivals()), 6)

    def test_saving_the_same_settings_reads_nothing_anew(self):
        self.deliver_all(mails(5))
        self.poll()
        uids = self.arrivals().mapped("uid")
        self.mailbox.write({"imap_login": self.login, "imap_host": "localhost"})
        self.assertEqual(self.arrivals().mapped("uid"), uids)
        self.assertTrue(all(self.mailbox.folder_ids.mapped("next_uid")))

    def test_deactivated_mailbox_is_not_polled(self):
        self.deliver_all(mails(1))
        self.mailbox.active = False
        self.assertFalse(self.poll())
        self.mailbox.write({"active": True, "imap_enabled": False})
        self.assertFalse(self.poll())
        self.assertFalse(self.arrivals())

    def test_claimed_mailbox_is_left_to_its_worker(self):
        self.deliver_all(mails(1))
        self.mailbox.sudo().write(
            {
                "lease_until": fields.Datetime.now() + timedelta(minutes=1),
                "lease_owner": "elsewhere:1:1",
            }
        )
        self.assertFalse(self.poll())
        self.mailbox.sudo().lease_until = fields.Datetime.now() - timedelta(seconds=1)
        self.assertTrue(self.poll())

    def test_claim_of_a_dead_process_is_released(self):
        host, pid, started, poll = owner().split(":")
        for dead in (f"{pid}:{int(started) - 9}:{poll}", f"{pid}:{started}:999999"):
            with self.subTest(dead):
                self.mailbox.sudo().write(
                    {
                        "lease_until": fields.Datetime.now() + timedelta(minutes=1),
                        "lease_owner": f"{host}:{dead}",
                    }
                )
                self.assertTrue(self.poll())

    def test_full_disk_puts_no_message_aside(self):
        sources = list(mails(5, size=1000))
        self.deliver_all(sources)
        full = OSError(errno.ENOSPC, "No space left on device")
        attachments = type(self.env["ir.attachment"])
        with (
            patch.object(attachments, "_file_write", side_effect=full),
            mute_logger(POLL_LOG, STORE_LOG),
        ):
            self.poll()
        self.assertEqual(self.mailbox.error_code, "disk_full")
        self.assertIn("disk", self.mailbox.last_error)
        self.poll()
        self.assertArrived(sources)
        self.assertFalse(self.env["mail.mailbox.quarantine"].search([]))

    def test_disk_full_for_a_moment_puts_no_message_aside(self):
        sources = list(mails(5, size=1000))
        self.deliver_all(sources)
        attachments = type(self.env["ir.attachment"])
        write, full = attachments._file_write, OSError(errno.ENOSPC, "full")
        # the batch, and then the first of its messages alone
        moment = iter([full, full])

        def write_later(model, *arguments):
            if error := next(moment, None):
                raise error
            return write(model, *arguments)

        with (
            patch.object(attachments, "_file_write", write_later),
            mute_logger(POLL_LOG, STORE_LOG),
        ):
            self.poll()
            self.poll()
            self.poll()
        self.assertArrived(sources)
        self.assertFalse(self.env["mail.mailbox.quarantine"].search([]))

    def test_worker_that_lost_its_claim_stores_nothing(self):
        self.deliver_all(mails(5))
        take = ahead.Ahead.take

        def lose(reader):
            self.env.cr.execute("UPDATE mail_mailbox SET lease_token = lease_token + 1")
            return take(reader)

        with patch.object(ahead.Ahead, "take", lose):
            self.poll()
        self.assertFalse(self.arrivals())
        self.assertFalse(self.mailbox.last_check)

    def test_batch_that_the_database_lost_is_fetched_again(self):
        # a crash without synchronous commits, or another server in its place that had
        # not got it: the poll goes on with what it believes to be stored
        sources = list(mails(250))
        self.deliver_all(sources)
        commit, lost = TestCursor.commit, []

        def forget(cr):
            cr.flush()
            cr.execute("SELECT count(*) FROM mail_mailbox_arrival")
            (count,) = cr.fetchone()
            if lost or not count:
                return commit(cr)
            lost.append(count)
            return cr.rollback()

        with patch.object(TestCursor, "commit", forget):
            self.poll()
        self.assertTrue(lost)
        self.mailbox.sudo().lease_until = False
        self.poll()
        self.assertWorks()
        self.assertArrived(sources)

    def test_scheduled_action_polls(self):
        self.deliver_all(mails(2))
        self.mailbox.write({"next_poll_at": False})
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_poll_1").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(len(self.arrivals()), 2)
        self.assertGreater(self.mailbox.next_poll_at, fields.Datetime.now())

    def test_scheduled_checks_share_one_login(self):
        self.addCleanup(KEPT.close)
        self.poll()
        self.server.commands(self.login)
        for _round in range(3):
            self.mailbox.next_poll_at = False
            self.env.flush_all()
            self.env["mail.mailbox"]._poll(60)
            self.env.invalidate_all()
        KEPT.close()
        [commands] = self.server.commands(self.login)
        lists = [one for one in commands if one.startswith("LIST ")]
        self.assertEqual(len(lists), 3)
        self.assertWorks()

    def test_person_checks_one_mailbox_at_once(self):
        self.deliver_all(mails(2))
        action = self.mailbox.with_user(self.member).action_check()
        self.assertIn("2 new emails", action["params"]["message"])
        self.env.invalidate_all()
        action = self.mailbox.with_user(self.member).action_check()
        self.assertIn("No new emails", action["params"]["message"])

    def test_person_without_a_mailbox_is_told_what_to_do(self):
        with self.assertRaisesRegex(UserError, "Set one up"):
            self.env["mail.mailbox"].with_user(self.outsider).action_check_all()

    def test_several_mailboxes_are_checked_in_the_background(self):
        other = self.connect(self.make_mailbox("b@spedbud.example"), self.login)
        self.deliver_all(mails(1))
        self.poll(other)
        action = self.env["mail.mailbox"].with_user(self.member).action_check_all()
        self.assertIn("2 mailboxes", action["params"]["message"])
        self.env.invalidate_all()
        self.assertEqual((self.mailbox + other).check_requested_by, self.member)
        cron = self.env.ref("mail_mailbox_archive.ir_cron_poll_1")
        self.assertTrue(self.env["ir.cron.trigger"].search([("cron_id", "=", cron.id)]))
        with patch.object(
            type(self.env["res.users"]), "_bus_send", autospec=True
        ) as bus:
            self.env["mail.mailbox"]._poll(30)
        told = [
            call for call in bus.call_args_list if call.args[1] == "simple_notification"
        ]
        self.assertEqual(len(told), 1)
        self.assertEqual(told[0].args[0].id, self.member.id)


@tagged("post_install", "-at_install")
class TestPollPlainServer(TestPoll):
    """The same on a server without LIST-STATUS and CONDSTORE."""

    allow_inherited_tests_method = True
    options = {"without": ["LIST-STATUS", "CONDSTORE", "QRESYNC", "ESEARCH"]}

    def test_messages_in_twelve_folders_arrive_once(self):
        """One command is for servers with LIST-STATUS."""
