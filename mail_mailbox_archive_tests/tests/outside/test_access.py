"""Whose an address is, whose Odoo's mail is, where a secret goes: seen and attacked."""

from __future__ import annotations

from ..servers.openid import OpenIdProvider
from ..servers.smtp import SmtpServer
from ..test_oauth import consent
from .case import USER, OutsideCase
from .client import Refused

LIST = "/odoo/email-mailboxes"
MANAGER = "mail_mailbox_archive.group_manager"
SYSTEM = "base.group_system"
USERS = "/odoo/action-base.action_res_users"
BAR = ".o_form_view .alert-warning"
APPROVE = "button[name=action_approve]"
SWITCH = ".o_field_widget[name=odoo_mail] input"


class TestAddresses(OutsideCase):
    """What each kind of administrator is shown of an address, and may decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.people_made = False

    def setUp(self):
        super().setUp()
        self.eve = self.person("access_eve")
        self.boss = self.person("access_boss", MANAGER)
        self.both = self.person("access_both", MANAGER, SYSTEM)

    def claim(self, email):
        """Have Eve set a mailbox up whose address is not hers."""
        return self.claimed(self.eve, email, self.smtp)

    def open_sending(self, person, box):
        browser = self.browser(person, f"{LIST}/{box}")
        browser.click(".o_form_view .nav-link", "Sending")
        browser.find(".o_field_widget[name=provider]")
        return browser

    def seen(self, browser, selector):
        return browser.run(
            f"[...document.querySelectorAll('{selector}')]"
            ".filter((el) => el.checkVisibility()).length"
        )

    def test_who_waits_is_told_and_who_approves_is_asked(self):
        box = self.claim("access_claimed@spedbud.example")
        browser = self.open_sending(self.eve, box)
        browser.find(BAR, "until a mail administrator approves it")
        self.assertFalse(self.seen(browser, APPROVE))
        self.assertTrue(self.picture(browser, "access_waits"))
        # in the list of an administrator, by its filter
        browser = self.browser(self.boss, LIST)
        self.filter(browser, "Waiting for approval")
        browser.find(".o_data_row", "access_claimed@spedbud.example")
        self.assertTrue(self.picture(browser, "access_filter"))
        browser.click(".o_data_row td", "access_claimed@spedbud.example")
        browser.click(".o_form_view .nav-link", "Sending")
        browser.find(BAR, "until a mail administrator approves it")
        self.assertTrue(self.picture(browser, "access_asked"))
        browser.click(APPROVE)
        browser.gone(BAR, "until a mail administrator approves it")
        self.assertFalse(browser.error())
        self.assertTrue(self.picture(browser, "access_approved"))
        self.assertEqual(
            self.boss.fields("mail.mailbox", box, "approval")["approval"], "approved"
        )

    def filter(self, browser, name):
        browser.click(".o_searchview_dropdown_toggler")
        browser.click(".o_filter_menu .o-dropdown-item", name)
        browser.find(".o_searchview_facet", name)
        browser.key("Escape")

    def test_refused_it_is_deactivated(self):
        box = self.claim("access_refused@spedbud.example")
        browser = self.open_sending(self.both, box)
        browser.click("button[name=action_refuse_address]")
        browser.find(".modal", "will be deactivated")
        self.assertTrue(self.picture(browser, "access_refusing"))
        browser.click(".modal .btn-primary")
        browser.find(".ribbon, .o_widget_web_ribbon", "Deactivated")
        self.assertTrue(self.picture(browser, "access_refused"))

    def test_nobody_else_is_shown_it(self):
        box = self.claim("access_hidden@spedbud.example")
        other = self.person("access_other")
        settings = self.person("access_settings", SYSTEM)
        browser = self.browser(other, LIST)
        browser.find(".o_view_controller")
        self.assertFalse(self.seen(browser, ".o_data_row"))
        self.assertTrue(self.picture(browser, "access_other"))
        for person in (other, settings, self.eve):
            with self.assertRaises(Refused):
                person.call("mail.mailbox", "action_approve", [box])

    def test_only_a_settings_administrator_is_shown_the_switch(self):
        box = self.mailbox("access_switch@spedbud.example", self.eve)
        for person in (self.eve, self.boss):
            browser = self.open_sending(person, box)
            self.assertFalse(self.seen(browser, SWITCH), person.login)
            self.assertTrue(self.picture(browser, f"{person.login}_no_switch"))
            with self.assertRaises(Refused):
                person.change("mail.mailbox", box, odoo_mail=True)
        browser = self.open_sending(self.both, box)
        self.assertEqual(self.seen(browser, SWITCH), 1)
        browser.click(SWITCH)
        browser.settle(0.2)
        browser.click(".o_form_button_save")
        browser.gone(".o_form_status_indicator_buttons:not(.invisible)")
        self.assertTrue(self.picture(browser, "access_both_switch"))
        # another server that somebody else enters switches it off
        self.assertTrue(self.odoo_mail(box))
        self.boss.change("mail.mailbox", box, smtp_login="elsewhere")
        self.assertFalse(self.odoo_mail(box))

    def odoo_mail(self, box):
        return self.both.fields("mail.mailbox", box, "odoo_mail")["odoo_mail"]

    def test_an_email_is_confirmed_by_who_administers_access(self):
        button = "button[name=action_confirm_mailbox_address]"
        access = self.person("access_rights", "base.group_erp_manager")
        self.eve.change("res.users", self.eve.uid, email="access_new@spedbud.example")
        browser = self.browser(access, f"{USERS}/{self.eve.uid}")
        browser.find(button)
        self.assertTrue(self.picture(browser, "access_confirm"))
        browser.click(button)
        browser.gone(button)
        self.assertFalse(browser.error())
        self.assertTrue(self.picture(browser, "access_confirmed"))
        box = self.claim("access_new@spedbud.example")
        self.assertEqual(
            self.eve.fields("mail.mailbox", box, "approval")["approval"], "own"
        )
        # whatever they write into their profile afterwards is theirs no more
        self.eve.change("res.users", self.eve.uid, email="access_evil@spedbud.example")
        for person in (self.eve, self.boss):
            with self.assertRaises(Refused):
                person.call(
                    "res.users", "action_confirm_mailbox_address", [self.eve.uid]
                )
        box = self.claim("access_evil@spedbud.example")
        self.assertEqual(
            self.eve.fields("mail.mailbox", box, "approval")["approval"], "needed"
        )


class TestSecrets(OutsideCase):
    """A mail administrator who would have others' secrets posted to themselves."""

    def setUp(self):
        super().setUp()
        self.anna = self.person("secrets_anna")
        self.boss = self.person("secrets_boss", MANAGER)
        self.good = self.enter(OpenIdProvider())
        self.evil = self.enter(OpenIdProvider())

    def service(self):
        made = self.admin.add(
            "mail.mailbox.oauth.provider",
            name="Secrets",
            client_id=self.good.client_id,
            client_secret=self.good.client_secret,
            issuer=self.good.issuer,
        )
        self.admin.call("mail.mailbox.oauth.provider", "action_discover", [made])
        return made

    def sign_in(self, box):
        action = self.anna.call("mail.mailbox", "action_oauth_sign_in", [box])
        query = "&".join(
            f"{name}={value}" for name, value in consent(action["url"]).items()
        )
        self.anna.get(f"/mail_mailbox_archive/oauth/callback?{query}")
        found = self.anna.fields("mail.mailbox", box, "oauth_signed_in_as")
        self.assertTrue(found["oauth_signed_in_as"])

    def test_token_endpoint_of_an_administrator_gets_nothing(self):
        service = self.service()
        self.good.life = 1
        for private in (False, True):
            self.good.person = f"secrets_{private}@spedbud.example".lower()
            box = self.mailbox(
                self.good.person,
                self.anna,
                private=private,
                auth_method="oauth2",
                oauth_provider_id=service,
                imap_login=False,
            )
            self.sign_in(box)
            for person in (self.boss, self.admin):
                self.attack(person, service, box)
            self.odoo.sql("UPDATE mail_mailbox SET active = false WHERE id = %s", box)
        self.assertFalse(self.evil.asked)

    def attack(self, person, service, box):
        """Have an administrator name endpoints of theirs, each alone, and wait."""
        model = "mail.mailbox.oauth.provider"
        names = ("token_endpoint", "userinfo_endpoint")
        for name in names:
            before = person.fields(model, service, name)[name]
            path = name.partition("_")[0]
            person.change(model, service, **{name: f"{self.evil.issuer}/{path}"})
            self.anna.call("mail.mailbox", "action_check", [box])
            self.wait(lambda: self.stands_still(box), "the check")
            with self.assertRaises(Refused):
                self.anna.call("mail.mailbox", "action_oauth_sign_in", [box])
            person.change(model, service, **{name: before})
        # another issuer, and what it says of itself
        person.change(model, service, issuer=self.evil.issuer)
        person.call(model, "action_discover", [service])
        with self.assertRaises(Refused):
            self.anna.call("mail.mailbox", "action_oauth_sign_in", [box])
        person.change(model, service, issuer=self.good.issuer)
        person.call(model, "action_discover", [service])

    def stands_still(self, box):
        sql = (
            "SELECT lease_until IS NULL AND error_code = 'elsewhere' FROM mail_mailbox"
        )
        ((found,),) = self.odoo.sql(f"{sql} WHERE id = %s", box)
        return found

    def test_password_goes_to_no_server_of_an_administrator(self):
        evil = self.enter(SmtpServer())
        box = self.mailbox(
            "secrets_smtp@spedbud.example",
            self.anna,
            smtp_login="anna",
            smtp_password="zebra-secret",
            imap_password="zebra-secret",
        )
        self.boss.change(
            "mail.mailbox",
            box,
            smtp_host="127.0.0.1",
            smtp_port=evil.port,
            imap_host="127.0.0.1",
            imap_port=evil.port,
        )
        for name in ("action_test_sending", "action_check"):
            try:
                self.boss.call("mail.mailbox", name, [box])
            except Refused:
                continue
        self.assertFalse([one for one in evil.commands if one.startswith("AUTH")])
        has = self.boss.fields(
            "mail.mailbox", box, "has_smtp_password", "has_imap_password"
        )
        self.assertFalse(has["has_smtp_password"] or has["has_imap_password"])


