"""The last line counts every test, also of a suite that died."""

import json

import pytest

from setup import postgres, suites
from setup.console import Failure
from setup.outcome import Outcome, summary
from setup.plugins.suites import Result, _is_for_odoo


def test_sum_of_all_suites_is_the_last_line(capsys):
    code = summary([Outcome("a", 3), Outcome("b", 2, ("b::one",))])
    assert capsys.readouterr().out.splitlines()[-1] == "5 passed, 1 failed"
    assert code == 1


def test_all_passed(capsys):
    assert summary([Outcome("a", 3)]) == 0
    assert capsys.readouterr().out == "3 passed, 0 failed\n"


def test_no_test_at_all_is_a_failure(capsys):
    assert summary([Outcome("a", 0)]) == 1


@pytest.mark.parametrize(
    ("code", "outcomes", "passed", "failed"),
    [
        (0, {"a": "passed"}, 1, 0),
        (1, {"a": "passed", "b": "failed"}, 1, 1),
        (0, {"a": "skipped"}, 0, 1),
        (5, {}, 0, 0),
        (-9, {}, 0, 1),
        (3, {"a": "passed"}, 1, 1),
    ],
)
def test_outcome(code, outcomes, passed, failed):
    outcome = suites._outcome("odoo", code, outcomes, 0.0)
    assert (outcome.passed, len(outcome.failed)) == (passed, failed)


class Report:
    nodeid = "test"

    def __init__(self, outcome, longrepr=""):
        self.outcome, self.longrepr = outcome, longrepr


def test_worst_phase_counts(tmp_path):
    result = Result(tmp_path / "result")
    for outcome in ("passed", "failed", "passed"):
        result.pytest_runtest_logreport(Report(outcome))
    assert result.outcomes == {"test": "failed"}


@pytest.mark.parametrize(
    ("reason", "counted"),
    [("Skipped: Cyrus is not tried: …", {}), ("Skipped: later", {"test": "skipped"})],
)
def test_left_out_since_a_server_cannot_be_had(tmp_path, reason, counted):
    result = Result(tmp_path / "result")
    result.pytest_runtest_logreport(Report("skipped", reason))
    result.pytest_runtest_logreport(Report("passed"))
    result.pytest_sessionfinish(None)
    assert json.loads((tmp_path / "result").read_text()) == counted


def test_suite_that_cannot_start_fails():
    def broken():
        raise Failure("no database\nmore")

    outcome = suites._guarded("odoo", broken)
    assert (outcome.passed, outcome.failed) == (0, ("odoo: no database",))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://me@db:5433", {"PGHOST": "db", "PGPORT": "5433", "PGUSER": "me"}),
        ("postgresql:///?host=/run/pg", {"PGHOST": "/run/pg"}),
        (
            "postgres://a%40b:p%2Fw@db",
            {"PGHOST": "db", "PGUSER": "a@b", "PGPASSWORD": "p/w"},
        ),
    ],
)
def test_database_address(url, expected):
    assert postgres.from_url(url) == expected


def test_database_address_of_something_else():
    with pytest.raises(Failure, match="postgresql://"):
        postgres.from_url("mysql://db")


class Item:
    def __init__(self, file, *marks):
        self.nodeid = f"mail_mailbox_archive_tests/tests/{file}::test"
        self._marks = marks

    def get_closest_marker(self, name):
        return name in self._marks or None


@pytest.mark.parametrize(
    ("item", "form", "expected"),
    [
        (Item("mailcore/test_body.py"), "", False),
        (Item("mailcore/test_body.py", "slow"), "", False),
        (Item("mailcore/test_dsn.py", "inside_odoo"), "", True),
        (Item("mailcore/test_body.py"), "long", True),
        (Item("test_archive.py"), "", True),
    ],
)
def test_what_pure_tried_is_not_tried_again_inside_odoo(
    item, form, expected, monkeypatch
):
    monkeypatch.setenv("MAILBOX_RELIABILITY", form)
    assert _is_for_odoo(item) is expected
