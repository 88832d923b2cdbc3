"""Somebody archives to a record at the very moment when another takes it away."""

from __future__ import annotations

import functools
import threading
from contextlib import closing, contextmanager

import psycopg2

from .case import OutsideCase
from .client import Refused

MESSAGE, LINK = "mail.mailbox.message", "mail.mailbox.link"
WIZARD = "base.partner.merge.automatic.wizard"


class TestMeanwhile(OutsideCase):
    """Mail is archived between the beginning and the end of a merge or a deletion.

    The person who archives it, ``anna``, belongs to its mailbox; ``clerk`` does not,
    and reads what is archived to contacts.
    """

    def setUp(self):
        super().setUp()
        manager = "base.group_partner_manager"
        user = "mail_mailbox_archive.group_user"
        self.anna = self.person("meanwhile_anna", user, manager)
        self.clerk = self.person("meanwhile_clerk", user)
        self.name = self._testMethodName
        self.box = self.mailbox(f"{self.name}@spedbud.example", self.anna)

    def receive(self, subject: str) -> int:
        """Return a message that came to the mailbox just now."""
        source = f"From: Bob <b@live.example>\r\nSubject: {subject}\r\n\r\nText\r\n"
        self.dovecot.deliver(self.name, source.encode())
        self.check(self.box, self.anna)
        find = functools.partial(self.anna.search_read, MESSAGE)
        found = self.wait(lambda: find([("subject", "=", subject)], "id"), subject)
        return found[0]["id"]

    def company(self, name: str) -> int:
        return self.anna.add("res.partner", name=name, is_company=True)

    def merge(self, source: int, target: int) -> None:
        values = {"partner_ids": [(6, 0, [source, target])], "dst_partner_id": target}
        made = self.admin.call(WIZARD, "create", values)
        self.admin.call(WIZARD, "action_merge", [made])

    @contextmanager
    def begun(self, call, partner: int):
        """Have ``call`` begin before the block and take ``partner`` away after it."""
        dsn = self.stage.postgres.dsn(self.odoo.database)
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cr:
            # the row may still be archived to, but not deleted
            cr.execute("SELECT FROM res_partner WHERE id = %s FOR KEY SHARE", [partner])
            thread = threading.Thread(target=call, daemon=True)
            thread.start()
            waits = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database() AND query ILIKE '%%res_partner%%'"
            )
            self.wait(lambda: self.odoo.sql(waits), "the deletion to wait")
            yield
            connection.rollback()
            thread.join(60)
        self.assertFalse(thread.is_alive())

    def links(self, message: int) -> list[tuple]:
        return self.odoo.sql(
            "SELECT res_id, record_state, keeper_id FROM mail_mailbox_link"
            " WHERE mailbox_message_id = %s",
            message,
        )

    def test_merged(self):
        message = self.receive("Archived while merged")
        gone, stays = self.company("Twin Ltd"), self.company("Twin")
        with self.begun(lambda: self.merge(gone, stays), gone):
            self.archive(self.anna, message, "res.partner", gone)
        self.wait(
            lambda: self.links(message) == [(stays, "there", None)], "it to follow"
        )
        self.assertTrue(self.clerk.search_read(MESSAGE, [("id", "=", message)], "id"))
        history = self.odoo.sql(
            "SELECT action, res_id FROM mail_mailbox_history"
            " WHERE mailbox_message_id = %s AND action IN ('archived', 'moved')"
            " ORDER BY id",
            message,
        )
        self.assertEqual(history, [("archived", stays), ("moved", stays)])

    def test_deleted(self):
        message = self.receive("Archived while deleted")
        gone = self.company("Short Ltd")
        with self.begun(lambda: self.admin.call("res.partner", "unlink", [gone]), gone):
            self.archive(self.anna, message, "res.partner", gone)
        kept = [(gone, "deleted", self.anna.uid)]
        self.wait(lambda: self.links(message) == kept, "the loss to be noted")
        # the reader of the Queue apart
        self.odoo.sql(
            "DELETE FROM mail_mailbox_arrival WHERE mailbox_message_id = %s"
            " RETURNING 1",
            message,
        )
        for who, reads in ((self.anna, True), (self.clerk, False)):
            found = who.search_read(MESSAGE, [("id", "=", message)], "id")
            self.assertEqual(bool(found), reads, who.login)

    def test_deleted_before_it_is_archived(self):
        message = self.receive("Archived too late")
        gone = self.company("Late Ltd")
        dsn = self.stage.postgres.dsn(self.odoo.database)
        with closing(psycopg2.connect(dsn)) as connection, connection.cursor() as cr:
            cr.execute("DELETE FROM res_partner WHERE id = %s", [gone])
            answer = []

            def archive():
                with self.assertRaises(Refused) as caught:
                    self.archive(self.anna, message, "res.partner", gone)
                answer.append(caught.exception.message)

            thread = threading.Thread(target=archive, daemon=True)
            thread.start()
            waits = (
                "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                " AND datname = current_database() AND query ILIKE '%%KEY SHARE%%'"
            )
            self.wait(lambda: answer or self.odoo.sql(waits), "whom it waits for")
            connection.commit()
            thread.join(60)
        self.assertIn("deleted in the meantime", *answer)
        self.assertEqual(self.links(message), [])
