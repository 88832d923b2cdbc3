"""What other add-ons and other programs do with mail, as the readme tells it."""

from datetime import datetime, timedelta
from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.service.model import get_public_method
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.models.messages.card import Card

from ..public_names import METHODS, PUBLIC, STABLE
from .common import MailboxCase, write_mail

ADDON = "mail_mailbox_archive"


class IntegratorCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        model = cls.env["ir.model"]._get("mailbox.test.order")
        cls.record_type = cls.env["mail.mailbox.record.type"].create(
            {"name": "Orders", "model_id": model.id}
        )
        cls.order = cls.env["mailbox.test.order"].create(
            {"name": "SO7", "customer_number": "PO/2026/88"}
        )


@tagged("post_install", "-at_install")
class TestHooks(IntegratorCase):
    def test_add_a_suggestion(self):
        arrival = self.deliver(self.mailbox, subject="About PO/2026/88 please")
        message = arrival.mailbox_message_id.with_user(self.member)
        (found,), _note = message._suggest_for_archiving()
        self.assertEqual(found.record, self.order)
        self.assertEqual(found.record_type, self.record_type)
        self.assertIn("PO/2026/88", found.reason)

    def test_a_suggestion_one_may_not_read_is_dropped(self):
        self.order.user_id = self.colleague
        arrival = self.deliver(self.mailbox, subject="About PO/2026/88 please")
        message = arrival.mailbox_message_id.with_user(self.member)
        self.assertEqual(message._suggest_for_archiving()[0], [])

    def test_react_to_a_new_message(self):
        arrival = self.deliver(self.mailbox, subject="PO/2026/88")
        self.assertEqual(self.order.customer_wrote_at, arrival.internal_date)

    def test_the_first_import_and_what_we_sent_are_no_news(self):
        self.deliver(self.mailbox, subject="PO/2026/88", live=False)
        sent = write_mail("PO/2026/88 sent", **{"from": "office@spedbud.example"})
        self.deliver(self.mailbox, sent)
        self.assertFalse(self.order.customer_wrote_at)

    def cards(self, subject, user):
        message = self.deliver(self.mailbox, subject=subject).mailbox_message_id
        return message.with_user(user).get_view_data()["cards"]

    def test_a_card_beside_an_email(self):
        (card,) = self.cards("About PO/2026/88 please", self.member)
        self.assertEqual(card["title"], "Order SO7")
        self.assertEqual(card["lines"], ["Customer's number: PO/2026/88"])
        self.assertEqual(
            (card["res_model"], card["res_id"]), (self.order._name, self.order.id)
        )
        self.assertEqual(self.cards("About nothing", self.member), [])

    def test_a_card_about_a_record_one_may_not_read_is_dropped(self):
        self.order.user_id = self.colleague
        hook = type(self.env["mail.mailbox.message"])
        cards = [Card("Order SO7", record=self.order.sudo()), Card("For all")]
        with patch.object(hook, "_find_cards", return_value=cards):
            shown = self.cards("PO/2026/88", self.member)
        self.assertEqual([card["title"] for card in shown], ["For all"])

    def test_a_card_that_fails_keeps_no_email_from_view(self):
        def fail(message):
            message.env.cr.execute("SELECT 1 FROM no_such_table")

        hook = type(self.env["mail.mailbox.message"])
        quiet = mute_logger(f"odoo.addons.{ADDON}.models.messages.card", "odoo.sql_db")
        with patch.object(hook, "_find_cards", fail), quiet:
            self.assertEqual(self.cards("PO/2026/88", self.member), [])

    def test_a_condition_of_retention_rules(self):
        small = self.deliver(self.mailbox, subject="Small")
        large = self.deliver(self.mailbox, subject="Large", text="long\n" * 1000)
        moment = datetime.now() - timedelta(days=400)
        (small | large).write({"fetched_at": moment, "internal_date": moment})
        rules = self.env["mail.mailbox.retention.rule"].with_user(self.manager)
        for scope in ("unarchived", "archived"):
            values = {"name": "Large", "days": 30, "only_on_server": False}
            rule = rules.create({**values, "scope": scope, "at_least": 2000}).sudo()
            if scope == "archived":
                for arrival in small | large:
                    self.archive_to_order(arrival)
            self.assertEqual(rule._count_candidates(self.mailbox)[0], 1)
            rule.at_least = 0
            self.assertEqual(rule._count_candidates(self.mailbox)[0], 2)

    def test_a_condition_of_filing_rules(self):
        rules = self.env["mail.mailbox.filing.rule"].with_user(self.member)
        values = {"name": "Large", "res_id": self.order.id, "at_least": 2000}
        rule = rules.create({**values, "record_type_id": self.record_type.id})
        small = self.deliver(self.mailbox, subject="Small")
        large = self.deliver(self.mailbox, subject="Large", text="long\n" * 1000)
        with self.enter_registry_test_mode():
            self.env.ref(f"{ADDON}.ir_cron_file").method_direct_trigger()
        self.assertEqual(large.mailbox_message_id.link_ids.rule_id, rule)
        self.assertFalse(small.mailbox_message_id.link_ids)
        # without it every email would meet the rule
        with self.assertRaises(ValidationError):
            rule.at_least = 0
        # who changes it answers for the rule
        rule.with_user(self.manager).at_least = 3000
        self.assertEqual(rule.user_id, self.manager)

    def test_a_condition_that_fails_is_not_met_and_stops_nothing(self):
        rules = self.env["mail.mailbox.filing.rule"].with_user(self.member)
        values = {"name": "Large", "res_id": self.order.id, "at_least": 1}
        rules.create({**values, "record_type_id": self.record_type.id})
        hooks = "odoo.addons.mail_mailbox_archive_tests.models.mailbox_test_hooks"
        broken = patch(f"{hooks}.is_as_large", side_effect=ZeroDivisionError)
        with broken, self.assertLogs(level="ERROR"):
            self.env.registry.clear_cache()
            self.deliver(self.mailbox, subject="Small")
        self.assertFalse(self.env["mail.mailbox.filing"].search([]))

    def archive_to_order(self, arrival):
        message = arrival.mailbox_message_id.with_user(self.member)
        message._archive(self.order.with_user(self.member))

    def test_names_that_others_refer_to(self):
        missing = [
            name for name in STABLE if not self.env.ref(f"{ADDON}.{name}", False)
        ]
        self.assertFalse(missing)
        for model, names in PUBLIC.items():
            self.assertFalse(names - set(self.env[model]._fields), model)
        for model, methods in METHODS.items():
            for name in methods:
                # those that a program may call, too
                get_public_method(self.env[model], name)


