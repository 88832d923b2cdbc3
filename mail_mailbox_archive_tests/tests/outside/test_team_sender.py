"""A sender that a mailbox blocks, and a newsletter that is unsubscribed from."""

from __future__ import annotations

import tempfile
from email.message import EmailMessage
from pathlib import Path

from ..servers.certificates import Authority
from ..servers.scripted import Scripted
from .test_team import ARRIVAL, QUEUE, QueueCase


class TestTeamSender(QueueCase):
    logins = ("block_anna", "block_bob")

    def receive(self, subject, sender, **headers):
        """Have an email arrive; return its line of the Queue."""
        mail = EmailMessage()
        mail["From"], mail["To"] = sender, f"{self.login}@spedbud.example"
        mail["Subject"], mail["Message-ID"] = subject, f"<{subject}.{self.login}@x>"
        for name, value in headers.items():
            mail[name.replace("_", "-")] = value
        mail.set_content(subject)
        self.dovecot.deliver(self.login, mail.as_bytes())
        self.check(self.box, self.anna)
        here = [("mailbox_id", "=", self.box), ("subject", "=", subject)]
        (row,) = self.wait(
            lambda: self.anna.search_read(ARRIVAL, here, "subject"), "the email"
        )
        return row["id"]

    def unread(self, person):
        return person.call("mail.mailbox", "get_badge")["unread"]

    def test_blocked_on_both_screens_and_undone(self):
        self.open_office("team_block")
        news, _roof = (
            self.receive("Sale", "News <news@shop.example>"),
            self.receive("Roof", "jan@roof.example"),
        )
        anna = self.browser(self.anna, QUEUE)
        bob = self.browser(self.bob, QUEUE)
        before = self.unread(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Sale")
        bob.find(".o_data_row", "Sale")
        bob.settle(1)
        anna.click(".o-mailbox-TeamBar-more")
        self.picture(anna, "block_menu")
        anna.click(".o-mailbox-TeamBar-block")
        anna.find(".o_notification", "news@shop.example is blocked")
        anna.gone(".o_data_row", "Sale")
        bob.find(".o-mailbox-MailLine-work[data-state=blocked]")
        self.picture(anna, "block_done")
        self.assertEqual(self.unread(self.anna), before - 1)
        # what comes afterwards is filed at once, and nothing is deleted
        again = self.receive("Sale again", "NEWS@shop.example")
        lines = self.anna.call(ARRIVAL, "read", [news, again], ["work_state"])
        self.assertEqual({line["work_state"] for line in lines}, {"blocked"})
        self.assertEqual(self.unread(self.anna), before - 1)
        self.assertEqual(len(self.dovecot.snapshot(self.login)["INBOX"].flags), 3)
        anna.click(".o_notification button", "Undo")
        anna.find(".o_data_row", "Sale again")
        bob.gone(".o-mailbox-MailLine-work[data-state=blocked]")
        for browser in (anna, bob):
            self.assertEqual(browser.error(), "")

    def test_unblocked_on_its_line_and_on_the_form(self):
        self.open_office("team_unblock")
        line = self.receive("Sale", "News <news@shop.example>")
        self.anna.call(ARRIVAL, "action_block", [line])
        bob = self.browser(self.bob, f"{QUEUE}/{line}", size="390x844")
        bob.find(".o-mailbox-TeamBar-state", "Sender blocked")
        self.assertTrue(bob.run("document.body.scrollWidth <= innerWidth"))
        self.picture(bob, "block_phone")
        bob.click(".o-mailbox-TeamBar-unblock")
        bob.find(".o-mailbox-TeamBar-done")
        self.anna.call(ARRIVAL, "action_block", [line])
        form = self.browser(self.admin, f"/odoo/mail.mailbox/{self.box}")
        form.click(".nav-link", "Blocked senders")
        form.find(".o_field_widget[name=blocked_ids] .o_data_row", "news@shop.example")
        self.picture(form, "block_form")
        form.click(".o_field_widget[name=blocked_ids] button", "Unblock")
        form.gone(".o_field_widget[name=blocked_ids] .o_data_row")
        (row,) = self.anna.call(ARRIVAL, "read", [line], ["work_state"])
        self.assertEqual(row["work_state"], "open")
        for browser in (bob, form):
            self.assertEqual(browser.error(), "")

    def test_unsubscribed_after_a_question_that_names_the_host(self):
        self.open_office("team_news")
        folder = self.enter(tempfile.TemporaryDirectory())
        stranger = Authority(Path(folder)).good()
        server = self.enter(Scripted(lambda line: line.wait(), stranger))
        host = f"{server.host}:{server.port}"
        click = {
            "List_Unsubscribe": f"<https://{host}/u?1>",
            "List_Unsubscribe_Post": "List-Unsubscribe=One-Click",
        }
        news = self.receive("Sale", "News <news@shop.example>", **click)
        self.receive("Roof", "jan@roof.example")
        anna = self.browser(self.anna, QUEUE)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        anna.find(".o-mailbox-MessageViewer-subject", "Roof")
        anna.click(".o-mailbox-TeamBar-more")
        anna.find(".o-mailbox-TeamBar-block")
        anna.gone(".o-mailbox-TeamBar-unsubscribe")
        anna.click(".o-mailbox-MailLine-subject", "Sale")
        anna.find(".o-mailbox-MessageViewer-subject", "Sale")
        anna.settle(1)
        anna.click(".o-mailbox-TeamBar-more")
        anna.click(".o-mailbox-TeamBar-unsubscribe")
        anna.find(".modal", host)
        self.picture(anna, "unsubscribe_question")
        anna.click(".modal .btn", "Cancel")
        self.assertFalse(server.received)
        anna.click(".o-mailbox-TeamBar-more")
        anna.click(".o-mailbox-TeamBar-unsubscribe")
        anna.click(".modal .btn-primary", "Unsubscribe")
        # odoo.conf allows this network, for our own servers only
        anna.find(".o_notification", f"{host} is not a public web server")
        self.picture(anna, "unsubscribe_told")
        self.assertFalse(server.received)
        self.assertTrue(self.anna.call(ARRIVAL, "read", [news], ["subject"]))
        self.assertEqual(anna.error(), "")

    def test_unsubscribed_by_an_email_that_is_looked_at_first(self):
        self.open_office("team_mailto")
        way = {"List_Unsubscribe": "<mailto:out@news.example?subject=out%20now>"}
        news = self.receive("Sale", "News <news@shop.example>", **way)
        anna = self.browser(self.anna, f"{QUEUE}/{news}")
        anna.find(".o-mailbox-MessageViewer-subject", "Sale")
        anna.settle(1)
        anna.click(".o-mailbox-TeamBar-more")
        anna.click(".o-mailbox-TeamBar-unsubscribe")
        anna.find(".modal", "out@news.example")
        anna.click(".modal .btn-primary", "Write the email")
        anna.find(".o-mailbox-People-chip", "out@news.example")
        self.picture(anna, "unsubscribe_draft")
        self.assertEqual(self.received("out@news.example"), [])
        self.assertEqual(anna.error(), "")
