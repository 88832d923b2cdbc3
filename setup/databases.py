"""Databases: templates that are made once, and their copies.

A copy is PostgreSQL's own copy of the template plus the file store. Written by hand for
what it adds: warnings of an installation are failures, a template is keyed by Odoo and
the text of the add-ons, one that another suite copies is waited for, and the file store
is linked instead of copied.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path

from . import cache, pins
from .console import Failure, call, output, step
from .workplace import NOBODY, Workplace

#: What the add-ons need, and what they are tried on.
DEPENDENCIES = ("base_setup", "mail", "resource", "contacts")
DEMO_DEPENDENCIES = (*DEPENDENCIES, "project")
#: Seconds that a database in use is waited for.
COPY_PATIENCE = 60
#: Services of Odoo that nothing here asks.
SERVICES = ("iap", "iap.partner_autocomplete", "enrich", "sms", "snailmail")
CALL_NOBODY = f"""
    INSERT INTO ir_config_parameter (key, value)
    SELECT service || '.endpoint', '{NOBODY}'
      FROM unnest(string_to_array('{" ".join(SERVICES)}', ' ')) AS service
        ON CONFLICT (key) DO UPDATE SET value = excluded.value
"""
#: Folders of an add-on that change no installation.
IGNORED = {"tests", "__pycache__", ".ruff_cache", "i18n", "readme"}
#: A line of Odoo's log that is not to be there; libraries may warn.
PROBLEM = re.compile(r"^[-\d]+ [:,\d]+ \d+ (WARNING|ERROR|CRITICAL) \S+ (?!py\.warn)")


def exists(place: Workplace, name: str) -> bool:
    sql = f"SELECT 1 FROM pg_database WHERE datname = '{name}'"
    return bool(place.query("postgres", sql).strip())


def _filestore(place: Workplace, name: str) -> Path:
    return place.data / "filestore" / name


def drop(place: Workplace, name: str) -> None:
    """Remove the database and its file store, whoever is connected."""
    place.query("postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    shutil.rmtree(_filestore(place, name), ignore_errors=True)


def copy(place: Workplace, template: str, name: str) -> None:
    """Make `name` a copy of `template`, replacing what was there."""
    drop(place, name)
    for wait in (*[1] * COPY_PATIENCE, 0):
        try:
            place.query("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            break
        except Failure as failure:
            # by a suite that runs beside this one
            if not wait or "being accessed by other users" not in str(failure):
                raise
        time.sleep(wait)
    store = _filestore(place, template)
    if store.exists():
        # hard links: Odoo never changes a file of its store in place
        shutil.copytree(store, _filestore(place, name), copy_function=os.link)


def rename(place: Workplace, old: str, new: str) -> None:
    drop(place, new)
    place.query("postgres", f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if _filestore(place, old).exists():
        _filestore(place, old).rename(_filestore(place, new))


def install(
    place: Workplace, name: str, modules: Sequence[str], *, demo: bool = False
) -> list[str]:
    """Install `modules` on the database `name`, made if it is not there.

    :returns: the warnings and errors that Odoo logged meanwhile
    """
    options = ["--stop-after-init", "--no-http", "--log-level=warn"]
    options += ["--with-demo"] if demo else []
    lines = call(
        place.command("-d", name, "-i", ",".join(modules), *options),
        env=place.environment,
        advice="The messages above tell why the installation failed.",
    )
    return [line for line in lines if PROBLEM.match(line)]


def _odoo_version(place: Workplace) -> str:
    head = place.odoo.home / ".git/logs/HEAD"
    changes = head.read_text().splitlines()[-1] if head.exists() else ""
    return f"{place.odoo.home}{changes}"


def template(place: Workplace, *, demo: bool = False) -> str:
    """The database with the dependencies installed, made on first use."""
    modules = DEMO_DEPENDENCIES if demo else DEPENDENCIES
    # with the place of the file store: another machine may use the same server
    files = f"{socket.gethostname()}{place.data}"
    key = cache.key(_odoo_version(place), files, CALL_NOBODY, *modules)
    name = f"dependencies_{'demo_' if demo else ''}{key}"
    with cache.locked(name):
        if not exists(place, name):
            raw = f"{name}_raw"
            drop(place, raw)
            with step(f"Installing {', '.join(modules)} on a template database"):
                install(place, raw, modules, demo=demo)
            # the web client of an administrator would have the company looked up
            place.query(raw, CALL_NOBODY)
            rename(place, raw, name)
    return name


@contextmanager
def scratch(place: Workplace, source: str):
    """A copy of the database `source` for the time of the block."""
    name = f"scratch_{os.getpid()}_{secrets.token_hex(3)}"
    _sweep(place)
    copy(place, source, name)
    try:
        yield name
    finally:
        drop(place, name)


def _sweep(place: Workplace) -> None:
    """Remove the copies of runs that were killed, if this machine made them."""
    if not place.pg.get("PGHOST", "").startswith("/"):
        return
    names = place.query("postgres", "SELECT datname FROM pg_database").split()
    for name in names:
        pid = re.fullmatch(r"scratch_(\d+)_\w+", name)
        if pid and not Path("/proc", pid[1]).exists():
            drop(place, name)


def own(place: Workplace) -> str:
    """The name of this checkout's database with demo data."""
    return f"mailbox_{place.key}"


