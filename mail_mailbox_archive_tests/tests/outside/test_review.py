"""A draft is handed to a colleague: two people, each in a browser of their own."""

from __future__ import annotations

from .test_writing import BODY, WritingCase

#: Chooses Bob in the box with the people.
CHOOSE = """
(() => {
    const box = document.querySelector(".o-mailbox-ReviewDialog select");
    box.value = [...box.options].find((one) => one.text === "Review_bob").value;
    box.dispatchEvent(new Event("change", {bubbles: true}));
})()
"""
WINDOW = ".o-mailbox-ComposeWindow"
DRAFTS = "/odoo/email-drafts"


class TestReview(WritingCase):
    logins = ("review_anna", "review_bob")

    def test_handed_over_changed_and_approved(self):
        self.open_office("review")
        self.receive("Roof")
        anna = self.queue(self.anna)
        anna.click(".o-mailbox-MailLine-subject", "Roof")
        self.answer(anna)
        anna.write("My draft")
        anna.click(".o-mailbox-Review")
        anna.find(".o-mailbox-ReviewDialog select")
        anna.run(CHOOSE)
        anna.click(".o-mailbox-ReviewDialog-ask:enabled")
        anna.find(".o-mailbox-Compose-review", "In review")
        anna.gone("button[name=action_send]")
        self.picture(anna, "review_asked")
        bob = self.browser(self.bob, DRAFTS)
        bob.click(".o_data_row .o_data_cell", "Re: Roof")
        bob.find(".o-mailbox-Compose-review", "asks you to look at this draft")
        bob.find(BODY, "My draft")
        self.picture(bob, "review_reviewer")
        bob.gone("button[name=action_discard]")
        bob.click(BODY)
        bob.fill(".modal [name=subject] input", "Re: Roof, better")
        bob.click("button[name=action_approve]")
        bob.gone(WINDOW)
        bob.gone(".o_data_row", "Re: Roof")
        anna.click(f"{WINDOW} .btn-close")
        anna.gone(WINDOW)
        anna.open(DRAFTS)
        anna.click(".o_data_row .o_data_cell", "Re: Roof, better")
        anna.find(".o-mailbox-Compose-review", "Approved by")
        self.picture(anna, "review_approved")
        anna.click("button[name=action_send]")
        anna.gone(WINDOW)
        self.wait(lambda: self.received("jan@roof.example"), "the answer")
        for name, browser in (("anna", anna), ("bob", bob)):
            self.assertEqual(browser.error(), "", name)
