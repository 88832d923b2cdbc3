"""What people who do not see, or see little, meet: axe-core on the screens of ours."""

from odoo.tests import tagged

from .auditing import AuditedCase
from .common import MailboxCase, write_mail
from .mailcore.invitations import CANCEL, GOOGLE, write_invitation

VIEWER = ".o-mailbox-MessageViewer"
OPEN_FIRST = f"""
const open = document.querySelector("{VIEWER}-subject");
open || document.querySelector(".o-mailbox-MailLine")?.click();
return !!open;
"""
OPEN_TAB = f"""
const tab = [...document.querySelectorAll(".o_notebook .nav-link")].find(
    (el) => el.textContent.includes("Attached - Emails")
);
tab?.classList.contains("active") || tab?.click();
const line = document.querySelector(".o-mailbox-AttachedEmail-line");
// a second click would close it
window.opened || line?.click();
window.opened = !!line;
return !!document.querySelector("{VIEWER}-subject");
"""
OPEN_SENDING = """
const tab = [...document.querySelectorAll(".o_notebook .nav-link")].find(
    (el) => el.textContent.trim() === "Sending"
);
tab?.click();
return !!tab;
"""
#: What is said above an email whose sender may deceive, by the code of each sentence.
WARNINGS = {
    "name_address",
    "reply_to",
    "punycode",
    "mixed_scripts",
    "look_alike",
    "override",
    "no_sender",
    "several_senders",
}
WARNED = f"""
[...document.querySelectorAll("{VIEWER}-warning")].map((el) => el.dataset.code)
"""
#: Reads as our own domain, with a Cyrillic letter.
ALIKE = "xn--spdbud-4of.example"
FOCUS_CC = "document.querySelector('.modal [name=email_cc] input').focus()"


