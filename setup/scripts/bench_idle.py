"""What a check costs that finds nothing new, which is nearly every check.

Run by ``python3 setup bench idle`` in Odoo's shell, which gives ``env``. Mailboxes of
20 folders each, asked as the scheduled action asks, with new logins and with kept ones;
then many mailboxes behind a line of 30 ms there and back, by one worker.
``--mailboxes`` is their number instead of 1,000.
"""

import asyncio
import threading
import time
from contextlib import contextmanager, suppress

from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import Dovecot

from setup.scripts import mail_clients, receiving
from setup.scripts.reporting import OPTIONS, Report, median

MAILBOXES = OPTIONS.mailboxes or 1000
NEAR = min(100, MAILBOXES)
REPEATS = OPTIONS.repeats or 3
FOLDERS = 20
#: Seconds that a byte takes, one way.
DELAY = 0.015
#: Seconds until the server has noted the end of a process, and all it sent.
SETTLED = 2


@contextmanager
def far(port):
    """Yield the port of a proxy to ``port`` that delays each byte by ``DELAY``."""
    loop = asyncio.new_event_loop()
    # connections that are cut at the end are not news
    loop.set_exception_handler(lambda *_: None)

    async def pump(reader, writer):
        try:
            while data := await reader.read(2**16):
                # later pieces wait as long as this one: order is kept
                loop.call_later(DELAY, writer.write, data)
        finally:
            loop.call_later(DELAY, writer.close)

    async def accept(reader, writer):
        # the line itself takes a round before the first byte
        await asyncio.sleep(2 * DELAY)
        there = await asyncio.open_connection(mail_clients.HOST, port)
        with suppress(asyncio.CancelledError):
            await asyncio.gather(
                pump(reader, there[1]), pump(there[0], writer), return_exceptions=True
            )

    async def start():
        server = await asyncio.start_server(
            accept, mail_clients.HOST, 0, backlog=MAILBOXES
        )
        return server.sockets[0].getsockname()[1]

    def end():
        for task in asyncio.all_tasks(loop):
            task.cancel()
        loop.call_later(2 * DELAY, loop.stop)

    listening = loop.run_until_complete(start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listening
    finally:
        loop.call_soon_threadsafe(end)
        thread.join()


def fill(server):
    """Make the accounts; return their logins."""
    logins = [f"idle{number}" for number in range(MAILBOXES)]
    for login in logins:
        server.add_user(login, mail_clients.PASSWORD, logged=login == logins[0])
        for number in range(1, FOLDERS):
            server.create_folder(login, f"Folder {number}")
    return logins


def row_versions(env):
    """Return what tells of each row of mailboxes and folders whether it was written."""
    env.cr.execute(
        "SELECT 'mailbox', id, xmin::text FROM mail_mailbox UNION ALL"
        " SELECT 'folder', id, xmin::text FROM mail_mailbox_folder"
    )
    versions = set(env.cr.fetchall())
    env.cr.commit()
    return versions


def measure(env, mailboxes, label, repeats=REPEATS):
    """Return rows of the report: logins of their own, and kept."""
    runs = {"new": [], "kept": []}
    with receiving.odoo_process(env.cr.dbname) as odoo:
        # what a process does once is not part of a check
        receiving.ask(env, odoo, mailboxes)
        for _repeat in range(repeats):
            odoo.do("hang_up")
            runs["new"].append(receiving.ask(env, odoo, mailboxes))
            runs["kept"].append(receiving.ask(env, odoo, mailboxes))
    return [
        [
            f"{label}, {'login kept' if kind == 'kept' else 'new login'}",
            f"{len(mailboxes):,}",
            median(run["seconds"] for run in done),
            *(
                median(run[cost] * 1000 / len(mailboxes) for run in done)
                for cost in ("cpu", "database")
            ),
        ]
        for kind, done in runs.items()
    ]


def look(env, server, mailbox):
    """Return in words what two checks with one login send, and what they write."""
    server.commands(mailbox.imap_login)
    with receiving.odoo_process(env.cr.dbname) as odoo:
        receiving.ask(env, odoo, mailbox)
        receiving.make_due(env, mailbox)
        before = row_versions(env)
        odoo.do("poll", receiving.PATIENCE)
        written = row_versions(env) - before
    time.sleep(SETTLED)
    sent = [
        one.split()[0] for line in server.commands(mailbox.imap_login) for one in line
    ]
    rows = ", ".join(kind for kind, _id, _version in written)
    return f"Two checks with one login sent {', '.join(sent)}; rows written: {rows}."


def main(env):
    report = Report("idle")
    rows = []
    with Dovecot() as server:
        logins = fill(server)
        mailboxes = receiving.make_mailboxes(env, server.port, logins)
        rows += measure(env, mailboxes[:NEAR], "on loopback", receiving.SHORT * REPEATS)
        sent = look(env, server, mailboxes[0])
        with far(server.port) as port:
            mailboxes.imap_port = port
            env.cr.commit()
            rows += measure(env, mailboxes, "30 ms away")
    report.say(
        f"Checks of mailboxes with {FOLDERS} folders and nothing new, one worker."
    )
    report.say(sent)
    report.say(receiving.durability(env))
    report.table(
        ("", "mailboxes", "seconds", "CPU ms each", "PostgreSQL ms each"), rows
    )
    report.chart("ms CPU", [(row[0], row[3]) for row in rows], "")


main(env)  # noqa: F821 the shell's
