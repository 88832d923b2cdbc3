"""The source is shared without what each delivery added, which belongs to its arrival.

Together they are what the server gave, byte for byte.
"""

import base64
import io
import zipfile
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import identities, parse
from odoo.addons.mail_mailbox_archive.models.messages.identity import UPGRADED

from .common import MANAGER, WARSAW_NOON, MailboxCase, write_mail

SECRET = b"board-secret"
#: Names that servers use, and one that no list would hold.
WAY = (
    "Delivered-To",
    "X-Original-To",
    "X-Delivered-To",
    "Envelope-To",
    "Received",
    "ARC-Seal",
    "Resent-To",
    "X-Nobody-Thought-Of-This",
)


class Raw:
    """Bytes, where a message of the library is expected."""

    def __init__(self, source):
        self.source = source

    def as_bytes(self):
        return self.source


def delivered(source, to, *, lines=b"\r\n"):
    """Return ``source`` as a server hands it out in the mailbox ``to``."""
    added = b"".join(b"%s: <%s>\r\n" % (name.encode(), to) for name in WAY)
    return (added + source).replace(b"\r\n", lines)


@tagged("post_install", "-at_install")
class TestSourceParts(MailboxCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        mail = write_mail("Offer", "The price\n\nis 5000\n")
        mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename="a.pdf")
        cls.source = mail.as_bytes()
        cls.board = cls.make_mailbox(
            "board@spedbud.example", cls.colleague, private=True
        )
        cls.secret = delivered(cls.source, SECRET)
        cls.own = delivered(cls.source, b"office", lines=b"\n")
        # the copy of the private mailbox comes first: its bytes are those stored
        cls.hidden = cls.deliver(cls.board, Raw(cls.secret))
        cls.arrival = cls.deliver(cls.mailbox, Raw(cls.own))
        cls.message = cls.arrival.mailbox_message_id

    def test_one_message_and_each_arrival_has_its_bytes(self):
        self.assertEqual(self.hidden.mailbox_message_id, self.message)
        self.assertEqual(self.message._read_source(), self.source)
        self.assertEqual(self.hidden._read_source(), self.secret)
        self.assertEqual(self.arrival._read_source(), self.own)
        self.assertEqual(self.hidden.size, len(self.secret))
        self.assertEqual(self.arrival.size, len(self.own))
        self.assertEqual(self.message.size, len(self.source))

    def test_content_is_stored_once(self):
        files = self.message._source_attachments()
        self.assertEqual(files.raw, self.source)

    def test_people_of_a_mailbox_get_their_copy(self):
        for user, source in (
            (self.colleague, self.secret),
            (self.member, self.own),
            (self.manager, self.own),
        ):
            message = self.message.with_user(user)
            self.assertEqual(message._read_own_source(), source, user.login)
            self.assertEqual(message._read_source(), self.source)

    def test_who_has_it_from_a_record_gets_the_message_alone(self):
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        self.message.with_user(self.member)._archive(partner)
        message = self.message.with_user(self.outsider)
        self.assertEqual(message._read_own_source(), self.source)
        with self.assertRaises(AccessError):
            self.arrival.with_user(self.outsider)._read_source()

    def test_arrival_of_others_is_not_read(self):
        for user in (self.member, self.manager, self.outsider):
            with self.assertRaises(AccessError):
                self.hidden.with_user(user)._read_source()
            with self.assertRaises(AccessError):
                self.env["mail.mailbox.envelope"].with_user(user).search([])

    def channels(self, user):
        """Yield what each way to the content gives, by name."""
        message = self.message.with_user(user)
        yield "source", base64.b64decode(message.source)
        yield "read", str(message.read()).encode()
        yield "export", str(message.export_data(["source"])).encode()
        wizards = self.env["mail.mailbox.export.wizard"].with_user(user)
        for kind in ("zip", "mbox"):
            context = {"active_model": message._name, "active_ids": message.ids}
            wizard = wizards.with_context(**context).create({"format": kind})
            file = io.BytesIO()
            wizard._write_to(file)
            data = file.getvalue()
            if kind == "zip":
                archive = zipfile.ZipFile(file)
                data = b"".join(archive.read(name) for name in archive.namelist())
            yield kind, data
        self.authenticate(user.login, user.login)
        for path in (
            f"mail_mailbox_archive/source/{message.id}",
            f"mail_mailbox_archive/body/{message.id}?print=1",
            f"mail_mailbox_archive/parts/{message.id}",
            f"web/content/mail.mailbox.message/{message.id}/source",
        ):
            yield path, self.url_open(f"/{path}").content
        file = self.message._source_attachments()
        yield "attachment", self.url_open(f"/web/content/{file.id}").content
        for name in ("raw", "datas", "index_content", "checksum"):
            try:
                yield name, str(file.sudo(False).with_user(user)[name]).encode()
            except AccessError:
                yield name, b""

    def assertNoTrace(self, *users):
        for user in users:
            for name, data in self.channels(user):
                with self.subTest(user=user.login, channel=name):
                    self.assertNotIn(SECRET, data)
                    self.assertNotIn(base64.b64encode(SECRET)[:-4], data)

    def test_no_channel_shows_what_another_delivery_added(self):
        system = self.make_user("system", MANAGER, "base.group_system")
        self.assertNoTrace(self.member, self.manager, system)
        found = dict(self.channels(self.colleague))
        path = f"mail_mailbox_archive/source/{self.message.id}"
        self.assertEqual(found[path], self.secret)
        self.assertIn(SECRET, found["zip"])

    def test_stored_bytes_are_nobody_s_to_read(self):
        """Not even the readers': they have the message's own methods."""
        system = self.make_user("system2", MANAGER, "base.group_system")
        file = self.message._source_attachments()
        for user in (self.member, self.manager, self.colleague, system):
            files = self.env["ir.attachment"].with_user(user)
            for name in ("raw", "datas", "name"):
                with self.assertRaises(AccessError):
                    files.browse(file.id).read([name])
            with self.assertRaises(AccessError):
                files.browse(file.id).write({"raw": b"x"})

    def test_search_finds_nothing_of_it(self):
        for user in (self.member, self.colleague):
            messages = self.env["mail.mailbox.message"].with_user(user)
            found = messages.search([("content", "ilike", SECRET.decode())])
            self.assertFalse(found)

    def test_body_with_mixed_line_ends_comes_back_as_it_was(self):
        source = self.source.replace(b"Subject: Offer", b"Subject: Mixed")
        head, _blank, body = source.partition(b"\r\n\r\n")
        for number, mixed in enumerate((body.replace(b"\r\n", b"\n", 3), body)):
            mail = b"X-Number: %d\r\n" % number + head + b"\r\n\r\n" + mixed
            mailbox = (self.mailbox, self.board)[number]
            self.assertEqual(self.deliver(mailbox, Raw(mail))._read_source(), mail)

    def test_same_copy_fetched_again_changes_nothing(self):
        again = self.deliver(self.mailbox, Raw(self.own))
        self.assertEqual(again, self.arrival)
        self.assertEqual(again._read_source(), self.own)

    def test_autoresponder_reads_the_copy_of_its_mailbox(self):
        source = self.source.replace(b"Subject: Offer", b"Subject: List")
        self.deliver(self.board, Raw(source))
        arrival = self.deliver(self.mailbox, Raw(b"List-Id: <a.b>\r\n" + source))
        message = arrival.mailbox_message_id
        self.assertIn(b"List-Id", self.mailbox._read_copy(message))
        self.assertNotIn(b"List-Id", self.board._read_copy(message))

    def test_what_goes_with_an_arrival_goes(self):
        envelopes = self.env["mail.mailbox.envelope"]
        domain = [("mailbox_message_id", "=", self.message.id)]
        self.assertEqual(envelopes.search_count(domain), 2)
        self.hidden.unlink()
        self.assertEqual(envelopes.search(domain).arrival_id, self.arrival)


