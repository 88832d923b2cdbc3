"""Claiming an address: nobody gets the mail of others by setting a mailbox up."""

from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MANAGER, USER
from .sending import PASSWORD, SendingCase, SmtpSink

COMPANY = "info@spedbud.example"


class ClaimCase(SendingCase):
    """The company's address, and somebody with a mail server of their own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.evil = cls.enterClassContext(SmtpSink())
        cls.env.company.write({"email": COMPANY, "name": "Spedbud"})
        cls.eve = cls.make_user("eve", USER, "base.group_partner_manager")
        cls.system = cls.make_user("system", "base.group_system")
        cls.admin = cls.env.ref("base.user_admin")
        cls.admin.write({"email": "admin@spedbud.example", "active": True})

    def setUp(self):
        super().setUp()
        self.evil.take()
        # of this one nobody knows who entered its server
        self.mailbox.settings_by_id = False

    def claim(self, user, email=COMPANY, **values):
        """Have ``user`` set a mailbox up whose server is theirs."""
        return (
            self.env["mail.mailbox"]
            .with_user(user)
            .create(
                {
                    "name": "Claimed",
                    "email": email,
                    "imap_enabled": False,
                    "provider": "smtp",
                    "smtp_host": "localhost",
                    "smtp_port": self.evil.port,
                    "smtp_password": PASSWORD,
                    "smtp_security": "starttls",
                    **values,
                }
            )
        )

    def claim_in_clear(self, user, *args, **values):
        mailbox = self.claim(user, *args, **values)
        # the servers of these tests speak no TLS
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox SET smtp_security = 'none' WHERE id = %s",
            [mailbox.id],
        )
        mailbox.invalidate_recordset()
        return mailbox

    def verify_by_itself(self):
        # what Odoo tells people of on the way
        self.smtp.take()
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_verify").method_direct_trigger()
        self.env.invalidate_all()

    # What Odoo mails by itself

    def mail_reset(self):
        call_kw(
            self.env["res.users"].with_user(self.system),
            "action_reset_password",
            [self.admin.ids],
            {},
        )

    def mail_code_of_odoo(self):
        """A digest or the like: made with all rights while a person clicks."""
        self.env["mail.mail"].with_user(self.eve).sudo().create(
            {
                "email_from": self.env.company.email_formatted,
                "email_to": "admin@spedbud.example",
                "subject": "Digest",
                "body_html": "<p>Numbers</p>",
            }
        )

    def mail_notification(self):
        partner = self.env["res.partner"].create(
            {"name": "Customer", "email": "customer@spostex.example"}
        )
        partner.with_user(self.system).message_post(
            body="Hello",
            partner_ids=partner.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )

    def mail_template(self):
        template = self.env["mail.template"].create(
            {
                "name": "Invitation",
                "model_id": self.env.ref("base.model_res_partner").id,
                "email_from": "{{ user.company_id.email_formatted }}",
                "email_to": "admin@spedbud.example",
                "subject": "Invitation",
                "body_html": "<p>Come</p>",
            }
        )
        template.with_user(self.eve).sudo().send_mail(self.eve.partner_id.id)

    def mail_all(self):
        """Have Odoo mail by itself; return what each server got."""
        self.smtp.take()
        before = self.env["mail.mail"].search([])
        for name in dir(ClaimCase):
            if name.startswith("mail_") and name not in ("mail_all",):
                getattr(self, name)()
        self.env.flush_all()
        self.run_queue((self.env["mail.mail"].search([]) - before).exists())
        return self.smtp.take(), self.evil.take()


@tagged("post_install", "-at_install")
class TestClaims(ClaimCase):
    def setUp(self):
        super().setUp()
        self.smtp.take()
        self.expected = len(self.mail_all()[0])
        self.assertGreaterEqual(self.expected, 4)

    def check_own_mail(self):
        own, evil = self.mail_all()
        self.assertEqual((len(own), len(evil)), (self.expected, 0))

    def test_claim_of_the_companys_address_gets_nothing(self):
        mailbox = self.claim_in_clear(self.eve)
        self.assertEqual(mailbox.approval, "needed")
        with self.assertRaisesRegex(UserError, "approve"):
            mailbox.action_request_code()
        self.verify_by_itself()
        self.check_own_mail()
        self.assertFalse(self.evil.connections)

    def test_nor_of_a_person_or_an_alias(self):
        for email in (
            "admin@spedbud.example",
            "x@y.example",
            "catchall@spedbud.example",
        ):
            mailbox = self.claim_in_clear(self.eve, email)
            self.assertEqual(mailbox.approval, "needed", email)
        self.check_own_mail()

    def test_whatever_state_it_gets_into(self):
        mailbox = self.claim_in_clear(self.eve)
        for state in (
            {"approval": "approved"},
            {"state": "verifying"},
            {"state": "ready"},
            {"private": True},
            {"restrict_senders": True},
            {"active": False},
        ):
            with self.subTest(state=state):
                mailbox.sudo().write(state)
                self.check_own_mail()

    def test_code_takes_a_road_past_its_claimant(self):
        mailbox = self.claim_in_clear(self.eve)
        mailbox.with_user(self.manager).action_approve()
        self.verify_by_itself()
        (received,) = self.smtp.take()
        self.assertEqual(received.rcpt_to, (COMPANY,))
        self.assertFalse(self.evil.take())
        self.assertEqual(mailbox.state, "verifying")

    def test_no_road_but_ones_own(self):
        self.env["ir.mail_server"].search([("mailbox_id", "=", False)]).active = False
        mailbox = self.claim_in_clear(self.manager)
        self.assertEqual(mailbox.approval, "approved")
        # the other mailbox's settings are nobody's known
        with self.assertRaisesRegex(UserError, "No server is available"):
            mailbox.action_request_code()
        self.assertFalse(self.evil.take())
        mailbox.action_approve()
        self.verify_by_itself()
        self.assertEqual(mailbox.state, "ready")
        (test,) = self.evil.take()
        self.assertIn("They work", test.text)
        # proven, and still none of Odoo's mail
        before = self.smtp.received
        self.assertFalse(before)

    def test_road_over_a_mailbox_of_somebody_else(self):
        self.env["ir.mail_server"].search([("mailbox_id", "=", False)]).active = False
        self.mailbox.settings_by_id = self.system
        mailbox = self.claim_in_clear(self.manager)
        mailbox.action_request_code()
        (received,) = self.smtp.take()
        self.assertEqual(received.mail_from, "office@spedbud.example")
        self.assertEqual(received.rcpt_to, (COMPANY,))
        # a code is in no Queue
        self.assertFalse(self.mailbox.sudo().env["mail.mailbox.arrival"].search([]))
        # and not over one whose server the claimant entered
        self.mailbox.settings_by_id = self.manager
        with self.assertRaisesRegex(UserError, "No server is available"):
            mailbox.action_request_code()
        self.assertFalse(self.evil.take() or self.smtp.take())

    def test_what_is_no_road_for_a_code(self):
        """Each reason alone; the last one would be another person's mailbox."""
        self.env["ir.mail_server"].search([("mailbox_id", "=", False)]).active = False
        self.mailbox.settings_by_id = self.system
        mailbox = self.claim_in_clear(self.manager)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(mailbox._find_code_road(), self.mailbox)
        for values in (
            {"state": "draft"},
            {"approval": "needed"},
            {"private": True},
            {"settings_by_id": False},
            {"settings_by_id": self.manager.id},
            {"user_ids": [Command.link(self.manager.id)]},
            {
                "imap_enabled": True,
                "imap_host": "imap.gmail.com",
                "smtp_host": "smtp.gmail.com",
            },
        ):
            with self.subTest(**values), self.env.cr.savepoint() as savepoint:
                self.mailbox.write(values)
                self.mailbox.flush_recordset()
                if "state" not in values:
                    self.mailbox.state = "ready"
                if "settings_by_id" not in values:
                    self.mailbox.settings_by_id = self.system
                self.assertIsNone(mailbox._find_code_road())
                savepoint.rollback()
                self.env.invalidate_all()
        # nor one of another company
        self.manager.company_ids = [Command.link(elsewhere.id)]
        mailbox.sudo().company_id, self.mailbox.company_id = elsewhere, False
        self.assertEqual(mailbox._find_code_road(), self.mailbox)
        self.mailbox.company_id = self.env.company
        self.assertIsNone(mailbox._find_code_road())
        mailbox.sudo().company_id = self.env.company
        # nor one of whoever has any part in the claim
        self.mailbox.settings_by_id = self.colleague
        self.assertEqual(mailbox._find_code_road(), self.mailbox)
        self.assertIsNone(mailbox.with_user(self.colleague)._find_code_road())
        for values in (
            {"settings_by_id": self.colleague.id},
            {"user_ids": [Command.link(self.colleague.id)]},
            {"responsible_id": self.colleague.id},
        ):
            with self.subTest(**values), self.env.cr.savepoint() as savepoint:
                mailbox.sudo().write(values)
                self.assertIsNone(mailbox._find_code_road())
                savepoint.rollback()
                self.env.invalidate_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox SET create_uid = %s WHERE id = %s",
            [self.colleague.id, mailbox.id],
        )
        self.env.invalidate_all()
        self.assertIsNone(mailbox._find_code_road())

    def test_a_server_of_somebody_is_no_server_of_odoo(self):
        servers = self.env["ir.mail_server"]
        own = servers.search([("mailbox_id", "=", False)])
        self.assertTrue(servers._has_server_of_odoo())
        own[1:].active = False
        own[:1].owner_user_id = self.colleague
        self.assertFalse(servers._has_server_of_odoo())

    def test_settings_prove_no_address(self):
        mailbox = self.claim_in_clear(self.eve)
        for proven in (False, "other@spedbud.example"):
            mailbox.sudo().proven_address = proven
            with self.assertRaisesRegex(UserError, "not verified yet"):
                mailbox._prove_settings()
        self.assertFalse(self.evil.take())

    def test_only_administrators_of_its_company_are_asked(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        stranger = self.make_user("stranger", MANAGER)
        stranger.write(
            {"company_ids": [Command.set(elsewhere.ids)]} | {"company_id": elsewhere.id}
        )
        asked = self.claim(self.eve).sudo().activity_ids.user_id
        self.assertIn(self.manager, asked)
        self.assertNotIn(stranger, asked)

    def test_a_claim_ends_by_no_other_claim_and_no_late_refusal(self):
        waiting = self.claim(self.eve)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.claim(self.colleague)
        self.assertTrue(waiting.active)
        waiting.with_user(self.manager).action_approve()
        waiting.with_user(self.manager).action_refuse_address()
        self.assertTrue(waiting.active)

    def test_settings_administrator_proves_by_their_own_server(self):
        self.env["ir.mail_server"].search([("mailbox_id", "=", False)]).active = False
        self.system.group_ids = [
            Command.link(self.env.ref("mail_mailbox_archive.group_user").id)
        ]
        mailbox = self.claim_in_clear(self.system)
        mailbox.action_request_code()
        (received,) = self.evil.take()
        self.assertEqual(received.rcpt_to, (COMPANY,))
        # somebody else's server is no such road
        mailbox.with_user(self.manager).smtp_login = "other"
        with self.assertRaisesRegex(UserError, "No server is available"):
            mailbox.with_user(self.manager).action_request_code()

    def test_own_address_needs_no_approval(self):
        self.eve.sudo().login = "eve@spedbud.example"
        self.assertEqual(self.claim(self.eve, self.eve.login).approval, "own")

    def test_email_of_ones_own_making_is_not_ones_own(self):
        self.eve.with_user(self.eve).email = "boss@spedbud.example"
        self.assertEqual(self.claim(self.eve, self.eve.email).approval, "needed")
        self.eve.with_user(self.system).email = "eva@spedbud.example"
        self.assertEqual(self.claim(self.eve, "eva@spedbud.example").approval, "own")
        self.eve.with_user(self.eve).email = "other@spedbud.example"
        self.assertFalse(self.eve._are_own_addresses({"eva@spedbud.example"}))
        self.assertFalse(self.eve._are_own_addresses({"other@spedbud.example"}))

    def test_waiting_mailbox_holds_no_address(self):
        waiting = self.claim(self.eve)
        real = self.make_mailbox(COMPANY, self.member)
        self.assertFalse(waiting.active)
        self.assertEqual(real.approval, "approved")
        other = self.claim(self.eve, "sales@spedbud.example")
        other.with_user(self.manager).action_refuse_address()
        self.assertFalse(other.active)

    def test_address_is_approved_by_administrators_alone(self):
        mailbox = self.claim(self.eve)
        for method in ("action_approve", "action_refuse_address"):
            with self.assertRaises(AccessError):
                getattr(mailbox, method)()
        self.assertIn(
            self.manager, mailbox.sudo().activity_ids.user_id, "nobody was asked"
        )
        mailbox.with_user(self.manager).action_approve()
        mailbox.email = "sales@spedbud.example"
        self.assertEqual(mailbox.approval, "needed")

    def test_code_is_mailed_by_itself_once(self):
        self.eve.sudo().login = "eve@spedbud.example"
        mailbox = self.claim_in_clear(self.eve, self.eve.login)
        self.verify_by_itself()
        self.assertEqual(len(self.smtp.take()), 1)
        self.assertEqual(mailbox.state, "verifying")
        for change in ({"name": "Eve"}, {"description": "Mine"}, {"smtp_port": 2525}):
            mailbox.write(change)
            self.verify_by_itself()
        self.assertFalse(self.smtp.take())

    def test_incomplete_settings_mail_nothing(self):
        self.eve.sudo().login = "eve@spedbud.example"
        mailbox = self.claim_in_clear(self.eve, self.eve.login, smtp_password=False)
        self.verify_by_itself()
        self.assertFalse(self.smtp.take())
        mailbox.smtp_password = PASSWORD
        self.verify_by_itself()
        self.assertEqual(len(self.smtp.take()), 1)


@tagged("post_install", "-at_install")
class TestSwitch(ClaimCase):
    """Odoo's own mail leaves through a mailbox where that was switched on."""

    def setUp(self):
        super().setUp()
        self.carrier = self.claim_in_clear(self.manager)
        self.carrier.sudo().write({"approval": "approved", "state": "ready"})

    def test_only_a_settings_administrator_switches_it_on(self):
        for user in (self.eve, self.manager):
            with self.assertRaises(AccessError):
                self.carrier.with_user(user).odoo_mail = True
        with self.assertRaises(AccessError):
            self.claim(self.manager, "new@spedbud.example", odoo_mail=True)

    def test_switched_on_it_carries_and_keeps_nothing(self):
        self.carrier.sudo().odoo_mail = True
        own, carried = self.mail_all()
        # the notification is of a person whose address it is not
        self.assertEqual((len(own), bool(carried)), (1, True))
        arrivals = self.env["mail.mailbox.arrival"].search([])
        self.assertFalse(arrivals.filtered(lambda a: a.mailbox_id == self.carrier))

    def test_another_server_switches_it_off(self):
        for change in (
            {"smtp_host": "127.0.0.1"},
            {"smtp_login": "other"},
            {"smtp_port": 2525},
            {"smtp_security": "ssl"},
            {"auth_method": "oauth2"},
            {"email": "other@spedbud.example"},
        ):
            with self.subTest(change=change), self.env.cr.savepoint() as savepoint:
                self.carrier.sudo().odoo_mail = True
                self.carrier.with_user(self.manager).write(change)
                self.assertFalse(self.carrier.odoo_mail)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_upgrade_leaves_it_where_it_was_and_tells(self):
        other = self.make_mailbox("sales@spedbud.example", **self.smtp_values())
        quiet = self.make_mailbox(self.admin.email, **self.smtp_values())
        (other + quiet).state = "ready"
        days, now = timedelta(days=30), fields.Datetime.now()
        message = self.deliver(self.mailbox).mailbox_message_id
        for mailbox, moment in (
            (self.carrier, now),
            (other, now),
            (quiet, now - 2 * days),
        ):
            self.env["mail.mailbox.sent"].create(
                {
                    "mailbox_id": mailbox.id,
                    "mailbox_message_id": message.id,
                    "sent_at": moment,
                }
            )
        mailboxes = self.env["mail.mailbox"]
        mailboxes._switch_on_where_carried(now - days)
        self.assertTrue(self.carrier.odoo_mail)
        self.assertFalse(other.odoo_mail or quiet.odoo_mail)
        notice = self.env["mail.message"].search([], limit=1)
        self.assertIn(self.system.partner_id, notice.notified_partner_ids)
        self.assertIn(COMPANY, notice.body)

    def test_health_says_that_nothing_carries_it(self):
        self.assertFalse(self.carrier.odoo_mail_missing)
        self.env["ir.mail_server"].search([("mailbox_id", "=", False)]).active = False
        self.env.invalidate_all()
        self.assertTrue(self.carrier.odoo_mail_missing)
        self.carrier.sudo().odoo_mail = True
        self.env.invalidate_all()
        self.assertFalse(self.carrier.odoo_mail_missing)

    def test_unable_it_stops_nothing(self):
        self.carrier.sudo().odoo_mail = True
        for state in ({"state": "draft"}, {"active": False}):
            self.carrier.sudo().write(state)
            own, carried = self.mail_all()
            self.assertFalse(carried)
            self.assertGreaterEqual(len(own), 4)

    @mute_logger("odoo.addons.mail.models.mail_mail")
    def test_a_person_takes_no_address_by_the_same_words(self):
        # what Odoo may send as the company, nobody may by naming it
        self.carrier.sudo().write({"restrict_senders": True})
        before = self.env["mail.mail"].search([])
        partner = self.eve.partner_id
        with self.assertRaises(UserError):
            call_kw(
                self.env["res.partner"].with_user(self.eve),
                "message_post",
                [partner.ids],
                {
                    "body": "Hello",
                    "email_from": COMPANY,
                    "partner_ids": self.member.partner_id.ids,
                    "message_type": "comment",
                    "subtype_xmlid": "mail.mt_comment",
                },
            )
        self.run_queue((self.env["mail.mail"].search([]) - before).exists())
        self.assertFalse(self.smtp.take() or self.evil.take())
