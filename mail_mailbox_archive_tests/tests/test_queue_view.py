"""Queue and Archives in the browser: whole journeys."""

from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .browser import WatchedCase
from .common import MailboxCase, write_mail
from .reliability.extent import extent

SUBJECTS = (
    "return [...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
    ".map((el) => el.textContent).join()"
)
#: Has the next page of a list wait for `answer()`, as on a slow line.
HOLD_PAGE = """
    const {prototype} = XMLHttpRequest;
    const {open, send} = prototype;
    prototype.open = function (method, url, ...rest) {
        this.asked = url;
        return open.call(this, method, url, ...rest);
    };
    prototype.send = function (data) {
        if (!this.asked.includes("web_search_read")) {
            return send.call(this, data);
        }
        prototype.send = send;
        window.answer = () => send.call(this, data);
    };
"""


@tagged("post_install", "-at_install")
class TestMailListTours(MailboxCase, HttpCase):
    def setUp(self):
        super().setUp()
        partners = self.env["res.partner"].create(
            [
                {"name": "Spostex S.A.", "is_company": True},
                {"name": "Site Mokotów", "is_company": True},
            ]
        )
        self.spostex, self.site = partners

    def archived(self, subject):
        message = self.deliver(self.mailbox, subject=subject).mailbox_message_id
        message.with_user(self.member)._archive(self.spostex)
        return message

    def test_archive_with_two_keys(self):
        message = self.deliver(
            self.mailbox, subject="Offer from Spostex"
        ).mailbox_message_id
        self.start_tour(
            "/odoo/email-queue", "mailbox_archive_with_two_keys", login="mailbox_member"
        )
        self.assertEqual(message.link_ids.res_id, self.spostex.id)
        self.assertEqual(message.link_ids.mailbox_id, self.mailbox)

    def test_archive_from_the_queue(self):
        messages = self.env["mail.mailbox.message"]
        for subject in ("First", "Second"):
            messages += self.deliver(self.mailbox, subject=subject).mailbox_message_id
        self.start_tour(
            "/odoo/email-queue", "mailbox_queue_archive", login="mailbox_member"
        )
        self.assertEqual(messages.link_ids.mapped("res_id"), [self.site.id] * 2)

    def test_attach_to_a_record_from_its_own_tab(self):
        message = self.archived("Archived before")
        self.start_tour(
            f"/odoo/res.partner/{self.site.id}",
            "mailbox_method_3",
            login="mailbox_member",
        )
        self.assertEqual(
            set(message.link_ids.mapped("res_id")), {self.spostex.id, self.site.id}
        )

    def test_attach_to_another_record_from_the_list(self):
        message = self.archived("Archived before")
        self.start_tour(
            "/odoo/email-archives", "mailbox_method_1", login="mailbox_member"
        )
        self.assertEqual(
            set(message.link_ids.mapped("res_id")), {self.spostex.id, self.site.id}
        )

    def test_attach_to_another_record_from_the_preview(self):
        message = self.archived("Archived before")
        self.start_tour(
            "/odoo/email-archives", "mailbox_method_2", login="mailbox_member"
        )
        self.assertEqual(
            set(message.link_ids.mapped("res_id")), {self.spostex.id, self.site.id}
        )

    def test_keys(self):
        for subject in ("First", "Second", "Third"):
            self.deliver(self.mailbox, subject=subject)
        self.start_tour("/odoo/email-queue", "mailbox_keys", login="mailbox_member")


