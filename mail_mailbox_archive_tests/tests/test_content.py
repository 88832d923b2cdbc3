"""What is handed out over HTTP: to readers byte for byte, to others "not found"."""

import json
from datetime import datetime, timedelta
from unittest.mock import patch
from urllib.parse import quote

from werkzeug.utils import secure_filename

from odoo.http import Stream
from odoo.tests import HttpCase, tagged

from .common import MailboxCase, write_mail


@tagged("post_install", "-at_install")
class TestContent(MailboxCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mail = write_mail("Zażółć/..\\gęślą")
        mail.add_attachment(b"%PDF-1.4 x", "application", "pdf", filename="a.pdf")
        mail.add_attachment(
            b"<script>1</script>", "text", "html", filename="../../x.html"
        )
        mail.add_attachment(b"<svg/>", "image", "svg+xml", filename="x.svg")
        mail.add_attachment(
            bytes(range(256)) * 4000, "image", "png", filename="big.png"
        )
        cls.arrival = cls.deliver(cls.mailbox, mail)
        cls.message = cls.arrival.mailbox_message_id
        cls.parts = {part.filename: part for part in cls.message.part_ids}
        cls.source = mail.as_bytes()

    def get(self, path, user=None, **headers):
        self.authenticate((user or self.member).login, (user or self.member).login)
        return self.url_open(f"/mail_mailbox_archive/{path}", headers=headers)

    def part(self, name, user=None, **headers):
        return self.get(f"part/{self.parts[name].id}", user, **headers)

    def test_source_is_the_same_byte_for_byte(self):
        response = self.get(f"source/{self.message.id}")
        self.assertEqual(response.content, self.source)
        disposition = response.headers["Content-Disposition"]
        self.assertIn("attachment", disposition)
        self.assertNotIn("..%5C", disposition)

    def test_name_of_source_is_whole_whatever_store_has_it(self):
        respond = Stream.get_response

        def cut(stream, **options):
            # as OCA's fs_attachment does
            stream.download_name = secure_filename(stream.download_name)
            return respond(stream, **options)

        with patch.object(Stream, "get_response", cut):
            response = self.get(f"source/{self.message.id}")
        self.assertIn(quote("Zażółć"), response.headers["Content-Disposition"])

    def test_parts_are_decoded(self):
        response = self.part("a.pdf")
        self.assertEqual(response.content, b"%PDF-1.4 x")
        self.assertIn("inline", response.headers["Content-Disposition"])
        self.assertEqual(response.headers["Content-Type"], "application/pdf")

    def test_everything_is_sandboxed(self):
        for path in (
            f"source/{self.message.id}",
            *(f"part/{part.id}" for part in self.parts.values()),
        ):
            with self.subTest(path=path):
                headers = self.get(path).headers
                self.assertEqual(headers["X-Content-Type-Options"], "nosniff")
                self.assertIn("sandbox", headers["Content-Security-Policy"])
                self.assertIn("default-src 'none'", headers["Content-Security-Policy"])

    def test_active_content_is_only_downloaded(self):
        for name in ("../../x.html", "x.svg"):
            with self.subTest(name=name):
                headers = self.part(name).headers
                self.assertEqual(headers["Content-Type"], "application/octet-stream")
                self.assertTrue(headers["Content-Disposition"].startswith("attachment"))
                self.assertNotIn(
                    "/", headers["Content-Disposition"].replace("UTF-8''", "")
                )
                self.assertNotIn("%2F", headers["Content-Disposition"])

    def test_ranges(self):
        response = self.part("big.png", Range="bytes=256-511")
        self.assertEqual(response.status_code, 206)
        self.assertEqual(response.content, bytes(range(256)))

    def test_for_others_it_does_not_exist(self):
        missing = self.get("part/999999999", self.outsider)
        self.assertEqual(missing.status_code, 404)
        paths = [f"source/{self.message.id}"] + [
            f"part/{p.id}" for p in self.message.part_ids
        ]
        attachment = self.message._source_attachments()
        for path in paths:
            with self.subTest(path=path):
                response = self.get(path, self.outsider)
                self.assertEqual(response.status_code, 404)
                self.assertEqual(response.text, missing.text)
        for path in (
            f"/web/content/{attachment.id}",
            f"/web/content/mail.mailbox.message/{self.message.id}/source",
            f"/web/image/mail.mailbox.message/{self.message.id}/source",
        ):
            with self.subTest(path=path):
                response = self.url_open(path)
                self.assertNotIn(b"gesl", response.content)
                self.assertNotIn(self.source, response.content)

    def with_key(self, path, user):
        self.authenticate(None, None)
        keys = self.env["res.users.apikeys"].with_user(user)
        tomorrow = datetime.now() + timedelta(hours=12)
        key = keys._generate("rpc", "test", tomorrow)
        self.env.flush_all()
        headers = {"Authorization": f"Bearer {key}"}
        return self.url_open(
            f"/mail_mailbox_archive/{path}", headers=headers, allow_redirects=False
        )

    def test_bytes_with_an_api_key(self):
        pdf = self.parts["a.pdf"]
        paths = {
            f"part/{pdf.id}": b"%PDF-1.4 x",
            f"source/{self.message.id}": self.source,
        }
        for path, content in paths.items():
            response = self.with_key(path, self.member)
            self.assertEqual((response.status_code, response.content), (200, content))
            self.assertEqual(self.with_key(path, self.outsider).status_code, 404)

    def test_a_wrong_key_opens_nothing(self):
        headers = {"Authorization": "Bearer 0123456789abcdef"}
        for login in (None, self.member.login):
            self.authenticate(login, login)
            response = self.url_open(
                f"/mail_mailbox_archive/source/{self.message.id}", headers=headers
            )
            self.assertEqual(response.status_code, 401)

    def test_nobody_is_asked_to_sign_in(self):
        self.authenticate(None, None)
        response = self.url_open(
            f"/mail_mailbox_archive/source/{self.message.id}", allow_redirects=False
        )
        self.assertIn(response.status_code, (303, 302))

    def json_2(self, user, model, method, **values):
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", "test", None)
        )
        return self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(values),
            headers={
                "Authorization": f"bearer {key}",
                "Content-Type": "application/json",
            },
        )

    def test_external_api(self):
        call = {"domain": [], "fields": ["subject"]}
        for model in ("mail.mailbox.message", "mail.mailbox.arrival"):
            with self.subTest(model=model):
                seen = self.json_2(self.member, model, "search_read", **call)
                self.assertIn("Zażółć", seen.text)
                self.assertEqual(
                    self.json_2(self.outsider, model, "search_read", **call).json(), []
                )
        read = {"ids": self.message.ids, "fields": ["subject"]}
        refused = self.json_2(self.outsider, "mail.mailbox.message", "read", **read)
        self.assertEqual(refused.status_code, 403)
        self.assertNotIn("Zażółć", refused.text)
        write = {"ids": self.message.ids, "vals": {"subject": "x"}}
        response = self.json_2(self.manager, "mail.mailbox.message", "write", **write)
        self.assertEqual(response.status_code, 403)
