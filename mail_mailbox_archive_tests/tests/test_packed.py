"""A winmail.dat in the viewer: its files are listed, opened and downloaded."""

from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.inside.child import NotOpened
from odoo.addons.mail_mailbox_archive.models.messages import packed

from .common import MailboxCase, write_mail
from .mailcore.packed import PLAN, WINMAIL, packed_file, winmail


@tagged("post_install", "-at_install")
class TestPacked(MailboxCase, HttpCase):
    def arrive(self, content=WINMAIL, name="winmail.dat"):
        mail = write_mail("Packed")
        mail.add_attachment(content, "application", "ms-tnef", filename=name)
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        return message.with_user(self.member)

    def test_files_are_listed_behind_it(self):
        message = self.arrive()
        parts = message.get_view_data()["parts"]
        self.assertEqual(
            [(one["name"], one["inner"]) for one in parts],
            [
                ("winmail.dat", ""),
                (PLAN, "winmail/0"),
                ("cenyś.txt", "winmail/1"),
                ("inner.txt", "winmail/2"),
            ],
        )
        self.assertEqual(
            [one["shown_as"] for one in parts[1:]],
            ["application/pdf", "text/plain", "text/plain"],
        )
        self.assertEqual(len(message.part_ids), 1)

    def test_they_are_opened_and_downloaded_byte_for_byte(self):
        part = self.arrive().part_ids
        self.authenticate("mailbox_member", "mailbox_member")
        path = f"/mail_mailbox_archive/part/{part.id}/winmail"
        response = self.url_open(f"{path}/0")
        self.assertEqual(response.content, b"%PDF-1.4 plan")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        response = self.url_open(f"{path}/1?download=1")
        self.assertEqual(response.content, b"Ceny\r\n")
        self.assertIn("attachment", response.headers["Content-Disposition"])
        response = self.url_open(f"/mail_mailbox_archive/part/{part.id}?download=1")
        self.assertEqual(response.content, WINMAIL)
        for place in ("9", "-1", "x", "0/0", "99999"):
            self.assertEqual(self.url_open(f"{path}/{place}").status_code, 404, place)

    def test_who_may_not_read_the_email_gets_none(self):
        part = self.arrive().part_ids
        self.authenticate("mailbox_outsider", "mailbox_outsider")
        path = f"/mail_mailbox_archive/part/{part.id}/winmail/0"
        self.assertEqual(self.url_open(path).status_code, 404)
        with self.assertRaises(AccessError):
            part.mailbox_message_id.with_user(self.outsider).get_view_data()

    def test_what_runs_is_only_downloaded_with_a_warning(self):
        content = winmail(packed_file(b"a.exe", b"MZ"), packed_file(b"b.html", b"<b>"))
        parts = self.arrive(content).get_view_data()["parts"]
        self.assertEqual([one["danger"] for one in parts[1:]], ["runs", "runs"])
        self.assertEqual([one["shown_as"] for one in parts[1:]], ["", ""])

    def test_one_that_cannot_be_opened_is_a_file_with_a_word(self):
        for content in (b"MZ", b""):
            (one,) = self.arrive(content).get_view_data()["parts"]
            self.assertIn("Download it", one["note"])

    def test_no_more_are_opened_than_anybody_sends(self):
        mail = write_mail("Many")
        for _file in range(packed.MAX_OPENED + 2):
            mail.add_attachment(
                WINMAIL, "application", "ms-tnef", filename="winmail.dat"
            )
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        with patch.object(packed, "read_inside", return_value=[]) as opened:
            parts = message.with_user(self.member).get_view_data()["parts"]
        self.assertEqual(opened.call_count, packed.MAX_OPENED)
        self.assertEqual(len([one for one in parts if one.get("note")]), 2)

    def test_without_a_process_it_is_a_file_with_a_word(self):
        message = self.arrive()
        with patch.object(packed, "read_inside", side_effect=NotOpened("unavailable")):
            (one,) = message.get_view_data()["parts"]
            self.assertIn("Download it", one["note"])
            with self.assertRaises(UserError):
                message.part_ids._read_part("winmail/0")

    def test_no_other_attachment_is_opened(self):
        mail = write_mail("Other")
        mail.add_attachment(WINMAIL, "application", "x-y", filename="x.bin")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        (one,) = message.with_user(self.member).get_view_data()["parts"]
        self.assertNotIn("note", one)
        with self.assertRaises(UserError):
            message.part_ids._read_part("winmail/0")
