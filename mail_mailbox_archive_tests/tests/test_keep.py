"""The table of what is kept: each way in × each event that touches it.

For each cell the message, its roles, bond, history and bytes are there, and readable by
exactly whom the rule names. The table is logged; apps that are really uninstalled and
installed once more are tried in ``lifecycle``.
"""

import logging
import os
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import tagged
from odoo.tools import SQL

from odoo.addons.mail_mailbox_archive.mailcore.errors import Unreadable
from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read import identity
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse
from odoo.addons.mail_mailbox_archive.models.keeping import retention_rule as retention
from odoo.addons.mail_mailbox_archive.models.sending.dispatch import Entry

from .common import WARSAW_NOON, clean_nightly, write_mail
from .test_source_parts import FormerCase, Raw

_logger = logging.getLogger(__name__)

#: Who reads what is in the mailbox; the administrators unless it is private.
PEOPLE = {"member", "colleague"}
#: Days that pass, and how many between two cleanings: in the long form, one.
DAYS = 400
NIGHT = 1 if os.environ.get("MAILBOX_RELIABILITY") == "long" else 10

WAYS, EVENTS = {}, {}
#: What was covered if Content-* were not.
COVERED_ALONE = identity.COVERED.__contains__


def way(function):
    """Register how a message comes in: it returns what holds the source."""
    WAYS[function.__name__] = function
    return function


def event(changes=None):
    """Register what happens; ``changes`` makes other readers of the usual ones."""

    def register(function):
        EVENTS[function.__name__] = function, changes or (lambda readers, _way: readers)
        return function

    return register


def _fetch(case, mailbox=None, **values):
    arrival = case.deliver(mailbox or case.mailbox, case.mail, **values)
    return arrival.mailbox_message_id


def _store(case, **values):
    source = case.mail.as_bytes()
    values = {"size": len(source), "message": parse(source), **values}
    one = Fetched(0, WARSAW_NOON, False, source=source, **values)
    return one, case.env["mail.mailbox.message"]._store([one])


@way
def fetched(case):
    return _fetch(case)


@way
def imported(case):
    one, messages = _store(case)
    nowhere = case.env["mail.mailbox.folder"]
    case.env["mail.mailbox.arrival"]._list(
        case.mailbox, nowhere, [one], messages, live=False
    )
    return next(iter(messages.values()))


@way
def sent(case):
    _one, messages = _store(case)
    (message,) = messages.values()
    entry = Entry(case.mailbox.id, b"", message.message_id, case.member.id, [])
    case.env["mail.mailbox.arrival"]._place_sent([(entry, message)])
    return message


@way
def archived(case):
    message = _fetch(case)
    case.archive(message)
    return message


@way
def private(case):
    message = _fetch(case, case.board)
    case.archive(message, mailbox=case.board)
    return message


@way
def role_bound(case):
    message = _fetch(case)
    case.archive(message, roles=case.role)
    return message


@way
def archived_by_one_who_left(case):
    """Whoever archived it reads the mailbox no more: only the record shows it."""
    message = archived(case)
    case.mailbox.user_ids -= case.member
    return message


@way
def oversize_stub(case):
    one, messages = _store(case, oversize=True, size=10**8)
    case.env["mail.mailbox.arrival"]._list(
        case.mailbox, case.make_folder(case.mailbox), [one], messages, live=True
    )
    return next(iter(messages.values()))


@way
def fetched_by_version_1(case):
    source = case.mail.as_bytes()
    return case.deliver_formerly(case.mailbox, source).mailbox_message_id


@way
def quarantined(case):
    source = case.mail.as_bytes()
    one = Fetched(
        7, WARSAW_NOON, False, len(source), source, error=Unreadable("fault", "")
    )
    rows = case.env["mail.mailbox.quarantine"]
    rows._keep(case.make_folder(case.mailbox), [one])
    return rows.search([("uid", "=", "7")], limit=1)


ARCHIVED_WAYS = ("archived", "private", "role_bound", "archived_by_one_who_left")


def _without_record(readers, _way):
    """Whom a message is left to without its record: also who archived it."""
    return readers - {"reader", "outsider"}


def _with_record_out_of_reach(readers, way):
    """Whom it is left to where the record is there, and none of them can open it."""
    left = {"member"} if way == "archived_by_one_who_left" else set()
    return readers - {"reader", "outsider"} - left


@event()
def record_merged(case):
    partners = case.env["res.partner"]
    other = partners.create({"name": "Other", "company_id": case.second.id})
    wizard = case.env["base.partner.merge.automatic.wizard"].create(
        {
            "partner_ids": [Command.set((other | case.partner).ids)],
            "dst_partner_id": other.id,
        }
    )
    wizard.action_merge()


