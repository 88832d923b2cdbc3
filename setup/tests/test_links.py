"""Links between the pages of the repository."""

from __future__ import annotations

import pytest

from setup import links


@pytest.fixture
def page(tmp_path):
    (tmp_path / "other.rst").write_text("The secret key\n--------------\n\nWords.\n")
    return tmp_path / "page.md"


@pytest.mark.parametrize(
    "link", ["other.rst", "other.rst#the-secret-key", "#what-it-isnt", "https://x.y/z"]
)
def test_a_link_that_leads_somewhere(page, link):
    page.write_text(f"# What it isn't\n\nSee [it]({link}).\n")
    assert not list(links.broken(page))


@pytest.mark.parametrize(
    "link", ["gone.md", "other.rst#gone", "#gone", "../nowhere/page.md"]
)
def test_a_link_that_leads_nowhere(page, link):
    page.write_text(f"# Title\n\nSee [it]({link}).\n")
    assert list(links.broken(page)) == [link]


def test_what_is_code_is_no_link(page):
    page.write_text("`[it](gone.md)`\n\n```\n[it](gone.md)\n```\n")
    assert not list(links.broken(page))


def test_pages_of_the_repository():
    assert len(links.pages()) > 5
    assert not list(links.check())
