"""The ways in: what a person may is the same by each of them."""

from .case import OutsideCase
from .client import Refused


class TestPeople(OutsideCase):
    """A colleague without rights gets nothing, by session, key, XML-RPC or browser."""

    def test_each_way_in(self):
        owner, other = self.person("people_owner"), self.person("people_other")
        box = self.mailbox("people_box@spedbud.example", owner)
        ways = {
            "session": lambda who: who.call("mail.mailbox", "read", [box], ["email"]),
            "json2": lambda who: who.json2(
                "mail.mailbox", "read", ids=[box], fields=["email"]
            ),
            "xmlrpc": lambda who: who.xmlrpc("mail.mailbox", "read", [box], ["email"]),
        }
        for name, way in ways.items():
            with self.subTest(name):
                self.assertEqual(way(owner)[0]["email"], "people_box@spedbud.example")
                with self.assertRaises(Refused):
                    way(other)

    def test_browser(self):
        anna = self.person("people_anna")
        self.mailbox("people_anna@spedbud.example", anna)
        browser = self.browser(
            anna, "/odoo/action-mail_mailbox_archive.mail_mailbox_action"
        )
        browser.find(".o_data_row", "people_anna@spedbud.example")
        browser.find(".o_user_menu", "")
        self.assertFalse(browser.error())
        self.assertTrue(self.picture(browser, "people_mailboxes"))

    def test_upload(self):
        anna = self.person("people_uploads")
        made = anna.upload("Zażółć.pdf", b"%PDF-1.4 content", "mail.mailbox.draft")
        answer = anna.get(f"/web/content/{made}?download=1")
        self.assertEqual((answer.status, answer.body), (200, b"%PDF-1.4 content"))

    def test_mail_arrives_and_is_seen_without_a_reload(self):
        anna = self.person("people_live")
        box = self.mailbox("people_live@spedbud.example", anna)
        browser = self.browser(
            anna, "/odoo/action-mail_mailbox_archive.mail_mailbox_arrival_action"
        )
        # who listens from now on also hears what came a moment ago
        browser.find(".o_control_panel")
        source = b"From: Bob <bob@live.example>\r\nSubject: Seen live\r\n\r\nHello\r\n"
        self.dovecot.deliver("people_live", source)
        self.check(box, anna)
        browser.find(".o_data_row", "Seen live")

    def test_workers_that_die_come_back(self):
        anna = self.person("people_survives")
        self.assertGreaterEqual(self.odoo.kill_workers(), 4)
        self.odoo.wait_until_it_answers()
        self.assertEqual(
            anna.fields("res.users", anna.uid, "login")["login"], anna.login
        )

    def test_somebody_else_changes_the_same_rows(self):
        anna = self.person("people_disturbed", "base.group_partner_manager")
        partner = anna.add("res.partner", name="Before")
        with self.disturbed("res_partner", [partner], pause=0.1) as changed:
            self.wait(lambda: changed, "a change")
            calls = [lambda: anna.change("res.partner", partner, name="After")] * 3
            self.assertEqual(self.together(*calls), [True] * 3)
        self.assertEqual(anna.fields("res.partner", partner, "name")["name"], "After")
