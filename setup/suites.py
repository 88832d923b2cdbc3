"""``python3 setup test``: the suites, two at a time, and one summary.

pytest runs each of them; plain ``pytest`` runs the pure one. Written by hand, because a
suite needs what pytest cannot give it from inside: its own interpreter, database and
servers, made once and taken down when the last one is done.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from . import (
    bench,
    by_hand,
    databases,
    imap_servers,
    lifecycle,
    lint,
    machine,
    node_tools,
    pins,
    python,
    reliability,
    thunderbird,
    translations,
    wheels,
)
from .console import Failure, die_with_parent, say
from .outcome import Outcome, summary
from .workplace import (
    Workplace,
    add_ons,
    customer_add_ons,
    glue_add_ons,
    own_add_ons,
    workplace,
)

TESTS = pins.CHECKOUT / "mail_mailbox_archive_tests" / "tests"
#: What runs without Odoo: the tests of mailcore, and our own.
PURE = (TESTS / "mailcore", pins.HERE / "tests")
#: Before the arguments, so that a `-m` of theirs wins.
FAST = ("-m", "not slow")
NOTHING_SELECTED = 5
SUITES = ("odoo", "dovecot", reliability.NAME, "outside", "browser", "glue")
#: Those that are folders of their names.
FOLDERS = (reliability.NAME, "outside")
#: Suites that run side by side: each waits for its servers half of the time.
LANES = 2
#: The suites that run in parts, which are shared out among the lanes.
PARTS = {"odoo": ("1/3", "2/3", "3/3"), "browser": ("1/3", "2/3", "3/3")}
#: Whether suites run beside each other, and so do not show what they print at once.
_beside = threading.Event()
OPTIONS = ("-q", "--no-header", "--tb=short", "--disable-warnings", "-rfE")
#: A file that cannot be read counts once; the others run.
OPTIONS += ("--continue-on-collection-errors",)


def _pytest(
    suite: str, interpreter: Path, arguments: Sequence[str], env: Mapping[str, str]
) -> Outcome:
    """Run pytest on one suite. A run that dies before its end counts as failed."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _told(suite) as printed:
        result = Path(folder) / "result.json"
        command = [interpreter, "-m", "pytest", *OPTIONS, f"--rootdir={pins.CHECKOUT}"]
        command += ["-c", pins.HERE / "pytest.ini", "-p", "setup.plugins.suites"]
        command += [f"--suite={suite}", f"--result={result}", *arguments]
        code = subprocess.run(
            [str(word) for word in command],
            env={**os.environ, **env},
            cwd=pins.CHECKOUT,
            stdout=printed,
            stderr=printed,
            preexec_fn=die_with_parent,
            check=False,
        ).returncode
        outcomes = json.loads(result.read_text()) if result.exists() else {}
    return _outcome(suite, code, outcomes, time.monotonic() - started)


@contextmanager
def _told(suite: str) -> Iterator[IO]:
    """A file for what a suite prints: shown at once, or whole if others run beside."""
    if not _beside.is_set():
        say(f"\n== {suite}")
        yield sys.stderr
        return
    with tempfile.TemporaryFile("w+") as printed:
        yield printed
        printed.seek(0)
        say(f"\n== {suite}\n{printed.read().rstrip()}")


def _outcome(
    suite: str, code: int, outcomes: Mapping[str, str], seconds: float
) -> Outcome:
    failed = [name for name, result in outcomes.items() if result == "failed"]
    # a test that did not run did not pass
    failed += [f"{n} (skipped)" for n, end in outcomes.items() if end == "skipped"]
    passed = len(outcomes) - len(failed)
    if code not in (0, NOTHING_SELECTED) and not failed:
        failed.append(f"{suite}: pytest ended with {code} before its summary")
    return Outcome(suite, passed, tuple(failed), seconds)


