from __future__ import annotations

import logging
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ...mailcore.errors import MailCoreError
from ...mailcore.imap.holding import find_held
from ..mailbox.fields import naive_utc
from .retention_rule import ARCHIVED
from .space import in_words

_logger = logging.getLogger(__name__)

#: Candidates that are looked up, and asked the server about, at once.
PORTION = 500
#: Seconds that one transaction may hold its locks; a batch grows and shrinks to it.
PATIENCE = 0.02
MAX_BATCH = 64
#: What is worked off is due again then: the action runs each day, not to the minute.
DAY = timedelta(hours=20)

# of an arrival its message as well: whoever archives that changes it
_LOCK_ARRIVALS = """
    SELECT arrival.id FROM mail_mailbox_arrival AS arrival
      JOIN mail_mailbox_message AS message ON message.id = arrival.mailbox_message_id
     WHERE arrival.id = ANY(%s) FOR UPDATE SKIP LOCKED
"""
_LOCK_MESSAGES = """
    SELECT id FROM mail_mailbox_message WHERE id = ANY(%s) FOR UPDATE SKIP LOCKED
"""


class MailMailboxRetentionRun(models.Model):
    """The log of a retention rule: what it removed, what it kept, and why."""

    _name = "mail.mailbox.retention.run"
    _inherit = "mail.mailbox.guarded"
    _description = "Run of a Retention Rule"
    _order = "id desc"
    _rec_name = "create_date"

    rule_id = fields.Many2one(
        "mail.mailbox.retention.rule", required=True, readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one("res.users", "Chosen by", readonly=True)
    dry = fields.Boolean("Dry run", readonly=True, help="It removed nothing.")
    rule = fields.Char("As it was", readonly=True, help="The rule, at the time.")
    removed = fields.Integer(readonly=True)
    freed = fields.Float("Freed (bytes)", readonly=True, digits=(20, 0))
    not_held = fields.Integer(
        "Kept: not on the server", readonly=True, help="Or the server did not respond."
    )
    skipped = fields.Integer(
        "Kept: changed in the meantime",
        readonly=True,
        help="Archived, held or in use when its turn came.",
    )
    done = fields.Boolean("Finished", readonly=True)
    last_id = fields.Integer(readonly=True, groups=fields.NO_ACCESS)
    summary = fields.Char(compute="_compute_summary")

    @api.depends("removed", "freed", "not_held", "dry", "done")
    def _compute_summary(self):
        for run in self:
            values = {"count": run.removed, "size": in_words(run.freed)}
            if run.dry and not run.done:
                run.summary = self.env._(
                    "Of those it came to within a minute, would remove: %(count)s "
                    "(%(size)s)",
                    **values,
                )
            elif run.dry:
                run.summary = self.env._(
                    "Emails it would remove: %(count)s (%(size)s)", **values
                )
            else:
                run.summary = self.env._(
                    "Emails removed: %(count)s (%(size)s)", **values
                )

    def _add(self, **numbers):
        """Add to these counts, in one statement."""
        counts = [
            SQL(
                "%s = coalesce(%s, 0) + %s",
                SQL.identifier(name),
                SQL.identifier(name),
                number,
            )
            for name, number in numbers.items()
        ]
        self.flush_recordset()
        self.env.cr.execute(
            SQL(
                "UPDATE mail_mailbox_retention_run SET %s WHERE id = ANY(%s)",
                SQL(", ").join(counts),
                self.ids,
            )
        )
        self.invalidate_recordset()


class MailMailboxRetentionRule(models.Model):
    """Running a rule, in small transactions that block nobody."""

    _inherit = "mail.mailbox.retention.rule"

    @api.model
    def _cron_run(self):
        """Run all rules; continues where the time ran out."""
        # there are as many as people made
        rules = self.search([])  # pylint: disable=no-search-all
        rules = rules.filtered(lambda rule: rule._is_due())
        cron = self.env["ir.cron"]
        left = len(rules)
        seconds = cron._commit_progress(remaining=left)
        for rule in rules:
            done = rule._run(deadline=time.monotonic() + seconds).done
            left -= done
            seconds = cron._commit_progress(int(done), remaining=left)
            if not seconds:
                break

    def _is_due(self):
        """Return whether this rule, as it is now, has not run today."""
        last = self._get_last_run()
        today = fields.Datetime.now() - DAY
        return not last.done or last.create_date < max(today, self.write_date)

    def _get_last_run(self):
        return self.run_ids.filtered(lambda run: not run.dry).sorted("id")[-1:]

    def _run(self, dry=False, deadline=None, transact=None):
        """Remove what the rule selects; return the log.

        :param dry: remove nothing, tell what would be
        :param deadline: monotonic seconds, after which the rest waits for the next time
        :param transact: does what it is given in a transaction of its own
        """
        self.ensure_one()
        transact = transact or self.env["mail.mailbox"]._transact
        # this cursor reads nothing: its snapshot would keep all that goes meanwhile
        begun = transact(lambda env: self.with_env(env)._begin_run(dry))
        run_id, last, asking = begun
        size, silent = 1, set()
        while deadline is None or time.monotonic() < deadline:
            portion = transact(lambda env, last=last: self.with_env(env)._portion(last))
            if not portion:
                _note(transact, run_id, done=True)
                break
            last = portion[-1]
            held = portion
            if asking:
                held = self._ask_servers(portion, transact, silent)
            _count(transact, run_id, not_held=len(portion) - len(held))
            while held:
                batch, held = held[:size], held[size:]
                locked = self._remove_batch(batch, run_id, dry, transact)
                size = _adapt(size, locked)
            _note(transact, run_id, last_id=last)
        # another transaction wrote it
        self.env["mail.mailbox.retention.run"].invalidate_model()
        return _run_of(self.env, run_id)

    def _begin_run(self, dry):
        """Return the id of a new log, after which candidate to begin, whom to ask.

        What was not finished is gone on with: else what no server holds, and so stays,
        would each time keep it from what comes after.
        """
        # sudo: nobody is shown where it ended
        before = self.sudo()._get_last_run()
        # sudo: the log is written by the system, so that nobody writes it by hand
        run = self.env["mail.mailbox.retention.run"].sudo()
        run = run.create(
            {
                "rule_id": self.id,
                "user_id": self.user_id.id,
                "dry": dry,
                "rule": f"{self.name}: {self.scope}, {self.days} d",
            }
        )
        last = 0 if dry or before.done else before.last_id or 0
        return run.id, last, self.only_on_server

    def _portion(self, last):
        """Return the ids of the next candidates after ``last``, in their order."""
        self._flush_counted()
        mailboxes = self._get_reached()
        more = SQL("candidate.id > %s", last)
        query = SQL(
            "SELECT id FROM (%s) AS found ORDER BY id LIMIT %s",
            self._select(mailboxes, more),
            PORTION,
        )
        return [row[0] for row in self.env.execute_query(query)]

    # Whether the server holds them

    def _ask_servers(self, ids, transact, silent):
        """Return those of the candidates that the server still holds, as we have them.

        A message in several mailboxes leaves all of them: each of their servers must.
        No transaction is open while a server is waited for. No answer, another
        UIDVALIDITY or a folder that fails mean that it does not hold them.

        :param silent: ids of mailboxes whose servers are not asked again in this run
        """
        begin = transact(lambda env: self.with_env(env)._prepare_questions(ids))
        (asked, listed), held = begin, set()
        for mailbox_id, (opener, wanted, ours) in asked.items():
            if mailbox_id in silent:
                continue
            try:
                with opener() as session:
                    for wire_name, uid, mark in find_held(session, wanted):
                        held.update(_same(ours.get((wire_name, uid)), mark))
            except MailCoreError as error:
                silent.add(mailbox_id)
                _logger.info("Retention: mailbox %s keeps all: %s", mailbox_id, error)
        return [one for one in ids if one in listed and listed[one] <= held]

    def _prepare_questions(self, ids):
        """Return what to ask each server: by mailbox an opener, UIDs, what we hold.

        And the ids of the arrivals of each candidate.
        """
        column = "mailbox_message_id" if self.scope == ARCHIVED else "id"
        arrivals = self.env["mail.mailbox.arrival"].search([(column, "in", ids)])
        questions, listed = {}, {}
        for one in arrivals:
            candidate = one.mailbox_message_id if self.scope == ARCHIVED else one
            listed.setdefault(candidate.id, set()).add(one.id)
        for mailbox, mine in arrivals.grouped("mailbox_id").items():
            try:
                opener = mailbox._session__()
            except MailCoreError:
                continue
            wanted, ours = {}, {}
            for one in mine.filtered("uid"):
                folder = one.folder_id
                key = folder.wire_name, folder.uid_validity
                wanted.setdefault(key, []).append(one.uid)
                message = one.mailbox_message_id
                ours[folder.wire_name, one.uid] = (
                    one.id,
                    one.size or message.size,
                    one.internal_date,
                    message.message_id or "",
                )
            questions[mailbox.id] = opener, wanted, ours
        return questions, listed

    # Removing them

    def _remove_batch(self, ids, run_id, dry, transact):
        """Remove those still selected; a failure affects only that one.

        :return: seconds for which others may have had to wait
        """
        locked = [0.0, 0.0]

        def note_end():
            locked[1] = time.monotonic()

        def work(env):
            rule = self.with_env(env)
            items = rule._find_again(ids)
            copies = rule._find_copies(items)
            # a crash undoes it at worst, and it is done again: nobody waits for a disk
            env.cr.execute("SET LOCAL synchronous_commit = off")
            env.cr.postcommit.add(note_end)
            locked[:] = [time.monotonic()] * 2
            rows = rule._lock(items)
            freed = sum(size for _id, size in rows)
            if not dry:
                freed = rule._remove([row[0] for row in rows], copies)
            # sudo: the log is written by the system
            _run_of(env, run_id)._add(
                removed=len(rows), freed=freed, skipped=len(ids) - len(rows)
            )

        try:
            transact(work)
        except Exception:
            if len(ids) == 1:
                _logger.exception("Retention rule %s: %s stays", self.id, ids)
                _count(transact, run_id, skipped=1)
            else:
                for one in ids:
                    self._remove_batch([one], run_id, dry, transact)
        return locked[1] - locked[0]

    def _find_again(self, ids):
        """Return id and size of those that are still candidates."""
        self._flush_counted()
        of_ids = SQL("candidate.id = ANY(%s)", ids)
        query = self._select(self._get_reached(), of_ids)
        return self.env.execute_query(SQL("SELECT id, size FROM (%s) AS found", query))

    def _lock(self, rows):
        """Return those of the ``rows`` that nobody else works on, locked."""
        query = _LOCK_MESSAGES if self.scope == ARCHIVED else _LOCK_ARRIVALS
        locked = self.env.execute_query(SQL(query, [row[0] for row in rows]))
        mine = {row[0] for row in locked}
        return [row for row in rows if row[0] in mine]


def _run_of(env, run_id):
    # sudo: the log is written by the system
    return env["mail.mailbox.retention.run"].sudo().browse(run_id)


def _note(transact, run_id, **values):
    transact(lambda env: _run_of(env, run_id).write(values))


def _count(transact, run_id, **numbers):
    if any(numbers.values()):
        transact(lambda env: _run_of(env, run_id)._add(**numbers))


def _same(ours, mark):
    """Return the id of what we hold, in a list, if ``mark`` is of the same message."""
    if not ours:
        return []
    uid, size, moment, message_id = ours
    same = (mark.size, naive_utc(mark.internal_date), mark.message_id)
    return [uid] if same == (size, moment, message_id) else []


def _adapt(size, seconds):
    """Return how large the next batch may be."""
    if seconds > PATIENCE:
        return max(1, size // 2)
    return min(MAX_BATCH, size * 2) if seconds < PATIENCE / 2 else size
