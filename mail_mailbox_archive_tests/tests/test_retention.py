"""What retention rules remove, what they never do, and what a legal hold stops."""

import re
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreachable
from odoo.addons.mail_mailbox_archive.mailcore.imap.holding import Mark
from odoo.addons.mail_mailbox_archive.models.keeping import (
    retention_run as mail_mailbox_retention_run,
)

from .common import WARSAW_NOON, MailboxCase, clean_nightly, cron_time, write_mail

RUN = "odoo.addons.mail_mailbox_archive.models.keeping.retention_run"


class RetentionCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rules = cls.env["mail.mailbox.retention.rule"]
        cls.partner = cls.env["res.partner"].create({"name": "Spostex"})
        cls.mailbox.write({"imap_enabled": True, "imap_host": "imap.example"})
        cls.arrival = cls.deliver(cls.mailbox, subject="Old")
        cls.message = cls.arrival.mailbox_message_id

    def rule(self, user=None, **values):
        values = {"name": "Rule", "days": 30, **values}
        return self.rules.with_user(user or self.manager).create(values).sudo()

    def age(self, days, arrivals=None):
        moment = fields.Datetime.now() - timedelta(days=days)
        (arrivals or self.arrival).write(
            {"fetched_at": moment, "internal_date": moment}
        )

    def run_rule(
        self,
        rule,
        dry=False,
        held=None,
        error=None,
        deadline=None,
        sessions=None,
        between=lambda found: None,
    ):
        """Run a rule; the server holds what ``held`` changes of what we have.

        :param between: called with what each of its transactions has found
        """
        env = self.env(su=True)

        def transact(work):
            found = work(env)
            between(found)
            return found

        def find(_session, wanted):
            if error:
                raise error
            for (name, _validity), uids in wanted.items():
                for uid in uids:
                    yield name, uid, self.mark(name, uid, held or {})

        with (
            patch.object(
                type(self.mailbox), "_session__", sessions or (lambda mailbox: _Line)
            ),
            patch(f"{RUN}.find_held", find),
        ):
            return rule._run(dry, deadline, transact=transact)

    def mark(self, name, uid, changed):
        arrival = self.env["mail.mailbox.arrival"].search(
            [("folder_id.wire_name", "=", name), ("uid", "=", uid)], limit=1
        )
        ours = {
            "size": arrival.size,
            "internal_date": arrival.internal_date.replace(tzinfo=WARSAW_NOON.tzinfo)
            + timedelta(hours=1),
            "message_id": arrival.mailbox_message_id.message_id,
        }
        return Mark(**ours | changed)

    def gone(self):
        return not self.message.exists()


class _Line:
    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None


