"""A test from outside; the folder's own documentation tells how to write one."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from unittest import TestCase

import psycopg2

from ..reliability.stage import SECONDS, wait_for
from ..servers.imap_server import PASSWORD
from ..servers.smtp import SmtpServer
from .chromium import Chromium
from .client import Client, Refused
from .running import RunningOdoo, running

USER = "mail_mailbox_archive.group_user"


class OutsideCase(TestCase):
    """People, mailboxes and servers, beside the other tests on one running Odoo.

    No test of Odoo's: those end every process that was started, and there is no
    environment here that a test could look into.
    """

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        servers = running()
        cls.odoo, cls.dovecot, cls.stage = servers.odoo, servers.dovecot, servers.stage
        cls.admin = servers.admin
        cls.smtp = stack.enter_context(SmtpServer())

    def setUp(self):
        super().setUp()
        self._stack = ExitStack()
        self.addCleanup(self._stack.close)

    def enter(self, manager):
        """Enter a context until the end of the test; return what it gives."""
        return self._stack.enter_context(manager)

    # Who and what there is

    def person(
        self, login: str, *groups: str, odoo: RunningOdoo | None = None, **values
    ) -> Client:
        """Return somebody who is logged in, made when there is nobody of that login."""
        odoo = odoo or self.odoo
        admin = odoo.client("admin")
        if not admin.call("res.users", "search_count", [("login", "=", login)]):
            names = ("base.group_user", *(groups or (USER,)))
            ids = [self.ref(name, admin) for name in names]
            given = {"login": login, "password": login, "name": login.capitalize()}
            given |= {"email": f"{login}@spedbud.example", "group_ids": [(6, 0, ids)]}
            admin.add("res.users", **given, **values)
        return odoo.client(login)

    def ref(self, xml_id: str, admin: Client | None = None) -> int:
        """Return the id behind an XML id."""
        module, name = xml_id.split(".")
        domain = [("module", "=", module), ("name", "=", name)]
        (row,) = (admin or self.admin).search_read("ir.model.data", domain, "res_id")
        return row["res_id"]

    def mailbox(
        self, email: str, *people: Client, odoo: RunningOdoo | None = None, **values
    ) -> int:
        """Return a new mailbox of ``people`` that is read and that sends."""
        login = email.partition("@")[0]
        self.dovecot.add_user(login)
        odoo = odoo or self.odoo
        ids = [person.uid for person in people]
        given = {"name": login, "email": email, "user_ids": [(6, 0, ids)]}
        given |= {"responsible_id": ids[0]}
        given |= self.imap_values(login) | self.smtp_values() | values
        made = odoo.client("admin").add("mail.mailbox", **given)
        # what its verification proves is proven elsewhere
        odoo.sql("UPDATE mail_mailbox SET state = 'ready' WHERE id = %s", made)
        return made

    def imap_values(self, login: str) -> dict:
        return {
            "imap_host": "localhost",
            "imap_port": self.dovecot.port,
            "imap_security": "none",
            "imap_login": login,
            "imap_password": PASSWORD,
        }

    def smtp_values(self, server: SmtpServer | None = None) -> dict:
        return {
            "provider": "smtp",
            "smtp_host": "localhost",
            "smtp_port": (server or self.smtp).port,
            "smtp_security": "none",
        }

    def claimed(self, person: Client, email: str, server: SmtpServer) -> int:
        """Have somebody set up a mailbox for any address, with a server of theirs."""
        return person.add(
            "mail.mailbox",
            name="Claimed",
            email=email,
            imap_enabled=False,
            provider="smtp",
            smtp_host="localhost",
            smtp_port=server.port,
            smtp_password="s3cret-word",
            smtp_security="starttls",
        )

    def check(self, mailbox_id: int, person: Client) -> None:
        """Have somebody press "Check for new emails" of a mailbox."""
        person.call("mail.mailbox", "action_check", [mailbox_id])

    def archive(self, person: Client, message_id: int, model: str, record_id: int):
        """Have somebody archive a message to a record, as the dialog does."""
        wizard, domain = "mail.mailbox.archive.wizard", [("res_model", "=", model)]
        kind = person.search_read("mail.mailbox.record.type", domain, "id")[0]["id"]
        line = {"record_type_id": kind, "res_id": record_id}
        values = {"line_ids": [(0, 0, line)]}
        here = {"active_model": "mail.mailbox.message", "active_ids": [message_id]}
        made = person.call(wizard, "create", values, context=here)
        return person.call(wizard, "action_confirm", [made])

    def another_odoo(self, **options) -> RunningOdoo:
        """Start a server for this test alone; ``options`` of :class:`RunningOdoo`."""
        return self.enter(RunningOdoo(self.stage, **options))

    def browser(self, person: Client, path: str = "/odoo", **options) -> Chromium:
        """Open Chromium where somebody is logged in."""
        browser = self.enter(Chromium(person, **options))
        browser.open(path)
        return browser

    # What happens

    def received(self, address: str) -> list[EmailMessage]:
        """Return what this class's SMTP server took for one recipient, in order."""
        return [
            message_from_bytes(one.source, policy=default)
            for one in list(self.smtp.received)
            if address in one.rcpt_to
        ]

    def wait(self, condition: Callable, what: str, seconds: float = SECONDS):
        """Wait until ``condition()`` holds; return what it gave."""
        try:
            return wait_for(condition, what, seconds, pause=0.05)
        except TimeoutError as error:
            raise AssertionError(f"{error}\n{self.odoo.log()[-3000:]}") from error

    def assertRefused(self, call: Callable, words: str = "") -> Refused:
        """Have something refused, in words that hold ``words``; return the refusal."""
        with self.assertRaises(Refused) as caught:
            call()
        self.assertIn(words, caught.exception.message)
        return caught.exception

    @staticmethod
    def together(*calls: Callable) -> list:
        """Do things at the same moment; return what each gave, or raised."""
        gate = threading.Barrier(len(calls))

        def one(call):
            gate.wait()
            try:
                return call()
            except Exception as error:  # told to the test
                return error

        with ThreadPoolExecutor(len(calls)) as threads:
            return list(threads.map(one, calls))

    @contextmanager
    def disturbed(
        self, table: str, ids: Sequence[int] = (), pause=0.02, odoo=None
    ) -> Iterator[list]:
        """Have rows changed by somebody else all the time; gives what was changed.

        :param ids: which rows; any of them, some at a time, when empty
        """
        done, changed = threading.Event(), []
        some = f"SELECT id FROM {table} ORDER BY random() LIMIT 8"
        chosen = "ANY(%s)" if ids else f"ANY(ARRAY({some} FOR UPDATE SKIP LOCKED))"
        statement = f"UPDATE {table} SET write_date = now() WHERE id = {chosen}"

        def disturb():
            dsn = self.stage.postgres.dsn((odoo or self.odoo).database)
            connection = psycopg2.connect(dsn)
            connection.autocommit = True
            with connection.cursor() as cr:
                while not done.wait(pause):
                    cr.execute(statement, [list(ids)] if ids else None)
                    changed.append(cr.rowcount)
            connection.close()

        thread = threading.Thread(target=disturb, daemon=True)
        thread.start()
        try:
            yield changed
        finally:
            done.set()
            thread.join(SECONDS)

    def picture(self, browser: Chromium, name: str) -> bytes:
        """Return what is seen; ``MAILBOX_PICTURES`` names a folder to keep it in."""
        content = browser.screenshot()
        if folder := os.environ.get("MAILBOX_PICTURES"):
            Path(folder, f"{name}.png").write_bytes(content)
        return content
