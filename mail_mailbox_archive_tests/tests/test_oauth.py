"""Signing in by OAuth: a real provider, a real IMAP server that asks it."""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from unittest.mock import patch
from urllib.parse import parse_qs, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from odoo import Command
from odoo.api import SUPERUSER_ID, Environment
from odoo.exceptions import AccessError, UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, tagged
from odoo.tests.common import get_db_name

from odoo.addons.mail_mailbox_archive.mailcore.connect import oauth
from odoo.addons.mail_mailbox_archive.mailcore.errors import LoginRefused, Unreachable
from odoo.addons.mail_mailbox_archive.models.receiving import poll as polling
from odoo.addons.mail_mailbox_archive.models.receiving.oauth_provider import (
    ODOO_SETTINGS,
)

from .browser import WatchedCase
from .common import USER, MailboxCase, write_mail
from .servers.openid import OpenIdProvider
from .test_poll import PollCase

EMAIL = "office@spedbud.example"


class _Stop(HTTPRedirectHandler):
    def http_error_302(self, request, answer, code, message, headers):
        return answer


def consent(url, answer="yes"):
    """Press the button on the provider's page; return what the browser comes with."""
    form = urlencode({"confirm": answer}).encode()
    page = build_opener(_Stop).open(Request(url, form), timeout=10)
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


class _Inline(Executor):
    """Does its work at once: the cursor of a test is of one thread."""

    def __init__(self, *_arguments):
        pass

    def submit(self, work, /, *arguments):
        future = Future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


class OauthCase(PollCase):
    """A mailbox at a Dovecot that knows passwords and tokens."""

    mechanisms = "plain xoauth2 oauthbearer"

    @classmethod
    def setUpClass(cls):
        cls.openid = cls.enterClassContext(OpenIdProvider())
        cls.options = {
            "introspection": f"{cls.openid.issuer}/introspect",
            "mechanisms": cls.mechanisms,
        }
        super().setUpClass()
        cls.service = cls.env["mail.mailbox.oauth.provider"].create(
            {
                "name": "Test provider",
                "client_id": cls.openid.client_id,
                "client_secret": cls.openid.client_secret,
                "issuer": cls.openid.issuer,
            }
        )
        cls.service.action_discover()

    def setUp(self):
        super().setUp()
        self.enterContext(patch.object(polling, "ThreadPoolExecutor", _Inline))
        self.openid.person, self.openid.broken, self.openid.life = EMAIL, 0, 3600
        self.openid.asked.clear()
        # a home of its own for each test, under the login that tokens are for
        self.server.add_user(EMAIL)
        self.server.deliver(EMAIL, write_mail(self.id()).as_bytes())
        self.addCleanup(self.server.remove_user, EMAIL)
        self.mailbox.write(
            {
                "auth_method": "oauth2",
                "imap_login": False,
                "oauth_provider_id": self.service.id,
            }
        )
        self.env.flush_all()

    def begin(self, user=None):
        action = self.mailbox.with_user(user or self.member).action_oauth_sign_in()
        self.env.flush_all()
        return action["url"]

    def consent(self, url, answer="yes"):
        return consent(url, answer)

    def finish(self, state="", code="", error="", user=None, **_others):
        model = self.env["mail.mailbox"].with_user(user or self.member)
        mailbox = model._finish_oauth(state, code, error)
        self.env.flush_all()
        return mailbox

    def sign_in(self):
        return self.finish(**self.consent(self.begin()))

    def token(self):
        return self.env["mail.mailbox.oauth.token"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )

    def assertFetched(self, count=1):
        self.poll()
        self.assertFalse(self.mailbox.last_error)
        self.assertEqual(len(self.arrivals()), count)


