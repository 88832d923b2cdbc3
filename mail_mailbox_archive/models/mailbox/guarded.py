from collections import defaultdict
from contextlib import suppress

from odoo import api, fields, models
from odoo.api import SUPERUSER_ID
from odoo.exceptions import AccessError
from odoo.fields import Domain

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .stored_names import STORING

OURS = "mail_mailbox_archive"


def with_refused(result, others, refuse):
    """Return the ``result`` of ``_check_access`` with ``others`` refused as well.

    Whatever refuses some records, the rest is asked about: Odoo takes it for allowed.
    """
    if not others:
        return result
    return (others | result[0]) if result else others, refuse


class ToldName(fields.Char):
    """A display name that only those see who may read the record.

    Odoo computes the names of relations as the system, for whoever asks. So it is the
    person behind the environment who counts here, also under ``sudo``; everybody else,
    and the superuser, whose work nobody reads as themselves, is told a neutral name.
    """

    def get_depends(self, model):
        depends, context = super().get_depends(model)
        return depends, (*context, "uid", "lang", "allowed_company_ids")

    def __get__(self, record, owner=None):
        if record and record.env.cr.cache.get(STORING):
            return record._get_neutral_name()
        return super().__get__(record, owner)

    def compute_value(self, records):
        readable = records._filtered_told()
        if others := records - readable:
            self._update_cache(others, others._get_neutral_name())
        return super().compute_value(readable) if readable else None


class MailMailboxSystemFields(models.AbstractModel):
    """What is declared ``readonly`` is written by the system alone.

    Odoo takes ``readonly`` for a matter of forms; on a field of ours it is refused to
    every caller, whatever their rights, and takes no default from anybody's context or
    settings. Our own code writes it under ``sudo``, after its checks.
    """

    _name = "mail.mailbox.system.fields"
    _description = "Fields that the System Writes"

    #: Of such a model every field is the system's.
    _written_by_system = False

    @api.model
    def _is_system_field(self, field):
        return any(name.startswith(OURS) for name in field._modules) and (
            field.readonly
            or self._written_by_system
            or field.groups == fields.NO_ACCESS
        )

    def _has_field_access(self, field, operation):
        if operation == "write" and not self.env.su and self._is_system_field(field):
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        # a default in the context may be left over from another form: it is ignored
        context = self.env.context
        heard = {
            key: value
            for key, value in context.items()
            if not key.startswith("default_") or not self._get_system([key[8:]])
        }
        env = self.env
        if len(heard) < len(context):
            self = self.with_env(env(context=heard))
        return super().create(vals_list).with_env(env)

    def unlink(self):
        # this word, by which Odoo asks nothing of what must not be removed, is the
        # superuser's, who uninstalls apps: anybody can write it into a context
        context = self.env.context
        if context.get(MODULE_UNINSTALL_FLAG) and self.env.uid != SUPERUSER_ID:
            self = self.with_context(**{MODULE_UNINSTALL_FLAG: False})
        return super().unlink()

    @api.model
    def _get_system(self, names):
        """Return those of the ``names`` that are of fields of the system."""
        known = [name for name in names if name in self._fields]
        return [one for one in known if self._is_system_field(self._fields[one])]

    @api.model
    def default_get(self, fields_list):
        system = self._get_system(fields_list)
        values = super().default_get([one for one in fields_list if one not in system])
        for name in system:
            field = self._fields[name]
            if field.default:
                value = field.convert_to_cache(field.default(self), self, False)
                values[name] = field.convert_to_write(value, self)
        return values


