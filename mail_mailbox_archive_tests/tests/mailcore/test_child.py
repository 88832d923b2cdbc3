"""Whatever a file does to its reader, it ends with it; each limit has its file here."""

import os
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from unittest.mock import patch

import pytest

from odoo.addons.mail_mailbox_archive.mailcore.inside import child
from odoo.addons.mail_mailbox_archive.mailcore.inside.child import (
    LIMITS,
    Limits,
    NotOpened,
    read_inside,
    run,
)

JOBS = Path(__file__).parent / "jobs"
#: The same, sooner.
SOON = Limits(processor=1, wait=3)


def ask(word, limits=SOON):
    return run("hostile", word.encode(), limits, JOBS).value


def refused(word, limits=SOON):
    with pytest.raises(NotOpened) as caught:
        ask(word, limits)
    return caught.value.code


@contextmanager
def listener():
    """Somebody on this machine who would hear the process."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def heard(server):
    try:
        server.accept()[0].close()
    except BlockingIOError:
        return False
    return True


@pytest.mark.parametrize(
    "word, code",
    (
        ("loop", "time"),
        ("sleep", "time"),
        ("hoard", "memory"),
        ("flood", "output"),
        ("die", "crash"),
        ("vanish", "crash"),
        ("recurse", "content"),
        ("deep", "crash"),
        ("start", "content"),
        ("unknown", "content"),
    ),
)
def test_each_limit_has_its_word(word, code):
    limits = Limits(processor=30, wait=1) if word == "sleep" else SOON
    assert refused(word, limits) == code
    # and harms nobody who comes after it
    assert ask("use_mailcore") == "zazolc gesla"


def test_the_limits_are_those_that_are_promised():
    assert (LIMITS.processor, LIMITS.memory) == (10, 256 * 2**20)
    assert LIMITS.given <= 32 * 2**20 and LIMITS.returned <= 16 * 2**20


def test_a_file_beyond_the_limit_is_not_handed_over():
    with patch.object(subprocess, "Popen", side_effect=AssertionError):
        assert refused("tell" + " " * 100, Limits(given=50)) == "size"


def test_it_is_given_nothing_but_the_file():
    with open(__file__, "rb") as open_file:
        file = os.dup2(open_file.fileno(), 77)
        with patch.dict(os.environ, SECRET_OF_THE_SERVER="hunter2"):
            told = ask("tell")
        os.close(file)
    assert "hunter2" not in str(told) and "SECRET_OF_THE_SERVER" not in str(told)
    # its input, its answer and what takes the rest; one more reads this very list
    assert len(told["files"]) <= 5 and 77 not in told["files"]
    assert told["core"] == 0 and told["session"] and not told["odoo"]
    assert told["bytes"] == b"\0\xff"


def test_what_it_prints_is_no_part_of_the_answer():
    assert ask("shout") == "heard"


def test_it_writes_no_file(tmp_path):
    path = tmp_path / "written"
    assert refused(f"write {path}") in ("content", "crash")
    assert not path.exists() or not path.stat().st_size


def test_it_reaches_nobody():
    with listener() as server:
        port = server.getsockname()[1]
        assert refused(f"connect {port}") == "content"
        opened = run("hostile", f"connect_in_c {port}".encode(), SOON, JOBS)
        # where the system shuts no network, Python alone refuses, and says so
        assert not opened.sealed or opened.value != 0
        assert not (opened.sealed and heard(server))


def test_what_it_left_behind_ends_with_it():
    """The answer waits for what holds it open, at most until the limit."""
    started = []

    class Noted(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            started.append(self.pid)
            # or what it starts would be of the server's own group
            assert os.getpgid(self.pid) == self.pid

    with patch.object(subprocess, "Popen", Noted):
        assert refused("leave_one_behind", Limits(processor=1, wait=2)) == "time"
    # who is killed is gone as soon as the machine comes to it
    end = time.monotonic() + 10
    while in_group(started[0]) and time.monotonic() < end:
        time.sleep(0.02)
    assert not in_group(started[0])


def in_group(number):
    """Return the processes of a group that still run."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            _name, _end, rest = path.read_text().rpartition(")")
            state, _parent, group, *_rest = rest.split()
            if int(group) == number and state != "Z":
                found.append(path.parent.name)
    return found


def test_too_many_wait_and_are_told():
    started = threading.Barrier(child.AT_ONCE + 1)

    class Noted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            started.wait()

    with ThreadPoolExecutor(child.AT_ONCE) as pool:
        with patch.object(subprocess, "Popen", Noted):
            busy = [pool.submit(refused, "sleep") for _n in range(child.AT_ONCE)]
            started.wait()
        with patch.object(subprocess, "Popen", side_effect=AssertionError):
            assert refused("tell", Limits(wait=0.2)) == "busy"
        assert {one.result() for one in busy} == {"time"}


def test_places_are_given_back():
    for _time in range(child.AT_ONCE + 1):
        assert refused("die") == "crash"
    assert ask("use_mailcore")


def test_without_an_interpreter_nothing_is_read():
    with patch.object(sys, "executable", "/nowhere/python"):
        assert refused("tell") == "unavailable"
    with pytest.raises(NotOpened):
        read_inside("no_such_job", b"")
