"""How fast a mailbox comes into Odoo, beside what people use to fetch mail today.

Run by ``python3 setup bench ingest`` in Odoo's shell, which gives ``env``. One INBOX on
a Dovecot on loopback, read anew in each run; all by turns. Ours is a real Odoo process:
what it fetched is stored, indexed, searchable, committed. ``--size`` is the number of
mails, instead of 2,000 and 10,000; the slow ones read fewer of the same mails.
"""

import tempfile
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
SLOW = {"OfflineIMAP": 1_000, "getmail": 200, "Odoo's fetchmail": 200}
#: Getmail, which forks for each mail, waits for ever now and then.
ATTEMPTS = 3
OURS, ODOO = "Mail Mailbox Archive", "Odoo's fetchmail"
PACKAGES = (
    ("isync", "mbsync"),
    ("offlineimap3", "offlineimap"),
    ("getmail6", "getmail"),
)
HEADINGS = ("", "mails", "mails/s", "CPU ms", "PostgreSQL ms", "peak MB", "faster than")


def fill(server):
    """Put the mail on the server: an account for each number of mails that is read."""
    counts = sorted({*SIZES, *(min(SIZES[0], count) for count in SLOW.values())})
    for count in counts:
        server.add_user(f"box{count}", mail_clients.PASSWORD, logged=False)
    size = 0
    for number, source in enumerate(corpus.mails(counts[-1], OPTIONS.seed)):
        size += len(source)
        for count in counts:
            if number < count:
                server.deliver(f"box{count}", source)
    return size / counts[-1] / 1000


def read_by_us(env, server, count):
    mailbox = env["mail.mailbox"].search([("imap_login", "=", f"box{count}")])
    mailbox = mailbox or receiving.make_mailboxes(env, server.port, [f"box{count}"])
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


def read_by_program(client, server, count):
    for attempt in range(ATTEMPTS):
        with tempfile.TemporaryDirectory() as folder:
            try:
                return client.fetch(server.port, f"box{count}", Path(folder))
            except RuntimeError:
                if attempt == ATTEMPTS - 1:
                    raise


def contestants(env, server, clients):
    """Return who reads how many mails, and the function that has it read them."""
    for size in SIZES:
        yield OURS, size, lambda n=size: read_by_us(env, server, n)
        for client in clients:
            if client.name not in SLOW:
                yield (
                    client.name,
                    size,
                    lambda c=client, n=size: read_by_program(c, server, n),
                )
    for client in clients:
        if client.name in SLOW:
            count = min(SIZES[0], SLOW[client.name])
            yield (
                client.name,
                count,
                lambda c=client, n=count: read_by_program(c, server, n),
            )
    count = min(SIZES[0], SLOW[ODOO])
    yield ODOO, count, lambda n=count: read_by_odoo(env, server, n)


def row(name, count, runs):
    rate = median(run["count"] / run["seconds"] for run in runs)
    each = {
        kind: median(run[kind] * 1000 / count for run in runs if kind in run)
        for kind in ("cpu", "database")
        if kind in runs[0]
    }
    peak = median(run["peak"] for run in runs)
    in_database = each.get("database", "none")
    return [name, f"{count:,}", rate, each["cpu"], in_database, peak]


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
        kilobytes = fill(server)
        for login in {count for _n, count, _w in contestants(env, server, clients)}:
            # the server's own index is made once, before anybody is measured
            read_by_program(clients[0], server, login)
        entries = list(contestants(env, server, clients))
        runs = {(name, count): [] for name, count, _work in entries}
        for _repeat in range(REPEATS):
            for name, count, work in entries:
                told = work()
                if told["count"] != count:
                    raise RuntimeError(f"{name} got {told['count']} of {count} mails")
                runs[name, count].append(told)
    rows = [row(*key, done) for key, done in runs.items()]
    ours = rows[0][2]
    report.say(
        f"Mails of {kilobytes:.0f} KB on average, every fifth with an attachment, in"
        f" one INBOX; medians of {REPEATS} runs by turns. CPU time is that of a mail in"
        " the program, and in PostgreSQL. Programs of mail write files and nothing"
        " else, Odoo's own makes leads and keeps no source."
        + "".join(f" Not on this machine: {name}." for name in missing)
    )
    report.table(HEADINGS, [[*r, "" if r[0] == OURS else ours / r[2]] for r in rows])
    report.chart("mails/s", [(f"{r[0]}, {r[1]}", r[2]) for r in rows])


main(env)  # noqa: F821 the shell's
