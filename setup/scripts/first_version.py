# ruff: noqa: F821 (Odoo's shell gives env)
"""Mail, people and links in a database of the first version. For Odoo's shell."""

from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.message import parse


def person(login):
    return env["res.users"].create(
        {
            "name": login,
            "login": login,
            "group_ids": [
                (4, env.ref("base.group_user").id),
                (4, env.ref("mail_mailbox_archive.group_user").id),
            ],
        }
    )


def deliver(mailbox, uid, subject):
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Anna Nowak <anna@spostex.example>"
    mail["To"] = mailbox.email
    mail["Subject"] = subject
    mail["Date"] = "Mon, 02 Nov 2026 10:00:00 +0100"
    mail.set_content(f"{subject}: the crane is broken")
    mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename="offer.pdf")
    source = mail.as_bytes()
    when = datetime(2026, 11, 2, 10, tzinfo=timezone.utc)
    one = Fetched(uid, when, False, len(source), source, parse(source))
    # as in version_1/before/10_mail.py: neither can import the other, since each runs
    # by itself in the shell of a version that is installed
    folder = mailbox.folder_ids or env["mail.mailbox.folder"].create(
        {
            "mailbox_id": mailbox.id,
            "name": "INBOX",
            "wire_name": "INBOX",
            "uid_validity": 1,
        }
    )
    messages = env["mail.mailbox.message"]._store([one])
    env["mail.mailbox.arrival"]._place(folder, [one], messages, True)
    return next(iter(messages.values()))


def mailbox(address, user, **values):
    return env["mail.mailbox"].create(
        {
            "name": address,
            "email": address,
            "responsible_id": user.id,
            "user_ids": [(6, 0, user.ids)],
            "imap_enabled": False,
            **values,
        }
    )


reader, outsider = person("reader"), person("outsider")
office = mailbox("office@spedbud.example", reader, imap_host="imap.spedbud.example")
office.imap_password = "kept-word"
board = mailbox("board@spedbud.example", reader, private=True)
filed = deliver(office, 1, "Offer")
deliver(office, 2, "Not archived")
deliver(board, 1, "Secret")
company = env["res.partner"].create({"name": "Spostex S.A.", "is_company": True})
filed.with_user(reader)._archive(company)
