"""Servers that people reported: health is what arrived, and somebody is told."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore import errors
from odoo.addons.mail_mailbox_archive.models.receiving import (
    sentences as error_sentences,
)

from .common import write_mail
from .servers.scripted import FakeFolder, FakeMessage, FakeServer
from .test_poll import STORE_LOG, PollingCase

HOUR = timedelta(hours=1)
QUARANTINE_LOG = "odoo.addons.mail_mailbox_archive.models.receiving.quarantine_retry"


def folder(*uids, **values):
    messages = {
        uid: FakeMessage(write_mail(f"PO/{uid}", f"Text {uid}").as_bytes())
        for uid in uids
    }
    return FakeFolder(messages, **values)


def say(answer):
    return lambda server, line, tag, argument: line.send(f"{tag} {answer}")


class ServerCase(PollingCase):
    def serve(self, folders, quirks=None, capabilities="IMAP4rev1"):
        server = FakeServer(folders, quirks, capabilities)
        self.enterContext(server)
        self.connect(self.mailbox, "ann", server)
        return server


@tagged("post_install", "-at_install")
class TestHealthIsWhatArrived(ServerCase):
    def test_every_folder_refused(self):
        for name in ("EXAMINE", "UID SEARCH"):
            with self.subTest(name):
                words = "NO [SERVERBUG] internal error"
                server = self.serve({"INBOX": folder(1), "Work": folder(2)})
                server.quirks[name] = say(words)
                self.mailbox.last_success = False
                self.poll()
                self.assertEqual(self.mailbox.health, "failing")
                self.assertFalse(self.mailbox.last_success)
                self.assertIn("[SERVERBUG] internal error", self.mailbox.last_error)
                failed = self.mailbox.folder_ids.filtered("last_error")
                self.assertEqual(set(failed.mapped("name")), {"INBOX", "Work"})
                server.quirks.clear()
                self.poll()
                self.assertWorks()
                self.assertFalse(any(self.mailbox.folder_ids.mapped("last_error")))

    def test_it_is_told_after_an_hour(self):
        self.member.email = "member@spedbud.example"
        self.serve({"INBOX": folder(1)}, {"EXAMINE": say("NO no")})
        self.mailbox.last_success = fields.Datetime.now() - 2 * HOUR
        self.poll()
        self.assertEqual(self.mailbox.activity_ids.user_id, self.member)

    def test_whatever_fails_somebody_is_told_within_the_hour(self):
        for name, answer in (
            ("LOGIN", "NO [UNAVAILABLE] down"),
            ("LOGIN", "NO [LIMIT] Suggested Backoff Time: 9000 sec"),
            ("LIST", "NO no"),
            ("EXAMINE", "NO no"),
            ("LOGIN", "NO [AUTHENTICATIONFAILED] no"),
        ):
            with self.subTest(answer), self.env.cr.savepoint() as savepoint:
                self.serve({"INBOX": folder(1)}, {name: say(answer)})
                now = begun = fields.Datetime.now()
                self.mailbox.write({"last_success": begun, "failed_checks": 0})
                while not self.mailbox.incident_since:
                    self.assertLessEqual(now - begun, HOUR)
                    with patch.object(fields.Datetime, "now", lambda at=now: at):
                        self.poll()
                    now = max(self.mailbox.next_poll_at or now, now)
                self.assertLessEqual(self.mailbox.incident_since - begun, HOUR)
                savepoint.rollback()
            self.env.invalidate_all()

    def refuse(self, *names):
        def examine(server, line, tag, argument):
            if argument.strip('"') in names:
                line.send(f"{tag} NO no such luck")
            else:
                server.answer(line, tag, "EXAMINE", argument)

        return {"EXAMINE": examine}

    def test_a_folder_of_little_weight_is_no_failure(self):
        folders = {"INBOX": folder(*range(1, 31)), "Old": folder(40, 41)}
        self.serve(folders, self.refuse("Old"))
        self.poll()
        self.assertWorks()
        self.assertEqual(
            self.mailbox.folder_ids.filtered("last_error").mapped("name"), ["Old"]
        )

    def test_a_tenth_of_what_waits_is_one(self):
        folders = {"INBOX": folder(*range(1, 11)), "Old": folder(40, 41)}
        self.serve(folders, self.refuse("Old"))
        self.poll()
        self.assertEqual(self.mailbox.health, "failing")
        self.assertEqual(len(self.arrivals()), 10, "the others arrive")

    def test_the_inbox_always_is(self):
        folders = {"INBOX": folder(1), "Work": folder(*range(2, 40))}
        self.serve(folders, self.refuse("INBOX"))
        self.poll()
        self.assertEqual(self.mailbox.health, "failing")

    def test_what_failed_and_is_empty_now_is_over(self):
        folders = {"INBOX": folder(1), "Work": folder(2, 3)}
        server = self.serve(folders, self.refuse("Work"))
        self.poll()
        self.assertEqual(self.mailbox.health, "failing")
        del server.folders["Work"]
        self.poll()
        self.assertWorks()

    def test_what_failed_and_has_nothing_more_to_be_read_is_over(self):
        server = self.serve({"INBOX": folder(1), "Work": folder(2)})
        self.poll()
        server.folders["Work"] = folder(2, 3)
        server.quirks |= self.refuse("Work")
        self.poll()
        self.assertEqual(self.mailbox.health, "failing")
        server.folders["Work"] = folder(2)
        self.poll()
        self.assertWorks()

    def test_refused_logins_stop_after_three(self):
        for answer in (
            "NO [AUTHENTICATIONFAILED] Invalid login. Please try again.",
            "BAD what",
        ):
            with self.subTest(answer):
                server = self.serve({"INBOX": folder(1)}, {"LOGIN": say(answer)})
                self.mailbox.write({"stopped": False, "refused_logins": 0})
                for _check in range(4):
                    self.poll()
                self.assertEqual(self.mailbox.health, "stopped")
                logins = [c for c in server.commands if c.startswith("LOGIN")]
                self.assertEqual(len(logins), 3)

    def test_each_cause_has_a_state_a_sentence_and_somebody_to_tell(self):
        kinds = (errors.Unreachable, errors.LoginRefused)
        codes = {code for kind in kinds for code in kind.codes}
        codes |= {"folders", "disk_full", "store", "internal", "no_password"}
        for code in codes:
            with self.subTest(code):
                cause = error_sentences.get_cause(code)
                self.assertIn(cause.state, ("failing", "stopped", "third time stopped"))
                self.assertIn(cause.told, ("responsible", "managers"))
                known = code in error_sentences.SENTENCES or code == "internal"
                self.assertTrue(known, code)

    def test_what_is_not_theirs_to_mend_is_told_to_managers_as_well(self):
        self.mailbox.error_code = "timeout"
        self.assertNotIn(self.manager, self.mailbox._get_people_to_tell())
        self.mailbox.error_code = "disk_full"
        self.assertIn(self.manager, self.mailbox._get_people_to_tell())
        self.mailbox.private = True
        self.assertNotIn(self.manager, self.mailbox._get_people_to_tell())

    def test_the_sentence_says_what_to_do_at_that_provider(self):
        for code, words, expected in (
            ("login_disabled", "535 5.7.139 Authentication unsuccessful", "Microsoft"),
            ("password", "534 5.7.9 Application-specific", "app password"),
            ("password", "534-5.7.9 Application-specific", "app password"),
            ("password", "5.7.9 see the help", "app password"),
            ("password", "[ALERT] Application-specific password", "app password"),
            ("password", "535 5.7.139 Authentication", "Microsoft"),
            ("password", "[WEBALERT x] Web login required", "website"),
            ("password", "Please log in via your web browser", "website"),
            ("password", "[CONTACTADMIN] blocked", "unblocks"),
            ("login_disabled", "[CONTACTADMIN] blocked", "unblocks"),
            ("throttled", "[UNAVAILABLE] later", "status page"),
            ("throttled", "[OVERQUOTA] bandwidth", "daily limit"),
            ("throttled", "[LIMIT] connections", "no more connections"),
            ("login_disabled", "[AUTHORIZATIONFAILED] no", "over IMAP"),
        ):
            with self.subTest(words):
                sentence = self.mailbox._get_sentence(code, words)
                self.assertIn(expected, sentence)
                self.assertNotIn("Choose SSL/TLS", sentence)


@tagged("post_install", "-at_install")
class TestFoldersOfOthers(ServerCase):
    def test_they_are_fetched_only_where_they_are_chosen(self):
        def namespace(server, line, tag, argument):
            line.send('* NAMESPACE (("" "/")) (("Others/" "/")) NIL', f"{tag} OK")

        folders = {"INBOX": folder(1), "Others/boss": folder(2)}
        server = self.serve(folders, {"NAMESPACE": namespace}, "IMAP4rev1 NAMESPACE")
        self.poll()
        self.assertWorks()
        self.assertEqual(len(self.arrivals()), 1)
        boss = self.mailbox.folder_ids.filtered("shared")
        self.assertEqual((boss.name, boss.skipped), ("Others/boss", True))
        boss.with_user(self.member).action_choose()
        self.poll()
        self.assertEqual(len(self.arrivals()), 2)
        self.assertEqual(server.commands.count("NAMESPACE"), 1)
        boss.with_user(self.member).action_leave_out()
        server.folders["Others/boss"] = folder(2, 3)
        self.poll()
        self.assertEqual(len(self.arrivals()), 2)

    def test_what_was_fetched_before_an_upgrade_stays_chosen(self):
        self.make_folder(self.mailbox).write({"next_uid": 3})
        self.env.flush_all()
        self.env.cr.execute("UPDATE mail_mailbox_folder SET shared = NULL")
        states, listings, _chosen = self.env["mail.mailbox.folder"]._read_known(
            self.mailbox.ids
        )
        (listed,) = listings[self.mailbox.id]
        self.assertIsNone(listed.shared, "the server is asked")
        self.assertEqual(states[self.mailbox.id]["INBOX"].next_uid, 3)


@tagged("post_install", "-at_install")
class TestReactions(ServerCase):
    """What another add-on does with new mail is no reason to lose it."""

    def broken(self):
        """Patch the models of the add-on that reacts: it cannot look anything up."""
        orders = type(self.env["mailbox.test.order"])
        return patch.object(orders, "search", side_effect=ValueError("the rule"))

    def read_again(self):
        self.env.ref("mail_mailbox_archive.ir_cron_read_again").method_direct_trigger()
        self.env.invalidate_all()

    @mute_logger(STORE_LOG, QUARANTINE_LOG)
    def test_the_mail_is_in_the_queue_and_the_reaction_runs_again(self):
        order = self.env["mailbox.test.order"].create(
            {"name": "X", "customer_number": "PO/7"}
        )
        server = self.serve({"INBOX": folder()})
        self.poll()
        server.folders["INBOX"] = folder(6, 7, 8)
        with self.broken():
            self.poll()
            self.assertEqual(len(self.arrivals()), 3)
            rows = self.mailbox.quarantine_ids
            self.assertEqual(set(rows.mapped("state")), {"reaction"})
            self.assertIn("Mailbox", rows[0].culprit)
            self.assertIn(rows[0].culprit, self.mailbox.last_error)
            self.assertIn(rows[0].culprit, rows[0].reason)
            self.assertFalse(order.customer_wrote_at)
            rows.action_retry()
            self.env.invalidate_all()
            self.assertEqual(set(rows.mapped("state")), {"reaction"})
            self.assertEqual(set(rows.mapped("attempts")), {2})
        rows.ask_at = fields.Datetime.now() - HOUR
        self.env.flush_all()
        self.read_again()
        errors = rows.mapped("error")
        self.assertEqual(set(rows.mapped("state")), {"arrived"}, errors)
        self.assertTrue(order.customer_wrote_at)
        self.assertEqual(len(self.arrivals()), 3)
        self.assertWorks()

    @mute_logger(STORE_LOG, QUARANTINE_LOG)
    def test_what_may_not_be_stored_names_who_says_so(self):
        server = self.serve({"INBOX": folder(6)})
        with (
            patch(
                "odoo.addons.mail_mailbox_archive.models.messages.reaction"
                ".create_quietly",
                self._raise_twice,
            ),
            self.broken(),
        ):
            server.folders["INBOX"] = folder()
            self.poll()
            server.folders["INBOX"] = folder(7)
            self.poll()
        (row,) = self.mailbox.quarantine_ids
        self.assertEqual(row.state, "waiting")
        self.assertTrue(row.culprit)
        self.assertIn(row.culprit, row.reason)
        row.ask_at = fields.Datetime.now() - HOUR
        self.env.flush_all()
        self.read_again()
        self.assertEqual(row.state, "arrived")

    @staticmethod
    def _raise_twice(records, vals_list):
        raise ValueError("no constraint is met")
