"""How long a first import takes, with Odoo's own defaults.

Run by ``python3 setup bench first-import`` in Odoo's shell, which gives ``env``. Small
mails in 40 folders of a Dovecot on loopback; an Odoo server with two workers and two
that run scheduled actions, which is woken as the assistant's last button does. Once as
it is, once while those workers are killed twenty times. ``--size`` is the number of
mails, instead of 20,000.
"""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import psutil

from odoo.tools import config

from odoo.addons.mail_mailbox_archive_tests.tests.servers.dovecot import Dovecot
from odoo.addons.mail_mailbox_archive_tests.tests.servers.imap_server import free_ports

from setup.scripts import mail_clients, receiving
from setup.scripts.reporting import OPTIONS, Report

SIZE = OPTIONS.size or 20_000
FOLDERS = min(40, SIZE)
KILLS = 20 if SIZE > 1_000 else 1
#: Seconds that an import may take: on a busy machine, beside workers that are killed.
PATIENCE = max(1800, SIZE // 40)
#: Seconds between two clicks of people, after workers were killed.
NUDGE = 3
LOGIN = "first"


def write(number):
    """Return a mail of 3 KB as people write them."""
    body = f"Line {number} of the text, as long as lines are.\r\n" * 60
    return (
        f"From: Anna {number} <anna{number % 500}@spostex.example>\r\n"
        f"To: {LOGIN}@receiving.example\r\nSubject: Offer {number}\r\n"
        f"Message-ID: <{number}@first.example>\r\n"
        f"Date: Mon, 02 Nov 2026 10:{number % 60:02}:00 +0100\r\n\r\n{body}"
    ).encode()


@contextmanager
def running(env):
    """An Odoo server with its own defaults for the time of the block."""
    http, gevent = free_ports(2)
    command = [sys.executable, sys.argv[0], "server", "-d", env.cr.dbname]
    command += [f"--addons-path={','.join(config['addons_path'])}"]
    command += [f"--data-dir={config['data_dir']}", "--workers=2"]
    command += ["--max-cron-threads=2", f"--http-port={http}"]
    command += [f"--gevent-port={gevent}", "--log-level=error"]
    popen = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(lambda: len(workers(popen)) >= 2, "the workers")
        wait_for_schedule(env)
        yield popen
    finally:
        with suppress(ProcessLookupError):
            os.killpg(popen.pid, signal.SIGKILL)
        popen.wait()


def wait_for_schedule(env):
    """Wait until the server has run the scheduled action, with nothing to do."""
    cron = env.ref("mail_mailbox_archive.ir_cron_poll_1")
    before = cron.lastcall
    cron._trigger()
    env.cr.commit()

    def ran():
        env.cr.rollback()
        cron.invalidate_recordset()
        return cron.lastcall != before

    wait_for(ran, "the scheduled action")


def workers(popen):
    """Return the server's processes, all of which come back when they are killed."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(popen.pid).children()
    return []


def wait_for(done, what):
    end = time.monotonic() + PATIENCE
    while not done():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come")
        time.sleep(0.1)


def count(env):
    env.cr.rollback()
    env.cr.execute("SELECT count(*) FROM mail_mailbox_arrival")
    return env.cr.fetchone()[0]


def is_complete(env, mailbox):
    """Return whether what the server has is accounted for, and all is well."""
    env.cr.rollback()
    env.invalidate_all()
    left = sum(mailbox.folder_ids.mapped("waiting_count"))
    aside = env["mail.mailbox.quarantine"].search_count([])
    told = sum(mailbox.folder_ids.mapped("message_count"))
    return (told, left, aside, mailbox.health) == (SIZE, 0, 0, "good")


def begin(env, mailbox):
    """Do what the assistant's last button does."""
    mailbox.next_poll_at = False
    wake(env)


def wake(env):
    """Have the scheduled action run, as any click of anybody does."""
    env.ref("mail_mailbox_archive.ir_cron_poll_1")._trigger()
    env.cr.commit()


def measure(env, mailbox, popen, kills):
    begun = time.monotonic()
    begin(env, mailbox)
    first, left, nudged = None, kills, 0
    step = SIZE // (kills + 1)
    while (have := count(env)) < SIZE:
        first = first or (have and time.monotonic() - begun)
        if left and have >= (kills - left + 1) * step:
            for process in workers(popen):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            left -= 1
            nudged = time.monotonic()
        if left < kills and time.monotonic() - nudged > NUDGE:
            # workers that are restarted sleep for a minute, unless somebody clicks
            nudged = time.monotonic()
            wake(env)
        if time.monotonic() - begun > PATIENCE:
            raise RuntimeError(f"{have} of {SIZE} came")
        time.sleep(random.uniform(0.1, 0.3))
    seconds = time.monotonic() - begun
    wait_for(lambda: is_complete(env, mailbox), "the end of the import")
    return first or seconds, seconds


def main(env):
    report = Report("first-import")
    # Odoo's own would send digests and look for updates meanwhile
    ours = env.ref("mail_mailbox_archive.model_mail_mailbox")
    env["ir.cron"].search([("model_id", "!=", ours.id)]).active = False
    env.cr.commit()
    rows = []
    with Dovecot() as server:
        server.add_user(LOGIN, mail_clients.PASSWORD, logged=False)
        for number in range(SIZE):
            folder = number % FOLDERS
            name = f"Folder {folder}" if folder else "INBOX"
            server.deliver(LOGIN, write(number), name)
        (mailbox,) = receiving.make_mailboxes(env, server.port, [LOGIN])
        for kills in (0, KILLS):
            receiving.forget_mail(env)
            mailbox.next_poll_at = "2099-01-01"
            env.cr.commit()
            with running(env) as popen:
                first, seconds = measure(env, mailbox, popen, kills)
            told = (f"{SIZE:,}", FOLDERS, kills, f"{first:.1f}", f"{seconds:.0f}")
            # in minutes the next one may fail
            print(*told, flush=True)
            rows.append((*told, f"{SIZE / seconds:,.0f}", "yes"))
    headings = (
        "mails",
        "folders",
        "kills",
        "first, s",
        "all, s",
        "mails/s",
        "complete",
    )
    report.say(f"First import into Odoo with its own defaults, {FOLDERS} folders.")
    report.table(headings, rows)


main(env)  # noqa: F821 the shell's
