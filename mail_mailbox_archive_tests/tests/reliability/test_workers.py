"""Four workers, two databases and a button that is pressed wildly, on one mailbox."""

import http.cookiejar
import json
import random
import re
import threading
import urllib.request
from collections import Counter
from contextlib import suppress

from odoo.tests import BaseCase, tagged

from ..servers.dovecot import Dovecot
from ..test_poll import mails
from .extent import extent, note
from .odoo_server import TROUBLE, OdooServer, server_places
from .stage import Stage, wait_for

PORTIONS, EACH = extent(3, 60), 40
PEOPLE = 4


class Person(threading.Thread):
    """Somebody who presses "Check for new emails" until told to stop."""

    def __init__(self, odoo, database, mailbox_id, stop):
        super().__init__(daemon=True)
        self._base = f"http://127.0.0.1:{odoo.port}"
        self._database, self._mailbox_id, self._stop_it = database, mailbox_id, stop
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._browser = urllib.request.build_opener(cookies)
        self.pressed, self.errors = 0, []

    def call(self, path, **params):
        body = json.dumps({"jsonrpc": "2.0", "params": params}).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._base}{path}", body, headers)
        with self._browser.open(request, timeout=60) as answer:
            answer = json.load(answer)
        if "error" in answer:
            raise RuntimeError(answer["error"]["data"]["debug"])
        return answer["result"]

    def log_in(self):
        self.call(
            "/web/session/authenticate",
            db=self._database,
            login="admin",
            password="admin",
        )

    def run(self):
        try:
            while not self._stop_it.is_set():
                self.call(
                    "/web/dataset/call_kw/mail.mailbox/action_check",
                    model="mail.mailbox",
                    method="action_check",
                    args=[[self._mailbox_id]],
                    kwargs={},
                )
                self.pressed += 1
        except Exception as error:  # told to the test
            self.errors.append(error)


@tagged("post_install", "-at_install")
class TestWorkers(BaseCase):
    """Whoever comes first stores a message; nobody stores it twice or fails."""

    def setUp(self):
        super().setUp()
        self.dovecot = self.enterContext(Dovecot())
        self.dovecot.add_user("everybody")
        self.stage = self.enterContext(Stage())
        self.odoo = self.enterContext(
            OdooServer(self.stage, databases=2, crons=4, workers=2)
        )
        self.mailboxes = {
            name: self.odoo.make_mailboxes(self.dovecot, ["everybody"], database=name)
            for name in self.odoo.databases
        }

    def start_people(self):
        self.odoo.start()
        stop = threading.Event()
        people = []
        for number in range(PEOPLE):
            database = self.odoo.databases[number % 2]
            (mailbox_id,) = self.mailboxes[database]
            people.append(Person(self.odoo, database, mailbox_id, stop))

        def answers():
            with suppress(OSError):
                # one after the other: the log of logins is no part of this
                for one in people:
                    one.log_in()
                return True

        wait_for(answers, "Odoo's web server")
        for one in people:
            one.start()
        self.addCleanup(stop.set)
        return people, stop

    def test_everybody_at_once(self):
        people, stop = self.start_people()
        sent, chance = 0, random.Random(4)
        for _portion in range(PORTIONS):
            for source in mails(EACH, f"Crowd {sent}", 20_000):
                folder = chance.choice(["INBOX", "Second", "Third"])
                self.dovecot.deliver("everybody", source, folder)
                sent += 1
            self.odoo.go_on(self.is_read(sent), f"{sent} messages")
        stop.set()
        for one in people:
            one.join(60)
        self.assertEqual([str(error) for one in people for error in one.errors], [])
        on_server = server_places(self.dovecot, "everybody")
        self.assertEqual(len(on_server), sent)
        lost = doubled = 0
        for database, (mailbox_id,) in self.mailboxes.items():
            held = Counter(self.odoo.places(mailbox_id, database))
            lost += len(on_server - held.keys())
            doubled += sum(held.values()) - len(on_server & held.keys())
        self.assertEqual((lost, doubled), (0, 0))
        log = self.odoo.log()
        self.assertEqual([word for word in TROUBLE if word in log], [], log[-3000:])
        self.assertNotIn("deadlock", self.stage.postgres.log())
        retried = len(re.findall("could not serialize", self.stage.postgres.log()))
        pressed = sum(one.pressed for one in people)
        self.assertGreaterEqual(pressed, PEOPLE)
        note(
            "Concurrency",
            f"4 workers, 2 databases, {PEOPLE} people: {pressed} times pressed,"
            f" {retried} transactions tried again, 0 deadlocks",
            messages=2 * sent,
            lost=lost,
            doubled=doubled,
        )

    def is_read(self, sent):
        def read():
            return all(self.odoo.count(name) >= sent for name in self.odoo.databases)

        return read