@tagged("post_install", "-at_install")
class TestMailListLive(MailboxCase, WatchedCase):
    def arrive(self, subject):
        """Deliver a message as a poll does, with its news for the browsers."""
        with self.meanwhile():
            self.deliver(self.mailbox, write_mail(subject=subject))
            self.mailbox._notify_changed()

    def test_mail_that_arrives_appears_and_nothing_moves(self):
        for number in range(40):
            self.deliver(self.mailbox, subject=f"Mail {number}")
        browser = self.open_queue()
        browser.run("document.querySelectorAll('.o-mailbox-MailLine')[30].click()")
        browser.wait(
            "return document.querySelector('.o-mailbox-MessageViewer-subject')"
            "?.textContent === 'Mail 9'"
        )
        browser.run(
            "document.querySelectorAll('.o_data_row')[31].querySelector('input').click()"
        )
        place = (
            "(() => {const row = [...document.querySelectorAll('.o_data_row')].find("
            "(row) => row.textContent.includes('Mail 9')); return Math.round("
            "row.getBoundingClientRect().top)})()"
        )
        browser.run("document.querySelector('.o_list_renderer').scrollTop = 1500")
        before = browser.run(place)
        self.arrive("Just came")
        browser.wait(
            f"return ({SUBJECTS.replace('return ', '')}).startsWith('Just came')"
        )
        browser.settle()
        self.assertAlmostEqual(browser.run(place), before, delta=2)
        self.assertEqual(
            browser.run(
                "document.querySelector('.o_data_row_selected "
                ".o-mailbox-MailLine-subject').textContent"
            ),
            "Mail 8",
        )
        self.assertEqual(
            browser.run(
                "document.querySelector('.o-mailbox-MailList-open "
                ".o-mailbox-MailLine-subject').textContent"
            ),
            "Mail 9",
        )
        self.assertTrue(
            browser.run("!!document.querySelector('.o-mailbox-MailList-fresh')")
        )

    def test_who_selects_while_the_page_is_on_its_way_keeps_it(self):
        self.deliver(self.mailbox, subject="Here before")
        browser = self.open_queue()
        browser.run(f"(() => {{{HOLD_PAGE}}})()")
        self.arrive("Just came")
        browser.wait("return !!window.answer")
        browser.run("document.querySelector('.o_data_row input').click()")
        browser.run("window.answer()")
        browser.wait(
            f"return ({SUBJECTS.replace('return ', '')}).startsWith('Just came')"
        )
        browser.wait(
            "return document.querySelector('.o_data_row_selected "
            ".o-mailbox-MailLine-subject')?.textContent === 'Here before'"
        )

    def filter_by(self, browser, name):
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
        browser.wait(
            "const items = [...document.querySelectorAll('.o_menu_item')]; "
            f"const item = items.find((el) => el.textContent.trim() === '{name}'); "
            "item?.click(); return !!item"
        )
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")

    def wait_shown(self, browser, subject):
        """Wait until a message is shown, and see that its line is not covered."""
        browser.wait(
            "return document.querySelector('.o-mailbox-MessageViewer-subject')"
            f"?.textContent.trim() === '{subject}'"
        )
        covered = browser.run(
            "(() => { const row = document.querySelector('.o-mailbox-MailList-open');"
            "const head = document.querySelector('.o_list_table thead');"
            "return row && row.getBoundingClientRect().top + 1 "
            "< head.getBoundingClientRect().bottom })()"
        )
        self.assertFalse(covered, f"{subject} stands under the header")

    def archive_by_keys(self, browser, subject):
        browser.key("a")
        browser.wait(
            "return document.activeElement?.getAttribute('name') === 'action_confirm'"
        )
        browser.key("Enter")
        browser.wait(
            "const subjects = document.querySelectorAll('.o-mailbox-MailLine-subject');"
            "return !document.querySelector('.modal') && "
            f"![...subjects].some((el) => el.textContent === '{subject}')"
        )

    def test_a_full_queue_by_keys_alone(self):
        partner = self.env["res.partner"].create(
            {"name": "Spostex S.A.", "is_company": True}
        )
        # as many as do not fit on the screen; what is done at some is done half-way
        count, slips, half = extent((24, (6, 21), 13), (50, (6, 48), 25))
        for number in range(count, 0, -1):
            text = "About Spostex." if number % 3 == 0 else "About nothing."
            self.deliver(self.mailbox, write_mail(subject=f"Mail {number}", text=text))
        browser = self.open_queue()
        self.filter_by(browser, "Not archived yet")
        browser.settle()
        for number in range(1, count + 1):
            browser.key("j")
            self.wait_shown(browser, f"Mail {number}")
            if number % 3 == 0:
                self.archive_by_keys(browser, f"Mail {number}")
            if number in slips:
                # a slip is undone where one is, and done again
                browser.key("u")
                browser.wait(f"return {SUBJECTS[7:]}.includes('Mail {number}')")
                browser.settle()
                self.wait_shown(browser, f"Mail {number}")
                self.archive_by_keys(browser, f"Mail {number}")
            if number == half:
                # one's place survives a reload, a page of its own, and Back
                browser.run("location.reload()")
                browser.wait("return !document.querySelector('.o-mailbox-MailLine')")
                self.wait_shown(browser, f"Mail {half}")
                browser.settle()
                browser.key("Enter", "Enter")
                browser.wait("return !!document.querySelector('.o_form_view')")
                self.wait_shown(browser, f"Mail {half}")
                browser.key("j")
                self.wait_shown(browser, f"Mail {half + 1}")
                browser.key("Escape", "Escape")
                browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
                self.wait_shown(browser, f"Mail {half}")
                self.filter_by(browser, "Not archived yet")
                browser.settle()
        with self.meanwhile():
            links = self.env["mail.mailbox.link"].search([])
            self.assertEqual(set(links.mapped("res_id")), {partner.id})
            self.assertEqual(
                set(links.mailbox_message_id.mapped("subject")),
                {f"Mail {number}" for number in range(3, count + 1, 3)},
            )

    def test_an_empty_queue_fills_by_itself(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(
            "return !!document.querySelector('.o-mailbox-MailEmptyState"
            "[data-code=no_mail]')"
        )
        browser.settle()
        self.arrive("The first")
        browser.wait(f"{SUBJECTS} === 'The first'")

    def press_check(self, button):
        """Press a button in the Queue that checks for new emails; see the answer."""
        told = self.env["mail.mailbox"]._get_notification("info", "It was checked.")
        self.startPatcher(
            patch.object(
                self.registry["mail.mailbox"], "action_check_all", lambda model: told
            )
        )
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(f"return !!document.querySelector('{button}')")
        browser.settle()
        browser.run(f"document.querySelector('{button}').click()")
        browser.wait(
            "return document.querySelector('.o_notification')?.textContent"
            ".includes('It was checked.')"
        )

    def test_checking_for_new_emails(self):
        self.deliver(self.mailbox, subject="Here before")
        self.press_check(".o_control_panel button[name=action_check]")

    def test_checking_for_new_emails_in_an_empty_queue(self):
        self.press_check(".o-mailbox-MailEmptyState button")

    def test_without_a_mailbox_one_is_offered(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_outsider")
        browser.wait(
            "return !!document.querySelector('.o-mailbox-MailEmptyState"
            "[data-code=no_mailbox]')"
        )
        browser.run(
            "document.querySelector('.o-mailbox-MailEmptyState button').click()"
        )
        browser.wait("return !!document.querySelector('.modal [name=email]')")

    def test_favourites_of_queue_and_archives(self):
        self.deliver(self.mailbox, subject="Mine")
        others = self.make_mailbox("sales@spedbud.example", self.colleague)
        self.deliver(others, subject="Not mine").seen = True
        self.mailbox.user_ids += self.manager
        browser = self.open_browser("/odoo/email-queue", "mailbox_manager")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
        names = browser.wait(
            "const items = [...document.querySelectorAll('.o_favorite_menu "
            ".o-dropdown-item')].map((el) => el.textContent.trim());"
            "return items.length >= 4 && items.join()"
        )
        for name in ("Mine", "Not archived", "Unread", "With attachments"):
            self.assertIn(name, names)
        for name, shown in (("Mine", "Mine"), ("Unread", "Mine")):
            self.choose_favourite(browser, name)
            browser.wait(f"{SUBJECTS} === '{shown}'")
            self.choose_favourite(browser, name)
            browser.wait(f"{SUBJECTS}.length > {len(shown)}")

    def choose_favourite(self, browser, name):
        browser.run(
            "[...document.querySelectorAll('.o_favorite_menu .o-dropdown-item')]"
            f".find((el) => el.textContent.trim() === '{name}').click()"
        )

    def test_on_a_phone_a_message_has_a_page_of_its_own(self):
        self.deliver(self.mailbox, subject="On the way")
        self.browser_size = "390,844"
        browser = self.open_queue()
        browser.run("document.querySelector('.o-mailbox-MailLine').click()")
        browser.wait(
            "return document.querySelector('.o_form_view "
            ".o-mailbox-MessageViewer-subject')?.textContent === 'On the way'"
        )
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))

    def test_archived_all_is_told_as_a_success(self):
        arrival = self.deliver(self.mailbox, subject="Done")
        partner = self.env["res.partner"].create({"name": "Spostex"})
        arrival.mailbox_message_id.with_user(self.member)._archive(partner)
        browser = self.open_queue()
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
        browser.wait(
            "const items = [...document.querySelectorAll('.o_menu_item')]; "
            "const item = items.find((el) => el.textContent.trim() === "
            "'Not archived yet'); item?.click(); return !!item"
        )
        browser.wait(
            "return !!document.querySelector('.o-mailbox-MailEmptyState"
            "[data-code=all_archived]')"
        )