def _pure(arguments: Sequence[str]) -> Outcome:
    """The tests that need no Odoo and no server."""
    env = {"PYTHONPATH": str(pins.CHECKOUT), **python.compiled()}
    options = ["-p", "setup.plugins.pure", "-p", "no:odoo"]
    named = _named(arguments)
    wanted = [str(folder) for folder in PURE]
    if named:
        arguments = [a for a in arguments if a not in named]
        wanted = [name for name in named if _is_pure(name)]
    if not wanted:
        return Outcome("pure", 0)
    return _pytest("pure", python.odoo_python(), [*options, *wanted, *arguments], env)


def _named(arguments: Sequence[str]) -> list[str]:
    """The arguments that are files, folders or tests in a file."""
    return [
        argument
        for argument in arguments
        if not argument.startswith("-")
        and (pins.CHECKOUT / argument.split("::")[0]).exists()
    ]


def _is_pure(name: str) -> bool:
    path = (pins.CHECKOUT / name.split("::")[0]).resolve()
    return any(path.is_relative_to(folder) for folder in PURE)


def _odoo(
    place: Workplace, suite: str, arguments: Sequence[str], part: str = ""
) -> Outcome:
    """The tests of a suite inside Odoo, all or a part, on a database of their own."""
    where = _where(suite, arguments)
    if not where:
        return Outcome(suite, 0)
    source, _problems = _installed(place, glue=suite == "glue")
    env = dict(place.environment)
    env["PYTHONPATH"] += f":{pins.CHECKOUT}"
    with databases.scratch(place, source) as name:
        options = [f"--odoo-database={name}", "--odoo-log-level=warn"]
        if suite in ("browser", "glue"):
            options.append("--odoo-http")
            env["AXE_CORE"] = str(node_tools.modules() / "axe-core" / "axe.min.js")
        if suite == "glue":
            env["MCP_PYTHON"] = str(python.mcp_python())
        if suite == "outside":
            env |= thunderbird.environment()
        if suite == reliability.NAME:
            env |= imap_servers.environment()
        if part:
            options.append(f"--part={part}")
        named = _named(arguments)
        rest = [argument for argument in arguments if argument not in named]
        with reliability.noted() as noted:
            return _pytest(suite, place.python, [*options, *where, *rest], env | noted)


def _where(suite: str, arguments: Sequence[str]) -> list[str]:
    """The folders and files, of those named or of all, that hold tests of a suite."""
    named = _named(arguments)
    if suite == "glue":
        folders = [str(pins.CHECKOUT / name / "tests") for name in glue_add_ons()]
        return [name for name in named if _is_glue(name)] if named else folders
    if named:
        return [name for name in named if _may_hold(name, suite)]
    return [str(TESTS / suite if suite in FOLDERS else TESTS)]


def _may_hold(name: str, suite: str) -> bool:
    """Whether a file or folder may hold tests of a suite, but of glue."""
    if _is_glue(name):
        return False
    path = (pins.CHECKOUT / name.split("::")[0]).resolve()
    folders = [folder for folder in FOLDERS if path.is_relative_to(TESTS / folder)]
    if folders:
        return suite in folders
    return suite not in FOLDERS or (TESTS / suite).is_relative_to(path)


def _is_glue(name: str) -> bool:
    path = (pins.CHECKOUT / name.split("::")[0]).resolve()
    return any(path.is_relative_to(pins.CHECKOUT / glue) for glue in glue_add_ons())


def _installed(place: Workplace, *, glue: bool) -> tuple[str, list[str]]:
    """The database for tests, alone or beside the apps that are joined to it."""
    if glue:
        return databases.installed(place, add_ons(), kind="glue")
    return databases.installed(place, own_add_ons())


def _installation(place: Workplace) -> Outcome:
    """The installations alone, beside other apps and with demo data give no warning."""
    say("\n== install")
    started = time.monotonic()
    _name, problems = _installed(place, glue=False)
    _name, glue = _installed(place, glue=True)
    _name, demo = databases.installed(place, customer_add_ons(), demo=True)
    failed = [f"install: {line}" for line in problems]
    failed += [f"install beside other apps: {line}" for line in glue]
    failed += [f"install with demo data: {line}" for line in demo]
    passed = 3 - bool(problems) - bool(glue) - bool(demo)
    return Outcome("install", passed, tuple(failed), time.monotonic() - started)


