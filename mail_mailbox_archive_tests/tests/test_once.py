"""An email that is in several mailboxes: one line of all, with its marks."""

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
            [(one["id"], one["mailbox"]) for one in roof["in_mailboxes"]],
            [(one.id, one.mailbox_id.id) for one in arrivals],
        )
        self.assertEqual(len(self.page(once=False)["records"]), 4)

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
        boxes = {one["mailbox"] for one in line["in_mailboxes"]}
        self.assertEqual(boxes, set(self.boxes.ids))
        (line,) = self.page(user=self.colleague)["records"]
        self.assertEqual(
            [one["name"] for one in line["in_mailboxes"]],
            [self.hidden.with_user(self.colleague).display_name],
        )
        arrival = before.with_user(self.member).sudo()
        self.assertNotIn(
            self.hidden.id, [one["mailbox"] for one in arrival.in_mailboxes]
        )

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
        browser.run(
            "[...document.querySelectorAll('.o-mailbox-MailLine-subject')]"
            ".find((el) => el.textContent === 'Roof').click()"
        )
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-done')")
        browser.settle(0.3)
        with self.meanwhile():
            self.env.invalidate_all()
            self.assertFalse(any(one.unread for one in arrivals))
        browser.key("e")
        self.wait_for_rows(browser, ("Gate", 1))
        self.assertEqual(self.states(arrivals), ["done"] * 3)
        browser.key("u")
        self.wait_for_rows(browser, ("Gate", 1), ("Roof", 3))
