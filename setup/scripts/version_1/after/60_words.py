# ruff: noqa: F821 (Odoo's shell gives env)
"""What was stored is read again, by the action that the migration has woken."""

action = env.ref("mail_mailbox_archive.ir_cron_reread")
check(bool(env["ir.cron.trigger"].search([("cron_id", "=", action.id)])), True)
check(env["mail.mailbox.message"]._count_to_reread() > 0, True)
check(subjects("reader", content="611090"), set())
env["mail.mailbox.message"]._cron_reread()
check(subjects("reader", content="611090"), {"To 61 1090 1014 0000"})
check(env["mail.mailbox.message"]._count_to_reread(), 0)
