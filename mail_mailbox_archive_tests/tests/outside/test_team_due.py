"""What is due: on top and in red on the screens, told to whose turn it is; figures."""

from __future__ import annotations

from .test_team import ARRIVAL, QUEUE, QueueCase


class TestTeamDue(QueueCase):
    logins = ("due_anna", "due_bob")

    def open_office(self, login, **values):
        self.login = login
        self.box = self.mailbox(
            f"{login}@spedbud.example", self.bob, self.anna, **values
        )
        # the first look at a mailbox finds what was there before it
        self.receive("First")

    def told(self, person):
        found = person.search_read(
            "mail.activity", [("user_id", "=", person.uid)], "summary"
        )
        return [row["summary"] for row in found]

    def test_overdue_on_top_and_told_then_answered(self):
        self.open_office("team_due", answer_within=1)
        lines = self.receive("Roof", "Gate", "Door")
        self.anna.call(ARRIVAL, "action_take", [lines["Roof"]])
        teams = self.anna.call(ARRIVAL, "get_team", [*lines.values()])
        self.assertTrue(all(row["team"]["due"] for row in teams), teams)
        browser = self.browser(self.anna, QUEUE)
        browser.find(".o-mailbox-MailLine-work[title^='Answer due']")
        self.odoo.sql(
            "UPDATE mail_mailbox_conversation SET due_at = now() - interval '3 hours',"
            " notice_at = now() - interval '3 hours' WHERE mailbox_id = %s"
            " AND owner_id = %s",
            self.box,
            self.anna.uid,
        )
        self.odoo.wake("mail_mailbox_archive.ir_cron_due")
        browser.find(".o_data_row:first-child .o-mailbox-MailLine-overdue", "Overdue")
        browser.find(".o_data_row:first-child", "Roof")
        self.picture(browser, "due_queue")
        self.wait(lambda: self.told(self.anna), "the notice")
        (summary,) = self.told(self.anna)
        self.assertIn("team_due@spedbud.example", summary)
        self.assertNotIn("Roof", summary)
        self.assertFalse(self.told(self.bob))
        browser.click(".o-mailbox-MailLine-subject", "Roof")
        browser.find(".o-mailbox-TeamBar-state.text-danger", "Overdue since")
        self.picture(browser, "due_bar")
        phone = self.browser(self.anna, f"{QUEUE}/{lines['Roof']}", size="390x844")
        phone.find(".o-mailbox-TeamBar-state.text-danger", "Overdue since")
        self.assertTrue(phone.run("document.body.scrollWidth <= innerWidth"))
        self.picture(phone, "due_phone")
        browser.click(".o-mailbox-TeamBar-done")
        browser.gone(".o-mailbox-MailLine-overdue")
        self.assertEqual(browser.error(), "")

    def test_figures(self):
        self.open_office("team_figures")
        self.receive("Roof", "Gate")
        browser = self.browser(self.anna, "/odoo/email-figures")
        browser.find(".o_pivot", "Hours to first answer (median)")
        browser.find(".o_pivot", "team_figures@spedbud.example")
        self.picture(browser, "figures_pivot")
        browser.click(".o_switch_view.o_graph")
        browser.find(".o_graph_renderer canvas")
        browser.settle(1)
        self.picture(browser, "figures_graph")
        self.assertEqual(browser.error(), "")
