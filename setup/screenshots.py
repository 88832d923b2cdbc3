"""``python3 setup screenshots``: the pictures of the README and the description."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from . import cache, databases, demo, demo_story, machine, pins
from .console import Failure, call, output, say, step
from .mail_server import mail_server
from .processes import free_port, running
from .workplace import Workplace, customer_add_ons, workplace

FOLDER = pins.CHECKOUT / "mail_mailbox_archive" / "static" / "description"
#: Those that only the pages of ``docs/`` show.
DOCS = pins.CHECKOUT / "docs" / "pictures"
#: Who is seen at work: reads all three mailboxes.
LOGIN = "office"
#: Bytes of one picture, and of all: they travel with the add-on.
LIMIT = 150_000
LIMIT_OF_ALL = 1_200_000
#: Bytes of the one that moves.
LIMIT_OF_MOVING = 2_000_000
TAKEN = "A demonstration of this checkout runs already: end it first (Ctrl-C)."


def run() -> int:
    """Take all pictures.

    :raises Failure: a screen does not come up, or a picture is too big
    """
    machine.ensure()
    with workplace() as place, ExitStack() as stack:
        # two at once would take the same ports
        stack.enter_context(cache.locked(f"run-{place.key}", taken=TAKEN))
        port = _demonstration(place, stack)
        with step("Taking the pictures"):
            _take(place, port)
    _check_sizes()
    return 0


def _demonstration(place: Workplace, stack: ExitStack) -> int:
    """Start what is photographed; return the port of Odoo."""
    source, problems = databases.installed(place, customer_add_ons(), demo=True)
    for line in problems:
        say(f"  {line}")
    database = stack.enter_context(databases.scratch(place, source))
    logs = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    with step("Fetching the mail of the demonstration"):
        server = stack.enter_context(mail_server(place.python, logs / "mail.log"))
        server.fill(demo_story.letters(), datetime.now(timezone.utc))
        demo.connect(place, database, server)
        # after the first fetch, so that they count as new
        demo.deliver_late(server)
        demo.connect(place, database, server)
        _prepare(place, database)
    port = free_port(8169)
    log = logs / "odoo.log"
    with step("Starting Odoo"):
        # without jobs: nothing changes between two pictures
        odoo = demo.odoo(place, database, port, log, "--max-cron-threads=0")
        stack.enter_context(odoo)
    return port


def _prepare(place: Workplace, database: str) -> None:
    options = ("shell", "-d", database, "--no-http", "--log-level=warn")
    with (pins.HERE / "scripts" / "prepare_screenshots.py").open() as script:
        output(place.command(*options), env=place.environment, stdin=script)


@contextmanager
def chromium() -> Iterator[int]:
    """Chromium without a window for the time of the block; gives its DevTools' port."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        told = Path(folder, "DevToolsActivePort")
        command = [machine.find("chromium"), "--headless", "--disable-gpu"]
        command += [
            "--no-first-run",
            "--disable-background-networking",
            "--disable-quic",
        ]
        command += ["--hide-scrollbars", "--font-render-hinting=none", "--lang=en-US"]
        command += [f"--user-data-dir={folder}", "--remote-debugging-port=0"]
        # its sandbox does not work for root
        command += [] if os.getuid() else ["--no-sandbox"]
        log = Path(folder, "chromium.log")

        def ready() -> bool:
            return told.exists() and bool(told.read_text())

        with running("Chromium", [*command, "about:blank"], {}, log, ready):
            yield int(told.read_text().split()[0])


def _take(place: Workplace, port: int) -> None:
    with chromium() as devtools:
        words = [f"http://localhost:{port}", LOGIN, str(devtools)]
        for name, folder in (("take_screenshots", FOLDER), ("take_pictures", DOCS)):
            script = [place.python, "-m", f"setup.scripts.{name}"]
            call([*script, *words, folder], cwd=pins.CHECKOUT, shown="png|gif")


def _check_sizes() -> None:
    for folder in (FOLDER, DOCS):
        sizes = {file.name: file.stat().st_size for file in folder.glob("*.png")}
        for name, size in sizes.items():
            if size > LIMIT:
                raise Failure(f"{name} has {size} bytes, more than {LIMIT}.")
        if sum(sizes.values()) > LIMIT_OF_ALL:
            raise Failure(f"The pictures have more than {LIMIT_OF_ALL} bytes.")
    for file in DOCS.glob("*.gif"):
        if file.stat().st_size > LIMIT_OF_MOVING:
            raise Failure(f"{file.name} has more than {LIMIT_OF_MOVING} bytes.")
