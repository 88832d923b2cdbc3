"""A half-made entry is never taken for a whole one."""

import os

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
