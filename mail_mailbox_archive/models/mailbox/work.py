import contextlib
import functools
import itertools
import os
import random
import socket
import threading
import zlib
from datetime import timedelta

import psutil

from odoo import api, fields, models
from odoo.sql_db import db_connect
from odoo.tools import SQL, config

#: Runs of this process that may hold claims, by number.
RUNNING = set()
_numbers = itertools.count(1)
_thread = threading.local()


@contextlib.contextmanager
def running():
    """Give this run a name, see :func:`owner`; what it left claimed is free again."""
    number = _thread.run = next(_numbers)
    RUNNING.add(number)
    try:
        yield owner()
    finally:
        RUNNING.discard(number)


def owner():
    """Return which machine, process and run of it holds a claim made now."""
    return f"{_process_name()}:{getattr(_thread, 'run', 0)}"


def come_again(env):
    """Have the running scheduled action, which has no place now, run in a minute."""
    if number := env.context.get("cron_id"):
        minute = timedelta(minutes=1)
        env["ir.cron"].browse(number)._trigger(fields.Datetime.now() + minute)


def release_dead(cr, table, until, holder):
    """Free the rows of ``table`` claimed on this machine by runs that no longer exist.

    :param until: the column that says how long a claim lasts
    :param holder: the column that says whose it is
    """
    names = SQL.identifier(table), SQL.identifier(until), SQL.identifier(holder)
    table, until, holder = names
    cr.execute(
        SQL(
            "SELECT DISTINCT %s FROM %s WHERE %s > %s AND starts_with(%s, %s)",
            holder,
            table,
            until,
            fields.Datetime.now(),
            holder,
            socket.gethostname() + ":",
        )
    )
    dead = [name for (name,) in cr.fetchall() if not _lives(name)]
    if dead:
        cr.execute(
            SQL(
                "UPDATE %s SET %s = NULL WHERE %s = ANY(%s)", table, until, holder, dead
            )
        )


def count_places():
    """Return how many workers of this machine may wait for other servers at a time."""
    return max(config["max_cron_threads"] - 1, 1)


@contextlib.contextmanager
def waiting_place(env):
    """Give whether this run may wait for other servers now.

    Of the workers of a machine that run scheduled actions, all but one may, so that one
    is there when a mail is to be sent; a single one may as well, and makes way.
    """
    machine = zlib.crc32(f"mail_mailbox_archive {socket.gethostname()}".encode())
    # a connection of its own, which holds the place until the run ends, or is killed
    with db_connect(env.cr.dbname).cursor() as cr:
        for place in range(count_places()):
            cr.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", [machine - 2**31, place]
            )
            if cr.fetchone()[0]:
                yield True
                return
        yield False


@functools.cache
def _process_name():
    process = psutil.Process()
    return f"{socket.gethostname()}:{process.pid}:{process.create_time():.0f}"


os.register_at_fork(after_in_child=_process_name.cache_clear)


def _lives(name):
    """Return whether the run that ``name`` names goes on, on this machine."""
    try:
        _host, pid, started, run = name.rsplit(":", 3)
        if abs(psutil.Process(int(pid)).create_time() - int(started)) >= 2:
            return False
        return int(pid) != os.getpid() or int(run) in RUNNING
    except (psutil.NoSuchProcess, ValueError):
        return False
    except psutil.AccessDenied:
        return True


