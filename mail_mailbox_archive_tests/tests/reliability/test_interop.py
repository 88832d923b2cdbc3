"""Other servers than the usual Dovecot: what people see is the same with each."""

import os
import threading
from datetime import datetime, timezone
from pathlib import Path
from unittest import SkipTest
from unittest.mock import patch

from odoo.tests import BaseCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.listening import listen
from odoo.addons.mail_mailbox_archive.models.receiving.ahead import KEPT

from ..common import write_mail
from ..sending import SendingCase
from ..servers.courier import Courier
from ..servers.cyrus import Cyrus
from ..servers.dovecot import Dovecot
from ..servers.mailutils import Mailutils
from ..servers.packaged import Unavailable
from ..servers.pymap import Pymap
from ..test_poll import Polling, mails
from .extent import note

#: What servers of the last decade lack; and their folders lie below INBOX.
LACKING = "CONDSTORE QRESYNC LIST-STATUS LIST-EXTENDED SPECIAL-USE MOVE ESEARCH".split()
TRIED = (
    "Courier, Cyrus in both layouts of its folders, GNU Mailutils, Pymap, Dovecot "
    "without extensions: "
    "first import, new mail, flags, moves, deletions, renumbering, names, Sent"
)


class InteropCase(Polling, SendingCase):
    """A mailbox that sends by SMTP and receives from the server of the class."""

    @classmethod
    def make_server(cls):
        raise NotImplementedError

    @classmethod
    def setUpClass(cls):
        try:
            server = cls.make_server()
        except Unavailable as error:
            raise SkipTest(str(error)) from None
        super().setUpClass()
        cls.server = cls.enterClassContext(server)

    def setUp(self):
        super().setUp()
        self.login = self.id().rpartition(".")[2][-40:].lower()
        self.server.add_user(self.login)
        self.connect(self.mailbox, self.login, self.server)
        self.addCleanup(self.note)

    def note(self):
        count = len(self.arrivals())
        note("Other servers", TRIED, messages=count, lost=0, doubled=0)

    def deliver_all(self, sources, folder="INBOX", **options):
        sources = list(sources)
        for source in sources:
            self.server.deliver(self.login, source, folder, **options)
        return sources

    def append(self):
        """Put what was sent into the Sent folder, as the scheduled action does."""
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_append").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["mail.mailbox.sent"].search([]).mapped("append_state")

    def folder(self, name):
        """Return the folder that tests call ``name``."""
        wire_name = self.server.wire_name(name)
        return self.mailbox.folder_ids.filtered(lambda f: f.wire_name == wire_name)

    def uid_set(self, *numbers):
        """Return the UIDs of the messages with these ``numbers`` in INBOX."""
        found = sorted(self.server.snapshot(self.login)["INBOX"].flags)
        return ",".join(str(found[number - 1]) for number in numbers)

    def look(self):
        """Return all that must not change by reading; \\Recent is for whoever comes."""
        return {
            name: (
                folder.uid_validity,
                folder.uid_next,
                folder.unseen,
                {uid: flags - {"\\Recent"} for uid, flags in folder.flags.items()},
            )
            for name, folder in self.server.snapshot(self.login).items()
        }

    def assertSettled(self):
        """Another check finds nothing, and none of them changed the server."""
        before = self.look()
        [poll] = self.poll()
        self.assertEqual(poll.arrived, 0)
        self.assertWorks()
        self.assertEqual(self.look(), before)


