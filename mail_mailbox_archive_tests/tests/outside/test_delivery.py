"""What became of a mail is seen where it lies: on its line, beside it, by a filter."""

from .case import OutsideCase

QUEUE = "/odoo/email-queue"
LINE = ".o-mailbox-MailLine-delivery"
SHOWN = ".o-mailbox-MessageViewer-delivery"
REPORT = """\
From: MAILER-DAEMON@mx.example.com
To: {own}
Subject: Unzustellbar: {subject}
Message-ID: <report@mx.example.com>
Date: Tue, 24 Nov 2026 10:00:00 +0000
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

Es ging nicht.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.com

Final-Recipient: rfc822; {recipient}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 nobody here has that name

--b
Content-Type: text/rfc822-headers

Message-ID: {message_id}
To: {recipient}

--b--
"""


class TestDelivery(OutsideCase):
    """Sent, then bounced: the person who sent it sees it without looking for it."""

    def test_bounce_is_seen(self):
        anna = self.person("delivery_anna")
        own = "delivery_office@spedbud.example"
        box = self.mailbox(own, anna)
        for name in ("gone", "fine"):
            self.send(anna, box, f"{name}@delivery.example", f"Offer to {name}")
        browser = self.browser(anna, QUEUE)
        browser.find(".o_data_row", "Offer to gone")
        browser.find(f"{LINE}[data-delivery=accepted]")
        self.assertFalse(
            browser.run(f"document.querySelectorAll('{LINE} small').length")
        )
        (mail,) = self.received("gone@delivery.example")
        report = REPORT.format(
            own=own,
            subject="Offer",
            recipient="gone@delivery.example",
            message_id=mail["message-id"],
        )
        self.dovecot.deliver("delivery_office", report.encode())
        self.check(box, anna)
        # by itself, without a reload
        browser.find(f"{LINE}[data-delivery=bounced]", "Not delivered")
        browser.click(".o_data_row td", "Offer to gone")
        browser.find(SHOWN, "gone@delivery.example")
        browser.find(SHOWN, "nobody here has that name")
        self.assertTrue(self.picture(browser, "delivery_bounced"))
        browser.click(".o_data_row td", "Offer to fine")
        browser.find(SHOWN, "fine@delivery.example")
        browser.find(f"{SHOWN} [data-delivery=accepted]")
        browser.click(".o_searchview_dropdown_toggler")
        browser.click(".o_filter_menu .o_menu_item", "Not delivered")
        browser.gone(".o_data_row", "Offer to fine")
        browser.find(".o_data_row", "Offer to gone")
        self.assertTrue(self.picture(browser, "delivery_filter"))

    def send(self, person, mailbox, to, subject):
        model = "mail.mailbox.draft"
        draft = person.call(model, "prepare_new", mailbox_id=mailbox)
        person.change(model, draft, email_to=to, subject=subject, body="<p>Hello</p>")
        person.call(model, "action_send", [draft])
        self.wait(lambda: self.received(to), "the mail")