@tagged("post_install", "-at_install")
class TestRetention(RetentionCase):
    def test_there_is_no_rule_at_first(self):
        self.assertFalse(self.rules.with_context(active_test=False).search([]))
        self.age(4000)
        with cron_time(self.env):
            self.rules._cron_run()
        clean_nightly(self.env)
        self.assertFalse(self.gone())

    def test_preview_says_what_it_would_remove_now(self):
        rule = self.rule()
        self.assertEqual((rule.preview_count, rule.preview), (0, "Nothing"))
        self.age(40)
        rule.invalidate_recordset()
        self.assertEqual(rule.preview_count, 1)
        self.assertEqual(rule.preview_size, len(write_mail(subject="Old").as_bytes()))
        self.assertEqual(rule.preview_oldest, self.arrival.internal_date)
        self.assertFalse(self.gone())

    def test_what_the_server_holds_is_removed_and_logged(self):
        self.age(40)
        source = self.message._source_attachments()
        run = self.run_rule(self.rule())
        self.assertTrue(self.gone())
        self.assertFalse(self.arrival.exists())
        self.assertFalse(source.exists())
        self.assertEqual((run.removed, run.not_held, run.done), (1, 0, True))
        self.assertEqual(run.freed, len(write_mail(subject="Old").as_bytes()))

    def test_it_does_not_come_back_at_the_next_check(self):
        self.age(40)
        identity = self.message.identity
        self.run_rule(self.rule())
        tombstones = self.env["mail.mailbox.tombstone"].search([])
        self.assertEqual(tombstones.mapped("identity"), [identity])

    def test_dry_run_removes_nothing(self):
        self.age(40)
        run = self.run_rule(self.rule(), dry=True)
        self.assertFalse(self.gone())
        self.assertEqual((run.removed, run.dry), (1, True))
        self.assertRegex(run.summary, r"^Emails it would remove: 1 \([1-9]")

    def test_dry_run_that_finds_nothing_says_so(self):
        run = self.run_rule(self.rule(), dry=True)
        self.assertEqual(run.summary, "Emails it would remove: 0 (0 bytes)")

    def test_no_storage_is_said_in_words(self):
        self.env["mail.mailbox.space"].search([]).unlink()
        self.assertRegex(self.rule().space, "^0 bytes stored; 0 bytes saved")

    def test_what_the_server_holds_otherwise_stays(self):
        self.age(40)
        rule = self.rule()
        changes = (
            {"size": 1},
            {"message_id": "<other@spostex.example>"},
            {"internal_date": WARSAW_NOON - timedelta(days=400)},
        )
        for changed in changes:
            with self.subTest(changed=changed):
                run = self.run_rule(rule, held=changed)
                self.assertFalse(self.gone())
                self.assertEqual((run.removed, run.not_held), (0, 1))

    def test_no_answer_keeps(self):
        self.age(40)
        run = self.run_rule(self.rule(), error=Unreachable("timeout"))
        self.assertFalse(self.gone())
        self.assertEqual(run.not_held, 1)

    def test_what_no_server_has_is_no_candidate(self):
        self.age(40)
        self.env.flush_all()
        cases = {
            "imported, sent only": lambda: self.arrival.write(
                {"folder_id": False, "uid": 0}
            ),
            "deactivated": lambda: self.mailbox.write({"active": False}),
            "does not receive": lambda: self.mailbox.write({"imap_enabled": False}),
            "stopped": lambda: self.mailbox.write({"stopped": True}),
        }
        rule = self.rule()
        for name, change in cases.items():
            with self.subTest(name), self.env.cr.savepoint() as savepoint:
                change()
                rule.invalidate_recordset()
                self.assertEqual(rule.preview_count, 0)
                self.assertEqual(self.run_rule(rule).removed, 0)
                savepoint.rollback()
                self.env.invalidate_all()
        self.assertEqual(rule.preview_count, 1)

    def test_regardless_is_chosen_explicitly(self):
        self.assertTrue(self.rule().only_on_server)
        self.age(40)
        self.arrival.write({"folder_id": False, "uid": 0})
        self.run_rule(self.rule(only_on_server=False))
        self.assertTrue(self.gone())

    def test_what_somebody_archived_stays(self):
        self.age(40)
        self.message.with_user(self.member)._archive(self.partner)
        self.assertEqual(self.run_rule(self.rule(only_on_server=False)).removed, 0)
        self.assertFalse(self.gone())

    def test_archived_since_it_was_looked_up(self):
        self.age(40)
        rule = self.rule(only_on_server=False)

        def archive_then(found):
            if found == self.arrival.ids:
                self.message.with_user(self.member)._archive(self.partner)

        run = self.run_rule(rule, between=archive_then)
        self.assertFalse(self.gone())
        self.assertEqual((run.removed, run.skipped), (0, 1))

    def test_each_mailbox_by_itself(self):
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        second = self.deliver(other, subject="Old")
        self.age(40, self.arrival | second)
        self.run_rule(self.rule(mailbox_ids=self.mailbox.ids, only_on_server=False))
        self.assertFalse(self.arrival.exists())
        self.assertTrue(second.exists())
        self.assertFalse(self.gone())

    def test_as_old_as_it_is_here(self):
        """The first import of an old mailbox is not removed the night after."""
        self.arrival.internal_date = fields.Datetime.now() - timedelta(days=4000)
        self.assertEqual(self.rule(only_on_server=False).preview_count, 0)

    def test_private_mailboxes_are_their_peoples(self):
        self.age(40)
        self.mailbox.private = True
        rule = self.rule(only_on_server=False)
        self.assertEqual(rule.with_user(self.manager).preview_count, 0)
        self.assertEqual(self.run_rule(rule).removed, 0)
        with self.assertRaises(ValidationError):
            self.rule(mailbox_ids=self.mailbox.ids)
        self.mailbox.user_ids |= self.manager
        rule.invalidate_recordset()
        self.assertEqual(rule.with_user(self.manager).preview_count, 1)
        other = self.make_user("other_manager", "mail_mailbox_archive.group_manager")
        self.assertEqual(rule.with_user(other).preview_count, 0)
        self.assertEqual(self.run_rule(rule).removed, 1)

    def test_guest_of_a_private_mailbox_chooses_nothing(self):
        self.age(40)
        self.mailbox.private = True
        self.env["mail.mailbox.break.glass"].with_user(self.manager)._begin(
            self.mailbox,
            "Because of the audit",
            fields.Datetime.now() + timedelta(hours=1),
        )
        self.assertEqual(self.run_rule(self.rule(only_on_server=False)).removed, 0)

    def test_who_changes_a_rule_answers_for_it(self):
        rule = self.rule()
        other = self.make_user("other_manager", "mail_mailbox_archive.group_manager")
        rule.with_user(other).name = "Renamed"
        self.assertEqual(rule.user_id, self.manager)
        rule.with_user(other).days = 40
        self.assertEqual(rule.user_id, other)

    def test_only_administrators_choose_rules(self):
        with self.assertRaises(AccessError):
            self.rule(self.member)
        with self.assertRaises(AccessError):
            self.rule().run_ids.with_user(self.member).search([])

    def test_what_stays_does_not_keep_it_from_the_rest(self):
        """A run that the time ends goes on where it was, not at the beginning."""
        arrivals = self.arrival
        for number in range(5):
            arrivals |= self.deliver(self.mailbox, subject=f"Mail {number}")
        self.age(40, arrivals)
        rule, asked, moment = self.rule(), [], [0]

        def ask(found):
            if isinstance(found, list):
                asked.extend(found)
                moment[0] = 99

        # a server that has none of them any more
        elsewhere = {"held": {"size": 1}, "between": ask}
        with patch.object(mail_mailbox_retention_run, "PORTION", 2):
            for _night in range(3):
                moment[0] = 0
                with patch(f"{RUN}.time.monotonic", lambda: moment[0]):
                    run = self.run_rule(rule, deadline=1, **elsewhere)
                self.assertFalse(run.done)
            self.assertEqual(asked, sorted(arrivals.ids))
            self.assertTrue(self.run_rule(rule, **elsewhere).done)
            self.assertEqual(len(asked), 6)
            self.run_rule(rule, **elsewhere)
            self.assertEqual(len(asked), 12, "and then from the beginning again")

    def test_no_transaction_is_open_beside_the_batches(self):
        """Its snapshot would keep, in the whole database, all that goes meanwhile."""
        self.age(40)
        rule, told, inside = self.rule(only_on_server=False), [], []
        self.env.flush_all()
        kind, env = type(self.env.cr), self.env(su=True)
        execute = kind.execute

        def note(cr, query, *arguments, **options):
            if not inside:
                told.append(query)
            return execute(cr, query, *arguments, **options)

        def transact(work):
            inside.append(work)
            try:
                return work(env)
            finally:
                self.env.flush_all()
                inside.pop()

        with patch.object(kind, "execute", note):
            rule._run(transact=transact)
        self.assertEqual(told, [])
        self.assertTrue(self.gone())

    def test_each_rule_is_worked_off_once_a_day(self):
        rule = self.rule()
        self.assertTrue(rule._is_due())
        self.run_rule(rule, dry=True)
        self.assertTrue(rule._is_due())
        run = self.run_rule(rule)
        self.assertFalse(rule._is_due())
        run.done = False
        self.assertTrue(rule._is_due())
        run.done = True
        self.env.flush_all()
        past = "UPDATE mail_mailbox_retention_%s SET %s = now() - interval '%s days'"
        self.env.cr.execute(past % ("rule", "write_date", 3))
        self.env.cr.execute(past % ("run", "create_date", 1))
        self.env.invalidate_all()
        self.assertTrue(rule._is_due())

    def test_who_left_reaches_no_private_mailbox(self):
        self.age(40)
        self.mailbox.private = True
        self.mailbox.user_ids |= self.manager
        rule = self.rule(only_on_server=False)
        self.manager.active = False
        self.assertEqual(self.run_rule(rule).removed, 0)

    def test_one_that_fails_harms_only_itself(self):
        second = self.deliver(self.mailbox, subject="Second")
        self.age(40, self.arrival | second)
        rule = self.rule(only_on_server=False)
        remove = type(rule)._remove

        def fail(rule, ids, copies):
            if self.arrival.id in ids:
                raise ValueError("never mind")
            return remove(rule, ids, copies)

        with (
            patch.object(type(rule), "_remove", fail),
            self.assertLogs(RUN, "ERROR"),
        ):
            run = self.run_rule(rule)
        self.assertFalse(second.exists())
        self.assertFalse(self.gone())
        self.assertEqual((run.removed, run.skipped), (1, 1))


