"""Links learn which record they were made for: its name and when it was made.

At the end, when the models of all apps are there. Names follow in the nightly cleaning,
batch by batch.
"""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

TABLES = ("mail_mailbox_link", "mail_mailbox_history")


def migrate(cr, version):
    env = api.Environment(cr, SUPERUSER_ID, {})
    for name in env["mail.mailbox.record.type"]._get_known_model_names():
        table = env[name]._table if name in env else name.replace(".", "_")
        if table_exists(cr, table) and column_exists(cr, table, "create_date"):
            for ours in TABLES:
                _note_dates(cr, ours, name, table)
    env["mail.mailbox.link"]._find_lost()


def _note_dates(cr, ours, name, table):
    cr.execute(
        SQL(
            "UPDATE %s AS ours SET res_create_date = record.create_date"
            " FROM %s AS record WHERE ours.res_model = %s AND ours.res_id = record.id"
            " AND ours.res_create_date IS NULL"
            # what is older than the record was archived to another of that number
            " AND ours.create_date >= record.create_date",
            SQL.identifier(ours),
            SQL.identifier(table),
            name,
        )
    )
