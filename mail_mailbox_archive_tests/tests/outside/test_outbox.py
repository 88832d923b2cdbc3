"""Sending, from the side of the recipient and of who must not lose a mail."""

from __future__ import annotations

import base64
import json
import random
from collections import Counter
from datetime import datetime, timedelta, timezone
from http.client import HTTPException

from ..reliability.extent import extent, note
from ..servers.smtp import CUT, HANG, SmtpServer
from .case import OutsideCase
from .client import Refused

DRAFT, OUTBOX = "mail.mailbox.draft", "mail.mailbox.outbox"
FILES = "ir.attachment"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)
#: Files whose bytes a careless program changes on the way.
ODD_FILES = {
    "plan.pdf": b"%PDF-1.4\r\n\x00\xff\xfe.\r\n.\r\n",
    "lines.csv": b"a;b\n1;2\r\n3;4\r5",
    "note.txt": "Zażółć\n.\ngęślą".encode(),
    "page.html": b"<p>\xff\xfe raw</p>\n",
    "mail.eml": b"From: a@b.example\nSubject: x\n\nbare\nlines\n",
}
LAST = "It is what it is"


class OutboxCase(OutsideCase):
    """Who writes, and what is looked at."""

    def compose(self, person, box, to, subject, files=(), **values):
        """Begin a mail as the web client does; return the draft's id.

        :param files: ids of attachments
        """
        draft = person.call(DRAFT, "prepare_new", mailbox_id=box)
        values = {"body": "<p>Dear reader</p>", **values}
        values |= {"email_to": to, "subject": subject}
        values["attachment_ids"] = [(6, 0, list(files))]
        person.change(DRAFT, draft, **values)
        return draft

    def send(self, person, draft, **kwargs):
        """Press Send; return the id of the row in the outbox."""
        return person.call(DRAFT, "action_send", [draft], **kwargs)["params"][
            "outbox_id"
        ]

    def send_new(self, person, box, to, subject, files=(), **values):
        return self.send(
            person, self.compose(person, box, to, subject, files, **values)
        )

    def row(self, person, row_id, *names):
        names = names or ("state", "reason", "uncertain", "send_at", "message_id")
        return person.fields(OUTBOX, row_id, *names)

    def wait_for_state(self, person, row_id, *states, odoo=None):
        def reached():
            row = self.row(person, row_id)
            return row["state"] in states and row

        return self.wait(reached, f"state {states}")

    def only(self, address):
        """Wait for the one mail for an address; return it."""
        self.wait(lambda: self.received(address), f"a mail for {address}")
        (mail,) = self.received(address)
        return mail

    def nothing_more(self, odoo=None):
        """Let the outbox be worked off once more, to the end of a mail sent now."""
        person = self.person("outbox_last")
        box = self.mailbox(
            f"outbox_last{random.getrandbits(30)}@spedbud.example", person
        )
        to = f"last{random.getrandbits(30)}@x.example"
        self.send_new(person, box, to, LAST)
        self.only(to)

    def files_of(self, mail):
        return {
            part.get_filename(): part.get_payload(decode=True)
            for part in mail.walk()
            if part.get_content_disposition() == "attachment"
        }

    def assertNothingOfOurs(self, source: bytes):
        """No address of this server and no token is in what left."""
        decoded = source + b"".join(
            part.get_payload(decode=True) or b"" for part in _parse(source).walk()
        )
        for word in (b"/web/", b"access_token", self.odoo.base.encode()):
            self.assertNotIn(word, decoded)


