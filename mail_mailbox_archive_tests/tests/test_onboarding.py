"""The first steps of an administrator, and the guided tour."""

from odoo import fields
from odoo.tests import HttpCase, tagged

from .browser import WatchedCase
from .common import MailboxCase

STEPS = ".o-mailbox-FirstSteps"
#: Leaves them while they still ask whether an administrator looks, as on a slow line.
LEAVE = """
    const modules = odoo.loader.modules;
    const {user} = modules.get("@web/core/user");
    const {FirstSteps} = modules.get(
        "@mail_mailbox_archive/onboarding/first_steps.esm"
    );
    const {root} = odoo.__WOWL_DEBUG__;
    const steps = root.__owl__.app.createRoot(FirstSteps, {env: root.env});
    window.refused = [];
    window.addEventListener("unhandledrejection", (ev) => {
        window.refused.push(String(ev.reason));
        ev.preventDefault();
    });
    const hasGroup = user.hasGroup;
    let answer = null;
    user.hasGroup = () => new Promise((resolve) => (answer = resolve));
    steps.mount(document.body).catch((error) => window.refused.push(String(error)));
    return new Promise((resolve) => setTimeout(resolve)).then(() => {
        user.hasGroup = hasGroup;
        steps.destroy();
        answer(true);
        return new Promise((resolve) => setTimeout(() => resolve(true), 500));
    });
"""


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

    def test_who_goes_on_before_they_came_meets_no_error(self):
        browser = self.open_browser("/odoo/email-archives", "mailbox_manager")
        browser.wait("return !!document.querySelector('.o_list_renderer')")
        browser.wait(LEAVE)
        self.assertEqual(browser.run("window.refused"), [])


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