@tagged("post_install", "-at_install")
class TestOauth(OauthCase):
    def test_sign_in_and_fetch(self):
        self.mailbox.imap_password = "s3cr3t-word"
        with self.assertLogs(level="DEBUG") as logs:
            self.assertEqual(self.sign_in(), self.mailbox)
            self.assertFetched()
        self.assertEqual(self.mailbox.with_user(self.member).oauth_signed_in_as, EMAIL)
        given = self.openid.tokens[-1]
        told = "\n".join(logs.output)
        for secret in (given.access, given.refresh, self.openid.client_secret):
            self.assertNotIn(secret, told)

    def test_no_password_is_stored(self):
        self.mailbox.write({"auth_method": "password", "imap_password": "s3cr3t-word"})
        self.assertTrue(self.mailbox.has_imap_password)
        self.mailbox.auth_method = "oauth2"
        self.assertFalse(self.mailbox.has_imap_password)

    def test_refresh_and_rotation(self):
        self.openid.life = 60
        self.sign_in()
        first = self.openid.tokens[-1]
        self.assertFetched()
        self.assertTrue(first.used)
        self.assertEqual(self.openid.asked, ["authorization_code", "refresh_token"])
        self.assertFetched()
        self.assertEqual(self.openid.asked[2:], ["refresh_token"])

    def test_fresh_token_is_used_again(self):
        self.sign_in()
        self.assertFetched()
        self.assertFetched()
        self.assertEqual(self.openid.asked, ["authorization_code"])

    def test_token_withdrawn_before_its_time(self):
        self.sign_in()
        self.openid.expire()
        self.assertFetched()
        self.assertEqual(self.openid.asked, ["authorization_code", "refresh_token"])

    def test_rotated_token_outlives_a_failure(self):
        """What comes after the refresh fails; the new refresh token is kept."""
        self.openid.life = 60
        self.sign_in()
        port, self.mailbox.imap_port = self.mailbox.imap_port, 1
        self.poll()
        self.assertEqual(self.mailbox.error_code, "refused")
        self.mailbox.imap_port = port
        self.assertFetched()

    def test_dead_token_stops_this_mailbox_and_tells_once(self):
        other = self.connect(self.make_mailbox("b@spedbud.example"), EMAIL)
        self.sign_in()
        self.openid.revoke()
        self.poll(self.mailbox + other)
        self.assertTrue(self.mailbox.stopped)
        self.assertIn("Sign in again", self.mailbox.last_error)
        self.assertTrue(other.last_success)
        self.assertEqual(len(self.mailbox.activity_ids), 1)
        self.assertFalse(self.poll())
        self.assertEqual(len(self.mailbox.activity_ids), 1)
        self.assertEqual(len(self.arrivals()), 0)
        self.sign_in()
        self.assertFalse(self.mailbox.stopped)
        self.assertFetched()

    def test_provider_down(self):
        self.openid.life = 60
        self.sign_in()
        self.openid.broken = 503
        self.poll()
        self.assertFalse(self.mailbox.stopped)
        self.assertIn("does not respond", self.mailbox.last_error)
        self.assertIn("Test provider", self.mailbox.last_error)
        self.openid.broken = 0
        self.assertFetched()

    def test_provider_down_at_the_sign_in(self):
        came = self.consent(self.begin())
        self.openid.broken = 503
        mailbox = self.finish(**came)
        self.assertIn("does not respond", mailbox.oauth_problem)
        self.assertFalse(mailbox.oauth_signed_in_as)
        self.openid.broken = 0
        self.assertFalse(self.sign_in().oauth_problem)

    def test_wrong_account(self):
        self.openid.person = "private@home.example"
        mailbox = self.sign_in()
        self.assertIn("with another account", mailbox.oauth_problem)
        self.assertFalse(self.token())
        self.poll()
        self.assertIn("Nobody has signed in", self.mailbox.last_error)
        self.assertTrue(self.mailbox.stopped)

    def test_other_account_that_is_allowed(self):
        self.openid.person = "Private@Home.example"
        self.mailbox.with_user(self.manager).oauth_account = "private@home.example"
        self.assertFalse(self.sign_in().oauth_problem)
        self.assertEqual(self.token().account, "Private@Home.example")
        with self.assertRaises(AccessError):
            self.mailbox.with_user(self.member).oauth_account = "other@home.example"

    def test_person_who_cancels(self):
        mailbox = self.finish(**self.consent(self.begin(), "no"))
        self.assertIn("was not completed", mailbox.oauth_problem)
        self.assertFalse(self.token())

    def test_state_is_good_once(self):
        came = self.consent(self.begin())
        self.assertTrue(self.finish(**came))
        asked = len(self.openid.asked)
        self.assertFalse(self.finish(**came))
        self.assertFalse(self.finish(**{**came, "state": "made-up"}))
        self.assertFalse(self.finish(code=came["code"]))
        self.assertEqual(len(self.openid.asked), asked)

    def test_state_of_another_person(self):
        came = self.consent(self.begin())
        self.assertFalse(self.finish(**came, user=self.manager))
        self.assertFalse(self.openid.asked)
        self.assertTrue(self.finish(**came))

    def test_state_that_took_too_long(self):
        came = self.consent(self.begin())
        self.env.cr.execute(
            "UPDATE mail_mailbox_oauth_state SET create_date = now() - interval '1 day'"
        )
        self.assertFalse(self.finish(**came))
        self.env["mail.mailbox.oauth.state"]._gc_states()
        self.assertFalse(self.env["mail.mailbox.oauth.state"].search([]))

    def test_service_that_changed_meanwhile(self):
        came = self.consent(self.begin())
        self.mailbox.oauth_provider_id = self.service.copy({"name": "Another"})
        self.assertIn("was not completed", self.finish(**came).oauth_problem)

    def test_who_may_sign_in(self):
        with self.assertRaises(AccessError):
            self.begin(self.outsider)

    def test_token_is_for_one_server_and_account(self):
        for values in ({"imap_host": "imap.example.com"}, {"email": "x@y.example"}):
            with self.subTest(values=values):
                self.mailbox.email = EMAIL
                self.sign_in()
                self.assertTrue(self.token())
                self.mailbox.with_user(self.manager).write(values)
                self.assertFalse(self.token())
                self.mailbox.write({"imap_host": "localhost"})

    def test_smtp_server_of_the_service_gets_the_token(self):
        self.service.smtp_host = "smtp.example.com"
        self.sign_in()
        self.service.smtp_host = False
        self.mailbox.write({"provider": "smtp", "smtp_host": "smtp.example.com"})
        self.assertIsNone(self.mailbox._get_smtp_settings__().oauth_token)
        self.service.smtp_host = "SMTP.example.com"
        settings = self.mailbox._get_smtp_settings__()
        self.assertEqual(settings.oauth_token(), self.openid.tokens[-1].access)
        self.assertEqual(settings.login, EMAIL)
        # one that was entered afterwards gets nothing
        self.service.smtp_host = self.mailbox.smtp_host = "evil.example.com"
        with self.assertRaises(LoginRefused):
            self.mailbox._get_smtp_settings__().oauth_token()

    def test_endpoint_of_somebody_else_gets_nothing(self):
        self.service.userinfo_endpoint = self.openid.issuer + "/userinfo"
        self.service.client_secret = self.openid.client_secret
        # each use asks for a new one
        self.openid.life = 1
        self.sign_in()
        evil = self.enterContext(OpenIdProvider())
        for name, path in (
            ("token_endpoint", "/token"),
            ("userinfo_endpoint", "/userinfo"),
        ):
            with self.subTest(endpoint=name), self.env.cr.savepoint() as savepoint:
                self.service.with_user(self.manager)[name] = evil.issuer + path
                self.env.flush_all()
                with self.assertRaises(LoginRefused) as caught:
                    self.mailbox._get_access_token__("", self.mailbox.imap_host)
                self.assertEqual(caught.exception.code, "elsewhere")
                with self.assertRaisesRegex(UserError, "another server"):
                    self.begin()
                self.poll()
                self.assertEqual(self.mailbox.error_code, "elsewhere")
                savepoint.rollback()
                self.env.invalidate_all()
        # the discovery of another issuer brings no secret there either
        self.service.with_user(self.manager).issuer = evil.issuer
        self.service.with_user(self.manager).action_discover()
        with self.assertRaisesRegex(UserError, "another server"):
            self.begin()
        self.assertFalse(evil.asked)

    def test_odoos_own_registration_stays_at_home(self):
        parameters = self.env["ir.config_parameter"].sudo()
        for kind, name in ODOO_SETTINGS.items():
            parameters.set_param(f"{name}_id", "id")
            parameters.set_param(f"{name}_secret", "secret")
            service = self.env["mail.mailbox.oauth.provider"].search(
                [("kind", "=", kind)], limit=1
            )
            service.client_id = False
            self.assertEqual(service._client__().secret, "secret", kind)
            service.with_user(self.manager).token_endpoint = "https://evil.example/t"
            with self.assertRaises(UserError):
                service._client__()

    def test_nobody_reads_tokens(self):
        self.sign_in()
        for user in (self.member, self.manager, self.env.ref("base.user_admin")):
            mailbox = self.mailbox.with_user(user)
            with self.assertRaises(AccessError):
                mailbox.read(["oauth_token_ids"])
            with self.assertRaises(AccessError):
                self.token().with_user(user).read(["sealed"])
            with self.assertRaises(AccessError):
                self.service.with_user(user).read(["client_sealed"])
            self.assertFalse(self.service.with_user(user).client_secret)
        self.assertFalse(self.mailbox.copy({"email": "c@d.example"}).oauth_token_ids)

    def test_service_is_the_administrators(self):
        with self.assertRaises(AccessError):
            self.service.with_user(self.member).token_endpoint = "https://x.example"
        self.service.with_user(self.manager).name = "Ours"

    def test_registration_of_odoos_own_settings(self):
        google = self.env.ref("mail_mailbox_archive.oauth_provider_google")
        self.mailbox.oauth_provider_id = google
        self.assertFalse(google.ready)
        with self.assertRaisesRegex(UserError, "does not know this system"):
            self.mailbox.action_oauth_sign_in()
        parameters = self.env["ir.config_parameter"]
        parameters.set_param("google_gmail_client_id", "from-settings")
        parameters.set_param("google_gmail_client_secret", "s3cret")
        google.invalidate_recordset()
        self.assertTrue(google.ready and google.from_odoo)
        url = self.mailbox.action_oauth_sign_in()["url"]
        self.assertIn("client_id=from-settings", url)
        self.assertTrue(url.startswith("https://accounts.google.com/"))
        self.assertIn("access_type=offline", url)

    def test_tenant_of_microsoft(self):
        microsoft = self.env.ref("mail_mailbox_archive.oauth_provider_microsoft")
        microsoft.tenant = "spedbud.example"
        self.assertIn("/spedbud.example/", microsoft.token_endpoint)
        self.assertIn("/spedbud.example/", microsoft.authorization_endpoint)

    def test_missing_key_overwrites_nothing(self):
        self.openid.life = 60
        self.sign_in()
        sealed = self.token().sudo().sealed
        other = self.env["mail.mailbox"]._vault__().new_key()
        with patch.dict("os.environ", {"ODOO_MAILBOX_SECRET_KEY": other}):
            self.poll()
        self.assertIn("key is missing", self.mailbox.last_error)
        self.assertFalse(self.mailbox.stopped)
        self.assertEqual(self.token().sudo().sealed, sealed)
        self.assertEqual(self.openid.asked, ["authorization_code"])
        self.assertFetched()


