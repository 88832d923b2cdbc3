"""How soon a mail is in the Queue where ``odoo mailboxlisten`` runs.

Run by ``python3 setup bench listen`` in Odoo's shell, which gives ``env``. A Dovecot on
loopback with NOTIFY and one with IDLE alone, a listening process, and an Odoo server
with its scheduled actions; mail is put into INBOXes one by one, at any moment, and
looked for in the database. ``--repeats`` is the number of mails for each server.
"""

import random
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import (
    PASSWORD,
    Dovecot,
)

from setup import demo
from setup.processes import free_port, start, stop
from setup.scripts import receiving
from setup.scripts.reporting import OPTIONS, Report, median
from setup.workplace import workplace

REPEATS = OPTIONS.repeats or 20
#: Seconds that a mail may take, the first one while all of it starts.
PATIENCE = 60
#: Seconds between two looks at the database.
LOOK = 0.005
#: What a server tells by → the capabilities that it has not.
WAYS = {"NOTIFY": (), "IDLE": ("NOTIFY",)}


def arrived(env):
    """Return how many mails are in the Queue by now."""
    env.cr.execute("SELECT count(*) FROM mail_mailbox_arrival")
    (count,) = env.cr.fetchone()
    env.cr.commit()
    return count


def deliver(env, server, login, number):
    """Put a mail into an INBOX; return the seconds until it is in the Queue."""
    before = arrived(env)
    source = f"Subject: {login} {number}\r\n\r\nHello {number}\r\n".encode()
    with server.connected(login) as client:
        begun = time.monotonic()
        client.append("INBOX", None, None, source)
        while arrived(env) == before:
            if time.monotonic() > begun + PATIENCE:
                raise RuntimeError(f"{login}: mail {number} did not arrive")
            time.sleep(LOOK)
        return time.monotonic() - begun


def measure(env, server, login):
    """Return the seconds that mails took, but for the first, while all starts."""
    deliver(env, server, login, 0)
    rolled = random.Random(OPTIONS.seed)
    took = []
    for number in range(1, REPEATS + 1):
        time.sleep(rolled.random())
        took.append(deliver(env, server, login, number))
    return took


def main(env):
    report = Report("listen")
    database = env.cr.dbname
    rows = []
    with ExitStack() as stack:
        servers = [
            stack.enter_context(Dovecot(without=list(without)))
            for without in WAYS.values()
        ]
        mailboxes = receiving.make_mailboxes(
            env, servers[0].port, map(str.lower, WAYS), imap_password=PASSWORD
        )
        for server, mailbox in zip(servers, mailboxes, strict=True):
            server.add_user(mailbox.imap_login, logged=False)
            mailbox.imap_port = server.port
        env.cr.commit()
        place = stack.enter_context(workplace())
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = free_port(8369)
        stack.enter_context(
            demo.odoo(place, database, port, logs / "odoo", "--max-cron-threads=1")
        )
        listening = start(
            place.command("mailboxlisten", "-d", database),
            place.environment,
            logs / "listen",
        )
        stack.callback(stop, listening)
        for way, server in zip(WAYS, servers, strict=True):
            took = measure(env, server, way.lower())
            rows.append((way, f"{len(took)}", median(took), max(took)))
    report.say(
        "Seconds from the moment a mail is put on the server until it is in the Queue,"
        " with one thread for scheduled actions."
    )
    report.table(("the server tells by", "mails", "median", "most"), rows)


main(env)  # noqa: F821 the shell's
