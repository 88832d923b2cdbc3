"""The circles of the top panel: what they count, for whom, who is told of changes."""

import json
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, tagged

from .common import MANAGER, MailboxCase, write_mail

BADGE = "odoo.addons.mail_mailbox_archive.models.receiving.badge"
EMPTY = {"unread": 0, "ages": [], "own": 0}


class BadgeCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.make_mailbox("sales@spedbud.example", cls.colleague)
        cls.private = cls.make_mailbox(
            "board@spedbud.example", cls.colleague, private=True
        )
        cls.stranger = cls.make_user("stranger")

    @classmethod
    def deliver(cls, mailbox, mail=None, live=True, **values):
        arrival = super().deliver(mailbox, mail, live, **values)
        arrival.internal_date = fields.Datetime.now()
        return arrival

    def badge(self, user):
        return self.env["mail.mailbox"].with_user(user).get_badge()

    def set_unread(self, mailbox, count, name="INBOX", **values):
        folder = self.make_folder(mailbox, name)
        folder.write({"unseen_count": count, **values})
        return folder


@tagged("post_install", "-at_install")
class TestBadge(BadgeCase):
    def test_red_is_the_unread_of_my_mailboxes_on_the_server(self):
        self.set_unread(self.mailbox, 3)
        self.set_unread(self.mailbox, 2, "Projects")
        self.set_unread(self.other, 40)
        self.assertEqual(self.badge(self.member)["unread"], 5)
        self.assertEqual(self.badge(self.colleague)["unread"], 40)

    def test_red_leaves_out_skipped_folders(self):
        self.set_unread(self.mailbox, 3)
        self.set_unread(self.mailbox, 7, "Spam", skipped=True)
        self.assertEqual(self.badge(self.member)["unread"], 3)

    def test_red_leaves_out_deactivated_mailboxes(self):
        self.set_unread(self.mailbox, 3)
        self.mailbox.active = False
        context = {"active_test": False}
        self.assertEqual(self.badge(self.member), EMPTY)
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        self.assertEqual(mailboxes.with_context(**context).get_badge(), EMPTY)

    def test_no_more_than_the_cap_is_counted(self):
        for number in range(3):
            self.set_unread(self.mailbox, 60, f"F{number}")
        self.assertEqual(self.badge(self.member)["unread"], 100)

    def test_outsider_has_empty_circles(self):
        self.set_unread(self.mailbox, 3)
        self.deliver(self.mailbox)
        self.assertEqual(self.badge(self.outsider), EMPTY)

    def test_who_has_no_mail_has_no_circles(self):
        self.assertIs(self.badge(self.stranger), False)

    def test_administrator_counts_all_but_private_mailboxes(self):
        self.set_unread(self.mailbox, 3)
        self.set_unread(self.private, 50)
        self.deliver(self.private)
        badge = self.badge(self.manager)
        self.assertEqual((badge["unread"], len(badge["ages"])), (3, 0))

    def test_administrator_of_very_many_mailboxes_counts_the_same(self):
        self.set_unread(self.mailbox, 3)
        self.set_unread(self.mailbox, 9, "Spam", skipped=True)
        self.set_unread(self.private, 50)
        self.deliver(self.private, subject="Private")
        self.deliver(self.mailbox, subject="Skipped").folder_id = self.make_folder(
            self.mailbox, "Spam"
        )
        self.deliver(self.mailbox, subject="Counts")
        few = self.badge(self.manager)
        with patch(f"{BADGE}.FEW_MAILBOXES", 0):
            many = self.badge(self.manager)
        self.assertEqual(few, many)
        self.assertEqual((many["unread"], len(many["ages"])), (3, 1))

    def test_other_companies_do_not_count(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.member.company_ids += company
        self.mailbox.company_id = company
        self.set_unread(self.mailbox, 3)
        mailboxes = self.env["mail.mailbox"].with_user(self.member)
        here = mailboxes.with_context(allowed_company_ids=self.env.company.ids)
        self.assertEqual(here.get_badge(), EMPTY)
        there = mailboxes.with_context(allowed_company_ids=company.ids)
        self.assertEqual(there.get_badge()["unread"], 3)

    def test_blue_is_mail_of_the_last_five_minutes_both_ways(self):
        sent = write_mail("Out", **{"from": "office@spedbud.example"})
        self.deliver(self.mailbox, sent)
        self.assertEqual(self.mailbox_arrivals().direction, "outgoing")
        self.deliver(self.mailbox, subject="In").fetched_at -= timedelta(minutes=4)
        self.deliver(self.mailbox, subject="Old").fetched_at -= timedelta(minutes=6)
        # it waited on the server for a check that came late
        self.deliver(self.mailbox, subject="Late").internal_date -= timedelta(minutes=6)
        # the server's clock is ahead
        ahead = self.deliver(self.mailbox, subject="Ahead")
        ahead.internal_date += timedelta(hours=1)
        ahead.fetched_at -= timedelta(minutes=6)
        ages = self.badge(self.member)["ages"]
        self.assertEqual(len(ages), 2)
        self.assertLess(ages[0], 10)
        self.assertTrue(240 <= ages[1] < 250, ages)

    def mailbox_arrivals(self):
        return self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )

    def test_blue_leaves_out_the_first_import(self):
        self.deliver(self.mailbox, live=False)
        self.assertEqual(self.badge(self.member)["ages"], [])

    def test_blue_leaves_out_skipped_folders(self):
        self.deliver(self.mailbox).folder_id.skipped = True
        self.assertEqual(self.badge(self.member)["ages"], [])

    def test_both_are_one_query(self):
        self.set_unread(self.mailbox, 3)
        self.deliver(self.mailbox)
        self.badge(self.member)
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.badge(self.member)
        self.assertEqual(self.env.cr.sql_log_count - before, 1)


