"""Sending where one signs in: as whom, and what happens when that does not work."""

from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore import errors
from odoo.addons.mail_mailbox_archive.mailcore.send import providers
from odoo.addons.mail_mailbox_archive.models.receiving import (
    sentences as error_sentences,
)
from odoo.addons.mail_mailbox_archive.models.sending import sentences as send_sentences

from .common import sending_allowed
from .servers.smtp import SmtpServer
from .test_oauth import EMAIL, OauthCase

UPN = "office@spedbud.onmicrosoft.example"
SIGN_IN_AGAIN = "Sign in again"


class OauthSendingCase(OauthCase):
    """The mailbox sends through a server that asks for a token."""

    def setUp(self):
        super().setUp()
        # the users that it lets in are its own: see let_in
        self.smtp = self.enterContext(SmtpServer(mechanisms=("XOAUTH2",)))
        self.smtp.users = {"nobody": "nothing"}
        self.openid.known_as = ""
        self.service.smtp_host = "localhost"
        self.mailbox.write(
            {
                "provider": "smtp",
                "smtp_host": "localhost",
                "smtp_port": self.smtp.port,
                "smtp_security": "none",
            }
        )
        self.mailbox.state = "ready"
        self.enterContext(sending_allowed(self.env))

    def let_in(self, login):
        self.smtp.users = {login: self.openid.tokens[-1].access}

    def send(self):
        mails = self.env["mail.mail"].with_user(self.member).sudo()
        mail = mails.create(
            {
                "email_from": self.mailbox.email,
                "email_to": "anna@spostex.example",
                "subject": "Offer",
                "body_html": "<p>Hello</p>",
            }
        )
        self.env.flush_all()
        mail.with_user(self.env.ref("base.user_root")).send()
        self.env.invalidate_all()
        return mail


@tagged("post_install", "-at_install")
class TestOauthLogin(OauthSendingCase):
    """As whom a token signs in."""

    def assertLeft(self, login):
        self.let_in(login)
        # another login is another proof
        self.mailbox.state = "ready"
        mail = self.send()
        self.assertEqual(mail.state, "sent", mail.failure_reason)
        self.assertEqual(len(self.smtp.received), 1)

    def test_as_the_account_that_signed_in(self):
        self.openid.known_as = UPN
        self.sign_in()
        self.assertEqual(self.mailbox.oauth_signed_in_as, EMAIL)
        self.assertLeft(UPN)

    def test_also_where_the_address_was_filled_in_as_login(self):
        self.openid.known_as = UPN
        self.mailbox.smtp_login = EMAIL.upper()
        self.sign_in()
        self.assertLeft(UPN)

    def test_as_the_address_where_it_has_no_other_name(self):
        self.sign_in()
        self.assertLeft(EMAIL)

    def test_as_the_login_that_somebody_chose(self):
        self.openid.known_as = UPN
        self.mailbox.smtp_login = "chosen@spedbud.example"
        self.sign_in()
        self.assertLeft("chosen@spedbud.example")

    def test_shared_mailbox_as_itself(self):
        self.openid.person, self.openid.known_as = "jan@spedbud.example", UPN
        self.mailbox.with_user(self.manager).oauth_account = "jan@spedbud.example"
        self.sign_in()
        self.assertLeft(EMAIL)


