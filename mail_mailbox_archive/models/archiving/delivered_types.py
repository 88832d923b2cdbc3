"""The record types that come with the apps of Odoo Community."""

from typing import NamedTuple


class Delivered(NamedTuple):
    """A record type that is created when the app that defines its model is installed.

    :param suggest: whether a name in an email is evidence; not where names are usual
        words ("Sales", "Meeting") or those of another type's records
    """

    label: str
    model: str
    sequence: int
    domain: list = []
    suggest: bool = True


#: By XML id. They are never renamed: what was delivered is remembered by them.
DELIVERED = {
    "record_type_company": Delivered(
        "Companies", "res.partner", 10, [("is_company", "=", True)]
    ),
    "record_type_contact": Delivered(
        "Contacts", "res.partner", 20, [("is_company", "=", False)]
    ),
    "record_type_project": Delivered("Projects", "project.project", 30),
    "record_type_task": Delivered("Tasks", "project.task", 40),
    "record_type_lead": Delivered("Leads and opportunities", "crm.lead", 50),
    "record_type_sale_order": Delivered("Sales orders", "sale.order", 60),
    "record_type_purchase_order": Delivered("Purchase orders", "purchase.order", 70),
    "record_type_requisition": Delivered(
        "Purchase agreements", "purchase.requisition", 75
    ),
    "record_type_warehouse": Delivered("Warehouses", "stock.warehouse", 80),
    "record_type_picking": Delivered("Transfers", "stock.picking", 90),
    "record_type_batch": Delivered("Batch transfers", "stock.picking.batch", 92),
    "record_type_lot": Delivered(
        "Lots and serial numbers", "stock.lot", 95, suggest=False
    ),
    "record_type_invoice": Delivered("Invoices and bills", "account.move", 100),
    "record_type_payment": Delivered("Payments", "account.payment", 105),
    "record_type_product": Delivered("Products", "product.template", 110),
    "record_type_variant": Delivered(
        "Product variants", "product.product", 115, suggest=False
    ),
    "record_type_employee": Delivered("Employees", "hr.employee", 120),
    "record_type_department": Delivered(
        "Departments", "hr.department", 122, suggest=False
    ),
    "record_type_applicant": Delivered(
        "Applicants", "hr.applicant", 124, suggest=False
    ),
    "record_type_job": Delivered("Job positions", "hr.job", 126, suggest=False),
    "record_type_expense": Delivered("Expenses", "hr.expense", 127, suggest=False),
    "record_type_leave": Delivered("Time off", "hr.leave", 128, suggest=False),
    "record_type_vehicle": Delivered("Vehicles", "fleet.vehicle", 130),
    "record_type_vehicle_contract": Delivered(
        "Vehicle contracts", "fleet.vehicle.log.contract", 135, suggest=False
    ),
    "record_type_event": Delivered("Events", "event.event", 140),
    "record_type_attendee": Delivered(
        "Event attendees", "event.registration", 145, suggest=False
    ),
    "record_type_meeting": Delivered("Meetings", "calendar.event", 150, suggest=False),
    "record_type_production": Delivered("Manufacturing orders", "mrp.production", 160),
    "record_type_repair": Delivered("Repair orders", "repair.order", 170),
    "record_type_equipment": Delivered("Equipment", "maintenance.equipment", 180),
    "record_type_maintenance": Delivered(
        "Maintenance requests", "maintenance.request", 185, suggest=False
    ),
    "record_type_pos_order": Delivered("Point of sale orders", "pos.order", 190),
    "record_type_course": Delivered("Courses", "slide.channel", 200, suggest=False),
    "record_type_analytic": Delivered(
        "Analytic accounts", "account.analytic.account", 210, suggest=False
    ),
}