@tagged("post_install", "-at_install")
class TestJson2(IntegratorCase, HttpCase):
    """Another program over HTTP, with the API key of a user and that user's rights."""

    def call(self, user, model, method, **body):
        keys = self.env["res.users.apikeys"].with_user(user)
        tomorrow = datetime.now() + timedelta(hours=12)
        key = keys._generate("rpc", "test", tomorrow)
        self.env.flush_all()
        return self.url_open(
            f"/json/2/{model}/{method}",
            json=body,
            headers={"Authorization": f"Bearer {key}"},
        )

    def test_new_mail_of_the_queue(self):
        self.deliver(self.mailbox, subject="New")
        body = {
            "domain": [["direction", "=", "incoming"], ["live", "=", True]],
            "fields": ["subject", "email_from", "mailbox_id"],
        }
        (line,) = self.call(
            self.member, "mail.mailbox.arrival", "search_read", **body
        ).json()
        self.assertEqual(line["subject"], "New")
        answer = self.call(self.outsider, "mail.mailbox.arrival", "search_read", **body)
        self.assertEqual(answer.json(), [])

    def archive(self, user, arrival):
        """Archive a message the way the dialog does; return the last answer."""
        answer = self.call(
            user,
            "mail.mailbox.archive.wizard",
            "create",
            context={"active_model": arrival._name, "active_ids": arrival.ids},
            vals_list=[
                {
                    "line_ids": [
                        [
                            0,
                            0,
                            {
                                "record_type_id": self.record_type.id,
                                "res_id": self.order.id,
                            },
                        ]
                    ]
                }
            ],
        )
        if answer.status_code != 200:
            return answer
        ids = answer.json()
        return self.call(user, "mail.mailbox.archive.wizard", "action_confirm", ids=ids)

    def test_archive_to_a_record(self):
        arrival = self.deliver(self.mailbox)
        answer = self.archive(self.member, arrival)
        self.assertEqual(answer.status_code, 200, answer.text)
        link = arrival.mailbox_message_id.link_ids
        self.assertEqual(
            (link.res_model, link.res_id), (self.order._name, self.order.id)
        )
        self.assertEqual(link.user_id, self.member)

    def test_what_one_may_not_read_is_not_archived(self):
        arrival = self.deliver(self.mailbox)
        answer = self.archive(self.outsider, arrival)
        self.assertEqual(answer.status_code, 403)
        self.assertFalse(arrival.mailbox_message_id.link_ids)

    def test_mail_archived_on_a_record(self):
        self.archive(self.member, self.deliver(self.mailbox, subject="Filed"))
        here = [["res_model", "=", self.order._name], ["res_id", "=", self.order.id]]
        answer = self.call(
            self.member,
            "mail.mailbox.message",
            "search_read",
            domain=[["link_ids", "any", here]],
            fields=["subject", "body_text"],
        )
        self.assertEqual([one["subject"] for one in answer.json()], ["Filed"])

    def test_full_text_search(self):
        self.deliver(self.mailbox, subject="Found", text="the crane is broken")
        answer = self.call(
            self.member,
            "mail.mailbox.message",
            "search_read",
            domain=[["content", "ilike", "crane brok"]],
            fields=["subject"],
        )
        self.assertEqual([one["subject"] for one in answer.json()], ["Found"])

    def test_private_methods_and_secrets_stay_inside(self):
        answer = self.call(self.manager, "mail.mailbox", "_imap_secret__", ids=[1])
        self.assertEqual(answer.status_code, 403)
        self.mailbox.write({"imap_password": "s3cr3t-word"})
        answer = self.call(
            self.manager,
            "mail.mailbox",
            "read",
            ids=self.mailbox.ids,
            fields=["imap_password"],
        )
        self.assertNotIn("s3cr3t-word", answer.text)
