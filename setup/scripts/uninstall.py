# ruff: noqa: F821 (Odoo's shell gives env)
"""Uninstall the add-on as the Apps list does. For Odoo's shell."""

add_on = env["ir.module.module"].search([("name", "=", "mail_mailbox_archive")])
add_on.button_immediate_uninstall()
env.cr.commit()
env = add_on.env(cr=env.cr)
# those that the first version's script made
names = ("reader", "outsider")
users = env["res.users"].search([("login", "in", names)])
partners = users.partner_id
partners |= env["res.partner"].search([("name", "=", "Spostex S.A.")])
users.unlink()
partners.unlink()
env.cr.commit()
print("DONE")
