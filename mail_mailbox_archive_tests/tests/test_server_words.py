"""What a server says is text, wherever it is told."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.errors import (
    LoginRefused,
    SendRefused,
    Unreachable,
)

from .sending import SendingCase

MARKUP = (
    '<a href="https://evil.example">Sign in</a><img src="https://evil.example/x">'
    "<script>alert(1)</script>"
)
#: Where people are told something, in HTML.
TOLD = ("mail.activity", "mail.message", "mail.mail")


@tagged("post_install", "-at_install")
class TestServerWords(SendingCase):
    def html_of(self):
        """Return all HTML of what tells people something, of rows made in this test."""
        found = []
        for model in TOLD:
            names = [
                name
                for name, field in self.env[model]._fields.items()
                if field.store and (field.type == "html" or name == "body_html")
            ]
            self.assertTrue(names, model)
            for row in self.env[model].search([("create_date", "=", self.now)]):
                found += [str(row[name] or "") for name in names]
        return "\n".join(found)

    def setUp(self):
        super().setUp()
        self.now = self.env.cr.now()

    def check(self):
        self.env.flush_all()
        told = self.html_of()
        self.assertIn("evil.example", told, "nobody was told")
        for alive in ('<a href="https://evil', "<img", "<script", "href='https://evil"):
            self.assertNotIn(alive, told)

    def test_when_a_mailbox_stops(self):
        self.mailbox.imap_enabled = False
        for error in (LoginRefused("password", MARKUP), Unreachable("closed", MARKUP)):
            with self.subTest(error=error):
                self.manager.group_ids += self.env.ref("base.group_system")
                self.mailbox.responsible_id = self.manager
                self.mailbox.write(
                    {
                        "error_code": error.code,
                        "error_detail": error.detail[:500],
                        "stopped": True,
                        "incident_since": False,
                        "last_success": fields.Datetime.now() - timedelta(days=1),
                    }
                )
                self.mailbox._follow_incident(fields.Datetime.now())
                self.check()

    def test_every_note_on_a_mailbox(self):
        # whatever will be told of a mailbox tomorrow
        self.mailbox.activity_schedule("mail.mail_activity_data_todo", note=MARKUP)
        self.mailbox.message_post(body=MARKUP)
        self.check()

    def test_when_a_mail_is_refused(self):
        self.smtp.answer = f"550 5.7.1 {MARKUP}"
        mail = self.send()
        self.assertIn("evil.example", mail.failure_reason)
        self.assertEqual(mail._fields["failure_reason"].type, "text")

    def test_who_speaks_no_smtp_is_told_in_one_sentence(self):
        told = set()
        for code in (
            "refused",
            "timeout",
            "closed",
            "protocol",
            "not_tls",
            "needs_tls",
        ):
            error = Unreachable(code, "220 redis ready")
            for user in (self.member, self.manager, self.env.ref("base.user_root")):
                told.add(self.mailbox.with_user(user)._explain_sending(error))
        self.assertEqual(len(told), 1)
        self.assertNotIn("redis", told.pop())
        system = self.make_user("system", "base.group_system")
        mailbox = self.mailbox.with_user(system).sudo()
        self.assertIn("redis", mailbox._explain_sending(error))

    def test_words_of_a_server_of_mail_are_told(self):
        error = SendRefused("relay", "5.7.1 relaying denied")
        told = self.mailbox.with_user(self.member)._explain_sending(error)
        self.assertIn("relaying denied", told)

    def test_ports_of_an_allowed_network(self):
        from unittest.mock import patch

        from odoo.addons.mail_mailbox_archive.models.mailbox import (
            secrets as mail_mailbox_secrets,
        )

        options = {"allowed_networks": "10.0.0.0/8"}
        with patch.object(
            mail_mailbox_secrets, "get_option", lambda name, _old: options.get(name, "")
        ):
            guard = self.env["mail.mailbox"]._get_net_guard()
            self.assertTrue(guard.check("10.1.2.3", 993))
            for port in (22, 5432, 6379, 8069):
                with self.assertRaises(Unreachable) as caught:
                    guard.check("10.1.2.3", port)
                self.assertEqual(caught.exception.code, "port_refused")
            options["allowed_ports"] = "1143, 6379"
            guard = self.env["mail.mailbox"]._get_net_guard()
            self.assertTrue(guard.check("10.1.2.3", 6379))
