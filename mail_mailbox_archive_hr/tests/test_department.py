from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

USER = "base.group_user,mail_mailbox_archive.group_user"
MANAGER = "base.group_user,mail_mailbox_archive.group_manager"


@tagged("post_install", "-at_install")
class TestDepartment(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = new_test_user(cls.env, "mailbox_head", USER)
        cls.member = new_test_user(cls.env, "mailbox_member", USER)
        cls.manager = new_test_user(cls.env, "mailbox_manager", MANAGER)
        employee = cls.env["hr.employee"].create(
            {"name": "Head of sales", "user_id": cls.head.id}
        )
        cls.sales = cls.env["hr.department"].create(
            {"name": "Sales", "manager_id": employee.id}
        )
        cls.export = cls.env["hr.department"].create(
            {"name": "Export", "parent_id": cls.sales.id}
        )

    def form(self, user, record=None):
        mailboxes = self.env["mail.mailbox"].with_user(user)
        form = Form(record.with_user(user) if record else mailboxes)
        if not record:
            form.name = "Sales"
            form.email = "sales@spedbud.example"
            form.imap_enabled = False
        return form

    def make_mailbox(self, **values):
        return self.env["mail.mailbox"].create(
            {
                "name": "Sales",
                "email": "sales@spedbud.example",
                "responsible_id": self.member.id,
                "user_ids": [Command.set(self.member.ids)],
                "imap_enabled": False,
                **values,
            }
        )

    def test_the_manager_is_proposed_as_responsible(self):
        form = self.form(self.manager)
        form.department_id = self.sales
        self.assertEqual(form.responsible_id, self.head)
        mailbox = form.save()
        self.assertEqual(mailbox.user_ids, self.head)
        self.assertEqual(mailbox.department_id, self.sales)

    def test_a_proposal_can_be_changed(self):
        form = self.form(self.manager)
        form.department_id = self.sales
        form.responsible_id = self.member
        self.assertEqual(form.save().responsible_id, self.member)

    def test_people_who_were_chosen_stay(self):
        form = self.form(self.manager)
        form.user_ids = self.manager + self.member
        form.department_id = self.sales
        self.assertEqual(form.save().user_ids, self.manager + self.member + self.head)

    def test_without_a_manager_nobody_is_proposed(self):
        form = self.form(self.manager)
        form.department_id = self.export
        self.assertEqual(form.responsible_id, self.manager)

    def test_a_manager_without_mail_is_not_proposed(self):
        self.head.group_ids = [
            Command.unlink(self.env.ref("mail_mailbox_archive.group_user").id)
        ]
        form = self.form(self.manager)
        form.department_id = self.sales
        self.assertEqual(form.responsible_id, self.manager)

    def test_a_user_sets_up_an_own_mailbox_in_a_department(self):
        form = self.form(self.member)
        form.department_id = self.sales
        self.assertEqual(form.save().user_ids, self.member)

    def test_the_readers_of_a_mailbox_stay(self):
        mailbox = self.make_mailbox()
        form = self.form(self.manager, mailbox)
        form.department_id = self.sales
        form.save()
        self.assertEqual(mailbox.responsible_id, self.member)
        self.assertEqual(mailbox.user_ids, self.member)

    def test_a_department_gives_no_access(self):
        mailbox = self.make_mailbox(department_id=self.sales.id)
        self.assertTrue(mailbox.with_user(self.member).has_access("read"))
        self.assertFalse(mailbox.with_user(self.head).has_access("read"))

    def test_found_and_grouped_by_department(self):
        mailbox = self.make_mailbox(department_id=self.export.id)
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        found = mailboxes.search([("department_id", "child_of", self.sales.id)])
        self.assertEqual(found, mailbox)
        groups = mailboxes.formatted_read_group(
            [("id", "=", mailbox.id)], ["department_id"], ["__count"]
        )
        self.assertEqual(groups[0]["department_id"][0], self.export.id)

    def test_department_of_another_company_is_refused(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        with self.assertRaises(UserError):
            self.make_mailbox(
                company_id=company.id,
                responsible_id=self.env.user.id,
                user_ids=[Command.set(self.env.user.ids)],
                department_id=self.sales.id,
            )
