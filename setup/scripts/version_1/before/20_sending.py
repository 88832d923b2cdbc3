# ruff: noqa: F821 (Odoo's shell gives env, the file before gives the rest)
"""Drafts, what waits to leave, what left and is to be kept, what became of it."""

from odoo.addons.mail_mailbox_archive.models.mail_mailbox_keep import Entry

office.write(
    {
        "provider": "smtp",
        "smtp_host": "smtp.spedbud.example",
        "smtp_port": 587,
        "smtp_security": "starttls",
        "smtp_login": "office",
        "smtp_password": "kept-too",
        "imap_enabled": True,
        "save_sent": True,
        "signature": "<p>Yours, the office</p>",
    }
)
office.state = "ready"


def left(number, status="accepted", **values):
    """Return what is noted of a mail that left from the office."""
    mail = EmailMessage(policy=SMTP)
    mail["From"] = "office <office@spedbud.example>"
    mail["To"] = "bob@spostex.example"
    mail["Subject"] = f"Left {number}"
    mail["Date"] = "Tue, 03 Nov 2026 10:00:00 +0100"
    mail["Message-Id"] = f"<left-{number}@spedbud.example>"
    mail.set_content("Words that left")
    result = {
        "address": "bob@spostex.example",
        "status": status,
        "reason": "" if status == "accepted" else "550 no such person",
        "provider_id": "",
    }
    return Entry(
        mailbox_id=office.id,
        source=mail.as_bytes(),
        message_id=f"<left-{number}@spedbud.example>",
        user_id=reader.id,
        results=[result],
        **values,
    )


# kept, with its copy waiting for the Sent folder; one whose copy is there; one refused
outbox = env["mail.mailbox.outbox"]
outbox._keep([left(1), left(2), left(3, "refused")])
done = env["mail.mailbox.sent"].search(
    [("message_id", "=", "<left-2@spedbud.example>")]
)
done.append_state = "done"
# left, and noted in the journal alone: a worker died before it was kept
outbox._add(left(4, origin_id=filed.id, res_model="res.partner", res_id=company.id))
# not by somebody who may live still
env.cr.execute("UPDATE mail_mailbox_outbox SET noted_at = '2026-11-03'")

# waits in the queue: one untried, one that a worker holds, one that was tried
queued = []
for number in (1, 2, 3):
    mail = env["mail.mail"].with_user(reader).sudo()
    queued.append(
        mail.create(
            {
                "email_from": office.email,
                "email_to": f"waits-{number}@spostex.example",
                "subject": f"Waits {number}",
                "body_html": "<p>Not sent yet</p>",
                "auto_delete": False,
            }
        )
    )
queued[1].write({"mailbox_claimed_until": "2026-11-03 10:15:00"})
queued[2].write(
    {
        "mailbox_tries": 2,
        "mailbox_tried_since": "2026-11-03 10:00:00",
        "scheduled_date": "2027-01-01 10:00:00",
        "mailbox_accepted": "first@spostex.example",
    }
)

# written and not sent, with an attachment of its own
draft = env["mail.mailbox.draft"].with_user(reader)
draft = draft.browse(filed.with_user(reader).prepare_compose("reply", office.id))
draft.write({"body": "<p>Half an answer</p>", "email_cc": "carol@spostex.example"})
draft.attachment_ids = env["ir.attachment"].create(
    {
        "name": "half.txt",
        "raw": b"half",
        "res_model": "mail.mailbox.draft",
        "res_id": draft.id,
    }
)
