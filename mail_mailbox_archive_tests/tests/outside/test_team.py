"""A team's Queue: two people at one mailbox, each in a browser of their own."""

from __future__ import annotations

import sys
import time
from email.message import EmailMessage

from .case import OutsideCase

ARRIVAL = "mail.mailbox.arrival"
QUEUE = "/odoo/email-queue"


class QueueCase(OutsideCase):
    """Two people at one mailbox, and their Queue; :attr:`logins` says who.

    Each suite has people of its own: what one leaves in a Queue stands in no other.
    """

    logins = ("team_anna", "team_bob")

    def setUp(self):
        super().setUp()
        self.anna, self.bob = map(self.person, self.logins)

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

    def open_both(self):
        """Open the email 'Roof' in a browser of each; return both, settled."""
        browsers = self.queue(self.anna), self.queue(self.bob)
        for browser in browsers:
            browser.click(".o-mailbox-MailLine-subject", "Roof")
            browser.find(".o-mailbox-TeamBar-nobody")
            browser.settle(1)
        return browsers


class TestTeam(QueueCase):
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
        anna, bob = self.open_both()
        begun = time.monotonic()
        anna.key("t")
        bob.find(".o-mailbox-MailLine-owner[title='Owner: Team_anna']")
        sys.stderr.write(f"\nseen after {time.monotonic() - begun:.1f} s\n")
        anna.find(".o-mailbox-TeamBar-owner", "Team_anna")
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

    def test_done_later_and_unread_on_both_screens(self):
        self.open_office("team_state")
        lines = self.receive("Roof", "Gate", "Door")
        anna, bob = self.queue(self.anna), self.queue(self.bob)
        for browser in (anna, bob):
            browser.find(".o-mailbox-MailLine-unread", "Gate")
            browser.settle(1)
        anna.click(".o-mailbox-MailLine-subject", "Gate")
        for browser in (anna, bob):
            browser.gone(".o-mailbox-MailLine-unread", "Gate")
        anna.key("u")
        bob.find(".o-mailbox-MailLine-unread", "Gate")
        anna.key("e")
        anna.find(".o_notification", "Done.")
        anna.gone(".o_data_row", "Gate")
        bob.find(".o-mailbox-MailLine-work[data-state=done]")
        self.picture(bob, "team_done")
        anna.key("u")
        anna.find(".o_data_row", "Gate")
        bob.gone(".o-mailbox-MailLine-work[data-state=done]")
        anna.click(".o-mailbox-MailLine-subject", "Door")
        anna.find(".o-mailbox-MessageViewer-subject", "Door")
        anna.key("s")
        anna.find(".o-mailbox-LaterDialog")
        self.picture(anna, "team_later")
        anna.click(".o-mailbox-LaterDialog [data-choice=tomorrow]")
        anna.gone(".o_data_row", "Door")
        bob.find(".o-mailbox-MailLine-work[data-state=later]")
        self.odoo.sql(
            "UPDATE mail_mailbox_conversation SET until = now() AT TIME ZONE 'UTC'"
            " WHERE state = 'later' AND mailbox_id = %s",
            self.box,
        )
        self.odoo.wake("mail_mailbox_archive.ir_cron_return")
        anna.find(".o-mailbox-MailLine-unread", "Door")
        bob.gone(".o-mailbox-MailLine-work[data-state=later]")
        anna.key("t")
        anna.find("button .o-mailbox-ArchiveMenu-own", "1")
        self.assertEqual(self.owner(lines["Door"]), "Team_anna")
        for browser in (anna, bob):
            self.assertEqual(browser.error(), "")

    def test_archived_and_detached_on_the_screens_of_others(self):
        self.open_office("team_archive")
        lines = self.receive("Roof")
        partner = self.admin.add("res.partner", name="Team Roofers", is_company=True)
        bob = self.queue(self.bob)
        bob.click(".o-mailbox-MailLine-subject", "Roof")
        bob.find(".o-mailbox-TeamBar-nobody")
        bob.settle(1)
        (row,) = self.anna.call(
            ARRIVAL, "read", [lines["Roof"]], ["mailbox_message_id"]
        )
        message = row["mailbox_message_id"][0]
        self.archive(self.anna, message, "res.partner", partner)
        bob.find(".o_data_row", "Team Roofers")
        bob.find(".o-mailbox-MessageViewer", "Team Roofers")
        links = self.anna.search_read(
            "mail.mailbox.link", [("mailbox_message_id", "=", message)], "id"
        )
        self.anna.call("mail.mailbox.link", "action_unfile", [links[0]["id"]])
        bob.gone(".o_data_row", "Team Roofers")
        bob.gone(".o-mailbox-MessageViewer", "Team Roofers")
        self.assertEqual(bob.error(), "")

    def test_notes_on_both_screens(self):
        self.open_office("team_note")
        self.receive("Roof")
        anna, bob = self.queue(self.anna), self.queue(self.bob)
        for browser in (anna, bob):
            browser.click(".o-mailbox-MailLine-subject", "Roof")
            browser.find(".o-mailbox-Notes-write")
            browser.settle(1)
        anna.click(".o-mailbox-Notes-write")
        anna.click(".o-mailbox-Notes-mention")
        anna.click(".o-mailbox-Notes-person", "Team_bob")
        anna.wait("return document.activeElement.matches('.o-mailbox-Notes textarea')")
        anna.write("please <b>call</b> him")
        anna.click(".o-mailbox-Notes-add:enabled")
        words = "@Team_bob please <b>call</b> him"
        for browser in (anna, bob):
            browser.find(".o-mailbox-Notes-body", words)
        bob.find(".o-mailbox-MailLine-notes")
        self.picture(bob, "team_note")
        anna.click(".o-mailbox-Notes-remove")
        for browser in (anna, bob):
            browser.gone(".o-mailbox-Notes-body")
            self.assertEqual(browser.error(), "")

    def test_on_a_phone(self):
        self.open_office("team_phone")
        lines = self.receive("Roof")
        path = f"{QUEUE}/{lines['Roof']}"
        browser = self.browser(self.anna, path, size="390x844")
        browser.click(".o-mailbox-TeamBar-take")
        browser.find(".o-mailbox-TeamBar-done")
        browser.find(".o-mailbox-TeamBar-owner", "Team_anna")
        self.assertTrue(browser.run("document.body.scrollWidth <= innerWidth"))
        self.picture(browser, "team_phone")
        self.assertEqual(self.owner(lines["Roof"]), "Team_anna")
        self.assertEqual(browser.error(), "")
