"""A hostile string in every text that is shown: in no view does any of it run."""

import itertools
import json

from odoo.tests import tagged
from odoo.tools import SQL

from .browser import WatchedCase
from .common import MailboxCase, write_mail

#: Rows are found, linked or interpreted by these; nobody is shown them.
TECHNICAL = frozenset(
    "identity thread_key res_model domain email_normalized wire_name path cid role "
    "code_hash tried_hash hook_token search_text error_code email event_id "
    "imap_secret smtp_secret key_secret second_secret lease_owner "
    "proven_address proven_settings verification_asked verification_problem".split()
)
HEADERS = ("email_from", "email_to", "email_cc", "email_bcc", "email_reply_to")
#: Texts on the screen, in what can be typed into, and on hovering.
SHOWN = """
window.mailboxSeen = [];
window.mailboxShown = () => {
    const texts = [document.body.textContent];
    for (const el of document.querySelectorAll("*")) {
        texts.push(el.value, el.title, el.ariaLabel, el.dataset?.tooltip);
    }
    return [...texts.join(" ").matchAll(/F(\\d+)Z/g)].map((found) => Number(found[1]));
};
"""
NOTE = "window.mailboxSeen.push(...window.mailboxShown())"
#: What is no text any more.
ALIVE = (
    "[...document.body.querySelectorAll('[onerror], [onload]')]"
    ".map((el) => el.outerHTML.slice(0, 300)).join()"
)
#: Each page of each notebook, one after the other.
PAGES = """
(async () => {
    for (const tab of document.querySelectorAll(".o_notebook .nav-link")) {
        tab.click();
        await new Promise((resolve) => setTimeout(resolve, 60));
        window.mailboxSeen.push(...window.mailboxShown());
    }
})()
"""
SERVICES = "odoo.__WOWL_DEBUG__.root.env.services"


def hostile(number):
    """Return a piece that names itself, and runs where it is no text."""
    return f"F{number}Z'\"><img src=x: onerror=alert({number})><svg onload=alert(1)>"