@tagged("post_install", "-at_install")
class TestOnlyXoauth2(OauthCase):
    mechanisms = "plain xoauth2"

    def test_fetch(self):
        self.sign_in()
        self.assertFetched()


@tagged("post_install", "-at_install")
class TestOnlyOauthbearer(OauthCase):
    mechanisms = "plain oauthbearer"

    def test_fetch(self):
        self.sign_in()
        self.assertFetched()
        self.openid.expire()
        self.assertFetched()


@tagged("post_install", "-at_install")
class TestTwoWorkers(BaseCase):
    """Workers with transactions of their own, on a mailbox that is committed."""

    def setUp(self):
        super().setUp()
        self.openid = self.enterContext(OpenIdProvider(life=60))
        with Registry(get_db_name()).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            service = env["mail.mailbox.oauth.provider"].create(
                {
                    "name": "Workers",
                    "client_id": self.openid.client_id,
                    "client_secret": self.openid.client_secret,
                    "issuer": self.openid.issuer,
                }
            )
            service.action_discover()
            mailbox = env["mail.mailbox"].create(
                {
                    "name": "Workers",
                    "email": EMAIL,
                    "responsible_id": env.ref("base.user_admin").id,
                    "user_ids": [Command.set(env.ref("base.user_admin").ids)],
                    "imap_enabled": False,
                    "imap_host": "localhost",
                    "auth_method": "oauth2",
                    "oauth_provider_id": service.id,
                }
            )
            start = oauth.begin(service._client__(), EMAIL)
            came = consent(start.url)
            tokens, _addresses = oauth.finish(
                service._client__(), mailbox._get_net_guard(), came["code"], start
            )
            mailbox._keep_tokens(tokens, EMAIL)
            self.ids = mailbox.id, service.id
        self.addCleanup(self._remove)
        self.openid.asked.clear()
        self.openid.life = 3600

    def _remove(self):
        with Registry(get_db_name()).cursor() as cr:
            env = Environment(cr, SUPERUSER_ID, {})
            env["mail.mailbox"].browse(self.ids[0]).unlink()
            env["mail.mailbox.oauth.provider"].browse(self.ids[1]).unlink()

    def get_token(self, _number):
        with Registry(get_db_name()).cursor() as cr:
            mailbox = Environment(cr, SUPERUSER_ID, {})["mail.mailbox"].browse(
                self.ids[0]
            )
            get_token = mailbox._token_source__(mailbox.imap_host)
        return get_token()

    def test_one_asks_and_all_have_it(self):
        self.openid.delay = 0.5
        with ThreadPoolExecutor(4) as workers:
            found = set(workers.map(self.get_token, range(4)))
        self.assertEqual(self.openid.asked, ["refresh_token"])
        self.assertEqual(found, {self.openid.tokens[-1].access})

    def test_what_fails_leaves_the_old_token(self):
        self.openid.broken = 503
        with self.assertRaises(Unreachable):
            self.get_token(0)
        self.openid.broken = 0
        self.assertEqual(self.get_token(0), self.openid.tokens[-1].access)


