# ruff: noqa: F821 (Odoo's shell gives env, the files before give the rest)
"""A mailbox as the assistant set it up at Google, and one of an IDN domain."""

google = mailbox(
    "google@spedbud.example",
    reader,
    provider="smtp",
    smtp_host="smtp.gmail.com",
    save_sent=True,
)
street = mailbox("info@straße.example", reader)