class MailMailboxGuarded(models.AbstractModel):
    """What every model of ours keeps, whatever it is for.

    Only its readers see its name; only the system writes the fields of the system;
    a reference that a caller hands in is one they may read; and what is one person's,
    as a form being filled, or the system's is shown to nobody else, whatever record
    rules and rights of access say. Each is decided here and nowhere else, so that a
    model or a field of tomorrow keeps it as well.
    """

    _name = "mail.mailbox.guarded"
    _inherit = "mail.mailbox.system.fields"
    _description = "Kept by the Rules for Archived Emails"
    #: The field of the person who alone sees a row.
    _owner_field = None
    #: Nobody sees a row of such a model.
    _of_the_system = False

    display_name = ToldName()
    # By the person's uid alone, also under sudo; never for a caller to ask.
    may_be_read = fields.Boolean(
        compute="_compute_may_be_read", compute_sudo=True, groups=fields.NO_ACCESS
    )

    # Names

    @api.model
    def _get_neutral_name(self):
        """Return the name shown to those who may not read the record."""
        return self.env._("Email")

    def _filtered_told(self):
        """Return the records whose names the person behind the environment may see."""
        # sudo: it says for the person whether they may read it, whoever asks
        return self.filtered(
            lambda one: not one._origin or one._origin.sudo().may_be_read
        )

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_may_be_read(self):
        self.may_be_read = False
        if self.env.uid == SUPERUSER_ID:
            return
        person = self.sudo(False).with_context(active_test=False)
        # no right to the model, or companies that are not theirs
        with suppress(AccessError):
            self.browse(person._find_readable().ids).may_be_read = True

    def _find_readable(self):
        """Return those of these records that the user may read, by no more queries."""
        if self._determine_fields_to_fetch(["display_name"], True):
            # with what the name is made of, or that would be one more
            here = [("id", "in", self.ids)]
            return self.search_fetch(here, ["display_name"], order="id")
        return self._keep_readable()

    def _keep_readable(self):
        return self._filtered_access("read")

    def _fetch_query(self, query, fields):
        fetched = super()._fetch_query(query, fields)
        if fetched and not self.env.su:
            # the query held the access rule
            field = self._fields["may_be_read"]
            field._insert_cache(fetched, [True] * len(fetched))
        return fetched

    # Whose alone they are

    @api.model
    def _get_owner_field(self):
        """Return the field of the one person who has a row; a form is its filler's."""
        return self._owner_field or ("create_uid" if self._transient else None)

    @api.model
    def _get_own_domain(self, owner):
        """Return the domain of the rows that are the user's to read.

        :param owner: as of :meth:`_get_owner_field`
        """
        return Domain(owner, "=", self.env.uid)

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access):
            if self._of_the_system:
                domain = Domain.FALSE
            elif owner := self._get_owner_field():
                domain = Domain(domain) & self._get_own_domain(owner)
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su:
            return result
        others = self._filtered_of_others()
        return with_refused(result, others, others._refuse_others)

    def _filtered_of_others(self):
        """Return those of these that no right of access gives to the user."""
        if self._of_the_system:
            return self.filtered("id")
        if not (owner := self._get_owner_field()):
            return self.browse()
        # sudo: whose it is
        return self.filtered(lambda one: one.id and one.sudo()[owner] != self.env.user)

    def _refuse_others(self):
        if self._transient:
            return AccessError(self.env._("Somebody else is filling in this form."))
        return AccessError(self.env._("You may not see this, or it does not exist."))

    # References

    @api.model_create_multi
    def create(self, vals_list):
        self._check_references(vals_list)
        records = super().create(vals_list)
        records._check_named_records()
        return records

    def write(self, vals):
        self._check_references([vals])
        result = super().write(vals)
        if any(
            name in vals or field.model_field in vals
            for name, field in self._fields.items()
            if field.type == "many2one_reference"
        ):
            self._check_named_records()
        return result

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        self._check_references([values])
        return values

    def onchange(self, values, field_names, fields_spec):
        self._check_references([values])
        return super().onchange(values, field_names, fields_spec)

    def _check_references(self, vals_list):
        """Refuse values with references to what the caller may not read.

        :param vals_list: dicts of values as of ``create``, ``write`` and ``onchange``
        :raises AccessError: one of them is not readable, and was not there before
        """
        if self.env.su:
            return
        given = defaultdict(set)
        for vals in vals_list:
            self._collect_references(vals, given)
        for model, ids in given.items():
            records = self.env[model].browse(ids)
            # what the record refers to already was checked when it was put there
            if _find_readable(records) != records:
                (records - self._get_referred(model, vals_list)).check_access("read")

    def _get_referred(self, model, vals_list):
        """Return the records of ``model`` that these refer to by the same fields."""
        referred = self.env[model]
        names = {name for vals in vals_list for name in vals if name in self._fields}
        for name in names:
            field = self._fields[name]
            if field.comodel_name == model and field.relational:
                # sudo: only to compare, whatever the caller may read of it
                referred |= self._origin.sudo().mapped(name).sudo(False)
        return referred

    def _check_named_records(self):
        """Refuse records that are named by model and id and not the caller's to read.

        Afterwards: their model may be the result of another field that was written.
        """
        if self.env.su:
            return
        for field in self._fields.values():
            if field.type != "many2one_reference" or self._is_system_field(field):
                continue
            for record in self.sudo().filtered(field.name):  # sudo: as in _get_referred
                model = record[field.model_field]
                if model in self.env:
                    self.env[model].browse(record[field.name]).check_access("read")

    @api.model
    def _collect_references(self, vals, given):
        """Add the ids that ``vals`` refer to, to the sets of ``given`` by model."""
        for name, value in vals.items():
            field = self._fields.get(name)
            if not field or not value:
                continue
            if field.type in ("one2many", "many2many"):
                self._collect_from_commands(field.comodel_name, value, given)
            elif field.type == "many2one":
                self._collect_from_value(field.comodel_name, value, given)
            elif field.type == "reference":
                model, _comma, res_id = _as_reference(value).partition(",")
                if model in self.env and res_id.isdigit():
                    given[model].add(int(res_id))

    @api.model
    def _collect_from_value(self, model, value, given):
        if isinstance(value, dict):
            # a form hands in the values of the record that a line belongs to
            given[model].update(_as_ids(value.get("id")))
            self._collect_nested(model, value, given)
        else:
            given[model].update(_as_ids(value))

    @api.model
    def _collect_from_commands(self, model, value, given):
        if isinstance(value, models.BaseModel):
            given[model].update(value.ids)
            return
        for command in value:
            if not isinstance(command, (list, tuple)):
                given[model].update(_as_ids(command))
                continue
            kind, *rest = command
            if kind in (fields.Command.UPDATE, fields.Command.LINK):
                given[model].update(_as_ids(rest[0]))
            elif kind == fields.Command.SET:
                given[model].update(one for ids in rest[1] for one in _as_ids(ids))
            if kind in (fields.Command.CREATE, fields.Command.UPDATE):
                self._collect_nested(model, rest[1], given)

    @api.model
    def _collect_nested(self, model, vals, given):
        nested = self.env[model]
        if hasattr(nested, "_collect_references"):
            nested._collect_references(vals, given)


def _find_readable(records):
    """Return those of ``records`` that the user may read; of ours asked once only."""
    if hasattr(records, "_filtered_told"):
        return records._filtered_told()
    return records._filtered_access("read")


def _as_ids(value):
    """Return the database ids of a value of a relation to one record."""
    if isinstance(value, models.BaseModel):
        return value.ids
    if isinstance(value, (list, tuple)):
        value = value[0] if value else False
    return [value] if isinstance(value, int) and value > 0 else []


def _as_reference(value):
    if isinstance(value, models.BaseModel):
        return f"{value._name},{value.id}"
    return str(value)
