"""The record types that come with the apps of Odoo Community."""

from typing import NamedTuple

from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)

# lazy, because they are translated when a type is delivered, into each language
# pylint: disable=prefer-env-translation


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


#: Not below: Odoo would take the field's name for words to translate.
COMPANY = [("is_company", "=", True)]
PERSON = [("is_company", "=", False)]
#: By XML id. They are never renamed: what was delivered is remembered by them.
DELIVERED = {
    "record_type_company": Delivered(_lt("Companies"), "res.partner", 10, COMPANY),
    "record_type_contact": Delivered(_lt("Contacts"), "res.partner", 20, PERSON),
    "record_type_project": Delivered(_lt("Projects"), "project.project", 30),
    "record_type_task": Delivered(_lt("Tasks"), "project.task", 40),
    "record_type_lead": Delivered(_lt("Leads and opportunities"), "crm.lead", 50),
    "record_type_sale_order": Delivered(_lt("Sales orders"), "sale.order", 60),
    "record_type_purchase_order": Delivered(
        _lt("Purchase orders"), "purchase.order", 70
    ),
    "record_type_requisition": Delivered(
        _lt("Purchase agreements"), "purchase.requisition", 75
    ),
    "record_type_warehouse": Delivered(_lt("Warehouses"), "stock.warehouse", 80),
    "record_type_picking": Delivered(_lt("Transfers"), "stock.picking", 90),
    "record_type_batch": Delivered(_lt("Batch transfers"), "stock.picking.batch", 92),
    "record_type_lot": Delivered(
        _lt("Lots and serial numbers"), "stock.lot", 95, suggest=False
    ),
    "record_type_invoice": Delivered(_lt("Invoices and bills"), "account.move", 100),
    "record_type_payment": Delivered(_lt("Payments"), "account.payment", 105),
    "record_type_product": Delivered(_lt("Products"), "product.template", 110),
    "record_type_variant": Delivered(
        _lt("Product variants"), "product.product", 115, suggest=False
    ),
    "record_type_employee": Delivered(_lt("Employees"), "hr.employee", 120),
    "record_type_department": Delivered(
        _lt("Departments"), "hr.department", 122, suggest=False
    ),
    "record_type_applicant": Delivered(
        _lt("Applicants"), "hr.applicant", 124, suggest=False
    ),
    "record_type_job": Delivered(_lt("Job positions"), "hr.job", 126, suggest=False),
    "record_type_expense": Delivered(_lt("Expenses"), "hr.expense", 127, suggest=False),
    "record_type_leave": Delivered(_lt("Time off"), "hr.leave", 128, suggest=False),
    "record_type_vehicle": Delivered(_lt("Vehicles"), "fleet.vehicle", 130),
    "record_type_vehicle_contract": Delivered(
        _lt("Vehicle contracts"), "fleet.vehicle.log.contract", 135, suggest=False
    ),
    "record_type_event": Delivered(_lt("Events"), "event.event", 140),
    "record_type_attendee": Delivered(
        _lt("Event attendees"), "event.registration", 145, suggest=False
    ),
    "record_type_meeting": Delivered(
        _lt("Meetings"), "calendar.event", 150, suggest=False
    ),
    "record_type_production": Delivered(
        _lt("Manufacturing orders"), "mrp.production", 160
    ),
    "record_type_repair": Delivered(_lt("Repair orders"), "repair.order", 170),
    "record_type_equipment": Delivered(_lt("Equipment"), "maintenance.equipment", 180),
    "record_type_maintenance": Delivered(
        _lt("Maintenance requests"), "maintenance.request", 185, suggest=False
    ),
    "record_type_pos_order": Delivered(_lt("Point of sale orders"), "pos.order", 190),
    "record_type_course": Delivered(
        _lt("Courses"), "slide.channel", 200, suggest=False
    ),
    "record_type_analytic": Delivered(
        _lt("Analytic accounts"), "account.analytic.account", 210, suggest=False
    ),
}
