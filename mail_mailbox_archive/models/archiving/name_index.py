import hashlib
import re

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.sql import index_exists, make_identifier

from ...mailcore.addresses import names

#: Records of one model whose name stands in a message that are looked at.
MAX_NAMED = 50
_PREFIX = "mail_mailbox_name_key_"
_DIGIT = re.compile("[0-9]")


def _literal(value):
    return "'{}'".format(value.replace("'", "''"))


def _array(values):
    return f"ARRAY[{', '.join(_literal(value) for value in sorted(values))}]"


def _without_ligatures(expression):
    for ligature, letters in names.LIGATURES.items():
        expression = f"replace({expression}, {_literal(ligature)}, {_literal(letters)})"
    return expression


# names.key() as a function of the database. It uses nothing but built-in functions and
# the collation "C", so that it is immutable: on every server, after every upgrade.
_BODY = f"""
DECLARE
    folded text := left(name, {names.MAX_NAME});
    words text[];
    first int := 1;
    last int;
    size int;
BEGIN
    IF octet_length(folded) > length(folded) THEN
        folded := lower(normalize(folded, NFKD) COLLATE "C");
        folded := regexp_replace(folded, {_literal(names.MARKS)}, '', 'g');
        folded := translate(
            folded,
            {_literal("".join(names.LETTERS))},
            {_literal("".join(names.LETTERS.values()))}
        );
        folded := {_without_ligatures("folded")};
    ELSE
        folded := lower(folded COLLATE "C");
    END IF;
    IF position('.' in folded) > 0 THEN
        folded := regexp_replace(folded, {_literal(names.ABBREVIATION)}, '\\1', 'g');
    END IF;
    folded := regexp_replace(folded, {_literal(f"[{names.SEPARATORS}]+")}, ' ', 'g');
    words := string_to_array(btrim(folded, ' '), ' ');
    last := cardinality(words);
    LOOP
        size := least({names.MAX_FORM}, last - first);
        WHILE size > 0 AND array_to_string(words[last - size + 1:last], ' ')
                <> ALL ({_array(names.ENDINGS)}) LOOP
            size := size - 1;
        END LOOP;
        EXIT WHEN size <= 0;
        last := last - size;
    END LOOP;
    LOOP
        size := least({names.MAX_FORM}, last - first);
        WHILE size > 0 AND array_to_string(words[first:first + size - 1], ' ')
                <> ALL ({_array(names.BEGINNINGS)}) LOOP
            size := size - 1;
        END LOOP;
        EXIT WHEN size <= 0;
        first := first + size;
    END LOOP;
    IF length(array_to_string(words[first:last], ' ')) < {names.MIN_BARE} THEN
        first := 1;
        last := cardinality(words);
    END IF;
    last := least(last, first + {names.MAX_WORDS} - 1);
    RETURN left(array_to_string(words[first:last], ' '), {names.MAX_NAME});
END
"""
# Another definition is another function: an index never mixes keys of two definitions.
_FUNCTION = _PREFIX + hashlib.sha256(_BODY.encode()).hexdigest()[:12]


def name_key(value):
    """Return the SQL expression of the key of a name, as the indexes are made on it."""
    return SQL('(%s(%s) COLLATE "C")', SQL.identifier(_FUNCTION), value)


def drop_name_functions(cr, keep=""):
    """Remove the functions of other versions than ``keep``, with their indexes."""
    cr.execute(
        "SELECT oid::regprocedure::text FROM pg_proc"
        " WHERE starts_with(proname, %s) AND proname <> %s",
        [_PREFIX, keep],
    )
    for (function,) in cr.fetchall():
        cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))


