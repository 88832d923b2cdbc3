"""Mail leaves from a mailbox: as whom, by whom, to whom, and what is kept of it."""

from datetime import timedelta
from email.message import EmailMessage

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestSending(SendingCase):
    """One mail after the other."""

    def test_mail_leaves_as_the_mailbox(self):
        self.mailbox.name = "{{first_name}} {{last_name}}, Spedbud"
        self.member.name = "Jan Kowalski"
        mail = self.send(email_cc="Ola <ola@spostex.example>")
        (received,) = self.smtp.take()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(received.mail_from, "office@spedbud.example")
        self.assertEqual(
            set(received.rcpt_to), {"anna@spostex.example", "ola@spostex.example"}
        )
        message = received.message
        sender = '"Jan Kowalski, Spedbud" <office@spedbud.example>'
        self.assertEqual(message["From"], sender)
        self.assertEqual(message["Reply-To"], sender)
        self.assertEqual(message["Message-ID"], mail.message_id)
        for absent in ("Bcc", "Sender", "Return-Path"):
            self.assertIsNone(message[absent], absent)

    def test_sent_mail_is_in_the_queue_at_once(self):
        mail = self.send()
        arrival = self.env["mail.mailbox.arrival"].search(
            [("mailbox_message_id.message_id", "=", mail.message_id)]
        )
        self.assertEqual(len(arrival), 1)
        self.assertEqual(arrival.direction, "outgoing")
        self.assertTrue(arrival.live and arrival.seen)
        self.assertEqual(arrival.delivery_state, "accepted")

    def test_one_connection_for_a_batch(self):
        mails = self.env["mail.mail"].browse()
        for number in range(5):
            mails |= self.queue(subject=f"Offer {number}")
        before = self.smtp.connections
        self.run_queue(mails)
        self.assertEqual(len(self.smtp.take()), 5)
        self.assertEqual(self.smtp.connections - before, 1)
        self.assertEqual(set(mails.mapped("state")), {"sent"})

    def test_one_bad_recipient_of_five(self):
        people = [f"p{number}@spostex.example" for number in range(5)]
        self.smtp.answers = {people[3]: "550 5.1.1 no such user"}
        mail = self.send(email_to=", ".join(people))
        (received,) = self.smtp.take()
        self.assertEqual(len(received.rcpt_to), 4)
        self.assertEqual(mail.state, "exception")
        self.assertIn(people[3], mail.failure_reason)
        self.assertIn("no such user", mail.failure_reason)
        self.smtp.answers = {}
        mail.with_user(self.member).sudo().mark_outgoing()
        self.run_queue(mail)
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, (people[3],))
        self.assertEqual(mail.state, "sent")
        message = self.env["mail.mailbox.message"].search(
            [("message_id", "=", mail.message_id)]
        )
        self.assertEqual(len(message), 1)
        self.assertEqual(set(message.delivery_ids.mapped("state")), {"accepted"})
        self.assertEqual(len(message.delivery_ids), 5)

    def test_later_means_later(self):
        self.smtp.answer = "451 4.3.0 busy"
        mail = self.send()
        self.assertEqual(mail.state, "outgoing")
        self.assertFalse(self.smtp.take())
        wait = mail.scheduled_date - fields.Datetime.now()
        self.assertTrue(timedelta(minutes=4) < wait <= timedelta(minutes=5))
        self.assertIn("busy", mail.failure_reason)
        waits = []
        for _try in range(8):
            mail.mailbox_claimed_until = False
            self.run_queue(mail)
            waits.append(mail.scheduled_date - fields.Datetime.now())
        self.assertTrue(waits[-1] <= timedelta(hours=4))
        self.assertTrue(waits[-1] > timedelta(hours=3, minutes=59))
        message_id = mail.message_id
        self.smtp.answer = None
        self.run_queue(mail)
        (received,) = self.smtp.take()
        self.assertEqual(received.message["Message-ID"], message_id)
        self.assertEqual(mail.state, "sent")

    def test_after_five_days_it_is_given_up(self):
        self.smtp.answer = "451 4.3.0 busy"
        mail = self.send()
        mail.mailbox_tried_since = fields.Datetime.now() - timedelta(days=5, hours=1)
        self.run_queue(mail)
        self.assertEqual(mail.state, "exception")
        self.assertIn("busy", mail.failure_reason)

    def test_no_means_no(self):
        self.smtp.answer = "554 5.7.1 we do not want that"
        mail = self.send()
        self.assertEqual(mail.state, "exception")
        self.assertIn("we do not want that", mail.failure_reason)

    def test_wrong_password_names_the_login(self):
        self.mailbox.write(self.smtp_values(smtp_password="wrong"))
        self.mailbox.state = "ready"
        mail = self.send()
        self.assertEqual(mail.state, "exception")
        self.assertIn("office", mail.failure_reason)
        self.assertNotIn("wrong", mail.failure_reason)
        self.assertEqual(self.mailbox.action_test_sending()["params"]["type"], "danger")

    def test_mail_claimed_by_another_worker_is_left_to_it(self):
        mail = self.queue()
        mail.mailbox_claimed_until = fields.Datetime.now() + timedelta(minutes=5)
        self.run_queue(mail)
        self.assertFalse(self.smtp.take())
        mail.mailbox_claimed_until = fields.Datetime.now() - timedelta(minutes=1)
        self.run_queue(mail)
        self.assertEqual(len(self.smtp.take()), 1, "nothing of it was on its way")
        self.run_queue(mail)
        self.assertFalse(self.smtp.take())

    def test_limit_of_an_hour(self):
        self.mailbox.hourly_limit = 2
        mails = [self.send(subject=f"Offer {number}") for number in range(3)]
        self.assertEqual(len(self.smtp.take()), 2)
        self.assertEqual(mails[2].state, "outgoing")
        self.assertTrue(mails[2].scheduled_date > fields.Datetime.now())

    def test_nobody_to_send_to(self):
        mail = self.send(email_to="")
        self.assertEqual(mail.state, "exception")
        self.assertFalse(self.smtp.take())

    def test_hostile_headers_stay_one_header(self):
        mail = self.send(
            subject="Offer\r\nBcc: eve@evil.example",
            references="<a@b>\r\nBcc: eve@evil.example",
        )
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, ("anna@spostex.example",))
        self.assertIsNone(received.message["Bcc"])
        self.assertEqual(mail.state, "sent")

    def test_direct_sending_leaves_through_the_mailbox(self):
        message = EmailMessage()
        message["From"] = "Anybody <OFFICE@spedbud.example>"
        message["To"] = "anna@spostex.example"
        message["Message-Id"] = "<direct@spedbud.example>"
        message.set_content("Hello")
        self.env["ir.mail_server"].with_user(self.member).send_email(message)
        (received,) = self.smtp.take()
        self.assertEqual(received.mail_from, "office@spedbud.example")
        self.assertEqual(received.message["From"], "office <office@spedbud.example>")

    def test_mail_of_nobody_leaves_by_the_companys_server(self):
        mail = self.send(email_from="shop@other.example")
        (received,) = self.smtp.take()
        self.assertEqual(mail.state, "sent")
        self.assertEqual(received.message["From"], "shop@other.example")

    def test_server_follows_its_mailbox(self):
        server = self.mailbox.mail_server_id
        self.assertTrue(server.active)
        self.assertEqual(server.from_filter, "office@spedbud.example")
        with self.assertRaisesRegex(UserError, "belongs to the mailbox"):
            server.write({"smtp_host": "evil.example"})
        with self.assertRaisesRegex(UserError, "belongs to the mailbox"):
            server.unlink()
        self.mailbox.active = False
        self.assertFalse(server.active)

    def test_signature_once_above_the_quote(self):
        pixel = (
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA"
            "60e6kgAAAABJRU5ErkJggg=="
        )
        self.mailbox.signature = (
            "<p>Regards, {{first_name}}</p>"
            f'<img src="data:image/png;base64,{pixel}" alt="Logo">'
        )
        self.member.name = "Jan & Co Kowalski"
        self.send(
            body_html="<p>Yes.</p><blockquote><p>Shall we?</p></blockquote><p>Z</p>"
        )
        (received,) = self.smtp.take()
        html, text = received.html, received.text
        self.assertEqual(html.count("Regards, Jan &amp; Co"), 1)
        self.assertLess(html.index("Yes."), html.index("Regards"))
        self.assertLess(html.index("Regards"), html.index("Shall we?"))
        self.assertEqual(text.count("Regards, Jan & Co"), 1)
        self.assertLess(text.index("Regards"), text.index("Shall we?"))
        self.assertNotIn("base64", text)
        (picture,) = (
            p for p in received.message.walk() if p.get_content_type() == "image/png"
        )
        self.assertIn(f"cid:{picture['Content-ID'][1:-1]}", html)
        self.assertNotIn("data:image", html)

    def test_unknown_variable_is_refused(self):
        for field in ("name", "signature"):
            with self.assertRaisesRegex(UserError, "nickname"):
                self.mailbox.write({field: "{{ nickname }}"})
