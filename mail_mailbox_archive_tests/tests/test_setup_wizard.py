"""The way from an address to a mailbox, with canned answers of the network."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.connect import discovery
from odoo.addons.mail_mailbox_archive.mailcore.connect.discovery import Fetchers

from .browser import WatchedCase
from .common import USER, MailboxCase
from .servers.dovecot import PASSWORD, Dovecot

DOCUMENT = b"""<clientConfig><emailProvider id="x">
<incomingServer type="imap"><hostname>mail.firma.example</hostname><port>993</port>
<socketType>SSL</socketType><username>%EMAILLOCALPART%</username></incomingServer>
<outgoingServer type="smtp"><hostname>mail.firma.example</hostname><port>587</port>
<socketType>STARTTLS</socketType><username>%EMAILLOCALPART%</username></outgoingServer>
</emailProvider></clientConfig>"""
PAGES = {
    "https://autoconfig.firma.example/mail/config-v1.1.xml": DOCUMENT,
    "https://autoconfig.zla.example/mail/config-v1.1.xml": b"<html>Not found</html>",
}
CANNED = Fetchers(
    page=lambda url: PAGES.get(url, b""),
    services=lambda _name: (),
    mail_servers=lambda domain: ["aspmx.l.google.com"] if "bystra" in domain else (),
    exists=lambda _host: False,
)


class SetupCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.enterClassContext(Dovecot())
        certificate = str(cls.server.authority.certificate)
        cls.enterClassContext(patch.dict("os.environ", {"SSL_CERT_FILE": certificate}))
        canned = patch.object(discovery, "make_fetchers", lambda _guard: CANNED)
        cls.enterClassContext(canned)
        cls.server.add_user("jan")
        for folder in ("Projects", "Trash"):
            cls.server.create_folder("jan", folder)
        cls.person = cls.make_user("setup", USER)

    def mailbox_of(self, email):
        return self.env["mail.mailbox"].search([("email", "=", email)])


@tagged("post_install", "-at_install")
class TestSetupWizard(SetupCase):
    def start(self, email, user=None):
        wizard = self.env["mail.mailbox.setup.wizard"].with_user(user or self.person)
        wizard = wizard.create({"email": email})
        wizard.action_find()
        return wizard

    def test_found_confirmed_and_checked(self):
        wizard = self.start("jan@firma.example")
        self.assertEqual(wizard.step, "settings")
        self.assertIn("autoconfig.firma.example", wizard.source_text)
        self.assertEqual(
            (wizard.imap_host, wizard.imap_port, wizard.login),
            ("mail.firma.example", 993, "jan"),
        )
        self.assertEqual(self.server.commands("jan"), [])
        wizard.write(
            {
                "imap_host": "localhost",
                "imap_port": self.server.tls_port,
                "password": PASSWORD,
            }
        )
        wizard.invalidate_recordset()
        self.assertFalse(wizard.password)
        wizard.action_check()
        self.assertFalse(wizard.problem)
        self.assertEqual(wizard.step, "done")
        self.assertEqual(set(wizard.folders_read.split("\n")), {"INBOX", "Projects"})
        self.assertEqual(wizard.folders_skipped, "Trash")
        mailbox = wizard.mailbox_id
        self.assertEqual(mailbox.user_ids, self.person)
        self.assertEqual(mailbox.smtp_host, "mail.firma.example")
        self.assertTrue(mailbox.has_imap_password)
        self.assertFalse(wizard.sudo().sealed)
        self.assertEqual(wizard.action_open()["res_id"], mailbox.id)
        with self.assertRaisesRegex(ValidationError, "belongs to"):
            self.start("Jan@firma.example")

    def test_wrong_password_leaves_nothing(self):
        wizard = self.start("jan@firma.example")
        values = {"imap_host": "localhost", "imap_port": self.server.tls_port}
        wizard.write({**values, "password": "wr0ng-word"})
        wizard.action_check()
        self.assertIn("refuses the login", wizard.problem)
        self.assertNotIn("wr0ng-word", wizard.problem)
        self.assertEqual(wizard.step, "settings")
        self.assertFalse(self.mailbox_of("jan@firma.example"))
        wizard.password = PASSWORD
        wizard.action_check()
        self.assertEqual(wizard.step, "done")
        self.assertFalse(wizard.problem, "what was wrong before is said no more")

    def test_nothing_and_nonsense_found(self):
        for email in ("jan@nic.example", "jan@zla.example"):
            wizard = self.start(email)
            self.assertFalse(wizard.imap_host)
            self.assertIn("No settings were found", wizard.source_text)

    def test_provider_without_a_registration(self):
        wizard = self.start("jan@bystra.example")
        self.assertEqual(wizard.imap_host, "imap.gmail.com")
        self.assertEqual(wizard.auth_method, "password")
        self.assertIn("aspmx.l.google.com", wizard.source_text)

    def test_provider_to_sign_in_at(self):
        google = self.env.ref("mail_mailbox_archive.oauth_provider_google")
        google.client_id = "x"
        wizard = self.start("jan@bystra.example")
        self.assertEqual(wizard.auth_method, "oauth2")
        self.assertEqual(wizard.oauth_provider_id, google)
        action = wizard.action_check()
        self.assertTrue(action["url"].startswith("https://accounts.google.com/"))
        mailbox = self.mailbox_of("jan@bystra.example")
        self.assertEqual(mailbox.auth_method, "oauth2")
        self.assertFalse(mailbox.has_imap_password)

    def test_no_address(self):
        with self.assertRaisesRegex(UserError, "not an email address"):
            self.start("jan")

    def test_back_forgets_the_password(self):
        wizard = self.start("jan@firma.example")
        wizard.password = PASSWORD
        wizard.action_back()
        self.assertFalse(wizard.sudo().sealed)

    def test_wizard_is_its_persons(self):
        wizard = self.start("jan@firma.example")
        wizard.password = PASSWORD
        for user in (self.person, self.manager):
            with self.assertRaises(AccessError):
                wizard.with_user(user).read(["sealed"])


@tagged("post_install", "-at_install")
class TestSetupBrowser(WatchedCase, SetupCase):
    """Three domains: an answer, a wrong answer, none."""

    def type_in(self, browser, field, value):
        browser.wait(f"return !!document.querySelector('.modal [name={field}] input')")
        browser.run(
            f"(el => {{ el.value = {value!r};"
            "el.dispatchEvent(new Event('input', {bubbles: true}));"
            "el.dispatchEvent(new Event('change', {bubbles: true})); })"
            f"(document.querySelector('.modal [name={field}] input'))"
        )

    def press(self, browser, name):
        button = f".modal footer button[name={name}]"
        browser.wait(f"return !!document.querySelector('{button}')")
        browser.run(f"document.querySelector('{button}').click()")

    def sees(self, browser, text):
        browser.wait(f"return document.body.innerText.includes({text!r})")

    def test_three_domains(self):
        action = "mail_mailbox_archive.mail_mailbox_setup_wizard_action"
        browser = self.open_browser("/odoo/email-queue", self.person.login)
        browser.wait("return !!document.querySelector('.o_main_navbar')")
        browser.run(
            f"odoo.__WOWL_DEBUG__.root.env.services.action.doAction('{action}')"
        )
        # back is possible with nothing filled in
        for email in ("jan@nic.example", "jan@zla.example"):
            self.type_in(browser, "email", email)
            self.press(browser, "action_find")
            self.sees(browser, "No settings were found")
            self.press(browser, "action_back")
        self.type_in(browser, "email", "jan@firma.example")
        self.press(browser, "action_find")
        self.sees(browser, "autoconfig.firma.example")
        self.type_in(browser, "imap_host", "localhost")
        self.type_in(browser, "imap_port", str(self.server.tls_port))
        self.type_in(browser, "password", "wr0ng-word")
        self.press(browser, "action_check")
        self.sees(browser, "refuses the login")
        self.type_in(browser, "password", PASSWORD)
        self.press(browser, "action_check")
        self.sees(browser, "The login works")
        self.sees(browser, "Projects")
        self.press(browser, "action_open")
        browser.wait(
            "return document.querySelector('.o_form_view [name=email] input')"
            "?.value === 'jan@firma.example'"
        )
        with self.meanwhile():
            self.assertTrue(self.mailbox_of("jan@firma.example").has_imap_password)
