"""The tab "Attached - Emails": on which forms it is, and what it shows to whom."""

import json
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools.translate import code_translations

from odoo.addons.mail_mailbox_archive.models.archiving import tab

from .common import MailboxCase

TAB = "odoo.addons.mail_mailbox_archive.models.archiving.tab"
PAGE = "//page[@name='mailbox_archive']"
WIDGETS = {
    "mailbox_attached_emails",
    "mailbox_attached_count",
    "mailbox_attached_button",
}


class AttachedCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.types = cls.env["mail.mailbox.record.type"]
        cls.company = cls.env["res.partner"].create(
            {"name": "Spostex S.A.", "is_company": True}
        )
        cls.stranger = cls.make_user("stranger")

    def archive(self, mailbox, record, roles=None, **values):
        message = self.deliver(mailbox, **values).mailbox_message_id
        message.with_user(mailbox.responsible_id)._archive(record, roles)
        return message

    def messages(self, user):
        return self.env["mail.mailbox.message"].with_user(user)

    def attached(self, user, record, **values):
        return self.messages(user).get_attached(record._name, record.id, **values)

    def subjects(self, user, record, **values):
        page = self.attached(user, record, **values)
        return [message["subject"] for message in page["messages"]]

    def count(self, user, record):
        return self.messages(user).count_attached(record._name, record.id)