@tagged("post_install", "-at_install")
class TestHostileStrings(MailboxCase, WatchedCase):
    browser_size = "1366,900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.numbers = itertools.count(1)
        cls.names = {}
        cls.manager.group_ids += cls.env.ref("base.group_system")
        cls.mailbox.user_ids += cls.manager
        cls.mailbox.write({"provider": "smtp", "smtp_host": "localhost"})
        cls.mailbox.state = "ready"
        cls.partner = cls.env["res.partner"].create({"name": cls.new("record")})
        cls.member.name = cls.new("user")
        cls.role = cls.env["res.groups"].create(
            {"name": cls.new("role"), "mail_role": True}
        )
        cls.manager.group_ids += cls.role
        mail = write_mail(
            f"About {cls.partner.name}", text=cls.new("body"), reply_to="x@x.example"
        )
        mail.add_attachment(b"x", "application", "pdf", filename="x.pdf")
        cls.arrival = cls.deliver(cls.mailbox, mail)
        cls.message = cls.arrival.mailbox_message_id
        cls.other = cls.deliver(
            cls.mailbox, subject="Other", in_reply_to=cls.message.message_id
        ).mailbox_message_id
        cls.message.with_user(cls.manager)._archive(cls.partner, cls.role)
        cls.rows = [cls.mailbox, cls.message, cls.other, *cls.make_rows()]
        cls.rows += [cls.message.part_ids, cls.message.history_ids[:1]]
        cls.rows += [cls.mailbox.folder_ids[:1]]
        for row in cls.rows:
            cls.poison(row)
        cls.env.flush_all()
        cls.env.invalidate_all()

    @classmethod
    def new(cls, name):
        number = next(cls.numbers)
        cls.names[number] = name
        return hostile(number)

    @classmethod
    def make_rows(cls):
        """Make a row of each model that is shown."""
        yield cls.env["mail.mailbox.skip.folder"].create(
            {"mailbox_id": cls.mailbox.id, "name": "Anything"}
        )
        yield cls.env["mail.mailbox.quarantine"].create(
            {"mailbox_id": cls.mailbox.id, "error": "x", "source": b"eA=="}
        )
        yield cls.env["mail.mailbox.break.glass"].create(
            {
                "mailbox_id": cls.mailbox.id,
                "user_id": cls.member.id,
                "reason": "x",
                "until": "2030-01-01",
            }
        )
        yield cls.env["mail.mailbox.sending.account"].create(
            {"name": "x", "provider": "sendgrid"}
        )
        cls.draft = (
            cls.env["mail.mailbox.draft"]
            .with_user(cls.manager)
            .create({"mailbox_id": cls.mailbox.id, "origin_id": cls.message.id})
        )
        yield cls.draft.sudo()
        sent = cls.env["mail.mailbox.sent"].create(
            {
                "mailbox_id": cls.mailbox.id,
                "mailbox_message_id": cls.message.id,
                "append_state": "failed",
            }
        )
        yield sent
        yield cls.env["mail.mailbox.delivery"].create(
            {
                "sent_id": sent.id,
                "mailbox_message_id": cls.message.id,
                "recipient": "x",
                "state": "bounced",
            }
        )
        record_type = cls.env["mail.mailbox.record.type"].search([], limit=1)
        record_type.name = cls.new("record type")

    @classmethod
    def poison(cls, row):
        """Write a hostile string into every text of a row, whatever forbids it."""
        for name, field in row._fields.items():
            is_text = field.type in ("char", "text", "html") and not field.translate
            if not (is_text and field.store and field.column_type):
                continue
            if name in TECHNICAL:
                continue
            value = cls.new(f"{row._name}.{name}")
            if row._name == "mail.mailbox.message" and name in HEADERS:
                escaped = value.replace('"', '\\"')
                value = f'"{escaped}" <a{len(cls.names)}@x.example>'
            if field.type == "html":
                # made harmless when written, and by nothing else
                row[name] = value
                continue
            cls.env.cr.execute(
                SQL(
                    "UPDATE %s SET %s = %s WHERE id = %s",
                    SQL.identifier(row._table),
                    SQL.identifier(name),
                    value,
                    row.id,
                )
            )
        if "error_code" in row._fields:
            row.error_code = "login_refused"

    def views(self):
        """Yield what to open: an action, as the web client takes it."""
        for row in (*self.rows, self.arrival, self.partner):
            kinds = ["form"]
            actions = self.env["ir.actions.act_window"].search(
                [("res_model", "=", row._name), ("target", "=", "current")]
            )
            if row._name.startswith("mail.mailbox") and actions:
                kinds += actions[0].view_mode.split(",")
            for kind in dict.fromkeys(kinds):
                yield {
                    "type": "ir.actions.act_window",
                    "res_model": row._name,
                    "res_id": row.id if kind == "form" else False,
                    "views": [(False, kind)],
                    "context": {"active_test": False},
                }
        context = {"active_model": "mail.mailbox.message"}
        context["active_ids"] = self.message.ids
        context["active_id"] = self.message.id
        for name in ("archive", "roles"):
            yield {
                "type": "ir.actions.act_window",
                "res_model": f"mail.mailbox.{name}.wizard",
                "views": [(False, "form")],
                "target": "new",
                "context": context,
            }
        yield {
            "type": "ir.actions.act_window",
            "res_model": "mail.mailbox.verify.wizard",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mailbox_id": self.mailbox.id},
        }

    def open_view(self, browser, action):
        browser.run(f"{SERVICES}.action.doAction({json.dumps(action)}).then(() => 1)")
        name = "form" if action["views"][0][1] == "form" else action["views"][0][1]
        browser.wait(f"return !!document.querySelector('.o_{name}_view')")
        browser.run("new Promise((resolve) => setTimeout(resolve, 250))")
        browser.run(NOTE)
        browser.run(PAGES)
        self.assertEqual(browser.run(ALIVE), "", action)
        if action.get("target") == "new":
            browser.run("document.querySelector('.modal .btn-close').click()")
            browser.wait("return !document.querySelector('.modal')")

    def walk(self, browser, *selectors):
        """Click on one thing after the other, looking at what it shows."""
        for selector in selectors:
            browser.wait(
                f"const found = document.querySelector({json.dumps(selector)});"
                "found?.click(); return !!found"
            )
            browser.run("new Promise((resolve) => setTimeout(resolve, 400))")
            browser.run(NOTE)
            self.assertEqual(browser.run(ALIVE), "", selector)

    def test_control_it_runs_where_it_is_no_text(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_manager")
        markup = json.dumps(hostile(99))
        browser.run(f"document.body.insertAdjacentHTML('beforeend', {markup})")
        browser.wait("return true")
        browser.settle(1)
        self.assertIn("99", browser.dialogs)
        self.assertTrue(browser.run(ALIVE))

    def test_no_view_runs_any(self):
        actions = list(self.views())
        browser = self.open_browser("/odoo/email-queue", "mailbox_manager")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.run(SHOWN)
        for action in actions:
            self.open_view(browser, action)
        queue = '"mail_mailbox_archive.mail_mailbox_arrival_action"'
        browser.run(f"{SERVICES}.action.doAction({queue}).then(() => 1)")
        self.walk(
            browser,
            ".o_data_row:has(.fa-paperclip) .o-mailbox-MailLine",
            ".o-mailbox-MessageThread-message button",
            ".o-mailbox-MessageAttachments-file[download]"
            ", .o-mailbox-MessageViewer-subject",
            ".o-mailbox-MessageViewer-archive",
            ".modal .btn-close",
            ".o-mailbox-ArchiveMenu-more",
        )
        partner = {
            "type": "ir.actions.act_window",
            "res_model": "res.partner",
            "res_id": self.partner.id,
            "views": [(False, "form")],
        }
        browser.run(f"{SERVICES}.action.doAction({json.dumps(partner)}).then(() => 1)")
        self.walk(
            browser,
            ".nav-link[name=mailbox_archive]",
            ".o-mailbox-AttachedEmail-line",
            ".o-mailbox-AttachedEmail-detach",
            ".modal .btn-close",
            ".o-mailbox-AttachedEmails-queue",
        )
        seen = set(browser.run("window.mailboxSeen"))
        self.assertEqual(browser.dialogs, [])
        self.assertFalse([path for path in self.paths(browser) if "x:" in path[0]])
        self.assertGreaterEqual(len(seen), 45, self.missing(seen))

    def missing(self, seen):
        return sorted(name for number, name in self.names.items() if number not in seen)
