"""How mailboxes work, how much of them is here, and who is told."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.errors import LoginRefused, Unreachable
from odoo.addons.mail_mailbox_archive.models.receiving.poll_claim import Poll

from .common import MailboxCase

HOUR = timedelta(hours=1)


@tagged("post_install", "-at_install")
class TestIncident(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.email = "member@spedbud.example"
        cls.mailbox.write({"imap_enabled": True, "imap_host": "imap.example.com"})
        cls.mailbox.write({"lease_token": 1, "last_success": fields.Datetime.now()})
        cls.poll = Poll(cls.mailbox.id, 1, None, True)

    def finish(self, error=None):
        self.mailbox._finish(self.poll, error, unfinished=False)

    def told(self):
        return len(self.mailbox.activity_ids), len(self.mails())

    def mails(self):
        return self.env["mail.mail"].search(
            [("email_to", "=", self.member.email_formatted)]
        )

    def test_a_short_failure_is_nobodys_business(self):
        self.finish(Unreachable("timeout"))
        self.assertEqual(self.mailbox.health, "failing")
        self.assertEqual(self.told(), (0, 0))

    def test_one_that_lasts_is_told_once_and_ends_by_itself(self):
        self.mailbox.last_success -= 2 * HOUR
        for _check in range(3):
            self.finish(Unreachable("timeout"))
        self.assertEqual(self.told(), (1, 1))
        self.assertEqual(self.mailbox.activity_ids.user_id, self.member)
        self.assertIn("office@spedbud.example", self.mails().subject)
        self.assertIn(
            f"/odoo/email-mailboxes/{self.mailbox.id}", self.mails().body_html
        )
        self.finish()
        self.assertEqual(self.mailbox.health, "good")
        self.assertFalse(self.mailbox.activity_ids)
        self.mailbox.last_success -= 2 * HOUR
        self.finish(Unreachable("timeout"))
        self.assertEqual(self.told(), (1, 2))

    def test_refused_logins_are_told_when_they_stop_it(self):
        for told in ((0, 0), (0, 0), (1, 1)):
            self.finish(LoginRefused("password"))
            self.assertEqual(self.told(), told)
        self.assertEqual(self.mailbox.health, "stopped")

    def test_no_other_mailbox_brings_the_news(self):
        self.env.company.email = "company@spedbud.example"
        other = self.make_mailbox("sales@spedbud.example")
        private = self.make_mailbox("board@spedbud.example", private=True)
        (other + private).write({"provider": "smtp", "smtp_host": "smtp.example.com"})
        (other + private).state = "ready"
        self.mailbox.last_success -= 2 * HOUR
        self.finish(Unreachable("timeout"))
        mail = self.mails()
        self.assertIn("company@spedbud.example", mail.email_from)
        self.assertFalse(mail._pass_gate(mail.create_uid))

    def test_who_has_no_other_address_gets_no_mail_into_the_dead_one(self):
        self.member.email = self.mailbox.email
        self.mailbox.last_success -= 2 * HOUR
        self.finish(Unreachable("timeout"))
        self.assertEqual(self.told(), (1, 0))

    def test_what_waits_too_long_is_behind(self):
        self.finish()
        self.assertEqual(self.mailbox.health, "good")
        self.mailbox.next_poll_at -= HOUR
        self.assertEqual(self.mailbox.health, "slow")


@tagged("post_install", "-at_install")
class TestCompleteness(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.folder = cls.make_folder(cls.mailbox)
        cls.folder.write({"message_count": 100, "waiting_count": 7, "older_count": 20})
        cls.deliver(cls.mailbox).internal_date = fields.Datetime.now()
        cls.env["mail.mailbox.quarantine"].create(
            {
                "mailbox_id": cls.mailbox.id,
                "folder_id": cls.folder.id,
                "uid_validity": "1",
                "uid": "9",
                "error": "empty",
            }
        )

    def counts(self, user):
        one = self.mailbox.with_user(user)
        self.env.invalidate_all()
        names = ("server_count", "waiting_count", "unreadable_count", "today_count")
        return tuple(one[name] for name in names)

    def test_what_is_on_the_server_is_accounted_for(self):
        folder = self.folder.with_user(self.member)
        self.assertEqual(folder.unreadable_count, 1)
        self.assertEqual(folder.read_count, 100 - 7 - 20 - 1)
        self.assertEqual(self.counts(self.member), (100, 7, 1, 1))
        self.assertEqual(self.counts(self.manager), (100, 7, 1, 1))

    def test_of_a_private_mailbox_others_see_that_it_works_and_no_more(self):
        self.mailbox.private = True
        self.assertEqual(self.counts(self.manager), (0, 0, 0, 0))
        self.assertEqual(self.mailbox.with_user(self.manager).health, "off")
        self.assertFalse(self.mailbox.with_user(self.manager).folder_ids)
        self.assertFalse(self.mailbox.with_user(self.manager).quarantine_ids)
        self.assertEqual(self.counts(self.member), (100, 7, 1, 1))

    def test_a_dashboard_asks_as_much_for_many_as_for_few(self):
        for number in range(12):
            box = self.make_mailbox(f"box{number}@spedbud.example")
            self.make_folder(box).message_count = number
        boxes = self.env["mail.mailbox"].with_user(self.manager)
        spec = {
            name: {}
            for name in ("email", "health", "last_error", "today_count", "server_count")
        }

        def queries(limit):
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            boxes.web_search_read([], spec, limit=limit)
            return self.env.cr.sql_log_count - before

        queries(12)
        self.assertEqual(queries(12), queries(2))