def sources_key(names: Sequence[str]) -> str:
    """A digest of what an installation of the add-ons depends on."""
    digest = hashlib.sha256()
    for name in names:
        root = pins.CHECKOUT / name
        for file in sorted(root.rglob("*")):
            inner = file.relative_to(root)
            if file.is_file() and not IGNORED & set(inner.parts):
                digest.update(f"{name}/{inner}".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def note(place: Workplace, name: str, values: dict[str, object]) -> None:
    """Keep `values` with the database, as its comment."""
    text = json.dumps(values).replace("'", "''")
    place.query("postgres", f"""COMMENT ON DATABASE "{name}" IS '{text}'""")


def noted(place: Workplace, name: str) -> dict:
    """What :func:`note` kept; empty when there is none, or no database."""
    sql = f"""SELECT shobj_description(oid, 'pg_database') FROM pg_database
              WHERE datname = '{name}'"""
    comment = place.query("postgres", sql).strip()
    # a comment by others is not a note of ours
    return json.loads(comment) if comment.startswith("{") else {}


def update(place: Workplace, name: str, modules: Sequence[str]) -> None:
    """Update `modules` on the database `name`."""
    options = ["-u", ",".join(modules), "--stop-after-init", "--no-http"]
    call(
        place.command("-d", name, *options, "--log-level=warn"),
        env=place.environment,
        advice="If the database is too old for this code: python3 setup run --clean",
    )


def _bundle(place: Workplace, name: str) -> None:
    """Make the files that browsers load: else each test makes them again."""
    options = ("shell", "-d", name, "--no-http", "--log-level=error")
    quiet = "--log-handler=py.warnings:CRITICAL"
    with (pins.HERE / "scripts" / "bundle_assets.py").open() as script:
        output(place.command(*options, quiet), env=place.environment, stdin=script)


def installed(
    place: Workplace,
    names: Sequence[str],
    *,
    demo: bool = False,
    kind: str = "test",
    ours: bool = True,
) -> tuple[str, list[str]]:
    """A database of this checkout with the add-ons `names`, as they are now.

    :param kind: what it is for; there is one of each kind
    :param ours: whether its warnings are ours to mend; else it is kept with them
    :returns: its name, and the warnings of the installation
    """
    source = template(place, demo=demo)
    name = f"installed_{place.key}_{'demo' if demo else kind}"
    key = cache.key(source, *names, sources_key(names))
    with cache.locked(name):
        if noted(place, name).get("key") == key:
            return name, []
        raw = f"{name}_raw"
        copy(place, source, raw)
        with step(f"Installing {', '.join(names)}{' with demo data' if demo else ''}"):
            problems = install(place, raw, names, demo=demo)
            if kind == "test":
                _bundle(place, raw)
        rename(place, raw, name)
        if not (problems and ours):
            # with problems it is made again, so that they are told again
            note(place, name, {"key": key})
    return name, problems