@event(_without_record)
def record_deleted(case):
    case.partner.unlink()


@event()
def record_archived(case):
    case.partner.active = False


@event(_with_record_out_of_reach)
def record_moved_to_another_company(case):
    case.partner.company_id = case.elsewhere


@event(_without_record)
def app_uninstalled_and_reinstalled(case):
    case.env["mail.mailbox.link"]._lose_models(["res.partner"])
    case.env["mail.mailbox.record.type"]._return_types()


@event()
def mailbox_deactivated(case):
    (case.mailbox | case.board).active = False


@event(lambda readers, _way: readers - {"member"})
def person_deactivated(case):
    case.member.active = False
    told = case.env["mail.activity"].search(
        [("res_model", "=", "mail.mailbox"), ("res_id", "=", case.mailbox.id)]
    )
    case.assertTrue(told.user_id & (case.colleague | case.manager))


@event()
def company_deleted(case):
    case.second.unlink()


@event()
def server_deleted_it(case):
    for folder in (case.mailbox | case.board).folder_ids:
        case.env["mail.mailbox.arrival"]._unplace(folder, [(1, 2**31)])


@event()
def folder_renumbered(case):
    (case.mailbox | case.board).folder_ids._forget()
    box = case.board if case.way == "private" else case.mailbox
    as_it_was = {"quarantined": quarantined, "oversize_stub": oversize_stub}
    again = as_it_was.get(case.way, lambda case: _fetch(case, box))
    # the server gives it once more, by another number
    case.assertEqual(again(case), case.kept)
    arrivals = case.env["mail.mailbox.arrival"].search([])
    case.assertLessEqual(len(arrivals), 1)


@event()
def crafted_twin_arrives(case):
    """All is the same but how the text is to be read, or what it belongs to."""
    source, last = case.mail.as_bytes(), b"MIME-Version: 1.0\r\n"
    case.assertIn(last, source)
    for field in (b"Content-Language: pl", b"References: <a@x>", b"In-Reply-To: <a@x>"):
        case.check_twin(source.replace(last, b"%s%s\r\n" % (last, field)))
    case.check_twin(source.replace(last, last.replace(b"1.0", b"2.0")))


@event()
def one_that_was_erased_comes_again(case):
    source = write_mail("Erased").as_bytes()
    other = case.deliver_at(case.mailbox, source).mailbox_message_id
    other.with_user(case.manager).erase("Asked for by Anna")
    fetched = case.fetched(source)
    case.mailbox._store_fetched(case.make_folder(case.mailbox), [fetched], fresh=True)
    messages = case.env["mail.mailbox.message"]
    case.assertFalse(messages.search([("subject", "=", "Erased")]))


@event()
def rules_run_under_a_hold(case):
    _age(case, DAYS)
    holds = case.env["mail.mailbox.hold"]
    holds.create(
        [
            {"scope": "mailbox", "mailbox_id": box.id, "reason": "Law suit"}
            for box in case.mailbox | case.board
        ]
    )
    _run_rules(case, only_on_server=False)


@event()
def rules_run_and_no_server_answers(case):
    _age(case, DAYS)
    _run_rules(case, only_on_server=True)


def _run_rules(case, **values):
    """Run all that a rule can be about, as somebody who reads the private mailbox."""
    rules = case.env["mail.mailbox.retention.rule"]
    for scope in ("unarchived", "archived"):
        rule = rules.create({"name": "All", "days": 1, "scope": scope, **values})
        rule.user_id = case.member
        rule._run(transact=lambda work: work(case.env))


