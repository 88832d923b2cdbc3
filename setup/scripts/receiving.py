"""What the benches of receiving share: mail on a Dovecot, mailboxes, Odoo processes."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from odoo import Command
from odoo.tools import config

from odoo.addons.mail_mailbox_archive_tests.bench import process

from .mail_clients import HOST, PASSWORD

#: Seconds that any fetching may take.
PATIENCE = 500
#: How many times as often is done what takes a moment.
SHORT = 5


def make_mailboxes(env, port, logins, **values):
    """Make a mailbox for each of ``logins``, and commit; no other is fetched any more.

    :param port: of the server, plain IMAP on loopback
    """
    admin = env.ref("base.user_admin")
    env["mail.mailbox"].search([]).imap_enabled = False
    made = env["mail.mailbox"].create(
        [
            {
                "name": login,
                "email": f"{login}@receiving.example",
                "responsible_id": admin.id,
                "user_ids": [Command.set(admin.ids)],
                "imap_host": HOST,
                "imap_port": port,
                "imap_security": "none",
                "imap_login": login,
                "imap_password": PASSWORD,
                **values,
            }
            for login in logins
        ]
    )
    env.cr.commit()
    return made


def forget_mail(env):
    """Remove all stored mail, and where folders were read to; commit.

    Its files are put aside until the database goes: for minutes after many files were
    deleted, ext4 takes many times as long to make new ones.
    """
    store = Path(env["ir.attachment"]._filestore())
    aside = Path(tempfile.mkdtemp(dir=store, prefix="forgotten-"))
    env.cr.execute("TRUNCATE mail_mailbox_message CASCADE")
    env.cr.execute(
        "DELETE FROM ir_attachment WHERE res_model = 'mail.mailbox.message'"
        " RETURNING store_fname"
    )
    names = {name for (name,) in env.cr.fetchall() if name}
    for path in (*(store / name for name in names), store / "checklist"):
        with suppress(FileNotFoundError):
            path.rename(aside / path.name)
    env.cr.execute("DELETE FROM mail_mailbox_folder")
    env.cr.execute("UPDATE mail_mailbox SET next_poll_at = NULL, lease_until = NULL")
    env.cr.commit()
    env.invalidate_all()


def make_due(env, mailboxes):
    """Have the next poll check these mailboxes and no other; commit."""
    # what a process of Odoo wrote since is not in what this transaction sees
    env.cr.commit()
    env.cr.execute(
        "UPDATE mail_mailbox SET next_poll_at = CASE WHEN id = ANY(%s)"
        " THEN NULL ELSE '2099-01-01'::timestamp END",
        [mailboxes.ids],
    )
    env.cr.commit()


def durability(env):
    """Return in words whether what was measured would survive a loss of power."""
    env.cr.execute(
        "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
    )
    fsync, commit = env.cr.fetchone()
    env.cr.commit()
    return (
        f"PostgreSQL with fsync {fsync} and synchronous_commit {commit}; Odoo does not"
        " sync the files of its file store, mbsync, OfflineIMAP and getmail sync each"
        " of theirs."
    )


class OdooProcess:
    """An Odoo process that does what ``bench.process`` of our tests can."""

    def __init__(self, popen: subprocess.Popen) -> None:
        self._popen = popen
        if popen.stdout.readline() != "ready\n":
            raise RuntimeError("Odoo did not start")

    def begin(self, work: str, *arguments: object) -> None:
        self._popen.stdin.write(json.dumps([work, *arguments]) + "\n")
        self._popen.stdin.flush()

    def end(self, seconds: float = 2 * PATIENCE) -> dict[str, float]:
        """Return what the work that was begun told and cost.

        :param seconds: after which the process is killed
        :raises RuntimeError: it ended before its work, or was killed
        """
        watch = threading.Timer(seconds, self._popen.kill)
        watch.start()
        answer = self._popen.stdout.readline()
        watch.cancel()
        if not answer:
            raise RuntimeError("the Odoo process ended before its work")
        return json.loads(answer)

    def do(self, work: str, *arguments: object) -> dict[str, float]:
        self.begin(work, *arguments)
        return self.end()


@contextmanager
def odoo_process(database: str):
    """An :class:`OdooProcess` for the time of the block."""
    with subprocess.Popen(
        [sys.executable, process.__file__, config["config"], database],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as popen:
        try:
            yield OdooProcess(popen)
        finally:
            popen.kill()


def ask(env, odoo, mailboxes):
    """Check all ``mailboxes`` once; return what it cost."""
    make_due(env, mailboxes)
    told = odoo.do("poll", PATIENCE)
    if told["polled"] != len(mailboxes):
        raise RuntimeError(f"{told['polled']} of {len(mailboxes)} mailboxes checked")
    return told


def seconds_of(pid):
    """Return the CPU time so far of a process and its children, ended or not."""
    process = psutil.Process(pid)
    total = sum(process.cpu_times()[:4])
    for child in process.children():
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return total
