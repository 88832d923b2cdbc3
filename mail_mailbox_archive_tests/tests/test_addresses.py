"""All addresses of a mailbox: who may claim, read and send from them."""

import re
import runpy

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import file_path, mute_logger

from .common import USER, write_mail
from .sending import SendingCase

OFFICE = "office@spedbud.example"
SALES = "Sales@spedbud.example"
IDN = "büro@zażółć.example"


class AddressesCase(SendingCase):
    """The office, which answers for the sales as well."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.eve = cls.make_user("eve", USER, email="eve@spedbud.example")
        cls.alias = cls.make_alias(cls.mailbox, SALES)
        cls.alias.proven_address = cls.alias.email_normalized

    @classmethod
    def make_alias(cls, mailbox, email, user=None):
        rows = cls.env["mail.mailbox.address"]
        rows = rows.with_user(user) if user else rows
        return rows.create({"mailbox_id": mailbox.id, "email": email}).sudo()


@tagged("post_install", "-at_install")
class TestWhoseTheyAre(AddressesCase):
    def test_each_mailbox_has_its_main_address_in_the_table(self):
        for mailbox in (
            self.env["mail.mailbox"].with_context(active_test=False).search([])
        ):
            main = mailbox.address_ids.filtered("is_main")
            self.assertEqual(main.mapped("email"), [mailbox.email])
            self.assertEqual(main.email_normalized, mailbox.email_normalized)
        self.mailbox.email = "Bureau@spedbud.example"
        main = self.mailbox.address_ids.filtered("is_main")
        self.assertEqual(main.email_normalized, "bureau@spedbud.example")

    def test_an_upgrade_gives_each_mailbox_its_main_address(self):
        others = self.make_mailbox("gone@spedbud.example", self.member, active=False)
        rows = self.env["mail.mailbox.address"]
        names = ["email", "email_normalized", "in_use", "approval", "is_proven"]
        of_both = [("mailbox_id", "in", (self.mailbox | others).ids)]
        main = [*of_both, ("is_main", "=", True)]
        before = rows.search_read(main, ["mailbox_id", *names], order="mailbox_id")
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM mail_mailbox_address")
        path = "mail_mailbox_archive/migrations/19.0.3.0.0/post-addresses.py"
        script = runpy.run_path(file_path(path))
        for _again in range(2):
            script["migrate"](self.env.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        after = rows.search_read(of_both, ["mailbox_id", *names], order="mailbox_id")
        for one in (*before, *after):
            one.pop("id")
        self.assertEqual(after, before)

    def test_main_address_is_changed_at_the_mailbox(self):
        main = self.mailbox.address_ids.filtered("is_main").with_user(self.manager)
        with self.assertRaises(UserError):
            main.email = "other@spedbud.example"
        with self.assertRaises(UserError):
            main.unlink()
        with self.assertRaises(AccessError):
            self.alias.with_user(self.manager).is_main = True

    def test_no_address_has_two_mailboxes(self):
        """In whatever role each of the two would have it, and however it is written."""
        ascii_form = IDN.rpartition("@")[2].encode("idna").decode()
        other = self.make_mailbox("other@spedbud.example", self.member)
        self.make_alias(self.mailbox, IDN)
        for taken in (
            SALES,
            SALES.upper(),
            "OFFICE@spedbud.example",
            IDN,
            f"BÜRO@{ascii_form}",
        ):
            with self.subTest(taken), self.assertRaises(ValidationError):
                self.make_alias(other, taken)
            with self.subTest(taken), self.assertRaises(ValidationError):
                self.make_mailbox(taken, self.member)
            with self.subTest(taken), self.assertRaises(ValidationError):
                other.email = taken

    def test_database_refuses_a_second_one_as_well(self):
        other = self.make_mailbox("other@spedbud.example", self.member)
        row = self.make_alias(other, "third@spedbud.example")
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.env.cr.execute(
                "UPDATE mail_mailbox_address SET email_normalized = %s WHERE id = %s",
                (self.alias.email_normalized, row.id),
            )

    def test_a_deactivated_mailbox_lets_its_addresses_go(self):
        self.mailbox.active = False
        other = self.make_mailbox("other@spedbud.example", self.member)
        self.make_alias(other, SALES)
        with self.assertRaises(ValidationError):
            self.mailbox.active = True

    def test_refusal_does_not_name_a_mailbox_that_one_may_not_see(self):
        board = self.make_mailbox("board@spedbud.example", self.eve, private=True)
        self.make_alias(board, "secret@spedbud.example")
        mine = self.make_mailbox("mine@spedbud.example", self.member)
        with self.assertRaises(ValidationError) as caught:
            self.make_alias(mine, "secret@spedbud.example", self.member)
        self.assertNotIn("board", str(caught.exception))

    def test_lines_are_read_by_who_sees_the_mailbox_and_changed_by_who_runs_it(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        alias = self.make_alias(board, "secret@spedbud.example", self.member)
        # it was not made in this very moment
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox SET create_date = '2020-01-01' WHERE id = %s",
            [board.id],
        )
        board.invalidate_recordset()
        rows = self.env["mail.mailbox.address"]
        self.assertNotIn(alias, rows.with_user(self.eve).search([]))
        for change in (
            lambda: alias.with_user(self.eve).read(["email"]),
            lambda: self.make_alias(board, "x@spedbud.example", self.eve),
            lambda: alias.with_user(self.manager).write({"email": "y@spedbud.example"}),
            lambda: alias.with_user(self.manager).unlink(),
            lambda: self.make_alias(board, "z@spedbud.example", self.manager),
            lambda: board.with_user(self.manager).write(
                {"alias_ids": [Command.create({"email": "z@spedbud.example"})]}
            ),
        ):
            with self.assertRaises(AccessError):
                change()

    def test_a_line_does_not_move_into_a_mailbox_of_others(self):
        mine = self.make_mailbox(
            "mine@spedbud.example", self.eve, responsible_id=self.eve.id
        )
        alias = self.make_alias(mine, "eve@spedbud.example", self.eve)
        with self.assertRaises(AccessError):
            alias.with_user(self.eve).mailbox_id = self.mailbox

    def test_of_another_company_nothing_is_seen(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        far = self.make_mailbox(
            "far@spedbud.example",
            self.make_user(
                "far",
                USER,
                company_id=elsewhere.id,
                company_ids=[Command.set(elsewhere.ids)],
            ),
            company_id=elsewhere.id,
        )
        alias = self.make_alias(far, "farther@spedbud.example")
        rows = self.env["mail.mailbox.address"].with_user(self.manager)
        self.assertNotIn(alias, rows.search([]))
        with self.assertRaises(ValidationError) as caught:
            self.make_alias(self.mailbox, "Farther@spedbud.example", self.manager)
        self.assertNotIn(
            "far@spedbud.example",
            str(caught.exception).replace("farther@spedbud.example", ""),
        )


@tagged("post_install", "-at_install")
class TestClaimOfAnotherAddress(AddressesCase):
    def setUp(self):
        super().setUp()
        self.mine = self.make_mailbox(
            "mine@spedbud.example",
            self.eve,
            responsible_id=self.eve.id,
            **self.smtp_values(),
        )
        self.mine.state = "ready"
        self.env.company.email = "info@spedbud.example"
        self.env["res.partner"].create({"name": "C", "email": "c@spostex.example"})

    def test_only_ones_own_address_needs_no_approval(self):
        self.eve.login = "eve@spedbud.example"
        others = (
            "info@spedbud.example",
            self.member.login + "@spedbud.example",
            "c@spostex.example",
            "new@spedbud.example",
        )
        for email in others:
            alias = self.make_alias(self.mine, email, self.eve)
            self.assertEqual(alias.state, "needed", email)
            self.assertFalse(self.env["mail.mailbox"]._find_by_from([email])[1])
            self.assertNotIn(email, self.mine._get_own_addresses())
        alias = self.make_alias(self.mine, "eve@spedbud.example", self.eve)
        self.assertEqual((alias.approval, alias.state), ("own", "verifying"))
        alias.with_user(self.eve).email = "info2@spedbud.example"
        self.assertEqual(alias.state, "needed")
        self.assertTrue(self.mine.activity_ids)

    def test_who_may_have_it_takes_it_from_who_only_waits(self):
        waiting = self.make_alias(self.mine, "new@spedbud.example", self.eve)
        self.make_alias(self.mailbox, "NEW@spedbud.example", self.manager)
        self.assertFalse(waiting.exists())
        self.assertTrue(self.mine.active)

    def test_claimant_neither_approves_nor_proves(self):
        alias = self.make_alias(self.mine, "new@spedbud.example", self.eve)
        own = alias.with_user(self.eve)
        for change in (
            own.action_approve,
            own.action_request_code,
            lambda: own.write({"approval": "approved"}),
            lambda: own.write({"proven_address": "new@spedbud.example"}),
            lambda: own.write({"is_proven": True}),
        ):
            with self.assertRaises(UserError):
                change()
        alias.with_user(self.manager).action_approve()
        self.assertEqual(alias.state, "verifying")
        self.assertFalse(self.mine.activity_ids)

    def test_a_code_that_was_mailed_to_it_proves_it(self):
        alias = self.make_alias(self.mine, "new@spedbud.example", self.manager)
        self.smtp.take()
        own = alias.with_user(self.eve)
        action = own.action_request_code()
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, ("new@spedbud.example",))
        code = re.search(r"\b\d{8}\b", received.text)[0]
        wizards = self.env["mail.mailbox.verify.wizard"].with_user(self.eve)
        wizard = wizards.with_context(**action["context"]).create({})
        self.assertEqual(wizard.email, alias.email)
        # nor is it a code for the mailbox's own address
        with self.assertRaises(UserError):
            self.mine._verify(code)
        wizard.code = code
        wizard.action_confirm()
        self.assertEqual(alias.state, "ready")
        alias.with_user(self.manager).email = "newer@spedbud.example"
        self.assertEqual(alias.state, "verifying")


@tagged("post_install", "-at_install")
class TestEmailsOfAnotherAddress(AddressesCase):
    def receive(self, **values):
        mail = write_mail(**{"to": SALES.lower(), **values})
        return self.deliver(self.mailbox, mail)

    def reply(self, arrival, mode="reply"):
        message = arrival.mailbox_message_id.with_user(self.member)
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        return drafts.browse(message.prepare_compose(mode))

    def test_an_answer_leaves_from_where_the_email_came_to(self):
        draft = self.reply(
            self.receive(to="Ola <ola@spostex.example>, " + SALES), "reply_all"
        )
        self.assertEqual(draft.address_id, self.alias.with_user(self.member))
        self.assertEqual(draft.email_cc, "Ola <ola@spostex.example>")
        self.assertIn(
            SALES.lower(),
            draft.body.lower() + self.reply(self.receive(), "forward").body.lower(),
        )
        row = self.send_draft(draft)
        (received,) = self.smtp.take()
        self.assertEqual(received.mail_from, "sales@spedbud.example")
        for name in ("From", "Reply-To"):
            self.assertIn(SALES, received.message[name])
            self.assertNotIn(OFFICE, received.message[name])
        sent = row.mailbox_message_id
        self.assertIn(SALES, sent.email_from)
        self.assertEqual(sent.arrival_ids.direction, "outgoing")

    def test_a_blind_copy_is_answered_from_where_it_was_delivered(self):
        for header in ("Delivered-To", "X-Original-To"):
            mail = write_mail(subject=header, to="list@spostex.example")
            mail[header] = SALES
            arrival = self.deliver(self.mailbox, mail)
            message = arrival.mailbox_message_id
            draft = self.reply(arrival)
            self.assertEqual(draft.address_id.id, self.alias.id, header)
            # what the delivery says is told to nobody who does not read the mailbox
            found = self.mailbox.with_user(self.eve)._find_delivered_to(
                message.with_user(self.eve)
            )
            self.assertFalse(found, header)

    def test_otherwise_an_answer_leaves_from_the_main_address(self):
        draft = self.reply(self.receive(to=OFFICE))
        self.assertTrue(draft.address_id.is_main)
        self.send_draft(draft)
        (received,) = self.smtp.take()
        self.assertIn(OFFICE, received.message["From"])

    def test_the_choice_is_there_whoever_was_written_to(self):
        main = self.mailbox.address_ids.filtered("is_main")
        draft = self.reply(self.receive(to="list@spostex.example"))
        self.assertEqual(draft.address_id.id, main.id)
        self.assertEqual(self.write_draft().address_id.id, main.id)

    def test_where_there_is_no_choice_none_is_offered(self):
        self.alias.proven_address = False
        draft = self.reply(self.receive())
        self.assertFalse(draft.address_id)
        with self.assertRaises(UserError):
            draft.address_id = self.alias
            self.send_draft(draft)

    def test_an_address_of_another_mailbox_is_no_choice(self):
        other = self.make_mailbox("other@spedbud.example", self.member)
        draft = self.write_draft()
        with self.assertRaises(UserError):
            draft.address_id = other.address_ids
            self.env.flush_all()

    def test_what_comes_from_it_is_outgoing(self):
        arrival = self.receive(
            **{"from": "Office <SALES@spedbud.example>", "to": "a@b.example"}
        )
        self.assertEqual(arrival.direction, "outgoing")
        draft = self.reply(arrival)
        self.assertEqual(
            (draft.email_to, draft.address_id.email), ("a@b.example", SALES)
        )

    def test_own_addresses_are_no_correspondents_and_no_evidence(self):
        message = self.receive().mailbox_message_id.with_user(self.member)
        self.assertNotIn("sales@spedbud.example", message._get_foreign_addresses())
        known = self.env["mail.mailbox.correspondent"].search([]).mapped("email")
        self.assertNotIn("sales@spedbud.example", known)
        self.assertTrue(self.mailbox._is_own_address("sales@spedbud.example"))

    def test_whatever_has_it_as_its_sender_passes_the_same_gate(self):
        mail = self.send(email_from=f"Sales <{SALES.upper()}>")
        self.assertEqual(mail.state, "sent", mail.failure_reason)
        (received,) = self.smtp.take()
        self.assertEqual(received.mail_from, "sales@spedbud.example")
        self.assertIn(SALES, received.message["From"])
        self.mailbox.write(
            {"restrict_senders": True, "sender_ids": [Command.set(self.eve.ids)]}
        )
        with self.assertRaises(AccessError):
            self.queue(email_from=SALES)

    def test_nothing_leaves_from_one_that_is_not_verified(self):
        self.alias.proven_address = False
        with self.assertRaises(UserError):
            self.queue(email_from=SALES)
        self.assertFalse(self.smtp.take())

    def test_nothing_leaves_from_one_of_a_deactivated_mailbox(self):
        draft = self.reply(self.receive())
        self.mailbox.active = False
        with self.assertRaises(UserError):
            draft.action_send()
        with self.assertRaises(UserError):
            self.queue(email_from=SALES)
        self.assertFalse(self.smtp.take())

    def test_a_template_with_it_leaves_from_the_mailbox(self):
        partner = self.env["res.partner"].create({"name": "A", "email": "a@b.example"})
        template = self.env["mail.template"].create(
            {
                "name": "T",
                "model_id": self.env.ref("base.model_res_partner").id,
                "email_from": SALES,
                "email_to": "a@b.example",
                "subject": "S",
                "body_html": "<p>T</p>",
            }
        )
        number = template.with_user(self.member).sudo().send_mail(partner.id)
        self.run_queue(self.env["mail.mail"].browse(number))
        (received,) = self.smtp.take()
        self.assertIn(SALES, received.message["From"])

    def test_nothing_leaves_once_it_is_taken_away(self):
        draft = self.reply(self.receive())
        row = (
            self.env["mail.mailbox.outbox"]
            .sudo()
            .browse(draft.action_send()["params"]["outbox_id"])
        )
        self.alias.unlink()
        self.work_off()
        self.assertEqual(row.state, "failed")
        self.assertIn("not an address of", row.reason)
        self.assertFalse(self.smtp.take())

    def test_taken_back_it_leaves_from_there_again(self):
        draft = self.reply(self.receive())
        action = draft.action_send(send_at="2050-01-01 08:00:00")
        rows = self.env["mail.mailbox.outbox"].with_user(self.member)
        again = rows.browse(action["params"]["outbox_id"])._edit()
        self.assertEqual(again.address_id.email, SALES)
