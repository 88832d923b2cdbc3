"""What more workers bring, what a large archive costs, what a message takes of a disk.

Run by ``python3 setup bench scale`` in Odoo's shell, which gives ``env``. Busy
mailboxes of 20 folders on a Dovecot on loopback, read by real Odoo processes; the same
at a hundredth of ``--size`` stored messages and at all of it, 100,000 unless given.
``--mailboxes`` is the number of mailboxes instead of 64.
"""

import shutil
import subprocess
import tempfile
import threading
import time
import zlib
from contextlib import ExitStack, closing, contextmanager
from itertools import islice
from pathlib import Path

import psutil

from odoo.sql_db import db_connect

from odoo.addons.mail_mailbox_archive_tests.bench import archive, corpus, process
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import Dovecot

from setup.scripts import mail_clients, receiving
from setup.scripts.reporting import OPTIONS, Report, figure, median

STORED = OPTIONS.size or 100_000
SIZES = (STORED // 100, STORED)
MAILBOXES = OPTIONS.mailboxes or 64
REPEATS = OPTIONS.repeats or 3
#: Mails of a mailbox.
EACH = 40
FOLDERS = 20
WORKERS = tuple(number for number in (1, 2, 8) if number <= MAILBOXES)
#: Mailboxes of so many get the newsletter.
SUBSCRIBERS = min(50, MAILBOXES)
#: Seconds between two looks at who waits for a lock, and a wait that counts.
LOOK, LONG = 0.01, 0.05
#: Sources that are compressed to see what it would save.
COMPRESSED = 500
WAITING = """
    SELECT pid, query_start, wait_event FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND datname = %s
"""
RELATIONS = """
    SELECT relname, pg_table_size(oid) - toast, pg_indexes_size(oid), toast
      FROM pg_class, coalesce(pg_total_relation_size(nullif(reltoastrelid, 0)), 0) toast
     WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
"""


def fill(server):
    """Make the accounts and their mail; return their logins."""
    logins = [f"busy{number}" for number in range(MAILBOXES)]
    for login in logins:
        server.add_user(login, mail_clients.PASSWORD, logged=False)
        for number in range(1, FOLDERS):
            server.create_folder(login, f"Folder {number}")
    for number, source in enumerate(corpus.mails(EACH * MAILBOXES, OPTIONS.seed)):
        server.deliver(logins[number % MAILBOXES], source)
    return logins


# Workers


@contextmanager
def lock_waits(database):
    """Yield a list that gets the seconds of each wait for a lock, as they were seen."""
    seen, waits, ended = {}, [], threading.Event()

    def look():
        # from another database, so that looking does not count as work
        with closing(db_connect("postgres").cursor()) as cr:
            while not ended.wait(LOOK):
                cr.execute(WAITING, [database])
                now = time.monotonic()
                for wait in cr.fetchall():
                    first, _last = seen.get(wait, (now, now))
                    seen[wait] = first, now
                cr.rollback()

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield waits
    finally:
        ended.set()
        thread.join()
        waits += [last - first + LOOK for first, last in seen.values()]


def deadlocks(env):
    env.cr.execute(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    )
    (count,) = env.cr.fetchone()
    env.cr.commit()
    return count


def read_all(env, server, mailboxes, workers):
    """Have all mail read by so many workers at a time; return what it cost."""
    database = env.cr.dbname
    receiving.forget_mail(env)
    receiving.make_due(env, mailboxes)
    with ExitStack() as stack:
        odoos = [
            stack.enter_context(receiving.odoo_process(database))
            for _number in range(workers)
        ]
        before = (process.database_seconds(database), receiving.seconds_of(server.pid))
        for odoo in odoos:
            odoo.begin("poll", receiving.PATIENCE)
        told = [odoo.end() for odoo in odoos]
        after = (process.database_seconds(database), receiving.seconds_of(server.pid))
    count = sum(one["count"] for one in told)
    if count != EACH * MAILBOXES:
        raise RuntimeError(f"{count} of {EACH * MAILBOXES} mails read")
    seconds = max(one["seconds"] for one in told)
    costs = [
        sum(one["cpu"] for one in told),
        *(b - a for a, b in zip(before, after, strict=False)),
    ]
    return {
        "rate": count / seconds,
        "costs": [cost * 1000 / count for cost in costs],
        "busy": sum(costs) / seconds,
    }


def measure_workers(env, server, mailboxes, report):
    rows, rates = [], {}
    for workers in WORKERS:
        runs = [read_all(env, server, mailboxes, workers) for _repeat in range(REPEATS)]
        # in a run of its own, because looking takes time
        before = deadlocks(env)
        with lock_waits(env.cr.dbname) as waits:
            read_all(env, server, mailboxes, workers)
        rates[workers] = median(run["rate"] for run in runs)
        rows.append(
            [
                str(workers),
                rates[workers],
                rates[workers] / rates[1],
                *(median(run["costs"][n] for run in runs) for n in range(3)),
                median(run["busy"] for run in runs),
                sum(wait > LONG for wait in waits),
                max(waits, default=0) * 1000,
                deadlocks(env) - before,
            ]
        )
    report.say(
        f"{MAILBOXES} busy mailboxes of {EACH} mails, all read by workers that share"
        f" {psutil.cpu_count()} cores with PostgreSQL and Dovecot, medians of {REPEATS}"
        " runs. CPU time is that of a mail; the cores in use are those three together."
        f" Waits for a lock are looked for every {LOOK * 1000:.0f} ms."
    )
    report.table(
        ("workers", "mails/s", "to 1 worker", "Odoo ms", "PostgreSQL ms", "Dovecot ms")
        + ("cores", "waits over 50 ms", "longest ms", "deadlocks"),
        rows,
    )
    report.chart("mails/s", [(f"{n} workers", rate) for n, rate in rates.items()], "")


# A large archive


def cost_beside(env, mailboxes):
    """Return ms of Odoo and PostgreSQL for a mail, and for a check without news."""
    first, rest = mailboxes[: MAILBOXES // 8], mailboxes[MAILBOXES // 8 :]
    step = max(1, len(rest) // REPEATS)
    parts = [rest[start : start + step] for start in range(0, step * REPEATS, step)]
    with receiving.odoo_process(env.cr.dbname) as odoo:
        if first:
            receiving.ask(env, odoo, first)
        read = [(receiving.ask(env, odoo, part), EACH * len(part)) for part in parts]
        done = mailboxes[: len(first) + step * len(parts)]
        receiving.ask(env, odoo, done)
        checks = [
            (receiving.ask(env, odoo, done), len(done))
            for _ in range(receiving.SHORT * REPEATS)
        ]
    return [
        median(told[kind] * 1000 / count for told, count in runs)
        for runs in (read, checks)
        for kind in ("cpu", "database")
    ]


def measure_growth(env, mailboxes, report):
    sizes = [
        archive.Size(
            messages=size,
            archived=size * 3 // 10,
            records=max(STORED // 20, 600),
            seed=OPTIONS.seed,
        )
        for size in SIZES
    ]
    receiving.forget_mail(env)
    made = archive.make(env, sizes[0])
    costs = []
    for size in sizes:
        if costs:
            receiving.forget_mail(env)
            archive.make_mail(env, size, *made)
        archive.make_source_rows(env)
        archive.settle(env)
        costs.append(cost_beside(env, mailboxes))
    ratios = [last / first if first else 0 for first, last in zip(*costs, strict=False)]
    rows = [[f"{size:,}", *cost] for size, cost in zip(SIZES, costs, strict=False)] + [
        ["ratio", *(f"{ratio:.2f}" for ratio in ratios)]
    ]
    totals = [[cost[n] + cost[n + 1] for n in (0, 2)] for cost in costs]
    report.say(
        "Beside so many stored messages, CPU time of a mail that is read and of a check"
        f" of a mailbox of {FOLDERS} folders that finds nothing new."
    )
    report.table(
        ("stored", "mail, Odoo ms", "mail, PostgreSQL ms")
        + ("check, Odoo ms", "check, PostgreSQL ms"),
        rows,
    )
    mail, check = (last / first for first, last in zip(*totals, strict=False))
    report.say(
        f"Together {mail:.2f} times as much for a mail, {check:.2f} for a check."
    )


# The disk


def relations(env):
    """Return heap, index and TOAST bytes of each table, cleaned before."""
    archive.settle(env)
    env.cr.execute(RELATIONS)
    sizes = {name: sizes for name, *sizes in env.cr.fetchall()}
    env.cr.commit()
    return sizes


def files(env):
    """Return number, bytes and bytes on disk of the stored sources' files."""
    env.cr.execute(
        "SELECT DISTINCT store_fname FROM ir_attachment"
        " WHERE res_model = 'mail.mailbox.message' AND store_fname IS NOT NULL"
    )
    paths = [env["ir.attachment"]._full_path(name) for (name,) in env.cr.fetchall()]
    env.cr.commit()
    stats = [Path(path).stat() for path in paths]
    return (
        len(stats),
        sum(one.st_size for one in stats),
        sum(one.st_blocks * 512 for one in stats),
    )


def counts(env):
    """Return how many messages, arrivals and files there are."""
    found = [
        env[name].search_count([])
        for name in ("mail.mailbox.message", "mail.mailbox.arrival")
    ]
    return [*found, files(env)[0]]


def compressed(sources):
    """Return in words what compressing the sources one by one would leave of them."""
    size = sum(map(len, sources))
    packed = sum(len(zlib.compress(source, 6)) for source in sources)
    left = [f"gzip {packed / size:.0%}"]
    if zstd := shutil.which("zstd"):
        with tempfile.TemporaryDirectory() as folder:
            for number, source in enumerate(sources):
                Path(folder, str(number)).write_bytes(source)
            packed = subprocess.check_output(
                [zstd, "-q", "-3", "-c", *Path(folder).iterdir()]
            )
        left.append(f"zstd {len(packed) / size:.0%}")
    return ", ".join(left)


def measure_disk(env, server, mailboxes, report):
    receiving.forget_mail(env)
    before = relations(env)
    with receiving.odoo_process(env.cr.dbname) as odoo:
        receiving.ask(env, odoo, mailboxes)
        after, (number, size, on_disk) = relations(env), files(env)
        messages = EACH * MAILBOXES
        grown = {
            name: [
                b - a for a, b in zip(before.get(name, (0, 0, 0)), sizes, strict=False)
            ]
            for name, sizes in after.items()
        }
        rows = [
            [name, *(part / messages for part in parts)]
            for name, parts in sorted(grown.items(), key=lambda one: -sum(one[1]))
            if sum(parts) >= messages
        ]
        rows.append(["all tables", *(sum(row[n] for row in rows) for n in (1, 2, 3))])
        report.say(
            f"{messages:,} messages, bytes in PostgreSQL for each, beyond its source:"
        )
        report.table(("bytes", "rows", "indexes", "TOAST"), rows)
        sources = list(islice(corpus.mails(messages, OPTIONS.seed), COMPRESSED))
        report.say(
            f"Sources: {number:,} files of {figure(size / number)} bytes on average,"
            f" {figure(on_disk / number)} on disk. Compressing each would leave"
            f" {compressed(sources)} of them; they are stored as they came."
        )
        known = counts(env)
        letter = next(corpus.mails(1, OPTIONS.seed + 1))
        for number, mailbox in enumerate(mailboxes[:SUBSCRIBERS]):
            way = f"Delivered-To: {mailbox.email}\r\nX-Way: {number}\r\n"
            server.deliver(mailbox.imap_login, way.encode() + letter, "Folder 1")
        receiving.ask(env, odoo, mailboxes)
    more = [new - old for new, old in zip(counts(env), known, strict=False)]
    for mailbox in mailboxes[:SUBSCRIBERS]:
        server.delete_folder(mailbox.imap_login, "Folder 1")
        server.create_folder(mailbox.imap_login, "Folder 1")
    report.say(
        f"A newsletter to {SUBSCRIBERS} mailboxes, each copy with headers of its own"
        f" way: {more[0]} message, {more[1]} lines of the Queue, {more[2]} file."
    )


def main(env):
    report = Report("scale")
    with Dovecot() as server:
        mailboxes = receiving.make_mailboxes(env, server.port, fill(server))
        report.say(receiving.durability(env))
        measure_disk(env, server, mailboxes, report)
        measure_workers(env, server, mailboxes, report)
        measure_growth(env, mailboxes, report)


main(env)  # noqa: F821 the shell's
