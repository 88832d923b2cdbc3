"""Databases: templates that are made once, and their copies.

A copy is PostgreSQL's own copy of the template plus the file store.
"""

from __future__ import annotations

import os
import secrets
import shutil
from contextlib import contextmanager
from pathlib import Path

from . import cache
from .console import call, step
from .workplace import Workplace

#: What the add-ons need, and what they are tried on.
DEPENDENCIES = ("base_setup", "mail", "contacts")
DEMO_DEPENDENCIES = (*DEPENDENCIES, "project")


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
    place.query("postgres", f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    store = _filestore(place, template)
    if store.exists():
        # hard links: Odoo never changes a file of its store in place
        shutil.copytree(store, _filestore(place, name), copy_function=os.link)


def rename(place: Workplace, old: str, new: str) -> None:
    drop(place, new)
    place.query("postgres", f'ALTER DATABASE "{old}" RENAME TO "{new}"')
    if _filestore(place, old).exists():
        _filestore(place, old).rename(_filestore(place, new))


def install(place: Workplace, name: str, modules: tuple[str, ...], *, demo=False) -> None:
    """Install `modules` on the database `name`, made if it is not there."""
    options = ["--stop-after-init", "--no-http", "--log-level=warn"]
    options += ["--with-demo"] if demo else []
    call(
        place.command("-d", name, "-i", ",".join(modules), *options),
        env=place.environment,
        advice="The messages above tell why the installation failed.",
    )


def _odoo_version(place: Workplace) -> str:
    head = place.odoo.home / ".git/logs/HEAD"
    changes = head.read_text().splitlines()[-1] if head.exists() else ""
    return f"{place.odoo.home}{changes}"


def template(place: Workplace, *, demo: bool = False) -> str:
    """The database with the dependencies installed, made on first use."""
    modules = DEMO_DEPENDENCIES if demo else DEPENDENCIES
    key = cache.key(_odoo_version(place), *modules)
    name = f"dependencies_{'demo_' if demo else ''}{key}"
    with cache.locked(name):
        if not exists(place, name):
            raw = f"{name}_raw"
            drop(place, raw)
            with step(f"Installing {', '.join(modules)} on a template database"):
                install(place, raw, modules, demo=demo)
            rename(place, raw, name)
    return name


@contextmanager
def scratch(place: Workplace, source: str):
    """A copy of the database `source` for the time of the block."""
    name = f"scratch_{os.getpid()}_{secrets.token_hex(3)}"
    copy(place, source, name)
    try:
        yield name
    finally:
        drop(place, name)


def own(place: Workplace) -> str:
    """The name of this checkout's database with demo data."""
    return f"mailbox_{place.key}"


