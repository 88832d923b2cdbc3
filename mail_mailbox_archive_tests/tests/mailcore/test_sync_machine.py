"""Whatever happens on the server and to the polls: nothing lost, nothing doubled."""

import re
from collections import Counter

import pytest
from hypothesis.stateful import run_state_machine_as_test

from odoo.addons.mail_mailbox_archive.mailcore.imap import plan
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.examples import examples
from odoo.addons.mail_mailbox_archive_tests.tests.mailcore.sync_machine import (
    SyncMachine,
)
from odoo.addons.mail_mailbox_archive_tests.tests.servers.ledger import Ledger


class LedgerStore:
    """The store of the machine in memory."""

    def __init__(self):
        self.ledger = Ledger()
        self.known, self.store = self.ledger.known, self.ledger.store
        self.go_through_again = self.ledger.go_through_again
        self.ask_again = self.ledger.ask_again

    def places(self):
        return {
            place: (self._number(identity), self.ledger.seen[place])
            for place, identity in self.ledger.places.items()
        }

    def aside(self):
        return {place: one.withheld for place, one in self.ledger.quarantine.items()}

    def numbers(self):
        return Counter(map(self._number, self.ledger.sources))

    def _number(self, identity):
        return int(re.search(rb"Subject: (\d+)", self.ledger.sources[identity])[1])


class LedgerMachine(SyncMachine):
    def new_store(self):
        return LedgerStore()


@pytest.mark.slow
def test_store_is_what_the_server_has(monkeypatch):
    # a folder of the model is small, and read in several windows all the same
    monkeypatch.setattr(plan, "WINDOW", 2)
    run_state_machine_as_test(
        LedgerMachine,
        settings=examples(500, stateful_step_count=30, report_multiple_bugs=False),
    )
