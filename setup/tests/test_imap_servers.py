"""Servers beside the one that is installed: had, or left out and said so."""

import os

import pytest

from setup import cache, debian, imap_servers
from setup.console import Failure


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine without them, of an ordinary user."""
    for name in ("CI", imap_servers.ROOT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(cache, "folder", lambda: tmp_path)
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    return monkeypatch


def unpack(packages, root):
    (root / "usr").mkdir()


def fail(packages, root):
    raise Failure("The mirror is away.\nAsk it later.")


def test_unpacked_once(machine):
    machine.setattr(debian, "unpack_beside", unpack)
    first = imap_servers.environment()
    machine.setattr(debian, "unpack_beside", fail)
    assert imap_servers.environment() == first
    assert os.path.isdir(f"{first[imap_servers.ROOT]}/usr")


def test_what_cannot_be_had_is_left_out_and_said(machine, capsys):
    machine.setattr(debian, "unpack_beside", fail)
    machine.setenv("CI", "true")
    assert imap_servers.environment() == {}
    assert "not tried, they cannot be had here: The mirror is away.\n" in (
        capsys.readouterr().err
    )


def test_root_in_ci_has_them_or_fails(machine):
    machine.setattr(debian, "unpack_beside", fail)
    machine.setenv("CI", "true")
    machine.setattr(os, "getuid", lambda: 0)
    with pytest.raises(Failure, match="mirror is away"):
        imap_servers.environment()


def test_folder_of_the_environment(machine, tmp_path):
    machine.setattr(debian, "unpack_beside", fail)
    machine.setenv(imap_servers.ROOT, str(tmp_path))
    with pytest.raises(Failure, match="usr/bin/imapd and .* are not in"):
        imap_servers.environment()
    for program in imap_servers.PROGRAMS:
        (tmp_path / program).parent.mkdir(parents=True)
        (tmp_path / program).touch()
    assert imap_servers.environment() == {}


def test_what_they_lack_comes_along(machine, tmp_path):
    """Each is planned alone, for they exclude each other."""
    plans = {
        "courier-imap": "Remv dovecot-imapd [1]\nInst libx (1)\nInst courier-imap (5)",
        "cyrus-imapd": "Inst liby (1)\nInst libx (1)",
    }
    asked, fetched = [], []

    def plan(command, env):
        asked.append(command[-1])
        return plans[command[-1]]

    machine.setattr(debian, "call", lambda *arguments, **options: [])
    machine.setattr(debian, "output", lambda command, **options: "")
    machine.setattr(debian.shutil, "which", lambda tool: tool)
    machine.setattr(debian, "_fetch", lambda names, *rest: fetched.extend(names))
    with debian._private_apt(sid=False) as (home, _env):
        assert "sourcelist" not in (home / "apt.conf").read_text()
    machine.setattr(debian, "_configuration", lambda home, sid: "")
    machine.setattr(debian, "output", plan)
    debian.unpack_beside(["courier-imap", "libx", "cyrus-imapd"], tmp_path)
    assert asked == ["courier-imap", "cyrus-imapd"]
    assert sorted(fetched) == ["courier-imap", "cyrus-imapd", "libx", "liby"]