class TestOutbox(OutboxCase):
    """One mail, each of the ways."""

    def test_attachments_leave_once_and_as_they_are(self):
        anna = self.person("outbox_anna")
        box = self.mailbox("outbox_anna@spedbud.example", anna)
        draft = self.compose(anna, box, "files@x.example", "Files")
        ids = [
            anna.upload(name, content, DRAFT, draft)
            for name, content in ODD_FILES.items()
        ]
        anna.change(DRAFT, draft, attachment_ids=[(6, 0, ids)])
        self.wait_for_state(anna, self.send(anna, draft), "sent")
        self.nothing_more()
        self.assertEqual(self.files_of(self.only("files@x.example")), ODD_FILES)
        # the archive has them; nothing of it is stored a second time
        self.assertFalse(self.admin.search_read(FILES, [("id", "in", ids)], "name"))

    def test_server_refuses_and_nothing_is_lost(self):
        anna = self.person("outbox_refused")
        box = self.mailbox("outbox_refused@spedbud.example", anna)
        draft = self.compose(anna, box, "refused@x.example", "Refused")
        made = anna.upload("plan.pdf", ODD_FILES["plan.pdf"], DRAFT, draft)
        anna.change(DRAFT, draft, attachment_ids=[(6, 0, [made])])
        self.smtp.replies["RCPT refused@x.example"] = ["550 5.1.1 nobody here"]
        row = self.send(anna, draft)
        self.assertIn("nobody here", self.wait_for_state(anna, row, "failed")["reason"])
        again = anna.call(OUTBOX, "action_edit", [row])["res_id"]
        self.assertEqual(
            anna.fields(DRAFT, again, "attachment_ids")["attachment_ids"], [made]
        )
        self.wait_for_state(anna, self.send(anna, again), "sent")
        self.nothing_more()
        mail = self.only("refused@x.example")
        self.assertEqual(self.files_of(mail)["plan.pdf"], ODD_FILES["plan.pdf"])

    def test_pressed_at_the_same_moment_it_leaves_once(self):
        anna = self.person("outbox_twice")
        box = self.mailbox("outbox_twice@spedbud.example", anna)
        draft = self.compose(anna, box, "twice@x.example", "Twice")
        with self.disturbed("mail_mailbox_draft", [draft]):
            calls = [lambda: self.send(anna, draft)] * 4
            rows = self.together(*calls)
        self.assertEqual(len({*rows}), 1, rows)
        self.assertEqual(self.send(anna, draft), rows[0], "and later once more")
        # what is written in another tab meanwhile is not in it, and not lost silently
        late = {"subject": "Too late"}
        self.assertRefused(lambda: anna.change(DRAFT, draft, **late), "already been")
        self.wait_for_state(anna, rows[0], "sent")
        self.nothing_more()
        self.only("twice@x.example")
        other = self.person("outbox_stranger")
        self.assertRefused(lambda: self.send(other, draft), "no longer exists")
        self.assertRefused(lambda: other.change(DRAFT, draft, **late), "not exist")

    def test_what_others_own_is_copied_and_what_one_may_not_read_is_refused(self):
        anna = self.person("outbox_reader")
        box = self.mailbox("outbox_reader@spedbud.example", anna)
        partner = self.admin.add("res.partner", name="Contract partner")
        data = base64.b64encode(b"contract").decode()
        there = {"res_model": "res.partner", "res_id": partner}
        contract = self.admin.add(FILES, name="contract.txt", datas=data, **there)
        hidden = self.admin.add(
            FILES, name="s.txt", datas=data, res_model="ir.cron", res_id=1
        )
        self.assertRefused(
            lambda: self.compose(anna, box, "copy@x.example", "Stolen", [hidden])
        )
        # as an old draft may hold it, or one whose rights were taken away
        draft = self.compose(anna, box, "copy@x.example", "Copy", [contract])
        self.odoo.sql(
            "INSERT INTO mail_mailbox_draft_attachment_rel VALUES (%s, %s)",
            draft,
            hidden,
        )
        self.assertRefused(lambda: self.send(anna, draft))
        self.odoo.sql(
            "DELETE FROM mail_mailbox_draft_attachment_rel WHERE attachment_id = %s",
            hidden,
        )
        self.wait_for_state(anna, self.send(anna, draft), "sent")
        mail = self.only("copy@x.example")
        self.assertEqual(self.files_of(mail), {"contract.txt": b"contract"})
        kept = self.admin.fields(FILES, contract, "res_model", "res_id", "datas")
        self.assertEqual((kept["res_model"], kept["res_id"]), ("res.partner", partner))
        self.assertEqual(base64.b64decode(kept["datas"]), b"contract")
        draft = self.compose(anna, box, "copy@x.example", "Thrown away", [contract])
        anna.call(DRAFT, "action_discard", [draft])
        self.assertTrue(self.admin.fields(FILES, contract, "name"))

    def test_no_address_of_ours_leaves(self):
        anna = self.person("outbox_pictures")
        box = self.mailbox("outbox_pictures@spedbud.example", anna)
        draft = self.compose(anna, box, "pictures@x.example", "Pictures")
        made = anna.upload("pasted.png", PIXEL, DRAFT, draft)
        other = PIXEL + b"signature"
        lies = self.admin.add(
            FILES,
            name="logo.png",
            datas=base64.b64encode(other).decode(),
            mimetype="image/png",
            res_model="mail.mailbox",
            res_id=box,
        )
        # past what is done when a signature is written, as one of an older version
        self.odoo.sql(
            "UPDATE mail_mailbox SET signature = %s WHERE id = %s",
            f'<p>Regards</p><img src="/web/image/{lies}?access_token=x">',
            box,
        )
        base = self.odoo.base
        (token,) = anna.call(FILES, "generate_access_token", [made])
        anna.change(
            DRAFT,
            draft,
            body=f'<p>Look: <img src="/web/image/{made}-abc/pasted.png"></p>'
            f'<p><img src="{base}/web/image/{made}?access_token={token}"></p>'
            f'<p style="background-image: url({base}/web/image/{made})">B</p>'
            f'<p><a href="/web/content/{made}?access_token={token}">file</a></p>'
            f'<p><a href="{base}/web/content/{made}?access_token={token}">file</a></p>'
            '<p><img src="/web/image/res.users/1/avatar_128" alt="nobody"></p>'
            f'<blockquote><img src="{base}/web/image/{made}"></blockquote>',
        )
        self.wait_for_state(anna, self.send(anna, draft), "sent")
        (received,) = [
            one for one in self.smtp.received if "pictures@x.example" in one.rcpt_to
        ]
        self.assertNothingOfOurs(received.source)
        mail = self.only("pictures@x.example")
        pictures = {
            part["Content-ID"].strip("<>"): part.get_payload(decode=True)
            for part in mail.walk()
            if part.get_content_maintype() == "image"
        }
        self.assertLessEqual({PIXEL, other}, {*pictures.values()})
        html = mail.get_body(("html",)).get_content()
        for cid in pictures:
            self.assertIn(f"cid:{cid}", html)
        self.assertEqual(html.count("<img"), html.count("cid:"))

    def test_undone_it_is_a_draft_again(self):
        anna = self.person("outbox_undo")
        box = self.mailbox("outbox_undo@spedbud.example", anna)
        draft = self.compose(anna, box, "undo@x.example", "Undone")
        made = anna.upload("plan.pdf", b"%PDF", DRAFT, draft)
        anna.change(DRAFT, draft, attachment_ids=[(6, 0, [made])])
        row = self.send(anna, draft, context={"mailbox_undo": True})
        self.assertEqual(self.row(anna, row)["state"], "scheduled")
        again = anna.call(OUTBOX, "action_edit", [row])["res_id"]
        written = anna.fields(
            DRAFT, again, "subject", "email_to", "body", "attachment_ids"
        )
        self.assertEqual(written["subject"], "Undone")
        self.assertIn("undo@x.example", written["email_to"])
        self.assertIn("Dear reader", written["body"])
        self.assertEqual(written["attachment_ids"], [made])
        self.assertEqual(self.row(anna, row)["state"], "cancelled")
        self.nothing_more()
        self.assertFalse(self.received("undo@x.example"))
        # not undone, it leaves, though no browser is there to say so
        row = self.send(anna, again, context={"mailbox_undo": True})
        self.wait_for_state(anna, row, "sent")
        self.only("undo@x.example")

    def test_later_now_and_never(self):
        anna = self.person("outbox_later")
        box = self.mailbox("outbox_later@spedbud.example", anna)
        later = datetime.now(timezone.utc) + timedelta(days=1)
        later = later.strftime("%Y-%m-%d %H:%M:%S")
        rows = [
            self.send_new(anna, box, f"later{n}@x.example", "Later", send_at=later)
            for n in range(3)
        ]
        self.nothing_more()
        for row in rows:
            self.assertEqual(self.row(anna, row)["send_at"], later)
            self.assertEqual(self.row(anna, row)["state"], "scheduled")
        anna.call(OUTBOX, "action_send_now", [rows[0]])
        anna.call(OUTBOX, "action_cancel", [rows[1]])
        self.only("later0@x.example")
        self.assertEqual(self.row(anna, rows[1])["state"], "cancelled")
        # its time comes
        self.odoo.sql(
            "UPDATE mail_mailbox_outbox SET due_at = now() AT TIME ZONE 'UTC'"
            " WHERE id = ANY(%s)",
            rows[1:],
        )
        self.odoo.wake("mail_mailbox_archive.ir_cron_outbox")
        self.only("later2@x.example")
        self.nothing_more()
        self.assertFalse(self.received("later1@x.example"))

    def test_a_hand_over_that_broke_is_never_repeated_silently(self):
        anna = self.person("outbox_cut")
        box = self.mailbox("outbox_cut@spedbud.example", anna)
        self.smtp.replies["."] = [CUT]
        row = self.send_new(anna, box, "cut@x.example", "Cut")
        told = self.wait_for_state(anna, row, "failed")
        self.assertTrue(told["uncertain"])
        self.assertIn("Uncertain", told["reason"])
        self.nothing_more()
        self.assertFalse(self.received("cut@x.example"))
        # its writer decides
        anna.call(OUTBOX, "action_send_now", [row])
        self.wait_for_state(anna, row, "sent")
        self.assertEqual(self.only("cut@x.example")["Message-ID"], told["message_id"])

    def test_uncertain_until_its_copy_is_in_the_sent_folder(self):
        anna = self.person("outbox_copy")
        box = self.mailbox("outbox_copy@spedbud.example", anna)
        self.smtp.replies["."] = [CUT]
        row = self.send_new(anna, box, "copied@x.example", "Copied by the provider")
        told = self.wait_for_state(anna, row, "failed")
        copy = (
            "From: outbox_copy@spedbud.example\r\nTo: copied@x.example\r\n"
            f"Subject: Copied by the provider\r\nMessage-ID: {told['message_id']}\r\n"
            "\r\nDear reader\r\n"
        )
        self.dovecot.deliver("outbox_copy", copy.encode())
        self.check(box, anna)
        told = self.wait_for_state(anna, row, "sent")
        self.assertFalse(told["uncertain"])

    def test_who_got_it_does_not_get_it_again(self):
        anna = self.person("outbox_partly")
        box = self.mailbox("outbox_partly@spedbud.example", anna)
        self.smtp.replies["RCPT bad@partly.example"] = ["550 5.1.1 unknown"]
        self.smtp.replies["RCPT busy@partly.example"] = ["451 4.2.1 busy"]
        row = self.send_new(
            anna, box, "good@partly.example, bad@partly.example", "Partly",
            email_bcc="busy@partly.example",
        )  # fmt: skip
        self.wait(lambda: self.row(anna, row, "tries")["tries"], "the first try")
        self.assertIn("busy", self.row(anna, row)["reason"])
        self.odoo.sql(
            "UPDATE mail_mailbox_outbox SET due_at = now() AT TIME ZONE 'UTC'"
            " WHERE id = %s",
            row,
        )
        self.odoo.wake("mail_mailbox_archive.ir_cron_outbox")
        told = self.wait_for_state(anna, row, "partly")
        self.assertIn("unknown", told["reason"])
        for name in ("good", "busy"):
            mail = self.only(f"{name}@partly.example")
            self.assertEqual(mail["Message-ID"], told["message_id"])
        self.assertNotIn(b"busy@", self.smtp.received[-1].source)
        self.assertFalse(self.received("bad@partly.example"))
        # to the one who has it not, with another address
        again = anna.call(OUTBOX, "action_edit", [row])["res_id"]
        self.assertEqual(
            anna.fields(DRAFT, again, "email_to")["email_to"], "bad@partly.example"
        )
        # which is theirs now: pressed again in another tab, nothing leaves twice
        for name in ("action_edit", "action_send_now"):
            self.assertRefused(lambda name=name: anna.call(OUTBOX, name, [row]))
        self.wait_for_state(anna, self.send(anna, again), "sent")
        for name in ("good", "busy", "bad"):
            self.only(f"{name}@partly.example")

    def test_domains_in_other_letters_are_the_same_everywhere(self):
        """On the wire, and where it is looked who has it already."""
        anna = self.person("outbox_letters")
        box = self.mailbox("outbox_letters@spedbud.example", anna)
        wire = {
            "info@straße.example": "info@xn--strae-oqa.example",
            "Info@BÜCHER.example": "Info@xn--bcher-kva.example",
            "pl@zażółć.example": "pl@xn--za-6ja4f8n1l.example",
            "ja@例え.example": "ja@xn--r8jz45g.example",
        }
        for word in ("", "451 4.3.0 busy", "550 5.1.1 no"):
            with self.subTest(word):
                self.smtp.received.clear()
                self.smtp.replies["RCPT slow@letters.example"] = [word]
                to = ", ".join([*wire, "slow@letters.example"])
                row = self.send_new(anna, box, to, "Letters")
                if word.startswith("4"):
                    self.wait(lambda row=row: self.row(anna, row, "tries")["tries"],
                              "a try")  # fmt: skip
                    anna.call(OUTBOX, "action_send_now", [row])
                state = "partly" if word.startswith("5") else "sent"
                self.wait_for_state(anna, row, state)
                if state == "partly":
                    anna.call(OUTBOX, "action_send_now", [row])
                    self.wait_for_state(anna, row, "sent")
                got = Counter(to for one in self.smtp.received for to in one.rcpt_to)
                wanted = [*wire.values(), "slow@letters.example"]
                self.assertEqual(got, Counter(wanted))

    def test_a_server_that_hangs_holds_its_own_mail_only(self):
        anna = self.person("outbox_hang")
        slow = self.enter(SmtpServer())
        slow.replies["MAIL"] = HANG
        hangs = self.mailbox(
            "outbox_hang@spedbud.example", anna, **self.smtp_values(slow)
        )
        box = self.mailbox("outbox_free@spedbud.example", anna)
        held = self.send_new(anna, hangs, "held@x.example", "Held")
        self.wait(lambda: "MAIL" in str(slow.commands), "the server's silence")
        self.send_new(anna, box, "free@x.example", "Free")
        self.only("free@x.example")
        self.assertEqual(self.row(anna, held)["state"], "sending")
        # nothing of it is on its way: its writer may still stop it
        anna.call(OUTBOX, "action_cancel", [held])
        slow.replies.clear()
        self.nothing_more()
        self.assertFalse(slow.received)

    def test_seen_by_its_writer_and_the_mailboxs_people_alone(self):
        anna, ben = self.person("outbox_seen"), self.person("outbox_ben")
        clara = self.person("outbox_clara")
        boss = self.person("outbox_boss", "mail_mailbox_archive.group_manager")
        box = self.mailbox("outbox_seen@spedbud.example", anna, ben)
        later = "2099-01-01 00:00:00"
        row = self.send_new(anna, box, "seen@x.example", "Seen", send_at=later)
        self.assertEqual(
            ben.search_read(OUTBOX, [("id", "=", row)], "subject")[0]["subject"], "Seen"
        )
        for who in (clara, boss):
            self.assertFalse(who.search_read(OUTBOX, [("id", "=", row)], "subject"))
            self.assertRefused(lambda who=who: self.row(who, row))
        for who in (ben, clara, boss):
            for name in ("action_cancel", "action_send_now", "action_edit"):
                self.assertRefused(
                    lambda who=who, name=name: who.call(OUTBOX, name, [row])
                )
        for who in (anna, ben):
            self.assertRefused(lambda who=who: who.change(OUTBOX, row, state="sent"))
            self.assertRefused(lambda who=who: who.add(OUTBOX, mailbox_id=box))
        anna.call(OUTBOX, "action_cancel", [row])