class TestSenders(OutsideCase):
    """What a person names is a person's, by whatever way they call."""

    def test_each_way_in_is_a_person(self):
        owner = self.person("senders_owner")
        eve = self.person("senders_eve", USER, "base.group_partner_manager")
        # the login of somebody: an address that Odoo itself writes from
        self.admin.change("res.users", owner.uid, login="senders@spedbud.example")
        self.addCleanup(
            self.admin.change, "res.users", owner.uid, login="senders_owner"
        )
        self.mailbox(
            "senders@spedbud.example",
            owner,
            restrict_senders=True,
            sender_ids=[(6, 0, [owner.uid])],
        )
        partner = self.admin.add(
            "res.partner", name="Customer", email="customer@senders.example"
        )
        values = {
            "body": "Dismissed",
            "email_from": "senders@spedbud.example",
            "partner_ids": [partner],
        }
        for method in ("message_post", "message_notify"):
            for name, way in self.ways(eve, method, partner, values).items():
                with self.subTest(way=name, method=method):
                    with self.assertRaises(Refused):
                        way()
        self.odoo.wake("mail.ir_cron_mail_scheduler_action")
        self.admin.call("res.users", "action_reset_password", [eve.uid])
        sql = (
            "SELECT count(*) FROM mail_mail JOIN mail_message"
            " ON mail_message.id = mail_mail.mail_message_id"
            " WHERE mail_message.email_from LIKE '%senders@%'"
        )
        self.assertEqual(self.odoo.sql(sql)[0][0], 0)
        self.assertFalse(self.received("customer@senders.example"))

    def ways(self, person, method, partner, values):
        model = "res.partner"
        button = {"model": model, "method": method, "kwargs": values}
        return {
            "session": lambda: person.call(model, method, [partner], **values),
            "button": lambda: person.rpc(
                "/web/dataset/call_button", args=[[partner]], **button
            ),
            "json2": lambda: person.json2(model, method, ids=[partner], **values),
            "xmlrpc": lambda: person.xmlrpc(model, method, [partner], **values),
        }
