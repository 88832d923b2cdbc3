"""``setup bench access`` runs, and what its people find is what they may read."""

import io
import runpy
from contextlib import redirect_stdout
from pathlib import Path
from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from setup.scripts import reporting

from ..bench import archive

SCRIPT = Path(reporting.__file__).with_name("bench_access.py")
SIZE = archive.Size(messages=600, archived=180, records=300, users=6, mailboxes=10)
ARCHIVED = [("archived", "=", True)]


@tagged("post_install", "-at_install")
class TestBench(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        archive.make(cls.env, SIZE)
        # without it PostgreSQL takes the tables for empty and plans accordingly
        cls.env.cr.execute("ANALYZE")
        cls.made = archive.find(cls.env)

    def finds(self, user, message):
        """Return whether a user finds a message in the Archives, asked row by row."""
        shown = any(
            (not link.mailbox_id.private or user in link.mailbox_id.user_ids)
            and self.env[link.res_model]
            .with_user(user)
            .browse(link.res_id)
            ._filtered_access("read")
            for link in message.link_ids
        )
        roles = message.role_ids
        queued = user in message.arrival_ids.mailbox_id.user_ids
        return shown and (not roles or bool(roles & user.all_group_ids) or queued)

    def test_there_is_as_much_as_was_asked_for(self):
        mails = self.env["mail.mailbox.message"]
        made = mails.search([("identity", "=like", "bench-%")])
        self.assertEqual(len(made), SIZE.messages)
        self.assertEqual(len(made.filtered("link_ids")), SIZE.archived)
        models = {model for model in archive.SHARES if model in self.env}
        self.assertEqual(set(made.link_ids.mapped("res_model")), models)
        self.assertEqual(len(self.made["users"]), SIZE.users)
        self.assertEqual(len(self.made["outsiders"]), 2)

    def test_people_find_what_they_may_read(self):
        mails = self.env["mail.mailbox.message"]
        archived = mails.search([("link_ids", "!=", False)])
        shares = set()
        for user in self.env["res.users"].browse(sum(self.made.values(), [])):
            wanted = archived.filtered(lambda mail, user=user: self.finds(user, mail))
            found = mails.with_user(user).search(ARCHIVED)
            self.assertEqual(found, wanted, user.login)
            shares.add(len(wanted))
        self.assertGreater(len(shares), 1)
        self.assertLess(min(shares), SIZE.archived)

    def test_script_prints_its_tables(self):
        options = {"size": SIZE.messages, "repeats": 1, "plan": True, "output": None}
        printed = io.StringIO()
        with (
            patch.multiple(reporting.OPTIONS, **options),
            redirect_stdout(printed),
        ):
            runpy.run_path(str(SCRIPT), {"env": self.env})
        for line in (
            "600 messages",
            "| ms, 6 users |",
            "| ms, 2 outsiders |",
            "| Archives, first page |",
            "| Search, usual word |",
            "| Archives, all exported |",
            "Limit  (cost=",
        ):
            self.assertIn(line, printed.getvalue())
