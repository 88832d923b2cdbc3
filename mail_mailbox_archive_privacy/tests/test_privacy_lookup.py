from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive_tests.tests.common import (
    MANAGER,
    MailboxCase,
    write_mail,
)


@tagged("post_install", "-at_install")
class TestPrivacyLookup(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.board = cls.make_mailbox(
            "board@spedbud.example", cls.colleague, private=True
        )
        sender = {"from": "Jan Lis <jan.lis@x.example>"}
        shared = cls.deliver(cls.mailbox, write_mail("Shared", **sender))
        secret = cls.deliver(cls.board, write_mail("Secret", **sender))
        cls.shared, cls.secret = shared.mailbox_message_id, secret.mailbox_message_id

    def look_up(self, *groups):
        user = self.make_user("admin3", "base.group_system", *groups)
        wizards = self.env["privacy.lookup.wizard"].with_user(user)
        wizard = wizards.create({"name": "Jan Lis", "email": "jan.lis@x.example"})
        wizard.action_lookup()
        return wizard.line_ids.filtered(
            lambda line: (line.res_model or "").startswith("mail.mailbox")
        )

    def test_private_mail_is_not_found(self):
        lines = self.look_up(MANAGER)
        self.assertEqual(set(lines.mapped("res_model")), {"mail.mailbox.message"})
        self.assertEqual(lines.mapped("res_id"), self.shared.ids)

    def test_who_has_no_right_finds_nothing(self):
        self.assertFalse(self.look_up())

    def test_its_people_are_asked_once(self):
        self.look_up(MANAGER)
        (activity,) = self.board.activity_ids
        self.assertEqual(activity.user_id, self.colleague)
        self.assertFalse(self.mailbox.activity_ids)
        self.env["privacy.lookup.wizard"].search([]).action_lookup()
        self.assertEqual(len(self.board.activity_ids), 1)

    def test_what_is_found_is_erased_as_anywhere(self):
        lines = self.look_up(MANAGER)
        lines.action_unlink_all()
        self.assertFalse(self.shared.exists())
        self.assertTrue(self.secret.exists())
        stone = self.env["mail.mailbox.tombstone"].search([])
        self.assertEqual(stone.user_id.login, "mailbox_admin3")
