"""Archived mail outlives its record: merged, deleted, uninstalled, numbered anew."""

from unittest.mock import patch

from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.models.archiving.delivered_types import DELIVERED
from odoo.addons.mail_mailbox_archive.models.archiving.record_type import GIVEN

from .common import MailboxCase, write_mail

GONE = "mail_mailbox_archive.mail_activity_record_gone"


class RecordCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.links = cls.env["mail.mailbox.link"]
        partners = cls.env["res.partner"]
        cls.partner = partners.create({"name": "Spostex S.A.", "is_company": True})
        cls.other = partners.create({"name": "Spostex", "is_company": True})
        cls.message = cls.deliver(cls.mailbox).mailbox_message_id

    @classmethod
    def enable_orders(cls):
        """Have mail be archived to test orders; return their model."""
        cls.env["ir.ui.view"].create(
            {
                "name": "order",
                "model": "mailbox.test.order",
                "arch": "<form><field name='name'/></form>",
            }
        )
        model = cls.env["ir.model"]._get("mailbox.test.order")
        cls.env["mail.mailbox.record.type"].create(
            {"name": "Test orders", "model_id": model.id}
        )
        return cls.env["mailbox.test.order"]

    @classmethod
    def archive(cls, record=None, user=None, message=None, **values):
        message = (message or cls.message).with_user(user or cls.member)
        record = (record or cls.partner).with_user(user or cls.member)
        return message._archive(record, **values).sudo()

    def readers(self, message=None):
        """Return who of the people of these tests reads the message."""
        people = (self.member, self.colleague, self.outsider, self.manager)
        return {
            user.login.removeprefix("mailbox_")
            for user in people
            if (message or self.message).with_user(user).has_access("read")
        }

    def leave_queue(self):
        """Have the message be read because it is archived, and for nothing else."""
        self.message.arrival_ids.unlink()

    def told(self):
        kind = self.env.ref(GONE)
        activities = self.env["mail.activity"].search(
            [("activity_type_id", "=", kind.id)]
        )
        self.assertFalse(any(activities.mapped("res_model")), "of no record to read")
        return activities.user_id


@tagged("post_install", "-at_install")
class TestMerge(RecordCase):
    """Two contacts become one, with Odoo's own wizard."""

    def merge(self, source=None, target=None):
        target = target or self.other
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {
                "partner_ids": [Command.set((target | (source or self.partner)).ids)],
                "dst_partner_id": target.id,
            }
        )
        wizard.action_merge()
        self.assertFalse((source or self.partner).exists())

    def test_links_follow_with_their_history(self):
        link = self.archive()
        self.leave_queue()
        self.merge()
        self.assertEqual(self.message.link_ids, link)
        self.assertEqual((link.res_id, link.res_name), (self.other.id, "Spostex"))
        self.assertEqual(link.record_state, "there")
        self.assertEqual(link.user_id, self.member)
        self.assertEqual(self.readers(), {"member", "colleague", "outsider", "manager"})
        lines = self.message.with_user(self.outsider).history_ids
        self.assertEqual(lines.mapped("action"), ["moved", "archived"])
        self.assertEqual(lines.mapped("res_name"), ["Spostex", "Spostex S.A."])
        self.assertIn("Spostex S.A.", lines[0].note)
        self.assertFalse(self.told())

    def test_tab_of_the_one_that_stays(self):
        self.archive()
        self.merge()
        messages = self.env["mail.mailbox.message"].with_user(self.outsider)
        page = messages.get_attached("res.partner", self.other.id)
        self.assertEqual([m["id"] for m in page["messages"]], self.message.ids)

    def test_roles_follow(self):
        foreman = self.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True, "user_ids": [self.outsider.id]}
        )
        self.archive(roles=foreman)
        self.leave_queue()
        self.merge()
        self.assertEqual(self.message.role_ids, foreman)
        self.assertEqual(self.readers(), {"outsider"})

    def test_private_bond_follows(self):
        self.mailbox.private = True
        link = self.archive()
        self.leave_queue()
        self.merge()
        self.assertEqual(link.mailbox_id, self.mailbox)
        self.assertEqual(self.readers(), {"member"})

    def test_double_links_fold_into_one(self):
        first, second = self.archive(), self.archive(self.other)
        self.merge()
        self.assertEqual(self.message.link_ids, second)
        self.assertFalse(first.exists())
        lines = self.message.history_ids.filtered(lambda line: line.action == "moved")
        self.assertEqual(len(lines), 1)

    def test_folded_link_is_as_open_as_the_more_open_one(self):
        box = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        self.deliver(box)
        self.archive(self.other, self.colleague, mailbox=box)
        shown = self.archive(mailbox=self.mailbox)
        self.merge()
        self.assertEqual(self.message.link_ids, shown)
        self.assertEqual(shown.res_id, self.other.id)

    def test_three_become_one(self):
        third = self.partner.copy()
        self.archive()
        self.archive(third)
        self.merge(self.partner | third)
        self.assertEqual(self.message.link_ids.mapped("res_id"), self.other.ids)

    def test_archived_anew_makes_no_second_link(self):
        self.archive()
        self.merge()
        self.assertFalse(self.archive(self.other))
        self.assertEqual(len(self.message.link_ids), 1)

    def test_any_model_by_the_documented_method(self):
        orders = self.enable_orders().create([{"name": "A"}, {"name": "B"}])
        self.archive(orders[0])
        moved = self.links._move(orders[0], orders[1])
        self.assertEqual(moved.res_id, orders[1].id)