def _guarded(suite: str, run: Callable[..., Outcome], *arguments) -> Outcome:
    """The outcome of `run`; one failure when it could not do its work."""
    try:
        return run(*arguments)
    except Failure as failure:
        say(str(failure))
        return Outcome(suite, 0, (f"{suite}: {str(failure).splitlines()[0]}",))


def _some(arguments: Sequence[str]) -> Iterator[Outcome]:
    """One suite after the other, of what the arguments choose."""
    yield _guarded("pure", _pure, arguments)
    with workplace() as place:
        for suite in SUITES:
            yield _guarded(suite, _odoo, place, suite, arguments)


def _all() -> Iterator[Outcome]:
    """All suites, as many at a time as there are lanes; each as soon as it is done."""
    _beside.set()
    with _lanes() as lanes, workplace() as place:
        futures = [lanes.submit(_guarded, "lint", lint.run)]
        futures.append(lanes.submit(_guarded, "pure", _pure, ()))
        # what the others are made on
        yield _guarded("install", _installation, place)
        jobs = [
            # the longest first, so that no lane is left alone at the end
            ("outside", _odoo, place, "outside", ()),
            *_in_parts(place, "odoo"),
            *_in_parts(place, "browser"),
            ("dovecot", _odoo, place, "dovecot", ()),
            ("bench", bench.smoke, place),
            (reliability.NAME, _odoo, place, reliability.NAME, ()),
            ("lifecycle", lifecycle.run, place),
            ("glue", _odoo, place, "glue", ()),
            ("wheels", wheels.run, place),
            ("by hand", by_hand.run, place),
            ("i18n", translations.run, place),
        ]
        futures += [lanes.submit(_guarded, *job) for job in jobs]
        for future in as_completed(futures):
            yield future.result()


def _in_parts(place: Workplace, suite: str) -> Iterator[tuple]:
    """The jobs of a suite that more than one lane works on."""
    for part in PARTS[suite]:
        yield suite, _odoo, place, suite, (), part


def _chosen(arguments: Sequence[str], asked: bool) -> Iterator[Outcome]:
    if asked:
        return _reliability(arguments[1:])
    return _some(arguments) if arguments else _all()


@contextmanager
def _lanes() -> Iterator[ThreadPoolExecutor]:
    """Threads for suites; what has not begun does not begin after an interruption."""
    lanes = ThreadPoolExecutor(LANES)
    try:
        yield lanes
    finally:
        lanes.shutdown(cancel_futures=True)


def _reliability(arguments: Sequence[str]) -> Iterator[Outcome]:
    """The long form of that suite alone."""
    with workplace() as place:
        yield _guarded(reliability.NAME, _odoo, place, reliability.NAME, arguments)


def run(
    arguments: Sequence[str],
    *,
    fast: bool = False,
    long: bool = False,
    table: Path | None = None,
) -> int:
    """Run the suites; return the exit code. `arguments` are pytest's.

    With the first of them `reliability`, the long form of that suite alone is run.

    :param long: whether what has a short form is tried whole
    :param table: file for the table of what that suite tried
    """
    asked = list(arguments[:1]) == [reliability.NAME]
    outcomes = []
    try:
        if fast:
            outcomes.append(_pure([*FAST, *arguments]))
        else:
            machine.ensure()
            if asked or long:
                reliability.ask_long(table)
            for outcome in _chosen(arguments, asked):
                outcomes.append(outcome)
    except Failure as failure:
        say(f"\nsetup: {failure}")
        outcomes.append(Outcome("setup", 0, (str(failure).splitlines()[0],)))
    return summary(outcomes)
