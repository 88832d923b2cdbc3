from datetime import timedelta
from statistics import median

from lxml import etree

from odoo import fields
from odoo.tests import tagged
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval

from .common import MailboxCase

OURS = {"from": "office@spedbud.example", "to": "anna.nowak@spostex.example"}


@tagged("post_install", "-at_install")
class TestFigures(MailboxCase):
    """Figures of mailboxes: what is counted, medians done right, and who sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.user_ids |= cls.colleague
        cls.sales = cls.make_mailbox("sales@spedbud.example", cls.colleague)
        cls.board = cls.make_mailbox("board@spedbud.example", cls.member, private=True)
        cls.make_folder(cls.mailbox, "Sent").role = "sent"

    def come(self, subject, mailbox=None, hours=None, by=None, **values):
        """Have an email come, and be answered so many hours later."""
        mailbox = mailbox or self.mailbox
        root = f"<{subject.replace(' ', '.')}@spostex.example>"
        values = {"message_id": root, **values}
        line = self.deliver(mailbox, subject=subject, **values)
        if hours is not None:
            self.make_folder(mailbox, "Sent").role = "sent"
            answer = self.deliver(
                mailbox,
                subject=f"Re: {subject}",
                folder="Sent",
                in_reply_to=root,
                references=root,
                **OURS | {"from": mailbox.email},
            )
            answer.internal_date = line.internal_date + timedelta(hours=hours)
            self.env["mail.mailbox.sent"].create(
                {
                    "mailbox_message_id": answer.mailbox_message_id.id,
                    "mailbox_id": mailbox.id,
                    "user_id": (by or self.member).id,
                }
            )
        return line

    def figures(self, user=None, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        figures = self.env["mail.mailbox.figure"].with_user(user or self.member)
        return figures.with_context(**context)

    def group(self, by, *measures, user=None, domain=()):
        rows = self.figures(user)._read_group([*domain], [by] if by else [], measures)
        return {row[0]: row[1:] for row in rows} if by else rows[0]

    MEASURES = ("received:sum", "answered:sum", "open:sum")

    def test_a_conversation_counts_once(self):
        self.come("Roof", hours=3)
        root = {"in_reply_to": "<Roof@spostex.example>"}
        again = self.come("Re: Roof again", message_id="<again@x>", **root)
        again.internal_date += timedelta(hours=1)
        self.come("Gate")
        self.come("Old", live=False)
        spam = self.come("Spam", **{"from": "spam@shop.example"})
        spam.with_user(self.member).action_block()
        done = self.come("Done")
        done.with_user(self.member).action_done()
        self.assertEqual(self.group(None, *self.MEASURES), (3, 1, 1))
        self.assertEqual(self.figures().search_count([]), 3)

    def test_a_median_of_groups_is_not_the_mean_of_medians(self):
        hours = {self.mailbox: (1, 2, 9, 10, 40), self.sales: (5, 100)}
        for mailbox, values in hours.items():
            for number, one in enumerate(values):
                self.come(f"{mailbox.name} {number}", mailbox, hours=one)
        measures = ("answer_hours:median", "answer_hours_most:ninetieth")
        told = self.group("mailbox_id", *measures, user=self.colleague)
        self.assertEqual(
            {one.id: values[0] for one, values in told.items()},
            {one.id: median(values) for one, values in hours.items()},
        )
        everything = sorted(sum(hours.values(), ()))
        middle, most = self.group(None, *measures, user=self.colleague)
        self.assertEqual(middle, median(everything))
        # seven values: the sixth, and four tenths of the way to the last
        self.assertAlmostEqual(most, 40 + 0.4 * (100 - 40))

    def test_the_same_by_the_ways_of_the_pages(self):
        for number, hours in enumerate((1, 2, 9)):
            self.come(f"Mail {number}", hours=hours)
        figures = self.figures()
        self.assertEqual(figures.fields_get()["answer_hours"]["aggregator"], "median")
        aggregates = ["received:sum", "answer_hours:median", "answer_hours:ninetieth"]
        (row,) = figures.formatted_read_group([], ["mailbox_id"], aggregates)
        self.assertEqual(row["answer_hours:median"], 2)
        self.assertAlmostEqual(row["answer_hours:ninetieth"], 7.6)
        both = figures.formatted_read_grouping_sets(
            [], [["mailbox_id"], []], aggregates
        )
        self.assertEqual([rows[0]["answer_hours:median"] for rows in both], [2, 2])
        week = figures.formatted_read_group([], ["received_at:week"], aggregates)
        self.assertEqual(week[0]["received:sum"], 3)

    def test_without_answers_there_is_no_median(self):
        self.come("Roof")
        self.assertFalse(self.group(None, "answer_hours:median")[0])

    def test_an_automatic_answer_is_none(self):
        self.come("Roof")
        answer = self.deliver(
            self.mailbox,
            subject="Re: Roof",
            folder="Sent",
            in_reply_to="<Roof@spostex.example>",
            auto_submitted="auto-replied",
            **OURS,
        )
        self.assertTrue(answer.automatic)
        self.assertEqual(self.group(None, *self.MEASURES), (1, 0, 1))

    def test_open_by_age(self):
        now = fields.Datetime.now()
        for days, age in ((0, "new"), (2, "day"), (5, "days"), (9, "week")):
            line = self.come(f"{age}")
            line.internal_date = now - timedelta(days=days, minutes=1)
        self.come("Answered", hours=1)
        told = self.group("age", "__count")
        wanted = dict.fromkeys(("new", "day", "days", "week"), (1,))
        self.assertEqual(told, {**wanted, False: (1,)})

    def test_who_answered_and_who_has_it(self):
        self.come("Roof", hours=1, by=self.colleague)
        self.come("Gate").with_user(self.member).action_take()
        self.come("Door")
        told = self.group("user_id", "__count")
        people = {one.id: count for one, (count,) in told.items()}
        self.assertEqual(people, {self.colleague.id: 1, self.member.id: 1, False: 1})

    def test_of_people_only_where_the_company_has_it_so(self):
        self.come("Roof", hours=1, by=self.colleague)
        self.mailbox.company_id.mailbox_figures_of_people = False
        told = self.group("user_id", "__count", user=self.manager)
        self.assertEqual([one.id for one in told], [False])
        found = self.figures(self.manager).search([("user_id", "!=", False)])
        self.assertFalse(found)

    def test_only_of_what_one_may_see(self):
        self.come("Roof", hours=1)
        self.come("Price", self.sales)
        self.come("Secret", self.board)
        for user, boxes in (
            (self.member, self.mailbox | self.board),
            (self.colleague, self.mailbox | self.sales),
            (self.manager, self.mailbox | self.sales),
            (self.outsider, self.mailbox.browse()),
        ):
            figures = self.figures(user)
            with self.subTest(user.login):
                found = figures.search([]).sudo().mapped("mailbox_id")
                self.assertEqual(found.sudo(False), boxes.with_user(user))
                count = figures._read_group([], [], ["__count"])[0][0]
                self.assertEqual(count, len(boxes))
                every = figures.sudo().search([]).with_user(user).sudo(False)
                self.assertEqual(len(every._filtered_access("read")), len(boxes))

    def test_of_the_companies_one_looks_at(self):
        other = self.env["res.company"].create({"name": "Figures Ltd"})
        self.member.company_ids |= other
        far = self.make_mailbox("far@spedbud.example", self.member, company_id=other.id)
        self.come("Far", far)
        here = self.figures(allowed_company_ids=self.env.company.ids)
        self.assertFalse(here.search([]))
        both = self.figures(allowed_company_ids=(self.env.company | other).ids)
        self.assertTrue(both.search([]))


@tagged("post_install", "-at_install")
class TestFiguresCost(MailboxCase):
    """What the page costs goes by the period, not by what is stored."""

    def test_the_page_opens_with_a_period(self):
        action = self.env.ref("mail_mailbox_archive.mail_mailbox_figure_action")
        self.assertIn("'search_default_lately': 1", action.context)
        view = self.env.ref("mail_mailbox_archive.mail_mailbox_figure_view_search")
        (node,) = etree.fromstring(view.arch).xpath("//filter[@name='lately']")
        self.assertEqual(safe_eval(node.get("domain")), LATELY)

    def test_of_a_period_nothing_else_is_read(self):
        line = self.deliver(self.mailbox, subject="Roof")
        line.with_user(self.member).action_take()
        self.env.flush_all()
        figures = self.env["mail.mailbox.figure"].with_user(self.member)
        query = figures._search(LATELY)
        # so few rows are read from one end to the other, unless told otherwise
        for way in ("seqscan", "hashjoin", "mergejoin", "material"):
            self.env.cr.execute(f"SET LOCAL enable_{way} = off")
        columns = figures._field_to_sql(query.table, "answer_hours", query)
        rows = self.env.execute_query(SQL("EXPLAIN %s", query.select(columns)))
        plan = "\n".join(row[0] for row in rows)
        for looked_up in (
            # what came in the period, by whichever index of so few rows; what came
            # earlier, what was answered
            r"(Index Cond|Filter): \(.*internal_date >= ",
            r"Index Cond: \(\(thread_key\)::text = ",
            r"Index Cond: \(conversation_id = came\.conversation_id",
        ):
            self.assertRegex(plan, looked_up)


LATELY = [("received_at", ">=", "today -8w")]
