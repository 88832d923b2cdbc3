"""What could not be read: it is listed, kept, read again, and nothing of it doubled."""

import threading
from contextlib import suppress
from unittest.mock import patch

from odoo import Command
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, HttpCase, new_test_user, tagged
from odoo.tests.common import get_db_name
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.models.receiving.quarantine import VERSION
from odoo.addons.mail_mailbox_archive.models.receiving.sentences import UNREADABLE

from .common import (
    USER,
    WARSAW_NOON,
    MailboxCase,
    at_the_same_moment,
    refusing,
    write_mail,
)
from .servers.scripted import FakeFolder, FakeMessage, FakeServer
from .test_poll import PollingCase, mails

MODEL = "mail.mailbox.quarantine"
LOG = "odoo.addons.mail_mailbox_archive.models.receiving.quarantine"
PARSE = "odoo.addons.mail_mailbox_archive.mailcore.imap.fetching.parse"
HOSTILE = b"<html><script>alert(1)</script></html>\r\n"
BOMB = b"From: Mallory <mallory@example.com>\r\nSubject: Invoice\r\n" + b"".join(
    b"Content-Type: multipart/mixed; boundary=x%d\r\n\r\n--x%d\r\n" % (n, n)
    for n in range(150)
)


def make_fetched(source, error="structure", size=None, uid=1):
    return Fetched(
        uid=uid,
        internal_date=WARSAW_NOON,
        seen=False,
        size=size or len(source),
        source=source,
        error=Unreadable(error),
    )


def keep(mailbox, folder, *fetched):
    """Put messages into quarantine as a poll does; return the rows."""
    rows = mailbox.env[MODEL].sudo()
    rows._keep(folder, fetched)
    return rows.search([("mailbox_id", "=", mailbox.id)], order="id")