class MailMailboxWork(models.AbstractModel):
    """Rows that wait until a worker does something with them, mailbox by mailbox.

    A claim is a committed lease with a token: taken with skip locked, so that any
    number of workers share the work; checked by whoever notes a result, so that one
    that was frozen past its lease notes nothing; and free again at once when the worker
    that held it is no more. No transaction is open while a server is waited for.
    """

    _name = "mail.mailbox.work"
    _inherit = "mail.mailbox.guarded"
    _description = "Waiting Work, by Mailbox"

    #: The column that says when a row is due, and which rows wait, in SQL.
    _due = "due_at"
    _waits = SQL("TRUE")
    #: How long one worker keeps a row to itself.
    _lease = timedelta(minutes=15)

    mailbox_id = fields.Many2one("mail.mailbox", required=True, readonly=True)
    claimed_until = fields.Datetime(readonly=True, copy=False, groups=fields.NO_ACCESS)
    claimed_by = fields.Char(readonly=True, copy=False, groups=fields.NO_ACCESS)
    claim_token = fields.Integer(readonly=True, copy=False, groups=fields.NO_ACCESS)

    @api.model
    def _is_due(self):
        """Return the SQL of what is due and nobody's."""
        now = fields.Datetime.now()
        return SQL(
            "%s AND %s <= %s AND (claimed_until IS NULL OR claimed_until < %s)",
            self._waits,
            SQL.identifier(self._due),
            now,
            now,
        )

    @api.model
    def _claim(self, passed_over, limit=50):
        """Take what is due of the mailbox that waits longest.

        :param passed_over: ids of mailboxes whose rows are left
        :return: id of the mailbox, ids of the rows in order, token; None for none
        """
        due, is_due = SQL.identifier(self._due), self._is_due()
        table, token = SQL.identifier(self._table), random.getrandbits(31)
        # materialised, or more than the limit: see the claims of mailboxes
        self.env.cr.execute(
            SQL(
                """
                WITH waiting AS MATERIALIZED (
                    SELECT id FROM %(table)s
                     WHERE %(is_due)s AND mailbox_id = (
                        SELECT mailbox_id FROM %(table)s
                         WHERE %(is_due)s AND mailbox_id != ALL(%(passed_over)s)
                         ORDER BY %(due)s, id LIMIT 1)
                     ORDER BY %(due)s, id LIMIT %(limit)s
                       FOR NO KEY UPDATE SKIP LOCKED)
                UPDATE %(table)s AS work
                   SET claimed_until = %(until)s, claimed_by = %(owner)s,
                       claim_token = %(token)s
                  FROM waiting WHERE work.id = waiting.id
             RETURNING work.mailbox_id, work.%(due)s, work.id
                """,
                table=table,
                is_due=is_due,
                due=due,
                passed_over=list(passed_over),
                limit=limit,
                until=fields.Datetime.now() + self._lease,
                owner=owner(),
                token=token,
            )
        )
        rows = sorted(self.env.cr.fetchall(), key=lambda row: row[1:])
        return (rows[0][0], [row[2] for row in rows], token) if rows else None

    @api.model
    def _release_dead(self):
        """Free what workers of this machine that no longer exist had claimed."""
        release_dead(self.env.cr, self._table, "claimed_until", "claimed_by")

    @api.model
    def _go_through(self, remaining, limit, work):
        """Claim what is due and do it, mailbox by mailbox, while there is time.

        :param remaining: how much is due, for the scheduled action that this runs in
        :param limit: rows that are claimed at once
        :param work: function of a mailbox's id, the ids of its rows and the token; no
            transaction is open meanwhile
        """
        cron, transact = self.env["ir.cron"], self.env["mail.mailbox"]._transact
        seconds, tried = cron._commit_progress(remaining=remaining), set()
        with running():
            transact(lambda env: env[self._name]._release_dead())
            while seconds:
                claimed = transact(lambda env: env[self._name]._claim(tried, limit))
                if not claimed:
                    break
                mailbox_id, ids, token = claimed
                tried.add(mailbox_id)
                work(mailbox_id, ids, token)
                seconds = cron._commit_progress(len(ids))

    def _still_mine(self, token):
        """Return those of these rows that the claim still holds, locked."""
        self.env.cr.execute(
            SQL(
                "SELECT id FROM %s WHERE id = ANY(%s) AND claim_token = %s"
                " AND claimed_until IS NOT NULL ORDER BY id FOR NO KEY UPDATE",
                SQL.identifier(self._table),
                self.ids,
                token,
            )
        )
        mine = {row_id for (row_id,) in self.env.cr.fetchall()}
        return self.browse(row_id for row_id in self.ids if row_id in mine)

    def _let_go(self):
        """Give these rows back."""
        self.write({"claimed_until": False, "claimed_by": False})