class TestInTheBrowser(OutboxCase):
    """What a person sees of it, and may do."""

    def open_draft(self, browser, person, draft):
        """Open the form to write a mail, as the buttons of the Queue do."""
        action = json.dumps(person.call(DRAFT, "action_open", [draft]))
        browser.find(".o_control_panel")
        browser.run(f"odoo.__WOWL_DEBUG__.root.env.services.action.doAction({action})")
        browser.find(".modal .o_field_widget[name=subject]")

    def test_undo_and_the_list(self):
        anna = self.person("outbox_web")
        box = self.mailbox("outbox_web@spedbud.example", anna)
        draft = self.compose(anna, box, "web@x.example", "Taken back")
        browser = self.browser(anna, "/odoo/email-outbox")
        self.open_draft(browser, anna, draft)
        path = browser.downloads / "plan.pdf"
        path.write_bytes(ODD_FILES["plan.pdf"])
        browser.choose_file(".modal [name=attachment_ids] input[type=file]", path)
        browser.find(".modal .o_attachment", "plan.pdf")
        self.picture(browser, "outbox_0_compose")
        browser.click(".modal button[name=action_send]", "Send")
        browser.find(".o_notification", "Undo")
        browser.gone(".modal")
        # by itself, without a reload
        browser.find(".o_data_row", "Taken back")
        self.picture(browser, "outbox_1_undo")
        browser.click(".o_notification button", "Undo")
        browser.find(".o-mailbox-ComposeWindow .o_field_widget[name=email_to]")
        browser.gone(".o_notification", "Undo")
        self.picture(browser, "outbox_2_taken_back")
        shown = ".modal .o_field_widget[name={}]".format
        written = {
            "email_to": "web@x.example",
            "body": "Dear reader",
            "attachment_ids": "plan.pdf",
        }
        for name, text in written.items():
            browser.find(shown(name), text)
        subject = f"document.querySelector('{shown('subject')} input').value"
        self.assertEqual(browser.run(subject), "Taken back")
        self.nothing_more()
        self.assertFalse(self.received("web@x.example"))
        browser.click(".modal button[name=action_send]", "Send")
        browser.find(".o_notification", "Undo")
        browser.open("/odoo/email-outbox")
        browser.find(".o_data_row", "Taken back")
        self.picture(browser, "outbox_3_list")
        # the page was left: nobody wakes the server when the moment is over
        mail = self.only("web@x.example")
        self.assertEqual(self.files_of(mail), {"plan.pdf": ODD_FILES["plan.pdf"]})
        browser.find(".o_data_row .badge", "Sent")
        self.picture(browser, "outbox_4_sent")
        self.assertFalse(browser.error())

    def cut_off(self, browser, selector):
        """Return the words of elements that are wider than their place."""
        return browser.run(
            f"[...document.querySelectorAll('{selector}')].filter("
            "el => el.scrollWidth > el.clientWidth + 1 && el.clientWidth)"
            ".map(el => el.innerText).join()"
        )

    def test_each_state_and_its_buttons(self):
        anna = self.person("outbox_states")
        box = self.mailbox("outbox_states@spedbud.example", anna)
        with SmtpServer() as gone:
            dead = self.mailbox(
                "outbox_dead@spedbud.example", anna, **self.smtp_values(gone)
            )
        self.smtp.replies["RCPT no@states.example"] = ["550 5.1.1 no such user"] * 2
        self.smtp.replies["."] = [CUT]
        cut = self.send_new(anna, box, "cut@states.example", "Cut")
        self.wait_for_state(anna, cut, "failed")
        later = "2099-01-01 09:00:00"
        planned = self.send_new(anna, box, "l@states.example", "Plan", send_at=later)
        held = self.send_new(anna, dead, "d@states.example", "Dead server")
        refused = self.send_new(anna, box, "no@states.example", "Refused")
        words = "Partly refused, and with a subject that has more words than a line has"
        partly = self.send_new(
            anna, box, "yes@states.example, no@states.example", words
        )
        self.wait_for_state(anna, refused, "failed")
        self.wait_for_state(anna, partly, "partly")
        self.wait(lambda: self.row(anna, held, "tries")["tries"], "the first try")
        browser = self.browser(anna, "/odoo/email-outbox")
        for words in ("Plan", "Dead server", "Refused", "Partly refused", "Cut"):
            browser.find(".o_data_row", words)
        self.picture(browser, "outbox_5_states")
        self.assertFalse(self.cut_off(browser, "td[name=subject]"))
        phone = self.browser(anna, "/odoo/email-outbox", size="375x812")
        phone.find(".o_kanban_record", "Partly refused")
        self.picture(phone, "outbox_5_states_phone")
        self.assertFalse(self.cut_off(phone, ".o_kanban_record *"))
        browser.click(".o_data_row .o_data_cell", "Cut")
        browser.find(".alert", "It is not known")
        self.picture(browser, "outbox_6_uncertain")
        browser.click("button[name=action_mark_sent]", "It arrived")
        browser.find(".o_arrow_button_current", "Sent")
        browser.open(f"/odoo/email-outbox/{planned}")
        browser.find(".o_form_view h2", "Plan")
        self.picture(browser, "outbox_7_planned")
        browser.click("button[name=action_cancel]", "Cancel")
        browser.find(".o_arrow_button_current", "Cancelled")
        browser.open(f"/odoo/email-outbox/{held}")
        browser.find(".alert", "There is no SMTP server")
        self.picture(browser, "outbox_8_dead_server")
        browser.open(f"/odoo/email-outbox/{refused}")
        browser.find(".alert", "no such user")
        browser.click("button[name=action_edit]", "Edit")
        browser.find(".o-mailbox-ComposeWindow .o_field_widget[name=email_to]")
        self.picture(browser, "outbox_9_edit")
        anna.call(OUTBOX, "action_cancel", [held])
        self.assertFalse(browser.error())


