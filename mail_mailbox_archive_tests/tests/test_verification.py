"""A code proves that an address is one's own, before anything leaves in its name."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.addresses import sender_domain

from .sending import PASSWORD, SendingCase


@tagged("post_install", "-at_install")
class TestVerification(SendingCase):
    def setUp(self):
        super().setUp()
        self.mailbox.write({"state": "draft"})
        self.env.flush_all()
        self.own = self.mailbox.with_user(self.member)

    def request(self):
        self.own.action_request_code()
        self.env.invalidate_all()
        return self.read_code()

    def confirm(self, code):
        """Enter a code as the form does."""
        wizards = self.env["mail.mailbox.verify.wizard"].with_user(self.member)
        wizard = wizards.create({"mailbox_id": self.mailbox.id, "code": code})
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(wizard.code)
        return wizard.action_confirm()

    def get_refusal(self, code):
        """Return why ``code`` is refused; what was counted stays counted.

        assertRaises would undo it: the cursor of its own is not one in a test.
        """
        try:
            self.own._verify(code)
        except UserError as error:
            return str(error)
        self.fail("the code was taken")

    def run_verification(self):
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_verify").method_direct_trigger()
        self.env.invalidate_all()

    def other(self, code):
        return f"{(int(code) + 1) % 10**8:08}"

    def test_right_code_makes_it_ready(self):
        self.env.company.email = "company@spedbud.example"
        code = self.request()
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, ("office@spedbud.example",))
        self.assertEqual(received.mail_from, "company@spedbud.example")
        self.assertEqual(self.mailbox.state, "verifying")
        self.confirm(f" {code[:4]} {code[4:]} ")
        self.assertEqual(self.mailbox.state, "ready")
        self.assertEqual(self.send().state, "sent")

    def test_advice_for_its_domain(self):
        self.confirm(self.request())
        self.assertEqual(self.mailbox.domain_verdict, "unknown")
        self.assertIn("could not be queried", self.mailbox.domain_advice)
        records = {
            "spedbud.example": ["v=spf1 +all"],
            "_dmarc.spedbud.example": ["v=DMARC1; p=reject"],
        }
        with patch.object(
            sender_domain, "system_lookup", lambda name: records.get(name, [])
        ):
            action = self.own.action_look_up_domain()
        self.assertEqual(self.mailbox.domain_verdict, "weak")
        for words in ("every server", "No DKIM key", "DMARC protects"):
            self.assertIn(words, self.mailbox.domain_advice)
            self.assertIn(words, action["params"]["message"])

    def test_wrong_code_does_not(self):
        code = self.request()
        with self.assertRaisesRegex(UserError, "not the code"):
            self.confirm(self.other(code))
        self.assertEqual(self.mailbox.state, "verifying")
        self.confirm(code)

    def test_sixth_try_fails_with_the_right_code(self):
        code = self.request()
        for number in range(5):
            refusal = self.get_refusal(self.other(code))
            self.assertEqual("Too many wrong attempts" in refusal, number == 4)
        self.assertIn("Too many wrong attempts", self.get_refusal(code))
        self.assertEqual(self.mailbox.state, "verifying")

    def test_old_code_is_dead(self):
        code = self.request()
        self.env["mail.mailbox.verification"].search([]).write(
            {"expires_at": fields.Datetime.now() - timedelta(seconds=1)}
        )
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "has expired"):
            self.confirm(code)

    def test_only_the_newest_code_counts(self):
        first = self.request()
        second = self.request()
        with self.assertRaises(UserError):
            self.confirm(first)
        self.confirm(second)

    def test_code_works_once(self):
        code = self.request()
        self.confirm(code)
        self.mailbox.state = "verifying"
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "No verification"):
            self.confirm(code)

    def test_code_is_bound_to_its_address(self):
        code = self.request()
        self.mailbox.email = "other@spedbud.example"
        self.assertEqual(self.mailbox.state, "draft")
        with self.assertRaises(UserError):
            self.confirm(code)

    def test_code_outlives_a_change_of_settings(self):
        code = self.request()
        self.mailbox.smtp_login = "somebody"
        self.assertEqual(self.mailbox.state, "verifying")
        self.confirm(code)
        self.assertEqual(self.mailbox.state, "ready")

    def test_settings_are_proven_by_a_test_mail(self):
        self.confirm(self.request())
        self.smtp.take()
        self.mailbox.smtp_login = "somebody"
        self.assertEqual(self.mailbox.state, "draft")
        self.run_verification()
        (received,) = self.smtp.take()
        self.assertIn("They work", received.text)
        self.assertEqual(self.mailbox.state, "ready")

    def test_settings_that_fail_leave_the_address_proven(self):
        code = self.request()
        self.mailbox.smtp_password = "wrong"
        self.confirm(code)
        self.assertEqual(self.mailbox.state, "draft")
        self.assertIn("login office", self.mailbox.verification_problem)
        self.assertTrue(self.mailbox.address_is_proven)
        self.mailbox.smtp_password = PASSWORD
        self.run_verification()
        self.assertEqual(self.mailbox.state, "ready")
        self.assertFalse(self.mailbox.verification_problem)

    def test_change_of_settings_asks_again(self):
        for change in (
            {"email": "other@spedbud.example"},
            {"smtp_host": "127.0.0.1"},
            {"smtp_port": 2525},
            {"smtp_login": "somebody"},
            {"provider": False},
        ):
            with self.subTest(change=change), self.env.cr.savepoint() as savepoint:
                self.mailbox.state = "ready"
                self.mailbox.write(change)
                self.assertEqual(self.mailbox.state, "draft")
                self.assertFalse(self.mailbox.mail_server_id.active)
                savepoint.rollback()
                self.env.invalidate_all()
        self.mailbox.state = "ready"
        self.mailbox.write({"name": "Other", "description": "Other", "hourly_limit": 9})
        self.mailbox.write({"email": "Office@SPEDBUD.example"})
        self.assertEqual(self.mailbox.state, "ready")

    def test_a_used_code_waits_for_nobody(self):
        self.confirm(self.request())
        self.mailbox.state = "verifying"
        self.mailbox.smtp_port = 2525
        self.assertEqual(self.mailbox.state, "draft")

    def test_another_password_is_tried_and_another_name_is_not(self):
        for change, due in (
            ({"smtp_password": "one"}, True),
            ({"name": "Other"}, False),
            ({"smtp_password": "two"}, True),
        ):
            self.mailbox.verification_due = False
            self.mailbox.write(change)
            self.assertEqual(self.mailbox.verification_due, due, change)

    def test_nothing_is_mailed_for_who_waits_for_approval(self):
        self.smtp.take()
        self.mailbox.write({"approval": "needed", "verification_due": False})
        self.mailbox.smtp_password = "another"
        self.assertFalse(self.mailbox.verification_due)
        for waits in ({"approval": "needed"}, {"approval": "own", "active": False}):
            self.mailbox.write(waits)
            self.mailbox.verification_due = True
            self.run_verification()
            self.assertFalse(self.smtp.take(), waits)

    def test_few_codes_an_hour(self):
        for _request in range(3):
            self.request()
        with self.assertRaisesRegex(UserError, "Too many codes"):
            self.request()
        codes = self.env["mail.mailbox.verification"].search([])
        codes.write({"requested_at": fields.Datetime.now() - timedelta(minutes=61)})
        self.env.flush_all()
        self.request()

    def test_few_codes_an_hour_per_person(self):
        values = {
            "user_id": self.member.id,
            "code_hash": "x",
            "requested_at": fields.Datetime.now(),
            "expires_at": fields.Datetime.now(),
        }
        other = self.make_mailbox("sales@spedbud.example")
        self.env["mail.mailbox.verification"].create(
            [{**values, "mailbox_id": other.id} for _number in range(10)]
        )
        with self.assertRaisesRegex(UserError, "Too many codes"):
            self.request()

    def test_nothing_to_read_of_a_code(self):
        code = self.request()
        for model in ("mail.mailbox.verification", "mail.mailbox.verify.wizard"):
            self.env.flush_all()
            self.env.cr.execute(f"SELECT * FROM {self.env[model]._table}")
            self.assertNotIn(code, str(self.env.cr.fetchall()))
        with self.assertRaises(AccessError):
            self.env["mail.mailbox.verification"].with_user(self.manager).search([])

    def test_others_request_and_enter_nothing(self):
        stranger = self.mailbox.with_user(self.outsider)
        with self.assertRaises(AccessError):
            stranger.action_request_code()
        code = self.request()
        with self.assertRaises(AccessError):
            stranger._verify(code)

    def test_refused_code_mail_is_explained(self):
        self.smtp.answers = {"office@spedbud.example": "550 5.7.1 relaying denied"}
        with self.assertRaisesRegex(UserError, "relaying denied"):
            self.own.action_request_code()
        self.assertEqual(self.mailbox.state, "draft")
