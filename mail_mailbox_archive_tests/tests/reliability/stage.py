"""A stage for whole servers: a PostgreSQL, data folder and configuration of its own.

What is killed here belongs to the test alone: never the database server that the suite
runs on. Each test gets copies of the installed database, and leaves them to the end.
"""

from __future__ import annotations

import configparser
import ctypes
import hashlib
import os
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import closing, suppress
from pathlib import Path

import psycopg2

from odoo.tests.common import get_db_name
from odoo.tools import config

USER, TEMPLATE = "odoo", "template"
SECONDS = 60
#: Safe against a server that is killed; a machine that loses power is not tried here.
SETTINGS = ("fsync=off", "listen_addresses=", "max_connections=200", "jit=off")
_LIBC = ctypes.CDLL(None)


def die_with_parent():
    """Have the kernel kill this process when its parent ends, however it ends."""
    _LIBC.prctl(1, signal.SIGKILL)


class Postgres:
    """A server in a folder of its own, made of the programs in the PATH."""

    def __init__(self, base: Path) -> None:
        self.folder = base / "pg"
        self.folder.mkdir(mode=0o700)
        self._process = None
        self._user = {}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._user = {"user": "nobody", "group": nobody.pw_gid, "extra_groups": []}
        self._run("initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
        self.start()

    def _run(self, name, *arguments):
        command = [shutil.which(name), "-D", self.folder / "data", *arguments]
        done = subprocess.run(
            command, cwd="/", capture_output=True, check=False, **self._user
        )
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr.decode(errors='replace')}")

    def start(self) -> None:
        """Start the server and wait until it has recovered."""
        command = [shutil.which("postgres"), "-D", self.folder / "data"]
        command += ["-k", self.folder]
        for setting in SETTINGS:
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd="/",
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent,
                **self._user,
            )
        wait_for(self.answers, "PostgreSQL")

    def answers(self) -> bool:
        try:
            psycopg2.connect(self.dsn("postgres")).close()
        except psycopg2.OperationalError:
            return False
        return True

    def dsn(self, database: str) -> str:
        return f"host={self.folder} user={USER} dbname={database}"

    def kill(self) -> None:
        """Kill the server: it ends at once, with whatever it was writing."""
        self._process.kill()
        self._process.wait()
        self._wait_for_children()

    def stop_at_once(self) -> None:
        """Have the server break all connections and end without a checkpoint."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def log(self) -> str:
        return (self.folder / "log").read_text(errors="replace")

    def _wait_for_children(self) -> None:
        """Backends notice in their own time that the server is gone."""
        segment = int((self.folder / "data/postmaster.pid").read_text().split()[6])

        def gone():
            lines = Path("/proc/sysvipc/shm").read_text().splitlines()[1:]
            attached = {int(line.split()[1]): int(line.split()[6]) for line in lines}
            return not attached.get(segment)

        wait_for(gone, "the end of PostgreSQL's processes")


class Stage:
    """A context manager: made on entry, stopped and removed on exit.

    :param fetching_only: of the scheduled actions only those that fetch mail are active
    """

    def __init__(self, fetching_only: bool = True) -> None:
        _sweep()
        self._fetching_only = fetching_only
        self.base = Path(tempfile.mkdtemp(prefix=f"reliability-{os.getpid()}-"))
        self.base.chmod(0o755)
        self.postgres = Postgres(self.base)
        self._count = 0
        try:
            self._copy_database()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _copy_database(self) -> None:
        """Copy the database of the suite, as the template of all others."""
        source = get_db_name()
        self.execute("postgres", f"CREATE DATABASE {TEMPLATE}")
        dump = subprocess.Popen(["pg_dump", "-Fp", source], stdout=subprocess.PIPE)
        command = ["psql", "-Xq", "-v", "ON_ERROR_STOP=1", "-h", self.postgres.folder]
        subprocess.run(
            [*command, "-U", USER, TEMPLATE],
            stdin=dump.stdout,
            stdout=subprocess.DEVNULL,
            env=self.environment(),
            check=True,
        )
        dump.stdout.close()
        if dump.wait():
            raise RuntimeError("the suite's database cannot be dumped")
        if self._fetching_only:
            self.execute(
                TEMPLATE,
                "UPDATE ir_cron SET active = false WHERE id NOT IN (SELECT res_id"
                " FROM ir_model_data WHERE model = 'ir.cron'"
                " AND name LIKE 'ir_cron_poll_%')",
            )
        self._files = Path(config["data_dir"], "filestore", source)

    def environment(self) -> dict[str, str]:
        """Return the environment for programs that use this database server."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
        return kept | {"PGHOST": str(self.postgres.folder), "PGUSER": USER}

    def execute(self, database: str, sql: str, *values) -> list[tuple]:
        """Run one statement; return its rows."""
        with closing(psycopg2.connect(self.postgres.dsn(database))) as connection:
            connection.autocommit = True
            with connection.cursor() as cr:
                cr.execute(sql, values or None)
                return cr.fetchall() if cr.description else []

    def database(self) -> str:
        """Return the name of a new copy of the database."""
        self._count += 1
        name = f"mail{self._count}"
        self.execute("postgres", f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def files(self, folder: Path, database: str) -> Path:
        """Make a file store of a new copy under a data folder; return it."""
        target = folder / "filestore" / database
        target.mkdir(parents=True)
        shutil.copytree(self._files, target, dirs_exist_ok=True)
        return target

    def configuration(self, folder: Path, **options) -> Path:
        """Write a configuration for Odoo as the suite's, with this database server."""
        parser = configparser.RawConfigParser()
        parser.read(config["config"])
        options = {"data_dir": folder, **options}
        for name, value in options.items():
            parser.set("options", name, str(value))
        path = folder / "odoo.conf"
        with path.open("w") as file:
            parser.write(file)
        return path

    def close(self) -> None:
        with suppress(ProcessLookupError):
            self.postgres.stop_at_once()
        shutil.rmtree(self.base, ignore_errors=True)


def wait_for(condition, what: str, seconds: float = SECONDS, pause: float = 0.02):
    """Wait until ``condition()`` holds; return what it gave.

    :raises TimeoutError: it does not
    """
    end = time.monotonic() + seconds
    while not (result := condition()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not after {seconds} seconds")
        time.sleep(pause)
    return result


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class SmallDisk:
    """A file store that can be full: a small file system of its own, for root.

    Others get the kernel's limit on the size of a file, which fails the same call in
    the same way with another number.
    """

    def __init__(self, folder: Path, megabytes: int = 4000) -> None:
        self.folder, self._megabytes = folder, megabytes
        command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", folder]
        self.mounted = os.geteuid() == 0 and not _fails(command)

    def fill(self, pids) -> None:
        """Leave hardly any room."""
        if self.mounted:
            used = shutil.disk_usage(self.folder).used
            self._resize(used // 1024 + 64, "k")
        self._limit(pids, 8192)

    def free(self, pids) -> None:
        if self.mounted:
            self._resize(self._megabytes, "m")
        self._limit(pids, resource.RLIM_INFINITY)

    def _resize(self, size, unit):
        options = f"remount,size={size}{unit}"
        subprocess.run(["mount", "-o", options, self.folder], check=True)

    def _limit(self, pids, size):
        if not self.mounted:
            for pid in pids:
                with suppress(ProcessLookupError):
                    _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))

    def close(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "-l", self.folder], check=True)


def _sweep() -> None:
    """Remove what is left of runs that were killed, their small disks included."""
    mounts = Path("/proc/mounts").read_text().split("\n")
    for folder in Path(tempfile.gettempdir()).glob("reliability-*-*"):
        if not Path("/proc", folder.name.split("-")[1]).exists():
            for line in mounts:
                if f" {folder}/" in line:
                    _fails(["umount", "-l", line.split()[1]])
            shutil.rmtree(folder, ignore_errors=True)


def _fails(command) -> bool:
    return bool(subprocess.run(command, capture_output=True, check=False).returncode)


def digest(source: bytes) -> str:
    return hashlib.sha256(source).hexdigest()