@tagged("post_install", "-at_install")
class TestAttached(AttachedCase):
    def test_who_may_open_the_record_finds_its_mail(self):
        self.archive(self.mailbox, self.company, subject="Offer")
        for user in (self.member, self.outsider, self.manager):
            self.assertEqual(self.subjects(user, self.company), ["Offer"], user.login)
            self.assertEqual(self.count(user, self.company), 1, user.login)

    def test_mail_on_other_records_is_not_listed(self):
        other = self.company.copy()
        self.archive(self.mailbox, other, subject="Offer")
        self.assertEqual(self.subjects(self.member, self.company), [])
        self.assertEqual(self.count(self.member, self.company), 0)

    def test_who_may_not_open_the_record_finds_nothing(self):
        self.enable("mailbox.test.order")
        order = self.env["mailbox.test.order"].create(
            {"name": "S00001", "user_id": self.member.id}
        )
        self.archive(self.mailbox, order)
        self.assertEqual(self.count(self.member, order), 1)
        self.assertEqual(self.count(self.outsider, order), 0)
        self.assertEqual(
            self.attached(self.outsider, order),
            {"total": 0, "messages": [], "by_address": False},
        )
        self.assertEqual(
            self.attached(self.outsider, order, search="Hello")["total"], 0
        )

    def test_mail_of_private_mailboxes_is_for_their_people(self):
        private = self.make_mailbox("hr@spedbud.example", self.colleague, private=True)
        self.archive(private, self.company, subject="Salary")
        self.assertEqual(self.subjects(self.colleague, self.company), ["Salary"])
        for user in (self.member, self.manager):
            self.assertEqual(self.count(user, self.company), 0, user.login)
            self.assertEqual(self.subjects(user, self.company), [], user.login)

    def test_mail_for_roles_is_for_who_has_one(self):
        role = self.env["res.groups"].create({"name": "Foreman", "mail_role": True})
        self.archive(self.mailbox, self.company, role, subject="Plans")
        self.assertEqual(self.count(self.outsider, self.company), 0)
        self.assertEqual(self.attached(self.outsider, self.company)["total"], 0)
        self.outsider.group_ids += role
        self.assertEqual(self.count(self.outsider, self.company), 1)
        (message,) = self.attached(self.outsider, self.company)["messages"]
        self.assertEqual(message["roles"], ["Foreman"])

    def test_who_has_no_mail_is_refused(self):
        self.archive(self.mailbox, self.company)
        with self.assertRaises(AccessError):
            self.count(self.stranger, self.company)
        with self.assertRaises(AccessError):
            self.attached(self.stranger, self.company)

    def test_count_and_list_agree_for_everybody(self):
        private = self.make_mailbox("hr@spedbud.example", self.colleague, private=True)
        role = self.env["res.groups"].create({"name": "Foreman", "mail_role": True})
        self.archive(self.mailbox, self.company, subject="For all")
        self.archive(self.mailbox, self.company, role, subject="For foremen")
        self.archive(private, self.company, subject="Private")
        counts = {}
        for user in (self.member, self.colleague, self.outsider, self.manager):
            page = self.attached(user, self.company)
            counts[user.login] = self.count(user, self.company)
            self.assertEqual(page["total"], counts[user.login])
            self.assertEqual(len(page["messages"]), counts[user.login])
        self.assertEqual(list(counts.values()), [2, 2, 1, 2])

    def test_pages_hold_every_message_once_newest_first(self):
        for day in range(1, 8):
            self.archive(
                self.mailbox,
                self.company,
                subject=f"Mail {day}",
                date=f"Mon, {day:02} Nov 2026 10:00:00 +0100",
            )
        found = []
        for offset in (0, 3, 6):
            page = self.attached(self.member, self.company, offset=offset, limit=3)
            self.assertEqual(page["total"], 7)
            found += [message["subject"] for message in page["messages"]]
        self.assertEqual(found, [f"Mail {day}" for day in range(7, 0, -1)])
        beyond = self.attached(self.member, self.company, offset=9, limit=3)
        self.assertEqual((beyond["total"], beyond["messages"]), (7, []))

    def test_all_pages_are_reached_beyond_what_is_counted(self):
        for number in range(7):
            self.archive(self.mailbox, self.company, subject=f"Mail {number}")
        with patch(f"{TAB}.MAX_COUNT", 2):
            self.assertEqual(self.count(self.member, self.company), 2)
            totals = [
                self.attached(self.member, self.company, offset=offset, limit=3)[
                    "total"
                ]
                for offset in (0, 3, 6)
            ]
        self.assertEqual(totals, [4, 7, 7])

    def test_words_are_searched_for(self):
        self.archive(self.mailbox, self.company, subject="Offer", text="steel beams")
        self.archive(self.mailbox, self.company, subject="Invoice", text="concrete")
        found = self.subjects(self.member, self.company, search="beams")
        self.assertEqual(found, ["Offer"])
        self.assertEqual(self.subjects(self.member, self.company, search="x' OR 1"), [])

    def test_detaching_is_offered_to_who_may(self):
        self.archive(self.mailbox, self.company)
        may = {
            user.login: self.attached(user, self.company)["messages"][0]["may_detach"]
            for user in (self.member, self.outsider, self.manager)
        }
        self.assertEqual(list(may.values()), [True, False, True])
        (message,) = self.attached(self.member, self.company)["messages"]
        link = self.env["mail.mailbox.link"].browse(message["link_id"])
        with self.assertRaises(AccessError):
            link.with_user(self.outsider).action_unfile()
        link.with_user(self.member).action_unfile()
        self.assertEqual(self.count(self.member, self.company), 0)

    def enable(self, model):
        return self.types.create(
            {"name": model, "model_id": self.env["ir.model"]._get_id(model)}
        )


