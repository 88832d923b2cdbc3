"""What the commands share: Odoo, its interpreter, a database server, the folders."""

from __future__ import annotations

import ast
import os
from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from . import cache, odoo, pins, postgres, python

MAIN = "mail_mailbox_archive"
#: Nothing here calls or reports to anybody: this port is closed.
NOBODY = "http://127.0.0.1:9"


def manifest(folder: Path) -> dict:
    """The manifest of an add-on, or of the repository."""
    return ast.literal_eval((folder / "__manifest__.py").read_text())


def add_ons() -> list[str]:
    """The add-ons of the repository whose folders are there."""
    names = manifest(pins.CHECKOUT)["addons"]
    return [n for n in names if (pins.CHECKOUT / n / "__manifest__.py").exists()]


def glue_add_ons() -> list[str]:
    """The add-ons beside the main one: for another app of Odoo, or for who wants it."""
    return [n for n in add_ons() if n != MAIN and not n.endswith("_tests")]


def own_add_ons() -> list[str]:
    """The main add-on, and the one of the tests."""
    return [name for name in add_ons() if name not in glue_add_ons()]


def customer_add_ons() -> list[str]:
    """The add-ons that stand alone, without those that only tests need."""
    return [name for name in own_add_ons() if not name.endswith("_tests")]


@dataclass(frozen=True)
class Workplace:
    """Everything that is needed to start Odoo on a database."""

    odoo: odoo.Odoo
    python: Path
    pg: Mapping[str, str]

    @property
    def key(self) -> str:
        return cache.key(str(pins.CHECKOUT))[:8]

    @property
    def data(self) -> Path:
        """Odoo's data folder: file stores and sessions."""
        return cache.folder() / "data"

    @cached_property
    def programs(self) -> Path:
        return postgres.programs(self.python)

    @property
    def other_addons(self) -> tuple[Path, ...]:
        """The folders with add-ons of others: Odoo's, and those ours are joined to."""
        return (*self.odoo.addons, python.oca_add_ons())

    @property
    def addons_path(self) -> str:
        return ",".join(map(str, (*self.other_addons, pins.CHECKOUT)))

    @property
    def config(self) -> Path:
        """Odoo's configuration for this checkout, rewritten."""
        server = cache.key(*self.pg.values())[:4]
        path = cache.folder() / "checkouts" / f"{self.key}-{server}.conf"
        path.parent.mkdir(exist_ok=True)
        options = {
            "addons_path": self.addons_path,
            "data_dir": self.data,
            "db_host": self.pg.get("PGHOST", False),
            "db_port": self.pg.get("PGPORT", False),
            "db_user": self.pg.get("PGUSER", False),
            "http_interface": "127.0.0.1",
            "list_db": False,
            "publisher_warranty_url": f"{NOBODY}/",
        }
        lines = [f"{name} = {value}" for name, value in options.items()]
        # the mail servers of tests and demonstration; nothing else inside
        lines += ["[mail_mailbox_archive]", "allowed_networks = 127.0.0.0/8, ::1"]
        path.write_text("\n".join(["[options]", *lines]) + "\n")
        return path

    @cached_property
    def environment(self) -> dict[str, str]:
        """Environment variables for Odoo, pytest and PostgreSQL's programs."""
        return {
            **self.pg,
            **python.compiled(),
            "PYTHONPATH": str(self.odoo.pythonpath),
            "PATH": f"{self.python.parent}:{self.programs}:{os.environ['PATH']}",
            "ODOO_RC": str(self.config),
        }

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """A command line of Odoo; its sub-command first, if any."""
        return [self.python, self.odoo.binary, *arguments]

    def query(self, database: str, sql: str) -> str:
        return postgres.query(self.programs, self.pg, database, sql)


@contextmanager
def workplace(given: Mapping[str, str] | None = None):
    """Get what is missing and start the database server for the block."""
    home = odoo.get()
    interpreter = python.odoo_python()
    with postgres.server(interpreter, given) as pg:
        try:
            yield Workplace(home, interpreter, pg)
        finally:
            python.forget_temporary()
