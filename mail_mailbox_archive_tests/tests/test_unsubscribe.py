from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.connect.net_guard import (
    AddressRefused,
)
from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.models.teamwork import unsubscribing

from .common import MailboxCase, option_set

CLICK = {
    "list_unsubscribe": "<mailto:out@news.example>, <https://news.example/u?1>",
    "list_unsubscribe_post": "List-Unsubscribe=One-Click",
}
MAIL = "<mailto:out@news.example?subject=out%201&body=a%0A%3Cb%3E>"


@tagged("post_install", "-at_install")
class TestUnsubscribe(MailboxCase):
    """Unsubscribing asks one host once, by who reads the email, and tells the end."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.news = cls.deliver(cls.mailbox, subject="News", **CLICK)
        cls.line = cls.news.with_user(cls.member)

    def ask(self, outcome, host="news.example", line=None):
        """Return what is told, and what was posted to."""
        posted = []

        def post(_guard, parts):
            posted.append(parts.geturl())
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        with patch.object(unsubscribing, "post_one_click", post):
            told = (line or self.line).action_unsubscribe(host)
        self.assertEqual(posted, ["https://news.example/u?1"])
        return told

    def test_nothing_is_asked_before_the_click(self):
        with patch.object(
            unsubscribing, "post_one_click", side_effect=AssertionError("asked")
        ):
            way = self.line.get_unsubscribe()
            self.line.mailbox_message_id.get_view_data()
        self.assertEqual(way, {"host": "news.example", "address": ""})

    def test_the_end_is_told(self):
        for outcome, kind, words in (
            (200, "success", "accepted"),
            (302, "warning", "not followed"),
            (404, "danger", "error 404"),
            (AddressRefused("address_refused"), "danger", "not a public web server"),
            (Unreachable("timeout"), "danger", "did not respond"),
            (Unreachable("certificate"), "danger", "certificate"),
        ):
            with self.subTest(words):
                told = self.ask(outcome)
                self.assertEqual(told["type"], kind)
                self.assertIn(words, told["message"])
                self.assertIn("news.example", told["message"])

    def test_only_the_host_that_was_named(self):
        for host in ("other.example", "", "https://news.example/u?1"):
            with self.assertRaises(UserError):
                self.line.action_unsubscribe(host)

    def test_by_who_reads_the_email_in_the_mailbox(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        self.news.mailbox_message_id.with_user(self.member)._archive(partner)
        line = self.news.with_user(self.outsider)
        for call in (
            line.get_unsubscribe,
            lambda: line.action_unsubscribe("news.example"),
            lambda: line.action_unsubscribe_by_mail("out@news.example"),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_what_has_no_way(self):
        for values in ({}, {"list_unsubscribe": "<https://news.example/u>"}):
            line = self.deliver(self.mailbox, subject=f"No {values}", **values)
            self.assertFalse(line.with_user(self.member).get_unsubscribe())

    def test_by_an_email_that_is_looked_at_first(self):
        news = self.deliver(self.mailbox, subject="By email", list_unsubscribe=MAIL)
        line = news.with_user(self.member)
        self.assertEqual(line.get_unsubscribe()["address"], "out@news.example")
        with self.assertRaises(UserError):
            line.action_unsubscribe_by_mail("other@news.example")
        with self.assertRaises(UserError):
            # nobody can send from it yet
            line.action_unsubscribe_by_mail("out@news.example")
        self.mailbox.sudo().write({"provider": "smtp", "smtp_host": "mail.example"})
        self.mailbox.sudo().state = "ready"
        action = line.action_unsubscribe_by_mail("out@news.example")
        draft = self.env[action["res_model"]].browse(action["params"]["res_id"])
        self.assertEqual(draft.email_to, "out@news.example")
        self.assertEqual(draft.subject, "out 1")
        self.assertNotIn("<b>", draft.body)
        self.assertEqual(draft.mailbox_id, self.mailbox)
        self.assertEqual(draft.create_uid, self.member)

    def test_nothing_that_is_opened_for_our_own_servers(self):
        guards, mailboxes = [], self.env["mail.mailbox"]

        def post(guard, _parts):
            guards.append(guard)
            return 200

        with (
            option_set("allowed_networks", "127.0.0.0/8, 10.0.0.0/8"),
            patch.object(unsubscribing, "post_one_click", post),
        ):
            mailboxes._get_net_guard().check("127.0.0.1", 443)
            self.line.action_unsubscribe("news.example")
        for address in ("127.0.0.1", "10.0.0.1"):
            with self.assertRaises(AddressRefused):
                guards[0].check(address, 443)

    def test_a_neutralised_database_asks_nobody(self):
        self.env["ir.config_parameter"].set_param("database.is_neutralized", "true")
        told = self.line.action_unsubscribe("news.example")
        self.assertEqual(told["type"], "danger")
        self.assertIn("copy", told["message"])

    def test_a_copied_database_asks_nobody(self):
        self.env["mail.mailbox"]._confirm_database()
        self.env["ir.config_parameter"].set_param("database.uuid", "another-one")
        told = self.line.action_unsubscribe("news.example")
        self.assertEqual(told["type"], "danger")
        self.assertIn("copy", told["message"])