@tagged("post_install", "-at_install")
class TestAccessibility(MailboxCase, AuditedCase):
    """No screen has a serious fault, in the light and in the dark."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls.env["res.partner"].create(
            {"name": "Spostex S.A.", "is_company": True, "email": "x@spostex.example"}
        )
        arrivals = cls.env["mail.mailbox.arrival"]
        for number in range(3):
            mail = write_mail(subject=f"Crane {number}", text="Of Spostex, in the yard")
            mail.add_attachment(b"%PDF", "application", "pdf", filename="a.pdf")
            arrivals += cls.deliver(cls.mailbox, mail)
        # read, and attached to a record
        cls.mailbox.write({"provider": "smtp", "smtp_host": "localhost"})
        cls.mailbox.state = "ready"
        cls.mailbox.user_ids |= cls.colleague
        arrivals[0].seen = True
        arrivals[0].mailbox_message_id.with_user(cls.member)._archive(cls.partner)
        cls.rows = cls.make_outbox()

    @classmethod
    def make_outbox(cls):
        """Return a row of the outbox in each state, with what happened to it."""
        rows = cls.env["mail.mailbox.outbox"]
        states = [word for word, _name in rows._fields["state"].selection]
        return rows.create(
            [
                {
                    "mailbox_id": cls.mailbox.id,
                    "user_id": cls.member.id,
                    "subject": f"Offer {state}",
                    "email_to": "x@spostex.example",
                    "recipients": "x@spostex.example",
                    "body": "<p>Hello</p>",
                    "message_id": f"<{state}@spedbud.example>",
                    "state": state,
                    "uncertain": state == "failed",
                    "due_at": "2036-01-01 00:00:00",
                    "send_at": state == "scheduled" and "2036-01-01 00:00:00",
                    "reason": state in ("failed", "partly", "waiting") and "No room",
                }
                for state in states
            ]
        )

    def test_no_screen_has_a_serious_fault(self):
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(OPEN_FIRST)
        self.audit(browser, "queue")
        browser.run("document.querySelector('.o-mailbox-ArchiveMenu-more').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-NewestMessage')")
        self.audit(browser, "top panel")
        self.show(browser, "/odoo/email-queue", ".o-mailbox-MailLine")
        browser.wait(OPEN_FIRST)
        browser.run(f"document.querySelector('{VIEWER}-archive').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-Suggestions-chip')")
        self.audit(browser, "archive dialog")
        self.show(browser, f"/odoo/res.partner/{self.partner.id}", ".o_notebook")
        browser.wait(OPEN_TAB)
        self.audit(browser, "tab")
        self.show(browser, "/odoo/email-archives", ".o-mailbox-MailLine")
        browser.wait(OPEN_FIRST)
        self.audit(browser, "archives")
        browser.run(f"document.querySelector('{VIEWER}-answer').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-People-chip')")
        browser.run(FOCUS_CC)
        browser.write("nobody;")
        browser.write("anna")
        browser.wait("return !!document.querySelector('.o-mailbox-People-option')")
        self.audit(browser, "composer")
        browser.run("document.querySelector('.o-mailbox-Review').click()")
        asked = ".o-mailbox-ReviewDialog option:nth-child(2)"
        browser.wait(f"return !!document.querySelector('{asked}')")
        self.audit(browser, "review dialog")
        browser.key("Escape", "Escape")
        browser.wait("return !document.querySelector('.o-mailbox-ReviewDialog')")
        browser.run("document.querySelector('.o-mailbox-ComposeWindow-fold').click()")
        browser.wait("return !!document.querySelector('[class*=Window-folded]')")
        self.audit(browser, "an email that is folded")

    def test_what_stands_beside_an_email_has_no_serious_fault(self):
        """Who has it, its notes, an invitation, when it comes back."""
        cancelled = write_invitation(CANCEL, "Cancelled")
        # and what is called dangerous
        cancelled.add_attachment(b"MZ", "application", "exe", filename="a.exe")
        cancelled = self.deliver(self.mailbox, cancelled)
        arrival = self.deliver(self.mailbox, write_invitation(GOOGLE))
        arrival = arrival.with_user(self.member)
        arrival.action_take()
        arrival.action_add_note("Call them first")
        self.mailbox.user_ids |= self.colleague
        answer = arrival.mailbox_message_id.with_user(self.colleague)
        drafts = self.env["mail.mailbox.draft"].with_user(self.colleague)
        drafts.browse(answer.prepare_compose("reply")).note_writing()
        arrival.sudo().conversation_id.due_at = "2026-11-02 12:00:00"
        # read now: later the browser's requests use the same cursor
        cancelled = f"/odoo/email-archives/{cancelled.mailbox_message_id.id}"
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait(OPEN_FIRST)
        parts = "Notes-body", "InvitationCard", "TeamBar-owner", "MailLine-overdue"
        parts += "TeamBar-state.text-danger", "Writers-person"
        for part in parts:
            browser.wait(f"return !!document.querySelector('.o-mailbox-{part}')")
        self.audit(browser, "beside an email")
        browser.run("document.querySelector('.o-mailbox-TeamBar-more').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-block')")
        self.audit(browser, "about the sender")
        browser.key("Escape", "Escape")
        browser.run("document.querySelector('.o-mailbox-Notes-write').click()")
        browser.wait("return !!document.querySelector('.o-mailbox-Notes textarea')")
        self.audit(browser, "writing a note")
        browser.key("Escape", "Escape")
        browser.run(
            "[...document.querySelectorAll('.o-mailbox-TeamBar button')]"
            ".find((el) => el.textContent.trim() === 'Later').click()"
        )
        browser.wait("return !!document.querySelector('.modal')")
        self.audit(browser, "later")
        self.show(browser, cancelled, ".o-mailbox-InvitationCard")
        # Odoo's own colour of a button in focus is none of ours
        browser.run("document.activeElement.blur()")
        self.audit(browser, "a cancelled invitation")

    def test_no_screen_of_a_team_has_a_serious_fault(self):
        """Blocked senders, the layout of the list, its keys, and the figures."""
        mail = write_mail(subject="News", **{"from": "news@shop.example"})
        blocked = self.deliver(self.mailbox, mail).with_user(self.member)
        blocked.action_block()
        path = f"/odoo/email-queue/{blocked.id}"
        browser = self.open_browser(path, "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-TeamBar-unblock')")
        # Odoo's own colour of a button in focus is none of ours
        browser.run("document.activeElement.blur()")
        self.audit(browser, "a blocked sender's email")
        self.show(browser, "/odoo/email-queue", ".o-mailbox-MailLine")
        browser.run("document.querySelector('.o_facet_remove').click()")
        browser.wait(
            "return !!document.querySelector('.o-mailbox-MailLine-work"
            "[data-state=blocked]')"
        )
        self.audit(browser, "blocked senders")
        menu = ".o-mailbox-ListLayout"
        for choice in ("-compact", "-pane[data-pane=below]"):
            browser.run(f"document.querySelector('{menu}').click()")
            browser.wait(f"return !!document.querySelector('{menu}{choice}')")
            self.audit(browser, "layout of the list")
            browser.run(f"document.querySelector('{menu}{choice}').click()")
            browser.wait(OPEN_FIRST)
            self.audit(browser, f"the list, {choice}")
        browser.run("document.querySelector('.o-mailbox-MailList').focus()")
        browser.key("?", "Slash", shift=True)
        browser.wait("return !!document.querySelector('.o-mailbox-KeysDialog')")
        self.audit(browser, "keys")
        self.show(browser, "/odoo/email-figures", ".o_pivot table")
        self.audit(browser, "figures")
        browser.run("document.querySelector('.o_switch_view.o_graph').click()")
        browser.wait("return !!document.querySelector('.o_graph_renderer canvas')")
        self.audit(browser, "figures as a graph")

    def test_warnings_above_an_email_have_no_serious_fault(self):
        """Each of them, in the light and in the dark."""
        deceiving = write_mail(
            **{
                "from": f'"anna@bank.example \u202e ANN\u0410" <x@{ALIKE}>',
                "reply_to": "y@elsewhere.example",
            }
        )
        punycode = write_mail(**{"from": "x@xn--80ak6aa92e.example"})
        nobody = write_mail()
        del nobody["From"]
        several = write_mail(**{"from": "a@spostex.example, b@spostex.example"})
        mails = (deceiving, punycode, nobody, several)
        messages = [self.deliver(self.mailbox, one).mailbox_message_id for one in mails]
        paths = [f"/odoo/email-archives/{message.id}" for message in messages]
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        seen = set()
        for path in paths:
            self.show(browser, path, f"{VIEWER}-warning")
            seen |= set(browser.run(WARNED))
            # Odoo's own colour of a button in focus is none of ours
            browser.run("document.activeElement.blur()")
            self.audit(browser, "warned")
        self.assertEqual(seen, WARNINGS)

    def test_no_screen_of_sending_has_a_serious_fault(self):
        browser = self.open_browser("/odoo/email-outbox", "mailbox_member")
        browser.wait("return document.querySelectorAll('.o_data_row').length > 5")
        self.audit(browser, "outbox")
        for row in self.rows:
            path = f"/odoo/email-outbox/{row.id}"
            self.show(browser, path, ".o_form_view .o_field_widget[name=subject]")
            self.audit(browser, f"outbox, {row.state}")
        path = f"/odoo/email-mailboxes/{self.mailbox.id}"
        self.show(browser, path, ".o_form_view .o_notebook")
        browser.wait(OPEN_SENDING)
        self.audit(browser, "sending settings")

    def test_faults_are_found(self):
        """Else the other test would be blind."""
        browser = self.open_browser("/odoo/email-queue", "mailbox_outsider")
        empty = ".o-mailbox-MailEmptyState"
        browser.wait(f"return !!document.querySelector('{empty}')")
        self.audit(browser, "empty queue")
        browser.run(
            f"document.querySelector('{empty}').insertAdjacentHTML('afterbegin', "
            "'<button></button><p style=\\'color: #bbb\\'>pale</p>')"
        )
        found = self.faults(browser)
        self.assertIn("button-name", found)
        self.assertIn("color-contrast", found)
