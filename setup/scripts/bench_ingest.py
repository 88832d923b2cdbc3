"""How fast a mailbox comes into Odoo, beside what people use to fetch mail today.

Run by ``python3 setup bench ingest`` in Odoo's shell, which gives ``env``. One INBOX on
a Dovecot on loopback, read again in each run; the clients take turns. Ours is a real
Odoo process: what it fetched is stored, indexed, searchable, committed. ``--size`` is
the number of emails, instead of 2,000 and 10,000. The slow clients read fewer of the
same emails, and ours as many beside them. A client that does not finish is not tried
again.
"""

import tempfile
import time
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from odoo.addons.mail_mailbox_archive_tests.bench import corpus
from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import Dovecot

from setup import databases, machine
from setup.scripts import mail_clients, receiving
from setup.scripts.reporting import OPTIONS, Report, median
from setup.workplace import workplace

SIZES = (OPTIONS.size,) if OPTIONS.size else (2_000, 10_000)
REPEATS = OPTIONS.repeats or 3
#: How many mails those get that would take minutes for all.
SLOW = {"OfflineIMAP": 1_000, "getmail": 200, "Odoo's fetchmail": 1_000}
#: Getmail, which forks for each mail, waits for ever now and then.
ATTEMPTS = 2
OURS, ODOO = "Mail Mailbox Archive", "Odoo's fetchmail"
PACKAGES = (
    ("isync", "mbsync"),
    ("offlineimap3", "offlineimap"),
    ("getmail6", "getmail"),
)
HEADINGS = ("", "mails", "mails/s", "CPU ms", "PostgreSQL ms", "peak MB", "ours to it")
NOT_FINISHED = "did not finish"
#: Mailboxes that are busy at once, and by how many processes they are read.
MANY = OPTIONS.mailboxes or 64
WORKERS = (1, 2, 8) if MANY > 8 else (1,)


def slow():
    """Return how many mails the slow ones read, by name."""
    return {name: min(SIZES[0], count) for name, count in SLOW.items()}


def fill(env, server):
    """Put the mail on the server: an account for each number of mails that is read.

    Each has a mailbox of ours. Return the mean size of the mails in KB.
    """
    counts = sorted({*SIZES, *slow().values()})
    receiving.make_mailboxes(env, server.port, [f"box{count}" for count in counts])
    for count in counts:
        server.add_user(f"box{count}", mail_clients.PASSWORD, logged=False)
    size = 0
    for number, source in enumerate(corpus.mails(counts[-1], OPTIONS.seed)):
        size += len(source)
        for count in counts:
            if number < count:
                server.deliver(f"box{count}", source)
    return size / counts[-1] / 1000


def read_by_us(env, _server, count):
    mailbox = env["mail.mailbox"].search([("imap_login", "=", f"box{count}")])
    receiving.forget_mail(env)
    with receiving.odoo_process(env.cr.dbname) as odoo:
        return odoo.do("poll", receiving.PATIENCE, mailbox.ids)


def read_by_odoo(env, server, count):
    """Have Odoo's own fetchmail make leads of them."""
    env.cr.execute("DELETE FROM crm_lead")
    env.cr.execute("DELETE FROM mail_message WHERE model = 'crm.lead'")
    env.cr.execute(
        """
        INSERT INTO fetchmail_server (name, active, state, server_type, server, port,
               "user", password, attach, object_id)
        SELECT 'bench', TRUE, 'done', 'imap', %s, %s, %s, %s, TRUE, id
          FROM ir_model WHERE model = 'crm.lead'
     RETURNING id
        """,
        [mail_clients.HOST, server.port, f"box{count}", mail_clients.PASSWORD],
    )
    (account,) = env.cr.fetchone()
    env.cr.commit()
    server.store_flags(f"box{count}", "INBOX", "1:*", r"-FLAGS (\Seen)")
    with receiving.odoo_process(env.cr.dbname) as odoo:
        told = odoo.do("fetchmail", account, count)
    # an answer goes to the lead of the mail it answers
    env.cr.execute(
        "SELECT count(*) FROM mail_message"
        " WHERE model = 'crm.lead' AND message_type = 'email'"
    )
    return told | {"count": env.cr.fetchone()[0]}


def read_by_program(client, server, count, place):
    """Have a program write them to files, which stay: see ``receiving.forget_mail``."""
    for attempt in range(ATTEMPTS):
        folder = Path(tempfile.mkdtemp(dir=place))
        try:
            return client.fetch(server.port, f"box{count}", folder)
        except RuntimeError:
            if attempt == ATTEMPTS - 1:
                raise


def contestants(env, server, clients, place):
    """Yield who reads how many mails, and the function that has it read them.

    :param place: folder for the files of other programs
    """
    peers = {
        client.name: partial(read_by_program, client, place=place) for client in clients
    }
    peers[ODOO] = partial(read_by_odoo, env)
    for count in sorted({*SIZES, *slow().values()}):
        yield OURS, count, lambda n=count: read_by_us(env, server, n)
        for name, read in peers.items():
            if count == slow().get(name) or (name not in SLOW and count in SIZES):
                yield name, count, partial(read, server, count)


