"""Taking mail along: the chosen messages that one may read, as a file."""

import csv
import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .common import MailboxCase, write_mail

WIZARD = "odoo.addons.mail_mailbox_archive.wizards.mail_mailbox_export_wizard"


@tagged("post_install", "-at_install")
class TestExport(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.arrivals = cls.deliver(cls.mailbox, subject="First")
        cls.arrivals += cls.deliver(cls.mailbox, subject="Second")
        cls.messages = cls.arrivals.mailbox_message_id
        cls.other = cls.make_mailbox("sales@spedbud.example", cls.colleague)
        cls.secret = cls.deliver(cls.other, subject="Secret").mailbox_message_id

    def wizard(self, user, records, **values):
        context = {"active_model": records._name, "active_ids": records.ids}
        wizards = self.env["mail.mailbox.export.wizard"].with_user(user)
        return wizards.with_context(**context).create(values)

    def files(self, wizard):
        file = io.BytesIO()
        wizard._write_to(file)
        archive = zipfile.ZipFile(file)
        return {name: archive.read(name) for name in archive.namelist()}

    def test_chosen_in_the_queue_or_in_the_archives(self):
        for records in (self.arrivals, self.messages):
            wizard = self.wizard(self.member, records)
            self.assertEqual(wizard.message_count, 2)
            self.assertEqual(wizard.size, sum(self.messages.mapped("size")))
            sources = [m._read_source() for m in self.messages]
            self.assertEqual(list(self.files(wizard).values())[:-1], sources)

    def test_what_one_may_not_read_is_not_exported(self):
        wizard = self.wizard(self.member, self.messages)
        wizard.sudo().mailbox_message_ids += self.secret
        self.assertEqual(len(self.files(wizard)), 3)
        with self.assertRaises(AccessError):
            self.wizard(self.member, self.secret).read(["size"])

    def test_rights_are_those_of_the_moment(self):
        wizard = self.wizard(self.member, self.messages)
        self.mailbox.user_ids = self.outsider
        self.assertEqual(list(self.files(wizard)), ["index.csv"])

    def test_the_list_names_the_records(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        self.messages[0].with_user(self.member)._archive(partner)
        files = self.files(self.wizard(self.member, self.messages))
        lines = csv.DictReader(files["index.csv"].decode("utf-8-sig").splitlines())
        self.assertEqual({line["attached_to"] for line in lines}, {"Spostex S.A.", ""})

    def test_more_than_one_batch(self):
        for number in range(5):
            self.deliver(self.mailbox, subject=f"Mail {number}")
        messages = self.mailbox_messages()
        wizard = self.wizard(self.member, messages)
        with patch(f"{WIZARD}.BATCH", 2):
            self.assertEqual(len(self.files(wizard)), len(messages) + 1)

    def mailbox_messages(self):
        return (
            self.env["mail.mailbox.arrival"]
            .search([("mailbox_id", "=", self.mailbox.id)])
            .mailbox_message_id
        )


@tagged("post_install", "-at_install")
class TestExportRoute(MailboxCase, HttpCase):
    def get(self, user, wizard):
        self.authenticate(user.login, user.login)
        action = wizard.action_download()
        self.assertEqual(action["target"], "download")
        return self.url_open(action["url"])

    def make(self, user, **values):
        mail = write_mail("Za\u017c\u00f3\u0142\u0107")
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        wizards = self.env["mail.mailbox.export.wizard"].with_user(user)
        context = {"active_model": message._name, "active_ids": message.ids}
        return mail.as_bytes(), wizards.with_context(**context).create(values)

    def test_a_zip_file_arrives(self):
        source, wizard = self.make(self.member)
        response = self.get(self.member, wizard)
        self.assertEqual(response.headers["Content-Type"], "application/zip")
        self.assertIn("emails.zip", response.headers["Content-Disposition"])
        archive = zipfile.ZipFile(io.BytesIO(response.content))
        self.assertEqual(archive.read(archive.namelist()[0]), source)

    def test_an_mbox_arrives(self):
        _source, wizard = self.make(self.member, format="mbox")
        response = self.get(self.member, wizard)
        self.assertTrue(response.content.startswith(b"From anna.nowak@spostex"))

    def test_anothers_export_is_not_there(self):
        _source, wizard = self.make(self.member)
        for user in (self.colleague, self.manager):
            self.assertEqual(self.get(user, wizard).status_code, 404)
