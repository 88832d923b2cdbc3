"""An add-on's life: earlier versions are upgraded, uninstalled, installed again.

The earlier versions are in ``setup/samples``, the add-on alone, as it was landed: the
first that archived mail, and 19.0.1.0.0, the last before there were migrations. Each is
installed on a database of its own, given mail by its scripts, updated to the code of
now, and looked through. Scripts of one kind lie in a folder and are run one after the
other in one shell, so that a change which migrates something adds a file to
``scripts/version_1/before`` (what that version stored; its code runs it) and one to
``scripts/version_1/after`` (where that is to be now), and touches no other.

A sample is made of what ``git archive COMMIT mail_mailbox_archive`` gives, without
``i18n``, ``readme``, ``static/tests`` and the pictures of the description, by ``tar c
--sort=name --owner=0 --group=0 --numeric-owner ... | xz -9e``.
"""

from __future__ import annotations

import tarfile
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import databases, lifecycle_apps, pins
from .console import Failure, call, output, say, step
from .outcome import Outcome
from .workplace import Workplace

ADD_ON = "mail_mailbox_archive"
SCRIPTS = pins.HERE / "scripts"


@dataclass(frozen=True)
class Version:
    """An earlier version of the add-on.

    :param sample: its code, in ``setup/samples``
    :param before: script, or folder of scripts, that gives it mail
    :param after: what looks through it after the upgrade
    """

    name: str
    sample: str
    before: str
    after: str


FIRST = Version(
    "the first version", "first_version.tar.xz", "first_version.py", "after_upgrade.py"
)
#: With all that there was before the first migration; it is uninstalled in the end.
ONE = Version("19.0.1.0.0", "version_1.tar.xz", "version_1/before", "version_1/after")
#: The tests of this suite, in order: each needs the one before.
TESTS = (
    f"upgrade of {FIRST.name}",
    f"mail after the upgrade of {FIRST.name}",
    f"upgrade of {ONE.name}",
    f"mail after the upgrade of {ONE.name}",
    "uninstall",
    "reinstall",
)
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


def _unpack(version: Version, folder: Path) -> Path:
    """The folder of add-ons with an earlier version in it."""
    with tarfile.open(pins.HERE / "samples" / version.sample) as archive:
        names = archive.getnames()
        if any(name.startswith("/") or ".." in name.split("/") for name in names):
            raise Failure(f"{version.sample} holds a path out of its folder.")
        archive.extractall(folder)
    return folder


def _read(name: str) -> str:
    """A script, or those of a folder in the order of their names, as one."""
    path = SCRIPTS / name
    files = sorted(path.glob("*.py")) if path.is_dir() else [path]
    texts = (file.read_text() for file in files)
    # the last of them all is through
    return "\n".join([*texts, "env.cr.commit()", 'print("DONE")', ""])


def _run(place: Workplace, database: str, script: str, paths: str = "") -> None:
    """Run a script in Odoo's shell; what fails in it is the end of it."""
    options = ["shell", "-d", database, "--no-http", "--log-level=warn"]
    options += [f"--addons-path={paths}"] if paths else []
    told = output(
        place.command(*options),
        env={**place.environment, "PYTHONPATH": _with_scripts(place)},
        input=_read(script),
    )
    if "DONE" not in told:
        raise Failure(f"{script}: {told.strip()[-1500:]}")


def _with_scripts(place: Workplace) -> str:
    """PYTHONPATH with what the scripts share."""
    return f"{place.environment['PYTHONPATH']}:{pins.CHECKOUT}"


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


def _upgrade(
    place: Workplace, database: str, version: Version
) -> Iterator[tuple[str, list]]:
    """Install an earlier version and upgrade it; yield the tests of that."""
    warn = "--log-level=warn"
    with tempfile.TemporaryDirectory() as folder:
        old = ",".join(map(str, (*place.odoo.addons, _unpack(version, Path(folder)))))
        with step(f"Installing {version.name}"):
            _odoo(place, database, "-i", ADD_ON, warn, f"--addons-path={old}")
            _run(place, database, version.before, old)
    with step("Upgrading it"):
        problems = _odoo(place, database, "-u", ADD_ON, warn)
        yield f"upgrade of {version.name}", problems
        _run(place, database, version.after)
        yield f"mail after the upgrade of {version.name}", []


def _end(
    place: Workplace, database: str, before: dict[str, set[str]]
) -> Iterator[tuple[str, list]]:
    """Uninstall the add-on and install it again; yield the tests of that."""
    with step("Uninstalling it"):
        _run(place, database, "uninstall.py")
        yield "uninstall", _left(before, _inventory(place, database))
    with step("Installing it again"):
        yield "reinstall", _odoo(place, database, "-i", ADD_ON, "--log-level=warn")


def _try(place: Workplace) -> Iterator[tuple[str, list]]:
    """Yield each test that was run, with what is wrong."""
    source = databases.template(place)
    with databases.scratch(place, source) as database:
        yield from _upgrade(place, database, FIRST)
    with databases.scratch(place, source) as database:
        before = _inventory(place, database)
        yield from _upgrade(place, database, ONE)
        yield from _end(place, database, before)
    yield from lifecycle_apps.stages(place)


def run(place: Workplace) -> Outcome:
    """Take databases of earlier versions through their lives."""
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
