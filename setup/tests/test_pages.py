"""Pages that are made of the code."""

import re
import subprocess
import sys

import pytest

from setup import pages, pins


def test_numbers_are_read_and_not_run():
    def of(text):
        return pages._number(pages.ast.parse(text, mode="eval").body)

    assert of("2**20") == "1,048,576"
    assert of("timedelta(minutes=55)") == "55 minutes"
    assert of("timedelta(days=1)") == "1 day"
    with pytest.raises(ValueError):
        of("[print('x')]")


def test_a_name_that_is_gone_is_noticed(monkeypatch):
    gone = pages.Limit("Gone", pages.SETTINGS, "GONE")
    monkeypatch.setattr(pages, "LIMITS", {"Receiving": (gone,)})
    with pytest.raises(KeyError):
        pages.limits()


def test_a_page_that_is_not_as_the_code_is_noticed(tmp_path, monkeypatch):
    page = tmp_path / "limits.md"
    monkeypatch.setattr(pages.pins, "CHECKOUT", tmp_path)
    monkeypatch.setattr(pages, "PAGES", {page: lambda: "new"})
    page.write_text("old")
    assert list(pages.check()) == ["pages: limits.md"]
    pages.write()
    assert list(pages.check()) == []


def test_a_manifest_behind_the_migrations_is_noticed(monkeypatch):
    monkeypatch.setattr(pages, "PAGES", {})
    monkeypatch.setattr(pages, "manifest", lambda folder: {"version": "19.0.1.0.0"})
    assert list(pages.check()) == ["pages: version"]


LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
DOCUMENTS = [*pins.CHECKOUT.glob("*.md"), *(pins.CHECKOUT / "docs").glob("*.md")]


@pytest.mark.parametrize("page", DOCUMENTS, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = [link for link in LINK.findall(page.read_text()) if "://" not in link]
    assert not [link for link in links if not (page.parent / link).exists()]


def test_a_live_account_is_tried_in_words(tmp_path):
    """With the example of a folder on disk, which is live everywhere."""
    script = pins.HERE / "scripts" / "try_provider.py"
    module = "odoo.addons.mail_mailbox_archive_tests.providers.folder"
    options = ["--sender", "a@example.com", "--recipient", "b@example.com"]
    for folder, status in ((tmp_path, 0), (tmp_path / "gone", 1)):
        done = subprocess.run(
            [sys.executable, script, "folder", "--module", module, *options],
            input=f"{folder}\n",
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == status, done.stderr
        assert ("Sending: works" in done.stdout) == (not status), done.stdout
    assert len(list(tmp_path.glob("*.eml"))) == 1


def test_a_call_is_told_with_what_it_takes():
    page = pages.calls()
    assert "| `prepare_compose` | `ids` (one); `mode`: `new`, `reply`" in page
    # of no records
    assert "| `prepare_new` | `res_model`: text; `res_id`: id;" in page
    assert "| `term`: text, required;" in page
    assert "`: value" not in page, "an argument of no known kind"
    # declared where the model inherits from
    assert "| `mailbox_message_id` | id and name |" in page
