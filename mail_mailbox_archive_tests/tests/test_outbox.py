"""The outbox, step by step: who may, what a worker that died leaves, what is told."""

import base64
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from unittest.mock import patch

import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.sql_db import db_connect
from odoo.tests import tagged
from odoo.tools import SQL, config, mute_logger
from odoo.tools.misc import file_path

from odoo.addons.mail_mailbox_archive.mailcore.errors import SendDeferred
from odoo.addons.mail_mailbox_archive.mailcore.send.delivery import DeliveryEvent
from odoo.addons.mail_mailbox_archive.models.mailbox import work
from odoo.addons.mail_mailbox_archive.models.sending import (
    outbox_outcome,
    outbox_run,
)
from odoo.addons.mail_mailbox_archive.models.sending.dispatch import MAX_TRIES, Entry
from odoo.addons.mail_mailbox_archive.models.sending.outbox import HERE
from odoo.addons.mail_mailbox_archive.models.sending.outbox_run import Run, Stopped

from .sending import SendingCase

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAA"
    "AABJRU5ErkJggg=="
)
BASE = "http://odoo.spedbud.example"


class OutboxCase(SendingCase):
    def queue_draft(self, draft, **values):
        """Press Send; return the row, with all rights, not sent yet."""
        action = draft.action_send(**values)
        number = action["params"]["outbox_id"]
        return self.env["mail.mailbox.outbox"].sudo().browse(number)

    def attach(self, draft, name="a.txt", **values):
        given = {"name": name, "raw": b"hello", "res_model": draft._name}
        files = self.env["ir.attachment"].with_user(draft.create_uid)
        one = files.create({**given, "res_id": draft.id, **values})
        draft.attachment_ids = [Command.link(one.id)]
        return one


