"""“Only where the server still holds it”, asked of a real server."""

from datetime import datetime, timedelta, timezone

from odoo import fields
from odoo.tests import tagged

from .test_poll import PollCase

OLD = datetime(2025, 3, 30, 1, 30, 17, tzinfo=timezone(timedelta(hours=2)))
HEAD = b"From: a@spostex.example\r\nSubject: %s\r\n"
#: Kinds of mail that a server may tell of otherwise than we do.
KINDS = {
    "usual": HEAD + b"Message-ID: <usual@x.example>\r\n\r\nText\r\n",
    "no id": HEAD + b"Date: Mon, 02 Nov 2020 10:00:00 +0100\r\n\r\nText\r\n",
    "empty id": HEAD + b"Message-ID:\r\n\r\nText\r\n",
    "folded id": HEAD + b"Message-ID:\r\n <folded@x.example>\r\n\r\nText\r\n",
    "two ids": HEAD + b"Message-ID: <1@x>\r\nMessage-Id: <2@x>\r\n\r\nText\r\n",
    "no brackets": HEAD + b"message-id: bare@x.example\r\n\r\nText\r\n",
    "8 bit": HEAD + b"Message-ID: <za\xc5\xbc\xf3@x.example>\r\n\r\nText\r\n",
    "comment": HEAD + b"Message-ID: <c@x.example> (added by x)\r\n\r\nText\r\n",
    "long": HEAD + b"Message-ID: <" + b"x" * 1200 + b"@x.example>\r\n\r\nText\r\n",
    "lines of Unix": (HEAD + b"Message-ID: <lf@x>\r\n\r\nText\r\n").replace(b"\r", b""),
    "no body": HEAD + b"Message-ID: <nobody@x>\r\n\r\n",
}


@tagged("post_install", "-at_install")
class TestHeldByDovecot(PollCase):
    def setUp(self):
        super().setUp()
        for number, (kind, source) in enumerate(KINDS.items()):
            folder = "Kosz ąć" if number % 3 == 0 else "INBOX"
            source = source % kind.encode()
            self.server.deliver(self.login, source, folder, date=OLD)
        self.poll()
        self.assertWorks()
        self.assertEqual(len(self.arrivals()), len(KINDS))
        self.arrivals().fetched_at = fields.Datetime.now() - timedelta(days=100)
        self.rule = self.env["mail.mailbox.retention.rule"].create(
            {"name": "Old", "days": 30, "mailbox_ids": self.mailbox.ids}
        )
        self.assertTrue(self.rule.only_on_server)
        self.assertEqual(self.rule.preview_count, len(KINDS))
        self.env.flush_all()

    def run_rule(self, **options):
        run = self.rule._run(**options)
        self.env.invalidate_all()
        return run

    def files(self):
        home = self.server._home(self.login)
        return [file for file in home.rglob("cur/*") if file.is_file()]

    def test_all_that_it_holds_is_recognised_and_goes(self):
        before = self.server.snapshot(self.login)
        told = self.run_rule(dry=True)
        self.assertEqual((told.removed, told.not_held), (len(KINDS), 0))
        run = self.run_rule()
        left = self.arrivals().mapped("subject")
        self.assertEqual((run.removed, run.not_held, left), (len(KINDS), 0, []))
        self.assertEqual(self.server.snapshot(self.login), before)
        self.poll()
        self.server.reset_uidvalidity(self.login)
        self.poll()
        self.assertFalse(self.arrivals(), "what a rule removed does not come back")

    def test_what_was_deleted_there_stays(self):
        gone = [file for file in self.files() if b"usual" in file.read_bytes()]
        for file in gone:
            file.unlink()
        run = self.run_rule()
        self.assertEqual(self.arrivals().mapped("subject"), ["usual"])
        self.assertEqual((run.removed, run.not_held), (len(KINDS) - 1, 1))

    def test_another_mail_in_its_place_is_not_taken_for_it(self):
        for file in self.files():
            text = file.read_bytes()
            file.write_bytes(text.replace(b"usual@x", b"other@x"))
        self.run_rule()
        self.assertEqual(self.arrivals().mapped("subject"), ["usual"])

    def test_numbered_anew_it_stays(self):
        for folder in ("INBOX", "Kosz ąć"):
            self.server.reset_uidvalidity(self.login, folder)
        run = self.run_rule()
        self.assertEqual((run.removed, run.not_held), (0, len(KINDS)))

    def test_no_answer_keeps_and_is_asked_for_once(self):
        self.env.cr.execute(
            "UPDATE mail_mailbox SET imap_port = 1 WHERE id = %s", self.mailbox.ids
        )
        self.env.invalidate_all()
        run = self.run_rule()
        self.assertEqual((run.removed, run.not_held), (0, len(KINDS)))
        self.assertTrue(run.done)
        self.assertEqual(len(self.arrivals()), len(KINDS))
