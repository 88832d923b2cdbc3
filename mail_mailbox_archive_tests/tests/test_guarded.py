"""The three rules that every model of ours keeps, each at the place where it stands.

``test_access_matrix`` tries them from outside, on all models, ways and roles.
"""

import itertools
from importlib import util
from pathlib import Path
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

import odoo.addons.mail_mailbox_archive as addon
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.addons.mail_mailbox_archive.models.mailbox.guarded import (
    MailMailboxGuarded,
    ToldName,
)
from odoo.addons.mail_mailbox_archive.models.mailbox.stored_names import storing_names

from .common import MANAGER, MailboxCase, our_models

SUBJECT = "Zebrasecret offer"
OURS = "mail_mailbox_archive"
#: Fields of ours that people write on models of the core.
WRITTEN_BY_PEOPLE = {
    ("res.company", "mailbox_figures_of_people"),
    ("res.company", "mailbox_trusted_certificates"),
    ("res.groups", "mail_role"),
    ("res.users.settings", "mailbox_conversations"),
    ("res.users.settings", "mailbox_first_steps_hidden"),
    ("res.users.settings", "mailbox_list_compact"),
    ("res.users.settings", "mailbox_list_pane"),
}


@tagged("post_install", "-at_install")
class TestGuarded(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.message = cls.deliver(cls.mailbox, subject=SUBJECT).mailbox_message_id
        cls.env.invalidate_all()

    # All models

    def test_every_model_of_ours_is_guarded(self):
        for model in our_models(self.env):
            with self.subTest(model._name):
                if model._name != "mail.mailbox.system.fields":
                    self.assertIsInstance(model._fields["display_name"], ToldName)

    def test_a_model_that_nobody_writes_is_the_systems_alone(self):
        for model in our_models(self.env):
            access = self.env["ir.model.access"].search(
                [("model_id.model", "=", model._name)]
            )
            if model._abstract or any(
                one.perm_write or one.perm_create for one in access
            ):
                continue
            for field in model._fields.values():
                if field.store and OURS in field._modules and field.name != "id":
                    with self.subTest(str(field)):
                        self.assertTrue(model._is_system_field(field))

    def test_fields_of_ours_on_other_models_are_the_systems(self):
        count = 0
        for model in self.env.values():
            if (
                model._abstract
                or model._transient
                or model._name.startswith("mail.mailbox")
            ):
                continue
            for field in model._fields.values():
                own = set(field._modules) == {OURS} and field.store
                if not own or (model._name, field.name) in WRITTEN_BY_PEOPLE:
                    continue
                count += 1
                with self.subTest(str(field)):
                    self.assertTrue(
                        hasattr(model, "_is_system_field")
                        and model._is_system_field(field)
                    )
        self.assertGreater(count, 4)

    def test_what_must_not_be_removed_is_kept_from_every_caller(self):
        """Odoo asks nothing where a context says that an app is being uninstalled."""
        asked = {
            model._name
            for model in self.env.values()
            for method in model._ondelete_methods
            if method.__module__.startswith(f"odoo.addons.{OURS}.")
            and not method._ondelete
        }
        self.assertGreater(len(asked), 6)
        kept = type(self.env["mail.mailbox.system.fields"])
        for name in sorted(asked):
            with self.subTest(model=name):
                self.assertTrue(issubclass(type(self.env[name]), kept))
        role = self.env["res.groups"].create({"name": "Foreman", "mail_role": True})
        self.message.role_ids = role
        admin = self.env.ref("base.user_admin")
        for one in (role.with_user(admin), role.with_user(admin).sudo()):
            uninstalled = one.with_context(**{MODULE_UNINSTALL_FLAG: True})
            with self.assertRaisesRegex(UserError, "restricted to the role"):
                uninstalled.unlink()

    def test_related_fields_read_as_the_person(self):
        harmless = {"company_id", "mailbox_color", "res_model", "record_domain"}
        for model in our_models(self.env):
            for field in model._fields.values():
                if field.related and OURS in field._modules:
                    with self.subTest(str(field)):
                        self.assertTrue(
                            not field.compute_sudo or field.name in harmless
                        )

    # Names

    def test_a_name_is_told_by_the_person_not_by_the_rights(self):
        message = self.message
        self.assertEqual(message.with_user(self.member).display_name, SUBJECT)
        self.assertEqual(message.with_user(self.member).sudo().display_name, SUBJECT)
        self.assertEqual(message.with_user(self.outsider).sudo().display_name, "Email")
        self.assertEqual(message.with_user(self.outsider).display_name, "Email")
        self.assertEqual(message.display_name, "Email", "the superuser")
        mailbox = self.mailbox.with_user(self.outsider).sudo()
        self.assertEqual(mailbox.display_name, "Mailbox")

    def test_a_name_is_not_told_for_the_company_of_another(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        message = self.message.with_user(self.member).sudo()
        self.assertEqual(message.display_name, SUBJECT)
        for ids in (company.ids, [*company.ids, *self.env.company.ids]):
            there = message.with_context(allowed_company_ids=ids)
            self.assertEqual(there.display_name, "Email")

    def test_a_name_of_what_is_typed_is_told(self):
        draft = self.env["mail.mailbox.draft"].with_user(self.member)
        self.assertEqual(draft.new({"subject": "Mine"}).display_name, "Mine")

    def test_a_name_costs_no_query_where_the_record_was_read(self):
        message = self.message.with_user(self.member)
        # what a transaction says once is said
        self.env.cr.flush()
        message.fetch(["subject"])
        with self.assertQueryCount(0):
            self.assertEqual(message.display_name, SUBJECT)
        message.invalidate_model()
        with self.assertQueryCount(1):
            self.assertEqual(message.sudo().display_name, SUBJECT)

    def test_a_name_that_is_stored_elsewhere_is_neutral(self):
        message = self.message.with_user(self.member)
        self.assertEqual(message.display_name, SUBJECT)
        with storing_names(self.env):
            self.assertEqual(message.sudo().display_name, "Email")
            self.assertEqual(message.mapped("display_name"), ["Email"])
        self.assertEqual(message.display_name, SUBJECT)

    def test_lists_pages_and_the_dialog_ask_no_more_for_it(self):
        boxes = self.mailbox | self.make_mailbox("b@spedbud.example", self.member)
        for box, number in itertools.product(boxes, range(3)):
            arrival = self.deliver(box, subject=f"{box.id} {number}")
        message = arrival.mailbox_message_id
        message.with_user(self.member)._archive(
            self.env["res.partner"].create({"name": "Spostex"})
        )
        queries = self.count_queries(arrival, message)
        with (
            patch.object(ToldName, "compute_value", fields.Char.compute_value),
            patch.object(ToldName, "__get__", fields.Char.__get__),
            patch.object(MailMailboxGuarded, "_check_references", lambda *_: None),
        ):
            before = self.count_queries(arrival, message)
        for what, count in queries.items():
            with self.subTest(what):
                self.assertGreater(count, 0)
                self.assertLessEqual(count, before[what])

    def count_queries(self, arrival, message):
        """Return how often the database is asked for each of what people open."""
        env = self.env(user=self.member, su=False)
        arrivals, messages = env[arrival._name], env[message._name]
        wizards = env["mail.mailbox.archive.wizard"].with_context(
            active_model=arrival._name, active_ids=arrival.ids
        )
        name = {"fields": {"display_name": {}}}
        lines = {"fields": {"record_type_id": name, "res_id": {}, "reason": {}}}
        listed = {"subject": {}, "attached_to": {}, "display_name": {}}
        opened = {
            "queue": lambda: arrivals.web_search_read(
                [], listed | {"mailbox_id": name, "folder_id": name}
            ),
            "archives": lambda: messages.web_search_read(
                [("archived", "=", True)], listed | {"mailbox_ids": name}
            ),
            "page": lambda: messages.browse(message.id).web_read(
                listed | {"role_ids": name, "mailbox_ids": name}
            ),
            "groups": lambda: arrivals.web_read_group([], ["mailbox_id"]),
            "circles": lambda: env["mail.mailbox"].get_badge(),
            "dialog": lambda: wizards.onchange(
                {},
                [],
                {"mailbox_message_ids": {}, "mailbox_id": name, "line_ids": lines}
                | {"subjects": {}, "first_time": {}, "suggestions": {}},
            ),
        }
        counts = {}
        for what, open_it in opened.items():
            open_it()
            env.flush_all()
            env.invalidate_all()
            # as of a request, which knows its person
            env.user.fetch(["all_group_ids", "company_ids"])
            before = self.cr.sql_log_count
            open_it()
            counts[what] = self.cr.sql_log_count - before
        return counts

    # References

    def test_a_reference_is_checked_on_every_way_in(self):
        drafts = self.env["mail.mailbox.draft"]
        box = self.make_mailbox("out@spedbud.example", self.outsider)
        values = {"mailbox_id": box.id}
        mine = drafts.with_user(self.outsider).create(values)
        drafts = drafts.with_user(self.outsider)
        given = {"origin_id": self.message.id}
        spec = {"origin_id": {"fields": {"display_name": {}}}}
        for way in (
            lambda: drafts.create(values | given),
            lambda: mine.write(given),
            lambda: drafts.onchange(values | given, ["origin_id"], spec),
            lambda: mine.onchange(given, ["origin_id"], spec),
            lambda: drafts.with_context(default_origin_id=self.message.id).default_get(
                ["origin_id"]
            ),
            lambda: drafts.with_context(default_origin_id=self.message.id).create(
                values
            ),
            lambda: drafts.create(
                values | {"res_model": self.message._name, "res_id": self.message.id}
            ),
            lambda: self.default(self.outsider, "origin_id", self.message.id)
            or drafts.create(values),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                way()

    def default(self, user, name, value):
        self.env["ir.default"].with_user(user).set(
            "mail.mailbox.draft", name, value, user_id=user.id
        )

    def test_a_reference_in_a_command_is_checked(self):
        wizards = self.env["mail.mailbox.archive.wizard"].with_user(self.outsider)
        for command in (
            Command.link(self.message.id),
            Command.set(self.message.ids),
            Command.update(self.message.id, {}),
        ):
            with self.assertRaises(AccessError):
                wizards.create({"mailbox_message_ids": [command]})

    def test_files_of_others_are_not_attached(self):
        file = self.env["ir.attachment"].create({"name": "a.txt", "raw": b"secret"})
        box = self.make_mailbox("out@spedbud.example", self.outsider)
        with self.assertRaises(AccessError):
            self.env["mail.mailbox.draft"].with_user(self.outsider).create(
                {"mailbox_id": box.id, "attachment_ids": [Command.link(file.id)]}
            )

    def test_a_reference_is_checked_in_whatever_form(self):
        """As ids alone, in lines within lines, and in what a form says of its owner."""
        wizards = self.env["mail.mailbox.archive.wizard"].with_user(self.outsider)
        lines = self.env["mail.mailbox.archive.wizard.line"].with_user(self.outsider)
        foreign = self.message.id
        other = wizards.with_user(self.member).create({})
        for emails in ([foreign], [Command.set([foreign])], [[4, foreign]]):
            nested = [Command.create({"mailbox_message_ids": emails})]
            for attempt in (
                lambda emails=emails: wizards.create({"mailbox_message_ids": emails}),
                lambda nested=nested: wizards.create({"line_ids": nested}),
                lambda nested=nested: wizards.onchange({"line_ids": nested}, [], {}),
                lambda emails=emails: lines.onchange(
                    {"wizard_id": {"mailbox_message_ids": emails}}, [], {}
                ),
            ):
                with self.subTest(emails=emails), self.assertRaises(AccessError):
                    attempt()
        with self.assertRaises(AccessError):
            lines.onchange({"wizard_id": {"id": other.id}}, [], {})

    def test_files_of_unsaved_forms_are_their_writers_alone(self):
        """Odoo gives Settings administrators all files that are of no record yet."""
        names = [model._name for model in our_models(self.env) if not model._abstract]
        files = self.env["ir.attachment"].with_user(self.member)
        for number in (0, False):
            for name in names:
                files += files.create(
                    {"name": f"{SUBJECT}.eml", "res_model": name, "res_id": number}
                )
        everybody = ("base.group_system", "base.group_erp_manager", MANAGER)
        others = files.with_user(self.make_user("files_admin", *everybody))
        here = [("id", "in", files.ids)]
        self.assertEqual(files.search(here), files)
        for domain in (
            here,
            [*here, ("res_field", "=", False)],
            [*here, ("res_model", "in", names[:3])],
            [("name", "=", f"{SUBJECT}.eml")],
            [("name", "=", f"{SUBJECT}.eml"), ("res_id", "=", 0)],
            [("name", "=", f"{SUBJECT}.eml"), ("res_model", "=", names[0])],
        ):
            self.assertFalse(others.search(domain), domain)
            self.assertFalse(others.search_read(domain, ["name"]), domain)
        for one in others:
            with self.assertRaises(AccessError):
                one.read(["name"])
        self.assertFalse(others._filtered_access("write"))
        own = others.create({"name": "own", "res_model": names[0], "res_id": 0})
        self.assertEqual(own.search([("id", "=", own.id)]), own)

    def test_stored_emails_are_no_files_for_anybody(self):
        sources = self.env["ir.attachment"].search(
            [
                ("res_model", "=", "mail.mailbox.message"),
                ("res_field", "=", "source"),
                ("res_id", "=", self.message.id),
            ]
        )
        self.assertTrue(sources)
        admin = self.make_user("source_admin", MANAGER, "base.group_system")
        self.message.with_user(admin).check_access("read")
        sources = sources.with_user(admin)
        domain = [("id", "in", sources.ids)]
        self.assertFalse(sources.search_read(domain, ["raw", "index_content"]))
        with self.assertRaises(AccessError):
            sources.read(["raw"])

    def test_what_a_record_refers_to_already_is_no_hindrance(self):
        draft = self.env["mail.mailbox.draft"].create({"mailbox_id": self.mailbox.id})
        draft = draft.with_user(self.member)
        self.env.cr.execute(
            "UPDATE mail_mailbox_draft SET create_uid = %s, origin_id = %s"
            " WHERE id = %s",
            [self.member.id, self.message.id, draft.id],
        )
        self.mailbox.sudo().user_ids = [Command.set(self.manager.ids)]
        self.mailbox.sudo().sender_ids = [Command.link(self.member.id)]
        self.env.invalidate_all()
        draft.write({"subject": "Go on", "origin_id": self.message.id})
        self.assertEqual(draft.subject, "Go on")

    # Fields of the system

    def test_a_field_of_the_system_is_refused_to_every_caller(self):
        system = self.make_user("system", MANAGER, "base.group_system")
        for user in (self.member, self.manager, system):
            mailbox = self.mailbox.with_user(user)
            for name, value in (
                ("email_normalized", "info@spedbud.example"),
                ("stopped", True),
                ("last_check", "2026-11-01 00:00:00"),
                ("oauth_problem", "x"),
                ("check_requested_by", user.id),
                ("state", "ready"),
            ):
                with self.assertRaises(AccessError):
                    mailbox.write({name: value})

    def test_a_field_of_the_system_takes_no_default_of_a_caller(self):
        self.env["ir.default"].with_user(self.member).set(
            "mail.mailbox", "state", "ready", user_id=self.member.id
        )
        values = {"name": "M", "email": "m@spedbud.example", "imap_enabled": False}
        for sudo in (False, True):
            mailboxes = self.env["mail.mailbox"].with_user(self.member)
            mailboxes = mailboxes.sudo(sudo).with_context(default_state="ready")
            mailbox = mailboxes.create(dict(values))
            self.assertEqual(mailbox.state, "draft")
            mailbox.sudo().unlink()

    # The migration

    def test_names_that_were_noted_become_neutral(self):
        activity = self.mailbox.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.member.id
        )
        field = self.env["ir.model.fields"]._get("ir.mail_server", "mailbox_id")
        tracked = self.env["mail.tracking.value"].create(
            {
                "field_id": field.id,
                "new_value_char": SUBJECT,
                "old_value_char": "",
                "mail_message_id": self.mailbox.message_ids[:1].id,
            }
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_activity SET res_name = %s WHERE id = %s",
            [SUBJECT, activity.id],
        )
        script = Path(addon.__file__).parent / "migrations/19.0.2.0.0/post-names.py"
        spec = util.spec_from_file_location("post_names", script)
        module = util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for _again in range(2):
            module.migrate(self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(activity.res_name, "Mailbox")
        self.assertEqual(tracked.new_value_char, "Mailbox")
        self.assertFalse(tracked.old_value_char)