@tagged("post_install", "-at_install")
class TestOutbox(OutboxCase):
    """One mail after the other."""

    def test_nothing_but_the_outbox_holds_what_was_written(self):
        before = self.env["mail.mail"].search_count([])
        row = self.send_draft(self.write_draft())
        self.assertEqual(row.state, "sent")
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertFalse(row.body)
        self.assertEqual(row.mailbox_message_id.message_id, row.message_id)

    def test_a_worker_that_died_before_the_first_byte_is_made_up_for(self):
        row = self.queue_draft(self.write_draft())
        self.claim(row)
        row.state = "sending"
        self.work_off()
        self.assertEqual(row.state, "sent")
        (received,) = self.smtp.take()
        self.assertEqual(received.message["Message-ID"], row.message_id)

    def test_a_worker_that_died_after_the_first_byte_is_asked_about(self):
        row = self.queue_draft(self.write_draft())
        self.claim(row)
        row.write({"state": "sending", "intended_at": fields.Datetime.now()})
        self.work_off()
        self.assertEqual((row.state, row.uncertain), ("failed", True))
        self.assertFalse(self.smtp.take())
        activity = self.mailbox.activity_ids.filtered(
            lambda one: one.user_id == self.member
        )
        self.assertIn("It is not known", activity.summary)
        row.with_user(self.member).action_send_now()
        self.work_off()
        self.assertEqual(row.state, "sent")
        self.assertEqual(len(self.smtp.take()), 1)

    def claim(self, row):
        """Claim a row as a worker that is no more."""
        host, pid, started, _run = work.owner().split(":")
        row.write(
            {
                "claimed_until": fields.Datetime.now() + timedelta(minutes=5),
                "claimed_by": f"{host}:{pid}:{started}:999999",
                "claim_token": 7,
            }
        )

    def test_a_worker_past_its_lease_hands_nothing_over(self):
        row = self.queue_draft(self.write_draft())
        outbox = self.env["mail.mailbox.outbox"].sudo()
        with work.running():
            _mailbox, _ids, token = outbox._claim([])
            row.state = "sending"
            self.env.flush_all()
            row._intend(token)
            with self.assertRaises(Stopped):
                row._intend(token + 1)
            row.state = "waiting"
            self.env.flush_all()
            with self.assertRaises(Stopped):
                row._intend(token)

    def test_what_left_and_was_not_listed_is_listed_later(self):
        row = self.queue_draft(self.write_draft())
        result = {"address": "anna@spostex.example", "status": "accepted"}
        result |= {"reason": "", "provider_id": ""}
        row.write({"state": "sent", "results": [result]})
        self.work_off()
        self.assertTrue(row.kept)
        self.assertEqual(row.mailbox_message_id.subject, "Offer")
        self.assertFalse(self.smtp.take())

    def test_an_event_of_an_uncertain_mail_settles_it(self):
        row = self.queue_draft(self.write_draft())
        row._note_uncertain("Uncertain: who knows")
        event = DeliveryEvent(
            "e1",
            row.message_id,
            "anna@spostex.example",
            "delivered",
            "",
            datetime.now(timezone.utc),
        )
        deliveries = self.env["mail.mailbox.delivery"].sudo()
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        deliveries._take_in([event], [("mailbox_id", "=", other.id)])
        self.assertTrue(row.uncertain, "another mailbox tells nothing of it")
        event = replace(event, event_id="e2")
        deliveries._take_in([event], [("mailbox_id", "=", self.mailbox.id)])
        self.assertEqual((row.state, row.uncertain), ("sent", False))
        self.assertEqual(row.mailbox_message_id.delivery_state, "delivered")
        self.assertFalse(self.smtp.take())

    def test_a_file_that_is_gone_keeps_the_mail_here(self):
        draft = self.write_draft()
        file = self.attach(draft)
        row = self.queue_draft(draft)
        self.env.cr.execute(
            "UPDATE ir_attachment SET store_fname = 'no/such' WHERE id = %s", [file.id]
        )
        self.env.invalidate_all()
        self.work_off()
        self.assertEqual(row.state, "failed")
        self.assertIn("a.txt", row.reason)
        self.assertFalse(self.smtp.take())

    def test_gate_is_asked_again_when_it_leaves(self):
        row = self.queue_draft(self.write_draft())
        self.mailbox.write({"restrict_senders": True})
        self.work_off()
        self.assertEqual(row.state, "failed")
        self.assertIn("may not send", row.reason)
        self.assertFalse(self.smtp.take())
        with self.assertRaises(AccessError):
            row.with_user(self.member).action_send_now()

    def test_a_writer_who_lost_everything_stops_nobody(self):
        """Whatever was taken from them meanwhile, nothing of theirs leaves."""
        nobody = [Command.set(self.colleague.ids)]
        user = [Command.set(self.env.ref("base.group_user").ids)]
        alone = {"user_ids": nobody, "restrict_senders": True, "sender_ids": nobody}
        open_again = {"user_ids": [Command.link(self.member.id)]}
        takes = {
            "the mailbox": lambda: self.mailbox.write(alone),
            "the right to use mail": lambda: self.member.write({"group_ids": user}),
            "the account": lambda: self.member.write({"active": False}),
        }
        groups = self.member.group_ids
        self.mailbox.responsible_id = self.colleague
        for name, take in takes.items():
            self.mailbox.write({**open_again, "restrict_senders": False})
            self.member.group_ids = groups
            with self.subTest(name):
                lost = self.queue_draft(self.write_draft())
                broken = self.queue_draft(self.write_draft())
                broken.write({"state": "sending", "intended_at": lost.create_date})
                theirs = self.queue_draft(self.write_draft(self.colleague))
                take()
                self.work_off()
                self.assertEqual(lost.state, "failed")
                self.assertIn("may no", lost.reason)
                self.assertEqual((broken.state, broken.uncertain), ("failed", True))
                self.assertEqual(theirs.state, "sent")
                self.assertEqual(len(self.smtp.take()), 1)

    def test_later_means_later_and_the_same_mail(self):
        self.smtp.answer = "451 4.3.0 busy"
        row = self.send_draft(self.write_draft())
        self.assertEqual((row.state, row.tries), ("waiting", 1))
        self.assertIn("busy", row.reason)
        wait = row.due_at - fields.Datetime.now()
        self.assertTrue(timedelta(minutes=4) < wait <= timedelta(minutes=5))
        self.smtp.answer = None
        row.due_at = fields.Datetime.now()
        date = row._build()["Date"]
        self.work_off()
        (received,) = self.smtp.take()
        self.assertEqual(received.message["Message-ID"], row.message_id)
        self.assertEqual(received.message["Date"], date)

    def test_after_five_days_it_is_given_up(self):
        self.smtp.answer = "451 4.3.0 busy"
        row = self.send_draft(self.write_draft())
        row.due_at = fields.Datetime.now()
        row.tried_since = fields.Datetime.now() - timedelta(days=5, hours=1)
        self.work_off()
        self.assertEqual(row.state, "failed")
        self.assertIn("busy", row.reason)

    def test_who_is_gone_has_heirs(self):
        later = fields.Datetime.now() + timedelta(days=1)
        row = self.queue_draft(self.write_draft(), send_at=later)
        other = self.queue_draft(self.write_draft(), send_at=later)
        self.mailbox.user_ids |= self.colleague
        theirs = row.with_user(self.colleague)
        self.assertEqual(theirs.subject, "Offer")
        self.assertFalse(theirs.is_mine)
        with self.assertRaises(AccessError):
            theirs.action_cancel()
        self.member.group_ids = self.env.ref("base.group_user")
        self.env.invalidate_all()
        self.assertTrue(theirs.is_mine)
        with self.assertRaisesRegex(UserError, "send it as their own"):
            theirs.action_send_now()
        draft = theirs._edit()
        draft.send_at = False
        self.assertEqual(self.send_draft(draft).user_id, self.colleague)
        self.assertEqual(len(self.smtp.take()), 1)
        self.member.active = False
        other.with_user(self.colleague).action_cancel()
        self.assertEqual(other.state, "cancelled")

    def test_what_some_have_is_taken_back_for_the_others_alone(self):
        """Also pressed twice, and while it waits for those who said "later"."""
        both = "anna@spostex.example, ola@spostex.example"
        for answer, state in (("451 busy", "waiting"), ("550 nobody", "partly")):
            self.smtp.answers = {"ola@spostex.example": answer}
            cancelled = self.send_draft(self.write_draft(email_to=both))
            row = self.send_draft(self.write_draft(email_to=both))
            self.assertEqual((cancelled.state, row.state), (state, state))
            self.smtp.answers = {}
            mine = row.with_user(self.member)
            draft = mine._edit()
            with self.assertRaisesRegex(UserError, "already a draft"):
                mine.action_edit()
            with self.assertRaisesRegex(UserError, "does not need"):
                mine.action_send_now()
            self.assertEqual(self.send_draft(draft).state, "sent")
            if state == "waiting":
                cancelled.with_user(self.member).action_cancel()
            (cancelled | row).due_at = fields.Datetime.now()
            self.work_off()
            self.assertEqual((cancelled.state, row.state), ("partly", "partly"))
            got = [one.rcpt_to for one in self.smtp.take()]
            anna, ola = ("anna@spostex.example",), ("ola@spostex.example",)
            self.assertEqual(got, [anna, anna, ola], "each once")
            # who cancelled may still change their mind
            cancelled.with_user(self.member).action_send_now()
            self.work_off()
            self.assertEqual(cancelled.state, "sent")
            self.assertEqual([one.rcpt_to for one in self.smtp.take()], [ola])

    def test_who_is_left_stays_in_the_header_it_was_written_to(self):
        """A hidden recipient whom the server refused is hidden in the draft as well."""
        left = {
            "email_to": "Ola Lis <ola@spostex.example>",
            "email_cc": "piotr@spostex.example",
            "email_bcc": "Rada <rada@tajne.example>",
        }
        refused = ("ola@spostex.example", "piotr@spostex.example", "rada@tajne.example")
        self.smtp.answers = dict.fromkeys(refused, "550 nobody")
        everybody = {**left, "email_to": f"anna@spostex.example, {left['email_to']}"}
        row = self.send_draft(self.write_draft(**everybody))
        self.assertEqual(row.state, "partly")
        draft = row.with_user(self.member)._edit()
        self.assertEqual({name: draft[name] for name in left}, left)
        self.smtp.answers = {}
        self.smtp.take()
        self.send_draft(draft)
        for got in self.smtp.take():
            self.assertNotIn("rada", got.message.as_string())

    def test_sent_again_it_is_the_same_mail(self):
        """Also for a mailbox of ours among those who get it later."""
        both = "anna@spostex.example, ola@spostex.example"
        refused = {"ola@spostex.example": "550 nobody"}
        yesterday = fields.Datetime.now() - timedelta(days=1)
        for answers, same in (
            (refused, True),
            (refused | {"anna@spostex.example": "550 nobody"}, False),
        ):
            self.smtp.answers = answers
            row = self.send_draft(self.write_draft(email_to=both))
            row.write({"tried_since": yesterday, "dated_at": yesterday})
            self.smtp.answers = {}
            self.smtp.take()
            row.with_user(self.member).action_send_now()
            self.work_off()
            (received,) = self.smtp.take()
            date = received.message["Date"].datetime.replace(tzinfo=None)
            with self.subTest(same=same):
                self.assertEqual(row.state, "sent")
                self.assertEqual(date == yesterday, same)
                self.assertGreater(row.tried_since, yesterday, "patient once more")

    def test_who_gets_it_later_is_noted_as_well(self):
        both = "anna@spostex.example, ola@spostex.example"
        self.smtp.answers = {"ola@spostex.example": "451 busy"}
        draft = self.write_draft(email_to=both)
        self.attach(draft)
        row = self.send_draft(draft)
        message = row.mailbox_message_id
        deliveries = self.env["mail.mailbox.delivery"].search(
            [("mailbox_message_id", "=", message.id)]
        )
        self.assertEqual(
            (row.state, sorted(deliveries.mapped("state"))),
            ("waiting", ["accepted", "deferred"]),
        )
        self.smtp.answers = {}
        row.due_at = fields.Datetime.now()
        self.work_off()
        self.assertEqual((row.state, row.mailbox_message_id), ("sent", message))
        self.assertEqual(deliveries.mapped("state"), ["accepted"] * 2)
        self.assertFalse(row.body or row.attachment_ids, "one copy is enough")
        self.assertEqual(len(message.arrival_ids), 1)

    def test_what_is_sent_together_is_listed_together(self):
        """Each by itself where one of them fails, and none is forgotten."""
        rows, asked = self.env["mail.mailbox.outbox"].sudo(), []
        messages = type(self.env["mail.mailbox.message"])
        create = messages.create

        def note(model, vals_list):
            asked.append(len(vals_list))
            return create(model, vals_list)

        self.patch(messages, "create", note)
        rows = rows.browse(
            self.queue_draft(self.write_draft()).id for _number in range(5)
        )
        self.work_off()
        self.assertEqual((rows.mapped("kept"), asked), ([True] * 5, [5]))
        asked.clear()
        rows = rows.browse(
            self.queue_draft(self.write_draft()).id for _number in range(3)
        )
        self.lose_file_of(rows[1])
        with mute_logger(outbox_run.__name__):
            self.work_off()
        self.assertEqual((rows.mapped("kept"), asked), ([True, False, True], [1, 1]))
        self.assertEqual(rows.mapped("keep_tries"), [0, 1, 0])

    def test_limit_of_an_hour_counts_what_is_not_listed_yet(self):
        """And what leaves meanwhile from other mailboxes of the account."""
        self.mailbox.hourly_limit = 2
        rows = [self.queue_draft(self.write_draft()) for _number in range(5)]
        self.work_off()
        self.assertEqual(len(self.smtp.take()), 2)
        states = [row.state for row in rows]
        self.assertEqual(states, ["sent"] * 2 + ["waiting"] * 3)
        self.assertTrue(rows[-1].due_at > fields.Datetime.now())
        account = self.env["mail.mailbox.sending.account"].create(
            {
                "name": "One for all",
                "provider": "sendgrid",
                "api_key": "SG.x",
                "hourly_limit": 1,
            }
        )
        values = {"provider": "sendgrid", "sending_account_id": account.id}
        self.mailbox.write({**values, "hourly_limit": 0})
        soon = fields.Datetime.now() + timedelta(minutes=1)
        rows[2].write({"state": "sending", "claimed_until": soon})
        self.env.flush_all()
        self.mailbox._check_rate(asking=rows[2].id)
        with self.assertRaises(SendDeferred):
            self.mailbox._check_rate(asking=rows[3].id)

    def test_uncertain_and_cancelled_is_still_its_writers(self):
        row = self.queue_draft(self.write_draft())
        row._note_uncertain("cut")
        mine = row.with_user(self.member)
        self.assertEqual(mine.status, "Uncertain")
        mine.action_cancel()
        self.assertEqual(mine.status, "Cancelled")
        with self.assertRaisesRegex(UserError, "not known"):
            mine.action_edit()
        mine.action_send_now()
        self.work_off()
        self.assertEqual((row.state, row.uncertain), ("sent", False))
        self.assertEqual(len(self.smtp.take()), 1)

    def test_a_moment_that_is_none_is_refused_in_words(self):
        """By each way in that takes one, as a person and a program may give it."""
        junk = ("tomorrow", "2099-13-01 00:00:00", "9999-12-31 23:59:59", 5, [1])
        self.member.tz = "Asia/Tokyo"
        draft = self.write_draft()
        ways = {
            "argument": lambda value: draft.action_send(send_at=value),
            "write": lambda value: draft.write({"send_at": value}),
            "create": lambda value: draft.create({"send_at": value}),
        }
        for name, way in ways.items():
            for value in junk:
                with (
                    self.subTest(name, value=value),
                    self.assertRaisesRegex(UserError, "not a date and time"),
                ):
                    way(value)

    def test_stopped_while_its_server_is_talked_to(self):
        row = self.queue_draft(self.write_draft())

        def stop(sink):
            self.fail("it was stopped before its first byte")

        self.smtp.answer = stop
        answer = Run._answer

        def cancel_first(run, line, asked):
            run._on_rows("write", row.id, {"state": "cancelled"})
            answer(run, line, asked)

        with patch.object(Run, "_answer", cancel_first):
            self.work_off()
        self.assertEqual(row.state, "cancelled")
        self.assertFalse(self.smtp.take())

    def fail_in(self, name, error, times):
        """Have a step of the outbox fail some times; return how often it was asked."""
        asked, step = [], getattr(type(self.env["mail.mailbox.outbox"]), name)

        def failing(row, *arguments):
            asked.append(name)
            result = step(row, *arguments)
            if len(asked) <= times:
                raise error
            return result

        self.patch(type(self.env["mail.mailbox.outbox"]), name, failing)
        return asked

    def test_a_database_that_fails_costs_no_mail(self):
        """Before the first byte it waits; after the last one it is noted all the same.

        Each step is done again when another transaction was faster, or the database
        was away for a moment; no mail is given up for it, and none is sent twice.
        """
        self.patch(outbox_run, "PAUSES", (0, 0, 0))
        self.patch(outbox_outcome, "PUT_OFF", timedelta())
        faults = (
            psycopg2.errors.SerializationFailure("could not serialize"),
            psycopg2.OperationalError("server closed the connection"),
        )
        for name in ("_begin", "_intend", "_note_result", "_keep_sent"):
            for fault, times in zip(faults, (7, 2), strict=True):
                with (
                    self.subTest(name, fault=fault),
                    mute_logger(outbox_run.__name__),
                ):
                    row = self.queue_draft(self.write_draft())
                    asked = self.fail_in(name, fault, times)
                    for _run in range(3):
                        self.work_off()
                    self.assertGreater(len(asked), times)
                    self.assertEqual((row.state, row.uncertain), ("sent", False))
                    self.assertTrue(row.kept)
                    self.assertEqual(len(self.smtp.take()), 1)

    def test_what_cannot_be_listed_holds_nothing_up(self):
        stuck = self.queue_draft(self.write_draft())
        result = {"address": "anna@spostex.example", "status": "accepted"}
        result |= {"reason": "", "provider_id": ""}
        stuck.write({"state": "sent", "results": [result]})
        self.lose_file_of(stuck)
        row = self.queue_draft(self.write_draft())
        with mute_logger(outbox_run.__name__):
            for _run in range(MAX_TRIES + 2):
                self.work_off()
        self.assertEqual((row.state, row.kept), ("sent", True))
        self.assertEqual((stuck.kept, stuck.keep_tries), (False, MAX_TRIES))

    def lose_file_of(self, broken):
        """Have what was sent of one mail not be read any more."""
        entry_of, message_id = Entry.of, broken.message_id

        def of(mailbox, outgoing, *given):
            if outgoing.message_id == message_id:
                raise UserError(self.env._("its file is gone"))
            return entry_of(mailbox, outgoing, *given)

        self.patch(Entry, "of", of)

    def test_moment_to_undo_is_a_setting(self):
        settings = self.env["res.config.settings"]
        for seconds in (0, 25, 60):
            settings.create({"mailbox_undo_seconds": seconds}).execute()
            self.assertEqual(settings.create({}).mailbox_undo_seconds, seconds)
            draft = self.write_draft().with_context(mailbox_undo=True)
            pressed = datetime.now(timezone.utc).replace(tzinfo=None)
            row = self.queue_draft(draft)
            self.assertEqual(row.state, "scheduled" if seconds else "waiting")
            if seconds:
                least = pressed + timedelta(seconds=seconds)
                self.assertGreaterEqual(row.due_at, least, "all of it")
                # as old as its transaction, which is the test's here
                self.env.cr.execute(
                    "UPDATE mail_mailbox_outbox SET create_date = %s WHERE id = %s",
                    [pressed, row.id],
                )
                row.invalidate_recordset()
                self.assertFalse(row._was_planned())
                shown = row._get_sent_action()["params"]["undo"]
                self.assertTrue(seconds - 2 <= shown <= seconds, shown)
        with self.assertRaises(ValidationError):
            settings.create({"mailbox_undo_seconds": 61})
        self.assertEqual(self.queue_draft(self.write_draft()).state, "waiting")

    def test_no_worker_at_all_is_said(self):
        self.assertFalse(self.mailbox.schedule_problem)
        with patch.dict(config.options, {"max_cron_threads": 0}):
            self.mailbox.invalidate_recordset(["schedule_problem"])
            self.assertIn("max_cron_threads", self.mailbox.schedule_problem)
            params = self.write_draft().action_send()["params"]
            self.assertIn("max_cron_threads", params["message"])
            # another server of the same database runs them
            cron = self.env.ref("mail_mailbox_archive.ir_cron_outbox")
            cron.lastcall = fields.Datetime.now() + timedelta(minutes=1)
            self.mailbox.invalidate_recordset(["schedule_problem"])
            self.assertFalse(self.mailbox.schedule_problem)

    def test_one_run_is_not_repeated_in_the_same_breath(self):
        """Ten of them take longer than a worker may: it is killed amid a mail."""
        self.queue_draft(self.write_draft())
        cron = self.env.ref("mail_mailbox_archive.ir_cron_outbox")
        outbox = self.env["mail.mailbox.outbox"].with_context(cron_id=cron.id).sudo()
        crons, triggers = type(cron), self.env["ir.cron.trigger"]
        triggers.search([("cron_id", "=", cron.id)]).unlink()
        with (
            patch.object(type(outbox), "_work_off", lambda _outbox: 0),
            patch.object(crons, "_commit_progress") as progress,
        ):
            outbox._cron_send()
        self.assertEqual(progress.call_args.kwargs["remaining"], 0)
        self.assertTrue(triggers.search([("cron_id", "=", cron.id)]))

    def test_before_all_other_scheduled_actions(self):
        cron = self.env.ref("mail_mailbox_archive.ir_cron_outbox")
        others = self.env["ir.cron"].with_context(active_test=False).search([])
        others -= cron
        self.assertLess(cron.priority, min(others.mapped("priority")))

    def test_all_workers_but_one_wait_for_other_servers(self):
        for threads, places in ((0, 1), (1, 1), (2, 1), (4, 3)):
            with (
                self.subTest(threads),
                patch.dict(config.options, {"max_cron_threads": threads}),
            ):
                self.assertEqual(work.count_places(), places)

    def test_a_copy_of_the_database_sends_nothing_of_it(self):
        row = self.queue_draft(self.write_draft())
        self.env.flush_all()
        path = file_path("mail_mailbox_archive/data/neutralize.sql")
        self.env.cr.execute(Path(path).read_text())
        self.env.invalidate_all()
        self.assertEqual(row.state, "cancelled")

    def test_a_copy_that_nobody_neutralised_sends_nothing_of_it(self):
        """Whatever its state was then; its writer decides."""
        later = fields.Datetime.now() + timedelta(days=1)
        rows = self.queue_draft(self.write_draft())
        rows |= self.queue_draft(self.write_draft(), send_at=later)
        rows |= self.queue_draft(self.write_draft())
        self.claim(rows[-1])
        rows[-1].state = "sending"
        rows.due_at = fields.Datetime.now()
        rows.written_in = "1.2"
        self.env.flush_all()
        self.assertFalse(rows._claim([]), "also between two runs")
        self.work_off()
        self.assertFalse(self.smtp.take())
        self.assertEqual(set(rows.mapped("state")), {"failed"})
        self.assertEqual(rows.mapped("uncertain"), [True] * 3)
        self.assertIn("copied", rows[0].reason)
        rows.with_user(self.member).action_send_now()
        self.work_off()
        self.assertEqual(set(rows.mapped("state")), {"sent"})
        self.assertEqual(len(self.smtp.take()), 3)

    def test_a_copy_is_another_database(self):
        here = self.env["mail.mailbox.outbox"]._get_here()
        with db_connect("postgres").cursor() as cr:
            cr.execute(SQL("SELECT %s", HERE))
            self.assertNotIn(here, [None, cr.fetchone()[0]])