class FormerCase(MailboxCase):
    """A database that version 1 filled."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        now = fields.Datetime.to_string(fields.Datetime.now())
        cls.env["ir.config_parameter"].set_param(UPGRADED, now)

    @classmethod
    def deliver_formerly(cls, mailbox, source, moment=WARSAW_NOON):
        """Deliver a message and leave it as version 1 would have left it."""
        arrival = cls.deliver_at(mailbox, source, moment)
        message = arrival.mailbox_message_id
        cls.env.cr.execute(
            "DELETE FROM mail_mailbox_envelope WHERE mailbox_message_id = %s",
            [message.id],
        )
        message._source_attachments().unlink()
        message._store_bytes([source])
        message.write(
            {
                "identity": identities(source)[1],
                "source_shared": False,
                "size": len(source),
            }
        )
        message.arrival_ids.size = 0
        return arrival

    @classmethod
    def deliver_at(cls, mailbox, source, moment=WARSAW_NOON):
        """Deliver a message that reached its server at ``moment``."""
        fetched = cls.fetched(source, moment)
        folder = cls.make_folder(mailbox)
        mailbox._store_fetched(folder, [fetched], fresh=False)
        (message,) = cls.env["mail.mailbox.message"]._find_stored([fetched]).values()
        return message.arrival_ids.filtered(lambda a: a.mailbox_id == mailbox)

    @classmethod
    def fetched(cls, source, moment=WARSAW_NOON):
        return Fetched(
            uid=next(cls.uids),
            internal_date=moment,
            seen=False,
            size=len(source),
            source=source,
            message=parse(source, moment),
        )


@tagged("post_install", "-at_install")
class TestFormerMessages(FormerCase, HttpCase):
    """What version 1 stored is found, shown and divided; nothing of it is doubled."""

    def setUp(self):
        super().setUp()
        self.source = write_mail("Offer").as_bytes()
        self.whole = delivered(self.source, SECRET)
        self.arrival = self.deliver_formerly(self.mailbox, self.whole)
        self.message = self.arrival.mailbox_message_id
        self.former = self.message.identity

    def renew(self):
        self.env.flush_all()
        self.env.ref("mail_mailbox_archive.ir_cron_renew").method_direct_trigger()
        self.env.invalidate_all()

    def test_as_it_is_stored_nobody_else_sees_the_delivery(self):
        self.assertEqual(self.message._source_attachments().raw, self.whole)
        self.assertEqual(self.message._read_source(), self.source)
        self.assertEqual(self.arrival._read_source(), self.whole)
        partner = self.env["res.partner"].create({"name": "Spostex S.A."})
        self.message.with_user(self.member)._archive(partner)
        for user in (self.outsider, self.colleague):
            seen = TestSourceParts.channels(self, user)
            for name, data in seen:
                with self.subTest(user=user.login, channel=name):
                    self.assertNotIn(SECRET, data)

    def test_divided_by_the_scheduled_action(self):
        self.renew()
        self.assertEqual(self.message._source_attachments().raw, self.source)
        self.assertEqual(self.arrival._read_source(), self.whole)
        self.assertEqual(self.message.identity, parse(self.source).identity)
        self.assertEqual(self.arrival.size, len(self.whole))
        self.assertFalse(self.message.former_identity)

    def test_second_copy_shows_nothing_of_the_first(self):
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        copy = delivered(self.source, b"other")
        arrival = self.deliver_at(other, copy)
        self.assertEqual(arrival.mailbox_message_id, self.message)
        self.renew()
        self.assertEqual(arrival._read_source(), copy)
        self.assertEqual(self.arrival._read_source(), self.whole)

    def test_whose_copy_it_was_is_not_guessed(self):
        """The first arrival has left the Queue; another one is not taken for it."""
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        later = self.env["mail.mailbox.arrival"].create(
            {"mailbox_id": other.id, "mailbox_message_id": self.message.id}
        )
        self.env.cr.execute(
            "UPDATE mail_mailbox_arrival SET create_date = create_date + interval '1 h'"
            " WHERE id = %s",
            [later.id],
        )
        self.env.invalidate_all()
        self.arrival.unlink()
        self.assertEqual(later._read_source(), self.source)
        self.renew()
        self.assertEqual(later._read_source(), self.source)
        envelope = self.env["mail.mailbox.envelope"].search(
            [("mailbox_message_id", "=", self.message.id)]
        )
        self.assertFalse(envelope.arrival_id)

    def test_renumbered_folder_doubles_nothing(self):
        for renewed in (False, True):
            if renewed:
                self.renew()
            again = self.deliver_at(self.mailbox, self.whole)
            self.assertEqual(again, self.arrival)
            self.assertEqual(again.mailbox_message_id, self.message)
            self.assertEqual(self.message.arrival_ids, self.arrival)

    def test_crafted_twin_of_a_former_message_is_another(self):
        twin = b'Content-Type: text/plain; charset="utf-7"\r\n' + self.source
        self.assertEqual(identities(twin)[1], self.former)
        arrival = self.deliver_at(self.mailbox, twin)
        self.assertNotEqual(arrival.mailbox_message_id, self.message)
        self.assertEqual(len(self.mailbox_arrivals()), 2)

    def mailbox_arrivals(self):
        return self.env["mail.mailbox.arrival"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )

    def test_alarms_that_were_one_become_three(self):
        alarm = b"From: ups@firma.example\r\nSubject: Alarm\r\n\r\nOn battery\r\n"
        days = [WARSAW_NOON + timedelta(days=day) for day in range(3)]
        former = self.deliver_formerly(self.mailbox, alarm, days[0])
        for _renumbered in range(2):
            arrivals = {self.deliver_at(self.mailbox, alarm, day) for day in days}
            self.assertEqual(len(arrivals), 3)
            self.assertIn(former, arrivals)
            self.renew()

    def test_alarm_in_two_mailboxes_stays_one_where_it_was(self):
        alarm = b"From: ups@firma.example\r\nSubject: Alarm\r\n\r\nOn battery\r\n"
        later = WARSAW_NOON + timedelta(seconds=2)
        first = self.deliver_formerly(self.mailbox, alarm)
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        second = first.create(
            {
                "mailbox_id": other.id,
                "mailbox_message_id": first.mailbox_message_id.id,
                "internal_date": fields.Datetime.to_datetime("2026-11-02 11:00:02"),
            }
        )
        for _renumbered in range(2):
            self.assertEqual(self.deliver_at(self.mailbox, alarm), first)
            self.assertEqual(self.deliver_at(other, alarm, later), second)
            self.renew()

    def test_what_version_1_removed_does_not_come_back(self):
        tombstones = self.env["mail.mailbox.tombstone"]
        tombstones.create({"mailbox_id": self.mailbox.id, "identity": self.former})
        fetched = self.fetched(self.whole)
        self.assertFalse(tombstones._without_known(self.mailbox, [fetched]))
        # what comes later is new, whatever it looks like
        late = fields.Datetime.now() + timedelta(hours=1)
        late = self.fetched(self.whole, WARSAW_NOON.replace(year=late.year + 1))
        self.assertTrue(tombstones._without_known(self.mailbox, [late]))

    def test_new_database_asks_for_no_former_identity(self):
        self.env["ir.config_parameter"].set_param(UPGRADED, False)
        messages = self.env["mail.mailbox.message"]
        self.assertFalse(messages._get_former_identities([self.fetched(self.whole)]))