@tagged("post_install", "-at_install")
class TestTab(AttachedCase):
    """The tab in the forms: injected, cut to the rights, gone with its record type."""

    def form(self, model, user=None, view_id=False, **context):
        views = self.env[model].with_user(user or self.member).with_context(**context)
        arch = views.get_views([(view_id, "form")])["views"]["form"]["arch"]
        return etree.fromstring(arch)

    def widgets(self, form):
        return {node.get("name") for node in form.iter("widget")} & WIDGETS

    def enable(self, model):
        return self.types.create(
            {"name": model, "model_id": self.env["ir.model"]._get_id(model)}
        )

    def test_is_last_in_the_notebook_of_the_form(self):
        form = self.form("res.partner")
        (page,) = form.xpath(PAGE)
        self.assertEqual(page.get("string"), "Attached - Emails")
        self.assertEqual(page, page.getparent()[-1])
        self.assertGreater(len(page.getparent()), 1)
        self.assertEqual(self.widgets(form), WIDGETS)

    def test_is_in_a_new_notebook_where_there_is_none(self):
        self.enable("res.partner.category")
        form = self.form("res.partner.category")
        (page,) = form.xpath(f"/form/sheet/notebook{PAGE[1:]}")
        self.assertEqual(len(page.getparent()), 1)

    def test_is_in_a_form_without_sheet_and_chatter(self):
        self.enable("mailbox.test.order")
        self.assertTrue(self.form("mailbox.test.order").xpath("/form/notebook/page"))

    def test_stays_out_of_notebooks_that_are_hidden_from_some(self):
        view = self.env["ir.ui.view"].create(
            {
                "model": "res.partner",
                "arch": "<form><sheet>"
                "<notebook invisible='not email'><page string='A'/></notebook>"
                "<notebook groups='base.group_system'><page string='B'/></notebook>"
                "<field name='child_ids'><form><notebook><page string='C'/></notebook>"
                "</form></field></sheet></form>",
            }
        )
        form = self.form("res.partner", view_id=view.id)
        (page,) = form.xpath(PAGE)
        self.assertEqual(
            [one.get("name") for one in page.getparent()], ["mailbox_archive"]
        )

    def test_button_is_in_the_box_of_every_employee(self):
        for box, shown in (
            ("<div name='button_box'/>", True),
            # Project and Events; Departments
            ("<div name='button_box' groups='base.group_user'/>", True),
            ("<div name='button_box' invisible='not id'/>", True),
            # Lots; Time Off and Maintenance have none
            ("<div name='button_box' invisible='not display_complete'/>", True),
            ("", True),
            ("<field name='x'><form><div name='button_box'/></form></field>", True),
            ("<div name='button_box' groups='base.group_no_one'/>", False),
            ("<div name='button_box' invisible='active'/>", False),
            ("<div invisible='active'><div name='button_box'/></div>", False),
        ):
            form = etree.fromstring(f"<form><sheet>{box}</sheet></form>")
            tab._add_tab(form, "Attached")
            found = form.xpath("//widget[@name='mailbox_attached_button']")
            self.assertEqual(bool(found), shown, box)

    def test_stands_before_the_chatter_of_a_form_without_sheet(self):
        view = self.env["ir.ui.view"].create(
            {
                "model": "res.partner",
                "arch": "<form><field name='name'/><chatter/></form>",
            }
        )
        form = self.form("res.partner", view_id=view.id)
        self.assertEqual(form[-1].tag, "chatter")
        self.assertEqual(form[-2].tag, "notebook")

    def test_is_not_shown_to_people_without_mail(self):
        form = self.form("res.partner", self.stranger)
        self.assertFalse(form.xpath(PAGE))
        self.assertFalse(self.widgets(form))
        self.assertTrue(self.form("res.partner", self.member).xpath(PAGE))

    def test_is_not_on_models_that_hold_no_mail(self):
        for model in (
            "res.users",
            "res.country",
            "mail.mailbox",
            "res.config.settings",
        ):
            form = self.form(model, self.env.ref("base.user_admin"))
            self.assertFalse(form.xpath(PAGE), model)
            self.assertFalse(self.widgets(form), model)

    def test_comes_and_goes_with_the_record_type(self):
        self.assertFalse(self.form("mailbox.test.order").xpath(PAGE))
        record_type = self.enable("mailbox.test.order")
        self.assertTrue(self.form("mailbox.test.order").xpath(PAGE))
        record_type.active = False
        self.assertFalse(self.form("mailbox.test.order").xpath(PAGE))
        record_type.active = True
        self.assertTrue(self.form("mailbox.test.order").xpath(PAGE))
        record_type.unlink()
        self.assertFalse(self.form("mailbox.test.order").xpath(PAGE))
        self.assertNotIn("mailbox.test.order", self.types._get_model_names())

    def test_stays_while_another_type_of_the_model_is_active(self):
        companies, contacts = self.types.search([("res_model", "=", "res.partner")])
        companies.active = False
        self.assertTrue(self.form("res.partner").xpath(PAGE))
        contacts.active = False
        self.assertFalse(self.form("res.partner").xpath(PAGE))

    def test_browsers_are_told_to_forget_their_forms(self):
        self.env.cr.precommit.run()
        self.env["bus.bus"].search([]).unlink()
        self.enable("mailbox.test.order")
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].search([])
        sent = [(json.loads(row.channel)[1:], json.loads(row.message)) for row in rows]
        group = self.env.ref("mail_mailbox_archive.group_user")
        self.assertEqual(
            sent,
            [
                (
                    ["res.groups", group.id],
                    {"type": "mail_mailbox_archive/record_types", "payload": {}},
                )
            ],
        )

    def test_title_is_in_the_language_of_the_reader(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        polish = {"Attached - Emails": "Załączone - e-maile"}

        def translations(_translations, module, lang):
            return polish if lang == "pl_PL" else {}

        with patch.object(
            type(code_translations), "get_python_translations", translations
        ):
            titles = [
                self.form("res.partner", lang=lang).xpath(PAGE)[0].get("string")
                for lang in ("pl_PL", "en_US")
            ]
        self.assertEqual(titles, ["Załączone - e-maile", "Attached - Emails"])

    def test_every_form_of_every_installed_model_takes_it(self):
        """Over all forms, as people load them: nothing fails, nothing is doubled."""
        names = self.enable_all()
        views = self.env["ir.ui.view"].search(
            [("type", "=", "form"), ("mode", "=", "primary"), ("model", "in", names)]
        )
        admin = self.env.ref("base.user_admin")
        admin.group_ids += self.env.ref("mail_mailbox_archive.group_manager")
        for view in views:
            with self.subTest(model=view.model, view=view.xml_id):
                form = self.form(view.model, admin, view.id)
                self.assertEqual(len(form.xpath(PAGE)), 1)
                (page,) = form.xpath(PAGE)
                self.assertEqual(page, page.getparent()[-1])
                for widget in ("mailbox_attached_emails", "mailbox_attached_count"):
                    self.assertEqual(len(form.xpath(f"//widget[@name='{widget}']")), 1)
        self.assertGreater(len(views), 40)

    def enable_all(self):
        names = [
            name
            for name, model in self.registry.items()
            if not model._abstract and not self.types._get_refusal(name)
        ]
        known = self.types._get_tab_model_names()
        self.types.create(
            [
                {"name": name, "model_id": self.env["ir.model"]._get_id(name)}
                for name in names
                if name not in known
            ]
        )
        return names


@tagged("post_install", "-at_install")
class TestTarget(AttachedCase):
    """The archive dialog, opened from a record's own form."""

    def dialog(self, record, user=None, **context):
        message = self.deliver(self.mailbox, subject="Offer").mailbox_message_id
        return (
            self.env["mail.mailbox.archive.wizard"]
            .with_user(user or self.member)
            .with_context(
                active_model="mail.mailbox.message",
                active_ids=message.ids,
                mailbox_archive_target=[record._name, record.id],
                **context,
            )
            .create({})
        )

    def test_is_filled_with_the_record(self):
        dialog = self.dialog(self.company)
        self.assertEqual(dialog.line_ids.res_id, self.company.id)
        self.assertEqual(dialog.line_ids.record_type_id.name, "Companies")
        dialog.action_confirm()
        self.assertEqual(self.subjects(self.outsider, self.company), ["Offer"])

    def test_chooses_the_type_that_the_record_is_of(self):
        contact = self.env["res.partner"].create({"name": "Anna Nowak"})
        self.assertEqual(self.dialog(contact).line_ids.record_type_id.name, "Contacts")

    def test_a_record_one_may_not_open_is_not_filled_in(self):
        self.types.create(
            {
                "name": "Orders",
                "model_id": self.env["ir.model"]._get_id("mailbox.test.order"),
            }
        )
        order = self.env["mailbox.test.order"].create(
            {"name": "S00001", "user_id": self.colleague.id}
        )
        self.assertNotIn(order.id, self.dialog(order).line_ids.mapped("res_id"))
        order.user_id = self.member
        self.assertIn(order.id, self.dialog(order).line_ids.mapped("res_id"))

    def test_a_record_of_a_model_without_mail_is_not_filled_in(self):
        country = self.env.ref("base.pl")
        lines = self.dialog(country).line_ids
        self.assertNotIn("res.country", lines.mapped("res_model"))

    def test_a_record_deleted_meanwhile_is_not_filled_in(self):
        gone = self.company.copy()
        gone_id = gone.id
        gone.unlink()
        gone = self.env["res.partner"].browse(gone_id)
        self.assertNotIn(gone_id, self.dialog(gone).line_ids.mapped("res_id"))
