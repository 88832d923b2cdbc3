"""Interpreters: those that work, wherever they are kept."""

import os
import subprocess
import sys

import pytest

from setup import python


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A machine with nothing in PATH, and pyenv in a folder."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setattr(python.Path, "home", lambda: tmp_path)
    monkeypatch.setattr(python.pins, "PYTHONS", ((3, 7),))
    return tmp_path


def _put(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


def test_one_that_does_not_start_does_not_count(elsewhere):
    _put(elsewhere / "python3.7", "#!/bin/sh\nexit 127\n")
    assert python.interpreters() == {}


def test_one_kept_by_pyenv_is_found_behind_what_fails(elsewhere):
    _put(elsewhere / "python3.7", "#!/bin/sh\nexit 127\n")
    kept = elsewhere / "versions" / "3.7.4" / "bin" / "python3.7"
    _put(kept, f'#!/bin/sh\nexec {sys.executable} "$@"\n')
    (found,) = python.interpreters().values()
    assert found == python._usable(sys.executable)


def test_this_one_is_there():
    assert python.interpreter() in python.interpreters().values()


def test_what_is_compiled_is_kept_whatever_the_machine_says(tmp_path, monkeypatch):
    """But for what was temporary: it never comes again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "crane.py").touch()
    there = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", "import crane"]
    subprocess.run(command, env=there | python.compiled(), check=True)
    assert len([*(tmp_path / "cache").rglob("crane.*.pyc")]) == 1
    assert not (tmp_path / "__pycache__").exists()
    python.forget_temporary()
    assert not [*(tmp_path / "cache").rglob("crane.*.pyc")]
