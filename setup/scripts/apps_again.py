# ruff: noqa: F821 (Odoo's shell gives env)
"""The apps are installed once more: no old mail is on their new records."""

import os

MODELS = {
    "project": ("project.project", "project.group_project_manager"),
    "crm": ("crm.lead", "sales_team.group_sale_salesman_all_leads"),
    "fleet": ("fleet.vehicle.model.brand", "fleet.fleet_group_manager"),
}
apps = os.environ["APPS"].split()
outsider = env["res.users"].search([("login", "=", "app_reader")])
outsider.group_ids = [(4, env.ref(MODELS[app][1]).id) for app in apps]
messages = env["mail.mailbox.message"].with_user(outsider)
for app in apps:
    model = MODELS[app][0]
    (kind,) = env["mail.mailbox.record.type"].search([("res_model", "=", model)])
    assert kind.model_id.model == model, kind
    old = env["mail.mailbox.link"].search([("res_model", "=", model)])
    records = env[model].search([])
    while max(records.ids, default=0) < max(old.mapped("res_id"), default=1):
        records |= env[model].create({"name": "New"})
    for record in records:
        assert not messages.get_attached(model, record.id)["messages"]
    assert not messages.search([("link_ids", "in", old.ids)])
    if old:
        keeper = old.user_id
        keeper.group_ids = [(4, env.ref(MODELS[app][1]).id)]
        message = old.mailbox_message_id.with_user(keeper)
        record = env[model].browse(old.res_id)
        link = message._archive(record.with_user(keeper))
        assert link and link != old
        assert message.with_user(outsider).has_access("read")
env.cr.commit()
print("DONE")
