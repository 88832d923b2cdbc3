"""What other models noted of the names of mail and mailboxes becomes neutral."""

from odoo.tools import SQL

#: Columns that hold a name, and beside them the one that holds whose model it is of.
NOTED = {
    "res_name": "res_model",
    "parent_res_name": "parent_res_model",
    "record_name": "model",
}
OURS = r"mail.mailbox%"


def migrate(cr, _version):
    for table, name, model in _find_columns(cr):
        cr.execute(
            SQL(
                "UPDATE %(table)s AS noted SET %(name)s = model.name->>'en_US'"
                " FROM ir_model AS model WHERE model.model = noted.%(model)s"
                " AND model.model LIKE %(ours)s"
                " AND noted.%(name)s IS DISTINCT FROM model.name->>'en_US'",
                table=SQL.identifier(table),
                name=SQL.identifier(name),
                model=SQL.identifier(model),
                ours=OURS,
            )
        )
    for name in ("old_value_char", "new_value_char"):
        cr.execute(
            SQL(
                "UPDATE mail_tracking_value AS noted"
                " SET %(name)s = model.name->>'en_US'"
                " FROM ir_model_fields AS field"
                " JOIN ir_model AS model ON model.model = field.relation"
                " WHERE field.id = noted.field_id AND field.relation LIKE %(ours)s"
                " AND noted.%(name)s <> '' AND noted.%(name)s <> model.name->>'en_US'",
                name=SQL.identifier(name),
                ours=OURS,
            )
        )


def _find_columns(cr):
    """Yield (table, column of a name, column of its model) outside of our models."""
    cr.execute(
        SQL(
            "SELECT name.table_name, name.column_name, model.column_name"
            " FROM information_schema.columns AS name"
            " JOIN information_schema.columns AS model"
            " ON model.table_schema = name.table_schema"
            " AND model.table_name = name.table_name"
            " JOIN information_schema.tables AS t"
            " ON t.table_schema = name.table_schema AND t.table_name = name.table_name"
            " WHERE name.table_schema = current_schema AND t.table_type = 'BASE TABLE'"
            r" AND name.table_name NOT LIKE 'mail\_mailbox%%'"
            " AND name.data_type IN ('character varying', 'text')"
            " AND (name.column_name, model.column_name) IN %s",
            tuple(NOTED.items()),
        )
    )
    return cr.fetchall()
