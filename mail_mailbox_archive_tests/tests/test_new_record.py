"""A record is made out of a message while it is archived."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import USER, write_mail
from .test_archive import ArchiveCase

ANNA = "anna.nowak@spostex.example"


@tagged("post_install", "-at_install")
class TestNewRecord(ArchiveCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.make_user("clerk", USER, "base.group_partner_manager")
        cls.mailbox.user_ids += cls.clerk
        cls.contacts = cls.env.ref("mail_mailbox_archive.record_type_contact")
        cls.companies = cls.env.ref("mail_mailbox_archive.record_type_company")
        cls.orders = cls.env["mail.mailbox.record.type"].create(
            {
                "name": "Orders",
                "model_id": cls.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )

    def prepare(self, record_type, mail=None, user=None):
        message = self.message
        if mail:
            message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(user or self.clerk)._prepare_new_record(record_type)

    def line(self, user, record_type):
        values = {"record_type_id": record_type.id}
        return self.open_form(user, line_ids=[Command.create(values)]).line_ids

    def test_contact_is_the_sender(self):
        self.assertEqual(
            self.prepare(self.contacts),
            {
                "default_name": "Anna Nowak",
                "default_email": ANNA,
                "default_is_company": False,
            },
        )

    def test_company_is_what_its_type_asks_for(self):
        values = self.prepare(self.companies)
        self.assertEqual(values, {"default_email": ANNA, "default_is_company": True})
        made = self.env["res.partner"].with_user(self.clerk).with_context(**values)
        company = made.create({"name": "Spostex"})
        self.assertTrue(company.filtered_domain(self.companies._get_domain()))

    def test_of_our_own_mail_it_is_who_it_went_to(self):
        mail = write_mail(
            "Sent",
            **{"from": "office@spedbud.example", "to": "Jan <jan@north.example>"},
        )
        values = self.prepare(self.contacts, mail)
        self.assertEqual(values["default_email"], "jan@north.example")

    def test_document_knows_subject_and_customer(self):
        partner = self.env["res.partner"].create({"name": "Anna", "email": ANNA})
        self.assertEqual(
            self.prepare(self.orders),
            {
                "default_name": "Hello",
                "default_email_from": f"Anna Nowak <{ANNA}>",
                "default_partner_id": partner.id,
            },
        )

    def test_mail_from_nobody(self):
        mail = write_mail("Nobody", **{"from": "", "to": "undisclosed-recipients:;"})
        self.assertEqual(
            self.prepare(self.contacts, mail), {"default_is_company": False}
        )

    def test_form_tells_how_a_new_one_begins(self):
        line = self.line(self.clerk, self.contacts)
        self.assertEqual(line.new_record["default_email"], ANNA)

    def test_who_may_make_none_is_not_offered_one(self):
        self.assertFalse(self.line(self.member, self.contacts).new_record)

    def test_who_may_not_read_the_message_learns_nothing_of_it(self):
        stranger = self.make_user("stranger", USER, "base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.line(stranger, self.contacts)
        with self.assertRaises(AccessError):
            self.prepare(self.contacts, user=stranger)
