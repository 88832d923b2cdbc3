"""The first steps of an administrator, and the guided tour."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .browser import WatchedCase
from .common import MailboxCase

STEPS = ".o-mailbox-FirstSteps"


@tagged("post_install", "-at_install")
class TestFirstSteps(MailboxCase):
    def steps(self, user):
        return self.env["mail.mailbox"].with_user(user).get_first_steps()

    def test_only_administrators_have_them(self):
        self.assertEqual(self.steps(self.member), {})
        self.assertEqual(
            set(self.steps(self.manager)), {"connect", "verify", "archive"}
        )

    def test_each_is_done_by_doing_it(self):
        self.env["mail.mailbox"].search([]).write(
            {"last_success": False, "state": "draft"}
        )
        self.env["mail.mailbox.link"].search([]).unlink()
        self.assertFalse(any(self.steps(self.manager).values()))
        self.mailbox.last_success = fields.Datetime.now()
        self.assertTrue(self.steps(self.manager)["connect"])
        self.mailbox.state = "ready"
        self.assertTrue(self.steps(self.manager)["verify"])
        message = self.deliver(self.mailbox).mailbox_message_id
        message.with_user(self.member)._archive(self.env.company.partner_id)
        self.assertTrue(self.steps(self.manager)["archive"])

    def test_what_others_archive_in_private_is_not_told(self):
        self.env["mail.mailbox.link"].search([]).unlink()
        self.mailbox.private = True
        message = self.deliver(self.mailbox).mailbox_message_id
        message.with_user(self.member)._archive(self.env.company.partner_id)
        self.assertFalse(self.steps(self.manager)["archive"])


@tagged("post_install", "-at_install")
class TestOnboardingBrowser(MailboxCase, WatchedCase):
    def test_closed_for_good(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_manager")
        browser.wait(f"return !!document.querySelector('{STEPS}')")
        browser.run(f"document.querySelector('{STEPS} .btn-close').click()")
        browser.wait(f"return !document.querySelector('{STEPS}')")
        browser.settle(0.3)
        with self.meanwhile():
            settings = self.manager.res_users_settings_id
            self.assertTrue(settings.mailbox_first_steps_hidden)
        browser.open(self.base_url() + "/odoo/email-archives")
        browser.open(self.base_url() + "/odoo/email-queue")
        browser.wait("return !!document.querySelector('.o-mailbox-MailEmptyState')")
        self.assertFalse(browser.run(f"!!document.querySelector('{STEPS}')"))


@tagged("post_install", "-at_install")
class TestTour(MailboxCase, HttpCase):
    def test_it_leads_from_the_queue_to_the_record(self):
        self.env["res.partner"].create({"name": "Spostex S.A.", "is_company": True})
        self.deliver(self.mailbox, subject="Offer from Spostex")
        self.start_tour("/odoo", "mail_mailbox_archive_tour", login="mailbox_member")
        link = self.env["mail.mailbox.link"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        self.assertEqual(link.user_id, self.member)
