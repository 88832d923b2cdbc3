from datetime import datetime, timedelta

from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive_tests.tests.auditing import AuditedCase

from .common import InvitationCase

CARD = ".o-mailbox-InvitationCard-calendar"
CLICK = f"document.querySelector('{CARD} button').click()"
#: An event of the calendar by its words.
EVENT = (
    "[...document.querySelectorAll('.fc-event')]"
    ".some((el) => /Budget/.test(el.innerText))"
)


@tagged("post_install", "-at_install")
class TestCalendarBrowser(InvitationCase, AuditedCase):
    """The button of the card, clicked; the event, seen in the calendar."""

    def state(self, browser, action):
        browser.wait(f"return !!document.querySelector('{CARD}[data-action={action}]')")
        # Odoo's own colour of a button in focus is none of ours
        browser.run("document.activeElement.blur()")

    def test_an_event_is_added_seen_and_removed(self):
        noon = datetime.now().replace(hour=11, minute=0)
        start, stop = (
            moment.strftime("%Y%m%dT%H%M00Z")
            for moment in (noon, noon + timedelta(hours=1))
        )
        message = self.invite(f"DTSTART:{start}\nDTEND:{stop}").id
        path = f"/odoo/email-archives/{message}"
        browser = self.open_browser(path, "invited")
        self.state(browser, "add")
        self.audit(browser, "an invitation that may be added")
        browser.run(CLICK)
        self.state(browser, "there")
        self.audit(browser, "an invitation that was added")
        browser.open(f"{self.base_url()}/odoo/action-calendar.action_calendar_event")
        browser.wait(f"return {EVENT}")
        browser.open(self.base_url() + path)
        self.state(browser, "there")
        browser.run(CLICK)
        self.state(browser, "add")
        browser.open(f"{self.base_url()}/odoo/action-calendar.action_calendar_event")
        browser.wait(
            "return !!document.querySelector('.fc-timegrid, .o_calendar_view')"
        )
        browser.settle(1)
        self.assertFalse(browser.run(EVENT))
        self.assertFalse(self.events())
