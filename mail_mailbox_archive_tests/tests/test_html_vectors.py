"""Hostile mail in a real browser: nothing runs, nothing is loaded, nothing changes."""

import base64
import io
import json
import re

from PIL import Image, ImageChops

from odoo.tests import tagged
from odoo.tests.common import ChromeBrowserException

from .browser import WatchedCase
from .common import MailboxCase, write_mail
from .html_vectors import LOADS, SCRIPTS
from .reliability.extent import extent

#: What the web client asks for while somebody reads mail.
CLIENT = re.compile(
    r"/(web/(dataset/call_kw|assets|static|image|webclient|bundle|action|manifest|"
    r"service-worker)|bus/|mail/|websocket|odoo|favicon|[a-z_]+/static/)"
)
BODY = re.compile(r"/mail_mailbox_archive/(body/\d+(/[\w-]+)?|part/\d+)$")

#: Clicks on everything in a page's frame; tells how many elements there were.
CLICK_ALL = """
function clickAll(page) {
    const all = [...page.querySelectorAll("*")].filter((el) => el !== page.body);
    for (const el of all) {
        for (const type of ["pointerdown", "mouseover", "click", "focus"]) {
            el.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true}));
        }
        el.click?.();
    }
    return all.length;
}
"""

#: Shows the message of one line, clicks on all of it; what changed outside of it?
READ = (
    CLICK_ALL
    + """
const until = async (test) => {
    for (let at = 0; at < 600; at++) {
        const found = test();
        if (found) {
            return found;
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`never: ${test}`);
};
const framePage = () => document.querySelector(".o-mailbox-MessageBody-frame")
    ?.contentDocument;
const outside = () => {
    const copy = document.documentElement.cloneNode(true);
    for (const frame of copy.querySelectorAll("iframe")) {
        frame.remove();
    }
    for (const time of copy.querySelectorAll("time")) {
        time.textContent = "";
    }
    // who has the email is shown when the server answers
    copy.querySelector(".o-mailbox-TeamBar")?.remove();
    return copy.outerHTML;
};
// what differs, to be read by people
const differ = (one, other) => {
    let at = 0;
    while (one[at] === other[at]) {
        at++;
    }
    return [one, other].map((text) => text.slice(Math.max(at - 60, 0), at + 60));
};
const print = () => {
    document.querySelector(".o-mailbox-MessageViewer .fa-print").click();
    return until(() => {
        const page = document.querySelector(".o-mailbox-print")?.contentDocument;
        return page?.URL.includes("print=1") && page.readyState === "complete" && page;
    });
};
const lines = () => [...document.querySelectorAll(
    ".o-mailbox-MailLine-subject, .o-mailbox-AttachedEmail-subject"
)];
const names = () => lines().map((el) => el.textContent);
async function read(subject, onPaper) {
    lines().find((el) => el.textContent === subject).click();
    await until(() => document.querySelector(".o-mailbox-MessageViewer-subject")
        ?.textContent === subject);
    const shown = document.querySelector(".o-mailbox-MessageViewer").dataset.messageId;
    const page = await until(() => {
        const page = framePage();
        const mine = page?.URL.includes(`/body/${shown}`);
        const body = document.querySelector(".o-mailbox-MessageBody");
        const ready = mine && page.readyState === "complete";
        const shows = ready && page.getElementById("o-mailbox-body");
        return shows && body.ariaBusy === "false" && page;
    });
    const paper = onPaper && (await print());
    const before = outside();
    const elements = clickAll(page) + (paper ? clickAll(paper) : 0);
    await new Promise((resolve) => setTimeout(resolve, 40));
    document.querySelector(".o-mailbox-print")?.remove();
    return {
        elements,
        changed: before !== outside() && differ(before, outside()),
        left: framePage() !== page,
        height: document.querySelector(".o-mailbox-MessageBody-frame").clientHeight,
    };
}
window.mailboxTest = {clickAll, names, read};
"""
)

#: Who is logged in.
WHO = """
fetch("/web/session/get_session_info", {
    method: "POST",
    headers: {"Content-Type": "application/json"},
    body: "{}",
})
    .then((answer) => answer.json())
    .then((answer) => answer.result.uid)
"""

