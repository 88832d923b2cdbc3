"""Filing addresses: what is archived by them, and above all what is not."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.mail_mailbox_archive.mailcore.imap.fetching import read_item
from odoo.addons.mail_mailbox_archive.mailcore.imap.items import Item

from .common import SERVER, USER, WARSAW_NOON, make_older, refusing, write_mail
from .test_follow import FollowCase

TAG = "office+partner-%s@spedbud.example"


@tagged("post_install", "-at_install")
class FilingAddressCase(FollowCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.filing_by_address = True
        group = cls.env.ref("base.group_partner_manager")
        for user in cls.member | cls.colleague:
            user.group_ids = [Command.link(group.id)]
        cls.member.login = "member@spedbud.example"

    def address(self, record=None, user=None, mailbox=None):
        record = (record or self.spostex).with_user(user or self.member)
        messages = self.env["mail.mailbox.message"].with_user(user or self.member)
        found = messages.get_filing_addresses(record._name, record.id)
        wanted = (mailbox or self.mailbox).email
        return next((o["address"] for o in found if o["mailbox"] == wanted), None)

    def plain(self, record=None):
        return TAG % (record or self.spostex).id

    def send(self, mailbox=None, verified=False, sender="x@gmail.com", **headers):
        """Have an email arrive as a poll reads it; return its message."""
        domain = sender.rpartition("@")[2]
        if verified:
            result = f"{SERVER}; dmarc=pass header.from={domain}"
            headers["authentication_results"] = result
        number = self.env["mail.mailbox.arrival"].search_count([])
        headers.setdefault("message_id", f"<f{number}@x.example>")
        headers.setdefault("subject", f"Sent {number}")
        source = write_mail(**{"from": sender}, **headers).as_bytes()
        item = Item(next(self.uids), WARSAW_NOON, False, len(source), source)
        fetched = read_item(item, 10**6, self.mailbox._get_filing_bases())
        message = self.env["mail.mailbox.message"]._store([fetched])
        (message,) = message.values()
        folder = self.make_folder(mailbox or self.mailbox)
        stored = {fetched.message.identity: message}
        self.env["mail.mailbox.arrival"]._place(folder, [fetched], stored, True)
        return message

    def assertFiled(self, message, record=None, user=None):
        self.work_off()
        links = message.sudo().link_ids
        self.assertEqual(links.mapped("res_id"), [(record or self.spostex).id])
        self.assertEqual(links.user_id, user or self.member)
        self.assertTrue(links.by_address)

    def offered(self, message, user=None):
        found, _note = message.with_user(user or self.member)._suggest_for_archiving()
        wanted = "It was sent to this record's address."
        return [one.record for one in found if wanted in one.reason]


class TestFilingAddress(FilingAddressCase):
    def test_it_archives_for_who_copied_it_and_says_why(self):
        message = self.send(to=self.address())
        self.assertFiled(message)
        line = message.with_user(self.member).history_ids
        self.assertEqual(
            line.note, "Automatically: it was sent to this record's address."
        )
        records = message.with_user(self.member).attached_records
        self.assertEqual(records[0]["automatic"], "address")

    def test_in_bcc_it_is_read_from_what_the_server_says(self):
        message = self.send(to="jan@partner.example", delivered_to=self.address())
        self.assertFiled(message)

    def test_in_another_case(self):
        self.assertFiled(self.send(to=self.address().upper()))

    def test_what_is_changed_in_it_is_only_offered(self):
        right = self.address()
        token = right.split(".")[1].split("@")[0]
        other = "b" if token[-1] == "a" else "a"
        for wrong in (
            right.replace(f"-{self.spostex.id}.", f"-{self.north.id}."),
            right.replace(token, token[:-1] + other),
            right.replace(token, "b" + token[1:]),
            right.replace(f".{token}", ""),
        ):
            with self.subTest(wrong=wrong):
                message = self.send(to=wrong)
                self.assertProposed(message)
                self.assertEqual(len(self.offered(message)), 1)

    def test_made_up_tokens_cost_no_reader(self):
        mine = self.address()
        token = mine.split(".")[1].split("@")[0]
        made_up = [mine.replace(token, f"{token[:-15]}{n * 15}") for n in "abcde"]
        with self.count_readers() as asked:
            self.assertProposed(self.send(to=", ".join(made_up)))
        self.assertFalse(asked)
        with self.count_readers() as asked:
            wrong = mine.replace(token, token[:-1] + ("a" if token[-1] != "a" else "b"))
            self.assertFiled(self.send(to=f"{mine}, {wrong}"))
        # each once, however many addresses there are
        self.assertIn(self.member, asked)
        self.assertEqual(len(asked), len(set(asked)))

    @contextmanager
    def count_readers(self):
        """Give a list of whom it is asked whether they may read a record."""
        asked, ask = [], type(self.spostex).with_user

        def note(record, user):
            asked.append(user)
            return ask(record, user)

        with patch.object(type(self.spostex), "with_user", note):
            yield asked

    def test_a_token_of_another_mailbox_or_domain(self):
        right = self.address()
        other = self.make_mailbox(
            "other@spedbud.example", self.member, filing_by_address=True
        )
        moved = right.replace("office+", "other+")
        self.assertProposed(self.send(other, to=moved))
        self.assertProposed(self.send(to=moved))
        self.assertProposed(self.send(to=right.replace("spedbud.", "attacker.")))

    def test_it_expires(self):
        address = self.address()
        now = fields.Datetime.now()
        with freeze_time(now + timedelta(days=55)):
            self.assertFiled(self.send(to=address))
        with freeze_time(now + timedelta(days=91)):
            self.assertProposed(self.send(to=address))

    def test_where_it_is_switched_off(self):
        address = self.address()
        self.mailbox.filing_by_address = False
        self.assertIsNone(self.address())
        message = self.send(to=address)
        self.assertProposed(message)
        self.assertFalse(self.offered(message))

    # The rights that the person has then

    def test_who_may_not_change_the_record_gets_no_address(self):
        reader = self.make_user("reader", USER)
        self.mailbox.user_ids |= reader
        with self.assertRaises(AccessError):
            self.address(user=reader)
        self.assertIsNone(self.address(user=self.colleague))

    def test_who_may_no_longer_change_it(self):
        address = self.address()
        group = self.env.ref("base.group_partner_manager")
        self.member.group_ids = [Command.unlink(group.id)]
        self.assertProposed(self.send(to=address))

    def test_who_no_longer_has_the_mailbox(self):
        address = self.address()
        self.mailbox.sudo().user_ids = self.colleague
        self.assertProposed(self.send(to=address))

    def test_who_left(self):
        address = self.address()
        self.mailbox.responsible_id = self.colleague
        self.member.active = False
        self.assertProposed(self.send(to=address))

    def test_a_changed_audience(self):
        address = self.address()
        self.make_user("newcomer", USER)
        self.assertProposed(self.send(to=address))
        self.assertFiled(self.send(to=self.address()))

    def test_a_record_that_is_gone_or_another_with_its_number(self):
        address = self.address()
        make_older(self.spostex)
        self.assertProposed(self.send(to=address))
        self.spostex.unlink()
        self.assertProposed(self.send(to=address))

    def test_never_archived_addresses(self):
        self.env["mail.mailbox.never.archive"].create({"name": "lawyer.example"})
        message = self.send(sender="eva@lawyer.example", to=self.address())
        self.assertProposed(message)

    # Without a token

    def send_hidden(self, mailbox=None, verified=True, **headers):
        """Have an email of the member arrive whose recipients do not see the tag."""
        headers.setdefault("sender", "member@spedbud.example")
        headers.setdefault("to", "jan@partner.example")
        headers["delivered_to"] = self.plain()
        return self.send(mailbox, verified, **headers)

    def test_a_proven_sender_of_ours(self):
        self.assertFiled(self.send_hidden())

    def test_a_sender_who_is_not_proven_or_not_ours(self):
        self.assertProposed(self.send_hidden(verified=False))
        stranger = self.send_hidden(sender="jan@partner.example")
        self.assertProposed(stranger)
        self.assertEqual(self.offered(stranger), [self.spostex])

    def test_an_address_that_one_gave_oneself_is_nobody_s(self):
        # the manager's address is not proven by writing it into one's own profile
        self.member.with_user(self.member).email = "boss@spedbud.example"
        self.assertProposed(self.send_hidden(sender="boss@spedbud.example"))

    def test_an_address_that_somebody_else_may_have_named(self):
        # what answers an email without a Message-ID does not say that it answers
        for reply in ({"in_reply_to": "<a@attacker.example>"}, {}):
            for name in ("to", "cc"):
                headers = {"to": "a@b.example", name: self.plain()}
                message = self.send_hidden(**reply, **headers)
                self.assertProposed(message)
                self.assertEqual(self.offered(message), [self.spostex])
        self.assertFiled(self.send_hidden(in_reply_to="<a@attacker.example>"))

    def test_a_reply_of_our_outbox_is_nobody_s(self):
        for values in (
            {"mode": "reply"},
            {"mode": "reply_all"},
            {"mode": False},
            {"in_reply_to": "<a@attacker.example>"},
            # somebody who got it passed it on
            {"recipients": "a@attacker.example"},
        ):
            with self.subTest(values=values):
                sent = self.send_hidden()
                row = self.outbox_values(sent) | values
                self.env["mail.mailbox.outbox"].create(row)
                self.assertProposed(sent)

    # What others put into mailboxes of theirs

    def put_into_sent(self, message, mailbox, **values):
        folder = self.make_folder(mailbox, "Sent")
        folder.write({"role": "sent", **values})
        arrivals = message.sudo().arrival_ids
        arrivals.filtered(lambda a: a.mailbox_id == mailbox).folder_id = folder

    def test_a_mailbox_of_one_s_own_vouches_for_nobody_else(self):
        own = self.make_mailbox("eve@spedbud.example", self.colleague)
        mail = {"verified": False, "message_id": "<s@x.example>", "subject": "Same"}
        forged = self.send_hidden(**mail)
        self.assertEqual(forged, self.send_hidden(own, **mail))
        self.put_into_sent(forged, own)
        self.assertFalse(forged._is_sent_from_here())
        self.assertFalse(forged.with_user(self.member)._is_authenticated())
        self.assertProposed(forged)

    def test_sent_mail_is_of_the_mailbox_s_certain_addresses_only(self):
        self.member.login = "else"
        own = self.make_mailbox("member@spedbud.example", self.member)
        sent = self.send_hidden(own, verified=False)
        self.put_into_sent(sent, own)
        self.assertTrue(sent._is_sent_from_here())
        self.put_into_sent(sent, own, shared=True)
        self.assertFalse(sent._is_sent_from_here())
        self.put_into_sent(sent, own, shared=False)
        own.approval = "needed"
        self.assertFalse(sent._is_sent_from_here())

    def test_only_the_word_of_the_addressed_mailbox_s_server_counts(self):
        own = self.make_mailbox(
            "eve@spedbud.example", self.colleague, trusted_server="mx.eve.example"
        )
        said = "mx.eve.example; dmarc=pass header.from=spedbud.example"
        mail = {"verified": False, "message_id": "<s@x.example>", "subject": "Same"}
        forged = self.send_hidden(**mail)
        vouched = self.send_hidden(own, **mail, authentication_results=said)
        self.assertEqual(forged, vouched)
        self.assertTrue(forged.with_user(self.colleague)._is_authenticated())
        self.assertFalse(forged.with_user(self.member)._is_authenticated())
        self.assertProposed(forged)

    def test_only_a_server_that_an_administrator_named_counts(self):
        self.mailbox.write({"trusted_server": False, "imap_host": "imap.gmail.com"})
        said = "mx.google.com; dmarc=pass header.from=spedbud.example"
        message = self.send_hidden(verified=False, authentication_results=said)
        self.assertTrue(message.with_user(self.member)._is_authenticated())
        self.assertProposed(message)

    def test_who_moves_a_mailbox_takes_its_server_s_word_away(self):
        mine = self.mailbox.with_user(self.member)
        mine.imap_host = "imap.attacker.example"
        self.assertFalse(self.mailbox.trusted_server)
        self.mailbox.trusted_server = SERVER
        self.mailbox.with_user(self.manager).imap_host = "imap.spedbud.example"
        self.assertEqual(self.mailbox.trusted_server, SERVER)

    def test_who_has_temporary_access_gets_no_address(self):
        self.mailbox.private = True
        group = self.env.ref("base.group_partner_manager")
        self.manager.group_ids = [Command.link(group.id)]
        self.env["mail.mailbox.break.glass.wizard"].with_user(self.manager).create(
            {"mailbox_id": self.mailbox.id, "reason": "An audit of addresses"}
        ).action_confirm()
        self.assertIn(self.manager, self.mailbox.user_ids)
        self.assertIsNone(self.address(user=self.manager))
        self.assertTrue(self.address())

    def test_what_our_outbox_sent_is_of_who_wrote_it(self):
        sent = self.send(sender=self.mailbox.email, to=self.plain(), verified=True)
        self.env["mail.mailbox.outbox"].create(self.outbox_values(sent))
        self.assertFiled(sent, user=self.member)

    def test_a_copied_message_id_proves_nothing(self):
        sent = self.send(sender=self.mailbox.email, message_id="<o@x.example>")
        self.env["mail.mailbox.outbox"].create(self.outbox_values(sent))
        forged = self.send(
            verified=True,
            sender="a@attacker.example",
            to=self.plain(),
            message_id="<o@x.example>",
        )
        self.assertProposed(forged)
        # nor with the same sender, which several people have
        shared = self.mailbox.email
        copied = self.send(
            verified=True, sender=shared, cc=self.plain(), message_id="<o@x.example>"
        )
        self.assertNotEqual(copied, sent)
        self.assertProposed(copied)

    def outbox_values(self, message):
        return {
            "mailbox_id": self.mailbox.id,
            "user_id": self.member.id,
            "mode": "new",
            "recipients": self.plain(),
            "message_id": message.message_id,
            "mailbox_message_id": message.id,
            "state": "sent",
            "subject": "x",
            "due_at": fields.Datetime.now(),
        }


class TestPrivateFilingAddress(FilingAddressCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.make_board(filing_by_address=True)

    def test_its_own_address_keeps_it_for_its_people(self):
        message = self.send(self.board, to=self.address(mailbox=self.board))
        self.assertFiled(message)
        self.assertEqual(message.link_ids.mailbox_id, self.board)
        for stranger in self.colleague, self.outsider, self.manager:
            self.assertFalse(message.with_user(stranger)._filtered_access("read"))

    def test_another_mailbox_s_address_takes_nothing_out_of_it(self):
        message = self.send(self.board, to=self.address())
        self.assertProposed(message)

    def test_a_new_person_of_it_is_a_changed_audience(self):
        address = self.address(mailbox=self.board)
        self.board.user_ids |= self.colleague
        self.assertProposed(self.send(self.board, to=address))


class TestToken(FilingAddressCase):
    """A token is nobody's but its person's."""

    def test_it_is_nowhere_in_what_is_stored(self):
        address = self.address()
        token = address.split(".")[1].split("@")[0]
        mail = {"to": address, "cc": "Jan <jan@x.example>", "delivered_to": address}
        message = self.send(**mail, text=f"It went to {address}.")
        self.work_off()
        self.env.flush_all()
        self.assertFiled(message)
        own = [message._read_source(), message.arrival_ids._read_source()]
        self.assertFalse([one for one in own if token.encode() in one.lower()])
        for model in ("message", "arrival", "correspondent", "envelope", "history"):
            self.env.cr.execute(f"SELECT t::text FROM mail_mailbox_{model} AS t")
            rows = self.env.cr.fetchall()
            self.assertTrue(rows, model)
            self.assertNotIn(token, str(rows).lower(), model)
        shown = str(message.with_user(self.member).get_view_data())
        self.assertNotIn(token, shown.lower())

    def test_it_stays_nowhere_if_nothing_is_archived(self):
        def tokens(message):
            self.work_off()
            found = [tag["token"] for tag in message.sudo().arrival_ids.filing_tags]
            self.assertEqual(len(found), 1)
            return set(found) - {"x" * 24}

        address = self.address()
        with (
            refusing(self.env["mail.mailbox.link"], ValueError("no")),
            mute_logger("odoo.addons.mail_mailbox_archive.models.archiving.filing"),
        ):
            self.assertFalse(tokens(self.send(to=address)))
        message = self.send(to=address)
        self.mailbox.filing_by_address = False
        self.assertFalse(tokens(message))
        self.assertProposed(message)

    def test_what_is_sent_to_others_stays_as_it_is(self):
        verp = f"news+sub-42.{'a' * 24}@list.example"
        message = self.send(return_path=verp, text=verp)
        self.assertIn(verp.encode(), message._read_source())

    def test_the_same_email_elsewhere_is_still_one(self):
        address = self.address()
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        mail = {"to": address, "message_id": "<same@x.example>", "subject": "Same"}
        self.assertEqual(self.send(**mail), self.send(other, **mail))

    def test_nobody_asks_for_somebody_else_s(self):
        # of who may change the record and has the mailbox each has their own
        self.mailbox.user_ids |= self.colleague
        mine, theirs = self.address(), self.address(user=self.colleague)
        self.assertNotEqual(mine, theirs)
        self.assertFiled(self.send(to=theirs), user=self.colleague)

    def test_models_and_records_that_are_none(self):
        messages = self.env["mail.mailbox.message"].with_user(self.member)
        self.assertEqual(messages.get_filing_addresses("res.users", 1), [])
        self.assertEqual(messages.get_filing_addresses("nothing", 1), [])
        self.assertEqual(messages.get_filing_addresses("res.partner", 2**30), [])
