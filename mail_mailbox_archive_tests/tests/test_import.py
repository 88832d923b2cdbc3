"""Messages come in from files, into a mailbox of one's own, and are listed once."""

import io
import zipfile
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.read import mail_files
from odoo.addons.mail_mailbox_archive.models.receiving import import_job
from odoo.addons.mail_mailbox_archive.wizards import (
    mail_mailbox_import_wizard as import_wizard,
)

from .common import MailboxCase, cron_time, refusing, write_mail


def zipped(*mails):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, mail in enumerate(mails):
            archive.writestr(f"{number}.eml", mail.as_bytes())
    return file.getvalue()


class ImportCase(MailboxCase):
    def wizard(self, *files, user=None, mailbox=None, **context):
        env = self.env(user=user or self.member)
        attachments = env["ir.attachment"].create(
            [{"name": name, "raw": content} for name, content in files]
        )
        return (
            env["mail.mailbox.import.wizard"]
            .with_context(**context)
            .create(
                {
                    "mailbox_id": (mailbox or self.mailbox).id,
                    "attachment_ids": attachments.ids,
                }
            )
        )

    def told(self, *files, **options):
        return self.wizard(*files, **options).action_import()["params"]["message"]

    def arrivals(self, mailbox=None):
        domain = [("mailbox_id", "=", (mailbox or self.mailbox).id)]
        return self.env["mail.mailbox.arrival"].search(domain)