@tagged("post_install", "-at_install")
class TestDeleted(RecordCase):
    """A record is deleted: its mail stays, for whom the rule names."""

    def test_link_knows_what_it_was(self):
        link = self.archive()
        self.partner.name = "Spostex renamed"
        self.partner.with_user(self.env.ref("base.user_admin")).unlink()
        self.assertEqual(link.record_state, "deleted")
        self.assertEqual(link.res_name, "Spostex renamed")
        self.assertEqual(link.gone_by_id, self.env.ref("base.user_admin"))
        self.assertTrue(link.gone_at)
        with self.assertRaisesRegex(UserError, "Spostex renamed.*deleted by"):
            link.with_user(self.member).action_open_record()

    def test_who_archived_it_and_administrators_read_on(self):
        self.archive()
        self.leave_queue()
        self.assertEqual(self.readers(), {"member", "colleague", "outsider", "manager"})
        self.partner.unlink()
        self.assertEqual(self.readers(), {"member", "manager"})
        self.assertEqual(self.message._read_source(), write_mail().as_bytes())
        lines = self.message.with_user(self.member).history_ids
        self.assertEqual(lines.mapped("res_name"), ["Spostex S.A."])

    def test_the_queue_reads_on(self):
        self.archive()
        self.mailbox.user_ids |= self.colleague
        self.partner.unlink()
        self.assertEqual(self.readers(), {"member", "colleague", "manager"})

    def test_who_could_not_open_it_any_more_does_not_read(self):
        self.archive()
        self.leave_queue()
        company = self.env["res.company"].create({"name": "Other"})
        self.partner.company_id = company
        self.assertEqual(self.readers(), set())
        self.partner.unlink()
        self.assertEqual(
            self.readers(), set(), "the administrator is of no such company"
        )
        self.manager.company_ids |= company
        self.env.invalidate_all()
        messages = self.message.with_user(self.manager)
        messages = messages.with_context(allowed_company_ids=company.ids)
        self.assertFalse(messages.has_access("read"), "the mailbox is of the other one")
        both = messages.with_context(allowed_company_ids=self.manager.company_ids.ids)
        self.assertTrue(both.has_access("read"))

    def test_deactivated_person_is_no_keeper(self):
        self.archive()
        self.leave_queue()
        self.member.active = False
        self.partner.unlink()
        self.assertFalse(self.message.link_ids.keeper_id)
        self.assertEqual(self.told(), self.env["res.users"].search(self.managers()))

    def managers(self):
        group = self.env.ref("mail_mailbox_archive.group_manager")
        return [("all_group_ids", "in", group.ids)]

    def test_roles_hold(self):
        foreman = self.env["res.groups"].create({"name": "F", "mail_role": True})
        self.archive(roles=foreman)
        self.leave_queue()
        self.partner.unlink()
        self.assertEqual(self.readers(), set())
        foreman.user_ids = self.manager
        self.assertEqual(self.readers(), {"manager"})

    def test_private_bond_holds(self):
        self.mailbox.private = True
        self.archive()
        self.leave_queue()
        self.partner.unlink()
        self.assertEqual(self.readers(), {"member"})
        self.assertEqual(self.told(), self.member)

    def test_people_are_told_once(self):
        second = self.deliver(self.mailbox, subject="Second").mailbox_message_id
        self.archive()
        self.archive(self.other, message=second)
        (self.partner | self.other).unlink()
        self.assertIn(self.member, self.told())
        self.assertIn(self.manager, self.told())
        self.assertNotIn(self.outsider, self.told())
        kind = self.env.ref(GONE)
        mine = [("activity_type_id", "=", kind.id), ("user_id", "=", self.member.id)]
        self.assertEqual(self.env["mail.activity"].search_count(mine), 1)

    def test_it_is_found_in_the_archives_and_attached_elsewhere(self):
        self.archive()
        self.partner.unlink()
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        archives = [("archived", "=", True)]
        self.assertEqual(messages.search(archives), self.message)
        gone = [("archived", "=", True), ("record_gone", "=", True)]
        self.assertEqual(messages.search(gone), self.message)
        self.assertTrue(self.message.with_user(self.member).record_gone)
        (shown,) = self.message.with_user(self.member).attached_records
        self.assertEqual(shown["name"], "Spostex S.A.")
        self.assertIn("deleted", shown["gone"])
        self.archive(self.other)
        self.assertFalse(messages.search(gone))
        self.assertEqual(self.readers(), {"member", "colleague", "outsider", "manager"})

    def test_deactivated_record_is_not_gone(self):
        link = self.archive()
        self.partner.active = False
        self.assertEqual(link.record_state, "there")
        self.assertFalse(self.told())

    def test_model_that_deactivates_instead_of_deleting(self):
        link = self.archive()
        delete = models.BaseModel.unlink

        def deactivate(records):
            if records._name != "res.partner":
                return delete(records)
            return records.write({"active": False})

        with patch.object(models.BaseModel, "unlink", deactivate):
            self.partner.unlink()
        self.assertFalse(self.partner.active)
        self.assertEqual(link.record_state, "there")
        self.assertFalse(self.told())

    def test_deleted_by_sql_is_found_at_reading_and_nightly(self):
        link = self.archive()
        self.leave_queue()
        self.env.cr.execute("DELETE FROM res_partner WHERE id = %s", [self.partner.id])
        self.env.invalidate_all()
        self.assertEqual(self.readers(), {"manager"})
        (shown,) = self.message.with_user(self.manager).attached_records
        self.assertIn("no longer exists", shown["gone"])
        self.links._find_lost()
        self.assertEqual(link.record_state, "deleted")
        self.assertEqual(link.res_name, "Spostex S.A.")
        self.assertEqual(self.readers(), {"manager"})
        self.assertIn(self.manager, self.told())

    def test_number_that_begins_again_is_another_record(self):
        orders = self.enable_orders()
        for noticed in (False, True):
            with self.subTest(noticed=noticed):
                self.message = self.deliver(
                    self.mailbox, subject=f"Noticed {noticed}"
                ).mailbox_message_id
                order = orders.create({"name": "Old"})
                link = self.archive(order)
                self.leave_queue()
                if noticed:
                    order.unlink()
                self.begin_again(order)
                self.check_stranger(order, link)

    def begin_again(self, order):
        self.env.cr.execute("DELETE FROM mailbox_test_order WHERE id = %s", [order.id])
        self.env.cr.execute(
            "INSERT INTO mailbox_test_order (id, name, active, create_date)"
            " VALUES (%s, 'Stranger', true, clock_timestamp())",
            [order.id],
        )
        self.env.invalidate_all()

    def check_stranger(self, order, link):
        self.assertNotIn("outsider", self.readers())
        self.assertFalse(link._get_record())
        for user in (self.outsider, self.manager, self.member):
            messages = self.env["mail.mailbox.message"].with_user(user)
            page = messages.get_attached(order._name, order.id)
            self.assertFalse(page["messages"])
            self.assertFalse(messages.count_attached(order._name, order.id))
        anew = self.archive(order, self.manager)
        self.assertTrue(anew)
        self.assertNotEqual(anew, link)
        self.assertEqual(link.record_state, "deleted")
        self.assertEqual((link.res_name, anew.res_name), ("Old", "Stranger"))

    def test_names_are_refreshed_nightly(self):
        link = self.archive()
        self.partner.name = "Spostex GmbH"
        self.assertEqual(link.res_name, "Spostex S.A.")
        self.links._refresh_names()
        self.assertEqual(link.res_name, "Spostex GmbH")


