"""Servers that fail: each failure has its sentence, and harms one mailbox only."""

import threading
from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import (
    AddressRefused,
    NetGuard,
)
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap import sync
from odoo.addons.mail_mailbox_archive.mailcore.imap.session import Timeouts
from odoo.addons.mail_mailbox_archive.models.mailbox import secrets
from odoo.addons.mail_mailbox_archive.models.receiving import account
from odoo.addons.mail_mailbox_archive.models.receiving import poll as polling

from .common import option_set, refusing
from .servers.dovecot import Dovecot
from .servers.scripted import Scripted
from .test_poll import PollCase, mails


@tagged("post_install", "-at_install")
class TestPollErrors(PollCase):
    def break_with(self, **values):
        self.mailbox.write(values)
        self.poll()
        self.assertIn(self.mailbox.health, ("failing", "stopped"))
        self.assertFalse(self.mailbox.last_success)
        self.assertTrue(self.mailbox.last_check)
        return self.mailbox.with_user(self.manager).last_error

    def test_wrong_host(self):
        error = self.break_with(
            imap_host="no-such-host.invalid",
            imap_password="typed-for-it",
            imap_port=993,
            imap_security="ssl",
        )
        self.assertIn("no server named no-such-host.invalid", error)

    def test_closed_port(self):
        self.assertIn("refuses connections on port 1", self.break_with(imap_port=1))

    def test_strangers_get_one_answer_whatever_is_there(self):
        """Nobody looks around in the network with a server of their choice."""
        quick = Timeouts(connect=0.2, read=0.2)
        banners = [
            lambda line: line.send("HTTP/1.1 400 Bad Request"),
            lambda line: line.send("* BYE 220 inner-db-7 ready"),
            lambda line: line.wait(),
            lambda line: line.cut(),
        ]
        answers = set()
        with patch.object(account, "TIMEOUTS", quick):
            for banner in banners:
                with Scripted(banner) as server:
                    told = self.break_with(imap_port=server.port)
                    mine = self.mailbox.with_user(self.member)
                    answers.add(mine.last_error.replace(str(server.port), "PORT"))
                    self.assertNotEqual(told, mine.last_error)
            self.break_with(imap_port=1)
            closed = self.mailbox.with_user(self.member).last_error
            answers.add(closed.replace("port 1.", "port PORT."))
        self.assertEqual(len(answers), 1, answers)
        self.assertNotIn("inner-db-7", answers.pop())
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.member).read(["error_code", "error_detail"])
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.member).search([("error_code", "=", "x")])

    def test_server_inside_the_network(self):
        with option_set("allowed_networks", ""):
            error = self.break_with(imap_security="ssl", imap_port=993)
            self.assertIn("inside a private network", error)
            error = self.break_with(imap_security="none", imap_port=143)
            self.assertIn("cross the network in clear", error)
            error = self.break_with(imap_security="ssl", imap_port=6379)
            self.assertIn("not one of a mail server", error)
        self.assertEqual(self.server.commands(self.login), [])

    def test_networks_come_from_the_configuration_alone(self):
        with option_set("allowed_networks", "127.0.0.0/8, ::1"):
            self.env["mail.mailbox"]._get_net_guard().check("127.0.0.1", 1)
        with option_set("allowed_networks", ""), self.assertRaises(AddressRefused):
            self.env["mail.mailbox"]._get_net_guard().check("127.0.0.1", 993)
        with (
            option_set("allowed_networks", "everything"),
            self.assertLogs("odoo.addons.mail_mailbox_archive", "ERROR"),
            self.assertRaises(AddressRefused),
        ):
            self.env["mail.mailbox"]._get_net_guard().check("127.0.0.1", 993)

    def test_tls_to_a_plain_port(self):
        self.assertIn("does not speak SSL/TLS", self.break_with(imap_security="ssl"))

    def test_plain_to_a_tls_port(self):
        self.mailbox.imap_port = self.server.tls_port
        error = self.break_with(imap_security="starttls")
        self.assertRegex(error, "speaks SSL/TLS only|does not respond|closed")

    def test_untrusted_certificate(self):
        error = self.break_with(imap_security="ssl", imap_port=self.server.tls_port)
        self.assertIn("cannot be trusted", error)
        self.assertEqual(self.server.commands(self.login), [])

    def test_certificate_is_not_verified_on_demand(self):
        self.deliver_all(mails(1))
        self.mailbox.write(
            {
                "imap_security": "ssl",
                "imap_port": self.server.tls_port,
                "verify_certificate": False,
            }
        )
        self.poll()
        self.assertWorks()
        self.assertEqual(len(self.arrivals()), 1)

    def test_no_encryption_is_for_this_machine(self):
        public = [(2, 1, 6, "", ("8.8.8.8", 143))]
        guard = NetGuard(["127.0.0.0/8"], resolve=lambda *_a, **_o: public)
        with patch.object(secrets, "NetGuard", lambda *_a, **_o: guard):
            error = self.break_with(
                imap_host="mail.example.com", imap_password="typed-for-it"
            )
            self.assertIn("in clear", error)

    def test_wrong_password_stops_at_the_third_time_and_tells_once(self):
        self.assertIn("refuses the login", self.break_with(imap_password="wrong"))
        self.assertFalse(self.mailbox.stopped)
        self.poll()
        self.poll()
        self.assertTrue(self.mailbox.stopped)
        self.assertEqual(self.mailbox.activity_ids.user_id, self.member)
        self.assertIn("refuses the login", self.mailbox.activity_ids.note)
        self.assertFalse(self.poll())
        self.assertEqual(len(self.mailbox.activity_ids), 1)
        self.assertNotIn("wrong", str(self.mailbox.read()))

    def test_refused_logins_are_counted_apart_from_other_failures(self):
        port = self.server.port
        for _attempt in range(3):
            self.break_with(imap_port=1)
        self.mailbox._write({"imap_port": port})
        self.mailbox.invalidate_recordset()
        secret = self.mailbox._vault__().seal("wrong", self.mailbox.imap_host)
        self.mailbox.sudo().imap_secret = secret
        self.poll()
        self.assertIn("refuses the login", self.mailbox.last_error)
        self.assertFalse(self.mailbox.stopped)

    def test_new_password_starts_again(self):
        from .servers.dovecot import PASSWORD

        self.break_with(imap_password="wrong")
        self.poll()
        self.poll()
        self.mailbox.imap_password = PASSWORD
        self.poll()
        self.assertWorks()
        self.assertFalse(self.mailbox.stopped)

    def test_no_password(self):
        self.mailbox.sudo().imap_secret = False
        self.assertIn("No password is set", self.break_with())

    def test_lost_key(self):
        self.mailbox.sudo().imap_secret = "fernet:" + "A" * 100
        self.assertIn("key is missing", self.break_with())

    def test_server_that_hangs_is_given_up(self):
        """Its worker has other mailboxes to read, and a watchdog behind it."""
        other = self.connect(self.make_mailbox("b@spedbud.example"), self.login)
        self.deliver_all(mails(3))
        poll, hanging = sync.poll, [True]

        def hang(session, known, limits):
            if hanging and hanging.pop():
                # nothing was asked, so that nothing ever comes until the line breaks
                line = session._wire._client.socket()
                line.settimeout(30)
                line.recv(1)
                raise Unreachable("closed")
            yield from poll(session, known, limits)

        with (
            patch.object(sync, "poll", hang),
            patch.object(polling, "GRACE", 0.5),
        ):
            self.poll(seconds=1)
        self.assertIn(self.mailbox.error_code, ("closed", "timeout"))
        self.poll(other)
        self.assertEqual(len(self.arrivals(other)), 3)

    def test_servers_that_hang_leave_their_places_to_others(self):
        mailboxes = self.mailbox
        for number in range(8):
            mailboxes += self.connect(
                self.make_mailbox(f"{number}@spedbud.example"), self.login
            )
        poll, hanging, read = sync.poll, [True, True], []
        all_read, waited = threading.Event(), []

        def hang(session, known, limits):
            if hanging and hanging.pop():
                waited.append(all_read.wait(30))
            yield from poll(session, known, limits)
            read.append(session)
            if len(read) == len(mailboxes) - 2:
                all_read.set()

        with (
            patch.object(sync, "poll", hang),
            # two that hang leave too few places to be filled at once
            patch.object(polling, "PARALLEL", 4),
            patch.object(polling, "PAUSE", 0.01),
        ):
            self.poll(mailboxes, seconds=300)
        self.assertEqual(waited, [True, True])

    def test_failed_query_is_not_logged_with_the_mail_in_it(self):
        def fail(env):
            env.cr.execute("SELECT 1 / 0 AS zebrasecret")

        fault = psycopg2.errors.DivisionByZero
        with self.assertNoLogs("odoo.sql_db"), self.assertRaises(fault):
            self.env["mail.mailbox"]._transact(fail)
        with self.assertLogs("odoo.sql_db", "ERROR"), self.assertRaises(fault):
            with self.env.cr.savepoint():
                fail(self.env)

    def test_failure_backs_off(self):
        waits = []
        told = fields.Datetime.now() - timedelta(hours=2)
        model = type(self.mailbox)
        self.patch(model, "_get_end_of_patience", lambda _mailbox: told)
        for _attempt in range(8):
            self.break_with(imap_port=1)
            wait = self.mailbox.next_poll_at - fields.Datetime.now()
            waits.append(round(wait.total_seconds() / 60))
        self.assertEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60])
        self.assertFalse(self.mailbox.stopped)

    def test_failing_mailbox_does_not_stop_the_others(self):
        other = self.connect(self.make_mailbox("b@spedbud.example"), self.login)
        self.deliver_all(mails(3))
        self.mailbox.imap_port = 1
        self.poll(self.mailbox + other)
        self.assertEqual(len(self.arrivals(other)), 3)
        self.assertTrue(self.mailbox.last_error)
        self.assertFalse(other.last_error)

    def test_fault_of_ours_is_a_state_of_one_mailbox(self):
        other = self.connect(self.make_mailbox("b@spedbud.example"), self.login)
        self.deliver_all(mails(3))
        with (
            refusing(
                self.env["mail.mailbox.arrival"],
                OSError("the disk is gone"),
                lambda values: values["mailbox_id"] == self.mailbox.id,
            ),
            self.assertLogs("odoo.addons.mail_mailbox_archive", "ERROR"),
        ):
            self.poll(self.mailbox + other)
        self.assertIn("could not be stored", self.mailbox.last_error)
        self.assertEqual(len(self.arrivals(other)), 3)
        self.poll()
        self.assertEqual(len(self.arrivals()), 3)

    def test_password_is_in_no_log(self):
        with self.assertLogs(level="DEBUG") as logs:
            self.break_with(imap_password="s3cr3t-word")
        self.assertNotIn("s3cr3t-word", "\n".join(logs.output))


@tagged("post_install", "-at_install")
class TestCertificates(PollCase):
    """Certificates that must not be trusted, each told apart."""

    def test_each_kind(self):
        for kind, words in (
            ("expired", "has expired"),
            ("self_signed", "not signed by a known authority"),
            ("wrong_host", "a name other than"),
        ):
            with self.subTest(kind=kind):
                server = Dovecot()
                server._certificate = getattr(server.authority, kind)()
                with (
                    server,
                    patch.dict(
                        "os.environ",
                        {"SSL_CERT_FILE": str(server.authority.certificate)},
                    ),
                ):
                    server.add_user("x")
                    self.mailbox.write(
                        {"imap_security": "ssl", "imap_port": server.tls_port}
                    )
                    self.poll()
                    self.assertIn(words, self.mailbox.last_error)
                    self.assertEqual(server.commands("x"), [])