@tagged("post_install", "-at_install")
class TestImport(ImportCase):
    def test_message_is_in_the_queue(self):
        mail = write_mail("Old offer", date="Mon, 02 Nov 2020 10:00:00 +0100")
        self.assertEqual(self.told(("a.eml", mail.as_bytes())), "1 email imported.")
        arrival = self.arrivals().with_user(self.member)
        self.assertEqual(arrival.subject, "Old offer")
        self.assertEqual(str(arrival.internal_date), "2020-11-02 09:00:00")
        self.assertEqual(arrival._read_source(), mail.as_bytes())
        self.assertFalse(arrival.folder_id)
        # no news: it is in no circle of the top panel, and nothing answers it
        self.assertFalse(arrival.live)
        history = arrival.mailbox_message_id.history_ids
        self.assertEqual((history.action, history.user_id), ("imported", self.member))

    def test_what_we_wrote_is_outgoing(self):
        mail = write_mail("Sent", **{"from": "office@spedbud.example"})
        self.told(("a.eml", mail.as_bytes()))
        self.assertEqual(self.arrivals().direction, "outgoing")

    def test_message_that_is_here_already_is_not_doubled(self):
        mail = write_mail("Here")
        arrival = self.deliver(self.mailbox, mail)
        told = self.told(("a.eml", mail.as_bytes()), ("b.eml", mail.as_bytes()))
        self.assertEqual(told, "Already in this mailbox: 1.")
        self.assertEqual(self.arrivals(), arrival)
        self.assertTrue(arrival.folder_id)

    def test_fetched_later_it_gets_its_place(self):
        mail = write_mail("Later")
        self.told(("a.eml", mail.as_bytes()))
        self.deliver(self.mailbox, mail)
        self.assertTrue(self.arrivals().folder_id)
        self.assertEqual(len(self.arrivals()), 1)

    def test_many_in_a_zip(self):
        mails = [write_mail(f"Mail {number}") for number in range(250)]
        told = self.told(("all.zip", zipped(*mails)))
        self.assertEqual(told, "250 emails imported.")
        self.assertEqual(len(self.arrivals()), 250)

    def test_files_without_email_are_named(self):
        mail = write_mail("Good").as_bytes()
        told = self.told(("a.eml", mail), ("photo.png", b"\x89PNG\0\1"))
        self.assertEqual(told, "1 email imported. No email was found in: photo.png")
        with self.assertRaisesRegex(UserError, "photo.png"):
            self.told(("photo.png", b"\x89PNG\0\1"))

    def test_too_big_a_message_says_so(self):
        parameters = self.env["ir.config_parameter"].sudo()
        parameters.set_param("mail_mailbox_archive.max_message_size", 1)
        mail = write_mail("Big", "word " * 300_000).as_bytes()
        with self.assertRaisesRegex(UserError, r"big.eml \(too big\)"):
            self.told(("big.eml", mail))

    def test_file_of_outlook_says_what_is_not_possible(self):
        outlook = {"a.msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "b.pst": b"!BDN"}
        for name, start in outlook.items():
            with self.assertRaisesRegex(UserError, rf"{name}.*Outlook.*\.eml"):
                self.told((name, start + bytes(600)))

    def test_uploaded_file_is_not_kept_beside_the_message(self):
        wizard = self.wizard(("a.eml", write_mail("Once").as_bytes()))
        files = wizard.attachment_ids
        wizard.action_import()
        self.assertFalse(files.exists())

    def test_form_offers_a_mailbox_of_ones_own(self):
        self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        other = self.make_mailbox("sales@spedbud.example", self.colleague)
        wizard = Form(self.env["mail.mailbox.import.wizard"].with_user(self.colleague))
        self.assertEqual(wizard.mailbox_id, other)

    def test_nothing_comes_into_a_mailbox_of_others(self):
        mail = ("a.eml", write_mail("Forged").as_bytes())
        for user in (self.colleague, self.manager):
            with self.assertRaises(AccessError):
                self.told(mail, user=user)
        self.assertFalse(self.arrivals())

    def test_files_of_others_are_not_read(self):
        file = self.env["ir.attachment"].create(
            {"name": "a.eml", "raw": write_mail("Secret").as_bytes()}
        )
        wizard = self.wizard()
        wizard.sudo().attachment_ids = file
        with self.assertRaises(UserError):
            wizard.action_import()
        self.assertFalse(self.arrivals())

    def test_on_a_record_the_archive_form_comes_next(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        action = self.wizard(
            ("a.eml", write_mail("Dropped").as_bytes()),
            mailbox_archive_target=["res.partner", partner.id],
        ).action_import()["params"]["next"]
        self.assertEqual(action["res_model"], "mail.mailbox.archive.wizard")
        form = self.env[action["res_model"]].with_user(self.member)
        form = form.with_context(**action["context"]).create({})
        self.assertEqual(form.line_ids.res_id, partner.id)
        form.action_confirm()
        message = self.arrivals().mailbox_message_id.with_user(self.member)
        self.assertEqual(message.attached_to, "Spostex S.A.")
        self.assertEqual(message.link_ids.sudo().mailbox_id, self.mailbox)


@tagged("post_install", "-at_install")
class TestImportBehind(ImportCase):
    """Large files are imported in the background, and go on where a run ended."""

    def begin(self, *mails, bad=0):
        files = [("all.zip", zipped(*mails)), ("bad.png", b"\x89PNG\0")][: 1 + bad]
        wizard = self.wizard(*files)
        with patch.object(import_wizard, "MAX_AT_ONCE", 10):
            wizard.action_import()
        return self.env["mail.mailbox.import"].search([])

    def run_for(self, batches):
        """Run the scheduled action as long as so many batches take."""
        left = iter([1] * batches)
        with cron_time(self.env, lambda *a, **k: next(left, 0)):
            self.env["mail.mailbox.import"]._cron_import()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_it_goes_on_where_it_ended(self):
        mails = [write_mail(f"Mail {number}") for number in range(25)]
        job = self.begin(*mails, bad=1)
        self.assertFalse(self.arrivals())
        files = job.attachment_ids
        with patch.object(mail_files, "BATCH", 10):
            self.run_for(1)
            self.assertEqual((job.imported, job.state), (10, "running"))
            self.assertTrue(0 < job.progress < 100)
            self.run_for(1)
            self.assertEqual(job.imported, 20)
            self.run_for(100)
        self.assertEqual((job.state, job.progress), ("done", 100))
        self.assertEqual((job.imported, job.known, job.refused), (25, 0, 1))
        self.assertEqual(job.refused_names, "bad.png")
        self.assertEqual(len(self.arrivals()), 25)
        self.assertFalse(files.exists())
        self.assertEqual(
            self.arrivals().mailbox_message_id.history_ids.user_id, self.member
        )

    def test_no_more_is_held_than_the_largest_mail(self):
        """Whatever a zip unpacks to: batches are of bytes as well as of messages."""
        mails = [write_mail(f"Mail {n}", "word " * 20_000) for n in range(12)]
        job, held = self.begin(*mails), []
        take = import_job.take_batch

        def note(mails):
            files = take(mails)
            held.append(sum(len(one.source) for one in files))
            return files

        with (
            patch.object(mail_files, "BATCH_BYTES", 150_000),
            patch.object(import_job, "take_batch", note),
        ):
            self.run_for(100)
        self.assertEqual((job.imported, job.state), (12, "done"))
        largest = max(len(mail.as_bytes()) for mail in mails)
        self.assertLessEqual(max(held), 150_000 + largest)

    def test_batch_that_is_lost_is_taken_in_again(self):
        job = self.begin(*(write_mail(f"Mail {number}") for number in range(20)))
        with patch.object(mail_files, "BATCH", 10):
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                self.run_for(1)
                raise ZeroDivisionError
            self.env.invalidate_all()
            self.assertEqual(job.imported, 0)
            self.run_for(100)
        self.assertEqual((job.imported, len(self.arrivals())), (20, 20))

    def test_message_that_cannot_be_stored_harms_only_itself(self):
        job = self.begin(*(write_mail(f"Mail {number}") for number in range(5)))
        fault = refusing(
            self.env["mail.mailbox.message"],
            ZeroDivisionError(),
            lambda values: values["subject"] == "Mail 2",
        )
        with fault, mute_logger(import_job.__name__):
            self.run_for(100)
        self.assertEqual((job.state, job.imported, job.refused), ("done", 4, 1))
        self.assertEqual(len(self.arrivals()), 4)

    def test_file_of_a_record_stays_there(self):
        """Who may read a file of a record does not move or remove it by an import."""
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        file = self.env["ir.attachment"].create(
            {
                "name": "all.zip",
                "raw": zipped(write_mail("Kept")),
                "res_model": "res.partner",
                "res_id": partner.id,
            }
        )
        for most in (10, import_wizard.MAX_AT_ONCE):
            wizard = self.wizard()
            wizard.attachment_ids = file.with_user(self.member)
            with patch.object(import_wizard, "MAX_AT_ONCE", most):
                wizard.action_import()
            self.run_for(100)
            self.assertEqual(self.arrivals().subject, "Kept")
            self.assertTrue(file.exists())
            self.assertEqual(file.res_id, partner.id)

    def test_it_is_seen_and_stopped_by_who_began_it(self):
        job = self.begin(write_mail("One"))
        imports = self.env["mail.mailbox.import"]
        self.assertEqual(imports.with_user(self.member).search([]), job)
        for user in (self.colleague, self.manager):
            self.assertFalse(imports.with_user(user).search([]))
            with self.assertRaises(AccessError):
                job.with_user(user).action_stop()
        job.with_user(self.member).action_stop()
        self.run_for(100)
        self.assertEqual(job.state, "stopped")
        self.assertFalse(self.arrivals())
