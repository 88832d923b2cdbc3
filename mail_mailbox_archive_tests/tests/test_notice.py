"""Notices of a mailbox reach somebody who works here."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import MANAGER, USER, MailboxCase

NOTICE = "mail_mailbox_archive.mail_activity_notice"


@tagged("post_install", "-at_install")
class TestNotice(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.system = cls.make_user("system", USER, "base.group_system")

    def told(self, user, mailbox=None):
        """Return what ``user`` is told, of a mailbox or of none."""
        domain = [("user_id", "=", user.id)]
        if mailbox:
            domain += [("res_model", "=", "mail.mailbox"), ("res_id", "=", mailbox.id)]
        else:
            domain += [("res_model", "=", False)]
        return self.env["mail.activity"].search(domain)

    def fail(self, mailbox=None):
        """Have an incident be noticed."""
        mailbox = mailbox or self.mailbox
        mailbox.write({"error_code": "refused", "stopped": True})
        mailbox._follow_incident(fields.Datetime.now())

    def test_responsible_person_while_they_work_here(self):
        self.fail()
        self.assertTrue(self.told(self.member, self.mailbox))
        self.assertFalse(self.told(self.colleague, self.mailbox))

    def test_then_the_other_people_of_the_mailbox(self):
        self.member.active = False
        self.fail()
        self.assertTrue(self.told(self.colleague, self.mailbox))
        self.assertFalse(self.told(self.manager, self.mailbox))

    def test_then_the_administrators(self):
        (self.member | self.colleague).active = False
        self.fail()
        self.assertTrue(self.told(self.manager, self.mailbox))

    def test_whoever_lost_the_right_to_mail_does_not_count(self):
        self.member.group_ids -= self.env.ref(USER)
        self.fail()
        self.assertFalse(self.told(self.member, self.mailbox))
        self.assertTrue(self.told(self.colleague, self.mailbox))

    def test_every_notice_goes_the_same_way(self):
        self.member.active = False
        before = self.told(self.colleague, self.mailbox)
        self.mailbox._pause_autoresponder()
        self.assertEqual(len(self.told(self.colleague, self.mailbox) - before), 1)

    def test_deactivating_warns_and_asks_for_another(self):
        self.member.active = False
        (asked,) = self.told(self.colleague, self.mailbox)
        self.assertIn("another responsible person", asked.summary)
        self.assertIn(self.member.name, str(asked.note))

    def test_private_with_nobody_left_is_told_without_its_name(self):
        self.mailbox.private = True
        self.member.active = False
        self.assertFalse(self.told(self.manager))
        self.colleague.active = False
        notice = self.told(self.manager)
        self.assertTrue(notice)
        text = f"{notice[0].summary} {notice[0].note}"
        for word in (self.mailbox.email, self.mailbox.name, self.member.name):
            self.assertNotIn(word, text)
        self.assertFalse(self.told(self.manager, self.mailbox))
        self.fail()
        self.assertFalse(self.told(self.manager, self.mailbox))
        self.assertGreater(len(self.told(self.manager)), len(notice))

    #: What a caller could have a notice come late by, or unseen.
    HUSHED = {
        "mail_activity_automation_skip": True,
        "mail_activity_quick_update": True,
        "default_active": False,
        "default_date_deadline": "2099-01-01",
        "default_res_model": "res.partner",
        "default_state": "cancel",
        "default_scheduled_date": "2099-01-01 00:00:00",
        "default_is_read": True,
        "default_notification_status": "canceled",
        "default_partner_ids": [],
        "mail_notrack": True,
        "tracking_disable": True,
    }

    def test_a_caller_hushes_up_no_notice(self):
        self.mailbox.private = True
        self.enter(**self.HUSHED)
        notice = self.mailbox.message_ids[0]
        self.assertIn("Nobody is left", notice.body)
        for person in (self.member, self.colleague):
            told = notice.notification_ids.filtered(
                lambda one, person=person: one.res_partner_id == person.partner_id
            )
            self.assertTrue(told)
            self.assertNotEqual(told.notification_status, "canceled")
            self.assertEqual(told.is_read, told.notification_type == "email")
        (self.member | self.colleague).with_context(**self.HUSHED).write({"active": 0})
        self.put_in(**self.HUSHED)
        told = self.told(self.system)
        self.assertTrue(told)
        self.assertLess(told[0].date_deadline, fields.Date.to_date("2090-01-01"))

    def test_nor_of_an_incident(self):
        hushed = self.mailbox.with_context(**self.HUSHED)
        hushed.write({"error_code": "refused", "stopped": True})
        hushed._follow_incident(fields.Datetime.now())
        told = self.told(self.member, self.mailbox)
        self.assertTrue(told)
        self.assertLess(told.date_deadline, fields.Date.to_date("2090-01-01"))
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertIn(self.member.email, mail.email_to)
        self.assertEqual((mail.state, mail.scheduled_date), ("outgoing", False))

    def enter(self, **context):
        accesses = self.env["mail.mailbox.break.glass"].with_user(self.manager)
        accesses.with_context(**context)._begin(
            self.mailbox,
            "Nobody is left",
            fields.Datetime.now() + timedelta(hours=1),
        )

    def put_in(self, **context):
        self.mailbox.with_user(self.manager).with_context(**context).write(
            {"user_ids": [Command.link(self.outsider.id)]}
        )

    def test_break_glass_puts_people_in_where_nobody_is_left(self):
        self.mailbox.private = True
        (self.member | self.colleague).active = False
        with self.assertRaises(AccessError):
            self.put_in()
        self.enter()
        self.put_in()
        self.assertIn(self.outsider, self.mailbox.user_ids)
        self.assertTrue(self.told(self.system))
        access = self.env["mail.mailbox.break.glass"].search([], limit=1)
        self.assertIn(self.outsider.name, access.put_in)
        with self.assertRaises(UserError):
            access.sudo().unlink()
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.manager).responsible_id = self.manager

    def test_break_glass_puts_nobody_in_beside_its_people(self):
        self.mailbox.private = True
        self.enter()
        with self.assertRaises(AccessError):
            self.put_in()

    def test_upgrade_tells_what_is_new(self):
        self.env["mail.mailbox"]._tell_administrators_of_keeping()
        other = self.make_user("other_manager", MANAGER)
        self.assertTrue(self.told(self.manager))
        self.assertFalse(self.told(other) | self.told(self.member))