class TestBusyServer(OutboxCase):
    """Mail leaves while mailboxes are filled for the first time."""

    def test_mail_leaves_during_a_first_import(self):
        for crons in extent((2,), (1, 2)):
            with self.subTest(crons=crons):
                self.send_while_filling(crons, extent(800, 6000))

    def test_no_thread_at_all_is_said(self):
        """Where people look: when they press Send, and on the page Health."""
        odoo = self.another_odoo(workers=2, crons=0)
        anna = self.person("outbox_idle", odoo=odoo)
        box = self.mailbox("outbox_idle@spedbud.example", anna, odoo=odoo)
        draft = self.compose(anna, box, "idle@x.example", "Idle")
        said = anna.call(DRAFT, "action_send", [draft])["params"]
        self.assertEqual(said["type"], "warning")
        words = "max_cron_threads = 0"
        self.assertIn(words, said["message"])
        action = "mail_mailbox_archive.mail_mailbox_action_health"
        browser = self.browser(anna, f"/odoo/action-{action}")
        browser.find(".o_kanban_record", words)
        self.picture(browser, "outbox_no_threads")

    def send_while_filling(self, crons, count):
        odoo = self.another_odoo(workers=2, crons=crons)
        anna = self.person("outbox_busy", odoo=odoo)
        logins = [f"outbox_fill{crons}_{n}" for n in range(2)]
        box = self.mailbox(f"outbox_busy{crons}@spedbud.example", anna, odoo=odoo)
        for login in logins:
            self.mailbox(f"{login}@spedbud.example", anna, odoo=odoo)
            self.fill(login, count)
        listed = "SELECT count(*) FROM mail_mailbox_arrival"
        for number in (1, 2):
            odoo.wake(f"mail_mailbox_archive.ir_cron_poll_{number}")
        self.wait(lambda: odoo.sql(listed)[0][0] > 20, "the first import")
        to = f"busy{crons}@x.example"
        self.send_new(anna, box, to, "Meanwhile")
        self.only(to)
        self.assertLess(odoo.sql(listed)[0][0], 2 * count, "it was not awaited")
        self.wait(lambda: self.go_on(odoo) >= 2 * count, "the rest of it", 180)

    def go_on(self, odoo):
        odoo.wake("mail_mailbox_archive.ir_cron_poll_1")
        return odoo.sql("SELECT count(*) FROM mail_mailbox_arrival")[0][0]

    def fill(self, login, count):
        for number in range(count):
            self.dovecot.deliver(
                login,
                b"From: Bob <bob@busy.example>\r\nSubject: %d\r\nMessage-ID: <%d.%s@x>"
                b"\r\n\r\n%s\r\n" % (number, number, login.encode(), b"word " * 400),
            )