@event()
def many_days_pass(case):
    for _night in range(case.days // NIGHT):
        _age(case, NIGHT)
        clean_nightly(case.env)


def _age(case, days):
    """Make all that is stored so many days older."""
    case.env.flush_all()
    for table, columns in _MOMENTS.items():
        back = f"interval '{days} days'"
        shifts = ", ".join(f"{column} = {column} - {back}" for column in columns)
        case.env.cr.execute(f"UPDATE {table} SET {shifts}")
    case.env.invalidate_all()


_MOMENTS = {
    "mail_mailbox_arrival": ("fetched_at", "internal_date", "create_date"),
    "mail_mailbox_message": ("date", "create_date"),
    "mail_mailbox_link": ("create_date",),
    "mail_mailbox_history": ("create_date",),
    "mail_mailbox_quarantine": ("create_date",),
}


@tagged("post_install", "-at_install")
class TestKeep(FormerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"]
        cls.second = companies.create({"name": "Second"})
        cls.elsewhere = companies.create({"name": "Elsewhere"})
        cls.env.user.company_ids |= cls.second | cls.elsewhere
        cls.reader = cls.make_user("reader", "mail_mailbox_archive.group_user")
        cls.people = cls.member + cls.colleague + cls.outsider + cls.reader
        cls.people += cls.manager
        cls.people.company_ids |= cls.second
        cls.role = cls.env["res.groups"].create(
            {"name": "Foreman", "mail_role": True, "user_ids": cls.reader.ids}
        )
        cls.mailbox.write(
            {"company_id": cls.second.id, "user_ids": [Command.link(cls.colleague.id)]}
        )
        cls.board = cls.make_mailbox(
            "board@spedbud.example",
            cls.member,
            cls.colleague,
            private=True,
            company_id=cls.second.id,
        )
        cls.partner = cls.env["res.partner"].create(
            {"name": "Spostex", "company_id": cls.second.id}
        )
        cls.mail = write_mail("Kept")

    days = 10

    def archive(self, message, **values):
        member = message.with_user(self.member)
        member = member.with_context(allowed_company_ids=self.member.company_ids.ids)
        member._archive(self.partner.with_env(member.env), **values)

    def expected(self, name):
        readers = set(PEOPLE)
        if name != "private":
            readers.add("manager")
        if name in ("archived", "role_bound", "archived_by_one_who_left"):
            readers.add("reader")
        if name in ("archived", "archived_by_one_who_left"):
            readers.add("outsider")
        return readers

    def readers(self, kept):
        found = set()
        for user in self.people.filtered("active"):
            companies = user.company_ids.ids
            one = kept.with_user(user).with_context(allowed_company_ids=companies)
            listed = one.search([("id", "=", kept.id)])
            self.assertEqual(bool(listed), one.has_access("read"))
            if listed:
                found.add(user.login.removeprefix("mailbox_"))
        return found

    def check_kept(self, name, kept, readers):
        self.env.invalidate_all()
        self.assertTrue(kept.exists())
        self.assertEqual(kept._read_source(), self.mail.as_bytes())
        self.assertEqual(self.readers(kept), readers)
        if name in ARCHIVED_WAYS:
            link = kept.link_ids
            self.assertEqual(len(link), 1)
            self.assertEqual(link.user_id, self.member)
            bond = self.board if name == "private" else self.mailbox
            self.assertEqual(link.mailbox_id, bond)
            self.assertIn("archived", kept.history_ids.mapped("action"))
            self.assertEqual(
                kept.role_ids, self.role if name == "role_bound" else self.role.browse()
            )

    def cell(self, name, event_name):
        """Try one cell; say whether the message was kept."""
        with self.subTest(way=name, event=event_name):
            self.try_cell(name, event_name)
            return "kept"
        return "LOST"

    def try_cell(self, name, event_name):
        """Try one cell; what it changed is undone."""
        happen, changes = EVENTS[event_name]
        savepoint = self.env.cr.savepoint()
        try:
            self.way, self.kept = name, WAYS[name](self)
            usual = self.expected(name)
            self.check_kept(name, self.kept, usual)
            happen(self)
            self.check_kept(name, self.kept, changes(usual, name))
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()

    def check_twin(self, source):
        twin = self.deliver(self.mailbox, Raw(source)).mailbox_message_id
        self.assertNotEqual(twin, self.kept)

    def rules(self):
        """Yield each rule: its name, how to take it out, a cell that notices."""
        links, records = self.env["mail.mailbox.link"], "mail.mailbox.record.detail"
        twin = "fetched", "crafted_twin_arrives"
        yield "all of Content-*", patch.object(identity, "covers", COVERED_ALONE), twin
        for field in ("in-reply-to", "references", "mime-version"):
            fewer = identity.COVERED - {field}
            yield f"identity: {field}", patch.object(identity, "COVERED", fewer), twin
        yield (
            "who archived it reads on",
            self.without(records, "_get_kept_domain", Domain.FALSE),
            ("archived_by_one_who_left", "record_deleted"),
        )
        yield (
            "what is deleted says farewell",
            self.without(links._name, "_lose_all"),
            ("archived_by_one_who_left", "record_deleted"),
        )
        yield (
            "mail follows a merge",
            self.without(links._name, "_move", links),
            ("archived", "record_merged"),
        )
        yield (
            "private mailboxes",
            self.without(records, "_get_mailbox_domain", Domain.TRUE),
            ("private", "mailbox_deactivated"),
        )
        yield (
            "legal hold",
            patch.object(retention, "KEPT", SQL("FALSE")),
            ("fetched", "rules_run_under_a_hold"),
        )
        yield (
            "only what is on a server",
            patch.object(retention, "PLACED", SQL("TRUE")),
            ("imported", "rules_run_and_no_server_answers"),
        )
        yield (
            "tombstones",
            self.without("mail.mailbox.tombstone", "_without_erased", None),
            ("fetched", "one_that_was_erased_comes_again"),
        )
        yield (
            "look-up by the former identity",
            self.without("mail.mailbox.message", "_find_former", {}),
            ("fetched_by_version_1", "folder_renumbered"),
        )
        yield (
            "notices reach somebody",
            self.without("mail.mailbox", "_note_leaving"),
            ("fetched", "person_deactivated"),
        )

    def without(self, model, method, answer=None):
        """Return a patch that takes a method out; of a filter None lets all pass."""

        def nothing(_records, *given):
            return given[-1] if method == "_without_erased" else answer

        return patch.object(type(self.env[model]), method, nothing)

    def test_each_rule_is_noticed_where_it_is_missing(self):
        said = patch.object(
            type(self.env["mail.mailbox.retention.rule"]),
            "_ask_servers",
            lambda rule, ids, *_rest: ids,
        )
        for rule, without, cell in self.rules():
            with self.subTest(rule=rule):
                # a server that says that it holds whatever it is asked for
                with said, without, self.assertRaises(AssertionError):
                    self.try_cell(*cell)
                self.try_cell(*cell)

    def test_table(self):
        table = {
            name: [self.cell(name, event_name) for event_name in EVENTS]
            for name in WAYS
        }
        lines = [f"| way in | {' | '.join(e.replace('_', ' ') for e in EVENTS)} |"]
        lines += ["|---" * (len(EVENTS) + 1) + "|"]
        lines += [f"| {name} | {' | '.join(row)} |" for name, row in table.items()]
        _logger.info("What is kept\n%s", "\n".join(lines))
        self.assertEqual(sum(map(len, table.values())), len(WAYS) * len(EVENTS))
        self.assertGreaterEqual(len(WAYS) * len(EVENTS), 140)

    def test_four_hundred_days(self):
        """All ways in at once, so that each night is cleaned once."""
        kept = {}
        for name, come_in in WAYS.items():
            self.mail = write_mail(f"Kept {name}")
            kept[name] = come_in(self), self.mail
            self.mailbox.user_ids |= self.member
        self.days = DAYS
        many_days_pass(self)
        for name, (one, mail) in kept.items():
            with self.subTest(way=name):
                self.mail = mail
                self.check_kept(name, one, self.expected(name))

    def test_what_somebody_wrote_is_not_forgotten(self):
        """A draft, and a mail that was taken back, have no other copy."""
        drafts = self.env["mail.mailbox.draft"].with_user(self.member)
        written, opened = drafts.create(
            [{"mailbox_id": self.mailbox.id}, {"mailbox_id": self.mailbox.id}]
        )
        rows = self.env["mail.mailbox.outbox"]
        values = {"mailbox_id": self.mailbox.id, "user_id": self.member.id}
        values |= {"due_at": fields.Datetime.now(), "message_id": "<1@x>"}
        cancelled, taken_back, sent, unlisted = rows.create(
            [
                {**values, "state": "cancelled", "body": "<p>Words</p>"},
                {**values, "state": "cancelled"},
                {**values, "state": "sent", "kept": True},
                {**values, "state": "sent", "body": "<p>Words</p>"},
            ]
        )
        self.env.flush_all()
        past = "now() AT TIME ZONE 'UTC' - interval '400 days'"
        for table in ("draft", "outbox"):
            self.env.cr.execute(
                f"UPDATE mail_mailbox_{table} SET create_date = {past},"
                f" write_date = {past}"
            )
        self.env.cr.execute(
            f"UPDATE mail_mailbox_draft SET write_date = {past} + interval '1 minute'"
            " WHERE id = %s",
            [written.id],
        )
        self.env.invalidate_all()
        clean_nightly(self.env)
        for kept in (written, cancelled, unlisted):
            self.assertTrue(kept.exists())
        for gone in (opened, taken_back, sent):
            self.assertFalse(gone.exists())

    def test_mailbox_with_anything_written_in_it_is_not_deleted(self):
        box = self.make_mailbox("new@spedbud.example", self.member)
        draft = self.env["mail.mailbox.draft"].create({"mailbox_id": box.id})
        row = self.env["mail.mailbox.outbox"].create(
            {
                "mailbox_id": box.id,
                "user_id": self.member.id,
                "due_at": fields.Datetime.now(),
                "message_id": "<1@x>",
            }
        )
        for kept in (draft, row):
            with self.assertRaisesRegex(UserError, "Deactivate"):
                box.with_user(self.manager).unlink()
            kept.unlink()
        box.with_user(self.manager).unlink()
