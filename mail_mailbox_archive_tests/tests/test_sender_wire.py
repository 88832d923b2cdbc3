"""What a From claims, tried on the wire: hundreds of spellings, by every way in."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .claim_vectors import OTHER, PUB, froms
from .common import USER
from .sending import SendingCase


@tagged("post_install", "-at_install")
class TestSenderWire(SendingCase):
    """Two people who may not send as the mailbox, one without any right to mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pub = cls.make_restricted(PUB)
        cls.eve = cls.make_user("eve", USER, "base.group_partner_manager")
        cls.guest = cls.make_user("guest", "base.group_partner_manager")
        cls.customer = cls.env["res.partner"].create(
            {"name": "Customer", "email": "customer@spostex.example"}
        )

    def post(self, user, sender):
        records = self.env["res.partner"].with_user(user)
        call_kw(
            records,
            "message_post",
            [self.customer.ids],
            {
                "body": "Dismissed",
                "email_from": sender,
                "partner_ids": self.customer.ids,
                "message_type": "comment",
                "subtype_xmlid": "mail.mt_comment",
            },
        )

    def compose(self, user, sender):
        composers = self.env["mail.compose.message"].with_user(user)
        values = {
            "model": "res.partner",
            "res_ids": repr(self.customer.ids),
            "subject": "Dismissal",
            "body": "<p>Dismissed</p>",
            "partner_ids": [Command.set(self.customer.ids)],
            "subtype_id": self.env.ref("mail.mt_comment").id,
            "email_from": sender,
        }
        composer_id = call_kw(composers, "create", [values], {})
        call_kw(composers, "action_send_mail", [[composer_id]], {})

    def queue_by_code(self, user, sender):
        self.queue(user, email_from=sender)

    def try_all(self, values, *ways):
        """Try each From by one of the ways; return how many were refused."""
        refused = 0
        before = self.env["mail.mail"].search([])
        for number, value in enumerate(values):
            user = (self.eve, self.guest)[number % 2]
            try:
                with self.env.cr.savepoint():
                    ways[number % len(ways)](user, value)
            except UserError:
                refused += 1
        self.run_queue(self.env["mail.mail"].search([]) - before)
        return refused

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_no_spelling_leaves(self):
        values = list(froms())
        self.assertGreaterEqual(len(values), 300)
        refused = self.try_all(values, self.post, self.compose, self.queue_by_code)
        self.assertFalse([one.content[:200] for one in self.smtp.take()])
        self.assertEqual(refused, len(values))

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_no_spelling_leaves_past_the_queue(self):
        # as if it had become a mailbox's address after it was queued
        self.pub.approval = "needed"
        values = list(froms())[::3]
        mails = self.env["mail.mail"]
        for value in values:
            mails += self.queue(self.guest, email_from=value)
        self.pub.approval = "approved"
        self.run_queue(mails)
        self.assertFalse([one.content[:200] for one in self.smtp.take()])
        self.assertEqual(set(mails.mapped("state")), {"exception"})

    def test_another_address_leaves_by_the_same_ways(self):
        for way in (self.post, self.compose, self.queue_by_code):
            self.try_all([OTHER, f'"A, B" <{OTHER}>'], way)
            self.assertGreaterEqual(len(self.smtp.take()), 2, way.__name__)

    def test_other_headers_name_no_mailbox_either(self):
        for name in ("Sender", "Return-Path", "Resent-From"):
            mail = self.queue(
                self.eve, email_from=OTHER, headers=repr({name: f"<{PUB}>"})
            )
            with mute_logger("odoo.addons.mail.models.mail_mail"):
                self.run_queue(mail)
            self.assertFalse(self.smtp.take(), name)
            self.assertEqual(mail.state, "exception")

    def test_session_of_a_mailbox_sends_nothing_else(self):
        servers = self.env["ir.mail_server"]
        session = servers._connect__(mail_server_id=self.pub.mail_server_id.id)
        message = self.make_message(OTHER)
        with self.assertRaises(UserError):
            session.send_message(message, OTHER, ["anna@spostex.example"])
        mail = self.queue(self.member, email_from=self.mailbox.email)
        mail._send(smtp_session=session)
        self.assertEqual(mail.state, "exception")
        self.assertIn("does not belong", mail.failure_reason)
        self.assertFalse(self.smtp.take())

    def make_message(self, sender):
        return self.env["ir.mail_server"]._build_email__(
            sender, ["anna@spostex.example"], "Dismissal", "You are dismissed."
        )

    def test_who_chose_a_sender_is_not_written_by_anybody(self):
        message = self.customer.with_user(self.eve).message_post(body="Hello")
        self.assertEqual(message.sudo().mailbox_sender_origin, "author")
        for user in (self.eve, self.manager, self.env.ref("base.user_admin")):
            own = message.with_user(user)
            with self.assertRaises(UserError), self.env.cr.savepoint():
                own.write({"mailbox_sender_origin": False})
        made = (
            self.env["mail.message"]
            .with_user(self.eve)
            .create(
                {
                    "email_from": OTHER,
                    "model": "res.partner",
                    "res_id": self.customer.id,
                }
            )
        )
        self.assertEqual(made.sudo().mailbox_sender_origin, "person")