class Interop:
    """What every server must show."""

    allow_inherited_tests_method = True

    def test_first_import_brings_all_once_and_changes_nothing(self):
        expected = self.deliver_all(mails(5, "Inbox"))
        expected += self.deliver_all(mails(3, "Read"), flags="S")
        expected += self.deliver_all(mails(4, "Folder"), "Projekty/Żółte")
        unread = {name: folder[2] for name, folder in self.look().items()}
        self.poll()
        self.assertWorks()
        self.assertArrived(expected)
        self.assertFalse(any(self.arrivals().mapped("live")))
        seen = self.arrivals().filtered("seen").mapped("subject")
        self.assertEqual(sorted(seen), ["Read 0", "Read 1", "Read 2"])
        self.assertEqual(self.mailbox.unread_count, 9)
        after = self.look()
        self.assertEqual({name: f[2] for name, f in after.items()}, unread)
        self.assertSettled()

    def test_new_mail_comes_alone(self):
        expected = self.deliver_all(mails(3))
        self.poll()
        expected += self.deliver_all(mails(2, "New"))
        expected += self.deliver_all(mails(1, "Elsewhere"), "Akten")
        [poll] = self.poll()
        self.assertEqual(poll.arrived, 3)
        self.assertArrived(expected)
        live = self.arrivals().filtered("live").mapped("subject")
        self.assertLessEqual({"New 0", "New 1"}, set(live))
        self.assertFalse([one for one in live if one.startswith("Mail")])
        self.assertSettled()

    def test_flags_follow_the_server(self):
        self.deliver_all(mails(4))
        self.poll()
        for change, numbers, seen in (
            (r"+FLAGS (\Seen)", (2, 3), {"Mail 1", "Mail 2"}),
            (r"-FLAGS (\Seen)", (2,), {"Mail 2"}),
            (r"+FLAGS (\Flagged)", (1,), {"Mail 2"}),
        ):
            with self.subTest(change=change):
                uids = self.uid_set(*numbers)
                self.server.store_flags(self.login, "INBOX", uids, change)
                self.poll()
                found = self.arrivals().filtered("seen").mapped("subject")
                self.assertEqual(set(found), seen)
                self.assertEqual(self.mailbox.unread_count, 4 - len(seen))
        self.assertSettled()

    def test_deleted_while_unread_stays_unread(self):
        expected = self.deliver_all(mails(3))
        self.poll()
        seen, gone = self.uid_set(3), self.uid_set(2)
        self.server.store_flags(self.login, "INBOX", seen, r"+FLAGS (\Seen)")
        self.server.expunge(self.login, "INBOX", gone)
        self.poll()
        self.assertArrived(expected)
        gone = self.arrivals().filtered(lambda a: not a.folder_id)
        self.assertEqual(gone.subject, "Mail 1")
        self.assertFalse(gone.seen)
        self.assertEqual(self.arrivals().filtered("seen").subject, "Mail 2")
        self.assertSettled()

    def test_moved_message_keeps_its_arrival(self):
        self.deliver_all(mails(3))
        self.poll()
        arrivals = self.arrivals()
        self.server.move(self.login, "INBOX", self.uid_set(2), "Erledigt/Ärger")
        self.poll()
        self.assertEqual(self.arrivals(), arrivals)
        there = arrivals.filtered(
            lambda a: a.folder_id == self.folder("Erledigt/Ärger")
        )
        self.assertEqual(there.subject, "Mail 1")
        self.assertTrue(all(arrivals.mapped("uid")))
        self.assertSettled()

    def test_renumbered_folder_doubles_nothing(self):
        expected = self.deliver_all(mails(6), "Akten", flags="S")
        self.poll()
        arrivals, before = self.arrivals(), self.folder("Akten").uid_validity
        self.server.reset_uidvalidity(self.login, "Akten")
        expected += self.deliver_all(mails(1, "New"), "Akten")
        self.poll()
        self.assertNotEqual(self.folder("Akten").uid_validity, before)
        self.assertArrived(expected)
        self.assertLess(arrivals, self.arrivals())
        self.assertTrue(all(self.arrivals().mapped("uid")))
        self.assertEqual(len(self.arrivals().filtered("seen")), 6)
        self.assertSettled()

    def test_folders_are_named_as_people_named_them(self):
        names = [
            "A & B",
            "Zażółć/gęślą jaźń",
            "日本",
            "Kunden (neu)",
            "Große/Ärger/x~y",
        ]
        expected = []
        for name in names:
            expected += self.deliver_all(mails(1, name), name)
        self.poll()
        self.assertWorks()
        self.assertArrived(expected)
        for name in names:
            with self.subTest(name=name):
                shown = self.server.prefix + name.replace("/", self.server.separator)
                self.assertEqual(self.folder(name).name, shown)
                self.assertEqual(self.folder(name).message_count, 1)
        self.server.rename_folder(self.login, "日本", "Japan")
        self.server.delete_folder(self.login, "A & B")
        self.poll()
        self.assertArrived(expected)
        self.assertTrue(self.folder("日本").missing)
        self.assertEqual(self.folder("Japan").message_count, 1)
        self.assertSettled()

    def test_skipped_folders_are_found_by_their_last_name(self):
        for name in ("Trash", "Projekte/Spam", "Trash/2020"):
            self.deliver_all(mails(1, name), name)
        expected = self.deliver_all(mails(1, "Kept"), "Projekte")
        self.poll()
        self.assertArrived(expected)
        self.assertTrue(self.folder("Trash/2020").skipped)
        self.assertSettled()

    def test_older_mail_is_left(self):
        for year in (2020, 2026):
            moment = datetime(year, 11, 1, 12, tzinfo=timezone.utc)
            self.deliver_all(mails(2, f"Of {year}"), date=moment)
        self.mailbox.fetch_since = "2026-10-31"
        self.poll()
        found = self.arrivals()
        self.assertEqual(set(found.mapped("subject")), {"Of 2026 0", "Of 2026 1"})
        self.assertEqual(
            set(found.mapped("internal_date")), {datetime(2026, 11, 1, 12)}
        )
        self.assertEqual(self.folder("INBOX").older_count, 2)
        self.assertSettled()

    def test_headers_are_kept_of_what_is_too_large(self):
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("mail_mailbox_archive.max_message_size", "1")
        mail = write_mail("Large")
        mail.add_attachment(b"x" * 1_000_000, "application", "zip", filename="a.zip")
        self.deliver_all([mail.as_bytes(), *mails(1, "Small")])
        self.poll()
        large = self.arrivals().filtered("oversize")
        self.assertEqual(large.subject, "Large")
        self.assertLess(len(large.mailbox_message_id._read_source()), 2000)
        self.assertGreater(large.mailbox_message_id.size, 1_300_000)
        self.assertEqual(len(self.arrivals()), 2)
        self.assertSettled()

    def test_login_that_waited_hears_of_new_mail(self):
        self.addCleanup(KEPT.close)
        expected = self.deliver_all(mails(2))
        self.poll()
        for number in range(3):
            self.check()
            self.assertEqual(len(KEPT), 1)
            expected += self.deliver_all(mails(1, f"New {number}"))
            self.check()
            self.assertArrived(expected)

    def check(self):
        """Check as the schedule does, which keeps a login that opened no folder."""
        self.mailbox.next_poll_at = False
        self.env.flush_all()
        self.env["mail.mailbox"]._poll(60)
        self.env.invalidate_all()
        self.assertWorks()

    def test_line_that_stays_open_tells_of_new_mail(self):
        with self.mailbox._session__()() as session:
            news = listen(session, frozenset())
            next(news)
            # while the server is waited for; one that stays silent is given up
            for seconds, work in ((0.5, self.put), (20, session.abort)):
                timer = threading.Timer(seconds, work)
                timer.start()
                self.addCleanup(timer.join)
                self.addCleanup(timer.cancel)
            next(news)

    def put(self):
        """Put a message into INBOX as another mail program does."""
        with self.server.connected(self.login) as client:
            client.append("INBOX", None, None, write_mail("New").as_bytes())

    def test_what_was_sent_is_kept_in_a_folder_that_is_made(self):
        self.poll()
        for count in (1, 2):
            self.send(email_to=f"anna{count}@spostex.example")
            self.assertEqual(self.append(), ["done"] * count)
            kept = self.server.snapshot(self.login)[self.server.wire_name("Sent")]
            self.assertEqual(len(kept.flags), count)
            self.assertEqual(kept.unseen, 0)
            self.poll()
            self.assertEqual(self.folder("Sent").role, "sent")
            self.assertEqual(len(self.arrivals()), count)
            self.assertEqual(self.arrivals().folder_id, self.folder("Sent"))
        self.assertEqual(set(self.arrivals().mapped("direction")), {"outgoing"})
        self.assertSettled()

    def test_sent_folder_is_known_by_its_name(self):
        """None of these servers says which folder it is."""
        mail = write_mail("Out", **{"from": self.mailbox.email})
        self.deliver_all([mail.as_bytes()], "Gesendet", flags="S")
        self.poll()
        self.assertEqual(self.folder("Gesendet").role, "sent")
        self.send()
        self.assertEqual(self.append(), ["done"])
        self.poll()
        self.assertEqual(self.arrivals().folder_id, self.folder("Gesendet"))
        self.assertFalse(self.folder("Sent"))


