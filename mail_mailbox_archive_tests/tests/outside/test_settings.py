"""The form of a mailbox: what a change takes away is said when it is saved."""

from ..servers.imap_server import PASSWORD
from .case import OutsideCase

FORM = "/odoo/action-mail_mailbox_archive.mail_mailbox_action"
TOLD = ".o_notification"


class TestSettings(OutsideCase):
    """A person changes the servers of their mailbox."""

    def test_password_that_goes_is_spoken_of(self):
        anna = self.person("settings_anna")
        box = self.mailbox("settings_box@spedbud.example", anna, smtp_password="one")
        browser = self.browser(anna, f"{FORM}/{box}")
        self.change(browser, "imap_host", "127.0.0.1")
        browser.find(TOLD, "settings_box@spedbud.example was for localhost")
        self.assertTrue(self.picture(browser, "settings_password"))
        has = ("has_imap_password", "has_smtp_password")
        found = anna.fields("mail.mailbox", box, *has)
        self.assertEqual([found[name] for name in has], [False, True])
        anna.change("mail.mailbox", box, imap_password=PASSWORD)
        self.check(box, anna)

    def test_test_email_leaves_once_while_others_change_the_mailbox(self):
        anna = self.person("settings_proof")
        own = "settings_proof@spedbud.example"
        box = self.mailbox(own, anna)
        for pressed in range(1, 6):
            self.odoo.sql(
                "UPDATE mail_mailbox SET state = 'draft', proven_settings = NULL,"
                " proven_address = email_normalized, verification_due = false"
                " WHERE id = %s",
                box,
            )
            with self.disturbed("mail_mailbox", [box], pause=0.15):
                anna.call("mail.mailbox", "action_test_sending", [box])
            self.assertEqual(
                anna.fields("mail.mailbox", box, "state")["state"], "ready"
            )
            self.assertEqual(len(self.received(own)), pressed)

    def change(self, browser, name, value):
        """Type into a field of the form, on whatever page it is, and save."""
        field = f".o_field_widget[name={name}] input"
        browser.find(".o_form_view .nav-link")
        tabs = browser.run("document.querySelectorAll('.o_form_view .nav-link').length")
        for tab in range(tabs):
            browser.run(
                f"document.querySelectorAll('.o_form_view .nav-link')[{tab}].click()"
            )
            browser.settle(0.2)
            if browser.run(f"!!document.querySelector('{field}')"):
                break
        browser.fill(field, value)
        browser.key("Tab", "Tab")
        browser.click(".o_form_button_save")
        browser.gone(".o_form_status_indicator_buttons:not(.invisible)")
