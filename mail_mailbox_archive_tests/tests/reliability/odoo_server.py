"""A real Odoo with its workers, that a test kills and that comes back by itself."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import psutil
import psycopg2

from ..servers.dovecot import PASSWORD, Dovecot
from .stage import (
    SECONDS,
    SmallDisk,
    Stage,
    die_with_parent,
    digest,
    free_port,
    wait_for,
)

#: What the log of a run without a fault of the database must not have.
TROUBLE = ("could not serialize", "deadlock", "Traceback")


class OdooServer:
    """Odoo in several processes on databases of the stage; a context manager.

    Whoever runs Odoo has it started anew when it ends; so does :meth:`kick`.

    :param crons: workers of scheduled actions; all but one fetch mail
    :param workers: workers that answer people; 0 leaves the web server out
    :param unsafe: take a protection away, to see the loss
    :cvar script: what starts it
    :cvar command: what the script is told before the options
    """

    script = Path(__file__).with_name("odoo_process.py")
    command = ("server",)

    def __init__(
        self, stage: Stage, databases: int = 1, crons=3, workers=0, unsafe=False
    ) -> None:
        self.stage = stage
        self.databases = [stage.database() for _number in range(databases)]
        self.database = self.databases[0]
        self.folder = stage.base / self.database
        self.folder.mkdir()
        self.disk = SmallDisk(self._make_disk())
        self.files = [stage.files(self.folder, name) for name in self.databases]
        self.port, self.gevent_port = free_port(), free_port()
        self._config = stage.configuration(self.folder)
        self._aim = self.folder / "aim"
        self._log = self.folder / "log"
        names = ",".join(self.databases)
        self._command = [*self.command, "-c", self._config, "-d", names]
        self._command += [f"--max-cron-threads={crons}", "--log-level=warn"]
        self._command += [f"--workers={max(workers, 1)}"]
        self._command += [
            f"--http-port={self.port}",
            f"--gevent-port={self.gevent_port}",
        ]
        self._command += [] if workers else ["--no-http"]
        self._environment = stage.environment() | {"MAILBOX_AIM": str(self._aim)}
        if unsafe:
            self._environment["MAILBOX_UNSAFE"] = "1"
        self._process = None

    def _make_disk(self) -> Path:
        path = self.folder / "filestore"
        path.mkdir()
        return path

    def __enter__(self) -> OdooServer:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.stop()
        self.disk.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, *arguments) -> list:
        return [sys.executable, self.script, *arguments]

    def make_mailboxes(self, server: Dovecot, logins, port=0, database="") -> list[int]:
        """Make a mailbox of each login on ``server``; return their ids."""
        values = [
            {
                "name": login,
                "email": f"{login}@spedbud.example",
                "imap_host": "localhost",
                "imap_port": port or server.port,
                "imap_security": "none",
                "imap_login": login,
                "imap_password": PASSWORD,
            }
            for login in logins
        ]
        command = self._run("mailboxes", self._config, database or self.database)
        done = subprocess.run(
            command,
            input=json.dumps(values).encode(),
            env=self._environment,
            capture_output=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode(errors="replace"))
        return json.loads(done.stdout)

    # Running

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._run(*self._command),
                env=self._environment,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
            )

    def stop(self) -> None:
        """Kill all of it at once."""
        if self._process:
            for process in [*self.children(), self._process]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
            self._process.wait()
            self._process = None

    def children(self) -> list[psutil.Process]:
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(self._process.pid).children(recursive=True)
        return []

    def pids(self) -> list[int]:
        return [self._process.pid, *(one.pid for one in self.children())]

    def kick(self) -> None:
        """Let time pass: the scheduled action runs, and all mailboxes are due.

        So is what a server withheld, or a line that broke twice at one message: it is
        asked for again after ten minutes and more.
        """
        if self._process is None or self._process.poll() is not None:
            self.start()
        for database in self.databases:
            self.stage.execute(
                database,
                "UPDATE mail_mailbox SET next_poll_at = NULL WHERE id IN (SELECT id"
                " FROM mail_mailbox WHERE lease_until IS NULL AND next_poll_at > now()"
                " AT TIME ZONE 'UTC' FOR UPDATE SKIP LOCKED)",
            )
            self.stage.execute(
                database,
                "UPDATE mail_mailbox_quarantine SET ask_at = now() AT TIME ZONE 'UTC'"
                " WHERE id IN (SELECT id FROM mail_mailbox_quarantine WHERE ask_at >"
                " now() AT TIME ZONE 'UTC' FOR UPDATE SKIP LOCKED)",
            )
            self.stage.execute(
                database,
                "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT id, now() AT"
                " TIME ZONE 'UTC' FROM ir_cron WHERE active AND NOT EXISTS"
                " (SELECT FROM ir_cron_trigger WHERE cron_id = ir_cron.id)",
            )
            self.stage.execute("postgres", f"NOTIFY cron_trigger, '{database}'")

    def aim(self, place: str, times: int = 1) -> None:
        """Have the process that passes a place so often die there."""
        self._aim.write_text(f"{place} {times}")

    def aimed(self) -> bool:
        """Return whether nobody died there yet."""
        return self._aim.exists()

    def kill_workers(self) -> int:
        """Kill the workers, not who starts them anew; return how many."""
        killed = 0
        for process in self.children():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
                killed += 1
        return killed

    # What it holds

    def count(self, database: str = "") -> int:
        sql = "SELECT count(*) FROM mail_mailbox_arrival"
        return self.stage.execute(database or self.database, sql)[0][0]

    def places(self, mailbox_id: int, database: str = "") -> list[tuple]:
        """Return folder, UIDVALIDITY, UID and digest of all that is listed.

        Read past the add-on: rows by SQL, sources from the files.
        """
        rows = self.stage.execute(
            database or self.database,
            "SELECT wire_name, folder.uid_validity, arrival.uid, store_fname"
            " FROM mail_mailbox_arrival arrival"
            " LEFT JOIN mail_mailbox_folder folder ON folder.id = arrival.folder_id"
            " LEFT JOIN ir_attachment file ON file.res_id = arrival.mailbox_message_id"
            " AND file.res_model = 'mail.mailbox.message' AND file.res_field = 'source'"
            " WHERE arrival.mailbox_id = %s",
            mailbox_id,
        )
        files = self.files[self.databases.index(database or self.database)]
        return [
            (folder, validity, uid, digest((files / name).read_bytes()))
            for folder, validity, uid, name in rows
        ]

    def in_quarantine(self) -> list[str]:
        sql = "SELECT error FROM mail_mailbox_quarantine WHERE state <> 'arrived'"
        return [error for (error,) in self.stage.execute(self.database, sql)]

    def go_on(self, done, what: str, seconds: float = SECONDS) -> None:
        """Let time pass until ``done()``, also where the database is not there now."""

        def passed():
            try:
                self.kick()
                return done()
            except psycopg2.OperationalError:
                return False

        try:
            wait_for(passed, what, seconds, pause=0.1)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.explain()}") from error

    def wait_until_quiet(self, expected: int, seconds: float = 120) -> None:
        """Wait until so many messages are listed and each mailbox was read well."""
        sql = "SELECT count(*) FROM mail_mailbox WHERE error_code IS NOT NULL"

        def quiet():
            failing = self.stage.execute(self.database, sql)[0][0]
            return self.count() >= expected and not failing

        self.go_on(quiet, f"{expected} messages", seconds)

    def explain(self) -> str:
        """Return what helps to see why nothing happens."""
        sql = "SELECT id, next_poll_at, lease_until, lease_owner, error_code, stopped"
        sql += " FROM mail_mailbox ORDER BY error_code, lease_until, id LIMIT 10"
        folders = (
            "SELECT mailbox_id, wire_name, uid_validity, backfill_uid, next_uid,"
            " message_count, settled, last_error, (SELECT count(*) FROM"
            " mail_mailbox_arrival WHERE folder_id = folder.id) AS listed"
            " FROM mail_mailbox_folder folder"
            " ORDER BY last_error, mailbox_id LIMIT 30"
        )
        crons = "SELECT id, nextcall, failure_count FROM ir_cron WHERE active"
        rows = [
            (name, self.count(name), self.stage.execute(name, query))
            for name in self.databases
            for query in (sql, folders, crons)
        ]
        return "\n".join([*map(str, rows), self.log()[-6000:]])

    def log(self) -> str:
        return self._log.read_text(errors="replace") if self._log.exists() else ""


def server_places(server: Dovecot, login: str) -> set[tuple]:
    """Return the same of the server, asked by Python's own imaplib."""
    found = set()
    for name, folder in server.snapshot(login).items():
        with server.connected(login) as client:
            client.select(f'"{name}"', readonly=True)
            _ok, answers = client.uid("FETCH", "1:*", "(UID BODY.PEEK[])")
            for answer in answers:
                if isinstance(answer, tuple):
                    words = answer[0].split()
                    uid = int(words[words.index(b"(UID") + 1])
                    found.add((name, folder.uid_validity, uid, digest(answer[1])))
    return found
