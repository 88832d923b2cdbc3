"""A team's Queue: two people at one mailbox, each in a browser of their own."""

from __future__ import annotations

from email.message import EmailMessage

from .case import OutsideCase

ARRIVAL = "mail.mailbox.arrival"
QUEUE = "/odoo/email-queue"


class TestTeam(OutsideCase):
    def setUp(self):
        super().setUp()
        self.anna, self.bob = self.person("team_anna"), self.person("team_bob")

    def open_office(self, login):
        self.login = login
        self.box = self.mailbox(f"{login}@spedbud.example", self.anna, self.bob)

    def receive(self, *subjects):
        """Have emails arrive; return their lines of the Queue by subject."""
        for subject in subjects:
            mail = EmailMessage()
            mail["From"], mail["To"] = "jan@roof.example", "office@spedbud.example"
            mail["Subject"], mail["Message-ID"] = subject, f"<{subject}.{self.login}@x>"
            if subject.startswith("Re "):
                mail["References"] = f"<{subject[3:]}.{self.login}@x>"
            mail.set_content(subject)
            self.dovecot.deliver(self.login, mail.as_bytes())
        self.check(self.box, self.anna)
        here = [("mailbox_id", "=", self.box), ("subject", "in", subjects)]
        rows = self.wait(
            lambda: len(found := self.anna.search_read(ARRIVAL, here, "subject"))
            == len(subjects)
            and found,
            "the emails",
        )
        return {row["subject"]: row["id"] for row in rows}

    def owner(self, line):
        (row,) = self.anna.call(ARRIVAL, "get_team", [line])
        return (row["team"]["owner"] or {}).get("name")

    def queue(self, person, **options):
        """Open the Queue in a browser of somebody's, with the mailbox's emails."""
        browser = self.browser(person, QUEUE, **options)
        browser.find(".o_data_row", "Roof")
        return browser

    def test_of_two_at_the_same_moment_one_has_it(self):
        self.open_office("team_race")
        lines = self.receive(*(f"Roof {number}" for number in range(8)))
        for line in lines.values():
            said = self.together(
                *(
                    lambda who=who, line=line: who.call(ARRIVAL, "action_take", [line])
                    for who in (self.anna, self.bob)
                )
            )
            winners = [one for one in said if one == {"others": []}]
            self.assertEqual(len(winners), 1, said)
            name = "Team_anna" if said[0] == winners[0] else "Team_bob"
            self.assertIn({"others": [name]}, said)
            self.assertEqual(self.owner(line), name)

    def test_taken_on_one_screen_and_seen_on_the_other(self):
        self.open_office("team_live")
        lines = self.receive("Roof")
        anna, bob = self.queue(self.anna), self.queue(self.bob)
        for browser in (anna, bob):
            browser.click(".o-mailbox-MailLine-subject", "Roof")
            browser.find(".o-mailbox-TeamBar-nobody")
            browser.settle()
        anna.key("t")
        anna.find(".o-mailbox-TeamBar-owner", "Team_anna")
        bob.find(".o-mailbox-MailLine-owner[title='Owner: Team_anna']")
        bob.find(".o-mailbox-TeamBar-owner", "Team_anna")
        self.picture(bob, "team_owner")
        bob.key("t")
        bob.find(".o_notification", "Team_anna has it already.")
        self.assertEqual(self.owner(lines["Roof"]), "Team_anna")
        bob.click(".o-mailbox-TeamBar-give")
        self.picture(bob, "team_give")
        bob.click(".o-mailbox-TeamBar-person", "Team_bob")
        anna.find(".o-mailbox-MailLine-owner[title='Owner: Team_bob']")
        again = self.receive("Re Roof")
        self.assertEqual(self.owner(again["Re Roof"]), "Team_bob")
        anna.find(".o_data_row:has(.o-mailbox-MailLine-owner)", "Re Roof")
        for browser in (anna, bob):
            self.assertEqual(browser.error(), "")

    def test_on_a_phone(self):
        self.open_office("team_phone")
        lines = self.receive("Roof")
        path = f"{QUEUE}/{lines['Roof']}"
        browser = self.browser(self.anna, path, size="390x844")
        browser.click(".o-mailbox-TeamBar-take")
        browser.find(".o-mailbox-TeamBar-owner", "Team_anna")
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))
        self.picture(browser, "team_phone")
        self.assertEqual(self.owner(lines["Roof"]), "Team_anna")
        self.assertEqual(browser.error(), "")