@tagged("post_install", "-at_install")
class TestQuarantine(PollingCase):
    """With a server whose messages are hostile, withheld or gone."""

    def setUp(self):
        super().setUp()
        self.good = list(mails(2))
        sources = [self.good[0], HOSTILE, self.good[1]]
        messages = {n: FakeMessage(one) for n, one in enumerate(sources, 1)}
        self.server = self.enterContext(FakeServer({"INBOX": FakeFolder(messages)}))
        self.inbox = self.server.folders["INBOX"]
        self.connect(self.mailbox, "ann", self.server)

    @property
    def rows(self):
        domain = [("mailbox_id", "=", self.mailbox.id)]
        return self.env[MODEL].search(domain, order="uid")

    def poll_unreadable(self, *codes):
        """Poll while no message can be read, for one reason after the other."""
        for code in codes:
            with patch(PARSE, side_effect=Unreadable(code)):
                self.poll()
        return self.rows

    def withhold(self, uid=2):
        """Have the server give nothing of a message."""

        def quirk(server, line, tag, argument):
            for answer in server._uid_fetch(argument):
                if b"BODY" not in answer or b"(UID %d " % uid not in answer:
                    line.write(answer + b"\r\n")
            line.send(f"{tag} OK done")

        self.server.quirks["UID FETCH"] = quirk

    def ask(self):
        """Poll when it is time to ask for what was withheld; return what was asked."""
        self.rows.filtered("ask_at").ask_at = "2020-01-01"
        self.server.commands.clear()
        self.poll()
        # a look at the newest ones tells whether UIDs mean what they meant
        known = [line for line in self.server.commands if "UID FETCH 1,3 " not in line]
        return [line for line in known if line.startswith("UID FETCH")]

    def test_hostile_mail_stands_here_and_the_others_arrive(self):
        self.inbox.messages[4] = FakeMessage(BOMB)
        self.poll()
        self.assertWorks()
        self.assertArrived(self.good)
        first, second = self.rows
        self.assertEqual(first._read_source(), HOSTILE)
        self.assertEqual(first.reason, str(UNREADABLE["structure"]))
        self.assertEqual(
            (first.uid, first.state, first.subject), ("2", "waiting", False)
        )
        self.assertEqual(second.reason, str(UNREADABLE["depth"]))
        self.assertEqual(second.subject, "Invoice")
        self.assertEqual(second.email_from, "Mallory <mallory@example.com>")
        self.assertEqual(self.mailbox.with_user(self.member).unreadable_count, 2)

    def test_every_reason_has_its_words(self):
        self.assertLessEqual({*Unreadable.codes, "gone", "arrived"}, {*UNREADABLE})

    def test_what_can_be_read_later_arrives_once(self):
        row = self.poll_unreadable("structure")[0]
        told = row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(told["params"]["type"], "success")
        self.assertEqual(self.sources(), self.good[:1])
        arrival = self.arrivals()
        self.assertEqual((row.state, row.arrival_id), ("arrived", arrival))
        self.assertTrue(row.arrived_at)
        self.assertEqual((arrival.folder_id, arrival.uid), (row.folder_id, 1))
        self.assertFalse(row._read_source(), "the bytes are kept twice")
        # somebody else was faster
        row._read()
        self.assertEqual(row.state, "arrived")
        row.with_user(self.member).action_retry()
        self.mailbox.with_user(self.member).action_fetch_missing()
        self.env.invalidate_all()
        self.assertArrived(self.good)

    def test_what_fails_again_keeps_its_source_and_gets_the_new_reason(self):
        row = self.poll_unreadable("structure")[0]
        with patch(PARSE, side_effect=Unreadable("depth")):
            told = row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(told["params"]["type"], "warning")
        self.assertIn("this time", told["params"]["message"])
        self.assertEqual((row.state, row.error, row.attempts), ("waiting", "depth", 2))
        self.assertEqual(row._read_source(), self.good[0])
        self.assertFalse(self.arrivals())

    def test_several_and_all_of_a_mailbox(self):
        rows = self.poll_unreadable("structure")
        rows[1:].with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(rows.mapped("state"), ["waiting", "waiting", "arrived"])
        self.mailbox.with_user(self.member).action_fetch_missing()
        self.env.invalidate_all()
        self.assertEqual(rows.mapped("state"), ["arrived", "waiting", "arrived"])
        self.assertArrived(self.good)

    def run_job(self):
        self.env.ref("mail_mailbox_archive.ir_cron_read_again").method_direct_trigger()
        self.env.invalidate_all()

    def test_an_update_reads_all_once(self):
        rows = self.poll_unreadable("structure")
        self.run_job()
        self.assertEqual(rows.mapped("attempts"), [1, 1, 1])
        rows.tried_version = "19.0.0.0.1"
        self.run_job()
        self.assertEqual(rows.mapped("state"), ["arrived", "waiting", "arrived"])
        self.assertEqual((rows[1].attempts, rows[1].tried_version), (2, VERSION))
        self.run_job()
        self.assertEqual(rows[1].attempts, 2)

    def test_one_message_does_not_stop_the_others(self):
        rows = self.poll_unreadable("structure")
        rows.tried_version = False
        full = refusing(
            self.env["mail.mailbox.message"],
            OSError("disk full"),
            lambda values: values["subject"] == "Mail 0",
        )
        with full, mute_logger(f"{LOG}_retry"):
            self.run_job()
        self.assertEqual(rows.mapped("state"), ["waiting", "waiting", "arrived"])
        self.assertFalse(rows[0].tried_version, "it is not tried again")
        self.assertEqual(rows[0]._read_source(), self.good[0])

    def test_what_kills_its_reader_is_read_once(self):
        rows = self.poll_unreadable("structure")
        rows.tried_version = False
        self.env.flush_all()
        with patch(PARSE, side_effect=SystemExit), suppress(SystemExit):
            list(rows[0]._read_each())
        self.run_job()
        self.assertEqual(rows.mapped("state"), ["waiting", "waiting", "arrived"])
        rows[0].with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertArrived(self.good)

    def test_a_person_waits_a_moment_and_the_job_does_the_rest(self):
        rows = self.poll_unreadable("structure")
        with patch(f"{LOG}.PATIENCE", -1):
            rows.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(rows.mapped("state"), ["arrived", "waiting", "waiting"])
        self.run_job()
        self.assertArrived(self.good)

    def test_withheld_message_comes_when_the_server_gives_it(self):
        self.inbox.messages[2].source = late = write_mail("Late").as_bytes()
        self.withhold()
        self.poll()
        row = self.rows
        self.assertTrue(row.withheld)
        self.assertEqual(row.reason, str(UNREADABLE["withheld"]))
        self.assertTrue(self.ask())
        self.assertEqual((row.state, row.attempts), ("waiting", 2))
        self.server.quirks.clear()
        row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual((row.state, row.arrival_id.uid), ("arrived", 2))
        self.assertArrived([*self.good, late])

    def test_what_the_server_has_no_more_is_not_asked_for_daily(self):
        self.withhold()
        self.poll()
        row = self.rows
        del self.inbox.messages[2]
        self.inbox.uid_next = 4
        self.assertTrue(self.ask())
        self.assertEqual(row.state, "gone")
        self.assertEqual(row.reason, str(UNREADABLE["gone"]))
        self.assertFalse(self.ask())
        self.assertEqual(self.mailbox.with_user(self.member).unreadable_count, 0)
        # who does not believe it may ask once more
        self.inbox.messages[2] = FakeMessage(late := write_mail("Late").as_bytes())
        self.server.quirks.clear()
        row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(row.state, "arrived")
        self.assertArrived([*self.good, late])

    def test_of_a_mailbox_that_receives_no_more_nothing_waits(self):
        self.withhold()
        self.poll()
        self.rows.write({"state": "gone", "ask_at": False})
        self.mailbox.imap_enabled = False
        self.env.flush_all()
        self.rows.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual((self.rows.state, self.rows.ask_at), ("gone", False))

    def test_what_stood_alone_and_is_gone(self):
        """Nothing else in the folder tells that it was gone through."""
        del self.inbox.messages[1], self.inbox.messages[3]
        self.withhold()
        self.inbox.messages[2].source = write_mail("Alone").as_bytes()
        self.inbox.messages[4] = FakeMessage(HOSTILE, date="06-Nov-2026 10:00:00 +0100")
        self.poll()
        withheld = self.rows.filtered("withheld")
        self.inbox.messages.clear()
        self.inbox.uid_next = 5
        self.ask()
        self.assertEqual(withheld.state, "gone")
        self.assertEqual((self.rows - withheld).state, "waiting", "its bytes are here")

    def test_what_is_left_out_is_not_asked_for(self):
        self.withhold()
        self.poll()
        self.rows.folder_id.skipped = True
        self.rows.ask_at = "2020-01-01"
        self.env[MODEL]._ask_again(self.mailbox.ids)
        self.assertEqual(self.rows.state, "gone")

    def test_folder_numbered_anew_doubles_nothing(self):
        rows = self.poll_unreadable("structure")
        (other,) = mails(1, "Other")
        old = [self.inbox.messages[uid] for uid in (1, 2)]
        later = FakeMessage(other, date="06-Nov-2026 10:00:00 +0100")
        self.inbox.messages = dict(enumerate([later, *old], 1))
        self.inbox.uid_validity += 1
        # as large as another one
        rows[0].internal_date = "2026-11-05 10:00:00"
        old[0].date = "05-Nov-2026 11:00:00 +0100"
        self.poll()
        # the third is on the server no more; its bytes are here, without a place
        self.assertEqual(rows.mapped("state"), ["arrived", "waiting", "waiting"])
        self.assertEqual(rows.mapped("uid"), [False, "3", False])
        rows[2].with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(rows[2].state, "arrived")
        self.assertFalse(rows[2].arrival_id.folder_id)
        placed = {a.uid: a.mailbox_message_id.subject for a in self.arrivals()}
        self.assertEqual(placed[1], "Other 0", "the place of another was taken")
        self.assertArrived([*self.good, other])

    def test_another_one_as_large_and_of_that_second_is_not_lost(self):
        row = keep(
            self.mailbox, self.make_folder(self.mailbox), make_fetched(HOSTILE, uid=0)
        )
        other = make_fetched(HOSTILE.replace(b"1", b"2"), uid=5)
        new = keep(self.mailbox, row.folder_id, other) - row
        self.assertEqual((new.uid, new._read_source()), ("5", other.source))
        self.assertEqual(row._read_source(), HOSTILE)
        self.assertFalse(row.uid)

    def test_two_copies_that_were_withheld_arrive_as_one(self):
        copy = write_mail("Copy").as_bytes()
        self.inbox.messages = {2: FakeMessage(copy), 4: FakeMessage(copy)}
        self.server.quirks["UID FETCH"] = lambda _server, line, tag, argument: (
            line.send(f"{tag} OK done")
            if "PEEK[]" in argument
            else self.server.answer(line, tag, "UID FETCH", argument)
        )
        self.poll()
        rows = self.rows
        self.assertEqual(rows.mapped("withheld"), [True, True])
        self.assertEqual(rows.mapped("subject"), ["Copy", "Copy"])
        self.server.quirks.clear()
        self.ask()
        self.assertEqual(rows.mapped("state"), ["arrived", "arrived"])
        self.assertEqual(rows.arrival_id, self.arrivals())
        self.assertArrived([copy])

    def test_what_leaves_the_queue_takes_its_row_along(self):
        row = self.poll_unreadable("structure")[0]
        row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        row.arrival_id.unlink()
        self.assertFalse(row.exists())

    def test_mailbox_with_unreadable_mail_is_not_deleted(self):
        self.poll_unreadable("structure")
        self.assertFalse(self.arrivals())
        with self.assertRaises(UserError):
            self.mailbox.unlink()


