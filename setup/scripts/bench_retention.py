"""How long a retention rule holds locks, and how many emails it removes in a second.

Run by ``python3 setup bench retention`` in Odoo's shell, which gives ``env``. A rule
for mail that nobody archived works on a million messages for two minutes; on others
with ``--size``, longer with ``--repeats`` (minutes). A lock is held at most from before
the rows are locked until after the commit; another connection, meanwhile, asks for rows
of the newest messages and is never to wait.
"""

import threading
import time
from unittest.mock import patch

from odoo import Command

from odoo.addons.mail_mailbox_archive_tests.bench import archive

from setup.scripts.reporting import OPTIONS, Report, median

SECONDS = 60 * (OPTIONS.repeats or 2)
#: Milliseconds that a lock may be held.
BAR = 50


def prepare(env):
    messages = OPTIONS.size or 1_000_000
    size = archive.Size(
        messages=messages,
        archived=messages * 3 // 10,
        records=max(messages // 20, 600),
        seed=OPTIONS.seed,
    )
    if not archive.find(env):
        archive.make(env, size)
        archive.make_source_rows(env)
        env.cr.execute("UPDATE mail_mailbox_message SET stored_size = size")
        archive.settle(env)
    rule = env["mail.mailbox.retention.rule"].create(
        {"name": "Bench", "days": 1, "only_on_server": False}
    )
    env.ref("base.user_root").company_ids = [
        Command.set(env["res.company"].search([]).ids)
    ]
    env.cr.commit()
    return rule, messages


def measured(rule):
    """Work the rule off; return the run, and the milliseconds that locks were held."""
    held, lock = [], type(rule)._lock

    def note(self, rows):
        begun = time.perf_counter()

        def note_end():
            held.append((time.perf_counter() - begun) * 1000)

        # called first: files, which nobody waits for, are removed after it
        self.env.cr.postcommit.add(note_end)
        return lock(self, rows)

    with patch.object(type(rule), "_lock", note):
        run = rule._run(deadline=time.monotonic() + SECONDS)
    # another transaction wrote it
    rule.env.cr.rollback()
    rule.env.invalidate_all()
    return run, sorted(held)


def watch(env, stop, waits):
    """Ask for a lock on what comes in, as a check of new mail does."""
    while not stop.is_set():
        with env.registry.cursor() as cr:
            begun = time.perf_counter()
            cr.execute(
                "SELECT id FROM mail_mailbox_arrival ORDER BY id DESC LIMIT 20"
                " FOR NO KEY UPDATE"
            )
            waits.append((time.perf_counter() - begun) * 1000)
        stop.wait(0.02)


def main(env):
    report = Report("retention")
    rule, messages = prepare(env)
    stop, waits = threading.Event(), []
    watcher = threading.Thread(target=watch, args=(env, stop, waits))
    watcher.start()
    begun = time.monotonic()
    try:
        run, held = measured(rule)
    finally:
        stop.set()
        watcher.join()
    seconds = time.monotonic() - begun
    report.say(f"{run.removed:,} of {messages:,} messages removed in {seconds:.0f} s.")
    report.table(
        ("", "median", "99 %", "longest"),
        [
            (name, median(times), times[len(times) * 99 // 100], times[-1])
            for name, times in (
                ("ms that a batch holds locks", held),
                ("ms that another waits for a row", sorted(waits)),
            )
        ],
    )
    report.say(f"{run.removed / seconds:,.0f} a second, in {len(held):,} batches.")
    over = sum(one > BAR for one in held)
    report.say(f"{over} batches held locks longer than {BAR} ms.")


main(env)  # noqa: F821 (Odoo's shell gives env)
