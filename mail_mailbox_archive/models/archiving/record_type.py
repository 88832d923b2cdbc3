import logging

from odoo import api, fields, models, tools
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.safe_eval import safe_eval
from odoo.tools.sql import table_columns

from ..mailbox.narrowing import refuse_named
from .delivered_types import DELIVERED

_logger = logging.getLogger(__name__)

#: Parameter of the system: the XML ids of the types that were delivered.
GIVEN = "mail_mailbox_archive.delivered_types"

#: Models whose search filters in Python: as an archive target each search would
#: evaluate their whole table.
UNSEARCHABLE = (
    "mail.message",
    "mail.activity",
    "ir.attachment",
    "mail.scheduled.message",
)


class MailMailboxRecordType(models.Model):
    """A kind of record that mail is archived to, as people call it.

    Two kinds may share a model: Companies and Contacts are both ``res.partner``.
    """

    _name = "mail.mailbox.record.type"
    _inherit = "mail.mailbox.guarded"
    _description = "Record Type for Archived Emails"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=100)
    model_id = fields.Many2one(
        "ir.model",
        "Model",
        # without one while the app that defines the model is uninstalled
        ondelete="set null",
        domain=[("transient", "=", False), ("abstract", "=", False)],
    )
    res_model = fields.Char(
        "Model name", compute="_compute_res_model", store=True, index=True
    )
    domain = fields.Char(
        default="[]", required=True, help="Which records of the model."
    )
    suggest = fields.Boolean(
        default=True,
        help="Records of this type are suggested if their name or number appears in "
        "an email.",
    )
    follow = fields.Boolean(
        "Follow conversations",
        help="If an email is archived to a record of this type, later emails of its "
        "conversation are archived there as well, unless the user unticks it.",
    )

    @api.model
    def _get_neutral_name(self):
        return self.env._("Record type")

    @api.depends("model_id")
    def _compute_res_model(self):
        for record_type in self:
            # a model that is uninstalled may come back
            name = record_type.model_id.model or record_type.res_model
            record_type.res_model = name

    @api.constrains("model_id")
    def _check_model(self):
        for record_type in self.filtered("model_id"):
            if reason := self._get_refusal(record_type.res_model):
                raise ValidationError(reason)

    @api.constrains("domain", "model_id")
    def _check_domain(self):
        for record_type in self.filtered("model_id"):
            try:
                # sudo: only whether the domain can be searched with is asked
                self.env[record_type.model_id.model].sudo()._search(
                    record_type._get_domain()
                )
            except Exception as error:
                raise ValidationError(
                    self.env._(
                        "The domain of “%(name)s” cannot be used: %(error)s",
                        name=record_type.name,
                        error=error,
                    )
                ) from error

    @api.model
    def _get_refusal(self, model_name):
        """Return why mail cannot be archived to records of a model, or None."""
        model = self.env.get(model_name)
        if model is None or model._abstract or model._transient or not model._auto:
            return self.env._(
                "Emails can be archived only to stored records. “%s” has none.",
                model_name,
            )
        if model_name.startswith("mail.mailbox") or model_name in UNSEARCHABLE:
            return self.env._(
                "Emails cannot be archived to records of “%s”.", model_name
            )
        # sudo: internal users do not read views
        views = self.env["ir.ui.view"].sudo()
        if not views.search_count(
            [("model", "=", model_name), ("type", "=", "form")], limit=1
        ):
            return self.env._(
                "“%s” has no form, so nobody could open the archived emails' records.",
                model._description,
            )
        return None

    @api.model_create_multi
    def create(self, vals_list):
        record_types = super().create(vals_list)
        if not all(record_types.mapped("res_model")):
            raise ValidationError(self.env._("Choose the model of the records."))
        self._forget_models()
        return record_types

    def write(self, vals):
        if vals.get("model_id"):
            name = self.env["ir.model"].browse(vals["model_id"]).model
            self.filtered(lambda kind: kind.res_model != name)._refuse_in_use()
        result = super().write(vals)
        self._forget_models()
        return result

    def unlink(self):
        result = super().unlink()
        # afterwards: while it is deleted, what is known is asked once more
        self._forget_models()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        self._refuse_in_use()
        refuse_named(self)

    def _refuse_in_use(self):
        """Refuse to take away a model that emails are archived to.

        Without a record type of theirs nobody could open them on their records.
        """
        # sudo: links that the person may not see count as well
        links = self.env["mail.mailbox.link"].sudo()
        for record_type in self:
            if links.search_count([("res_model", "=", record_type.res_model)], limit=1):
                raise UserError(
                    self.env._(
                        "Emails are archived to “%s”. Deactivate the record type "
                        "instead: it is no longer offered, and archived emails stay "
                        "readable.",
                        record_type.name,
                    )
                )

    def _forget_models(self):
        # forms change their tab with the record types
        self.env.registry.clear_cache("default", "templates")

    @api.model
    def _get_offered_domain(self):
        """Return the domain of the types whose app is installed."""
        return Domain("model_id", "!=", False)

    def _get_domain(self):
        self.ensure_one()
        return Domain(safe_eval(self.domain or "[]"))

    @api.model
    def _get_model_names(self):
        """Return the models that hold archived mail and exist in this database.

        Those of deactivated types too: what was archived to them stays readable.
        """
        return [name for name in self._get_known_model_names() if name in self.env]

    @api.model
    @tools.ormcache()
    def _get_known_model_names(self):
        # in SQL: asked whenever any record is deleted, also when this add-on is being
        # uninstalled and its columns are gone
        if "res_model" not in table_columns(self.env.cr, self._table):
            return ()
        self.flush_model(["res_model"])
        rows = self.env.execute_query(
            SQL(
                "SELECT res_model FROM %s WHERE res_model IS NOT NULL"
                " GROUP BY res_model ORDER BY min(id)",
                SQL.identifier(self._table),
            )
        )
        return tuple(name for (name,) in rows)

    def _register_hook(self):
        super()._register_hook()
        if self.env.registry.updated_modules:
            self._return_types()
            self._deliver()

    @api.model
    def _return_types(self):
        """Restore the models of record types whose app was reinstalled."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "UPDATE %s AS kind SET model_id = model.id FROM ir_model AS model"
                " WHERE kind.model_id IS NULL AND kind.res_model = model.model"
                " RETURNING kind.id",
                SQL.identifier(self._table),
            )
        )
        if rows:
            self.invalidate_model()
            types = self.browse([record_id for (record_id,) in rows])
            types._index_names()
            self._forget_models()

    @api.model
    def _deliver(self):
        """Create the delivered types whose app is installed, each of them once.

        What was delivered is remembered, so that a type that somebody deleted stays so.
        """
        # sudo: which types were delivered is no secret, and no person's to change
        parameters = self.env["ir.config_parameter"].sudo()
        given = set((parameters.get_param(GIVEN) or "").split())
        before = set(given)
        for xml_id, kind in DELIVERED.items():
            if xml_id in given or kind.model not in self.env:
                continue
            full_id = f"mail_mailbox_archive.{xml_id}"
            if self.env.ref(full_id, raise_if_not_found=False):
                # of a version that remembered nothing
                given.add(xml_id)
            elif reason := self._get_refusal(kind.model):
                # whatever an app did to its model must not stop its installation
                _logger.warning("No record type for %s: %s", kind.model, reason)
            else:
                self._deliver_one(full_id, kind)
                given.add(xml_id)
        if given != before:
            parameters.set_param(GIVEN, " ".join(sorted(given)))

    @api.model
    def _deliver_one(self, full_id, kind):
        english = self.with_context(lang="en_US")
        record_type = english.create(
            {
                "name": english.env._(kind.label),
                "model_id": self.env["ir.model"]._get_id(kind.model),
                "domain": repr(kind.domain),
                "sequence": kind.sequence,
                "suggest": kind.suggest,
            }
        )
        for code, _name in self.env["res.lang"].get_installed():
            translated = record_type.with_context(lang=code)
            translated.name = translated.env._(kind.label)
        # also over an XML id that an earlier version left behind
        known = {"xml_id": full_id, "record": record_type, "noupdate": True}
        self.env["ir.model.data"]._update_xmlids([known])