@tagged("post_install", "-at_install")
class TestOauthBrowser(WatchedCase, MailboxCase):
    """The way of a person: form, provider, form."""

    def setUp(self):
        super().setUp()
        self.openid = self.enterContext(OpenIdProvider())
        self.person = self.make_user("oauth_person", USER)
        service = self.env["mail.mailbox.oauth.provider"].create(
            {
                "name": "Example sign-in",
                "client_id": self.openid.client_id,
                "client_secret": self.openid.client_secret,
                "issuer": self.openid.issuer,
            }
        )
        service.action_discover()
        self.box = self.make_mailbox(
            "browser@spedbud.example",
            self.person,
            imap_enabled=True,
            imap_host="localhost",
            auth_method="oauth2",
            oauth_provider_id=service.id,
        )

    def click_through(self, browser, button):
        browser.wait("return !!document.querySelector('[name=action_oauth_sign_in]')")
        browser.run(
            "[...document.querySelectorAll('[name=action_oauth_sign_in]')]"
            ".find(b => b.offsetParent).click()"
        )
        browser.wait(f"return !!document.querySelector('#{button}')")
        self.assertTrue(browser.run("location.href").startswith(self.openid.issuer))
        browser.run(f"document.querySelector('#{button}').click()")
        browser.wait("return !!document.querySelector('.o_form_view [name=email]')")

    def test_from_the_form_and_back(self):
        self.openid.person = "somebody@else.example"
        path = f"/odoo/email-mailboxes/{self.box.id}"
        browser = self.open_browser(path, self.person.login)
        self.click_through(browser, "no")
        browser.wait("return document.body.innerText.includes('was not completed')")
        self.click_through(browser, "yes")
        browser.wait("return document.body.innerText.includes('with another account')")
        self.openid.person = "browser@spedbud.example"
        self.click_through(browser, "yes")
        browser.wait(
            "return document.querySelector('[name=oauth_signed_in_as]')"
            "?.innerText.includes('browser@spedbud.example')"
        )
        self.assertTrue(browser.run("location.pathname").endswith(path))
        browser.wait("return document.body.innerText.includes('Sign in again')")
        self.assertFalse(
            browser.run("document.body.innerText.includes('not completed')")
        )

    def test_forged_way_back(self):
        browser = self.open_browser("/odoo", self.person.login)
        callback = self.base_url() + "/mail_mailbox_archive/oauth/callback"
        browser.open(f"{callback}?state=made-up&code=x&next=http://evil.example/")
        browser.wait(
            "return document.body.innerText.includes('You did not start this sign-in')"
        )
        self.assertFalse(self.openid.asked)
