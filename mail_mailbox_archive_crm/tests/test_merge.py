from datetime import datetime, timezone

from odoo import Command
from odoo.tests import TransactionCase, new_test_user, tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

SOURCE = b"""From: anna@spostex.example
To: sales@spedbud.example
Subject: %s
Date: Mon, 02 Nov 2026 10:00:00 +0100
Message-ID: <%s@spostex.example>

The crane is broken.
"""
NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)


@tagged("post_install", "-at_install")
class TestMergedLeads(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,mail_mailbox_archive.group_user"
        cls.seller = new_test_user(
            cls.env, "seller", f"{groups},sales_team.group_sale_salesman_all_leads"
        )
        cls.reader = new_test_user(
            cls.env, "reader", f"{groups},sales_team.group_sale_salesman_all_leads"
        )
        cls.mailbox = cls.env["mail.mailbox"].create(
            {
                "name": "Sales",
                "email": "sales@spedbud.example",
                "responsible_id": cls.seller.id,
                "user_ids": [Command.set(cls.seller.ids)],
                "imap_enabled": False,
            }
        )
        cls.leads = cls.env["crm.lead"].create(
            [{"name": "Crane", "probability": 90}, {"name": "Crane again"}]
        )

    def deliver(self, subject):
        source = SOURCE % (subject, subject)
        fetched = Fetched(0, NOON, False, len(source), source, parse(source))
        (message,) = self.env["mail.mailbox.message"]._store([fetched]).values()
        self.env["mail.mailbox.arrival"].create(
            {"mailbox_id": self.mailbox.id, "mailbox_message_id": message.id}
        )
        return message

    def test_archived_mail_follows(self):
        message = self.deliver(b"broken")
        for lead in self.leads:
            message.with_user(self.seller)._archive(lead.with_user(self.seller))
        other = self.deliver(b"order")
        other.with_user(self.seller)._archive(self.leads[1].with_user(self.seller))
        (message | other).arrival_ids.unlink()
        merged = self.leads.with_user(self.seller).merge_opportunity()
        self.assertFalse((self.leads - merged).exists())
        for one in (message, other):
            self.assertEqual(one.link_ids.res_id, merged.id)
            self.assertEqual(one.link_ids.user_id, self.seller)
            self.assertTrue(one.with_user(self.reader).has_access("read"))
            self.assertIn("moved", one.history_ids.mapped("action"))
