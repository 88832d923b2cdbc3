"""What a run starts once: database server, Odoo, Dovecot; stopped when it ends."""

from __future__ import annotations

import atexit
import functools
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from ..reliability.odoo_server import OdooServer
from ..reliability.stage import Stage, wait_for
from ..servers.dovecot import Dovecot
from .client import Client
from .front import Front


class RunningOdoo(OdooServer):
    """Odoo as customers run it: workers, the bus, all scheduled actions, one address.

    :param crons: threads of scheduled actions; 0 for none at all
    """

    script = Path(__file__).with_name("odoo_process.py")
    command = ()

    def __init__(
        self, stage: Stage, workers: int = 2, crons: int = 2, databases: int = 1
    ) -> None:
        super().__init__(stage, databases, crons=crons, workers=workers)
        self._front = Front(self.port, self.gevent_port)

    def __enter__(self) -> RunningOdoo:
        self._front.__enter__()
        self.base = f"http://127.0.0.1:{self._front.port}"
        self.start()
        self.wait_until_it_answers()
        return self

    def __exit__(self, *exception: object) -> None:
        self._front.__exit__(*exception)
        return super().__exit__(*exception)

    def wait_until_it_answers(self) -> None:
        try:
            wait_for(self.answers, "Odoo", pause=0.1)
        except TimeoutError as error:
            raise TimeoutError(f"{error}\n{self.log()[-6000:]}") from error

    def answers(self) -> bool:
        """Return whether it gives the page to log in."""
        try:
            with urllib.request.urlopen(f"{self.base}/web/login", timeout=30) as page:
                return page.status == 200
        except (OSError, urllib.error.URLError):
            return False

    def client(self, login: str, password: str = "") -> Client:
        """Somebody who logs in, by default with a password that is the login."""
        return Client(self.base, self.database, login, password or login)

    def sql(self, statement: str, *values) -> list[tuple]:
        """Run one statement, committed; return its rows."""
        return self.stage.execute(self.database, statement, *values)

    def wake(self, xml_id: str) -> None:
        """Have a scheduled action run as soon as a thread is free, by its XML id."""
        module, name = xml_id.split(".")
        self.sql(
            "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT res_id, now() AT"
            " TIME ZONE 'UTC' FROM ir_model_data WHERE module = %s AND name = %s",
            module,
            name,
        )
        self.stage.execute("postgres", f"NOTIFY cron_trigger, '{self.database}'")


class Running:
    """The servers that all tests of a run share."""

    def __init__(self) -> None:
        with ExitStack() as stack:
            self.stage = stack.enter_context(Stage(fetching_only=False))
            self.dovecot = stack.enter_context(Dovecot())
            self.odoo = stack.enter_context(RunningOdoo(self.stage))
            self.admin = self.odoo.client("admin")
            self.close = stack.pop_all().close


@functools.cache
def running() -> Running:
    """The servers, started on the first call."""
    servers = Running()
    atexit.register(servers.close)
    return servers
