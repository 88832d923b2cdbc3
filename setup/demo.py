"""``python3 setup run``: Odoo with demo data beside a mail server with demo mail."""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from . import cache, databases, demo_story, pins, postgres
from .console import Failure, output, say, step
from .mail_server import PASSWORD, MailServer, mail_server
from .processes import HOST, free_port, is_free, listens, running
from .workplace import Workplace, customer_add_ons, workplace

STOPS = (signal.SIGINT, signal.SIGTERM)
TAKEN = "The demonstration of this checkout is running already."
#: Seconds from the start to the mail that arrives while one watches.
LATE = 60
USERS = {
    "admin": "administrator of Odoo and of mail",
    "office": "office worker: office, building site, board",
    "foreman": "foreman: building site",
    "outsider": "sees no mailbox",
}


def _database(place: Workplace, clean: bool) -> tuple[str, datetime]:
    """The demo database, brought up to the code; and when its story begins."""
    name = databases.own(place)
    names = customer_add_ons()
    key = databases.sources_key(names)
    if clean or not databases.exists(place, name):
        source, problems = databases.installed(place, names, demo=True)
        for line in problems:
            say(f"  {line}")
        databases.copy(place, source, name)
        databases.note(place, name, {"key": key, "start": time.time()})
    known = databases.noted(place, name)
    if known["key"] != key:
        with step("Updating the add-on: its code has changed"):
            databases.update(place, name, names)
        databases.note(place, name, {**known, "key": key})
    return name, datetime.fromtimestamp(known["start"], timezone.utc)


def connect(place: Workplace, database: str, server: MailServer) -> None:
    """Lead the demo mailboxes to `server` and fetch what lies there."""
    values = {
        "host": HOST,
        "imap_port": server.imap_port,
        "smtp_port": server.smtp_port,
        "password": PASSWORD,
        "server_name": "Demo mail server",
    }
    options = ("shell", "-d", database, "--no-http", "--log-level=warn")
    with (pins.HERE / "scripts" / "connect.py").open() as script:
        output(
            place.command(*options),
            env={**place.environment, "MAILBOX_DEMO": json.dumps(values)},
            stdin=script,
        )


def _answers(port: int) -> bool:
    try:
        address = f"http://{HOST}:{port}/web/login"
        return urllib.request.urlopen(address, timeout=30).status == 200
    except (urllib.error.URLError, OSError):
        return False


def _http_port(wanted: int | None) -> int:
    if wanted and not is_free(wanted):
        raise Failure(f"Port {wanted} is taken. Give another one: --port {wanted + 1}")
    return wanted or free_port(8069)


def odoo(place: Workplace, database: str, port: int, log: Path, *more: str):
    """Odoo on `database` for the time of a block; `more` are options of Odoo."""
    options = [f"--http-port={port}", f"--db-filter=^{database}$", *more]
    options += ["--log-handler=py.warnings:ERROR"]
    command = place.command("-d", database, *options)
    return running("Odoo", command, place.environment, log, lambda: _answers(port))


def deliver_late(server: MailServer) -> None:
    """Send the two messages that come while one watches."""
    now = datetime.now(timezone.utc)
    for letter in demo_story.late(f"{now:%Y%m%d%H%M%S}"):
        server.deliver(letter, now)


def _timer(server: MailServer) -> threading.Timer:
    def deliver() -> None:
        deliver_late(server)
        say("  two more messages have arrived: the next check brings them to the Queue")

    timer = threading.Timer(LATE, deliver)
    timer.daemon = True
    return timer


def _tell(port: int, server: MailServer, log: Path) -> None:
    say(f"\nOdoo         http://localhost:{port}   (menu Mail; log: {log})")
    say(f"Mail server  http://localhost:{server.http_port}")
    say(f"             IMAP port {server.imap_port}, SMTP port {server.smtp_port},")
    say(f"             any address @spedbud.example, password {PASSWORD};")
    say("             what you send from Odoo stays there, whoever it is for")
    say("Logins       the password is the login:")
    for login, text in USERS.items():
        say(f"             {login:10}{text}")
    say("Ctrl-C stops everything; `python3 setup run --clean` starts over.\n")


def _wait(process) -> None:
    """Until Ctrl-C, or until Odoo ends on its own."""
    while process.poll() is None:
        time.sleep(0.3)
    raise Failure(f"Odoo ended with {process.returncode}; its log tells why.")


def _interrupt(*_arguments) -> None:
    # once: a second Ctrl-C would leave servers behind
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def run(options: argparse.Namespace) -> int:
    """Start the demonstration; ends with Ctrl-C."""
    # also when the shell started us with interrupts ignored, as in the background
    for number in STOPS:
        signal.signal(number, _interrupt)
    given = postgres.from_url(options.db_url) if options.db_url else None
    try:
        with ExitStack() as stack:
            place = stack.enter_context(workplace(given))
            stack.enter_context(cache.locked(f"run-{place.key}", taken=TAKEN))
            _serve(place, options, stack)
    except KeyboardInterrupt:
        say("\nStopped.")
    return 0


def _serve(place: Workplace, options: argparse.Namespace, stack: ExitStack) -> None:
    port = _http_port(options.port)
    database, start = _database(place, options.clean)
    logs = place.config.parent
    mail_log, log = logs / f"{place.key}-mail.log", logs / f"{place.key}-odoo.log"
    with step("Starting the mail server and filling its mailboxes"):
        server = stack.enter_context(mail_server(place.python, mail_log))
        server.fill(demo_story.letters(), start)
    with step("Fetching the mail into Odoo"):
        connect(place, database, server)
    with step("Starting Odoo"):
        process = stack.enter_context(odoo(place, database, port, log))
    timer = _timer(server)
    timer.start()
    stack.callback(timer.cancel)
    _note_ports(place, port, server, stack)
    _tell(port, server, log)
    _wait(process)


def _note_ports(
    place: Workplace, port: int, server: MailServer, stack: ExitStack
) -> None:
    """Leave the ports where `setup env` finds them, for as long as we run."""
    file = _ports_file(place)
    names = ("HTTP_PORT", "IMAP_PORT", "SMTP_PORT", "MAIL_HTTP_PORT")
    ports = (port, server.imap_port, server.smtp_port, server.http_port)
    file.write_text(json.dumps(dict(zip(names, map(str, ports), strict=True))))
    stack.callback(file.unlink, missing_ok=True)


def _ports_file(place: Workplace) -> Path:
    return place.config.parent / f"{place.key}-ports.json"


def ports(place: Workplace) -> dict[str, str]:
    """The ports of the running demonstration, else a free one for an Odoo."""
    file = _ports_file(place)
    known = json.loads(file.read_text()) if file.exists() else {}
    if known and listens(int(known["HTTP_PORT"])):
        return known
    return {"HTTP_PORT": str(free_port(8069))}
