from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MailboxCase, write_mail


@tagged("post_install", "-at_install")
class TestRetention(MailboxCase):
    """What leaves the Queue after thirty days, and what stays."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})
        cls.arrival = cls.deliver(cls.mailbox)
        cls.message = cls.arrival.mailbox_message_id

    def age(self, days):
        self.arrival.fetched_at = fields.Datetime.now() - timedelta(days=days)
        self.env["mail.mailbox.arrival"]._gc_queue()

    def test_message_stays_thirty_days(self):
        self.age(29)
        self.assertTrue(self.arrival.exists())

    def test_message_nobody_archived_is_gone_with_its_bytes(self):
        attachment = self.message._source_attachments()
        self.age(31)
        self.assertFalse(self.arrival.exists())
        self.assertFalse(self.message.exists())
        self.assertFalse(attachment.exists())

    def test_archived_message_leaves_the_queue_and_stays(self):
        self.message.with_user(self.member)._archive(self.partner)
        self.age(31)
        self.assertFalse(self.arrival.exists())
        self.assertTrue(self.message.exists())
        self.assertEqual(self.message._read_source(), write_mail().as_bytes())
        found = self.env["mail.mailbox.message"].with_user(self.outsider).search([])
        self.assertEqual(found, self.message)

    def test_number_of_days_is_a_setting(self):
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.queue_days", "3"
        )
        self.age(4)
        self.assertFalse(self.arrival.exists())

    def test_message_in_two_mailboxes_stays_for_the_other(self):
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        arrival = self.deliver(other)
        self.assertEqual(arrival.mailbox_message_id, self.message)
        self.age(31)
        self.assertTrue(self.message.exists())
        self.assertTrue(arrival.exists())

    def test_what_left_the_queue_does_not_come_back(self):
        self.age(31)
        fetched = [_Fetched(self.env, write_mail())]
        known = self.env["mail.mailbox.tombstone"]
        self.assertFalse(known._without_known(self.mailbox, fetched))
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        self.assertTrue(known._without_known(other, fetched))

    def test_detached_message_leaves_the_queue_once_more(self):
        link = self.message.with_user(self.member)._archive(self.partner)
        self.age(31)
        link.with_user(self.member).action_unfile()
        self.arrival = self.message.arrival_ids
        self.assertEqual(self.arrival.mailbox_id, self.mailbox)
        self.age(31)
        self.assertFalse(self.arrival.exists())
        self.assertFalse(self.message.exists())


class _Fetched:
    def __init__(self, env, mail):
        from odoo.addons.mail_mailbox_archive.mailcore.message import parse

        self.message = parse(mail.as_bytes())
