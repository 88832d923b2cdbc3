"""Invitations, clicked: the organizer's server gets the reply, the card says so."""

import vobject

from ..mailcore.invitations import CANCEL, GOOGLE, MOVED, OUTLOOK, write_invitation
from .case import OutsideCase

QUEUE = "/odoo/action-mail_mailbox_archive.mail_mailbox_arrival_action"
ARCHIVES = "/odoo/action-mail_mailbox_archive.mail_mailbox_message_action"
CARD = ".o-mailbox-InvitationCard"
PHONE = "390x844"


class TestInvitations(OutsideCase):
    """From the invitation that arrives to the reply at the organizer's server."""

    def setUp(self):
        super().setUp()
        login = self.id().rpartition("test_")[2]
        self.anna = self.person(f"invitations_{login}", tz="Europe/Warsaw")
        self.address = f"box_{self.anna.login}@spedbud.example"
        self.organizer = f"organizer_{login}@spostex.example"
        self.box = self.mailbox(self.address, self.anna)

    def arrive(self, *texts):
        """Have invitations come into Anna's mailbox; return ids by subject."""
        for number, text in enumerate(texts):
            # lines that are folded hold addresses of other lengths then
            text = text.replace("\n ", "").replace(
                "office@spedbud.example", self.address
            )
            text = text.replace("anna.nowak@spostex.example", self.organizer)
            method = "CANCEL" if "METHOD:CANCEL" in text else "REQUEST"
            mail = write_invitation(
                text,
                f"Invitation {number} for {self.anna.login}",
                method,
                to=self.address,
                **{"from": f"Anna Nowak <{self.organizer}>"},
            )
            self.dovecot.deliver(self.address.partition("@")[0], mail.as_bytes())
        self.check(self.box, self.anna)
        domain = [("mailbox_id", "=", self.box)]
        fields = ("subject", "mailbox_message_id")

        def there():
            rows = self.anna.search_read("mail.mailbox.arrival", domain, *fields)
            return len(rows) == len(texts) and rows

        rows = self.wait(there, "the invitations")
        return [
            row["mailbox_message_id"][0]
            for row in sorted(rows, key=lambda row: row["subject"])
        ]

    def test_accepted(self):
        (message,) = self.arrive(OUTLOOK)
        browser = self.browser(self.anna, f"{ARCHIVES}/{message}")
        browser.find(f"{CARD}-summary", "Przegląd ofert; etap 2")
        browser.find(f"{CARD}-when", "December 7, 2026")
        self.assertTrue(self.picture(browser, "invitation"))
        self.assertFalse(self.received(self.organizer))
        browser.click(f"{CARD}-buttons button[data-answer=accepted]")
        browser.find(f"{CARD}-reply[data-answer=accepted]", "accepted by")
        (mail,) = self.wait(lambda: self.received(self.organizer), "the reply")
        (part,) = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
        read = vobject.readOne(part.get_content())
        (attendee,) = read.vevent.attendee_list
        self.assertEqual(attendee.params["PARTSTAT"], ["ACCEPTED"])
        self.assertEqual(attendee.value, f"mailto:{self.address}")
        browser.find(f"{CARD}-buttons .btn-primary", "Accept")
        self.assertTrue(self.picture(browser, "invitation_accepted"))
        self.assertFalse(browser.error())
        self.assertEqual(browser.dialogs, [])

    def test_in_the_queue_and_on_a_phone(self):
        moved, cancelled = self.arrive(MOVED, CANCEL)
        browser = self.browser(self.anna, QUEUE, size=PHONE)
        browser.click(".o-mailbox-MailLine-subject", "Invitation 0")
        browser.find(f"{CARD}-headline", "Changed invitation")
        browser.click(f"{CARD}-buttons button[data-answer=declined]")
        browser.find(f"{CARD}-reply[data-answer=declined]", "declined by")
        self.assertTrue(self.picture(browser, "invitation_phone"))
        wide = "return document.documentElement.scrollWidth > innerWidth"
        self.assertFalse(browser.run(f"(() => {{{wide}}})()"))
        browser.open(f"{ARCHIVES}/{cancelled}")
        browser.find(f"{CARD}-headline", "Cancelled event")
        browser.gone(f"{CARD}-buttons")
        self.assertTrue(self.picture(browser, "invitation_cancelled"))
        self.wait(lambda: self.received(self.organizer), "the reply")

    def test_hostile_words_are_words(self):
        markup = "<img src=x onerror=alert(1)><script>alert(2)</script>"
        text = GOOGLE.replace("Budget call", markup).replace(
            "LOCATION:", f"LOCATION:{markup}"
        )
        broken = GOOGLE.replace("BEGIN:VEVENT", "BEGIN:VEVENT\n" * 20)
        message, other = self.arrive(text, broken)
        browser = self.browser(self.anna, f"{ARCHIVES}/{message}")
        browser.find(f"{CARD}-summary", "onerror")
        self.assertEqual(
            browser.run(f"document.querySelectorAll('{CARD} img').length"), 0
        )
        browser.open(f"{ARCHIVES}/{other}")
        browser.find(f"{CARD}-problem", "open it in a calendar")
        self.assertTrue(self.picture(browser, "invitation_problem"))
        self.assertEqual(browser.dialogs, [])