class TestManyMails(OutboxCase):
    """Many mails, workers that are killed, servers that say no or break the line."""

    def test_each_recipient_has_each_mail_once(self):
        count, kills = extent(16, 200), extent(2, 10)
        odoo = self.another_odoo(workers=2, crons=2)
        people = [self.person(f"many{n}", odoo=odoo) for n in range(4)]
        boxes = [
            self.mailbox(f"many{n}@spedbud.example", person, odoo=odoo)
            for n, person in enumerate(people)
        ]
        random_ = random.Random(19)
        self.smtp.replies["."] = random_.choices(
            ["", "", "", "", "451 4.3.0 later", CUT], k=count // 2
        )
        self.smtp.replies["MAIL"] = random_.choices(
            ["", "", "421 closing"], k=count // 4
        )
        files = {n: random_.randbytes(20_000 + n) for n in range(count)}

        def send(number):
            person, box = people[number % 4], boxes[number % 4]
            content = files[number] if number % 2 else b""
            draft = self.insist(
                odoo, lambda: self.write_one(person, box, number, content)
            )
            # as a browser or a person repeats
            return self.insist(odoo, lambda: self.send(person, draft))

        rows, step = {}, extent(8, 20)
        # a concurrent writer, so that what is done to these rows is done again
        for table in ("mail_mailbox_draft", "mail_mailbox_outbox"):
            self.enter(self.disturbed(table, pause=0.1, odoo=odoo))
        for start in range(0, count, step):
            part = range(start, min(start + step, count))
            calls = [lambda n=n: send(n) for n in part]
            if start // step < kills:
                calls.append(lambda: self.kill_senders(odoo))
            done = self.together(*calls)
            faults = [one for one in done if isinstance(one, Exception)]
            self.assertFalse(faults)
            rows |= dict(zip(part, done, strict=False))
        self.finish(odoo, people, rows)
        self.check_all(count, files, rows)
        note("Outbox", f"{kills} kills, servers that refuse or cut", messages=count,
             kills=kills, lost=0, doubled=0)  # fmt: skip

    def write_one(self, person, box, number, content):
        """Write a mail, with a file and a picture where there is any content."""
        draft = self.compose(person, box, f"many{number}@x.example", f"Mail {number}")
        if content:
            made = person.upload(f"file{number}.bin", content, DRAFT, draft)
            shown = person.upload("shown.png", PIXEL, DRAFT, draft)
            body = f'<p>Dear</p><img src="/web/image/{shown}">'
            person.change(DRAFT, draft, attachment_ids=[(6, 0, [made])], body=body)
        return draft

    def insist(self, odoo, call):
        """Ask until the server answers, and is not disturbed too often."""
        for _try in range(9):
            try:
                return call()
            except (OSError, ValueError, HTTPException):
                odoo.wait_until_it_answers()
            except Refused as refused:
                if "could not serialize" not in refused.message:
                    raise
        return call()

    def kill_senders(self, odoo):
        """Kill all workers while a mail is on its way."""
        sending = "SELECT count(*) FROM mail_mailbox_outbox WHERE state = 'sending'"
        self.wait(lambda: odoo.sql(sending)[0][0], "a mail on its way")
        odoo.kill_workers()
        odoo.wait_until_it_answers()

    def open_rows(self, odoo):
        return odoo.sql(
            "SELECT id, state, uncertain FROM mail_mailbox_outbox"
            " WHERE state NOT IN ('sent', 'cancelled')"
        )

    def finish(self, odoo, people, rows):
        """Let time pass, and writers decide about what is uncertain."""
        writers = dict(zip(rows.values(), (people[n % 4] for n in rows), strict=True))

        def done():
            odoo.sql(
                "UPDATE mail_mailbox_outbox SET due_at = now() AT TIME ZONE 'UTC'"
                " WHERE state = 'waiting' AND claimed_until IS NULL"
                " AND due_at > now() AT TIME ZONE 'UTC' + interval '5 seconds'"
            )
            odoo.wake("mail_mailbox_archive.ir_cron_outbox")
            for row_id, state, uncertain in self.open_rows(odoo):
                if uncertain:
                    self.decide(writers[row_id], row_id)
                else:
                    self.assertNotEqual(state, "failed", odoo.log()[-3000:])
            return not self.open_rows(odoo)

        self.wait(done, "the end of all mails", 240)

    def decide(self, writer, row_id):
        """Ask the recipient, as a writer would; send it again if it is not there."""
        told = self.row(writer, row_id, "recipients")
        arrived = self.received(told["recipients"])
        name = "action_mark_sent" if arrived else "action_send_now"
        writer.call(OUTBOX, name, [row_id])

    def check_all(self, count, files, rows):
        got = Counter(to for one in self.smtp.received for to in one.rcpt_to)
        wanted = {f"many{n}@x.example": 1 for n in range(count)}
        self.assertEqual(dict(got), wanted, "sent = received, each once")
        ids = {self.only(to)["Message-ID"] for to in wanted}
        self.assertEqual(len(ids), count)
        for number in range(1, count, 2):
            mail = self.only(f"many{number}@x.example")
            self.assertEqual(
                self.files_of(mail), {f"file{number}.bin": files[number]}, number
            )
            self.assertIn("cid:", mail.get_body(("html",)).get_content())
            self.assertIn(
                PIXEL, [part.get_payload(decode=True) for part in mail.walk()]
            )


def _parse(source):
    from email import message_from_bytes

    return message_from_bytes(source)
