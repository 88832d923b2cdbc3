"""For Odoo's shell, on a database with many apps: each delivered type is of use.

Every app's type is there, its form has the tab and the button with the number, and an
email is archived to a record of it. The last line printed is DONE.
"""

from datetime import datetime, timedelta

from odoo.addons.mail_mailbox_archive.models.archiving.delivered_types import DELIVERED

env = env(context={"tracking_disable": True})  # noqa: F821
NOW = datetime(2026, 11, 2, 10)
LATER = NOW + timedelta(hours=1)
#: Forms that have no box of buttons of their own for everybody.
WITHOUT_BUTTON = ()


def one(model, **values):
    """A record of a model: one that is there, or one of these values."""
    return env[model].search([], limit=1) or env[model].create(
        {"name": "One", **values}
    )


partner = env["res.partner"].search([("is_company", "=", True)], limit=1)
person = one("hr.employee")
product = one("product.product", is_storable=True)
vehicle = {
    "model_id": one("fleet.vehicle.model", brand_id=one("fleet.vehicle.model.brand").id)
}
event = {"date_begin": NOW, "date_end": LATER}
#: What a new record is made of, where none is there and a name is not enough.
VALUES = {
    "res.partner": {"name": "One"},
    "purchase.order": {"partner_id": partner.id},
    "purchase.requisition": {"vendor_id": partner.id},
    "sale.order": {"partner_id": partner.id},
    "stock.picking": {
        "picking_type_id": env["stock.picking.type"].search([], limit=1).id
    },
    "stock.picking.batch": {},
    "stock.lot": {"name": "1", "product_id": product.id},
    "account.move": {"partner_id": partner.id, "move_type": "entry"},
    "account.payment": {"partner_id": partner.id, "amount": 1},
    "hr.applicant": {"partner_name": "One"},
    "hr.expense": {"name": "One", "employee_id": person.id},
    "fleet.vehicle": {"model_id": vehicle["model_id"].id},
    "event.event": {"name": "One", **event},
    "calendar.event": {"name": "One", "start": NOW, "stop": LATER},
    "mrp.production": {"product_id": product.id},
    "repair.order": {},
    "account.analytic.account": {
        "name": "One",
        "plan_id": one("account.analytic.plan").id,
    },
}


def made(model):
    """A record of a model, or none where one takes a whole story."""
    if found := env[model].search([], limit=1):
        return found
    if model == "fleet.vehicle.log.contract":
        return env[model].create(
            {"name": "One", "vehicle_id": made("fleet.vehicle").id}
        )
    if model == "event.registration":
        return env[model].create({"name": "One", "event_id": made("event.event").id})
    if model in ("hr.leave", "pos.order"):
        return env[model]
    return env[model].create(VALUES.get(model, {"name": "One"}))


message = env["mail.mailbox.message"].search([], limit=1)
faults = []
for xml_id, kind in DELIVERED.items():
    record_type = env.ref(f"mail_mailbox_archive.{xml_id}", raise_if_not_found=False)
    if kind.model not in env or not record_type or not record_type.active:
        faults.append(f"{xml_id}: not delivered")
        continue
    form = env[kind.model].get_view(view_type="form")["arch"]
    faults += [
        f"{kind.model}: no {widget}"
        for widget in ("mailbox_attached_emails", "mailbox_attached_button")
        if widget not in form and kind.model not in WITHOUT_BUTTON
    ]
    if record := made(kind.model):
        message._archive(record)
        on_it = env["mail.mailbox.message"].get_attached(record._name, record.id)
        if on_it["total"] != 1:
            faults.append(f"{kind.model}: {on_it}")
env.cr.rollback()
assert not faults, "\n".join(faults)
print("DONE")
