"""The documentation as a site: what is laid out, and which links end the build."""

import pytest

from setup import links, pins, site
from setup.console import Failure

HOME = pins.CHECKOUT / "docs" / "index.md"


def test_all_pages_are_laid_out(tmp_path):
    site.lay_out(tmp_path)
    for target in site.pages().values():
        assert (tmp_path / target).exists(), target


def test_each_page_is_in_the_contents():
    contents = HOME.read_text()
    for page in sorted(set(site.pages().values()) - {"index.md"}):
        name = page.removesuffix(".md").removesuffix(".rst")
        assert name in contents or name.startswith("add_ons/"), page


def _of(link, tmp_path, page=HOME):
    return site._target(page, link, tmp_path)


def test_a_heading_of_the_guide_is_on_the_page_that_has_it(tmp_path):
    link = "../mail_mailbox_archive/README.rst#the-secret-key"
    assert _of(link, tmp_path) == "#guide-administration-the-secret-key"
    site.lay_out(tmp_path)
    label = ".. _guide-administration-the-secret-key:"
    assert label in (tmp_path / "guide" / "administration.rst").read_text()


def test_a_part_of_the_guide_is_a_page(tmp_path):
    link = "../mail_mailbox_archive/README.rst#installation"
    assert _of(link, tmp_path) == "guide/install.rst"


def test_a_page_of_a_folder_leads_up(tmp_path):
    page = pins.CHECKOUT / "docs" / "providers" / "google.md"
    assert _of("../limits.md#reading", tmp_path, page) == "../limits.md#reading"


@pytest.mark.parametrize(
    "link",
    ["../setup/cli.py", "gone.md", "../mail_mailbox_archive/README.rst#gone"],
)
def test_a_link_to_what_the_site_has_not(link, tmp_path):
    with pytest.raises(Failure, match="the site has nothing for"):
        _of(link, tmp_path)


def test_what_is_code_stays(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("`[it](gone.md)` and [this](#here)\n")
    monkeypatch.setattr(site, "pages", lambda: {page: "page.md"})
    assert site._markdown(page, tmp_path) == page.read_text()
    assert links.links(page.read_text()) == ["#here"]


def test_the_first_screen_of_the_readme():
    """One sentence, the picture that moves, two commands, the table, then links."""
    text = (pins.CHECKOUT / "README.md").read_text()
    first = text.partition("\n## ")[0]
    order = ["journey.gif", "setup run", "setup test", "| | this add-on |", "**no**"]
    places = [first.index(one) for one in order]
    assert places == sorted(places)
    # what is long is a page of its own
    assert len(text.splitlines()) < 100
