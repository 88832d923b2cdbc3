"""Settings of sending: how we greet a server, and who puts what was sent into Sent."""

from odoo.exceptions import ValidationError
from odoo.tests import Form, tagged

from odoo.addons.mail_mailbox_archive.mailcore.connect import discovery_presets

from .common import MailboxCase
from .sending import PASSWORD, SendingCase
from .servers.smtp import SmtpServer

#: Those that everybody knows to do it; the others do not.
KEEP_SENT = {"Google", "Microsoft 365", "iCloud", "Yahoo"}


@tagged("post_install", "-at_install")
class TestGreeting(SendingCase):
    """A server hears a name that it can look up, never a private address."""

    def greet(self, email="office@spedbud.example"):
        """Send a mail; return what the server was told."""
        with SmtpServer(users={"office": PASSWORD}) as server:
            self.mailbox.write({"email": email, "smtp_port": server.port})
            self.mailbox.state = "ready"
            mail = self.send()
            self.assertEqual(mail.state, "sent", mail.failure_reason)
        return server.commands[0]

    def set_name(self, name):
        self.env["res.config.settings"].create({"mailbox_smtp_name": name}).execute()

    def test_domain_of_the_mailbox(self):
        self.assertEqual(self.greet(), "EHLO spedbud.example")

    def test_domain_with_other_letters(self):
        self.assertEqual(
            self.greet("info@straße.example"), "EHLO xn--strae-oqa.example"
        )

    def test_name_that_is_set(self):
        self.set_name("Erp.spedbud.example")
        self.assertEqual(self.greet(), "EHLO erp.spedbud.example")
        self.set_name(False)
        self.assertEqual(self.greet(), "EHLO spedbud.example")

    def test_name_that_cannot_be(self):
        for name in ("not a name", "erp.example\r\nQUIT", "-", "a@b.example", "[1.2]"):
            with self.subTest(name), self.assertRaises(ValidationError):
                self.set_name(name)


@tagged("post_install", "-at_install")
class TestWhoKeepsSent(MailboxCase):
    """One rule, however a mailbox comes about."""

    def hosts(self):
        for name, (_imap, host, *_rest) in discovery_presets._PROVIDERS.items():
            yield host, name not in KEEP_SENT
            yield f" {host.upper()} ", name not in KEEP_SENT
        for host in ("smtp-mail.outlook.com", "smtp.googlemail.com"):
            yield host, False
        yield "smtp.spedbud.example", True

    def test_by_the_assistant(self):
        for number, (host, wanted) in enumerate(self.hosts()):
            wizard = self.env["mail.mailbox.setup.wizard"].create(
                {
                    "email": f"assistant{number}@spedbud.example",
                    "imap_host": "imap.spedbud.example",
                    "smtp_host": host,
                }
            )
            with self.subTest(host):
                self.assertEqual(wizard._create_mailbox().save_sent, wanted)

    def test_by_the_form(self):
        self.assertTrue(self.mailbox.save_sent)
        for host, wanted in self.hosts():
            with self.subTest(host), Form(self.mailbox.with_user(self.member)) as form:
                form.provider = "smtp"
                form.smtp_host = host
                self.assertEqual(form.save_sent, wanted)

    def test_by_other_programs(self):
        for number, (host, wanted) in enumerate(self.hosts()):
            values = {"provider": "smtp", "smtp_host": host}
            mailbox = self.make_mailbox(f"api{number}@spedbud.example", **values)
            self.mailbox.write(values)
            with self.subTest(host):
                self.assertEqual(mailbox.save_sent, wanted)
                self.assertEqual(self.mailbox.save_sent, wanted)

    def test_whoever_says_otherwise_is_right(self):
        values = {"provider": "smtp", "smtp_host": "smtp.gmail.com", "save_sent": True}
        mailbox = self.make_mailbox("own@spedbud.example", **values)
        self.assertTrue(mailbox.save_sent)
        mailbox.write({"smtp_login": "other", "smtp_host": "smtp.gmail.com"})
        self.assertTrue(mailbox.save_sent)

    def test_a_service_keeps_nothing(self):
        account = self.env["mail.mailbox.sending.account"].create(
            {"name": "Ours", "provider": "sendgrid", "api_key": "SG.key"}
        )
        self.mailbox.write({"provider": "smtp", "smtp_host": "smtp.gmail.com"})
        self.mailbox.write({"provider": "sendgrid", "sending_account_id": account.id})
        self.assertTrue(self.mailbox.save_sent)
