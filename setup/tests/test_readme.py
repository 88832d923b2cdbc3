"""The changelog: what is new, and how it becomes the history of a version."""

import pytest

from setup import pages, pins, readme
from setup.console import Failure

MANIFEST = '{{"name": "X", "version": "{}", "author": "X", "license": "LGPL-3"}}'
FIRST = "19.0.1.0.0\n----------\n\nFirst version.\n"


@pytest.fixture
def add_on(tmp_path):
    news = tmp_path / "readme" / "newsfragments"
    news.mkdir(parents=True)
    (tmp_path / "__manifest__.py").write_text(MANIFEST.format("19.0.2.0.0"))
    (tmp_path / "readme" / "HISTORY.rst").write_text(FIRST)
    (news / "1.feature.rst").write_text("A bell.\n")
    (news / "2.bugfix.rst").write_text("No more noise,\nnever.\n")
    return tmp_path


def test_what_is_new_becomes_history(add_on):
    assert readme.changelog(add_on).startswith("19.0.2.0.0 (not released yet)\n---")
    assert readme.release(add_on, "2026-12-01") == "19.0.2.0.0"
    assert not list((add_on / "readme" / "newsfragments").iterdir())
    text = readme.changelog(add_on)
    assert text.startswith(
        "19.0.2.0.0 (2026-12-01)\n-----------------------\n\nNew\n^^^"
    )
    assert "- A bell.\n" in text and "- No more noise,\n  never.\n" in text
    assert text.endswith("\n\n" + FIRST)
    assert readme.versions(text) == ["19.0.2.0.0", "19.0.1.0.0"]


def test_no_version_is_released_twice(add_on):
    with pytest.raises(Failure, match="no newsfragments"):
        readme.release(add_on, readme.release(add_on, "2026-12-01"))
    (add_on / "readme" / "newsfragments" / "3.misc.rst").write_text("Later.\n")
    assert readme.changelog(add_on).startswith("Next version (not released yet)\n")
    with pytest.raises(Failure, match="move `version`"):
        readme.release(add_on, "2026-12-02")


def test_a_version_without_history_is_noticed(monkeypatch):
    monkeypatch.setattr(pages, "PAGES", {})
    monkeypatch.setattr(pages, "manifest", lambda folder: {"version": "19.0.99.0.0"})
    assert list(pages.check()) == ["pages: history"]


def test_the_manifest_is_in_the_changelog():
    text = readme.changelog(pins.CHECKOUT / "mail_mailbox_archive")
    assert pages.manifest(pages.ADD_ON)["version"] in text
