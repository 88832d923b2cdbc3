"""A mailbox that hands out what is new: by turns, then to who has the fewest open."""

from __future__ import annotations

from .test_team import ARRIVAL, QueueCase

#: Who has the lines in sight, by subject.
OWNERS = """
return [...document.querySelectorAll(".o_data_row")].map((row) => [
    row.querySelector(".o-mailbox-MailLine-subject").textContent,
    row.querySelector(".o-mailbox-MailLine-owner")?.title || "",
])
"""


class TestHanding(QueueCase):
    logins = ("turns_anna", "turns_bob")

    def hand_out(self, browser, how, value):
        """Choose in the mailbox's form how it hands out, and save."""
        browser.open(f"/odoo/email-mailboxes/{self.box}")
        browser.click("[name=hand_out] input")
        browser.click(".o_select_menu_item", how)
        browser.click(".o_form_button_save")
        here = [("id", "=", self.box), ("hand_out", "=", value)]
        self.wait(
            lambda: self.anna.search_read("mail.mailbox", here, "hand_out"), "saved"
        )
        self.assertEqual(browser.error(), "")

    def owners(self, browser, *subjects):
        """Wait for these lines, each with an owner; return these by subject."""
        for subject in subjects:
            browser.find(
                ".o_data_row:has(.o-mailbox-MailLine-owner) "
                ".o-mailbox-MailLine-subject",
                subject,
            )
        told = dict(browser.wait(OWNERS))
        return {one: told[one].removeprefix("Owner: ") for one in subjects}

    def test_by_turns_then_to_who_has_fewest(self):
        self.open_office("turns_office")
        # the first look at a mailbox finds what was there before it
        self.receive("Roof")
        form = self.browser(self.anna, "/odoo/email-mailboxes")
        self.hand_out(form, "By turns", "turns")
        anna, bob = self.queue(self.anna), self.queue(self.bob)
        self.receive("Wall1", "Wall2", "Wall3", "Wall4")
        walls = [f"Wall{number}" for number in range(1, 5)]
        given = self.owners(anna, *walls)
        self.assertEqual(given, self.owners(bob, *walls))
        counts = {name: [*given.values()].count(name) for name in given.values()}
        self.assertEqual(counts, {"Turns_anna": 2, "Turns_bob": 2})
        self.assertEqual(self.owner_of("Roof"), None)
        self.picture(anna, "handing_turns")
        # two of Anna's are done, so she has the fewest
        self.hand_out(form, "To whoever has the fewest open", "least")
        mine = [one for one, name in given.items() if name == "Turns_anna"]
        for subject in mine:
            anna.click(".o-mailbox-MailLine-subject", subject)
            anna.find(".o-mailbox-MessageViewer-subject", subject)
            anna.find(".o-mailbox-TeamBar-done")
            anna.key("e")
            anna.gone(".o_data_row", subject)
        self.receive("Gate1", "Gate2")
        gates = self.owners(bob, "Gate1", "Gate2")
        self.assertEqual({*gates.values()}, {"Turns_anna"})
        # her own ones, of which the number in the top bar says how many
        anna.find("button .o-mailbox-ArchiveMenu-own", "2")
        # a reply stays with who has the conversation
        (his,) = [one for one, name in given.items() if name != "Turns_anna"][:1]
        again = self.receive(f"Re {his}")
        self.assertEqual(self.owner(again[f"Re {his}"]), "Turns_bob")
        self.assertEqual(self.owners(bob, f"Re {his}"), {f"Re {his}": "Turns_bob"})
        for browser in (anna, bob, form):
            self.assertEqual(browser.error(), "")

    def owner_of(self, subject):
        here = [("mailbox_id", "=", self.box), ("subject", "=", subject)]
        (row,) = self.anna.search_read(ARRIVAL, here, "owner_id")
        return row["owner_id"] or None