class QuarantineCase(MailboxCase):
    """People who may and may not see what is in quarantine."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls.env["res.company"].create({"name": "Elsewhere"})
        companies = {"company_id": other.id, "company_ids": [Command.set(other.ids)]}
        cls.elsewhere = cls.make_user("elsewhere", USER, **companies)
        manager = "mail_mailbox_archive.group_manager"
        cls.manager_elsewhere = cls.make_user("away", manager, **companies)
        cls.portal = new_test_user(cls.env, "mailbox_portal", "base.group_portal")
        cls.public = cls.env.ref("base.public_user")
        cls.mailbox.company_id = cls.env.company
        folder = cls.make_folder(cls.mailbox)
        cls.row = keep(cls.mailbox, folder, make_fetched(HOSTILE))
        cls.outsiders = (
            cls.colleague + cls.elsewhere + cls.manager_elsewhere + cls.portal
        )


@tagged("post_install", "-at_install")
class TestQuarantineAccess(QuarantineCase):
    def setUp(self):
        super().setUp()
        self.enterContext(self.enter_registry_test_mode())

    def seen(self, user):
        """Return which ways lead ``user`` to the message."""
        rows = self.env(user=user.id, context={})[MODEL]
        ways = {
            "search": lambda: rows.search([]),
            "count": lambda: rows.search_count([]),
            "group": lambda: rows._read_group([], ["mailbox_id"], ["__count"]),
            "name": lambda: rows.name_search(""),
            "read": lambda: rows.browse(self.row.id).read(["error", "subject"]),
            "bytes": lambda: rows.browse(self.row.id)._read_source(),
            "retry": lambda: rows.browse(self.row.id).action_retry(),
            "mailbox": lambda: self.mailbox.with_user(user).unreadable_count,
        }
        found = set()
        for name, way in ways.items():
            self.env.invalidate_all()
            try:
                found |= {name} if way() else set()
            except AccessError:
                continue
        return found

    EVERY = {"search", "count", "group", "name", "read", "bytes", "retry", "mailbox"}

    def check(self, readers, others):
        for user in readers:
            with self.subTest(user=user.login, expected="all"):
                self.assertEqual(self.seen(user), self.EVERY)
        for user in others:
            with self.subTest(user=user.login, expected="nothing"):
                self.assertEqual(self.seen(user), set())

    def test_the_people_of_a_mailbox_and_administrators(self):
        self.check(self.member + self.manager, self.outsiders + self.public)

    def test_of_a_private_mailbox_its_people_alone(self):
        self.mailbox.private = True
        self.check(self.member, self.manager + self.outsiders + self.public)

    def test_outsiders_start_nothing(self):
        self.mailbox.private = True
        for user in self.manager + self.outsiders + self.public:
            with self.subTest(user=user.login):
                # assertRaises would undo what was started
                with suppress(AccessError):
                    self.row.with_user(user).action_retry()
                self.env.invalidate_all()
                self.assertEqual(self.row.attempts, 1)
        self.row.with_user(self.member).action_retry()
        self.env.invalidate_all()
        self.assertEqual(self.row.attempts, 2)

    def test_the_rules_are_what_denies(self):
        """Else the tests above would be blind."""
        self.mailbox.private = True
        rules = self.env["ir.rule"].search([("model_id.model", "like", "mail.mailbox")])
        rules.active = False
        self.env.registry.clear_cache()
        with patch.multiple(
            type(self.row),
            _get_read_domain=lambda _self: Domain.TRUE,
            _is_open=lambda _self: True,
        ):
            for user in self.colleague + self.manager + self.elsewhere:
                self.assertEqual(self.seen(user), self.EVERY)

    def test_the_rule_of_companies_is_what_denies(self):
        self.env.ref(
            "mail_mailbox_archive.mail_mailbox_quarantine_rule_company"
        ).active = False
        self.assertIn("search", self.seen(self.manager_elsewhere))

    def test_nobody_makes_changes_or_removes_rows(self):
        admin = self.env.ref("base.user_admin")
        for user in self.member + self.manager + admin:
            row = self.row.with_user(user)
            with self.subTest(user=user.login):
                for change in (
                    row.unlink,
                    lambda row=row: row.write({"error": "x"}),
                    lambda row=row: row.create({"mailbox_id": self.mailbox.id}),
                ):
                    with self.assertRaises(AccessError):
                        change()
        self.assertTrue(self.row.exists())


@tagged("post_install", "-at_install")
class TestQuarantineDownload(QuarantineCase, HttpCase):
    def get(self, user, path=None):
        if user:
            self.authenticate(user.login, user.login)
        path = path or f"/mail_mailbox_archive/quarantine/{self.row.id}"
        return self.url_open(path, allow_redirects=False)

    def test_readers_get_it_byte_for_byte_and_inert(self):
        for user in self.member + self.manager:
            response = self.get(user)
            self.assertEqual(response.content, HOSTILE)
            headers = response.headers
            self.assertTrue(headers["Content-Disposition"].startswith("attachment"))
            self.assertIn(".eml", headers["Content-Disposition"])
            self.assertEqual(headers["Content-Type"], "message/rfc822")
            self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
            self.assertIn("sandbox", headers["Content-Security-Policy"])
        url = self.row.action_download_source()["url"]
        self.assertEqual(self.get(self.member, url).content, HOSTILE)

    def test_no_other_address_runs_it(self):
        response = self.get(self.member, f"/web/content/{MODEL}/{self.row.id}/source")
        self.assertEqual(response.headers["Content-Type"], "message/rfc822")

    def test_for_others_it_does_not_exist(self):
        missing = self.get(self.member, "/mail_mailbox_archive/quarantine/999999999")
        self.assertEqual(missing.status_code, 404)
        for user in self.outsiders:
            response = self.get(user)
            self.assertEqual(response.status_code, 404, user.login)
            self.assertNotIn(HOSTILE, response.content)
        self.mailbox.private = True
        self.assertEqual(self.get(self.manager).text, missing.text)
        self.assertEqual(self.get(self.member).content, HOSTILE)

    def test_who_did_not_sign_in_is_asked_to(self):
        self.assertEqual(self.get(None).status_code, 303)

    def test_what_arrived_has_its_bytes_in_the_queue(self):
        self.row._close(False)
        self.assertEqual(self.get(self.member).status_code, 404)


@tagged("post_install", "-at_install")
class TestTwoPeople(BaseCase):
    """Real transactions on a mailbox that is committed, and removed in the end."""

    COUNT = 12

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            admin = env.ref("base.user_admin")
            mailbox = env["mail.mailbox"].create(
                {
                    "name": "Two",
                    "email": "two@spedbud.example",
                    "responsible_id": admin.id,
                    "user_ids": [Command.set(admin.ids)],
                    "imap_enabled": False,
                }
            )
            folder = env["mail.mailbox.folder"].create(
                {"mailbox_id": mailbox.id, "name": "INBOX", "wire_name": "INBOX"}
            )
            sources = mails(self.COUNT, "Two")
            self.ids = keep(
                mailbox,
                folder,
                *(make_fetched(one, uid=n) for n, one in enumerate(sources, 1)),
            ).ids
            self.mailbox_id = mailbox.id
        self.addCleanup(self._remove)

    def _remove(self):
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            rows = env[MODEL].browse(self.ids).exists()
            arrivals = env["mail.mailbox.arrival"].search(
                [("mailbox_id", "=", self.mailbox_id)]
            )
            messages = arrivals.mailbox_message_id
            rows.unlink()
            arrivals.unlink()
            messages.unlink()
            env["mail.mailbox"].browse(self.mailbox_id).unlink()

    def test_read_while_somebody_looks_at_it(self):
        """Who sees that it is claimed holds its row for a moment."""
        one = self.ids[0]

        def work():
            with self.registry.cursor() as cr:
                row = Environment(cr, SUPERUSER_ID, {})[MODEL].browse(one)
                row._transact(type(row)._read)

        reader = threading.Thread(target=work)
        with self.registry.cursor() as cr:
            row = Environment(cr, SUPERUSER_ID, {})[MODEL].browse(one)
            self.assertTrue(row.try_lock_for_update())
            reader.start()
            reader.join(1)
        reader.join()
        with self.registry.cursor() as cr:
            row = Environment(cr, SUPERUSER_ID, {})[MODEL].browse(one)
            self.assertEqual(row.state, "arrived")

    def test_both_read_the_same_at_once(self):
        def work(env, begin):
            rows = env[MODEL].browse(self.ids)
            begin()
            rows.action_retry()

        self.assertFalse(at_the_same_moment(self.registry, work))
        with self.registry.cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            rows = env[MODEL].browse(self.ids)
            self.assertEqual(set(rows.mapped("state")), {"arrived"})
            self.assertEqual(rows.mapped("attempts"), [1] * self.COUNT)
            arrivals = env["mail.mailbox.arrival"].search(
                [("mailbox_id", "=", self.mailbox_id)]
            )
            self.assertEqual(len(arrivals), self.COUNT)
            self.assertEqual(rows.arrival_id, arrivals)
