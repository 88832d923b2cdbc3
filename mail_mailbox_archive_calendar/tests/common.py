"""An office that invitations arrive at."""

from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP

from odoo import Command
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

NOON = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
EVENT = """\
BEGIN:VCALENDAR
METHOD:{method}
VERSION:2.0
PRODID:-//Google Inc//Google Calendar 70.9054//EN
BEGIN:VEVENT
UID:5q1r0abc@google.com
SEQUENCE:{sequence}
DTSTAMP:20261130T120000Z
ORGANIZER;CN=Anna Nowak:mailto:anna@spostex.example
ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:office@spedbud.example
SUMMARY:Budget call
LOCATION:Room 3
{when}
END:VEVENT
END:VCALENDAR
"""
MORNING = "DTSTART:20261207T090000Z\nDTEND:20261207T100000Z"
LATER = "DTSTART:20261208T130000Z\nDTEND:20261208T140000Z"
DAYS = "DTSTART;VALUE=DATE:20261207\nDTEND;VALUE=DATE:20261210"


class InvitationCase(TransactionCase):
    """People, a mailbox, and invitations of one organizer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        groups = "base.group_user,mail_mailbox_archive.group_user"
        cls.member = new_test_user(cls.env, "invited", groups, tz="Europe/Warsaw")
        cls.colleague = new_test_user(cls.env, "not_invited", groups)
        cls.mailbox = cls.env["mail.mailbox"].create(
            {
                "name": "Office",
                "email": "office@spedbud.example",
                "responsible_id": cls.member.id,
                "user_ids": [Command.set(cls.member.ids)],
                "imap_enabled": False,
                "provider": "smtp",
                "smtp_host": "localhost",
                "smtp_port": 25,
                "smtp_security": "none",
            }
        )
        cls.mailbox.state = "ready"
        cls.folder = cls.env["mail.mailbox.folder"].create(
            {
                "mailbox_id": cls.mailbox.id,
                "name": "INBOX",
                "wire_name": "INBOX",
                "uid_validity": 1,
            }
        )
        cls.uid_next = 1

    def invite(
        self,
        when=MORNING,
        method="REQUEST",
        sequence=0,
        organizer="anna@spostex.example",
        sender="anna@spostex.example",
        acting="",
    ):
        """Have an invitation arrive; return its message, as the member."""
        number = type(self).uid_next = type(self).uid_next + 1
        mail = EmailMessage(policy=SMTP)
        mail["From"] = f"Anna Nowak <{sender}>"
        mail["To"] = "office@spedbud.example"
        mail["Subject"] = f"Invitation {number}"
        mail["Date"] = "Mon, 30 Nov 2026 13:00:00 +0100"
        mail["Message-ID"] = f"<{number}@spostex.example>"
        mail.set_content("You are invited.")
        text = EVENT.format(when=when, method=method, sequence=sequence)
        text = text.replace("anna@spostex.example", organizer)
        if acting:
            by = f'ORGANIZER;SENT-BY="mailto:{acting}";'
            text = text.replace("ORGANIZER;", by)
        mail.add_alternative(text, subtype="calendar", params={"method": method})
        source = mail.as_bytes()
        fetched = Fetched(
            uid=number,
            internal_date=NOON,
            seen=False,
            size=len(source),
            source=source,
            message=parse(source),
        )
        messages = self.env["mail.mailbox.message"]._store([fetched])
        self.env["mail.mailbox.arrival"]._place(self.folder, [fetched], messages, True)
        (message,) = messages.values()
        return message.with_user(self.member)

    def card(self, message):
        (card,) = message.get_view_data()["invitations"]
        return card

    def put(self, message):
        return message.put_into_calendar(message.part_ids.id)["invitations"][0]

    def events(self):
        return self.env["calendar.event"].search([("name", "=", "Budget call")])
