import json

from odoo.tests import tagged

from .common import MailboxCase
from .servers.push import PushService

SECRET = ("Roof", "Nowak", "anna.nowak@spostex.example", "office", "Offer inside")
MAIL = {
    "subject": "Roof",
    "text": "Offer inside",
    "from": "Anna Nowak <anna.nowak@spostex.example>",
}


@tagged("post_install", "-at_install")
class TestPush(MailboxCase):
    """What people hear on their devices: that something was given, and by whom."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls.make_user("third", "mail_mailbox_archive.group_user")
        cls.people = cls.member | cls.colleague | cls.third
        cls.mailbox.user_ids = cls.people
        cls.service = PushService()
        cls.service.__enter__()
        cls.addClassCleanup(cls.service.__exit__)
        cls.env["mail.push.device"].get_web_push_vapid_public_key()
        cls.env["mail.push"].search([]).unlink()
        for user in (cls.colleague, cls.third, cls.manager, cls.outsider):
            cls.device(user)

    @classmethod
    def device(cls, user):
        return cls.env["mail.push.device"].create(
            {
                "partner_id": user.partner_id.id,
                "endpoint": f"{cls.service.url}/{user.login}",
                "keys": json.dumps(cls.service.keys),
            }
        )

    def setUp(self):
        super().setUp()
        # what setting up has waiting is none of the test
        self.env.cr.precommit.run()
        self.line = self.deliver(self.mailbox, **MAIL).with_user(self.member)

    def waiting(self):
        """Return what a commit now would have sent: (login, payload in clear)."""
        self.env.cr.precommit.run()
        rows = self.env["mail.push"].search([], order="id")
        return [
            (row.mail_push_device_id.endpoint.rsplit("/", 1)[1], row.payload)
            for row in rows
        ]

    def titles(self):
        return [(who, json.loads(text)["title"]) for who, text in self.waiting()]

    def test_given_and_what_the_browser_reads(self):
        self.line.action_give(self.colleague.id)
        self.waiting()
        self.service.requests.clear()
        with self.enter_registry_test_mode():
            cron = self.env.ref("mail.ir_cron_web_push_notification")
            cron.method_direct_trigger()
        self.assertEqual(
            [request.path for request in self.service.requests],
            [f"/{self.colleague.login}"],
        )
        (shown,) = self.service.shown()
        said = f"An email was given to you by {self.member.name}"
        self.assertEqual(shown["title"], said)
        self.assertEqual(shown["options"]["body"], "")
        opened = {"model": "mail.mailbox.arrival", "res_id": self.line.id}
        self.assertEqual(shown["options"]["data"], opened)
        self.line.with_user(self.colleague).check_access("read")

    def test_nothing_of_the_email_is_in_what_is_kept_in_clear(self):
        self.line.action_give(self.colleague.id)
        self.line.action_add_note("Offer inside: @third", [self.third.id])
        waiting = self.waiting()
        self.assertEqual(len(waiting), 2)
        for _who, payload in waiting:
            for word in SECRET:
                self.assertNotIn(word.lower(), payload.lower())

    def test_mentioned(self):
        self.line.action_add_note("@Third", [self.third.id, self.member.id])
        said = f"{self.member.name} mentioned you in a note beside an email"
        self.assertEqual(self.titles(), [(self.third.login, said)])
        data = json.loads(self.waiting()[0][1])["options"]["data"]
        self.assertEqual(data["res_id"], self.line.id)

    def test_of_many_once(self):
        lines = self.line
        for number in range(3):
            lines |= self.deliver(self.mailbox, subject=f"Roof {number}")
        lines.with_user(self.member).action_give(self.colleague.id)
        said = f"4 emails were given to you by {self.member.name}"
        self.assertEqual(self.titles(), [(self.colleague.login, said)])

    def test_only_to_who_has_it_in_the_end(self):
        self.line.action_give(self.colleague.id)
        self.line.action_give(self.third.id)
        self.assertEqual([who for who, _title in self.titles()], [self.third.login])

    def test_only_to_who_may_read_it_then(self):
        self.line.action_give(self.colleague.id)
        self.mailbox.user_ids -= self.colleague
        self.assertEqual(self.waiting(), [])
        self.line.action_give(self.third.id)
        self.third.active = False
        self.assertEqual(self.waiting(), [])

    def test_nobody_hears_of_what_they_took_or_have(self):
        mine = self.line.with_user(self.colleague)
        mine.action_take()
        mine.action_give(self.colleague.id)
        self.assertEqual(self.waiting(), [])
        self.line.action_give(self.colleague.id)
        self.line.action_give(False)
        self.assertEqual(self.waiting(), [])

    def test_nothing_without_a_device(self):
        self.env["mail.push.device"].search([]).unlink()
        self.line.action_give(self.colleague.id)
        self.assertEqual(self.waiting(), [])

    def test_nothing_of_what_is_rolled_back(self):
        class Refused(Exception):
            pass

        with self.assertRaises(Refused), self.env.cr.savepoint():
            self.line.action_give(self.colleague.id)
            raise Refused()
        self.assertEqual(self.waiting(), [])

    def test_in_the_language_of_who_hears_it(self):
        self.env["res.lang"]._activate_lang("de_DE")
        module = self.env["ir.module.module"]
        module.search([("name", "=", "mail_mailbox_archive")])._update_translations(
            ["de_DE"]
        )
        self.colleague.lang = "de_DE"
        self.line.with_context(lang="en_US").action_give(self.colleague.id)
        self.assertNotIn("given to you", self.titles()[0][1])

    def test_handed_out_by_the_mailbox(self):
        self.mailbox.hand_out = "turns"
        for number in range(5):
            self.deliver(self.mailbox, subject=f"Gate {number}")
        titles = self.titles()
        self.assertTrue(titles)
        for who, title in titles:
            self.assertIn(who, (self.colleague.login, self.third.login))
            self.assertRegex(title, r"^(An email was|\d emails were) given to you$")
