# ruff: noqa: F821 (Odoo's shell gives env)
"""Mail that is archived to records of apps. For Odoo's shell.

``APPS`` names the apps; with ``MAIL`` empty nothing is archived.
"""

import os
from datetime import datetime, timezone

from odoo.addons.mail_mailbox_archive.mailcore.imap.events import Fetched
from odoo.addons.mail_mailbox_archive.mailcore.read.message import parse

MODELS = {
    "project": ("project.project", "project.group_project_manager"),
    "crm": ("crm.lead", "sales_team.group_sale_salesman_all_leads"),
    "fleet": ("fleet.vehicle.model.brand", "fleet.fleet_group_manager"),
}
SOURCE = (
    b"From: a@spostex.example\r\nTo: office@spedbud.example\r\nSubject: %s\r\n\r\nHi"
)
NOON = datetime(2026, 11, 2, 12, tzinfo=timezone.utc)

apps = os.environ["APPS"].split()
groups = ["base.group_user", "mail_mailbox_archive.group_user"]
groups += [MODELS[app][1] for app in apps]
keeper, outsider = (
    env["res.users"].create(
        {
            "name": login,
            "login": login,
            "group_ids": [(4, env.ref(group).id) for group in groups],
        }
    )
    for login in ("keeper", "app_reader")
)
mailbox = env["mail.mailbox"].create(
    {
        "name": "office",
        "email": "office@spedbud.example",
        "responsible_id": keeper.id,
        "user_ids": [(6, 0, keeper.ids)],
        "imap_enabled": False,
    }
)
kinds = env["mail.mailbox.record.type"]
for app in apps:
    model = MODELS[app][0]
    if not kinds.search([("res_model", "=", model)]):
        kinds.create({"name": app, "model_id": env["ir.model"]._get_id(model)})
for app in apps if os.environ["MAIL"] else ():
    source = SOURCE % app.encode()
    fetched = Fetched(0, NOON, False, len(source), source, parse(source))
    (message,) = env["mail.mailbox.message"]._store([fetched]).values()
    env["mail.mailbox.arrival"].create(
        {"mailbox_id": mailbox.id, "mailbox_message_id": message.id}
    )
    record = env[MODELS[app][0]].create({"name": f"Record of {app}"})
    message.with_user(keeper)._archive(record.with_user(keeper))
    message.arrival_ids.unlink()
    assert message.with_user(outsider).has_access("read")
env.cr.commit()
print("DONE")
