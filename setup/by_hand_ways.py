"""The ways to install by hand, and the way of one email in what was installed."""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

from . import cache, databases, pins, python, wheels
from .console import call, output, step
from .demo_mail import File, Letter, pdf
from .mail_server import PASSWORD, MailServer, mail_server
from .processes import HOST
from .workplace import Workplace, add_ons

#: What README.md calls a folder of the reader's.
FOLDER = "/path/to/addons"
ADD_ON = "mail_mailbox_archive"
STATES = f"SELECT name, state FROM ir_module_module WHERE name LIKE '{ADD_ON}%'"
#: What installs itself beside the apps.
BESIDE = {f"{ADD_ON}_{name}" for name in ("account", "calendar", "crm", "hr")}
#: What the tests bring; an installation by hand has none of it.
OF_THE_TESTS = ("pytest", "hypothesis", "aiosmtpd")
ABSENT = """
from importlib.util import find_spec
print([name for name in {names!r} if find_spec(name)])
"""
#: A company's database: thirty apps, with all that they bring.
APPS = tuple(
    """
    account calendar contacts crm event fleet hr hr_attendance hr_expense hr_holidays
    hr_recruitment hr_skills hr_timesheet im_livechat lunch maintenance mass_mailing mrp
    point_of_sale project purchase purchase_requisition repair sale_management stock
    stock_picking_batch survey website website_sale website_slides
    """.split()
)
ERROR = " ERROR "
COMPANY = "Spostex S.A."
LETTER = Letter(
    key="by-hand",
    places=[("office@spedbud.example", "INBOX")],
    sender=("Anna Nowak", "anna@spostex.example"),
    to="office@spedbud.example",
    subject="The crane is broken",
    text=f"When do you repair it?\n{COMPANY}\n",
    hours=1,
    files=[File("offer.pdf", "application/pdf", pdf("Gantry number 4711"))],
)


def environment(interpreter: str, *commands: str) -> Path:
    """The interpreter of an environment of Odoo in which `commands` were run."""
    odoo = (pins.ODOO_REQUIREMENTS,)
    files = (*odoo, pins.CHECKOUT / "requirements.txt")
    asked = (file.read_text() for file in files)
    key = cache.key(interpreter, *commands, *asked)

    def build(path: Path) -> None:
        python.create(path, odoo, interpreter)
        for command in commands:
            with step(f"By hand: {command}"):
                words = [path / "bin/python", "-m", *shlex.split(command)]
                call(words, cwd=pins.CHECKOUT)

    return cache.entry(f"by_hand_{Path(interpreter).name}-{key}", build) / "bin/python"


def from_folder(
    place: Workplace, interpreter: str, told: Sequence[str], apps: bool
) -> list[str]:
    """Do what README.md tells; return what is wrong.

    :param told: the copying, the option and the two commands
    """
    copy, path, install, start = told
    ours = environment(interpreter, install)
    there = output([ours, "-c", ABSENT.format(names=OF_THE_TESTS)]).strip()
    if there != "[]":
        return [f"the environment is not like a customer's: it has {there}"]
    with tempfile.TemporaryDirectory() as folder:
        if problems := _copied(copy, folder):
            return problems
        path = path.replace(FOLDER, folder)
        paths = path.replace("...", ",".join(map(str, place.odoo.addons)))
        return _install(place, ours, paths, start, apps)


def from_packages(
    place: Workplace, interpreter: str, told: Sequence[str], apps: bool
) -> list[str]:
    """Do the same with ``pip install`` of the packages; return what is wrong."""
    bare = environment(interpreter)
    names = [name for name in add_ons() if not name.endswith("_tests")]
    with tempfile.TemporaryDirectory() as folder:
        built, ours = Path(folder, "packages"), Path(folder, "environment")
        built.mkdir()
        files = wheels.build(names, built)
        call([interpreter, "-m", "venv", "--without-pip", ours])
        # Odoo, and what it asks for, are there; what is installed now is beside them
        site = next(ours.glob("lib/python*/site-packages"))
        shared = next(bare.parent.parent.glob("lib/python*/site-packages"))
        (site / "odoo.pth").write_text(f"{shared}\n{place.odoo.pythonpath}\n")
        pip = [bare, "-m", "pip", "--python", ours / "bin/python", "install"]
        call([*pip, "--quiet", "--find-links", built, *files])
        paths = f"--addons-path={','.join(map(str, place.odoo.addons))}"
        return _install(place, ours / "bin/python", paths, told[-1], apps)


def _copied(copy: str, folder: str) -> list[str]:
    """Do what the first line tells; return what should not be there."""
    call(["sh", "-c", copy.replace(FOLDER, folder)], cwd=pins.CHECKOUT)
    there = {path.name for path in Path(folder).iterdir()}
    wanted = {name for name in add_ons() if not name.endswith("_tests")}
    return [f"not the customers' add-ons: {sorted(there)}"] if there != wanted else []


@contextmanager
def _database(place: Workplace, apps: bool):
    """A database for the time of the block: fresh, or with thirty apps."""
    source = databases.template(place)
    if apps:
        # what these apps warn of is not ours
        source, _problems = databases.installed(place, APPS, kind="apps", ours=False)
    with databases.scratch(place, source) as name:
        yield name


def _install(
    place: Workplace, interpreter: Path, paths: str, start: str, apps: bool
) -> list[str]:
    """Do what the second and the last line tell; return what is wrong."""
    with _database(place, apps) as database:
        options = shlex.split(start.replace("your_database", database))[1:]
        command = [interpreter, place.odoo.binary, paths, *options]
        lines = call(
            [*command, "--stop-after-init", "--no-http", "--log-level=warn"],
            env=place.environment,
        )
        problems = [line for line in lines if databases.PROBLEM.match(line)]
        if apps:
            # an app of Odoo may warn of what it lacks, on a bare environment
            problems = [line for line in problems if ADD_ON in line or ERROR in line]
        told = place.query(database, STATES).split()
        states = dict(line.split("|") for line in told)
        wanted = {ADD_ON} | (BESIDE if apps else set())
        problems += [
            f"{name} is {states.get(name, 'not found')}"
            for name in sorted(wanted)
            if states.get(name) != "installed"
        ]
        shell = [interpreter, place.odoo.binary, "shell", paths, "-d", database]
        problems = problems or _journey(place, shell)
        if apps and not problems:
            problems = _told(place, shell, "by_hand_apps.py")
        return problems


def _journey(place: Workplace, shell: Sequence[str | Path]) -> list[str]:
    """One email comes, is found, archived and answered; return what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        with mail_server(place.python, Path(folder, "mail.log")) as server:
            server.fill([LETTER], datetime.now(timezone.utc))
            return _told(place, shell, "by_hand.py", MAILBOX_BY_HAND=_facts(server))


def _told(
    place: Workplace, shell: Sequence[str | Path], script: str, **variables: str
) -> list[str]:
    """What a script says in Odoo's shell, if it does not come to its end."""
    told = output(
        [*shell, "--no-http", "--log-level=warn"],
        env={**place.environment, **variables},
        input=(pins.HERE / "scripts" / script).read_text(),
    )
    return [] if "DONE" in told else [*told.strip().split("\n")[-15:], "no journey"]


def _facts(server: MailServer) -> str:
    """What the script has to know."""
    facts = {"host": HOST, "password": PASSWORD, "company": COMPANY}
    ports = {"imap_port": server.imap_port, "smtp_port": server.smtp_port}
    return json.dumps({**facts, **ports})
