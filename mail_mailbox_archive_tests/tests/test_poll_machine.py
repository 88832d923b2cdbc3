"""The records are what the server has, whatever happens: none lost, none doubled."""

from collections import Counter
from datetime import timedelta

from hypothesis.stateful import run_state_machine_as_test

from odoo import fields
from odoo.tests import tagged

from .common import MailboxCase
from .mailcore.examples import examples
from .mailcore.sync_machine import SyncMachine


class Records:
    """The store of the machine: the records of a mailbox, gone again at its end."""

    def __init__(self, mailbox):
        self.mailbox, self.env = mailbox, mailbox.env
        self.savepoint = self.env.cr.savepoint(flush=True)

    def close(self):
        self.savepoint.close(rollback=True)
        self.env.invalidate_all()

    def known(self):
        return self.mailbox._get_known()[self.mailbox.id]

    def store(self, event):
        self.mailbox._store_event(event)
        self.env.flush_all()
        # each event is stored in a transaction of its own
        self.env.invalidate_all()

    def go_through_again(self, wire_name):
        self.mailbox._folder(wire_name)._go_through_again()

    def ask_again(self):
        rows = self._rows("quarantine").filtered(
            lambda row: row.withheld and row.state == "waiting"
        )
        rows.ask_at = fields.Datetime.now() - timedelta(seconds=1)
        rows._ask_again(self.mailbox.ids)
        self.env.flush_all()

    def places(self):
        return {
            (arrival.folder_id.wire_name, arrival.uid): (_number(arrival), arrival.seen)
            for arrival in self._rows("arrival")
            if arrival.folder_id
        }

    def aside(self):
        return {
            (row.folder_id.wire_name, int(row.uid)): row.withheld
            for row in self._rows("quarantine")
            if row.state == "waiting" and row.uid
        }

    def numbers(self):
        return Counter(map(_number, self._rows("arrival")))

    def _rows(self, name):
        return self.env[f"mail.mailbox.{name}"].search(
            [("mailbox_id", "=", self.mailbox.id)]
        )


def _number(arrival):
    return int(arrival.subject)


class RecordsMachine(SyncMachine):
    """Polls into the records of ``mailbox``, one server for each example."""

    one_place = True
    mailbox = None

    def new_store(self):
        return Records(self.mailbox)

    def teardown(self):
        if not hasattr(self, "store"):
            return None
        try:
            return super().teardown()
        finally:
            self.store.close()


class MachineCase(MailboxCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mailbox.write({"imap_enabled": True, "imap_host": "localhost"})

        class Machine(RecordsMachine):
            mailbox = cls.mailbox

        cls.machine = Machine


@tagged("post_install", "-at_install")
class TestPollMachine(MachineCase):
    def test_database_is_what_the_server_has(self):
        values = {"stateful_step_count": 20, "report_multiple_bugs": False}
        run_state_machine_as_test(self.machine, settings=examples(25, **values))
        self.assertFalse(self.mailbox.folder_ids)

    def test_message_of_unknown_size_is_asked_for_again(self):
        polls = self.machine()
        polls.begin(True, True, batch=2, since=False, lengths=[2, 0, 0])
        self.addCleanup(polls.teardown)
        polls.withheld.add(2)
        polls.server.harm(2, "left out")
        polls.server.without_size.add(2)
        polls.poll()
        row = self.env["mail.mailbox.quarantine"].search([])
        self.assertEqual((row.withheld, row.size), (True, 0))
        polls.server.heal()
        polls.go_through_again(None)
        polls.poll()
        self.assertEqual(row.state, "arrived")
