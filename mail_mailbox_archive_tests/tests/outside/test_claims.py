"""Claiming an address: whoever does it with a mail server of their own gets nothing."""

from __future__ import annotations

from ..claim_vectors import PUB, froms
from ..reliability.extent import extent
from ..servers.smtp import SmtpServer
from .case import OutsideCase
from .client import Refused
from .running import RunningOdoo

COMPANY = "info@claims.example"


class TestClaims(OutsideCase):
    """A company whose address nobody has set up yet, and a user with a server."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # a server of their own: all others would feel the company's address
        cls.odoo = RunningOdoo(cls.stage).__enter__()
        cls.addClassCleanup(cls.odoo.__exit__)
        cls.admin = cls.odoo.client("admin")
        cls.admin.change("res.company", 1, email=COMPANY, name="Claims")
        cls.admin.add(
            "ir.mail_server",
            name="The company's own",
            smtp_host="127.0.0.1",
            smtp_port=cls.smtp.port,
            smtp_encryption="none",
        )

    def setUp(self):
        super().setUp()
        self.evil = self.enter(SmtpServer())
        self.smtp.received.clear()
        self.victim = self.person("claims_victim")
        groups = "mail_mailbox_archive.group_user", "base.group_partner_manager"
        self.eve = self.person("claims_eve", *groups)
        self.addCleanup(self.forget)

    def forget(self):
        """Have nobody claim anything any longer."""
        self.odoo.sql(
            "UPDATE mail_mailbox SET active = false, email = id || '@gone.example'"
        )
        self.odoo.sql(
            "UPDATE mail_mailbox_address SET in_use = false,"
            " email = id || '@gone.example', email_normalized = id || '@gone.example'"
        )

    def claim(self, email):
        """Have Eve set a mailbox up whose server is hers."""
        made = self.claimed(self.eve, email, self.evil)
        # the servers of these tests speak no TLS
        self.odoo.sql(
            "UPDATE mail_mailbox SET smtp_security = 'none' WHERE id = %s", made
        )
        return made

    def reset_password(self):
        """Have the administrator's password reset; return what came for it."""
        before = len(self.received("claims_victim@spedbud.example"))
        self.admin.call("res.users", "action_reset_password", [self.victim.uid])
        return self.wait(
            lambda: self.received("claims_victim@spedbud.example")[before:],
            "the mail with the link",
        )

    def test_reset_goes_by_odoos_server_whatever_is_claimed(self):
        for email in (COMPANY, "claims_victim@spedbud.example"):
            box = self.claim(email)
            with self.assertRaises(Refused):
                self.eve.call("mail.mailbox", "action_request_code", [box])
            for state in ("verifying", "ready"):
                # even if it were proven and approved
                self.odoo.sql(
                    "UPDATE mail_mailbox SET approval = 'approved', state = %s"
                    " WHERE id = %s",
                    state,
                    box,
                )
                self.odoo.sql(
                    "UPDATE mail_mailbox_address SET approval = 'approved',"
                    " is_proven = true WHERE mailbox_id = %s",
                    box,
                )
                self.assertTrue(self.reset_password())
            self.admin.change("mail.mailbox", box, active=False)
            self.assertTrue(self.reset_password())
        self.assertFalse(self.evil.received)
        self.assertFalse(self.evil.connections)

    def test_approved_its_code_goes_past_her(self):
        box = self.claim(COMPANY)
        self.admin.call("mail.mailbox", "action_approve", [box])
        (code,) = self.wait(lambda: self.received(COMPANY), "the code, by itself")
        self.assertIn("code", code["subject"].lower())
        self.assertFalse(self.evil.received)

    def test_no_from_leaves_as_a_mailbox(self):
        guest = self.person("claims_guest", "base.group_partner_manager")
        senders = [(6, 0, [self.victim.uid])]
        self.mailbox(
            PUB,
            self.victim,
            restrict_senders=True,
            sender_ids=senders,
        )
        partner = self.admin.add(
            "res.partner", name="Customer", email="customer@claims.example"
        )
        values = list(froms())[:: extent(12, 1)]
        refused = 0
        for number, value in enumerate([*values, "x@y.example", "x@y.example"]):
            person = (self.eve, guest)[number % 2]
            try:
                person.call(
                    "res.partner",
                    "message_notify" if number % 3 else "message_post",
                    [partner],
                    body="Dismissed",
                    email_from=value,
                    partner_ids=[partner],
                )
            except Refused:
                refused += 1
        self.assertEqual(refused, len(values))
        self.odoo.wake("mail.ir_cron_mail_scheduler_action")
        self.admin.call("res.users", "action_reset_password", [guest.uid])
        self.wait(lambda: self.received("claims_guest@spedbud.example"), "another mail")
        came = self.received("customer@claims.example")
        self.assertEqual(
            {mail["from"].addresses[0].addr_spec for mail in came}, {"x@y.example"}
        )
