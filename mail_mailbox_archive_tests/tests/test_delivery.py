"""What became of a mail: told by webhooks and by the reports that come as mail."""

import base64
import json
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

from .common import WARSAW_NOON
from .sending import SendingCase

KEY = ec.generate_private_key(ec.SECP256R1())
PUBLIC_KEY = base64.b64encode(
    KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()


class DeliveryCase(SendingCase):
    """A mail that left through a SendGrid account, as far as anybody knows."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls.env["mail.mailbox.sending.account"].create(
            {
                "name": "Ours",
                "provider": "sendgrid",
                "api_key": "SG.very-secret",
                "hook_public_key": PUBLIC_KEY,
            }
        )

    def setUp(self):
        super().setUp()
        self.mail = self.send(email_to="anna@spostex.example, ola@spostex.example")
        self.sent = self.env["mail.mailbox.sent"].search(
            [("message_id", "=", self.mail.message_id)]
        )
        self.sent.account_id = self.account
        self.env.flush_all()

    def event(self, name, recipient="anna@spostex.example", number=1, **values):
        return {
            "event": name,
            "email": recipient,
            "sg_event_id": f"{self.id()}-{number}",
            "timestamp": int(time.time()),
            "mailbox_message_id": self.mail.message_id,
            **values,
        }

    def states(self):
        self.env.invalidate_all()
        return {
            row.recipient.split("@")[0]: row.state for row in self.sent.delivery_ids
        }


@tagged("post_install", "-at_install")
class TestHook(DeliveryCase, HttpCase):
    def url(self):
        return self.account.hook_url.partition("/mail_mailbox_archive")[2]

    def post(self, events, raw=None, url=None, key=KEY, age=0, flip=False):
        raw = json.dumps(events).encode() + b"\r\n" if raw is None else raw
        stamp = str(int(time.time()) - age)
        signature = key.sign(stamp.encode() + raw, ec.ECDSA(hashes.SHA256()))
        if flip:
            raw = raw.replace(b"delivered", b"delivereD")
        return self.url_open(
            "/mail_mailbox_archive" + (url or self.url()),
            data=raw,
            headers={
                "Content-Type": "application/json",
                "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(
                    signature
                ).decode(),
                "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
            },
        ).status_code

    def test_delivered_then_bounced(self):
        self.assertEqual(self.states(), {"anna": "accepted", "ola": "accepted"})
        self.assertEqual(self.post([self.event("delivered")]), 200)
        self.assertEqual(self.states()["anna"], "delivered")
        bounce = self.event(
            "bounce", "ola@spostex.example", 2, reason="550 no such user"
        )
        self.assertEqual(self.post([bounce]), 200)
        self.assertEqual(self.states(), {"anna": "delivered", "ola": "bounced"})
        message = self.sent.mailbox_message_id
        self.assertEqual(message.delivery_state, "bounced")
        self.assertIn("550 no such user", message.delivery_reason)
        activity = self.mailbox.activity_ids
        self.assertEqual(activity.user_id, self.member)
        self.assertIn("ola@spostex.example", activity.summary)
        late = self.event("processed", "ola@spostex.example", 3)
        self.assertEqual(self.post([late]), 200)
        self.assertEqual(self.states()["ola"], "bounced")

    def test_forged_and_repeated_calls_change_nothing(self):
        events = [self.event("delivered")]
        stranger = ec.generate_private_key(ec.SECP256R1())
        for status, values in (
            (401, {"flip": True}),
            (401, {"key": stranger}),
            (401, {"age": 700}),
            (401, {"age": -700}),
            (404, {"url": "/hook/sendgrid/" + "x" * 43}),
            (404, {"url": self.url().replace("sendgrid", "emaillabs")}),
            (413, {"raw": b"[" + b" " * (2**20) + b"]"}),
            (400, {"raw": b"no json"}),
        ):
            with self.subTest(values=str(values)[:60]):
                self.assertEqual(self.post(events, **values), status)
                self.assertEqual(self.states()["anna"], "accepted")
        self.assertEqual(self.post(events), 200)
        again = [{**events[0], "event": "bounce"}]
        self.assertEqual(self.post(again), 409)
        self.assertEqual(self.states()["anna"], "delivered")

    def test_events_create_nothing(self):
        before = self.env["mail.mailbox.delivery"].search_count([])
        for number, values in enumerate(
            (
                {"mailbox_message_id": "<other@spedbud.example>"},
                {"recipient": "nobody@spostex.example"},
            )
        ):
            event = self.event("bounce", number=number, **values)
            self.assertEqual(self.post([event]), 200)
        self.assertEqual(self.env["mail.mailbox.delivery"].search_count([]), before)
        self.assertEqual(self.states(), {"anna": "accepted", "ola": "accepted"})

    def test_another_account_does_not_speak_for_this_one(self):
        other = self.account.copy({"name": "Other", "hook_public_key": PUBLIC_KEY})
        self.env.flush_all()
        url = other.hook_url.partition("/mail_mailbox_archive")[2]
        self.assertNotEqual(url, self.url())
        self.assertEqual(self.post([self.event("bounce")], url=url), 200)
        self.assertEqual(self.states()["anna"], "accepted")

    def test_new_address_ends_the_old_one(self):
        old = self.url()
        self.account.action_new_hook()
        self.env.flush_all()
        self.assertEqual(self.post([self.event("delivered")], url=old), 404)


@tagged("post_install", "-at_install")
class TestDelivery(DeliveryCase):
    def report(self, recipient, message_id=None):
        """Return a delivery report (RFC 3464) about the mail."""
        return (
            "From: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
            "To: office@spedbud.example\r\n"
            f"Message-ID: <report.{recipient}>\r\n"
            "Date: Mon, 02 Nov 2026 10:00:00 +0100\r\n"
            "Subject: Undelivered Mail Returned to Sender\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status; "
            'boundary="b"\r\n\r\n'
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
            "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mx.example\r\n\r\n"
            f"Final-Recipient: rfc822; {recipient}\r\n"
            "Action: failed\r\nStatus: 5.1.1\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n"
            "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
            f"Message-ID: {message_id or self.mail.message_id}\r\n"
            "Subject: Offer\r\n\r\n--b--\r\n"
        ).encode()

    def fetch(self, source, mailbox=None):
        """Store a message as a poll of the mailbox does."""
        mailbox = mailbox or self.mailbox
        fetched = Fetched(
            uid=next(self.uids),
            internal_date=WARSAW_NOON,
            seen=False,
            size=len(source),
            source=source,
            message=parse(source),
        )
        mailbox._store_readable(self.make_folder(mailbox), [fetched], True)

    def test_report_that_comes_as_mail(self):
        self.fetch(self.report("Ola@spostex.example"))
        self.assertEqual(self.states(), {"anna": "accepted", "ola": "bounced"})
        self.assertIn("user unknown", self.sent.mailbox_message_id.delivery_reason)
        self.assertEqual(self.mailbox.activity_ids.user_id, self.member)

    def test_report_about_mail_of_others_changes_nothing(self):
        other = self.make_mailbox("other@spedbud.example")
        self.fetch(self.report("ola@spostex.example"), other)
        self.fetch(self.report("ola@spostex.example", "<no@spedbud.example>"))
        self.fetch(self.report("nobody@spostex.example"))
        self.assertEqual(self.states(), {"anna": "accepted", "ola": "accepted"})

    def test_who_reads_the_message_reads_its_delivery(self):
        rows = self.env["mail.mailbox.delivery"]
        self.assertEqual(len(rows.with_user(self.member).search([])), 2)
        self.assertFalse(rows.with_user(self.outsider).search([]))
        with self.assertRaises(AccessError):
            self.sent.delivery_ids.with_user(self.outsider).read(["state"])
        with self.assertRaises(AccessError):
            self.sent.delivery_ids.with_user(self.manager).write({"state": "bounced"})

    def test_address_of_the_webhook_is_the_administrators(self):
        self.assertIn("/hook/sendgrid/", self.account.with_user(self.manager).hook_url)
        with self.assertRaises(AccessError):
            self.account.with_user(self.member).read(["hook_url"])
        token = self.account.hook_url.rpartition("/")[2]
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM mail_mailbox_sending_account")
        self.assertNotIn(token, str(self.env.cr.fetchall()))


@tagged("post_install", "-at_install")
class TestDeliveryFound(DeliveryCase):
    """One word for a message; it is searched by the same word."""

    STATES = ("refused", "bounced", "deferred", "accepted", "delivered")

    def set_states(self, first, second):
        for row, state in zip(self.sent.delivery_ids, (first, second), strict=True):
            row.state = state
        self.env.flush_all()
        self.env.invalidate_all()

    def test_the_worst_counts_on_every_road(self):
        message = self.sent.mailbox_message_id.with_user(self.member)
        arrival = message.arrival_ids
        other = self.deliver(self.mailbox, subject="Came in").mailbox_message_id
        both = message | other
        for first in self.STATES:
            for second in self.STATES:
                self.set_states(first, second)
                worst = min(first, second, key=self.STATES.index)
                self.assertEqual(message.delivery_state, worst)
                self.assertEqual(arrival.delivery_state, worst)
                shown = message.get_view_data()["delivery"]
                self.assertEqual(shown[0]["state"], worst)
                self.assertEqual(len(shown), 2)
                for model, mine in ((message, both), (arrival, both.arrival_ids)):
                    of = [("id", "in", mine.ids)]
                    for state in self.STATES:
                        found = model.search([*of, ("delivery_state", "=", state)])
                        self.assertEqual(found, model if state == worst else found[:0])
                    bad = ("delivery_state", "in", ("bounced", "refused"))
                    failed = worst in ("bounced", "refused")
                    self.assertEqual(
                        model.search([*of, bad]), model if failed else found[:0]
                    )
                    none = model.search([*of, ("delivery_state", "=", False)])
                    self.assertEqual(none, mine.with_user(self.member) - model)
                    rest = model.search([*of, ("delivery_state", "!=", worst)])
                    self.assertEqual(rest, mine.with_user(self.member) - model)

    def test_of_what_one_may_not_read_nothing_is_found(self):
        self.set_states("bounced", "accepted")
        for user in (self.outsider, self.colleague):
            for model in ("mail.mailbox.message", "mail.mailbox.arrival"):
                found = (
                    self.env[model]
                    .with_user(user)
                    .search([("delivery_state", "=", "bounced")])
                )
                self.assertFalse(found)