@tagged("post_install", "-at_install")
class TestOwnPlaces(OutboxCase):
    """What of this server may be in a mail: nothing but public pages, without keys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.config_parameter"].set_param("web.base.url", BASE)

    def clean(self, markup, kept=lambda *_found: "cid:x"):
        mailbox = self.mailbox.with_user(self.member)
        return mailbox._clean_own_places(markup, kept)

    def test_pictures_by_each_address(self):
        draft = self.write_draft()
        values = {"raw": base64.b64decode(PIXEL), "mimetype": "image/png"}
        one = self.attach(draft, "p.png", **values).id
        ways = (
            f"/web/image/{one}",
            f"/web/image/{one}/p.png",
            f"/web/image/{one}-abcdef/p.png",
            f"/web/image/{one}/100x100",
            f"/web/image/ir.attachment/{one}/raw",
            f"/web/image/ir.attachment/{one}/datas/p.png",
            f"/web/image?model=ir.attachment&id={one}&field=raw",
            f"/web/content/{one}",
            f"/web/content/{one}?access_token=abc&download=true",
            "/web/static/img/odoo_logo.svg",
            f"/web/image/res.partner/{self.member.partner_id.id}/avatar_128",
        )
        for url in (*ways, *(BASE + way for way in ways)):
            with self.subTest(url):
                image = f'<img src="{url.replace("&", "&amp;")}">'
                self.assertEqual(self.clean(image), '<img src="cid:x">')

    def test_pictures_one_may_not_see_are_not_sent_around(self):
        hidden = self.env["ir.attachment"].create(
            {
                "name": "h.png",
                "raw": base64.b64decode(PIXEL),
                "res_model": "ir.cron",
                "res_id": 1,
            }
        )
        for url in (
            f"/web/image/{hidden.id}",
            "/web/image/999999999",
            "/web/image/no.such.model/1/raw",
            "/web/session/logout",
            "/mail/track/1/abc/blank.gif",
            "../../../etc/passwd",
            "/web/static/../../../../etc/passwd.png",
        ):
            with self.subTest(url):
                self.assertEqual(self.clean(f'<img src="{url}" alt="A">B'), "AB")

    def test_other_ways_to_name_this_server(self):
        token = "?access_token=3f2a&amp;x=1"
        for markup, wanted in (
            (f'<a href="/web/content/5{token}">f</a>', "<a>f</a>"),
            (f'<a href="{BASE}/web/content/5{token}">f</a>', "<a>f</a>"),
            (f'<a href="{BASE}/odoo/contacts/5">f</a>', "<a>f</a>"),
            (f'<a href="{BASE.upper()}/WEB#id=5">f</a>', None),
            (f'<a href="{BASE}/shop">f</a>', f'<a href="{BASE}/shop">f</a>'),
            (f'<a href="{BASE}/my/5{token}">f</a>', f'<a href="{BASE}/my/5?x=1">f</a>'),
            ('<a href="https://x.example/web?access_token=1">f</a>', None),
            ('<p style="color: red; background: url(/web/image/5)">f</p>', None),
            (f'<p style="background: url({BASE}/web/image/5); color: red">f</p>', None),
            (f'<p data-original-src="{BASE}/web/image/5">f</p>', "<p>f</p>"),
            ('<p data-src="/web/image/5">f</p>', "<p>f</p>"),
            (f'<table background="{BASE}/web/image/5"></table>', "<table></table>"),
            (f"<p>see {BASE}/my/5?access_token=3f2a</p>", f"<p>see {BASE}/my/5</p>"),
        ):
            with self.subTest(markup):
                cleaned = self.clean(markup)
                if wanted is not None:
                    self.assertEqual(cleaned, wanted)
                if "x.example" in markup:
                    self.assertEqual(cleaned, markup)
                    continue
                self.assertNotIn("3f2a", cleaned)
                self.assertNotIn("/web", cleaned.lower())

    def test_in_mail_of_templates_and_chatter_as_well(self):
        image = {"raw": base64.b64decode(PIXEL), "mimetype": "image/png"}
        files = self.env["ir.attachment"].with_user(self.member)
        one = files.create({"name": "p.png", **image})
        one.generate_access_token()
        self.send(body_html=f'<p>A <img src="/web/image/{one.id}?access_token=1"></p>')
        (received,) = self.smtp.take()
        self.assertNotIn("/web/image", received.html)
        self.assertIn("cid:", received.html)
        kinds = [part.get_content_type() for part in received.message.walk()]
        self.assertIn("image/png", kinds)

    def test_a_link_is_no_file(self):
        draft = self.write_draft()
        with self.assertRaisesRegex(UserError, "is a link"):
            self.attach(draft, type="url", url="https://x.example", raw=False,
                        res_model=False, res_id=False)  # fmt: skip
