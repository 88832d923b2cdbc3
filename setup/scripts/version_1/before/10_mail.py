# ruff: noqa: F821 (Odoo's shell gives env)
"""People, mailboxes, arrivals, links with roles: what 19.0.1.0.0 stored of mail.

The names of this file are there for the files after it: ``person``, ``mailbox``,
``deliver``, and what is made below. Logins begin with ``upgrade_``, by which they are
removed when the add-on is uninstalled.
"""

from datetime import datetime, timezone
from email.message import EmailMessage
from email.policy import SMTP

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.message import parse

WHEN = datetime(2026, 11, 2, 10, tzinfo=timezone.utc)


def person(name, *groups):
    names = ("base.group_user", "mail_mailbox_archive.group_user", *groups)
    return env["res.users"].create(
        {
            "name": name.capitalize(),
            "login": f"upgrade_{name}",
            "email": f"{name}@spedbud.example",
            "group_ids": [(4, env.ref(group).id) for group in names],
        }
    )


def mailbox(address, *users, **values):
    return env["mail.mailbox"].create(
        {
            "name": address.partition("@")[0],
            "email": address,
            "responsible_id": users[0].id,
            "user_ids": [(6, 0, [user.id for user in users])],
            "imap_enabled": False,
            **values,
        }
    )


def deliver(mailbox, uid, subject, **headers):
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "Anna Nowak <anna@spostex.example>"
    mail["To"] = mailbox.email
    mail["Subject"] = subject
    mail["Date"] = "Mon, 02 Nov 2026 10:00:00 +0100"
    mail["Message-Id"] = f"<{uid}.{mailbox.id}@spostex.example>"
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(f"{subject}: the crane is broken")
    mail.add_attachment(b"%PDF-1.4", "application", "pdf", filename="offer.pdf")
    source = mail.as_bytes()
    one = Fetched(uid, WHEN, False, len(source), source, parse(source))
    folder = mailbox.folder_ids.filtered(lambda f: f.name == "INBOX") or env[
        "mail.mailbox.folder"
    ].create(
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


# the group is the system's, as is what is archived for it
foreman = env["res.groups"].create({"name": "Upgrade foreman", "mail_role": True})
reader, outsider = person("reader"), person("outsider")
boss = person("boss")
boss.group_ids = [(4, foreman.id)]
office = mailbox("office@spedbud.example", reader, imap_host="imap.spedbud.example")
office.imap_password = "kept-word"
board = mailbox("board@spedbud.example", boss, private=True)
gone = mailbox("gone@spedbud.example", reader)
company = env["res.partner"].create({"name": "Spostex S.A.", "is_company": True})
person_of_company = env["res.partner"].create({"name": "Upgrade Anna"})

filed = deliver(office, 1, "Offer")
filed.with_user(reader)._archive(company)
with_role = deliver(office, 2, "For foremen")
with_role.with_user(reader)._archive(company, roles=foreman)
twice = deliver(office, 3, "On two records")
twice.with_user(reader)._archive(company)
twice.with_user(reader)._archive(person_of_company)
deliver(office, 4, "Not archived")
secret = deliver(board, 1, "Secret")
secret.with_user(boss)._archive(company, mailbox=board)
deliver(gone, 1, "Of a mailbox that sleeps")
gone.active = False