@tagged("post_install", "-at_install")
class TestUninstalled(RecordCase):
    """An app goes, and its models with it; the rest is tried in ``lifecycle``."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        model = cls.env["ir.model"].create({"name": "Site", "model": "x_site"})
        cls.env["ir.ui.view"].create(
            {
                "name": "site",
                "model": "x_site",
                "arch": "<form><field name='x_name'/></form>",
            }
        )
        cls.env["ir.model.access"].create(
            {
                "name": "site",
                "model_id": model.id,
                "group_id": cls.env.ref("base.group_user").id,
                **dict.fromkeys(
                    ("perm_read", "perm_write", "perm_create", "perm_unlink"), True
                ),
            }
        )
        cls.model = model
        cls.kind = cls.env["mail.mailbox.record.type"].create(
            {"name": "Sites", "model_id": model.id}
        )
        cls.site = cls.env["x_site"].create({"x_name": "Site 1"})

    def test_links_are_kept_and_nothing_dangles(self):
        link = self.archive(self.site)
        self.leave_queue()
        self.links._lose_models(["x_site"])
        self.assertEqual(link.record_state, "uninstalled")
        self.assertEqual(link.res_name, "Site 1")
        self.assertEqual(link.keeper_id, self.member)
        self.assertEqual(self.readers(), {"member", "manager"})
        self.assertIn(self.member, self.told())

    def test_queries_do_not_grow_with_the_records(self):
        counts = []
        for number in (2, 40):
            names = [{"x_name": f"S{n}"} for n in range(number)]
            for site in self.env["x_site"].create(names):
                self.archive(site)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.links._lose_models(["x_site"])
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_model_whose_names_raise_does_not_hold_up(self):
        link = self.archive(self.site)
        with (
            patch(
                "odoo.addons.mail_mailbox_archive.models.archiving.farewell.describe",
                side_effect=ValueError,
            ),
            self.assertLogs("odoo.addons.mail_mailbox_archive", "ERROR"),
        ):
            self.links._lose_models(["x_site"])
        self.assertEqual(link.record_state, "uninstalled")
        self.assertEqual(link.res_name, "Site 1")

    def test_type_waits_for_its_model(self):
        self.archive(self.site)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox_record_type SET model_id = NULL WHERE id = %s",
            [self.kind.id],
        )
        self.env.invalidate_all()
        self.kind.name = "Building sites"
        self.assertEqual(self.kind.res_model, "x_site")
        offered = self.kind.search(self.kind._get_offered_domain())
        self.assertNotIn(self.kind, offered)
        self.kind._return_types()
        self.assertEqual(self.kind.model_id, self.model)
        self.assertIn(self.kind, self.kind.search(self.kind._get_offered_domain()))

    def test_xml_id_left_behind_is_no_hindrance(self):
        kinds = self.env["mail.mailbox.record.type"]
        contact = self.env.ref("mail_mailbox_archive.record_type_contact")
        self.env.cr.execute(
            "DELETE FROM mail_mailbox_record_type WHERE id = %s", [contact.id]
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        # of a version that did not remember what it delivered
        self.env["ir.config_parameter"].set_param(GIVEN, False)
        kinds._deliver()
        anew = self.env.ref("mail_mailbox_archive.record_type_contact")
        self.assertEqual(anew.res_model, "res.partner")
        self.assertNotEqual(anew, contact)

    def test_a_delivered_type_that_was_deleted_stays_so(self):
        kinds = self.env["mail.mailbox.record.type"]
        self.env.ref("mail_mailbox_archive.record_type_contact").unlink()
        before = kinds.with_context(active_test=False).search_count([])
        kinds._deliver()
        kinds._register_hook()
        after = kinds.with_context(active_test=False).search_count([])
        self.assertEqual(after, before)

    def test_delivered_types_are_of_different_names_and_places(self):
        labels = [self.env._(kind.label) for kind in DELIVERED.values()]
        self.assertEqual(len(set(labels)), len(labels))
        places = [kind.sequence for kind in DELIVERED.values()]
        self.assertEqual(places, sorted(set(places)))

    def test_delivered_types_are_named_in_each_language(self):
        self.env["res.lang"]._activate_lang("pl_PL")
        kinds = self.env["mail.mailbox.record.type"]
        kinds._deliver_one(
            "mail_mailbox_archive.anew",
            DELIVERED["record_type_lot"]._replace(model="res.partner"),
        )
        anew = self.env.ref("mail_mailbox_archive.anew")
        self.assertEqual(
            anew.with_context(lang="en_US").name, "Lots and serial numbers"
        )
        self.assertEqual(
            anew.with_context(lang="pl_PL").name, "Partie i numery seryjne"
        )

    def test_which_models_an_app_takes_along(self):
        own = self.env.ref("base.module_mail_mailbox_archive_tests")._get_own_models()
        self.assertIn("mailbox.test.order", own)
        self.assertNotIn("mail.mailbox.message", own)
