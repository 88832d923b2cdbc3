"""An email opened from elsewhere by its Message-ID, and what programs ask by it."""

from __future__ import annotations

import http.client
import time
import urllib.parse

from .case import USER
from .filing import MESSAGE, FilingCase

EMAIL = "/mail_mailbox_archive/email?message_id="
ARCHIVE = "/mail_mailbox_archive/archive?message_id="
HOSTILE = "<img src=x onerror=alert(1)>"
#: What else might be handed in; nothing has such a Message-ID.
JUNK = (
    "",
    "%3C%3E",
    "%",
    "%25",
    "%00",
    "%ff%fe",
    "a" * 20000,
    "%3Cscript%3Ealert(1)%3C%2Fscript%3E@x",
    '"><img src=x onerror=alert(1)>@x',
    "a@x%0D%0ASet-Cookie:%20evil=1%0D%0A%0D%0Abody",
    "a@x%E2%80%A8b",
    "javascript:alert(1)@x",
    "' OR 1=1 --@x",
    "%25%27@x",
)


class TestMessageId(FilingCase):
    login, company = "pointer", "Slaters"

    def arrive(self, subject, name=""):
        """Have an email arrive; return its id."""
        name = name or f"<{subject}@slaters.example>"
        return self.receive(subject, "jan@slaters.example", name)

    def ask(self, path, cookie=""):
        """Return the answer to one GET, redirections not followed, and its body."""
        host = self.anna.base.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=60)
        headers = {"Cookie": f"session_id={cookie}"} if cookie else {}
        path = urllib.parse.quote(path, safe="/?=&%+:;,@()'*!~")
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read()

    def assertNothing(self, person, path):
        """Assert that it is told nothing; return the page."""
        started = time.monotonic()
        answer, page = self.ask(path, person.session)
        self.assertGreaterEqual(time.monotonic() - started, 0.25)
        self.assertEqual(answer.status, 404)
        self.assertIn(b"not in Odoo yet, or you may not read it", page)
        self.assertRegex(page, rb"within \d+ min\.")
        self.assertIn("default-src 'none'", answer.headers["Content-Security-Policy"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("evil", str(answer.headers))
        return page

    def test_opens_with_the_archive_dialog(self):
        message = self.arrive("Slate")
        browser = self.browser(self.anna, "/odoo/email-archives")
        browser.run(f"location.href = {ARCHIVE + '%3Cslate@slaters.example%3E'!r}")
        browser.find(".modal .o_data_row td[name=record_type_id]")
        browser.find(".o-mailbox-MessageViewer", "Slate")
        self.picture(browser, "message_id_dialog")
        address = browser.run("location.pathname + location.search")
        self.assertEqual(address, f"/odoo/email-archives/{message}")
        self.choose_record(browser, "Slaters")
        browser.click(".modal button[name=action_confirm]")
        browser.gone(".modal")
        self.assertEqual(self.records(message), ["Slaters"])
        # not once more when the page is loaded again
        browser.open(f"/odoo/email-archives/{message}")
        browser.find(".o-mailbox-RecordChips-chip", "Slaters")
        self.assertFalse(browser.run("!!document.querySelector('.modal')"))
        self.assertEqual(browser.error(), "")

    def test_several_are_listed_and_none_is_chosen(self):
        name = "<copied+1@slaters.example>"
        first, second = self.arrive("Copied"), self.arrive(HOSTILE, name)
        answer, _page = self.ask(
            ARCHIVE + "copied%2B1@slaters.example", self.anna.session
        )
        self.assertEqual(answer.status, 303)
        self.assertIn(
            f"/odoo/email-archives/{second}?archive=1", answer.headers["Location"]
        )
        third = self.arrive("Copied again", name)
        # the same one by each way of writing it
        for written in ("copied%2B1@slaters.example", "%3Ccopied+1@slaters.example%3E"):
            answer, page = self.ask(ARCHIVE + written, self.anna.session)
            self.assertEqual(answer.status, 200)
            self.assertNotIn(b"<img", page)
            self.assertIn(b"&lt;img", page)
            for one, there in ((first, False), (second, True), (third, True)):
                link = f'href="/odoo/email-archives/{one}?archive=1"'.encode()
                self.assertEqual(link in page, there)
        browser = self.browser(self.anna, "/odoo/email-archives")
        browser.run(f"location.href = {ARCHIVE + 'copied%2B1@slaters.example'!r}")
        browser.find("h1", "Several emails have this Message-ID")
        self.picture(browser, "message_id_several")
        browser.click("a", "Copied again")
        browser.find(".modal .o_data_row td[name=record_type_id]")
        browser.find(".o-mailbox-MessageViewer", "Copied again")

    def test_only_what_one_may_read_counts(self):
        """Somebody else's copy neither shows nor makes a list of one email."""
        name = "<shared@slaters.example>"
        mine = self.arrive("Mine", name)
        ben = self.person("pointer_ben", USER)
        box = self.mailbox("pointer_ben@spedbud.example", ben)
        mail = f"From: x@y.example\r\nSubject: His\r\nMessage-ID: {name}\r\n\r\nHis"
        self.dovecot.deliver("pointer_ben", mail.encode())
        self.check(box, ben)
        (his,) = self.wait(
            lambda: ben.search_read(MESSAGE, [("subject", "=", "His")], "id"), "his"
        )
        for person, message in ((self.anna, mine), (ben, his["id"])):
            answer, _page = self.ask(EMAIL + "shared@slaters.example", person.session)
            location = urllib.parse.urlsplit(answer.headers["Location"])
            self.assertEqual(location.path, f"/odoo/email-archives/{message}")
            self.assertEqual(location.query, "")

    def test_what_is_not_here_and_what_is_hidden_are_the_same(self):
        self.arrive("Hidden")
        stranger = self.person("pointer_stranger", USER)
        nobody = self.person("pointer_nobody", "base.group_user")
        for path in (EMAIL, ARCHIVE):
            pages = {
                self.assertNothing(person, path + name)
                for person in (stranger, nobody)
                for name in ("hidden@slaters.example", "missing@slaters.example")
            }
            pages.add(self.assertNothing(self.anna, path + "missing@slaters.example"))
            self.assertEqual(len(pages), 1)
        browser = self.browser(stranger, "/odoo/email-archives")
        browser.run(f"location.href = {ARCHIVE + 'hidden@slaters.example'!r}")
        browser.find("h1", "not in Odoo yet")
        self.picture(browser, "message_id_nothing")
        browser.click("a", "Try again")
        browser.find("h1", "not in Odoo yet")
        again = browser.run("location.pathname + location.search")
        self.assertEqual(again, ARCHIVE + "hidden@slaters.example")

    def test_hostile_ones_say_nothing(self):
        pages = {
            self.assertNothing(self.anna, path + junk)
            for path in (EMAIL, ARCHIVE)
            for junk in JUNK
        }
        self.assertEqual(len(pages), 1)

    def test_to_the_login_and_back(self):
        message = self.arrive("Later")
        path = ARCHIVE + "%3Clater@slaters.example%3E"
        answer, _page = self.ask(path)
        login = urllib.parse.urlsplit(answer.headers["Location"])
        self.assertEqual((answer.status, login.path), (303, "/web/login"))
        (back,) = urllib.parse.parse_qs(login.query)["redirect"]
        answer, _page = self.ask(back, self.anna.session)
        self.assertIn(f"{message}?archive=1", answer.headers["Location"])
        for junk in JUNK:
            answer, _page = self.ask(ARCHIVE + junk)
            self.assertEqual(answer.status, 303)
            login = urllib.parse.urlsplit(answer.headers["Location"])
            self.assertEqual(login.path, "/web/login")
            self.assertNotIn("Set-Cookie: evil", str(answer.headers))
            (back,) = urllib.parse.parse_qs(login.query)["redirect"]
            self.assertTrue(back.startswith("/mail_mailbox_archive/archive?"))

    def test_programs_ask_what_emails_are_attached_to(self):
        message = self.arrive("Asked")
        self.archive(self.anna, message, "res.partner", self.partner)
        asked = ["<asked@slaters.example>", "missing@x", "asked@slaters.example", ""]

        def find(person, ids=None):
            wanted = asked if ids is None else ids
            return person.json2(MESSAGE, "find_attached", message_ids=wanted)

        path = f"/mail/view?model=res.partner&res_id={self.partner}"
        record = {"res_model": "res.partner", "res_id": self.partner}
        record |= {"name": "Slaters", "path": path}
        there = [{"id": message, "records": [record]}]
        emails = [one["emails"] for one in find(self.anna)]
        self.assertEqual(emails, [there, [], there, []])
        self.assertEqual([one["message_id"] for one in find(self.anna)], asked)
        # the address of the record leads to it
        answer, _page = self.ask(path, self.anna.session)
        self.assertIn(f"/res.partner/{self.partner}", answer.headers["Location"])
        # who may neither read the mailbox nor emails at all; who may read the record
        nobody = self.person("pointer_nobody", "base.group_user")
        self.assertEqual([one["emails"] for one in find(nobody)], [[]] * 4)
        reader = self.person("pointer_reader", USER, "base.group_partner_manager")
        self.assertEqual([one["emails"] for one in find(reader)], emails)
        self.assertEqual(len(find(self.anna, [f"{n}@x" for n in range(100)])), 100)
        self.assertRefused(lambda: find(self.anna, ["a@x"] * 101), "at most 100")
        for wrong in ("a@x", [1], [["a"]], {}, ["a\0b"]):
            self.assertRefused(lambda one=wrong: find(self.anna, one))
        self.assertEqual(find(self.anna, []), [])

    def test_a_record_that_one_may_not_open_is_not_named(self):
        message = self.arrive("Secret")
        hidden = self.admin.add("res.partner", name="Hidden")
        self.archive(self.anna, message, "res.partner", hidden)
        company = self.admin.add("res.company", name="Another of the pointers")
        self.admin.change("res.partner", hidden, company_id=company)
        (found,) = self.anna.json2(
            MESSAGE, "find_attached", message_ids=["secret@slaters.example"]
        )
        self.assertEqual(found["emails"], [{"id": message, "records": []}])
