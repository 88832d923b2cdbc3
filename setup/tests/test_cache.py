"""A half-made entry is never taken for a whole one."""

import os
from pathlib import Path

import pytest

from setup import cache
from setup.console import Failure


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_built_once():
    made = []
    for _time in range(2):
        path = cache.entry("thing", lambda path: made.append(path))
    assert made == [path]


def test_killed_build_is_built_again():
    def die(path):
        (path / "half").touch()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        cache.entry("thing", die)
    path = cache.entry("thing", lambda path: (path / "whole").touch())
    assert (path / "whole").exists()
    assert not (path / "half").exists()


def test_key_depends_on_every_pin():
    assert len({cache.key("a", "b"), cache.key("ab"), cache.key("b", "a")}) == 3


def test_folder_that_cannot_be_made(tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(Failure, match="XDG_CACHE_HOME"):
        cache.folder()


def test_entries_of_old_pins_go_when_a_new_one_is_made():
    for name in ("thing-old", "thing-used", "other-old"):
        path = cache.entry(name, lambda path: None)
        if name.endswith("old"):
            os.utime(path / ".complete", (0, 0))
    cache.entry("thing-new", lambda path: None)
    left = {path.name for path in cache.folder().iterdir()} - {"locks"}
    assert left == {"thing-used", "thing-new", "other-old"}


def test_lock_that_is_taken():
    with cache.locked("work"), pytest.raises(Failure, match="running"):
        with cache.locked("work", taken="It is running."):
            pass


def test_lock_that_is_shared():
    with cache.locked("use", shared=True), cache.locked("use", shared=True):
        pass


def test_no_folder_of_others_is_opened(tmp_path):
    tmp_path.chmod(0o700)
    path = cache.folder() / "database" / "data"
    path.mkdir(parents=True)
    with pytest.raises(Failure, match="XDG_CACHE_HOME"):
        cache.open_way(path, "PostgreSQL")
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_own_folders_are_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "_is_closed", lambda path: path.name == "database")
    path = cache.folder() / "database" / "data"
    path.mkdir(parents=True)
    path.parent.chmod(0o700)
    cache.open_way(path, "PostgreSQL")
    assert path.parent.stat().st_mode & 0o777 == 0o701


@pytest.mark.parametrize(
    ("user", "mode", "expected"),
    [(0, 0o700, "/var/cache"), (0, 0o711, None), (1000, 0o700, None)],
)
def test_cache_of_a_root_whose_home_is_closed(
    tmp_path, monkeypatch, user, mode, expected
):
    home = tmp_path / "home"
    home.mkdir()
    home.chmod(mode)
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: home)
    monkeypatch.setattr(os, "getuid", lambda: user)
    # what lies above the home of the test is closed as well
    closed = cache._is_closed
    monkeypatch.setattr(
        cache, "_is_closed", lambda path: path.is_relative_to(home) and closed(path)
    )
    assert cache._base() == (Path(expected) if expected else home / ".cache")
