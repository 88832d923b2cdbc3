"""An add-on's life: the first version is upgraded, uninstalled, installed again.

The first version that archived mail is in ``setup/samples``, as it was landed. It is
installed on a database of its own, given mail, and updated to the code of now.
"""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from . import databases, lifecycle_apps, pins
from .console import Failure, call, output, say, step
from .outcome import Outcome
from .workplace import Workplace

ADD_ON = "mail_mailbox_archive"
FIRST = pins.HERE / "samples" / "first_version.tar.xz"
SCRIPTS = pins.HERE / "scripts"
#: The tests of this suite, in order: each needs the one before.
TESTS = ("upgrade", "mail after the upgrade", "uninstall", "reinstall")
#: What an uninstalled add-on leaves nothing in: name, and a query of one column.
PLACES = {
    "table or view": """
        SELECT relname FROM pg_class
        WHERE relkind IN ('r', 'v', 'm', 'S', 'i')
          AND relnamespace = 'public'::regnamespace
    """,
    "column": """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public'
    """,
    "function": """
        SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    """,
    "constraint": """
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    """,
    "model": "SELECT model FROM ir_model",
    "field": "SELECT model || '.' || name FROM ir_model_fields",
    "XML id": "SELECT module || '.' || name FROM ir_model_data",
    "view": "SELECT id || ' ' || name FROM ir_ui_view",
    "action": "SELECT type || ' ' || id FROM ir_actions",
    "menu": "SELECT id::text FROM ir_ui_menu",
    "group": "SELECT id || ' ' || name::text FROM res_groups",
    "rule": "SELECT id || ' ' || name FROM ir_rule",
    "access right": "SELECT id || ' ' || name FROM ir_model_access",
    "scheduled action": "SELECT id::text FROM ir_cron",
    "activity": "SELECT id || ' ' || res_model FROM mail_activity",
    "message": "SELECT id || ' ' || coalesce(model, '') FROM mail_message",
    "setting": "SELECT key FROM ir_config_parameter",
    "file": """
        SELECT id || ' ' || name FROM ir_attachment
        WHERE res_model LIKE 'mail.mailbox%' OR url LIKE '/mail_mailbox%'
    """,
}
#: Odoo's own book-keeping, made on the way.
OURS = ("base.module_", "module_install_", "base.lang_", "database.", "web.")


def _unpack(folder: Path) -> Path:
    """The folder of add-ons with the first version in it."""
    with tarfile.open(FIRST) as archive:
        names = archive.getnames()
        if any(name.startswith("/") or ".." in name.split("/") for name in names):
            raise Failure(f"{FIRST.name} holds a path that leads out of its folder.")
        archive.extractall(folder)
    return folder


def _run(place: Workplace, database: str, script: str, paths: str = "") -> None:
    """Run a script in Odoo's shell; it ends with DONE when all is as it should be."""
    options = ["shell", "-d", database, "--no-http", "--log-level=warn"]
    options += [f"--addons-path={paths}"] if paths else []
    told = output(
        place.command(*options),
        env=place.environment,
        input=(SCRIPTS / script).read_text(),
    )
    if "DONE" not in told:
        raise Failure(f"{script}: {told.strip()[-1500:]}")


def _odoo(place: Workplace, database: str, *options: str) -> list[str]:
    """Install or update; return the warnings."""
    lines = call(
        place.command("-d", database, *options, "--stop-after-init", "--no-http"),
        env=place.environment,
    )
    return [line for line in lines if databases.PROBLEM.match(line)]


def _inventory(place: Workplace, database: str) -> dict[str, set[str]]:
    return {
        kind: set(place.query(database, " ".join(sql.split())).split("\n"))
        for kind, sql in PLACES.items()
    }


def _left(before: dict[str, set[str]], after: dict[str, set[str]]) -> list[str]:
    """What is there afterwards and was not there before."""
    return [
        f"{kind} {name}"
        for kind, names in after.items()
        for name in sorted(names - before[kind])
        if not name.startswith(OURS)
    ]


def _stages(place: Workplace, database: str, old: str) -> Iterator[tuple[str, list]]:
    """Yield each test that was run, with what is wrong."""
    before = _inventory(place, database)
    with step("Installing the first version"):
        warn = "--log-level=warn"
        _odoo(place, database, "-i", ADD_ON, warn, f"--addons-path={old}")
        _run(place, database, "first_version.py", old)
    with step("Upgrading it"):
        yield "upgrade", _odoo(place, database, "-u", ADD_ON, warn)
        _run(place, database, "after_upgrade.py")
        yield "mail after the upgrade", []
    with step("Uninstalling it"):
        _run(place, database, "uninstall.py")
        yield "uninstall", _left(before, _inventory(place, database))
    with step("Installing it again"):
        yield "reinstall", _odoo(place, database, "-i", ADD_ON, warn)


def _try(place: Workplace) -> Iterator[tuple[str, list]]:
    with tempfile.TemporaryDirectory() as folder:
        paths = (*place.odoo.addons, _unpack(Path(folder)))
        source = databases.template(place)
        with databases.scratch(place, source) as database:
            yield from _stages(place, database, ",".join(map(str, paths)))
    yield from lifecycle_apps.stages(place)


def run(place: Workplace) -> Outcome:
    """Take a database of the first version through its life."""
    say("\n== lifecycle")
    started = time.monotonic()
    failed, passed = [], 0
    try:
        for name, faults in _try(place):
            for fault in faults[:20]:
                say(f"{name}: {fault}")
            passed += not faults
            failed += [f"lifecycle: {name}: {faults[0]}"] if faults else []
    except Failure as failure:
        say(str(failure))
        stage = TESTS[passed] if passed < len(TESTS) else "apps"
        failed.append(f"lifecycle: {stage}: {str(failure).splitlines()[0]}")
    return Outcome("lifecycle", passed, tuple(failed), time.monotonic() - started)
