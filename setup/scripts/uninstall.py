# ruff: noqa: F821 (Odoo's shell gives env)
"""Uninstall the add-on as the Apps list does. For Odoo's shell."""

add_on = env["ir.module.module"].search([("name", "=", "mail_mailbox_archive")])
add_on.button_immediate_uninstall()
env.cr.commit()
env = add_on.env(cr=env.cr)
# those that the scripts of the earlier version made
users = env["res.users"].search([("login", "=like", "upgrade\\_%")])
names = ("Spostex S.A.", "Upgrade Anna")
partners = users.partner_id | env["res.partner"].search([("name", "in", names)])
queued = env["mail.mail"].search([("email_to", "=like", "waits-%")])
queued.unlink()
users.unlink()
partners.unlink()
env["res.groups"].search([("name", "=", "Upgrade foreman")]).unlink()
