# ruff: noqa: F821 (Odoo's shell gives env, the file before gives the rest)
"""A mail that waits with all that it may hold: files, a blind copy, what it answers."""

answer = (
    env["mail.mail"]
    .with_user(reader)
    .sudo()
    .create(
        {
            "email_from": office.email,
            "email_to": "all@spostex.example",
            "email_bcc": "boss@spedbud.example",
            "subject": "Waits with all",
            "message_id": "<waits-with-all@spedbud.example>",
            "body_html": "<p>With a file</p>",
            "references": "<first@spostex.example> <asked@spostex.example>",
            "headers": "{'In-Reply-To': '<asked@spostex.example>'}",
            "mailbox_origin_id": filed.id,
            "auto_delete": False,
        }
    )
)
answer.attachment_ids = env["ir.attachment"].create(
    {
        "name": "plan.txt",
        "raw": b"the plan",
        "res_model": "mail.message",
        "res_id": answer.mail_message_id.id,
    }
)
# of the system, and of a record: these stay where they are
env["mail.mail"].create(
    {"email_from": office.email, "email_to": "s@x.example", "subject": "The system's"}
)