@tagged("post_install", "-at_install")
class TestNewest(BadgeCase):
    def newest(self, user):
        return self.env["mail.mailbox"].with_user(user).get_newest()

    def test_lists_what_the_person_may_read_newest_first(self):
        self.deliver(self.mailbox, subject="Older").internal_date -= timedelta(days=1)
        self.deliver(self.mailbox, subject="Newer")
        self.deliver(self.private, subject="Secret")
        subjects = [one["subject"] for one in self.newest(self.member)["messages"]]
        self.assertEqual(subjects, ["Newer", "Older"])
        subjects = [one["subject"] for one in self.newest(self.manager)["messages"]]
        self.assertEqual(subjects, ["Newer", "Older"])

    def test_outsider_is_told_there_is_no_mailbox(self):
        self.deliver(self.mailbox)
        self.assertEqual(
            self.newest(self.outsider), {"messages": [], "has_mailbox": False}
        )
        self.assertTrue(self.newest(self.colleague)["has_mailbox"])

    def test_who_has_no_mail_is_refused(self):
        with self.assertRaises(AccessError):
            self.newest(self.stranger)

    def test_of_sent_mail_the_receiver_is_shown(self):
        sent = write_mail(
            "Out", **{"from": "office@spedbud.example", "to": "b@x.example"}
        )
        self.deliver(self.mailbox, sent)
        (one,) = self.newest(self.member)["messages"]
        self.assertEqual((one["people"], one["unread"]), ("b@x.example", False))