@tagged("post_install", "-at_install")
class TestCourier(Interop, InteropCase):
    """Folders below INBOX, no extension, and UIDs that are forgotten."""

    make_server = Courier

    def test_late_delivery_is_not_passed_over(self):
        """Its file is older than that of a message that was new at the last check."""
        expected = self.deliver_all(mails(2))
        self.poll()
        for number, age in enumerate((0, 50, 100)):
            expected += self.deliver_all(mails(1, f"Late {number}"), age=age)
            [poll] = self.poll()
            self.assertEqual(poll.arrived, 1)
            self.assertArrived(expected)
        self.assertSettled()


@tagged("post_install", "-at_install")
class TestCyrus(Interop, InteropCase):
    """Folders at the top, with slashes."""

    make_server = Cyrus


@tagged("post_install", "-at_install")
class TestCyrusBelowInbox(Interop, InteropCase):
    """Cyrus's own layout: folders below INBOX, with dots."""

    @classmethod
    def make_server(cls):
        return Cyrus(alternative=False)


@tagged("post_install", "-at_install")
class TestMailutils(InteropCase):
    """GNU's: UIDs of new mail change until somebody opens the folder for writing.

    So does UIDVALIDITY whenever something is added: what a folder holds is read again
    and again there, and nothing is lost or doubled by it.
    """

    make_server = Mailutils

    def test_all_arrives_once_whatever_is_numbered_anew(self):
        expected = self.deliver_all(mails(5, "Inbox"))
        expected += self.deliver_all(mails(4, "Folder"), "Projekty/Żółte")
        for round_number in range(4):
            self.poll()
            self.assertWorks()
            self.assertArrived(expected)
            expected += self.deliver_all(mails(2, f"New {round_number}"))
        self.server.store_flags(self.login, "INBOX", "1", r"+FLAGS (\Seen)")
        self.server.expunge(self.login, "INBOX", "2")
        self.poll()
        self.poll()
        self.assertWorks()
        self.assertArrived(expected)
        self.assertTrue(self.arrivals().filtered("seen"))


