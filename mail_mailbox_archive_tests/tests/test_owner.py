from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MANAGER, USER, MailboxCase

ROOT = "<root@spostex.example>"


@tagged("post_install", "-at_install")
class TestOwner(MailboxCase):
    """Who has a conversation in a mailbox, and who owns nothing any more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_company = cls.env["res.company"].create({"name": "Owners Ltd"})
        cls.colleague.company_ids |= cls.other_company
        cls.mailbox.user_ids |= cls.colleague
        cls.arrival = cls.deliver(cls.mailbox, subject="Roof", message_id=ROOT)

    def reply(self, mailbox=None, subject="Re: Roof", **values):
        values |= {"in_reply_to": ROOT, "references": ROOT}
        return self.deliver(mailbox or self.mailbox, subject=subject, **values)

    def take(self, arrivals, user=None):
        return arrivals.with_user(user or self.member).action_take()["others"]

    def owners(self, arrivals):
        """Return who has each, as the page and each of the other ways tell it."""
        self.env.flush_all()
        self.env.invalidate_all()
        lines = arrivals.with_user(self.manager)
        rows = {row["id"]: row["team"]["owner"] for row in lines.get_team(lines.ids)}
        for line in lines:
            self.assertEqual(rows[line.id], line.team["owner"])
            self.assertEqual((rows[line.id] or {}).get("id"), line.owner_id.id or None)
            here = [("id", "=", line.id)]
            for value in {False, *self.env["res.users"].search([]).ids}:
                found = lines.search([*here, ("owner_id", "=", value)])
                self.assertEqual(bool(found), value == line.owner_id.id, value)
            name = line.owner_id.name
            found = name and lines.search([*here, ("owner_id", "ilike", name)])
            self.assertEqual(bool(found), bool(name))
        return [line.owner_id.with_env(self.env) for line in lines]

    def test_nobody_has_what_nobody_took(self):
        self.assertFalse(self.arrival.conversation_id)
        self.assertEqual(self.owners(self.arrival), [self.env["res.users"]])

    def test_who_takes_it_first_has_it(self):
        self.assertEqual(self.take(self.arrival), [])
        self.assertEqual(self.take(self.arrival, self.colleague), [self.member.name])
        self.assertEqual(self.take(self.arrival), [])
        self.assertEqual(self.owners(self.arrival), [self.member])

    def test_a_reply_comes_back_to_its_owner(self):
        earlier = self.reply(subject="Re: Roof, earlier")
        self.take(self.arrival)
        later = self.reply(subject="Re: Roof, later", live=False)
        alone = self.deliver(self.mailbox, subject="Another")
        lines = self.arrival | earlier | later | alone
        nobody = self.env["res.users"]
        self.assertEqual(self.owners(lines), [self.member] * 3 + [nobody])

    def test_in_each_mailbox_on_its_own(self):
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        here, there = self.reply(), self.reply(other)
        self.assertEqual(here.mailbox_message_id, there.mailbox_message_id)
        self.take(here)
        self.take(there, self.colleague)
        self.assertEqual(self.owners(here | there), [self.member, self.colleague])

    def test_an_email_that_names_no_conversation(self):
        one, two = (
            self.deliver(self.mailbox, subject=subject, message_id="")
            for subject in ("One", "Two")
        )
        self.assertFalse(one.mailbox_message_id.thread_key)
        self.take(one)
        self.take(two, self.colleague)
        self.assertEqual(self.owners(one | two), [self.member, self.colleague])

    def test_given_to_somebody_and_to_nobody(self):
        self.take(self.arrival)
        line = self.arrival.with_user(self.member)
        line.action_give(self.colleague.id)
        self.assertEqual(self.owners(self.arrival), [self.colleague])
        line.action_give(False)
        self.assertEqual(self.owners(self.arrival), [self.env["res.users"]])
        people = {person["id"] for person in line.get_team_people()}
        self.assertIn(self.manager.id, people)
        self.assertNotIn(self.outsider.id, people)

    def test_only_to_who_may_read_it(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        secret = self.deliver(board, subject="Secret")
        for arrival, person in (
            (self.arrival, self.outsider),
            (secret, self.colleague),
            (secret, self.manager),
            (secret | self.arrival, self.colleague),
        ):
            with self.subTest(person.login), self.assertRaises(UserError):
                arrival.with_user(self.member).action_give(person.id)
        secret.with_user(self.member).action_give(self.member.id)

    def test_only_by_who_may_read_it(self):
        self.take(self.arrival)
        line = self.arrival.with_user(self.outsider)
        for call in (
            line.action_take,
            line.get_team_people,
            lambda: line.action_give(self.outsider.id),
            lambda: line.conversation_id.owner_id,
        ):
            with self.assertRaises(AccessError):
                call()
        self.assertEqual(line.get_team(line.ids), [])
        self.assertFalse(
            self.env["mail.mailbox.conversation"].with_user(self.outsider).search([])
        )

    def test_written_by_the_system_alone(self):
        self.take(self.arrival)
        talk = self.arrival.conversation_id.with_user(self.manager)
        with self.assertRaises(AccessError):
            talk.owner_id = self.manager
        with self.assertRaises(AccessError):
            self.arrival.with_user(self.manager).conversation_id = False

    def lose(self, name):
        """Have the member lose the mailbox, in one of the ways there are."""
        company = self.other_company
        ways = {
            "no user of it": lambda: self.mailbox.write(
                {
                    "user_ids": [(3, self.member.id)],
                    "responsible_id": self.colleague.id,
                }
            ),
            "deactivated": lambda: self.member.write({"active": False}),
            "no mail": lambda: self.member.write(
                {"group_ids": [(3, self.env.ref(USER).id)]}
            ),
            "no mail, by the group": lambda: self.env.ref(USER).write(
                {"user_ids": [(3, self.member.id)]}
            ),
            "mailbox of another company": lambda: self.mailbox.write(
                {"company_id": company.id}
            ),
            "deleted": lambda: self.member.unlink(),
        }
        if name:
            ways[name]()
        return list(ways)

    def test_who_lost_the_mailbox_owns_nothing(self):
        for way in self.lose(None):
            with self.subTest(way), self.env.cr.savepoint() as savepoint:
                self.mailbox.responsible_id = self.colleague
                self.take(self.arrival)
                with mute_logger("odoo.models.unlink"):
                    self.lose(way)
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertFalse(self.arrival.conversation_id.owner_id, way)
                savepoint.rollback()
            self.env.invalidate_all()
            # which groups somebody is in is kept outside of the transaction
            self.env.registry.clear_all_caches()

    def test_an_administrator_owns_nothing_once_it_is_private(self):
        self.arrival.with_user(self.manager).action_take()
        self.take(other := self.deliver(self.mailbox, subject="Another"))
        self.mailbox.private = True
        self.assertFalse(self.arrival.conversation_id.owner_id)
        self.assertEqual(other.conversation_id.owner_id, self.member)
        self.mailbox.private = False
        self.arrival.with_user(self.manager).action_take()
        self.manager.group_ids -= self.env.ref(MANAGER)
        self.assertFalse(self.arrival.conversation_id.owner_id)

    def test_what_was_changed_past_the_orm_is_found_at_night(self):
        self.take(self.arrival)
        self.env.cr.execute(
            "UPDATE res_users SET active = false WHERE id = %s", [self.member.id]
        )
        self.env.invalidate_all()
        self.assertEqual(self.arrival.team["owner"], None)
        # it can be taken at once
        self.assertEqual(self.take(self.arrival, self.colleague), [])
        self.assertEqual(self.owners(self.arrival), [self.colleague])

    def test_one_query_for_a_batch(self):
        """However many arrive, and however many of them belong to somebody."""
        self.take(self.arrival)
        conversations = self.env["mail.mailbox.conversation"]
        lines = self.arrival | self.reply()
        self.env.flush_all()
        with self.assertQueryCount(1):
            conversations._join(lines)
        for number in range(20):
            lines |= self.deliver(self.mailbox, subject=f"Mail {number}")
        self.env.flush_all()
        with self.assertQueryCount(1):
            conversations._join(lines)

    def test_no_query_for_each_line(self):
        for number in range(20):
            self.take(self.deliver(self.mailbox, subject=f"Mail {number}"))
        lines = self.env["mail.mailbox.arrival"].with_user(self.member).search([])
        self.assertEqual(len(lines.get_team(lines.ids)), 21)
        counts = []
        for some in (lines[:1], lines):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.get_team(some.ids)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_erased_with_its_emails(self):
        self.take(self.arrival)
        talk, later = self.arrival.conversation_id, self.reply()
        self.arrival.unlink()
        self.assertTrue(talk.exists())
        later.unlink()
        self.assertFalse(talk.exists())
