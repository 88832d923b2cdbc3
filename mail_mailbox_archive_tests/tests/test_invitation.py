"""Invitations in the viewer, and replies to them that leave by the outbox."""

from unittest.mock import patch

import vobject

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import write_mail
from .mailcore.invitations import (
    APPLE,
    CANCEL,
    COUNTER,
    GOOGLE,
    MOVED,
    OUTLOOK,
    REPLY,
    THUNDERBIRD,
    write_invitation,
)
from .sending import SendingCase

ANNA = "anna.nowak@spostex.example"


class InvitationCase(SendingCase):
    """A mailbox that is invited."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member.tz = "Europe/Warsaw"

    def invite(self, text=GOOGLE, mailbox=None, **values):
        mail = write_invitation(text, **values)
        return self.deliver(mailbox or self.mailbox, mail).mailbox_message_id

    def cards(self, message, user=None):
        return message.with_user(user or self.member).get_view_data()["invitations"]

    def card(self, text=GOOGLE, user=None, **values):
        (card,) = self.cards(self.invite(text, **values), user)
        return card

    def reply(self, message, answer="accepted", user=None, **values):
        message = message.with_user(user or self.member)
        part = message.part_ids[:1]
        return message.reply_to_invitation(part.id, answer, **values)

    def run_outbox(self):
        self.env["mail.mailbox.outbox"]._work_off()
        self.env.invalidate_all()
        return self.smtp.take()


@tagged("post_install", "-at_install")
class TestInvitationCard(InvitationCase):
    def test_what_when_where_and_who(self):
        card = self.card(OUTLOOK)
        self.assertEqual(card["headline"], "Invitation")
        self.assertEqual(card["summary"], "Przegląd ofert; etap 2")
        self.assertEqual(card["location"], "Sala 3, parter")
        self.assertEqual(card["organizer"], {"name": "Anna Nowak", "address": ANNA})
        self.assertEqual(
            [one["name"] for one in card["people"]], ["Office", "Lis, Jan"]
        )
        self.assertIn("Monday, December 7, 2026", card["when"])
        self.assertIn("10:00", card["when"])
        self.assertEqual(card["zone_note"], "Your time zone: Europe/Warsaw")
        self.assertEqual(card["may_reply"], ["office@spedbud.example"])

    def test_the_time_is_the_readers(self):
        self.member.tz = "America/New_York"
        card = self.card(OUTLOOK)
        self.assertIn("4:00", card["when"])
        self.assertIn("Central European Standard Time", card["zone_note"])
        self.assertIn("10:00", card["zone_note"])

    def test_days_and_floating_times_are_the_same_everywhere(self):
        for zone in ("Europe/Warsaw", "Pacific/Auckland"):
            self.member.tz = zone
            card = self.card(THUNDERBIRD, subject=zone)
            self.assertIn("December 7", card["when"])
            self.assertIn("December 9", card["when"])
            self.assertEqual(card["zone_note"], "")
            floating = GOOGLE.replace("T090000Z", "T090000").replace(
                "T100000Z", "T100000"
            )
            card = self.card(floating, subject=f"Floating {zone}")
            self.assertIn("9:00", card["when"])
            self.assertIn("same in every time zone", card["zone_note"])

    def test_how_it_repeats(self):
        self.assertEqual(
            self.card(APPLE)["repeats"],
            "Repeats every 2 weeks, on Monday, 10 times",
        )

    def test_changes_cancellations_and_replies_are_named(self):
        self.assertEqual(
            self.card(MOVED, subject="1")["headline"], "Changed invitation"
        )
        cancelled = self.card(CANCEL, subject="2", method="CANCEL")
        self.assertTrue(cancelled["cancelled"])
        self.assertFalse(cancelled["may_reply"] or cancelled["hint"])
        self.assertEqual(
            self.card(REPLY, subject="3")["headline"], "Anna Nowak has declined"
        )
        self.assertEqual(
            self.card(COUNTER, subject="4")["headline"],
            "Anna Nowak proposes another time",
        )

    def test_a_reply_of_somebody_else_is_said_to_be_one(self):
        for text in (REPLY, COUNTER):
            method = text.split("METHOD:")[1].split()[0]
            own = self.card(text, subject=f"Own {method}", method=method)
            self.assertFalse(own["hint"])
            card = self.card(
                text,
                subject=f"Forged {method}",
                method=method,
                **{"from": "Anna Nowak <anna@stranger.example>"},
            )
            self.assertEqual(card["hint"], f"This email was not sent by {ANNA}.")

    def test_the_same_as_a_file_is_shown_once(self):
        mail = write_invitation(GOOGLE)
        mail.add_attachment(
            GOOGLE.encode(), "application", "ics", filename="invite.ics"
        )
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        self.assertEqual(len(self.cards(message)), 1)
        self.assertEqual(len(message.part_ids), 2)

    def test_two_events_are_two_cards(self):
        mail = write_invitation(GOOGLE)
        for text in (OUTLOOK, "no calendar"):
            mail.add_attachment(
                text.encode(), "application", "ics", filename="another.ics"
            )
        message = self.deliver(self.mailbox, mail).mailbox_message_id
        self.assertEqual(
            [card["summary"] for card in self.cards(message)],
            ["Budget call", "Przegląd ofert; etap 2"],
        )

    def test_what_is_broken_is_a_file_with_a_word(self):
        for text in ("BEGIN:VCALENDAR\n" * 20, "no calendar", "A:B\n" * 60_000):
            with self.subTest(text[:20]):
                (card,) = self.cards(self.invite(text, subject=f"Broken {len(text)}"))
                self.assertIn("Download it and open it in a calendar", card["problem"])
                self.assertNotIn("summary", card)

    def test_who_invites_for_somebody_else_is_told(self):
        card = self.card(**{"from": "Eve <e@evil.example>"})
        self.assertEqual(card["other_organizer"], ANNA)
        self.assertEqual(self.card(subject="Own")["other_organizer"], "")

    def test_an_attached_invitation_is_shown_without_buttons(self):
        outer = write_mail("Forwarded", "See below")
        outer.add_attachment(write_invitation(GOOGLE))
        message = self.deliver(self.mailbox, outer).mailbox_message_id
        part = message.part_ids.with_user(self.member)
        (card,) = part.get_view_data()["invitations"]
        self.assertEqual(card["summary"], "Budget call")
        self.assertFalse(card["may_reply"] or card["hint"])


@tagged("post_install", "-at_install")
class TestInvitationReply(InvitationCase):
    def test_the_organizer_gets_what_calendars_read(self):
        message = self.invite(OUTLOOK)
        (card,) = self.reply(message)["invitations"]
        self.assertEqual(card["replies"][0]["answer"], "accepted")
        self.assertEqual(card["replies"][0]["state"], "waiting")
        (received,) = self.run_outbox()
        self.assertEqual(received.rcpt_to, (ANNA,))
        mail = received.message
        self.assertIn("office@spedbud.example", mail["From"])
        self.assertEqual(mail["Subject"], "Accepted: Przegląd ofert; etap 2")
        self.assertEqual(mail["In-Reply-To"], message.message_id)
        self.assertIn("has accepted", received.text)
        (part,) = [p for p in mail.walk() if p.get_content_type() == "text/calendar"]
        self.assertEqual(part.get_param("method"), "REPLY")
        self.assertEqual(part.get_content_charset(), "utf-8")
        self.assertEqual(mail.get_content_type(), "multipart/alternative")
        read = vobject.readOne(part.get_content())
        self.assertEqual(read.method.value, "REPLY")
        (attendee,) = read.vevent.attendee_list
        self.assertEqual(attendee.value, "mailto:office@spedbud.example")
        self.assertEqual(attendee.params["PARTSTAT"], ["ACCEPTED"])
        self.assertEqual(attendee.params["CN"], [self.member.name])
        (card,) = self.cards(message)
        self.assertEqual(card["replies"][0]["state"], "sent")

    def test_each_answer_and_a_change_of_mind(self):
        message = self.invite()
        for answer, status in (("tentative", "TENTATIVE"), ("declined", "DECLINED")):
            self.reply(message, answer)
            (received,) = self.run_outbox()
            self.assertIn(f"PARTSTAT={status}".encode(), received.content)
            (card,) = self.cards(message)
            self.assertEqual([one["answer"] for one in card["replies"]], [answer])

    def test_who_may_not_send_from_it_cannot_reply(self):
        message = self.invite()
        self.mailbox.user_ids = [Command.link(self.colleague.id)]
        self.mailbox.write(
            {"restrict_senders": True, "sender_ids": [Command.set(self.colleague.ids)]}
        )
        (card,) = self.cards(message)
        self.assertEqual(card["may_reply"], [])
        self.assertIn("None of the addresses", card["hint"])
        with self.assertRaises(UserError):
            self.reply(message)
        self.assertEqual(
            self.card(subject="Other", user=self.colleague)["may_reply"],
            ["office@spedbud.example"],
        )

    def test_the_gate_is_asked_again_when_it_leaves(self):
        self.reply(self.invite())
        self.mailbox.write(
            {"restrict_senders": True, "sender_ids": [Command.set(self.colleague.ids)]}
        )
        self.env.flush_all()
        self.assertFalse(self.run_outbox())

    def test_who_may_not_read_it_cannot_reply(self):
        message = self.invite()
        with self.assertRaises(AccessError):
            self.reply(message, user=self.outsider)
        self.assertFalse(self.env["mail.mailbox.outbox"].search_count([]))

    def test_replies_are_read_by_who_reads_the_invitation(self):
        message = self.invite()
        self.reply(message)
        replies = self.env["mail.mailbox.invitation.reply"]
        self.assertTrue(replies.with_user(self.member).search([]))
        self.assertFalse(replies.with_user(self.outsider).search([]))
        row = replies.search([])
        with self.assertRaises(AccessError):
            row.with_user(self.member).write({"answer": "declined"})
        with self.assertRaises(AccessError):
            row.with_user(self.outsider).read(["answer"])

    def test_only_who_is_invited_can_reply(self):
        other = GOOGLE.replace("office@spedbud.example", "else@spedbud.example")
        (card,) = self.cards(message := self.invite(other))
        self.assertEqual(card["may_reply"], [])
        with self.assertRaises(UserError):
            self.reply(message)
        with self.assertRaises(UserError):
            self.reply(self.invite(subject="x"), email="else@spedbud.example")

    def test_an_archived_mailbox_of_the_same_address_stands_in_nobody_s_way(self):
        former = self.make_mailbox("former@spedbud.example", self.member)
        former.active = False
        self.env["mail.mailbox.address"].create(
            {"mailbox_id": former.id, "email": "office@spedbud.example"}
        )
        card = self.card(user=self.member)
        self.assertEqual(card["may_reply"], ["office@spedbud.example"])

    def test_who_invites_does_not_reply(self):
        own = GOOGLE.replace(ANNA, "office@spedbud.example")
        self.assertEqual(self.card(own)["may_reply"], [])

    def test_an_alias_that_is_invited_replies(self):
        self.mailbox.alias_ids = [Command.create({"email": "sales@spedbud.example"})]
        alias = self.mailbox.alias_ids
        alias.approval = False
        with patch.object(type(alias), "is_proven", True):
            message = self.invite(
                GOOGLE.replace("office@spedbud.example", "sales@spedbud.example")
            )
            self.assertEqual(
                self.cards(message)[0]["may_reply"], ["sales@spedbud.example"]
            )

    def test_what_is_taken_back_was_not_replied(self):
        message = self.invite()
        self.reply(message)
        row = self.env["mail.mailbox.outbox"].search([])
        with self.assertRaises(UserError):
            row.with_user(self.member).action_edit()
        with self.assertRaises(AccessError):
            row.with_user(self.outsider).action_edit()
        row.with_user(self.member).action_cancel()
        self.assertFalse(self.cards(message)[0]["replies"])
        self.assertFalse(self.run_outbox())

    def test_nothing_leaves_without_a_click(self):
        self.cards(self.invite())
        self.assertFalse(self.run_outbox())

    def test_no_other_part_is_replied_to(self):
        message = self.invite(CANCEL, method="CANCEL")
        with self.assertRaises(UserError):
            self.reply(message)
        with self.assertRaises(UserError):
            message.with_user(self.member).reply_to_invitation(2**30, "accepted")

    @mute_logger("odoo.addons.mail_mailbox_archive")
    def test_what_was_sent_lies_in_the_queue_as_it_left(self):
        self.reply(self.invite())
        (received,) = self.run_outbox()
        row = self.env["mail.mailbox.outbox"].search([])
        self.assertEqual(row.state, "sent")
        self.assertFalse(row.calendar)
        source = row.mailbox_message_id._read_source()
        self.assertIn(b"text/calendar", source)
        self.assertTrue(received.content.rstrip().endswith(source.rstrip()[-200:]))