class MailMailboxRecordType(models.Model):
    """Finds records by the names and numbers in a message.

    The names are indexed in their own tables by a key that case, diacritics,
    punctuation and legal forms do not change. A lookup is therefore always current and
    nothing is held in the memory of a worker.
    """

    _inherit = "mail.mailbox.record.type"

    def init(self):
        drop_name_functions(self.env.cr, keep=_FUNCTION)
        self.env.cr.execute(
            SQL(
                "CREATE OR REPLACE FUNCTION %s(name text) RETURNS text LANGUAGE plpgsql"
                # the price makes PostgreSQL use the index rather than compute keys
                " IMMUTABLE STRICT PARALLEL SAFE COST 10000 AS %s",
                SQL.identifier(_FUNCTION),
                _BODY,
            )
        )
        return super().init()

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules:
            self.search([("suggest", "=", True)])._index_names()

    @api.model_create_multi
    def create(self, vals_list):
        record_types = super().create(vals_list)
        record_types._index_names()
        return record_types

    def write(self, vals):
        result = super().write(vals)
        if {"model_id", "active", "suggest"} & vals.keys():
            self._index_names()
        return result

    @api.autovacuum
    def _index_names_of_new_languages(self):
        self.search([("suggest", "=", True)])._index_names()

    def _index_names(self):
        """Index the names of the records of these types, unless already indexed."""
        in_use = self.filtered(lambda t: t.active and t.suggest)
        for name in set(in_use.mapped("res_model")) & set(self.env.registry):
            model = self.env[name]
            field = self._get_name_field(model)
            for language in self._get_indexed_languages(field) if field else ():
                self._create_name_index(model._table, field.name, language)

    def _get_indexed_languages(self, field):
        if not field.translate:
            return [""]
        return [code for code, _name in self.env["res.lang"].get_installed()]

    def _create_name_index(self, table, column, language):
        name = f"mail_mailbox_name_{table}_{column}_{language}".rstrip("_")
        name = make_identifier(name)
        # asked first: CREATE INDEX IF NOT EXISTS locks the table in any case
        if index_exists(self.env.cr, name):
            return
        value = SQL.identifier(column)
        if language:
            value = SQL("(%s ->> %s)", value, language)
        self.env.cr.execute(
            SQL(
                "CREATE INDEX %s ON %s (%s)",
                SQL.identifier(name),
                SQL.identifier(table),
                name_key(value),
            )
        )

    @api.model
    def _get_name_field(self, model):
        """Return the field that names records of ``model``, if it is a stored one."""
        field = model._fields.get(model._rec_name)
        stored = field is not None and field.store and field.type in ("char", "text")
        return field if stored and not callable(field.translate) else None

    @api.model
    def _search_named(self, keys):
        """Return the records of suggested types that ``keys`` name, of each model.

        :param keys: see :meth:`~..mailcore.names.Text.keys`
        :return: list of recordsets that the user may read: of a model at most 50
            records, the longest names first
        """
        keys = {
            "name": "\n".join(keys),
            "number": "\n".join(filter(_DIGIT.search, keys)),
        }
        queries = []
        for types in self._having_named(keys):
            model = self.env[types[:1].res_model]
            queries.append(types._search_named_of_model(model, keys[_kind(model)]))
        return queries

    @api.model
    def _having_named(self, keys):
        """Return the types, by model, in whose table there is any such name.

        One query for all models. The rules of access, which cost more than the lookup,
        are asked only where it finds something.
        """
        by_model = self.search([("suggest", "=", True)]).grouped("res_model")
        arms = [
            _exists_named(self.env[name])
            for name in by_model
            if name in self.env and self._may_search_named(self.env[name])
        ]
        if not arms:
            return []
        rows = self.env.execute_query(
            SQL(
                "WITH keys AS MATERIALIZED (SELECT %s AS name, %s AS number) %s",
                _array_of(keys["name"]),
                _array_of(keys["number"]),
                SQL(" UNION ALL ").join(arms),
            )
        )
        return [by_model[name] for (name,) in rows]

    def _may_search_named(self, model):
        if not (field := self._get_name_field(model)):
            return False
        return model.has_access("read") and model._has_field_access(field, "read")

    def _search_named_of_model(self, model, keys):
        def named(model, alias, _query):
            return _in_keys(model, alias, _array_of(keys))

        model = model.with_context(active_test=True)
        of_types = Domain.OR(record_type._get_domain() for record_type in self)
        query = model._search(of_types & Domain.custom(to_sql=named))
        name = self._get_name_field(model).name
        query.order = SQL(
            "length(%s) DESC, %s",
            model._field_to_sql(model._table, name, query),
            SQL.identifier(model._table, "id"),
        )
        query.limit = MAX_NAMED
        return model.browse(query)


def is_number(records):
    """Return whether records are named by a number, as orders and invoices are.

    A copy of such a record gets a number of its own.
    """
    field = records._fields.get(records._rec_name)
    return field is not None and not field.copy and not field.related


def _kind(model):
    return "number" if is_number(model) else "name"


def _exists_named(model):
    """Return the SQL query of the model's name, if the keys name any of its records."""
    keys = SQL("(SELECT %s FROM keys)::text[]", SQL.identifier(_kind(model)))
    return SQL(
        "SELECT %s WHERE EXISTS (SELECT FROM %s WHERE %s)",
        model._name,
        SQL.identifier(model._table),
        _in_keys(model, model._table, keys),
    )


def _array_of(lines):
    # one literal is read several times faster than thousands of them
    return SQL("string_to_array(%s, E'\\n')", lines)


def _in_keys(model, alias, keys):
    """Return the SQL condition that one of the array ``keys`` names a record."""
    field = model._fields[model._rec_name]
    values = [SQL.identifier(alias, field.name, to_flush=field)]
    if field.translate:
        languages = dict.fromkeys([model.env.lang or "en_US", "en_US"])
        values = [SQL("(%s ->> %s)", values[0], language) for language in languages]
    conditions = [SQL("%s = ANY(%s)", name_key(value), keys) for value in values]
    return SQL("(%s)", SQL(" OR ").join(conditions))
