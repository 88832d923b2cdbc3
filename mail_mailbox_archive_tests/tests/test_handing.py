from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import MailboxCase

ROOT = "<root@spostex.example>"


@tagged("post_install", "-at_install")
class TestHanding(MailboxCase):
    """A mailbox hands out what is new to those who may read it and are not away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.third = cls.make_user("third", "mail_mailbox_archive.group_user")
        cls.people = cls.member | cls.colleague | cls.third
        cls.mailbox.user_ids = cls.people
        cls.mailbox.hand_out = "turns"

    def come(self, *subjects, mailbox=None, **values):
        lines = [
            self.deliver(mailbox or self.mailbox, subject=one, **values)
            for one in subjects
        ]
        self.env.flush_all()
        self.env.invalidate_all()
        return [line.conversation_id.owner_id for line in lines]

    def be_away(self, user, **values):
        now = fields.Datetime.now()
        resource = self.env["resource.resource"].create(
            {"name": user.name, "user_id": user.id}
        )
        return self.env["resource.calendar.leaves"].create(
            {
                "resource_id": resource.id,
                "calendar_id": False,
                "date_from": now - timedelta(hours=1),
                "date_to": now + timedelta(hours=1),
                **values,
            }
        )

    def test_by_turns(self):
        owners = self.come("1", "2", "3", "4")
        self.assertEqual(set(owners[:3]), set(self.people))
        self.assertEqual(owners[3], owners[0])

    def test_the_turn_goes_on_whoever_has_them_now(self):
        first, second, third = self.come("1", "2", "3")
        lines = self.env["mail.mailbox.arrival"].with_user(first).search([])
        lines.action_give(first.id)
        self.assertEqual(self.come("4", "5"), [first, second])

    def test_to_who_has_least_open(self):
        self.mailbox.hand_out = False
        for subject, user in (("1", self.member), ("2", self.member)):
            line = self.deliver(self.mailbox, subject=subject)
            line.with_user(user).action_take()
        line = self.deliver(self.mailbox, subject="3")
        line.with_user(self.colleague).action_take()
        self.mailbox.hand_out = "least"
        self.assertEqual(self.come("4"), [self.third])
        # then one each of two, who have as few
        self.assertEqual(set(self.come("5", "6")), {self.colleague, self.third})
        line.with_user(self.colleague).action_done()
        self.assertEqual(self.come("7"), [self.colleague])

    def test_not_to_who_is_away(self):
        self.be_away(self.member)
        now = fields.Datetime.now()
        self.be_away(self.colleague, date_from=now + timedelta(minutes=30))
        self.be_away(self.third, time_type="other")
        self.assertEqual(set(self.come("1", "2", "3")), {self.colleague, self.third})

    def test_to_nobody_where_all_are_away(self):
        for user in self.people:
            self.be_away(user)
        self.assertFalse(self.come("1")[0])

    def test_only_to_who_may_read_it(self):
        self.third.active = False
        self.colleague.group_ids -= self.env.ref("mail_mailbox_archive.group_user")
        self.assertEqual(set(self.come("1", "2")), {self.member})

    def test_an_administrator_who_is_no_user_of_it_gets_none(self):
        self.assertNotIn(self.manager, self.come("1", "2", "3", "4"))

    def test_what_belongs_to_a_conversation_is_not_handed_out(self):
        (owner,) = self.come("1", message_id=ROOT)
        values = {"in_reply_to": ROOT, "references": ROOT}
        self.assertEqual(self.come("Re: 1", "Again", **values), [owner, owner])
        line = self.env["mail.mailbox.arrival"].search([], limit=1)
        line.with_user(self.member).action_give(False)
        self.assertFalse(self.come("Nobody", **values)[0])

    def test_neither_old_nor_sent_nor_blocked_ones(self):
        self.assertFalse(self.come("Old", live=False)[0])
        ours = {"from": "office@spedbud.example", "to": "anna@spostex.example"}
        self.assertFalse(self.come("Ours", **ours)[0])
        line = self.deliver(self.mailbox, subject="News")
        line.with_user(self.member).action_block()
        self.assertFalse(self.come("News again")[0])

    def test_off_unless_somebody_says_so(self):
        other = self.make_mailbox("sales@spedbud.example", self.member)
        self.assertFalse(self.come("1", mailbox=other)[0])

    def test_the_filter_of_my_team(self):
        self.come("1", "2", "3")
        alone = self.make_mailbox("alone@spedbud.example", self.colleague)
        there = self.deliver(alone, subject="There")
        there.with_user(self.colleague).action_take()
        self.deliver(self.mailbox, subject="Old", live=False)
        view = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_view_search")
        self.assertIn(_TEAM, view.arch)
        for user, count in ((self.member, 2), (self.manager, 0), (self.colleague, 2)):
            lines = self.env["mail.mailbox.arrival"].with_user(user)
            found = lines.search(safe_eval(_TEAM, {"uid": user.id}))
            self.assertEqual(len(found), count, user.login)
            self.assertNotIn(user, found.owner_id.with_env(self.env))


_TEAM = "[('owner_id', 'not in', (uid, False)), ('mailbox_id.user_ids', 'in', uid)]"
