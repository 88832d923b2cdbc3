# ruff: noqa: F821 (Odoo's shell gives env, the files before this one the rest)
"""Mail that 19.0.1.0.0 really fetched, from a Dovecot."""

from setup.scripts import former_mail

for login in former_mail.LOGINS:
    mailbox(
        f"{login}@spedbud.example",
        reader,
        imap_enabled=True,
        imap_host="127.0.0.1",
        imap_security="none",
        imap_login=login,
    )
with former_mail.serving(env):
    # three alarms and two twins were one message each
    assert former_mail.fetch(env) == (65, 66), former_mail.fetch(env)
    assert former_mail.fetch(env) == (65, 66), former_mail.fetch(env)
fetched = env["mail.mailbox.message"].search([("subject", "=", "Left mail 7")], limit=1)
fetched.with_user(reader)._archive(company)
