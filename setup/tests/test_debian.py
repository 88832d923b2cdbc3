"""The machine's own mirror entry is found in whatever form it has."""

import pytest

from setup import debian
from setup.console import Failure

STANZAS = """\
# written by the installer
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/archive.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://old.example/debian
Suites: bookworm
Components: main
"""
EMBEDDED_KEY = """\
Types: deb
URIs: http://mirror.example/debian
Suites: trixie
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 abc
"""


@pytest.fixture
def etc(tmp_path, monkeypatch):
    (tmp_path / "sources.list.d").mkdir()
    monkeypatch.delenv("DEBIAN_MIRROR", raising=False)
    (tmp_path / "os-release").write_text("ID=debian\nVERSION_CODENAME=bookworm\n")
    monkeypatch.setattr(debian, "OS_RELEASE", tmp_path / "os-release")
    return tmp_path


def test_stanza(etc):
    (etc / "sources.list.d/debian.sources").write_text(STANZAS)
    source = debian.source(etc)
    assert "URIs: http://mirror.example/debian\n" in source
    assert "Suites: sid stable\n" in source
    assert "Signed-By: /usr/share/keyrings/archive.gpg\n" in source


def test_disabled_stanza_and_security_are_not_the_archive():
    found = [e for e in debian.parse_deb822(STANZAS) if e.is_archive("bookworm")]
    assert [entry.uris for entry in found] == [("http://mirror.example/debian",)]


def test_key_inside_a_stanza_is_kept():
    (entry,) = debian.parse_deb822(EMBEDDED_KEY)
    assert entry.signed_by.splitlines()[1] == " -----BEGIN PGP PUBLIC KEY BLOCK-----"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("deb http://m.example/debian bookworm main", ("http://m.example/debian", "")),
        (
            "deb [arch=amd64 signed-by=/k.gpg] http://m.example/debian bookworm main #",
            ("http://m.example/debian", "/k.gpg"),
        ),
        ("deb-src http://m.example/debian bookworm main", None),
        ("# deb http://m.example/debian bookworm main", None),
        ("deb http://m.example/debian-security bookworm-security main", None),
        ("deb http://other.example/tool stable tools", None),
    ],
)
def test_one_line(line, expected):
    found = [e for e in debian.parse_one_line(line) if e.is_archive("bookworm")]
    assert [(e.uris[0], e.signed_by) for e in found] == ([expected] if expected else [])


def test_file_of_lines(etc):
    (etc / "sources.list").write_text("deb http://m.example/debian bookworm main\n")
    assert "URIs: http://m.example/debian\n" in debian.source(etc)


def test_no_mirror_says_what_to_do(etc):
    with pytest.raises(Failure, match="ODOO_HOME"):
        debian.source(etc)


def test_mirror_of_the_environment(etc, monkeypatch):
    monkeypatch.setenv("DEBIAN_MIRROR", "http://mine.example/debian")
    (etc / "keys.gpg").touch()
    monkeypatch.setattr(debian, "KEYRING", etc / "keys.gpg")
    assert "URIs: http://mine.example/debian\n" in debian.source(etc)


def test_mirror_of_the_environment_needs_the_keys(etc, monkeypatch):
    monkeypatch.setenv("DEBIAN_MIRROR", "http://mine.example/debian")
    monkeypatch.setattr(debian, "KEYRING", etc / "none.gpg")
    with pytest.raises(Failure, match="debian-archive-keyring"):
        debian.source(etc)


def test_the_other_distribution_is_asked_for_its_newest(etc, monkeypatch):
    debian.OS_RELEASE.write_text('ID=ubuntu\nVERSION_CODENAME="noble"\n')
    line = "deb http://u.example/ubuntu noble main universe\n"
    (etc / "sources.list").write_text(line)
    assert "Suites: devel\nComponents: main universe\n" in debian.source(etc)
