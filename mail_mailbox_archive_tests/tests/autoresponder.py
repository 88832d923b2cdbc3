"""What the suites of the autoresponder share: a mailbox that answers, and a clock."""

from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from unittest.mock import patch

from odoo import fields

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

from .common import cron_time, write_mail
from .sending import SendingCase

NOON = datetime(2026, 11, 2, 12, 0)
JOURNAL = "mail.mailbox.autoresponder.journal"
ANSWER = {
    "autoresponder_enabled": True,
    "autoresponder_subject": "Away: {{subject}}",
    "autoresponder_content": "<p>Dear {{sender}}, I am away. {{first_name}}</p>",
    "autoresponder_tz": "Europe/Warsaw",
}


class AutoresponderCase(SendingCase):
    """A mailbox that answers, and a clock that is moved."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clock = NOON
        now = cls.startClassPatcher(patch.object(fields.Datetime, "now"))
        now.side_effect = lambda: cls.clock
        cls.switch_on(cls.mailbox)

    @classmethod
    def switch_on(cls, mailbox, **values):
        mailbox.write(ANSWER | values)
        mailbox.autoresponder_since = NOON - timedelta(days=30)
        cls.env.flush_all()

    @contextmanager
    def at(self, moment):
        """Do something at another time, in UTC."""
        cls, before = type(self), self.clock
        cls.clock = moment
        try:
            yield
        finally:
            cls.clock = before

    @classmethod
    def receive(cls, subject="Order", mailbox=None, received=None, live=True, **head):
        """Store a message as a poll does, as if it reached the server just now."""
        mailbox = mailbox or cls.mailbox
        received = received or cls.clock
        if head.get("return_path"):
            # written by whose return path it is
            head = {"from": head["return_path"].strip("<>") or "anna@x.example"} | head
        head = {
            "return_path": "<anna@spostex.example>",
            "to": mailbox.email,
            "date": received.strftime("%a, %d %b %Y %H:%M:%S +0000"),
        } | head
        head = {name: value for name, value in head.items() if value is not None}
        return cls.place(mailbox, [write_mail(subject, **head)], received, live)

    @classmethod
    def place(cls, mailbox, mails, received, live):
        sources = [mail.as_bytes() for mail in mails]
        fetched = [
            Fetched(
                uid=next(cls.uids),
                internal_date=received.replace(tzinfo=timezone.utc),
                seen=False,
                size=len(source),
                source=source,
                message=parse(source),
            )
            for source in sources
        ]
        messages = cls.env["mail.mailbox.message"]._store(fetched)
        arrivals = cls.env["mail.mailbox.arrival"]._place(
            cls.make_folder(mailbox), fetched, messages, live
        )
        cls.env.flush_all()
        return arrivals

    def answer(self):
        """Answer as the scheduled action does; return what the server got."""
        self.env.flush_all()
        with cron_time(self.env):
            self.env[JOURNAL]._cron_answer()
        self.env.invalidate_all()
        # an activity is mailed to people as well
        return [one for one in self.smtp.take() if one.message["Auto-Submitted"]]

    def entries(self, mailbox=None):
        return self.env[JOURNAL].search(
            [("mailbox_id", "=", (mailbox or self.mailbox).id)], order="id"
        )
