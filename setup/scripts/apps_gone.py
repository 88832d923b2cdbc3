# ruff: noqa: F821 (Odoo's shell gives env)
"""Uninstall apps, one after the other; their archived mail stays. For Odoo's shell."""

import os

apps = os.environ["APPS"].split()
for app in apps:
    module = env["ir.module.module"].search([("name", "=", app)])
    module.button_immediate_uninstall()
    env.cr.commit()
    env = module.env(cr=env.cr)
    env.transaction.reset()
keeper = env["res.users"].search([("login", "=", "keeper")])
outsider = env["res.users"].search([("login", "=", "app_reader")])
links = env["mail.mailbox.link"].search([])
messages = env["mail.mailbox.message"].search([])
assert len(links) == len(messages) == (len(apps) if os.environ["MAIL"] else 0)
for link in links:
    assert link.record_state == "uninstalled", link.record_state
    assert link.res_name == f"Record of {link.mailbox_message_id.subject}", (
        link.res_name
    )
    assert link.keeper_id == keeper, link.keeper_id
    message = link.mailbox_message_id
    for user, reads in (
        (keeper, True),
        (env.ref("base.user_admin"), True),
        (outsider, False),
    ):
        assert message.with_user(user).has_access("read") == reads, user.login
    assert message._read_source()
    assert message.history_ids.with_user(keeper).mapped("action") == ["archived"]
told = env["mail.activity"].search(
    [("activity_type_id.name", "=", "Archived emails without a record")]
)
assert bool(told) == bool(links), told
print("DONE")