@tagged("post_install", "-at_install")
class TestOauthTrouble(OauthSendingCase):
    """What can heal waits; what cannot says what to do. Nothing breaks on words."""

    def test_provider_down_then_up(self):
        self.sign_in()
        self.openid.expire()
        self.token().sealed = self.mailbox._vault__().seal(
            self.stale(self.openid.tokens[-1]), *self.mailbox._get_token_hosts()
        )
        self.openid.broken = 503
        mail = self.send()
        self.assertEqual(mail.state, "outgoing")
        self.assertTrue(mail.scheduled_date)
        self.assertIn("Test provider", mail.failure_reason)
        self.openid.broken = 0
        # whoever asks for new ones gets others than were let in before
        self.mailbox._token_source__("localhost")()
        self.let_in(EMAIL)
        mail.mailbox_claimed_until = False
        mail.with_user(self.env.ref("base.user_root")).send()
        self.assertEqual(len(self.smtp.received), 1)

    def stale(self, token):
        """Return the tokens as kept, when their time is over."""
        return f'["{token.access}", "{token.refresh}", 0, null]'

    def test_sign_in_that_ended(self):
        self.sign_in()
        self.token().sealed = self.mailbox._vault__().seal(
            self.stale(self.openid.tokens[-1]), *self.mailbox._get_token_hosts()
        )
        self.openid.revoke()
        mail = self.send()
        self.assertEqual(mail.state, "exception")
        self.assertIn(SIGN_IN_AGAIN, mail.failure_reason)
        self.assertIn("Test provider", mail.failure_reason)

    def test_nobody_signed_in(self):
        mail = self.send()
        self.assertEqual(mail.state, "exception")
        self.assertIn("Nobody has signed in with Test provider", mail.failure_reason)

    def test_copies_for_sent_wait(self):
        self.sign_in()
        self.let_in(EMAIL)
        self.mailbox.save_sent = True
        self.send()
        sent = self.env["mail.mailbox.sent"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )
        self.assertEqual(sent.append_state, "waiting")
        self.token().sealed = self.mailbox._vault__().seal(
            self.stale(self.openid.tokens[-1]), *self.mailbox._get_token_hosts()
        )
        for broken, words in ((503, "Test provider"), (0, SIGN_IN_AGAIN)):
            self.openid.broken = broken
            if not broken:
                self.openid.revoke()
            sent.append_at = sent.sent_at
            self.env.ref("mail_mailbox_archive.ir_cron_append").method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual(sent.append_state, "waiting")
            self.assertIn(words, sent.append_error)

    def test_every_sentence_has_its_names(self):
        """Each code of each class of error, sending, receiving and at an account."""
        account = self.env["mail.mailbox.sending.account"].create(
            {"name": "Ours", "provider": "sendgrid", "api_key": "SG.key"}
        )
        elsewhere = self.mailbox.copy({"email": "elsewhere@spedbud.example"})
        elsewhere.write({"provider": "sendgrid", "sending_account_id": account.id})
        admin = self.env.ref("base.user_admin")
        texts = [*error_sentences.SENTENCES.values(), *send_sentences.BY_CODE.values()]
        texts += send_sentences.BY_CLASS.values()
        for text in error_sentences.UNREADABLE.values():
            # of one email, and of who was in its way
            told = str(self.env._(text)).replace("%(culprit)s", "Another")
            self.assertNotIn("%(", told)
        texts += [error_sentences.UNKNOWN, send_sentences.UNKNOWN]
        texts += [error_sentences.NOT_REACHED]
        for mailbox in (self.mailbox, elsewhere):
            for sending in (True, False):
                names = mailbox._get_names(sending)
                for text in texts:
                    filled = error_sentences.fill(self.env, text, names)
                    self.assertNotIn("%(", filled)
            for error in self.every_error():
                told = mailbox.with_user(admin)._explain_sending(error)
                # what to do about the server that sends, not the one that receives
                self.assertNotRegex(told, r"IMAP|\b(993|143)\b")
                self.assertTrue(mailbox._get_sentence(error.code, error.detail))
        refused = errors.LoginRefused("token")
        with patch.object(
            providers.get(account.provider), "check", side_effect=refused
        ):
            action = account.action_test()
        self.assertEqual(action["params"]["type"], "danger")

    def every_error(self):
        """Return an error of each class and code that mailcore has."""
        kinds = [errors.MailCoreError]
        for kind in kinds:
            kinds += [one for one in kind.__subclasses__() if one not in kinds]
        codes = {code for kind in kinds for code in kind.codes} | {"never heard of"}
        return [kind(code, "words") for kind in kinds for code in sorted(codes)]


@tagged("post_install", "-at_install")
class TestOauthKept(OauthSendingCase):
    """A sign-in ends by what changes it, and by nothing else; whoever ends it hears."""

    def heard(self, user):
        self.env.cr.precommit.run()
        channel = f'"res.partner",{user.partner_id.id}'
        messages = self.env["bus.bus"].search([("channel", "like", channel)])
        return [one for one in messages.mapped("message") if "simple_notif" in one]

    def test_the_same_written_again_changes_nothing(self):
        self.sign_in()
        kept = self.token()
        values = {
            "oauth_provider_id": self.service.id,
            "imap_host": "localhost",
            "email": EMAIL,
            "oauth_account": False,
            "auth_method": "oauth2",
            "imap_port": str(self.mailbox.imap_port),
        }
        for user in (self.member, self.manager):
            for name, value in values.items():
                with self.subTest(name, user=user.login):
                    self.mailbox.with_user(user).write({name: value})
                    self.assertEqual(self.token(), kept)
            self.mailbox.with_user(user).write(values)
            self.assertEqual(self.token(), kept)
        self.assertFetched()
        self.assertFalse(self.heard(self.member))

    def test_another_service_ends_it_and_says_so(self):
        self.sign_in()
        other = self.service.copy({"name": "Other"})
        self.mailbox.with_user(self.member).oauth_provider_id = other
        self.assertFalse(self.token())
        (message,) = self.heard(self.member)
        self.assertIn(SIGN_IN_AGAIN, message)

    def test_another_server_has_the_password_typed_again_and_says_so(self):
        mailbox = self.mailbox.copy({"email": "words@spedbud.example"})
        mailbox.write(
            {
                "auth_method": "password",
                "imap_password": "one",
                "smtp_password": "two",
                "user_ids": [Command.set(self.member.ids)],
            }
        )
        mine = mailbox.with_user(self.member)
        mine.write({"imap_host": "localhost", "smtp_host": "localhost"})
        self.assertTrue(mailbox.has_imap_password and mailbox.has_smtp_password)
        self.assertFalse(self.heard(self.member))
        mine.write({"imap_host": "imap.other.example", "imap_password": "three"})
        self.assertTrue(mailbox.has_imap_password)
        self.assertFalse(self.heard(self.member))
        mine.write({"imap_host": "localhost", "smtp_host": "smtp.other.example"})
        self.assertFalse(mailbox.has_imap_password or mailbox.has_smtp_password)
        told = "".join(self.heard(self.member))
        self.assertIn("imap.other.example", told)
        self.assertIn("was for localhost", told)
        self.assertIn("words@spedbud.example", told)