@tagged("post_install", "-at_install")
class TestArchivedRetention(RetentionCase):
    """Archived emails are removed by explicit rules about their records and roles."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.contact = cls.env.ref("mail_mailbox_archive.record_type_contact")
        cls.company = cls.env.ref("mail_mailbox_archive.record_type_company")
        cls.message.with_user(cls.member)._archive(cls.partner)

    def count(self, **values):
        return self.rule(scope="archived", days=3650, **values).preview_count

    def test_older_than_ten_years(self):
        self.assertEqual(self.count(), 0)
        self.age(3700)
        rule = self.rule(scope="archived", days=3650)
        self.assertFalse(rule.only_on_server)
        self.assertEqual(rule.preview_count, 1)
        run = self.run_rule(rule)
        self.assertTrue(self.gone())
        self.assertEqual(run.removed, 1)

    def test_by_record_type_all_of_its_records(self):
        self.age(3700)
        self.assertEqual(self.count(record_type_ids=self.contact.ids), 1)
        self.assertEqual(self.count(record_type_ids=self.company.ids), 0)
        company = self.env["res.partner"].create({"name": "C", "is_company": True})
        self.message.with_user(self.member)._archive(company)
        self.assertEqual(self.count(record_type_ids=self.contact.ids), 0)
        both = (self.contact | self.company).ids
        self.assertEqual(self.count(record_type_ids=both), 1)

    def test_each_mailbox_that_has_it_is_asked(self):
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        other.write({"imap_enabled": True, "imap_host": "imap.example"})
        self.age(3700, self.arrival | self.deliver(other, subject="Old"))
        rule = self.rule(scope="archived", days=3650, only_on_server=True)
        self.assertEqual(rule.preview_count, 1)
        for silent in (self.mailbox, other):

            def line(mailbox, silent=silent):
                if mailbox == silent:
                    raise Unreachable("no answer")
                return _Line

            run = self.run_rule(rule, sessions=line)
            self.assertFalse(self.gone())
            self.assertEqual((run.removed, run.not_held), (0, 1))
        self.run_rule(rule)
        self.assertTrue(self.gone())

    def test_by_role(self):
        self.age(3700)
        role = self.env["res.groups"].create({"name": "R", "mail_role": True})
        self.assertEqual(self.count(role_ids=role.ids), 0)
        self.message.role_ids = role
        self.assertEqual(self.count(role_ids=role.ids), 1)

    def test_by_mailbox(self):
        self.age(3700)
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        self.assertEqual(self.count(mailbox_ids=other.ids), 0)
        self.assertEqual(self.count(mailbox_ids=self.mailbox.ids), 1)
        self.deliver(other, subject="Old")
        self.assertEqual(self.count(mailbox_ids=self.mailbox.ids), 0)

    def test_private_link_keeps_it(self):
        self.age(3700)
        box = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        arrival = self.deliver(box, subject="Old")
        self.age(3700, arrival)
        self.assertEqual(self.count(), 0)

    def test_forged_date_makes_nothing_old(self):
        mail = write_mail("Forged", date="Mon, 01 Jan 1990 10:00:00 +0100")
        arrival = self.deliver(self.mailbox, mail)
        arrival.mailbox_message_id.with_user(self.member)._archive(self.partner)
        arrival.internal_date = fields.Datetime.now()
        self.assertEqual(self.count(), 0)
        arrival.unlink()
        self.assertEqual(self.count(), 0)


@tagged("post_install", "-at_install")
class TestHold(RetentionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.holds = cls.env["mail.mailbox.hold"]

    def hold(self, user=None, **values):
        values = {"reason": "Law suit 12/26", **values}
        return self.holds.with_user(user or self.manager).create(values)

    def test_each_scope_stops_each_removal(self):
        self.message.with_user(self.member)._archive(self.partner)
        self.age(3700)
        targets = {
            "message": {"mailbox_message_id": self.message.id},
            "conversation": {"mailbox_message_id": self.message.id},
            "record": {"res_model": "res.partner", "res_id": self.partner.id},
            "mailbox": {"mailbox_id": self.mailbox.id},
        }
        rule = self.rule(scope="archived", days=3650)
        for scope, target in targets.items():
            with self.subTest(scope=scope):
                hold = self.hold(scope=scope, **target)
                rule.invalidate_recordset()
                self.assertEqual(rule.preview_count, 0)
                self.assertEqual(self.run_rule(rule).removed, 0)
                for record in (self.message, self.arrival):
                    with self.assertRaisesRegex(UserError, "Law suit 12/26"):
                        record.sudo().unlink()
                with self.assertRaisesRegex(UserError, re.escape(self.manager.name)):
                    self.message._check_no_hold()
                hold.action_lift()
                rule.invalidate_recordset()
                self.assertEqual(rule.preview_count, 1)
                self.message._check_no_hold()

    def test_nobody_detaches_what_is_held_by_its_record(self):
        archived = self.message.with_user(self.member)._archive(self.partner)
        line = self.message.history_ids.filtered(lambda one: one.action == "archived")
        on_record = {"res_model": "res.partner", "res_id": self.partner.id}
        hold = self.hold(scope="record", **on_record)
        for detach in (archived.action_unfile, line.with_user(self.member).action_undo):
            with (
                self.assertRaisesRegex(UserError, "Law suit 12/26"),
                self.env.cr.savepoint(),
            ):
                detach()
        self.assertTrue(archived.exists())
        # from elsewhere it is detached as usual, and from there when the hold is lifted
        other = self.env["res.partner"].create({"name": "Other"})
        self.message.with_user(self.member)._archive(other).action_unfile()
        hold.action_lift()
        archived.action_unfile()
        self.assertFalse(self.message.link_ids)

    def test_who_may_place_one(self):
        """Who runs the mailbox or administers mail; not all who read the mail."""
        self.message.with_user(self.member)._archive(self.partner)
        on_message = {"scope": "message", "mailbox_message_id": self.message.id}
        targets = (
            on_message,
            {"scope": "mailbox", "mailbox_id": self.mailbox.id},
            {"scope": "record", "res_model": "res.partner", "res_id": self.partner.id},
        )
        self.assertTrue(self.message.with_user(self.outsider).has_access("read"))
        for target in targets:
            with self.subTest(scope=target["scope"]), self.assertRaises(AccessError):
                self.hold(self.outsider, **target)
        self.assertTrue(self.hold(self.member, **on_message))
        board = self.make_mailbox("board@spedbud.example", self.colleague, private=True)
        secret = self.deliver(board, subject="Secret").mailbox_message_id
        with self.assertRaises(AccessError):
            self.hold(mailbox_message_id=secret.id)

    def test_conversation_covers_what_comes_later(self):
        self.hold(scope="conversation", mailbox_message_id=self.message.id)
        mail = write_mail(
            "Re: Old",
            in_reply_to=self.message.message_id,
            references=self.message.message_id,
        )
        reply = self.deliver(self.mailbox, mail).mailbox_message_id
        with self.assertRaises(UserError):
            reply._check_no_hold()
        stranger = self.deliver(self.mailbox, subject="Other").mailbox_message_id
        stranger._check_no_hold()

    def test_record_held_stays_held_when_it_goes(self):
        for how in ("deleted", "merged"):
            with self.subTest(how):
                partner = self.env["res.partner"].create({"name": how})
                message = self.deliver(self.mailbox, subject=how).mailbox_message_id
                message.with_user(self.member)._archive(partner)
                self.hold(scope="record", res_model="res.partner", res_id=partner.id)
                if how == "merged":
                    self.env["mail.mailbox.link"]._move(partner, self.partner)
                partner.unlink()
                with self.assertRaises(UserError):
                    message._check_no_hold()

    def test_hold_set_while_a_rule_runs(self):
        self.age(40)
        rule = self.rule(only_on_server=False)

        def hold_then(found):
            if found == self.arrival.ids:
                self.hold(mailbox_message_id=self.message.id)

        run = self.run_rule(rule, between=hold_then)
        self.assertFalse(self.gone())
        self.assertEqual(run.skipped, 1)

    def test_who_removes_meanwhile_sees_that_it_is_needed(self):
        """A row that changed fails a removal that began before, and it is done again.

        Else a rule that looked for links and holds a moment ago would remove it.
        """
        other = self.env["res.partner"].create({"name": "Other"})
        message = self.message.with_user(self.member)
        message._archive(self.partner)
        for need in (
            lambda: message._archive(other),
            lambda: self.hold(mailbox_message_id=message.id),
            lambda: self.hold(scope="conversation", mailbox_message_id=message.id),
        ):
            before = self.place_of_row()
            need()
            self.assertNotEqual(self.place_of_row(), before)

    def place_of_row(self):
        """Return where PostgreSQL has the row of the message, which changes with it."""
        self.env.flush_all()
        query = "SELECT ctid FROM mail_mailbox_message WHERE id = %s"
        self.env.cr.execute(query, self.message.ids)
        return self.env.cr.fetchone()

    def test_who_sets_and_lifts(self):
        held = {"mailbox_message_id": self.message.id}
        hold = self.hold(self.member, **held)
        self.assertEqual(hold.user_id, self.member)
        with self.assertRaises(AccessError):
            self.hold(self.outsider, **held)
        with self.assertRaises(AccessError):
            self.hold(self.outsider, scope="mailbox", mailbox_id=self.mailbox.id)
        self.mailbox.user_ids |= self.colleague
        with self.assertRaises(AccessError):
            hold.with_user(self.colleague).action_lift()
        hold.with_user(self.manager).action_lift()
        self.assertEqual(hold.sudo().lifted_by_id, self.manager)

    def test_it_is_never_changed_or_deleted(self):
        hold = self.hold(mailbox_message_id=self.message.id)
        with self.assertRaises(AccessError):
            hold.reason = "Other"
        with self.assertRaises(UserError):
            hold.sudo().unlink()

    def test_nobody_else_is_named(self):
        held = {"mailbox_message_id": self.message.id}
        for named in ({"user_id": self.member.id}, {"active": False}):
            with self.assertRaises(AccessError):
                self.hold(**held, **named)
        self.assertEqual(self.hold(**held).user_id, self.manager)

    def test_what_else_is_filled_in_gives_no_right(self):
        """A message of one's own lets nobody hold a record, or another mailbox."""
        other = self.make_mailbox(
            "other@spedbud.example",
            self.colleague,
            restrict_senders=True,
            sender_ids=[Command.set(self.member.ids)],
        )
        other.with_user(self.member).check_access("read")
        record = {"res_model": "res.partner", "res_id": self.partner.id}
        targets = {"record": record, "mailbox": {"mailbox_id": other.id}}
        for scope, target in targets.items():
            for own in (
                {},
                {"mailbox_message_id": self.message.id},
                {"mailbox_id": self.mailbox.id},
            ):
                with self.subTest(scope, own=own), self.assertRaises(AccessError):
                    self.hold(self.member, scope=scope, **{**own, **target})

    def test_hold_tells_nobody_of_what_they_may_not_read(self):
        self.mailbox.private = True
        self.hold(self.member, mailbox_message_id=self.message.id)
        for user in (self.manager, self.outsider):
            self.assertFalse(self.holds.with_user(user).search([]))


