"""A list with one line for each conversation, beside the plain way to count it."""

import itertools
import random
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import WARSAW_NOON, MailboxCase, write_mail

NOON = WARSAW_NOON.replace(tzinfo=None)
#: Who writes; a name that changes is another sender.
SENDERS = [
    "Anna Nowak <anna.nowak@spostex.example>",
    "Nowak, Anna <anna.nowak@spostex.example>",
    "office@spedbud.example",
    "Jan <jan@wind.example>",
]
#: More than anybody lists: the pages put together are all of it.
PAGES = (3, 7, 1000)
QUEUE = [
    [],
    [("in_queue", "=", True)],
    [("in_queue", "=", True), ("work_state", "not in", ("later", "done", "blocked"))],
    [("unread", "=", True)],
    [("direction", "=", "incoming")],
    [("mailbox_message_id.archived", "=", False)],
    [("mailbox_message_id.content", "ilike", "roof")],
    [("mailbox_id.email", "like", "office")],
]
ARCHIVES = [
    [],
    [("archived", "=", True)],
    [("archived", "=", True), ("content", "ilike", "roof")],
    [("content", "ilike", "roof")],
    [("email_from", "ilike", "anna")],
]


@tagged("post_install", "-at_install")
class TestConversationList(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.site = cls.make_mailbox("site@spedbud.example", cls.member, cls.colleague)
        cls.secret = cls.make_mailbox(
            "boss@spedbud.example", cls.colleague, private=True
        )
        cls.role = cls.env["res.groups"].create(
            {
                "name": "Foreman",
                "mail_role": True,
                "user_ids": [Command.link(cls.outsider.id)],
            }
        )
        cls.partner = cls.env["res.partner"].create({"name": "Spostex S.A."})
        cls.people = cls.member | cls.colleague | cls.outsider | cls.manager
        cls.make_world(random.Random(2026))

    @classmethod
    def make_world(cls, chance):
        """Deliver emails of few conversations, and have people do things with them."""
        boxes = [cls.mailbox, cls.site, cls.secret]
        for number in range(70):
            mail = cls.put(number, chance)
            for box in chance.sample(boxes, chance.choice((1, 1, 2, 3))):
                arrival = cls.deliver(box, mail)
                # several at the same second
                hours = chance.randrange(30)
                arrival.internal_date = NOON + timedelta(hours=hours)
                arrival.seen = chance.random() < 0.3
        arrivals = cls.env["mail.mailbox.arrival"].search([], order="id")
        for arrival in arrivals.filtered(lambda one: one.mailbox_id.private is False):
            act = chance.randrange(12)
            if act < 3:
                roles = cls.role if act == 0 else None
                arrival.mailbox_message_id._archive(cls.partner, roles)
                arrival.fetched_at -= timedelta(days=chance.choice((0, 90)))
            elif act == 3:
                arrival.action_done()
            elif act == 4:
                arrival._begin_conversations()._put_on_top(NOON)
            elif act == 5:
                arrival.action_unread_here()
        cls.env.flush_all()

    @classmethod
    def put(cls, number, chance):
        """Return an email: in a conversation, alone, or by a forged header in one."""
        root = f"<root{chance.randrange(6)}@spostex.example>"
        headers = {
            "subject": f"{chance.choice(('Roof', 'Gate'))} {number}",
            "from": chance.choice(SENDERS),
            "to": "office@spedbud.example, anna.nowak@spostex.example",
            "date": chance.choice(
                (f"Mon, 02 Nov 2026 1{number % 7}:00:00 +0100", "no date")
            ),
        }
        kind = chance.randrange(6)
        if kind == 0:
            headers |= {"message_id": ""}
        elif kind > 1:
            headers |= {"references": root}
        return write_mail(**headers)

    # The plain way

    def key_of(self, one):
        # sudo: of what was found
        message = one.sudo()
        box = 0
        if one._name == "mail.mailbox.arrival":
            box, message = message.mailbox_id.id, message.mailbox_message_id
        return box, message.thread_key or str(message.id)

    def list_plainly(self, model, domain):
        """Return what each line says, by the newest email of each."""
        newest_first = model.with_context(mailbox_on_top=False).search(domain)
        emails = {}
        for one in newest_first:
            emails.setdefault(self.key_of(one), []).append(one)
        order = dict.fromkeys(self.key_of(one) for one in model.search(domain))
        return {emails[key][0].id: self.tell(key, emails[key]) for key in order}

    def tell(self, key, emails):
        is_arrival = emails[0]._name == "mail.mailbox.arrival"
        unread = [one.id for one in emails if is_arrival and one.unread]
        incoming = (
            [one.id for one in emails if one.direction == "incoming"]
            if is_arrival
            else []
        )
        return {
            "key": f"{key[0]}:{key[1]}",
            "count": len(emails),
            "last": max(one.id for one in emails),
            "senders": list(dict.fromkeys(one.email_from for one in emails)),
            "unread": len(unread),
            "unread_ids": unread,
            "incoming": incoming[0] if incoming else False,
        }

    def list_in_pages(self, model, domain, limit, order=""):
        found = {}
        for offset in itertools.count(0, limit):
            page = model.web_read_conversations(
                domain, {"conversation_line": {}}, offset, limit, order
            )
            for row in page["records"]:
                self.assertNotIn(row["id"], found)
                found[row["id"]] = row["conversation_line"]
            if len(page["records"]) < limit:
                return found, page["length"]

    def each(self, *kinds):
        """Yield for everybody each list: the model as them, and the domain."""
        for person in self.people:
            for name, domains in kinds:
                for domain in domains:
                    model = self.env[name].with_user(person)
                    with self.subTest(person=person.login, model=name, domain=domain):
                        yield model, domain

    def lists(self):
        return self.each(
            ("mail.mailbox.arrival", QUEUE), ("mail.mailbox.message", ARCHIVES)
        )

    # What it must be

    def test_each_list_is_the_plain_one_by_any_page(self):
        sizes = []
        for model, domain in self.lists():
            expected = self.list_plainly(model, domain)
            sizes += [one["count"] for one in expected.values()]
            for limit in PAGES:
                found, length = self.list_in_pages(model, domain, limit)
                self.assertEqual(list(found.items()), list(expected.items()))
                self.assertEqual(length, len(expected))
            self.assertEqual(model.count_conversations(domain), len(expected))
        # the world has something to tell
        self.assertGreater(max(sizes), 5)
        self.assertGreater(sizes.count(1), 20)

    def test_what_is_on_top_is_first(self):
        seen = False
        for person in (self.member, self.colleague):
            model = self.env["mail.mailbox.arrival"].with_user(person)
            model = model.with_context(mailbox_on_top=True)
            for domain in QUEUE:
                expected = self.list_plainly(model, domain)
                found, _length = self.list_in_pages(model, domain, 4)
                self.assertEqual(list(found.items()), list(expected.items()))
                below = model.with_context(mailbox_on_top=False)
                seen |= list(found) != list(self.list_plainly(below, domain))
        self.assertTrue(seen)

    def test_of_all_mailboxes_an_email_is_counted_once(self):
        for person in self.people:
            model = self.env["mail.mailbox.arrival"].with_user(person)
            of_all = model.with_context(mailbox_once=True)
            for domain in QUEUE:
                rows = of_all.web_search_read(domain, {})["records"]
                listed = [("id", "in", [row["id"] for row in rows])]
                expected = self.list_plainly(model, listed)
                found, length = self.list_in_pages(of_all, domain, 4)
                self.assertEqual(list(found.items()), list(expected.items()))
                self.assertEqual(length, len(expected))
                self.assertEqual(of_all.count_conversations(domain), length)
                told = of_all.get_conversation_lines(domain, list(found))
                self.assertEqual(told, {str(one): found[one] for one in found})

    def test_other_orders_are_those_of_the_newest(self):
        orders = {
            "mail.mailbox.arrival": ("internal_date, id", "seen desc, id"),
            "mail.mailbox.message": ("date, id", "email_from desc, id"),
        }
        for model, domain in self.lists():
            expected = self.list_plainly(model, domain)
            for order in orders[model._name]:
                ids = model.search([("id", "in", list(expected))], order=order).ids
                for limit in PAGES:
                    found, length = self.list_in_pages(model, domain, limit, order)
                    self.assertEqual(list(found), ids)
                    self.assertEqual(found, expected)
                    self.assertEqual(length, len(ids))

    def test_by_the_age_nothing_is_on_top(self):
        model = self.env["mail.mailbox.arrival"].with_user(self.member)
        above = model.with_context(mailbox_on_top=True)
        found, _length = self.list_in_pages(above, [], 4, "internal_date DESC")
        self.assertEqual(list(found), list(self.list_plainly(model, [])))

    def test_so_many_are_counted(self):
        model = self.env["mail.mailbox.arrival"].with_user(self.member)
        every = model.count_conversations([])
        for limit in (2, every - 1, every, every + 1, every + 50):
            page = model.web_read_conversations([], {}, 0, 2, "", limit)
            self.assertEqual(page["length"], min(limit, every))
            self.assertEqual(len(page["records"]), 2)
        self.assertEqual(model.web_read_conversations([], {}, 0, 2)["length"], every)
        self.assertFalse(model.web_read_conversations([], {}, every, 2)["records"])

    def test_lines_in_sight_are_told_again(self):
        for model, domain in self.lists():
            expected = self.list_plainly(model, domain)
            # also by another email of theirs, as where a newer one came
            ids = model.search(domain, order="id").ids
            told = model.get_conversation_lines(domain, ids)
            by_key = {line["key"]: line for line in expected.values()}
            for one in model.browse(ids):
                key = "{}:{}".format(*self.key_of(one))
                self.assertEqual(told.pop(str(one.id)), by_key[key])
            self.assertFalse(told)

    def test_nothing_is_told_of_emails_of_others(self):
        everything = self.env["mail.mailbox.arrival"].search([])
        model = self.env["mail.mailbox.arrival"].with_user(self.outsider)
        self.assertFalse(model.get_conversation_lines([], everything.ids))
        self.assertEqual(model.count_conversations([]), 0)
        self.assertEqual(model.web_read_conversations([], {})["records"], [])
        nobody = self.make_user("nobody")
        for name in ("arrival", "message"):
            with self.assertRaises(AccessError):
                self.env[f"mail.mailbox.{name}"].with_user(
                    nobody
                ).web_read_conversations([], {})

    def test_an_email_that_one_may_not_read_changes_nothing(self):
        """Also one that names the conversation and is the newest of all."""
        lists = [
            self.env["mail.mailbox.arrival"].with_user(self.member),
            self.env["mail.mailbox.message"].with_user(self.member),
            self.env["mail.mailbox.message"].with_user(self.outsider),
        ]
        before = [self.list_in_pages(model, [], 5) for model in lists]
        for number in range(6):
            forged = write_mail(
                subject=f"Roof forged {number}",
                references=f"<root{number}@spostex.example>",
                date="Tue, 01 Dec 2026 10:00:00 +0100",
            )
            arrival = self.deliver(self.secret, forged)
            arrival.internal_date = NOON + timedelta(days=9)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(before, [self.list_in_pages(one, [], 5) for one in lists])
        theirs = self.env["mail.mailbox.arrival"].with_user(self.colleague)
        lines, _length = self.list_in_pages(theirs, [], 5)
        self.assertTrue([one for one in list(lines)[:6] if lines[one]["count"] > 1])

    def test_a_page_costs_as_many_queries_whatever_is_on_it(self):
        model = self.env["mail.mailbox.arrival"].with_user(self.member)
        specification = {"conversation_line": {}, "subject": {}, "team": {}}

        def count(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            model.web_read_conversations([], specification, 0, limit, "", 500)
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(2), count(20))

    def test_one_large_conversation_is_one_line(self):
        """It is read in steps that grow, not line by line."""
        for number in range(150):
            self.deliver(
                self.mailbox,
                subject=f"Alarm {number}",
                references="<alarms@spostex.example>",
            ).internal_date = NOON + timedelta(days=5, minutes=number)
        model = self.env["mail.mailbox.arrival"].with_user(self.member)
        self.assertEqual(
            list(self.list_plainly(model, [])),
            list(self.list_in_pages(model, [], 2)[0]),
        )
        (row,) = model.web_read_conversations([], {"conversation_line": {}}, 0, 1)[
            "records"
        ]
        line = row["conversation_line"]
        self.assertEqual((line["count"], line["unread"]), (150, 150))
        self.assertEqual(len(line["unread_ids"]), 100)