@tagged("post_install", "-at_install")
class TestNews(BadgeCase):
    """Who is told, over the bus, of something new: read from the bus itself."""

    def setUp(self):
        super().setUp()
        self.sent()

    def sent(self):
        """Return (user, payload) of what was sent since the last call."""
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].search([])
        news = []
        users = self.env["res.users"].with_context(active_test=False).search([])
        users = {user.partner_id.id: user for user in users}
        for row in rows:
            message = json.loads(row.message)
            if message["type"] == "mail_mailbox_archive/changed":
                partner_id = json.loads(row.channel)[2]
                news.append((users[partner_id], message["payload"]))
        rows.unlink()
        return news

    def assertTold(self, users):
        told = [user.login for user, _payload in self.sent()]
        # the seed's own administrators read every mailbox that is not private
        mine = {login for login in told if login.startswith("mailbox_")}
        self.assertEqual(mine, {user.login for user in users})
        self.assertEqual(len(told), len(set(told)), "told twice")

    def test_new_mail_is_told_to_its_readers_only(self):
        self.deliver(self.mailbox)
        self.assertTold(self.member + self.manager)
        self.deliver(self.private)
        self.assertTold(self.colleague)

    def test_nothing_of_the_mail_is_on_the_bus(self):
        self.deliver(self.mailbox, subject="Salaries", text="Salaries")
        payloads = [payload for _user, payload in self.sent()]
        self.assertEqual(
            {tuple(one.items()) for one in payloads},
            {(("mailbox_id", self.mailbox.id),)},
        )

    def test_a_batch_is_told_once(self):
        for number in range(5):
            self.deliver(self.mailbox, subject=f"Mail {number}")
        self.set_unread(self.mailbox, 5)
        self.mailbox._notify_changed()
        self.assertTold(self.member + self.manager)

    def test_the_first_import_is_told_when_it_ends(self):
        self.deliver(self.mailbox, live=False)
        self.assertTold(self.env["res.users"])
        self.mailbox._notify_changed()
        self.assertTold(self.member + self.manager)

    def test_unread_on_the_server_is_told_when_it_changes(self):
        folder = self.set_unread(self.mailbox, 3)
        self.assertTold(self.member + self.manager)
        folder.write({"unseen_count": 3, "message_count": 9})
        self.assertTold(self.env["res.users"])
        folder.skipped = True
        self.assertTold(self.member + self.manager)
        folder.unseen_count = 4
        self.assertTold(self.env["res.users"])

    def test_who_gets_and_who_loses_a_mailbox_is_told(self):
        self.mailbox.user_ids = [Command.link(self.outsider.id)]
        self.assertTold(self.member + self.outsider + self.manager)
        self.mailbox.user_ids = [Command.unlink(self.outsider.id)]
        self.assertTold(self.member + self.outsider + self.manager)

    def test_administrators_are_told_when_a_mailbox_becomes_private(self):
        self.mailbox.private = True
        self.assertTold(self.member + self.manager)
        self.deliver(self.mailbox)
        self.assertTold(self.member)

    def test_deactivation_is_told(self):
        self.mailbox.active = False
        self.assertTold(self.member + self.manager)

    def test_other_changes_of_a_mailbox_are_not_told(self):
        self.mailbox.description = "New"
        self.assertTold(self.env["res.users"])

    def test_people_without_mail_or_company_are_not_told(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.member.company_ids += company
        self.mailbox.user_ids += self.stranger + self.outsider
        self.mailbox.company_id = company
        self.sent()
        self.deliver(self.mailbox)
        self.assertTold(self.member)

    def test_who_becomes_or_stops_being_administrator_is_told(self):
        group = self.env.ref(MANAGER)
        self.member.group_ids += group
        self.assertTold(self.member)
        self.member.group_ids -= group
        self.assertTold(self.member)


@tagged("post_install", "-at_install")
class TestSessionInfo(HttpCase, BadgeCase):
    def session_info(self, login):
        self.authenticate(login, login)
        return self.make_jsonrpc_request("/web/session/get_session_info", {})

    def test_values_come_with_the_session(self):
        self.set_unread(self.mailbox, 3)
        self.deliver(self.mailbox)
        badge = self.session_info("mailbox_member")["mailbox"]["badge"]
        self.assertEqual(badge["unread"], 3)
        self.assertEqual(len(badge["ages"]), 1)

    def test_who_has_no_mail_gets_nothing(self):
        self.assertNotIn("mailbox", self.session_info("mailbox_stranger"))

    def test_the_companies_switched_on_count(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.member.company_ids += company
        self.mailbox.company_id = company
        self.set_unread(self.mailbox, 3)
        self.assertEqual(self.session_info("mailbox_member")["mailbox"]["badge"], EMPTY)
        for value, unread in ((str(company.id), 3), ("999999", 0)):
            self.opener.cookies.set("cids", value)
            info = self.make_jsonrpc_request("/web/session/get_session_info", {})
            self.assertEqual(info["mailbox"]["badge"]["unread"], unread, value)

    def test_badge_is_no_door_for_portal_users(self):
        self.make_portal_user()
        self.deliver(self.mailbox)
        self.authenticate("mailbox_portal", "mailbox_portal")
        self.assertNotIn(
            "mailbox", self.make_jsonrpc_request("/web/session/get_session_info", {})
        )
        self.assertIs(self.call_mailbox("get_badge"), False)
        with self.assertRaises(JsonRpcException):
            self.call_mailbox("get_newest")

    def make_portal_user(self):
        users = self.env["res.users"].with_context(no_reset_password=True)
        portal = users.create(
            {
                "name": "Portal",
                "login": "mailbox_portal",
                "password": "mailbox_portal",
                "group_ids": [Command.set(self.env.ref("base.group_portal").ids)],
            }
        )
        # Odoo makes them on the first visit, which begins on a read-only cursor
        self.env["res.users.settings"]._find_or_create_for_user(portal)

    def call_mailbox(self, method):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/mail.mailbox/{method}",
            {"model": "mail.mailbox", "method": method, "args": [], "kwargs": {}},
        )

    def test_forms_are_kept_by_a_hash_that_changes_with_the_record_types(self):
        before = self.session_info("mailbox_member")["registry_hash"]
        record_type = self.env["mail.mailbox.record.type"].search(
            [("res_model", "=", "res.partner")]
        )
        record_type.active = False
        after = self.session_info("mailbox_member")["registry_hash"]
        self.assertNotEqual(before, after)
        record_type.active = True
        self.assertEqual(self.session_info("mailbox_member")["registry_hash"], before)
