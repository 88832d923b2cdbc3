"""An email that is in several mailboxes: one line of all, with its marks."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .browser import WatchedCase
from .common import MailboxCase

SPECIFICATION = {
    "mailbox_id": {},
    "in_mailboxes": {},
    "subject": {},
    "work_state": {},
}
TO_DO = [("work_state", "not in", ("later", "done", "blocked"))]
ROWS = (
    "[...document.querySelectorAll('.o_data_row')].map((row) => ["
    "row.querySelector('.o-mailbox-MailLine-subject').textContent,"
    "row.querySelectorAll('.o-mailbox-MailLine-mailbox').length])"
)


class OnceCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls.make_mailbox("sales@spedbud.example", cls.member)
        cls.board = cls.make_mailbox("board@spedbud.example", cls.member, private=True)
        cls.hidden = cls.make_mailbox(
            "hidden@spedbud.example", cls.colleague, private=True
        )
        cls.boxes = cls.mailbox | cls.sales | cls.board

    def everywhere(self, subject, *more):
        """Have one email come to all three mailboxes of the member."""
        boxes = [*more, *self.boxes]
        return [self.deliver(one, subject=subject) for one in boxes]


@tagged("post_install", "-at_install")
class TestOnce(OnceCase):
    def page(self, domain=(), user=None, once=True, **options):
        self.env.flush_all()
        self.env.invalidate_all()
        lines = self.env["mail.mailbox.arrival"].with_user(user or self.member)
        lines = lines.with_context(mailbox_once=once)
        return lines.web_search_read([*domain], SPECIFICATION, **options)

    def test_one_line_with_three_marks(self):
        arrivals = self.everywhere("Roof")
        self.deliver(self.sales, subject="Gate")
        self.assertEqual(len({one.mailbox_message_id for one in arrivals}), 1)
        page = self.page()
        self.assertEqual(page["length"], 2)
        (roof,) = [one for one in page["records"] if one["subject"] == "Roof"]
        self.assertEqual(
            [one["mailbox"] for one in roof["in_mailboxes"]["marks"]],
            [one.mailbox_id.id for one in arrivals],
        )
        self.assertEqual(roof["in_mailboxes"]["also"], [one.id for one in arrivals[1:]])
        self.assertEqual(len(self.page(once=False)["records"]), 4)

    def test_all_of_the_list_are_the_lines_it_has(self):
        first, second, third = self.everywhere("Roof")
        gate = self.deliver(self.sales, subject="Gate")
        third.with_user(self.member).action_give(self.member.id)
        self.sales.user_ids |= self.colleague
        second.with_user(self.colleague).action_take()
        self.env.flush_all()
        lines = self.env["mail.mailbox.arrival"].with_user(self.member)
        lines = lines.with_context(mailbox_once=True)
        every = lines.search_once([])
        self.assertEqual(sorted(every["ids"]), sorted([first.id, gate.id]))
        # not the one that somebody else has
        self.assertEqual(every["also"], [third.id])
        self.assertEqual(len(lines.search_once([], limit=1)["ids"]), 1)

    def test_what_a_filter_leaves_out_hides_nothing(self):
        first, second, third = self.everywhere("Roof")
        first.with_user(self.member).action_done()
        (line,) = self.page(TO_DO)["records"]
        self.assertEqual(line["id"], second.id)
        (line,) = self.page([("mailbox_id", "=", self.board.id)])["records"]
        self.assertEqual(line["id"], third.id)
        (line,) = self.page([("subject", "=", "Roof")])["records"]
        self.assertEqual(line["id"], first.id)

    def test_a_mailbox_of_others_decides_nothing_and_is_not_shown(self):
        before, *_rest = self.everywhere("Roof", self.hidden)
        (line,) = self.page()["records"]
        self.assertNotEqual(line["id"], before.id)
        boxes = {one["mailbox"] for one in line["in_mailboxes"]["marks"]}
        self.assertEqual(boxes, set(self.boxes.ids))
        (line,) = self.page(user=self.colleague)["records"]
        self.assertEqual(
            [one["name"] for one in line["in_mailboxes"]["marks"]],
            [self.hidden.with_user(self.colleague).display_name],
        )
        arrival = before.with_user(self.member).sudo()
        marks = arrival.in_mailboxes["marks"]
        self.assertNotIn(self.hidden.id, [one["mailbox"] for one in marks])

    def test_pages_and_their_number(self):
        for number in range(5):
            self.everywhere(f"Mail {number}")
        pages = [self.page(limit=2, offset=offset) for offset in (0, 2, 4)]
        found = [one["subject"] for page in pages for one in page["records"]]
        self.assertEqual(sorted(found), [f"Mail {number}" for number in range(5)])
        self.assertEqual([page["length"] for page in pages], [5, 5, 5])
        lines = self.env["mail.mailbox.arrival"].with_user(self.member)
        once = lines.with_context(mailbox_once=True)
        self.assertEqual(once.search_count([]), 5)
        self.assertEqual(once.search_count([], limit=3), 3)

    def test_six_marks_and_how_many_more(self):
        more = [self.make_mailbox(f"m{one}@spedbud.example") for one in range(5)]
        arrivals = self.everywhere("Roof", *more)
        (line,) = self.page()["records"]
        self.assertEqual(len(line["in_mailboxes"]["marks"]), 6)
        self.assertEqual(line["in_mailboxes"]["more"], 2)
        self.assertEqual(line["in_mailboxes"]["also"], [one.id for one in arrivals[1:]])

    def test_automatic_replies_and_sent_emails_can_be_left_out(self):
        ours = {"from": "office@spedbud.example", "to": "anna@spostex.example"}
        self.deliver(self.mailbox, subject="Came")
        self.deliver(self.mailbox, subject="Sent", **ours)
        self.deliver(
            self.mailbox, subject="Away", auto_submitted="auto-replied", **ours
        )
        view = self.env.ref("mail_mailbox_archive.mail_mailbox_arrival_view_search")
        lines = self.env["mail.mailbox.arrival"].with_user(self.member)
        found = {}
        for name in ("by_people", "incoming"):
            (node,) = (
                self.env["ir.ui.view"]
                .browse(view.id)
                ._get_combined_arch()
                .xpath(f"//filter[@name='{name}']")
            )
            domain = safe_eval(node.get("domain"))
            found[name] = set(lines.search(domain).mapped("subject"))
        self.assertEqual(found, {"by_people": {"Came", "Sent"}, "incoming": {"Came"}})


@tagged("post_install", "-at_install")
class TestTogether(OnceCase):
    """What is done with one line of all mailboxes, and in which of them."""

    def press(self, name, *args, user=None, domain=(), also=None):
        """Do something with the one line that is listed, as the screen does."""
        lines = self.env["mail.mailbox.arrival"].with_user(user or self.member)
        self.env.flush_all()
        self.env.invalidate_all()
        once = lines.with_context(mailbox_once=True)
        (line,) = once.web_search_read([*domain], SPECIFICATION)["records"]
        if also is None:
            also = line["in_mailboxes"]["also"]
        return getattr(lines.browse(line["id"]), name)(*args, also)

    def states(self, lines):
        self.env.flush_all()
        self.env.invalidate_all()
        return [one.work_state for one in lines]

    def undo(self, result):
        for one in result["former"]:
            lines = self.env["mail.mailbox.arrival"].browse(one["ids"])
            lines.with_user(self.member)._set_work_state(one["state"], one["until"])

    def enter_board(self):
        self.env["mail.mailbox.break.glass.wizard"].with_user(self.manager).create(
            {"mailbox_id": self.board.id, "reason": "An auditor asked for it"}
        ).action_confirm()

    def test_an_administrator_changes_the_mailboxes_of_others_by_nothing(self):
        arrivals = self.everywhere("Roof")
        self.sales.user_ids += self.manager
        self.enter_board()
        self.assertEqual(len(arrivals[2].with_user(self.manager).in_mailboxes), 3)
        everything = [one.id for one in arrivals]
        for also in (None, everything):
            result = self.press("action_done", user=self.manager, also=also)
            self.assertEqual(self.states(arrivals), ["open", "done", "open"])
            self.assertEqual(result["changed"], 1)
            arrivals[1].with_user(self.manager).action_open(everything)
        (one,) = self.press("action_done", user=self.manager)["former"]
        self.assertEqual(one["ids"], arrivals[1].ids)

    def test_own_mailboxes_of_an_administrator(self):
        arrivals = self.everywhere("Roof", self.make_mailbox("x@spedbud.example"))
        (self.mailbox | self.sales).user_ids += self.manager
        self.press("action_done", user=self.manager)
        self.assertEqual(self.states(arrivals), ["open", "done", "done", "open"])

    def test_put_off_and_of_others_stays_and_undo_gives_back(self):
        arrivals = [*self.everywhere("Roof"), *self.everywhere("Gate")]
        first, put_off, blocked = (one.with_user(self.member) for one in arrivals[:3])
        self.sales.user_ids += self.colleague
        until = fields.Datetime.now() + timedelta(days=3)
        put_off.action_later(until)
        blocked._begin_conversations().owner_id = self.colleague
        gate = [("subject", "=", "Roof")]
        everything = [one.id for one in arrivals]
        for also in (None, everything):
            result = self.press("action_done", domain=gate, also=also)
            before = ["done", "later", "open", "open", "open", "open"]
            self.assertEqual(self.states(arrivals), before)
            self.undo(result)
            self.assertEqual(self.states(arrivals), ["open", "later", *["open"] * 4])
            self.assertEqual(put_off.conversation_id.sudo().until, until)
        # chosen itself it is done, and put off again until then
        self.undo((first | put_off).action_done())
        self.assertEqual(self.states(arrivals[:2]), ["open", "later"])
        self.assertEqual(put_off.conversation_id.sudo().until, until)

    def test_only_what_changed_is_undone(self):
        first, second, third = (
            one.with_user(self.member) for one in self.everywhere("Roof")
        )
        second.action_done()
        result = (first | second).action_done()
        self.assertEqual([one["ids"] for one in result["former"]], [first.ids])

    def test_later_in_all(self):
        arrivals = self.everywhere("Roof")
        self.press("action_later", fields.Datetime.now() + timedelta(days=1))
        self.assertEqual(self.states(arrivals), ["later"] * 3)

    def test_open_again_with_what_was_put_away_in_the_same_way(self):
        arrivals = self.everywhere("Roof")
        everything = [one.id for one in arrivals]
        arrivals[1].with_user(self.member).action_later(
            fields.Datetime.now() + timedelta(days=1)
        )
        self.press("action_done")
        self.assertEqual(self.states(arrivals), ["done", "later", "done"])
        arrivals[0].with_user(self.member).action_open(everything)
        self.assertEqual(self.states(arrivals), ["open", "later", "open"])


@tagged("post_install", "-at_install")
class TestOnceScreen(OnceCase, WatchedCase):
    def open_queue(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.settle(0.3)
        return browser

    def wait_for_rows(self, browser, *rows):
        wanted = str([list(one) for one in rows]).replace("'", '"').replace(" ", "")
        browser.wait(f"return JSON.stringify({ROWS}) === {wanted!r}")

    def states(self, lines):
        with self.meanwhile():
            self.env.invalidate_all()
            return [one.with_user(self.member).work_state for one in lines]

    def test_done_in_all_mailboxes_is_done_in_each(self):
        arrivals = self.everywhere("Roof")
        self.deliver(self.sales, subject="Gate")
        browser = self.open_queue()
        self.wait_for_rows(browser, ("Gate", 1), ("Roof", 3))
        self.open_line(browser, "Roof")
        with self.meanwhile():
            self.env.invalidate_all()
            self.assertFalse(any(one.unread for one in arrivals))
        browser.key("e")
        self.wait_for_rows(browser, ("Gate", 1))
        self.assertEqual(self.states(arrivals), ["done"] * 3)
        browser.key("u")
        self.wait_for_rows(browser, ("Gate", 1), ("Roof", 3))
        # its pane is still open when the line is gone
        self.press(browser, "done")
        self.wait_for_rows(browser, ("Gate", 1))
        self.assertEqual(self.states(arrivals), ["done"] * 3)
        self.press(browser, "open")
        self.wait_for_rows(browser, ("Gate", 1), ("Roof", 3))
        self.assertEqual(self.states(arrivals), ["open"] * 3)

    def test_selected_lines_stay_so_when_something_is_done_with_another(self):
        for subject in ("Roof", "Gate", "Wall"):
            self.deliver(self.sales, subject=subject)
        browser = self.open_queue()
        self.wait_for_rows(browser, ("Wall", 1), ("Gate", 1), ("Roof", 1))
        boxes = "document.querySelectorAll('.o_data_row .o_list_record_selector input')"
        browser.run(f"{boxes}[1].click(); {boxes}[2].click()")
        browser.key("j")
        browser.settle(0.3)
        self.press(browser, "done")
        self.wait_for_rows(browser, ("Gate", 1), ("Roof", 1))
        browser.wait(f"return [...{boxes}].filter((el) => el.checked).length === 2")
        # and what was done with them is done with no other
        browser.key("e")
        self.wait_for_rows(browser)
        states = self.env["mail.mailbox.arrival"].with_user(self.member)
        with self.meanwhile():
            self.env.invalidate_all()
            done = states.search([("work_state", "=", "done")])
            self.assertEqual(len(done), 3)

    def test_all_lines_chosen_are_done_in_own_mailboxes_alone(self):
        roofs = self.everywhere("Roof")
        self.sales.user_ids |= self.colleague
        roofs[1].with_user(self.colleague).action_take()
        for number in range(81):
            self.deliver(self.sales, subject=f"Gate {number}")
        browser = self.open_queue()
        browser.run(
            "document.querySelector('thead .o_list_record_selector input').click()"
        )
        browser.wait(
            "const all = document.querySelector('.o_select_domain');"
            "all?.click(); return !!all"
        )
        browser.settle(0.3)
        browser.key("e")
        self.wait_for_rows(browser, ("Roof", 3))
        self.assertEqual(self.states(roofs), ["done", "open", "done"])

    def test_taken_and_blocked_in_the_mailbox_of_the_line_alone(self):
        arrivals = self.everywhere("Roof")
        browser = self.open_queue()
        self.wait_for_rows(browser, ("Roof", 3))
        self.open_line(browser, "Roof")
        self.press(browser, "take")
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-owner')")
        with self.meanwhile():
            self.env.invalidate_all()
            owners = [one.with_user(self.member).owner_id for one in arrivals]
            self.assertEqual([bool(one) for one in owners], [True, False, False])
        self.press(browser, "more")
        self.press(browser, "block")
        browser.wait("return document.body.textContent.includes('is blocked in this')")
        self.assertEqual(self.states(arrivals), ["blocked", "open", "open"])

    def test_where_one_mailbox_is_looked_at_only_there(self):
        """In groups, too, which are not of all mailboxes at once."""
        arrivals = self.everywhere("Roof")
        browser = self.open_queue()
        self.wait_for_rows(browser, ("Roof", 3))
        self.group_by(browser, "Mailbox")
        browser.wait("return document.querySelectorAll('.o_group_header').length === 3")
        # Odoo loses a click on a group while the list is loaded again, as news does
        browser.settle(1.5)
        browser.run(
            "[...document.querySelectorAll('.o_group_header')].find((el) =>"
            " el.textContent.includes('sales')).click()"
        )
        self.wait_for_rows(browser, ("Roof", 3))
        self.open_line(browser, "Roof")
        self.press(browser, "done")
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-open')")
        self.assertEqual(self.states(arrivals), ["open", "done", "open"])

    def open_line(self, browser, subject):
        browser.run(
            "[...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
            f".find((el) => el.textContent === '{subject}').click()"
        )
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-done')")
        browser.settle(0.3)

    def press(self, browser, name):
        browser.wait(
            f"const el = document.querySelector('.o-mailbox-TeamBar-{name}');"
            "el?.click(); return !!el"
        )

    def group_by(self, browser, name):
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
        browser.wait(
            "const items = [...document.querySelectorAll('.o_group_by_menu"
            " .o_menu_item')];"
            f"const item = items.find((el) => el.textContent.trim() === '{name}');"
            "item?.click(); return !!item"
        )
        browser.run("document.querySelector('.o_searchview_dropdown_toggler').click()")
