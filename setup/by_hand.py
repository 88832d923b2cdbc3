"""README.md's "Install it in your Odoo 19", followed to the letter.

In an environment of its own, which has what Odoo asks for and what the three lines of
that section bring, and nothing of the tests: what is needed and not declared is missed.
"""

from __future__ import annotations

import re
import shlex
import tempfile
import time
from pathlib import Path

from . import cache, databases, pins, python
from .console import Failure, call, output, say, step
from .outcome import Outcome
from .workplace import Workplace, add_ons

README = pins.CHECKOUT / "README.md"
SECTION = re.compile(r"^## Install it in your Odoo 19\n(.*?)^## ", re.M | re.S)
#: What a line of the list tells to do.
TOLD = re.compile(r"^\d\. [^`]*`(.+?)`", re.M)
#: What README.md calls a folder of the reader's.
FOLDER = "/path/to/addons"
ADD_ON = "mail_mailbox_archive"
STATE = f"SELECT state FROM ir_module_module WHERE name = '{ADD_ON}'"
#: What the tests bring; an installation by hand has none of it.
OF_THE_TESTS = ("pytest", "hypothesis", "aiosmtpd")
ABSENT = """
from importlib.util import find_spec
print([name for name in {names!r} if find_spec(name)])
"""


def told() -> list[str]:
    """The copying, the option and the two commands that README.md tells.

    :raises Failure: the section does not tell them
    """
    section = SECTION.search(README.read_text())
    commands = TOLD.findall(section[1]) if section else []
    starts = ("cp -r ", "--addons-path=", "pip install ", "odoo ")
    if [next(filter(c.startswith, starts), None) for c in commands] != [*starts]:
        raise Failure(f"README.md tells other ways to install: {commands}")
    return commands


def _environment(install: str) -> Path:
    """The interpreter of an environment of Odoo in which `install` was run."""
    odoo = (pins.ODOO_REQUIREMENTS,)
    files = (*odoo, pins.CHECKOUT / "requirements.txt")
    asked = (file.read_text() for file in files)
    key = cache.key(python.interpreter(), install, *asked)

    def build(path: Path) -> None:
        python.create(path, odoo)
        with step(f"By hand: {install}"):
            call([path / "bin/python", "-m", *shlex.split(install)], cwd=pins.CHECKOUT)

    return cache.entry(f"by_hand-{key}", build) / "bin/python"


def _copied(copy: str, folder: str) -> list[str]:
    """Do what the first line tells; return what should not be there."""
    call(["sh", "-c", copy.replace(FOLDER, folder)], cwd=pins.CHECKOUT)
    there = {path.name for path in Path(folder).iterdir()}
    wanted = {name for name in add_ons() if not name.endswith("_tests")}
    return [f"not the customers' add-ons: {sorted(there)}"] if there != wanted else []


def _install(place: Workplace, interpreter: Path, path: str, start: str) -> list[str]:
    """Do what the second and the last line tell; return what is wrong."""
    path = path.replace("...", ",".join(map(str, place.odoo.addons)))
    with databases.scratch(place, databases.template(place)) as database:
        options = shlex.split(start.replace("your_database", database))[1:]
        command = [interpreter, place.odoo.binary, path, *options]
        lines = call(
            [*command, "--stop-after-init", "--no-http", "--log-level=warn"],
            env=place.environment,
        )
        problems = [line for line in lines if databases.PROBLEM.match(line)]
        state = place.query(database, STATE).strip()
    return problems + ([] if state == "installed" else [f"the add-on is {state}"])


def _try(place: Workplace) -> list[str]:
    copy, path, install, start = told()
    interpreter = _environment(install)
    there = output([interpreter, "-c", ABSENT.format(names=OF_THE_TESTS)]).strip()
    if there != "[]":
        return [f"the environment is not like a customer's: it has {there}"]
    with tempfile.TemporaryDirectory() as folder:
        path = path.replace(FOLDER, folder)
        return _copied(copy, folder) or _install(place, interpreter, path, start)


def run(place: Workplace) -> Outcome:
    """Install by hand; it counts as one test."""
    say("\n== by hand")
    started = time.monotonic()
    try:
        failed = _try(place)
    except Failure as failure:
        failed = str(failure).split("\n")
    for line in failed:
        say(line)
    # of what Odoo says when it breaks off, the last line tells why
    names = (f"by hand: {[*filter(None, failed)][-1]}",) if failed else ()
    return Outcome("by hand", not failed, names, time.monotonic() - started)
