"""The body of a message over HTTP, and what the viewer shows around it."""

import io
import re
import zipfile
from datetime import timedelta
from email.message import EmailMessage
from unittest.mock import patch

from odoo.tests import HttpCase, TransactionCase, tagged

from odoo.addons.mail_mailbox_archive.models.messages import (
    viewer as mail_mailbox_viewer,
)

from .common import MailboxCase, write_mail

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360000002000100e221bc330000000049454e44ae426082"
)
TRACKED = (
    "<p>Hello <b>you</b></p><img src='cid:logo@x'><img src='https://t.example/p.png'>"
    "<img src='/web/session/logout'><script>alert(1)</script>"
)


def write_html(markup=TRACKED, subject="Offer", **headers):
    """Return a mail with HTML, an inline picture and two attachments of one name."""
    mail = write_mail(subject=subject, **headers)
    mail.add_alternative(markup, subtype="html")
    html = mail.get_payload()[1]
    html.add_related(PNG, "image", "png", cid="<logo@x>", filename="logo.png")
    for name in ("../../offer.pdf", "offer.pdf"):
        mail.add_attachment(b"%PDF", "application", "pdf", filename=name)
    mail.add_attachment(b"MZ", "application", "zip", filename="invoice\u202efdp.exe")
    return mail


@tagged("post_install", "-at_install")
class TestBodyRoute(MailboxCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.message = self.deliver(self.mailbox, write_html()).mailbox_message_id
        self.authenticate("mailbox_member", "mailbox_member")

    def open(self, path):
        return self.url_open(f"/mail_mailbox_archive/{path}", allow_redirects=False)

    def policy(self, response):
        header = response.headers["Content-Security-Policy"]
        return {
            words[0]: words[1:]
            for part in header.split(";")
            if (words := part.strip().split(" "))
        }

    def test_the_body_is_a_page_held_by_its_policy(self):
        response = self.open(f"body/{self.message.id}")
        self.assertEqual(response.status_code, 200)
        policy = self.policy(response)
        self.assertEqual(policy["default-src"], ["'none'"])
        self.assertEqual(
            policy["img-src"],
            [f"{self.base_url()}/mail_mailbox_archive/part/", "data:"],
        )
        self.assertEqual(policy["form-action"], ["'none'"])
        self.assertEqual(policy["base-uri"], ["'none'"])
        self.assertEqual(policy["frame-ancestors"], ["'self'"])
        self.assertNotIn("script-src", policy)
        for word in ("allow-scripts", "allow-forms", "allow-top-navigation"):
            self.assertNotIn(word, policy["sandbox"])
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertTrue(response.headers["Content-Type"].startswith("text/html"))
        self.assertIn("Hello <b>you</b>", response.text)
        for word in ("script", "t.example", "logout"):
            self.assertNotIn(word, response.text)

    def test_inline_pictures_come_from_the_part(self):
        (path,) = re.findall(
            r'src="/mail_mailbox_archive/([^"]+)"',
            self.open(f"body/{self.message.id}").text,
        )
        response = self.open(path)
        self.assertEqual(response.content, PNG)
        self.assertEqual(response.headers["Content-Type"], "image/png")

    def test_who_may_not_read_it_finds_nothing(self):
        self.assertEqual(self.open("body/0").status_code, 404)
        for login in ("mailbox_outsider", "mailbox_colleague"):
            self.authenticate(login, login)
            for path in ("body/%s", "parts/%s", "source/%s"):
                self.assertEqual(self.open(path % self.message.id).status_code, 404)
        self.authenticate(None, None)
        self.assertEqual(self.open(f"body/{self.message.id}").status_code, 303)

    def test_after_consent_the_page_has_no_session(self):
        self.message.with_user(self.member).allow_images()
        response = self.open(f"body/{self.message.id}")
        policy = self.policy(response)
        self.assertEqual(policy["img-src"], ["https:", "data:"])
        self.assertNotIn("allow-same-origin", policy["sandbox"])
        self.assertIn("https://t.example/p.png", response.text)
        self.assertIn('src="data:image/png;base64,', response.text)
        self.assertNotIn("logout", response.text)

    def test_a_token_shows_the_body_to_a_stranger(self):
        message = self.message.with_user(self.member)
        message.allow_images()
        self.authenticate(None, None)
        response = self.open(f"body/{message.id}/{message._get_body_token()}")
        self.assertEqual(response.status_code, 200)
        self.assertIn("allow-same-origin", self.policy(response)["sandbox"])
        self.assertNotIn("session_id", response.headers.get("Set-Cookie", ""))

    def test_a_token_with_a_session_gets_no_origin(self):
        message = self.message.with_user(self.member)
        message.allow_images()
        response = self.open(f"body/{message.id}/{message._get_body_token()}")
        self.assertNotIn("allow-same-origin", self.policy(response)["sandbox"])

    def test_a_token_ends_with_the_sessions_of_its_person(self):
        message = self.message.with_user(self.member)
        path = f"body/{message.id}/{message._get_body_token()}"
        self.authenticate(None, None)
        self.assertEqual(self.open(path).status_code, 200)
        self.member.password = "another one, of twelve"
        self.env.flush_all()
        self.assertEqual(self.open(path).status_code, 404)

    def test_tokens_are_good_for_one_message_of_one_person_for_a_while(self):
        other = self.deliver(self.mailbox, subject="Other").mailbox_message_id
        message = self.message.with_user(self.member)
        token = message._get_body_token()
        with patch.object(mail_mailbox_viewer, "TOKEN_LIFE", timedelta(seconds=-1)):
            old = message._get_body_token()
        self.authenticate(None, None)
        for path in (
            f"{other.id}/{token}",
            f"{message.id}/{token[:-2]}AA",
            f"{message.id}/x",
            f"{message.id}/{old}",
        ):
            self.assertEqual(self.open(f"body/{path}").status_code, 404, path)
        self.assertEqual(self.open(f"body/{message.id}/{token}").status_code, 200)
        self.mailbox.user_ids = [(6, 0, [self.colleague.id])]
        self.env.flush_all()
        self.assertEqual(self.open(f"body/{message.id}/{token}").status_code, 404)

    def test_a_token_ends_with_the_password(self):
        token = self.message.with_user(self.member)._get_body_token()
        self.member.password = "another-long-word"
        self.env.flush_all()
        self.authenticate(None, None)
        self.assertEqual(self.open(f"body/{self.message.id}/{token}").status_code, 404)

    def test_all_attachments_come_in_one_safe_zip(self):
        response = self.open(f"parts/{self.message.id}")
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        names = zipfile.ZipFile(io.BytesIO(response.content)).namelist()
        self.assertEqual(len(names), len(set(names)))
        for name in names:
            self.assertFalse({"/", "\\", "\u202e"} & set(name), name)
            self.assertFalse(name.startswith("."), name)
        self.assertTrue(any(name.endswith(".exe") for name in names))

    def test_the_printed_page_has_the_headers_as_text(self):
        mail = write_html(subject="<script>alert(1)</script>")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        response = self.open(f"body/{message.id}?print=1")
        self.assertIn("&lt;script&gt;alert(1)", response.text)
        self.assertNotIn("<script", response.text)
        self.assertIn("Anna Nowak &lt;anna.nowak@spostex.example&gt;", response.text)

    def test_a_host_of_the_request_cannot_write_the_policy(self):
        response = self.url_open(
            f"/mail_mailbox_archive/body/{self.message.id}",
            headers={"X-Forwarded-Host": "evil.example; script-src *"},
        )
        self.assertNotIn("script-src", response.headers["Content-Security-Policy"])


class TestViewData(MailboxCase, TransactionCase):
    def data(self, mail, user=None):
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(user or self.member).get_view_data()

    def test_every_address_stands_beside_its_name(self):
        data = self.data(write_mail(cc="Boss <boss@xn--mller-kva.de>, plain@x.example"))
        self.assertEqual(
            data["email_cc"],
            [
                {
                    "name": "Boss",
                    "address": "boss@xn--mller-kva.de",
                    "readable": "boss@müller.de",
                },
                {"name": "", "address": "plain@x.example", "readable": ""},
            ],
        )

    def test_what_may_deceive_is_said(self):
        data = self.data(
            write_mail(
                **{"from": '"boss@spedbud.example" <x@evil.example>'}, reply_to="a@b.c"
            )
        )
        self.assertEqual(
            [warning["code"] for warning in data["warnings"]],
            ["name_address", "reply_to"],
        )
        self.assertIn("x@evil.example", data["warnings"][0]["text"])

    def test_a_look_alike_of_our_domain_is_told(self):
        data = self.data(write_mail(**{"from": "Boss <boss@spedbvd.example>"}))
        self.assertEqual(data["warnings"], [])
        data = self.data(write_mail("B", **{"from": "Boss <boss@5pedbud.example>"}))
        self.assertEqual(data["warnings"][0]["code"], "look_alike")

    def test_attachments_have_kind_size_and_danger(self):
        parts = self.data(write_html())["parts"]
        by_kind = {part["kind"]: part for part in parts}
        self.assertTrue(by_kind["PNG"]["in_text"])
        self.assertFalse(by_kind["PDF"]["in_text"])
        self.assertEqual(by_kind["EXE"]["danger"], "runs")
        self.assertEqual(by_kind["PDF"]["danger"], "")

    def test_pictures_are_allowed_by_each_person_for_themselves(self):
        self.mailbox.user_ids |= self.colleague
        message = self.deliver(self.mailbox, write_html()).mailbox_message_id
        again = self.deliver(
            self.mailbox, write_html(subject="Again")
        ).mailbox_message_id
        mine, theirs = message.with_user(self.member), message.with_user(self.colleague)
        self.assertEqual(mine.get_view_data()["images"], "blocked")
        self.assertEqual(mine.allow_images()["images"], "once")
        self.assertEqual(
            again.with_user(self.member).get_view_data()["images"], "blocked"
        )
        self.assertEqual(mine.allow_images(always=True)["images"], "always")
        mine.allow_images(always=True)
        self.assertEqual(
            again.with_user(self.member).get_view_data()["images"], "always"
        )
        self.assertEqual(theirs.get_view_data()["images"], "blocked")
        self.assertEqual(mine.forbid_images()["images"], "blocked")
        self.assertEqual(
            again.with_user(self.member).get_view_data()["images"], "blocked"
        )

    def test_the_conversation_is_told_by_headers_as_far_as_one_may_read(self):
        first = write_mail("Plan")
        answer = write_mail("Re: Plan", "Yes", in_reply_to=first["Message-ID"])
        answer["References"] = first["Message-ID"]
        other = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        secret = write_mail("Re: Plan", "Secret", in_reply_to=first["Message-ID"])
        secret["References"] = first["Message-ID"]
        self.deliver(self.mailbox, write_mail("Plan", "same subject"))
        self.deliver(self.mailbox, first)
        self.deliver(other, secret)
        data = self.data(answer)
        self.assertEqual([one["preview"] for one in data["thread"]], ["Hello"])
        self.assertFalse(data["thread"][0]["later"])

    def test_records_that_one_may_not_open_are_not_named(self):
        arrival = self.deliver(self.mailbox)
        partner = self.env["res.partner"].create({"name": "Spostex"})
        message = arrival.mailbox_message_id
        message.with_user(self.member)._archive(partner)
        (record,) = message.with_user(self.member).attached_records
        self.assertEqual((record["res_id"], record["name"]), (partner.id, "Spostex"))
        self.assertEqual(arrival.with_user(self.member).attached_records, [record])
        self.env["ir.rule"].create(
            {
                "name": "not this one",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": f"[('id', '!=', {partner.id})]",
            }
        )
        message.invalidate_recordset()
        self.assertFalse(message.with_user(self.member).attached_records)

    def test_a_forwarded_message_is_not_folded_away(self):
        quoted = "<p>FYI</p><div class='gmail_quote'>What it is about</div>"
        for subject, folded in (
            ("Re: Plan", True),
            ("Fwd: Plan", False),
            ("PD: x", False),
        ):
            mail = EmailMessage()
            mail["Subject"], mail["From"], mail["To"] = (
                subject,
                "a@b.example",
                "c@d.example",
            )
            mail.set_content(quoted, subtype="html")
            message = self.deliver(self.mailbox, mail).mailbox_message_id
            view = message.with_user(self.member)._view_body(())
            self.assertEqual("<details" in view.markup, folded, subject)
