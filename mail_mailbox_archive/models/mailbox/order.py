from odoo import models
from odoo.tools import SQL

SEEN = "__m2o_order_seen"


class Base(models.AbstractModel):
    """Ordering by a relation reveals its record only to those who may read it.

    Odoo orders by what the record holds, whoever asks: a list of one's own rows that
    stands in the order of others' subjects tells of the subjects.
    """

    _inherit = "base"

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        field = self._fields.get(field_name)
        guarded = (
            not self.env.su
            and field is not None
            and field.type == "many2one"
            and hasattr(self.env[field.comodel_name], "_filtered_told")
        )
        if not guarded:
            return super()._order_field_to_sql(
                alias, field_name, direction, nulls, query
            )
        seen = self.env.context.get(SEEN, ())
        if field in seen:
            return SQL()
        self = self.with_context(**{SEEN: frozenset((field, *seen))})
        return self._order_by_readable(field, alias, direction, nulls, query)

    def _order_by_readable(self, field, alias, direction, nulls, query):
        """Return the order of what ``field`` refers to, as far as the user may read it.

        The arguments are those of ``_order_field_to_sql``.
        """
        column = self._field_to_sql(alias, field.name, query)
        comodel = self.env[field.comodel_name].with_context(active_test=False)
        if not comodel.has_access("read"):
            query._order_groupby.append(column)
            return SQL("%s %s %s", column, direction, nulls)
        readable = comodel._search([])
        coalias = query.make_alias(alias, f"{field.name}__readable")
        identifier = SQL.identifier(coalias, "id")
        query.add_join(
            "LEFT JOIN",
            coalias,
            readable.subselect(SQL("%s.*", SQL.identifier(readable.table))),
            SQL("%s = %s", column, identifier),
        )
        reverse = direction.code == "DESC"
        order = comodel._order_to_sql(
            comodel._order, query, alias=coalias, reverse=reverse
        )
        # what is not read has no order but that of its number, which anybody sees
        query._order_groupby.append(column)
        order = SQL("%s, %s %s", order, column, direction)
        if nulls.code not in ("NULLS FIRST", "NULLS LAST"):
            return order
        test = "%s IS NOT NULL, %s" if nulls.code == "NULLS FIRST" else "%s IS NULL, %s"
        return SQL(test, column, order)