#: Shows a piece in a frame like any page's own.
UNPROTECTED = (
    "(async () => {"
    + CLICK_ALL
    + """
const frame = document.createElement("iframe");
frame.srcdoc = %s;
const loaded = new Promise((resolve) => (frame.onload = resolve));
document.body.append(frame);
await Promise.race([loaded, new Promise((resolve) => setTimeout(resolve, 500))]);
await new Promise((resolve) => setTimeout(resolve, 40));
clickAll(frame.contentDocument || document.createElement("p"));
await new Promise((resolve) => setTimeout(resolve, 20));
frame.remove();
})()"""
)


def write_vector(name, markup):
    """Return a mail with a vector as its HTML, and its text in every header shown."""
    mail = write_mail(subject=name, text=f"{name}: {markup}"[:3000])
    mail.add_alternative(markup, subtype="html")
    return mail


def spell(markup, number, own=""):
    """Return a piece that tells its number when it runs; no blank may cut it."""
    return markup.replace("RUN", f"alert({number})").replace("OWN", own)


def contrast(one, other):
    """Return by how much the most different pixels of two pictures differ, of 255."""
    pictures = [
        Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
        for data in (one, other)
    ]
    return max(high for _low, high in ImageChops.difference(*pictures).getextrema())


@tagged("post_install", "-at_install")
class TestHtmlVectors(MailboxCase, WatchedCase):
    browser_size = "1366,900"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pieces = [
            *((f"script: {name}", piece) for name, piece in SCRIPTS.items()),
            *((f"load: {name}", piece) for name, piece in LOADS.items()),
        ]

    def take_some(self):
        """Of what another test shows whole take a third, in the short form."""
        self.pieces = self.pieces[:: extent(3, 1)]

    def deliver_all(self, always=False):
        own = self.base_url()
        for number, (name, piece) in enumerate(self.pieces):
            markup = spell(piece, number, own)
            arrival = self.deliver(self.mailbox, write_vector(name, markup))
            # so that opening it changes nothing on the page
            arrival.seen = True
        if always:
            arrival.mailbox_message_id.with_user(self.member).allow_images(always=True)

    def read_all(self, path, on_paper=False):
        """Read all messages of a list, print them too; return what was seen."""
        paper = json.dumps(on_paper)
        browser = self.open_browser(path, "mailbox_member")
        browser.wait(
            "const tab = document.querySelector('.nav-link[name=mailbox_archive]');"
            "tab?.click();"
            "return !!document.querySelector"
            "('.o-mailbox-MailLine, .o-mailbox-AttachedEmail')"
        )
        seen = {}
        browser.run(f"(() => {{{READ}}})()")
        # the list shows what the browser kept, then what the server answers
        browser.settle(1)
        del browser.requests[:]
        while len(seen) < len(self.pieces):
            page = browser.run("mailboxTest.names()")
            self.assertFalse(seen.keys() & page, "the page did not change")
            for name in page:
                seen[name] = browser.run(
                    f"mailboxTest.read({json.dumps(name)}, {paper})"
                )
            if len(seen) < len(self.pieces):
                browser.run(
                    "[...document.querySelectorAll('.o_pager_next')].at(-1).click()"
                )
                browser.wait(f"return mailboxTest.names()[0] !== {json.dumps(page[0])}")
        return browser, seen

    def assert_harmless(self, browser, seen):
        self.assertEqual(browser.dialogs, [])
        changed = {name: seen[name]["changed"] for name in seen}
        what = {name: change for name, change in changed.items() if change}
        self.assertFalse(what, what)
        self.assertEqual([name for name in seen if seen[name]["left"]], [])
        self.assertEqual(browser.pages(), 1)
        for path, in_frame in self.paths(browser):
            self.assertRegex(path, BODY if in_frame else CLIENT)
            self.assertNotIn("logout", path)
        self.assertEqual(browser.run(WHO), self.member.id, "the session is over")

    def test_control_unprotected_they_run(self):
        """What shows that the pieces are sharp and the watching works."""
        browser = self.open_browser("/web/health", "mailbox_member")
        for number, (_name, piece) in enumerate(self.pieces):
            markup = spell(piece, number, self.base_url())
            try:
                browser.run(UNPROTECTED % json.dumps(markup), timeout=5)
            except (ChromeBrowserException, AssertionError, TimeoutError):
                # it led the whole page away
                browser.open(self.base_url() + "/web/health")
        ran = {int(number) for number in browser.dialogs if number.isdigit()}
        self.assertGreaterEqual(len(SCRIPTS) + len(LOADS), 60)
        self.assertGreaterEqual(len(ran), 20)
        loaded = {url for url, _kind in self.strangers(browser)}
        self.assertGreaterEqual(len(loaded), 3)
        out = [path for path, _in_frame in self.paths(browser) if "logout" in path]
        self.assertTrue(out)

    def test_in_the_viewer_and_in_print_nothing_happens(self):
        self.deliver_all()
        browser, seen = self.read_all("/odoo/email-queue?limit=500", on_paper=True)
        self.assertEqual(len(seen), len(self.pieces))
        self.assert_harmless(browser, seen)
        self.assertEqual(self.strangers(browser), [])

    def test_after_consent_only_pictures_are_loaded(self):
        self.pieces = [(name, piece) for name, piece in self.pieces if "load" in name]
        self.deliver_all(always=True)
        browser, seen = self.read_all("/odoo/email-queue?limit=500")
        self.assert_harmless(browser, seen)
        strangers = self.strangers(browser)
        self.assertGreaterEqual(len({url for url, _kind in strangers}), 1)
        self.assertEqual({kind for _url, kind in strangers}, {"Image"})
        self.assertEqual({url[:8] for url, _kind in strangers}, {"https://"})

    def test_in_the_tab_of_a_record_nothing_happens(self):
        self.take_some()
        self.deliver_all()
        company = self.env["res.partner"].create({"name": "Spostex S.A."})
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        messages.search([])._archive(company)
        browser, seen = self.read_all(f"/odoo/res.partner/{company.id}")
        self.assertEqual(len(seen), len(self.pieces))
        self.assert_harmless(browser, seen)
        self.assertEqual(self.strangers(browser), [])

    def test_the_dialog_shows_them_as_text(self):
        arrivals = []
        for number, (_name, piece) in enumerate(self.pieces):
            markup = spell(piece, number)
            subject = f"{number} {' '.join(markup.split())}"[:200]
            arrivals.append(self.deliver(self.mailbox, write_vector(subject, markup)))
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.run(f"(() => {{{READ}}})()")
        field = "document.querySelector('.modal .o_field_widget[name=subjects]')"
        service = "odoo.__WOWL_DEBUG__.root.env.services"
        for first in range(0, len(arrivals), 10):
            ids = [arrival.id for arrival in arrivals[first : first + 10]]
            browser.run(
                f"void {service}.mailbox_archive_dialog.open({{arrivalIds: {ids}}})"
            )
            shown = browser.wait(
                f"const text = {field}?.textContent;"
                f"return text?.includes('{first} ') && text"
            )
            for word in ("<", ">"):
                self.assertIn(word, shown)
            # words only: nothing in it to be clicked
            self.assertLessEqual(browser.run(f"mailboxTest.clickAll({field})"), 2)
            browser.run("document.querySelector('.modal .btn-close').click()")
            browser.wait("return !document.querySelector('.modal')")
        self.assertEqual(browser.dialogs, [])
        self.assertEqual(self.strangers(browser), [])
        self.assertEqual(browser.run(WHO), self.member.id)

    def test_pixels_outside_of_the_frame_stay(self):
        """Whatever a mail's style covers, it stays in its box."""
        cover = dict(LOADS)["cover"]
        self.deliver(self.mailbox, write_vector("cover", cover))
        browser = self.open_browser("/odoo/email-queue", "mailbox_member")
        browser.wait("return !!document.querySelector('.o-mailbox-MailLine')")
        browser.run(f"(() => {{{READ}}})()")
        browser.run("mailboxTest.read('cover')")
        boxes = (".o_list_renderer", ".o_search_panel", ".o-mailbox-MessageViewer-head")
        covered = [browser.picture(box) for box in boxes]
        frame = "document.querySelector('.o-mailbox-MessageBody-frame')"
        browser.run(f"{frame}.style.visibility = 'hidden'")
        for box, before in zip(boxes, covered, strict=True):
            self.assertLess(contrast(before, browser.picture(box)), 9, box)