@tagged("post_install", "-at_install")
class TestPymap(Interop, InteropCase):
    """The server of the demonstration, in Python."""

    make_server = Pymap


@tagged("post_install", "-at_install")
class TestBareDovecot(Interop, InteropCase):
    """A Dovecot that offers nothing beyond RFC 3501 but namespaces."""

    @classmethod
    def make_server(cls):
        return Dovecot(without=LACKING)


def started_by(server):
    """Return the processes that live of what ``server`` started, children included."""
    sessions = {str(process.pid) for process in server._processes}
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            # its name, in parentheses, may hold anything (proc(5))
            state, _parent, _group, session = (
                file.read_text().rpartition(")")[2].split(maxsplit=4)[:4]
            )
        except OSError:
            continue  # it ended meanwhile
        if session in sessions and state != "Z":
            found.append(file.parent.name)
    return found


@tagged("post_install", "-at_install")
class TestServersEnd(BaseCase):
    """A server that does not start says why, and leaves nothing behind."""

    def make(self, kind):
        try:
            server = kind()
        except Unavailable as error:
            self.skipTest(str(error))
        self.addCleanup(self.check_nothing_is_left, server)
        return server

    def check_nothing_is_left(self, server):
        self.assertFalse(started_by(server))
        self.assertFalse(server._base.exists())

    def test_after_use(self):
        for kind in (Courier, Cyrus, Mailutils, Pymap):
            with self.subTest(kind=kind.__name__):
                with self.make(kind) as server:
                    server.add_user("ann")
                    with server.connected("ann"):
                        self.assertTrue(started_by(server))
                self.check_nothing_is_left(server)

    def test_after_a_start_that_failed_half_way(self):
        for kind in (Courier, Cyrus, Mailutils, Pymap):
            with self.subTest(kind=kind.__name__):
                server = self.make(kind)
                words = f"{kind.__name__} did not start: no greeting"
                with (
                    patch.object(kind, "_wait", side_effect=OSError("no greeting")),
                    self.assertRaisesRegex(RuntimeError, words),
                ):
                    server.__enter__()
                # started for each connection, of which there was none
                self.assertEqual(bool(server._processes), kind is not Mailutils)
                self.check_nothing_is_left(server)

    def test_program_that_ended_at_once(self):
        server = self.make(Cyrus)
        run = server._run

        def mistaken(command, **options):
            return run([*command, "-C", "/nowhere"], **options)

        with (
            patch.object(server, "_run", mistaken),
            self.assertRaisesRegex(RuntimeError, "master ended with 78, EX_CONFIG"),
        ):
            server.__enter__()

    def test_missing_server_is_told(self):
        with (
            patch.dict(os.environ, IMAP_SERVERS="/nowhere"),
            self.assertRaisesRegex(Unavailable, "courier-imap is neither installed"),
        ):
            Courier()
