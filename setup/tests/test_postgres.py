"""A PostgreSQL as it comes is asked for by its programs, and is not ours."""

import pytest

from setup import postgres
from setup.console import Failure


def test_without_programs_there_is_a_word(tmp_path):
    with pytest.raises(Failure, match="there is no PostgreSQL"):
        with postgres.as_it_comes(tmp_path):
            pass


def test_it_is_configured_by_its_makers(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "postgres").touch()
    started = []
    monkeypatch.setattr(postgres, "output", lambda *_args: "postgres (PostgreSQL) 15\n")
    monkeypatch.setattr(postgres.Embedded, "start", lambda one: started.append(one))
    monkeypatch.setattr(postgres.Embedded, "stop", lambda _server: None)
    with postgres.as_it_comes(tmp_path) as pg:
        (server,) = started
        assert server.settings == postgres.CLOSED
        assert pg["PGHOST"] == str(server.socket)
        assert server.data != postgres._data()