@tagged("post_install", "-at_install")
class TestSpace(RetentionCase):
    def sums(self):
        return self.env["mail.mailbox.space"]._get_sums()

    def test_true_figures_as_mail_comes_and_goes(self):
        size = len(write_mail(subject="Old").as_bytes())
        stored, saved, freed = self.sums()
        self.assertEqual(self.message.stored_size, size)
        other = self.make_mailbox("other@spedbud.example", self.colleague)
        self.deliver(other, subject="Old")
        self.assertEqual(self.sums(), (stored, saved + size, freed))
        link = self.message.with_user(self.member)._archive(self.partner)
        self.assertEqual(self.sums(), (stored, saved + 2 * size, freed))
        link.with_user(self.member).action_unfile()
        self.env["mail.mailbox.space"]._add_up()
        self.assertEqual(self.sums(), (stored, saved + size, freed))
        self.age(40, self.message.arrival_ids)
        self.run_rule(self.rule(only_on_server=False))
        self.assertEqual(self.sums(), (stored - size, saved, freed + size))

    def test_figure_of_a_mailbox_is_for_who_reads_it(self):
        self.mailbox.private = True
        self.assertIn("bytes", self.mailbox.with_user(self.member).space.lower())
        self.assertFalse(self.mailbox.with_user(self.manager).space)

    def test_batches_grow_and_shrink_with_the_time_they_take(self):
        adapt = mail_mailbox_retention_run._adapt
        patience = mail_mailbox_retention_run.PATIENCE
        self.assertEqual(adapt(8, 0.0), 16)
        self.assertEqual(adapt(8, patience * 2), 4)
        self.assertEqual(adapt(1, patience * 2), 1)
        self.assertEqual(adapt(64, 0.0), 64)
        self.assertEqual(adapt(8, patience * 0.7), 8)

    def test_removed_with_its_links(self):
        self.message.with_user(self.member)._archive(self.partner)
        self.message.role_ids = [
            Command.create({"name": "Role", "mail_role": True}),
        ]
        stored, saved, _freed = self.sums()
        size = self.message.stored_size
        self.message.arrival_ids.unlink()
        self.message.unlink()
        self.assertEqual(self.sums()[:2], (stored - size, saved - size))