def measure(entries):
    """Return the runs of each of ``entries``, by name and number of mails."""
    runs = {(name, count): [] for name, count, _work in entries}
    given_up = set()
    for _repeat in range(REPEATS):
        for name, count, work in entries:
            if name in given_up:
                continue
            try:
                told = work()
            except RuntimeError:
                if name == OURS:
                    raise
                given_up.add(name)
                continue
            if told["count"] != count:
                raise RuntimeError(f"{name} got {told['count']} of {count} mails")
            runs[name, count].append(told)
    return runs


def row(name, count, runs):
    if not runs:
        return [name, f"{count:,}", NOT_FINISHED, "", "", ""]
    if len(runs) < REPEATS:
        name = f"{name}, {len(runs)} of {REPEATS} runs"
    rate = median(run["count"] / run["seconds"] for run in runs)
    each = {
        kind: median(run[kind] * 1000 / count for run in runs if kind in run)
        for kind in ("cpu", "database")
        if kind in runs[0]
    }
    peak = median(run["peak"] for run in runs)
    in_database = each.get("database", "none")
    return [name, f"{count:,}", rate, each["cpu"], in_database, peak]


def fill_many(env, server):
    """Share out the mails of the first size over accounts; return the mailboxes."""
    logins = [f"busy{number}" for number in range(MANY)]
    for login in logins:
        server.add_user(login, mail_clients.PASSWORD, logged=False)
    for number, source in enumerate(corpus.mails(SIZES[0], OPTIONS.seed)):
        server.deliver(logins[number % MANY], source)
    return receiving.make_mailboxes(env, server.port, logins)


def read_many(env, mailboxes, workers):
    """Have processes read all the mailboxes at once; return what that cost."""
    receiving.forget_mail(env)
    with ExitStack() as stack:
        made = [receiving.odoo_process(env.cr.dbname) for _ in range(workers)]
        processes = [stack.enter_context(one) for one in made]
        begun = time.monotonic()
        for one in processes:
            one.begin("poll", receiving.PATIENCE, mailboxes.ids)
        told = [one.end() for one in processes]
        seconds = time.monotonic() - begun
    if sum(one["count"] for one in told) != SIZES[0]:
        raise RuntimeError(f"{told} of {SIZES[0]} mails")
    cpu = sum(one["cpu"] for one in told)
    return {"rate": SIZES[0] / seconds, "cpu": cpu * 1000 / SIZES[0]}


def tell_many(env, server, report):
    """Add the table of many mailboxes that are busy at once."""
    mailboxes = fill_many(env, server)
    runs = {workers: [] for workers in WORKERS}
    # the server's own indexes are made once, before anything is measured
    read_many(env, mailboxes, 1)
    for _repeat in range(REPEATS):
        for workers, done in runs.items():
            done.append(read_many(env, mailboxes, workers))
    report.say(f"{SIZES[0]:,} of the mails in {MANY} mailboxes, read at once:")
    report.table(
        ("processes", "mails/s", "CPU ms"),
        [
            [workers, *(median(one[kind] for one in done) for kind in ("rate", "cpu"))]
            for workers, done in runs.items()
        ],
    )


def prepare(database):
    """Install what others need: the app of the leads, and the programs."""
    for package, program in PACKAGES:
        machine.offer(package, program)
    with workplace() as place:
        databases.install(place, database, ["crm"])


def main(env):
    report = Report("ingest")
    env.cr.commit()
    prepare(env.cr.dbname)
    clients, missing = mail_clients.find()
    with Dovecot() as server:
        with tempfile.TemporaryDirectory() as place:
            kilobytes = fill(env, server)
            for count in {*SIZES, *slow().values()}:
                # the server's own index is made once, before anybody is measured
                read_by_program(clients[0], server, count, place)
            runs = measure(list(contestants(env, server, clients, place)))
        tell(env, report, runs, kilobytes, missing)
        tell_many(env, server, report)


def tell(env, report, runs, kilobytes, missing):
    """Add the table of one mailbox beside other programs."""
    rows = [row(*key, done) for key, done in runs.items()]
    ours = {count: rate for name, count, rate, *_costs in rows if name == OURS}
    report.say(
        f"Mails of {kilobytes:.0f} KB on average, every fifth with an attachment, in"
        f" one INBOX; medians of {REPEATS} runs by turns. CPU time is that of a mail in"
        " the program, and in PostgreSQL. Programs of mail write files and nothing"
        " else, Odoo's own makes leads and keeps no source. The last column is our"
        " speed in times of the other's, for as many mails."
        + "".join(f" Not on this machine: {name}." for name in missing)
    )
    report.say(receiving.durability(env))
    finished = [one for one in rows if one[2] != NOT_FINISHED]
    for one in rows:
        other = one in finished and one[0] != OURS
        one.append(ours[one[1]] / one[2] if other else "")
    report.table(HEADINGS, rows)
    # imapclient keeps nothing, and would make all other bars short
    kept = [one for one in finished if one[0] != "imapclient"]
    report.chart("mails/s", [(f"{r[0]}, {r[1]}", r[2]) for r in kept], OURS)


main(env)  # noqa: F821 the shell's
