import json
import sys

from odoo import Command
from odoo.tests import tagged

from .common import USER, MailboxCase

PEOPLE = 200


class NewsCase(MailboxCase):
    """What is told to the screens of others."""

    def send_news(self):
        """Do what a commit does; return what was sent, as (channel, type, payload)."""
        self.env.flush_all()
        self.env.cr.precommit.run()
        rows = self.env["bus.bus"].search([], order="id")
        news = [(row.channel, json.loads(row.message)) for row in rows]
        rows.unlink()
        return [(channel, one["type"], one["payload"]) for channel, one in news]

    def worked(self):
        return [one for one in self.send_news() if one[1].endswith("/worked")]


@tagged("post_install", "-at_install")
class TestWorked(NewsCase):
    """News of what people do: to whom, saying what, at which cost."""

    def setUp(self):
        super().setUp()
        self.arrival = self.deliver(self.mailbox, subject="Secret offer")
        self.mailbox.user_ids |= self.colleague
        self.send_news()

    def test_each_thing_that_is_done_is_told_to_who_reads_the_mailbox(self):
        line = self.arrival.with_user(self.member)
        readers = self.mailbox._get_readers()
        self.assertIn(self.colleague, readers)
        self.assertNotIn(self.outsider, readers)
        for do in (
            line.action_take,
            lambda: line.action_give(self.colleague.id),
            lambda: line.action_give(False),
            line.action_done,
            line.action_open,
            line.action_read_here,
            line.action_unread_here,
        ):
            do()
            told = self.worked()
            payloads = [one[2] for one in told if one[2]["mailbox_id"]]
            # nothing of the email, nor of what was done
            self.assertEqual(payloads, [{"mailbox_id": self.mailbox.id}] * len(readers))
            channels = {one[0] for one in told}
            self.assertEqual(len(channels), len(readers))

    def test_archiving_detaching_and_roles_are_told(self):
        message = self.arrival.mailbox_message_id.with_user(self.member)
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        role = self.env["res.groups"].create({"name": "Foreman", "mail_role": True})
        line = self.arrival.with_user(self.colleague)

        def mark():
            self.env.invalidate_all()
            ((row),) = line.get_team(line.ids)
            return row["team"]["archived"]

        marks = [mark()]
        for do in (
            lambda: message._archive(partner),
            lambda: message._set_roles(role),
            lambda: message.link_ids.action_unfile(),
        ):
            do()
            self.assertEqual(len(self.worked()), len(self.mailbox._get_readers()))
            marks.append(mark())
        self.assertEqual(len(set(marks)), 3)
        self.assertEqual(marks[0], marks[-1])

    def test_a_link_that_one_may_not_see_changes_nothing(self):
        line = self.arrival.with_user(self.colleague)
        before = line.get_team(line.ids)
        company = self.env["res.company"].create({"name": "Hidden Ltd"})
        self.member.company_ids |= company
        partner = self.env["res.partner"].create(
            {"name": "Hidden", "company_id": company.id}
        )
        message = self.arrival.mailbox_message_id.with_user(self.member)
        message = message.with_context(allowed_company_ids=self.member.company_ids.ids)
        message._archive(partner)
        self.env.invalidate_all()
        self.assertEqual(line.get_team(line.ids), before)

    def test_of_a_private_mailbox_its_people_alone_hear(self):
        board = self.make_mailbox("board@spedbud.example", self.member, private=True)
        secret = self.deliver(board, subject="Secret")
        self.send_news()
        secret.with_user(self.member).action_done()
        self.assertEqual(len(self.worked()), 1)

    def test_who_had_what_is_erased_counts_once_more(self):
        self.arrival.with_user(self.member).action_take()
        self.send_news()
        self.arrival.unlink()
        self.assertIn({"mailbox_id": False}, [one[2] for one in self.worked()])
        own = self.env["mail.mailbox"].with_user(self.member).get_badge()["own"]
        self.assertEqual(own, 0)

    def test_several_changes_are_told_once(self):
        line = self.arrival.with_user(self.member)
        line.action_take()
        line.action_done()
        told = [one for one in self.worked() if one[2]["mailbox_id"]]
        self.assertEqual(len(told), len(self.mailbox._get_readers()))

    def test_cost_for_two_hundred_people(self):
        """Of one change: the same for few people as for many, and one query for each
        screen that shows it."""
        changes = self.changes()
        for do in changes.values():
            self.measure(do)
        few = {name: self.measure(do) for name, do in changes.items()}
        people = self.env["res.users"].union(
            *(self.make_user(f"worked{number}", USER) for number in range(PEOPLE))
        )
        self.mailbox.user_ids = [Command.link(person.id) for person in people]
        self.assertGreater(len(self.mailbox._get_readers()), PEOPLE)
        self.send_news()
        for do in changes.values():
            self.measure(do)
        screen = self.arrival.with_user(people[0])
        for name, do in changes.items():
            with self.subTest(name):
                many = self.measure(do)
                told = self.send_news()
                sys.stderr.write(f"\n{name}: few {few[name]}, many {many} queries\n")
                self.assertLessEqual(many, few[name] + 10)
                self.assertGreaterEqual(len(told), PEOPLE)
                self.assertEqual(self.look(screen), 1)

    def changes(self):
        """Return by name what people do that others see at once, and can do again."""
        line = self.arrival.with_user(self.member)
        draft = self.env["mail.mailbox.draft"].with_user(self.member)
        self.mailbox.write({"provider": "smtp", "smtp_host": "localhost"})
        self.mailbox.state = "ready"
        draft = draft.browse(line.mailbox_message_id.prepare_compose("reply"))
        conversation = self.arrival._begin_conversations()
        conversation.write({"due_at": "2026-11-02 12:00:00"})

        def write():
            draft.note_writing()
            self.send_news()
            draft.stop_writing()

        def be_due():
            conversation.notice_at = "2026-11-02 12:00:00"
            conversation._tell_overdue(self.mailbox)

        return {
            "given": lambda: line.action_give(self.colleague.id),
            "done": line.action_done,
            "open": line.action_open,
            "read here": line.action_read_here,
            "unread": line.action_unread_here,
            "note": lambda: line.action_add_note("Call them"),
            "blocked": line.action_block,
            "unblocked": line.action_unblock,
            "writing": write,
            "due": be_due,
        }

    def look(self, screen):
        """Return how many queries a screen asks that shows the line."""
        screen.get_team(screen.ids)
        before = self.env.cr.sql_log_count
        screen.get_team(screen.ids)
        return self.env.cr.sql_log_count - before

    def measure(self, do):
        before = self.env.cr.sql_log_count
        do()
        self.env.flush_all()
        self.env.cr.precommit.run()
        return self.env.cr.sql_log_count - before
