from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .common import MailboxCase, clean_nightly, write_mail


@tagged("post_install", "-at_install")
class TestQueue(MailboxCase):
    """What the Queue lists, and that what leaves it is still there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})
        cls.arrival = cls.deliver(cls.mailbox)
        cls.message = cls.arrival.mailbox_message_id

    def queue(self, user=None):
        """Return what the menu lists; each line says the same of itself."""
        arrivals = self.env["mail.mailbox.arrival"].with_user(user or self.member)
        found = arrivals.search([("in_queue", "=", True)])
        self.assertEqual(found, arrivals.search([]).filtered("in_queue"))
        rest = arrivals.search([("in_queue", "=", False)])
        self.assertEqual(found | rest, arrivals.search([]))
        self.assertFalse(found & rest)
        return found.sudo(False).with_env(self.env)

    def age(self, days):
        self.arrival.fetched_at = fields.Datetime.now() - timedelta(days=days)

    def archive(self):
        return self.message.with_user(self.member)._archive(self.partner)

    def test_menu_lists_the_queue(self):
        action = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_action")
        self.assertEqual(action.domain, "[('in_queue', '=', True)]")

    def test_what_nobody_archived_stays(self):
        self.age(400)
        clean_nightly(self.env)
        self.assertEqual(self.queue(), self.arrival)
        self.assertEqual(self.message._read_source(), write_mail().as_bytes())

    def test_archived_is_listed_for_thirty_days(self):
        self.archive()
        self.age(29)
        self.assertEqual(self.queue(), self.arrival)
        self.age(31)
        self.assertFalse(self.queue())

    def test_leaving_the_queue_removes_nothing(self):
        self.archive()
        self.age(400)
        clean_nightly(self.env)
        self.assertTrue(self.arrival.exists())
        self.assertEqual(self.message._read_source(), write_mail().as_bytes())
        found = self.env["mail.mailbox.message"].with_user(self.outsider).search([])
        self.assertEqual(found, self.message)

    def test_number_of_days_is_a_setting(self):
        self.env["ir.config_parameter"].set_param(
            "mail_mailbox_archive.queue_days", "3"
        )
        self.archive()
        self.age(4)
        self.assertFalse(self.queue())

    def test_archived_where_one_cannot_look_is_open(self):
        """That there is a link is nobody's to see who cannot open its record."""
        self.mailbox.user_ids |= self.colleague
        self.partner.company_id = self.env["res.company"].create({"name": "Other"})
        self.env.user.company_ids |= self.partner.company_id
        self.member.company_ids |= self.partner.company_id
        self.member.company_id = self.partner.company_id
        self.archive()
        self.age(31)
        self.assertFalse(self.queue(self.member))
        self.assertEqual(self.queue(self.colleague), self.arrival)

    def test_detached_is_open_again(self):
        link = self.archive()
        self.age(31)
        link.with_user(self.member).action_unfile()
        self.assertEqual(self.queue(), self.arrival)

    def test_deactivated_mailbox_is_read_by_the_same_people(self):
        self.mailbox.active = False
        self.age(400)
        clean_nightly(self.env)
        self.assertEqual(self.queue(), self.arrival)
        self.assertFalse(self.queue(self.outsider))
        source = self.message.with_user(self.member)._read_source()
        self.assertEqual(source, write_mail().as_bytes())

    def test_what_was_removed_does_not_come_back(self):
        known = self.env["mail.mailbox.tombstone"]
        known._bury(self.arrival)
        fetched = [_Fetched(write_mail())]
        self.assertFalse(known._without_known(self.mailbox, fetched))
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        self.assertTrue(known._without_known(other, fetched))


class _Fetched:
    def __init__(self, mail):
        from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

        self.message = parse(mail.as_bytes())
