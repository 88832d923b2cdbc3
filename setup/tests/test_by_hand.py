"""README.md is what is followed, and what cannot be followed is said."""

import pytest

from setup import by_hand, by_hand_ways, pins, python, reliability
from setup.console import Failure


def test_told_by_the_readme():
    copy, path, install, start = by_hand.told()
    assert copy.startswith("cp -r ") and copy.endswith(by_hand.FOLDER)
    assert path.endswith(by_hand.FOLDER)
    assert install == "pip install -r requirements.txt"
    assert start.endswith("-i mail_mailbox_archive")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "## Install it in your Odoo 19\n\n1. Do `one thing`.\n\n## Next\n",
        "## Install it in your Odoo 19\n\n1. `odoo -i it`\n\n## Next\n",
    ],
)
def test_not_told(text, tmp_path, monkeypatch):
    monkeypatch.setattr(by_hand, "README", tmp_path / "README.md")
    by_hand.README.write_text(text)
    with pytest.raises(Failure, match="other ways"):
        by_hand.told()


def test_the_short_form_is_one_installation(monkeypatch):
    monkeypatch.delenv(reliability.SWITCH, raising=False)
    (one,) = by_hand.tries()
    assert one.python == python.interpreter() and not (one.wheels or one.apps)


def test_the_long_form_is_each_python_in_each_way(monkeypatch, capsys):
    monkeypatch.setenv(reliability.SWITCH, "long")
    there = {version: f"python{version[1]}" for version in pins.PYTHONS[:-1]}
    monkeypatch.setattr(python, "interpreters", lambda: there)
    assert len({str(one) for one in by_hand.tries()}) == 4 * len(there)
    gone = python.dotted(pins.PYTHONS[-1])
    assert f"skipped: there is no Python {gone} here" in capsys.readouterr().err


def test_thirty_apps():
    assert len(set(by_hand_ways.APPS)) == 30
