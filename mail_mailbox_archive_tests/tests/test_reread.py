"""What an earlier version stored is read again: in batches, wherever it was stopped."""

from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive.models.messages import (
    reread as mail_mailbox_reread,
)
from odoo.addons.mail_mailbox_archive.models.messages.reread import (
    PART,
    READ_ANEW,
    READING,
)

from .common import WARSAW_NOON, MailboxCase, cron_time, write_mail

UUENCODED = "see it\n\nbegin 644 notes.txt\n#0V%T\n`\nend\n"
LOGGER = mail_mailbox_reread.__name__


@tagged("post_install", "-at_install")
class TestReread(MailboxCase, HttpCase):
    def setUp(self):
        super().setUp()
        self.messages = self.env["mail.mailbox.message"].concat(
            *(
                self.deliver(
                    self.mailbox, write_mail(f"Zamówienie {number}", UUENCODED)
                ).mailbox_message_id
                for number in range(5)
            )
        )
        self.read = self.stored()
        self.age(self.messages)

    def stored(self):
        """Return what is stored of the messages, as far as it is read out of them."""
        self.env.invalidate_all()
        return [
            (
                message.sudo().read(READ_ANEW, load=None)[0],
                [part.read(PART)[0] | {"id": 0} for part in message.part_ids],
            )
            for message in self.messages
        ]

    def age(self, messages):
        """Have messages stored as an earlier version read them."""
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_mailbox_message SET reading = NULL, subject = 'ZamĂłwienie',"
            " email_from = 'old', email_to = 'old', email_cc = 'old',"
            " email_bcc = 'old', email_reply_to = 'old', preview = 'old',"
            " defects = 'old',"
            " search_text = 'old', attachment_count = 7 WHERE id = ANY(%s)",
            [messages.ids],
        )
        messages.part_ids.unlink()
        self.env.invalidate_all()

    def set_reading(self, number):
        self.env.cr.execute(
            "UPDATE mail_mailbox_message SET reading = %s WHERE id = ANY(%s)",
            [number, self.messages.ids],
        )

    def reread(self, stop_after=None):
        """Run the scheduled action; its time is over after some batches."""
        self.env.flush_all()
        left = iter(range((stop_after or 99) - 1))

        def commit_progress(_cron, processed=0, **_more):
            return bool(not processed or next(left, None) is not None)

        batch = patch.object(mail_mailbox_reread, "BATCH", 2)
        with batch, cron_time(self.env, commit_progress):
            self.env.ref("mail_mailbox_archive.ir_cron_reread").method_direct_trigger()
        self.env.invalidate_all()

    def left(self):
        return self.env["mail.mailbox.message"]._count_to_reread()

    def test_all_that_is_read_out_of_a_message_is_as_of_a_new_one(self):
        self.assertNotEqual(self.stored(), self.read)
        with patch.object(mail_mailbox_reread._logger, "info") as told:
            self.reread()
        self.assertEqual(self.stored(), self.read)
        self.assertEqual(self.left(), 0)
        self.assertEqual(told.call_args.args[1:], (5, 0))

    def test_every_field_that_is_read_is_read_again(self):
        """A field added tomorrow is one of these, or is told here why it is not."""
        message = self.messages[0]
        source = message._read_source()
        one = Fetched(1, WARSAW_NOON, False, 1, source, parse(source))
        others = {
            # the same in every version, or the place and the history of the message
            *("date", "message_id", "in_reply_to", "references", "size", "identity"),
            *("thread_key", "oversize", "has_links", "source_shared", "reading"),
            # beside the fields
            "part_ids",
        }
        self.assertEqual(set(message._prepare_values(one)), {*READ_ANEW, *others})

    def test_it_goes_on_where_it_was_stopped_the_newest_first(self):
        self.reread(stop_after=1)
        self.assertEqual(self.left(), 3)
        old = self.messages.filtered(lambda message: message.preview == "old")
        self.assertEqual(old, self.messages.sorted("id")[:3])
        self.reread(stop_after=1)
        self.assertEqual(self.left(), 1)
        self.reread(stop_after=1)
        self.assertEqual(self.stored(), self.read)
        self.assertEqual(self.left(), 0)

    def test_it_is_found_by_its_words(self):
        find = [("content", "ilike", "Zamówienie")]
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        self.assertFalse(messages.search(find))
        self.reread()
        self.assertEqual(messages.search(find), self.messages.sorted("id", True))

    def test_what_is_new_is_not_read_again(self):
        self.reread()
        self.deliver(self.mailbox, write_mail("New"))
        self.assertEqual(self.left(), 0)

    def test_nobody_is_told_to_have_written_it(self):
        columns = ["write_uid", "write_date"]
        before = self.messages.read(columns)
        self.reread()
        self.assertEqual(self.messages.read(columns), before)

    def test_attachments_that_are_as_they_were_keep_their_ids(self):
        self.reread()
        parts = self.messages.part_ids
        self.set_reading(1)
        self.reread()
        self.assertEqual(self.messages.part_ids, parts)

    def test_what_is_no_message_stays_as_it_is_and_stops_nothing(self):
        self.messages[1]._source_attachments().raw = b"  "
        with self.assertLogs(LOGGER, "WARNING") as log:
            self.reread()
        self.assertIn(f"Message {self.messages[1].id}", log.output[0])
        self.assertEqual(self.left(), 0)
        self.assertEqual(self.messages[1].preview, "old")
        self.assertEqual(self.messages[0].preview, "see it")

    def test_one_that_is_too_big_is_read_by_its_headers(self):
        self.messages[2].sudo().oversize = True
        self.reread()
        self.assertEqual(self.messages[2].subject, "Zamówienie 2")
        self.assertFalse(self.messages[2].part_ids)

    def test_one_that_another_person_has_locked_waits(self):
        model = type(self.messages)
        with patch.object(model, "try_lock_for_update", lambda some: some[:1]):
            self.reread(stop_after=1)
        self.assertEqual(self.left(), 4)
        with patch.object(model, "try_lock_for_update", lambda some: some.browse()):
            # it does not turn round and round
            self.reread()
        self.assertEqual(self.left(), 4)

    def test_the_settings_say_how_many_are_left(self):
        settings = self.env["res.config.settings"].create({})
        self.assertIn("5 are left", settings.mailbox_reread)
        self.reread()
        self.assertFalse(self.env["res.config.settings"].create({}).mailbox_reread)

    def test_the_version_is_raised_with_what_is_read(self):
        """A reading of another version makes every message of this one outdated."""
        self.reread()
        self.assertEqual(set(self.messages.sudo().mapped("reading")), {READING})
        self.assertFalse(self.left())
        self.set_reading(READING - 1)
        self.assertEqual(self.left(), 5)
