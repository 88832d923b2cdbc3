from dataclasses import dataclass

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..mailbox.reader import compose, one_by_one

#: What became of the record that a message was archived to.
THERE, DELETED, UNINSTALLED = "there", "deleted", "uninstalled"


_ALL = SQL("TRUE")


class MailMailboxRecordDetail(models.AbstractModel):
    """A row about a message and a record that outlives the record.

    It knows the record that it was made for: model, number and the moment the record
    was made. So another one with the same number, as an app that is installed once
    more makes it, is not taken for the one that is gone.

    It is read by who may read the message and open the record. Once the record is gone,
    by who archived the message, if they could open the record until then, and by mail
    administrators; of a private mailbox by its people only.
    """

    _name = "mail.mailbox.record.detail"
    _inherit = "mail.mailbox.message.detail"
    _description = "Detail of an Email and a Record"

    res_model = fields.Char("Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Record ID", model_field="res_model", readonly=True
    )
    res_name = fields.Char(
        "Email attached to", readonly=True, help="The record's last name."
    )
    res_create_date = fields.Datetime("Record created on", readonly=True)
    record_state = fields.Selection(
        [
            (THERE, "There"),
            (DELETED, "Record deleted"),
            (UNINSTALLED, "App uninstalled"),
        ],
        "State of the record",
        default=THERE,
        required=True,
        readonly=True,
    )
    gone_at = fields.Datetime("Deleted since", readonly=True)
    gone_by_id = fields.Many2one("res.users", "Deleted by", readonly=True)
    keeper_id = fields.Many2one(
        "res.users",
        readonly=True,
        help="The person who archived the email, if they could open the record until "
        "it was deleted.",
    )
    company_id = fields.Many2one(
        "res.company", "Company of the deleted record", readonly=True
    )
    mailbox_id = fields.Many2one("mail.mailbox", "Archived from", readonly=True)

    @api.model
    def _get_read_domain(self):
        return super()._get_read_domain() & self._get_showing_domain()

    @api.model
    def _get_record_domain(self):
        """Return the domain of the rows whose record the user may read.

        One arm per model, an ``EXISTS`` over that model's own search, so that its
        record rules hold in SQL. Never an ``OR`` of ``IN``: PostgreSQL scans the whole
        sub-query per row when it outgrows the working memory.
        """
        arms = []
        for model in self._get_target_models():
            if model.has_access("read"):
                arms.append(self._get_arm(model) & Domain.custom(to_sql=_is_in(model)))
        return Domain.OR(arms)

    @api.model
    def _get_arm(self, model):
        """Return the domain of rows about records of ``model`` not known to be gone."""
        return Domain("res_model", "=", model._name) & Domain(
            "record_state", "=", THERE
        )

    @api.model
    def _get_target_models(self):
        """Return the models that hold archived mail, each as an empty recordset."""
        names = self.env["mail.mailbox.record.type"]._get_model_names()
        models = [self.env[name].with_context(active_test=False) for name in names]
        return [model for model in models if not (model._abstract or model._transient)]

    @api.model
    def _get_kept_domain(self):
        """Return the domain of the rows that the user reads without their record."""
        gone = Domain("record_state", "!=", THERE)
        if self.env["mail.mailbox"]._is_manager():
            kept = gone | self._get_lost_domain()
        else:
            kept = gone & Domain("keeper_id", "=", self.env.uid)
        companies = Domain("company_id", "in", [False, *self.env.companies.ids])
        # any!: of a mailbox that one cannot see its company counts as well
        mailboxes = Domain("mailbox_id", "any!", companies)
        return kept & companies & (Domain("mailbox_id", "=", False) | mailboxes)

    @api.model
    def _get_lost_domain(self):
        """Return the domain of the rows whose record went without anybody noticing.

        The database deleted it along with another, or somebody did by SQL.
        """
        models = self._get_target_models()
        names = [model._name for model in models]
        # of an app whose code is missing
        lost = [
            Domain("record_state", "=", THERE) & Domain("res_model", "not in", names)
        ]
        for model in models:
            is_there = Domain.custom(to_sql=_is_there(model))
            lost.append(self._get_arm(model) & ~is_there)
        return Domain.OR(lost) & Domain("res_model", "!=", False)

    @api.model
    def _get_mailbox_domain(self):
        """Return the domain of rows that no private mailbox keeps from the user."""
        # any!: whether a mailbox is private is asked about mailboxes one cannot see too
        return Domain("mailbox_id", "=", False) | Domain(
            "mailbox_id",
            "any!",
            Domain("private", "=", False) | Domain("user_ids", "in", self.env.user.ids),
        )

    @api.model
    def _get_showing_domain(self):
        """Return the domain of the rows that show the user a message, roles apart."""
        records = self._get_record_domain() | self._get_kept_domain()
        return records & self._get_mailbox_domain()

    @api.model
    def _search_about(self, records):
        """Return the rows about ``records``, not about any that had their numbers."""
        if not records.ids:
            return self.browse()
        return self.search(self._get_about_domain(records))

    @api.model
    def _get_about_domain(self, records):
        is_there = Domain.custom(to_sql=_is_there(records))
        return self._get_arm(records) & Domain("res_id", "in", records.ids) & is_there

    def _is_governed(self):
        """Return whether the user may change this row, no matter who made it."""
        self.ensure_one()
        mailboxes = self.env["mail.mailbox"]
        if self.env.su or mailboxes._is_manager():
            return True
        # sudo: whether one belongs to the mailbox, also to a deactivated one
        return self.env.user in self.sudo().mailbox_id.user_ids

    def _get_record(self):
        """Return the record of the row, as the user; None when it is gone."""
        self.ensure_one()
        if self.record_state != THERE or self.res_model not in self.env:
            return None
        record = self.env[self.res_model].browse(self.res_id).exists()
        # sudo: whether it is the same record is asked, not what is in the row
        return record if record and self in self.sudo()._search_about(record) else None

    def _get_present_names(self):
        """Return what the records are called now, of those rows whose record is there.

        In the language of the user.
        """
        names = {}
        for model, rows in self.grouped("res_model").items():
            if model not in self.env:
                continue
            records = self.env[model].browse(set(rows.mapped("res_id")))
            # sudo: the row itself is read only by who may open its record
            present = self & self.sudo()._search_about(records).sudo(False)
            for row in present:
                names[row] = records.browse(row.res_id).sudo().display_name
        return names

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._note_records()
        return rows

    def _note_records(self):
        """Note the records' names and when they were created."""
        for name, rows in self.filtered("res_model").grouped("res_model").items():
            if name not in self.env:
                continue
            records = self.env[name].browse(set(rows.mapped("res_id")))
            # sudo: the name is read only by who may read the row
            described = describe(records.sudo())
            rows.sudo()._write_records(described, SQL("detail.id = ANY(%s)", rows.ids))

    @api.model
    def _write_records(self, described, which=_ALL):
        """Write what is known of records into the rows about them.

        :param described: what :func:`describe` returns
        :param which: the rows, ``detail``, in SQL; otherwise all
        """
        if not described.ids:
            return
        self.flush_model(["res_model", "res_id", "record_state"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE %s AS detail
                   SET res_name = record.name, res_create_date = record.made
                  FROM unnest(%s::int[], %s::text[], %s::timestamp[])
                    AS record(id, name, made)
                 WHERE detail.res_model = %s AND detail.res_id = record.id
                   AND detail.record_state = %s
                   AND (detail.res_create_date IS NULL
                        OR detail.res_create_date = record.made)
                   AND (detail.res_name, detail.res_create_date)
                       IS DISTINCT FROM (record.name, record.made)
                   AND %s
                """,
                SQL.identifier(self._table),
                described.ids,
                described.names,
                described.made,
                described.model,
                THERE,
                which,
            )
        )
        self.invalidate_model(["res_name", "res_create_date"])


@dataclass(frozen=True, slots=True)
class Described:
    """Records of one model as they are now: in lists that go to the database as such.

    :param made: when each was made, as the database has it
    :param companies: the id of the company of each, or None
    """

    model: str
    ids: list
    names: list
    made: list
    companies: list

    def of(self, ids):
        """Return the same of the records ``ids`` only."""
        rows = zip(self.ids, self.names, self.made, self.companies, strict=True)
        columns = zip(*(row for row in rows if row[0] in ids), strict=True)
        return Described(self.model, *map(list, columns)) if ids else self


def describe(records):
    """Return :class:`Described` of those of ``records`` that exist."""
    records = records.exists()
    created = made_of(records)
    company = records._fields.get("company_id")
    has_company = company is not None and company.type == "many2one"
    return Described(
        model=records._name,
        ids=records.ids,
        names=[record.display_name or None for record in records],
        made=[created.get(record.id) for record in records],
        companies=[has_company and r.company_id.id or None for r in records],
    )


def made_of(records):
    """Return id → when the record was made, to the microsecond."""
    rows = records.env.execute_query(
        SQL(
            "SELECT id, %s FROM %s AS record WHERE id = ANY(%s)",
            _made(records, "record"),
            SQL.identifier(records._table),
            records.ids,
        )
    )
    return dict(rows)


def _made(model, alias):
    field = model._fields.get("create_date")
    if field is None or not field.store:
        return SQL("NULL::timestamp")
    return SQL.identifier(alias, "create_date")


def _same_record(model, record, alias):
    """Return what says in SQL that ``record`` is the one a row was made for."""
    return SQL(
        "%s = %s AND %s IS NOT DISTINCT FROM %s",
        SQL.identifier(record, "id"),
        SQL.identifier(alias, "res_id"),
        _made(model, record),
        SQL.identifier(alias, "res_create_date"),
    )


def _is_in(model):
    """Return what says in SQL that the record of a row is one the user may read."""

    def to_sql(_rows, alias, _query):
        def make():
            query = model._search(Domain.TRUE)
            query.add_where(_same_record(model, model._table, alias))
            return one_by_one(query)

        return compose(model.env, (model._name, alias), make)

    return to_sql


def _is_there(model):
    """Return what says in SQL that the record of a row is there, for whomever."""

    def to_sql(_rows, alias, _query):
        return SQL(
            "EXISTS (SELECT FROM %s AS record WHERE %s OFFSET 0)",
            SQL.identifier(model._table),
            _same_record(model, "record", alias),
        )

    return to_sql


def is_missing(model):
    """Return what says in SQL that the record of a row, ``detail``, is gone."""
    there = _is_there(model)(model, "detail", None)
    return SQL("detail.res_model = %s AND NOT %s", model._name, there)


def is_of_type(kind, alias):
    """Return what says in SQL that a row tells of a record of the record type ``kind``.

    Of one that is gone nobody can say more than of which model it was.
    """
    domain = kind._get_domain()
    of_model = SQL("%s = %s", SQL.identifier(alias, "res_model"), kind.res_model)
    if domain.is_true():
        return of_model
    if kind.res_model not in kind.env:
        return SQL("FALSE")
    # sudo: a rule is about all records of a type, whoever may open them
    model = kind.env[kind.res_model].sudo().with_context(active_test=False)
    query = model._search(domain)
    query.add_where(_same_record(model, model._table, alias))
    return SQL("(%s AND %s)", of_model, one_by_one(query))
