"""Choose the tests of one suite, and leave its result in a file.

===========  ==================================================================
pure         needs neither Odoo nor a server
dovecot      its module uses the Dovecot of ``tests/servers``
reliability  in the folder of that name: faults on purpose; see ``extent.py`` there
outside      in the folder of that name: people, browsers and servers on a running Odoo
browser      an ``HttpCase``: needs Odoo's web server, and mostly a browser
glue         an add-on's own folder: needs the other app that it joins to ours
odoo         the rest, and of the pure ones those marked ``inside_odoo``
===========  ==================================================================
"""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path

import pytest

SUITES = ("pure", "odoo", "dovecot", "reliability", "outside", "browser", "glue")
#: Where all tests are but those of glue.
SHARED = ("mail_mailbox_archive_tests/", "setup/")
#: The suites that are the folders of their names.
FOLDERS = {
    f"mail_mailbox_archive_tests/tests/{name}/": name
    for name in ("reliability", "outside")
}
#: Plain Python, which the pure suite tries.
MAILCORE = "mail_mailbox_archive_tests/tests/mailcore/"
#: The mark of those that the short form tries inside Odoo as well; the long form, all.
INSIDE = "inside_odoo"
#: Of a test whose server cannot be had here, as was told before: it does not count.
LEFT_OUT = "left out"
#: What such a test says.
NOT_TRIED = "is not tried:"
WORST = ("passed", LEFT_OUT, "skipped", "failed")


def pytest_addoption(parser):
    group = parser.getgroup("mail_mailbox_archive")
    group.addoption("--suite", choices=SUITES, help="run the tests of this suite")
    group.addoption("--part", help="1/3 for the first third of its classes")
    group.addoption("--result", help="file for the number of tests, as JSON")


def pytest_configure(config):
    if config.getoption("--result"):
        config.pluginmanager.register(Result(Path(config.getoption("--result"))))
        config.pluginmanager.register(Log())


def _uses_dovecot(module) -> bool:
    return any(
        str(getattr(value, "__module__", getattr(value, "__name__", ""))).endswith(
            ".servers.dovecot"
        )
        for value in vars(module).values()
    )


def _is_http_case(cls) -> bool:
    return _inherits(cls, "HttpCase")


def _inherits(cls, name: str) -> bool:
    return any(base.__name__ == name for base in getattr(cls, "__mro__", ()))


def suite_of(item) -> str:
    if not item.nodeid.startswith(SHARED):
        return "glue"
    for folder, suite in FOLDERS.items():
        if item.nodeid.startswith(folder):
            return suite
    if _is_http_case(item.cls):
        return "browser"
    if _uses_dovecot(item.module):
        return "dovecot"
    return "odoo"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    suite = config.getoption("--suite")
    if not suite:
        return
    wanted = "odoo" if suite == "pure" else suite
    chosen = [item for item in items if suite_of(item) == wanted]
    if suite == "odoo":
        chosen = [item for item in chosen if _is_for_odoo(item)]
    if suite == "glue":
        # last: at its end a test of Odoo's ends all processes that it did not start
        chosen.sort(key=lambda item: _inherits(item.cls, "OutsideCase"))
    chosen = _part(chosen, config.getoption("--part") or "1/1")
    config.hook.pytest_deselected(items=[i for i in items if i not in set(chosen)])
    items[:] = chosen


def _is_for_odoo(item) -> bool:
    """Whether a test says more inside Odoo than the pure suite has said already."""
    if not item.nodeid.startswith(MAILCORE) or item.get_closest_marker(INSIDE):
        return True
    return os.environ.get("MAILBOX_RELIABILITY") == "long"


def _part(items, part: str):
    """The tests of some of the classes, which are dealt out like cards."""
    number, count = map(int, part.split("/"))
    classes = list(dict.fromkeys(item.cls for item in items))
    mine = set(classes[number - 1 :: count])
    return [item for item in items if item.cls in mine]


class Result:
    """The outcome of each test, the worst of its phases and subtests."""

    def __init__(self, path: Path):
        self.path = path
        self.outcomes: dict[str, str] = {}

    def _note(self, report) -> None:
        known, outcome = self.outcomes.get(report.nodeid, "passed"), report.outcome
        if outcome == "skipped" and NOT_TRIED in str(report.longrepr):
            outcome = LEFT_OUT
        self.outcomes[report.nodeid] = max(known, outcome, key=WORST.index)

    def pytest_runtest_logreport(self, report):
        self._note(report)

    def pytest_collectreport(self, report):
        if report.outcome != "passed":
            self._note(report)

    def pytest_sessionfinish(self, session):
        counted = {n: o for n, o in self.outcomes.items() if o != LEFT_OUT}
        self.path.write_text(json.dumps(counted))


class Log(logging.Handler):
    """A test fails when Odoo warns meanwhile and the test does not expect it.

    Expected are messages under ``mute_logger`` or ``assertLogs``: they do not get here.
    """

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines: list[str] = []
        logging.getLogger().addHandler(self)

    def emit(self, record):
        # what a client was refused is logged as a warning of odoo.http
        refused = record.name == "odoo.http" and record.levelno == logging.WARNING
        if record.name.startswith("odoo.") and not refused:
            self.lines.append(
                f"{record.levelname} {record.name}: {record.getMessage()}"
            )

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        report = yield
        lines, self.lines = self.lines, []
        if lines and report.passed:
            report.outcome = "failed"
            report.longrepr = "\n".join(["It logged:", *lines])
        return report
