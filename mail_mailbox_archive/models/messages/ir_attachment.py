import contextlib
import logging
import os
from pathlib import Path

from odoo import api, models, tools
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class IrAttachment(models.Model):
    """What is ours among Odoo's files: stored emails, and files of unsaved forms.

    The bytes of a message are read by its own methods alone: what version 1 stored
    holds more than all who may read the message may see. A file that was uploaded to a
    draft or form that is not saved yet is its uploader's, where Odoo gives all such
    files to Settings administrators.
    """

    _inherit = "ir.attachment"

    @api.model
    def _search(self, domain, *args, bypass_access=False, **kwargs):
        if not (self.env.su or bypass_access) and self.env.is_system():
            # all others are held off by Odoo
            domain = Domain(domain) & ~self._get_closed_domain()
        return super()._search(domain, *args, bypass_access=bypass_access, **kwargs)

    def _check_access(self, operation):
        result = super()._check_access(operation)
        if self.env.su or not any(self._ids):
            return result
        forbidden = result[0] if result else self.browse()
        # sudo: to what an attachment belongs, which was read just now
        forbidden |= self.sudo().filtered_domain(self._get_closed_domain())
        if not forbidden:
            return None
        refuse = result[1] if result else self._refuse_closed
        return forbidden.sudo(False), refuse

    @api.model
    def _get_closed_domain(self):
        """Return the domain of the files that the user does not read as files."""
        # no condition of Odoo's: by the fields that those name it limits its search
        return Domain.custom(to_sql=self._get_closed_sql, predicate=self._is_closed)

    @api.model
    def _get_closed_sql(self, _attachment, alias, _query):
        names = ("res_model", "res_id", "res_field", "create_uid")
        return SQL(
            "(%(res_model)s = 'mail.mailbox.message' AND %(res_field)s = 'source'"
            " OR %(res_model)s = ANY(%(ours)s) AND coalesce(%(res_id)s, 0) = 0"
            " AND %(create_uid)s IS DISTINCT FROM %(user)s) IS TRUE",
            ours=self._get_guarded_models(),
            user=self.env.uid,
            **{
                name: SQL.identifier(alias, name, to_flush=self._fields[name])
                for name in names
            },
        )

    @api.model
    def _is_closed(self, file):
        if file.res_model == "mail.mailbox.message" and file.res_field == "source":
            return True
        ours = not file.res_id and file.res_model in self._get_guarded_models()
        return ours and file.create_uid != self.env.user

    @api.model
    @tools.ormcache()
    def _get_guarded_models(self):
        models_here = self.env.items()
        return [name for name, one in models_here if hasattr(one, "_filtered_told")]

    def _filtered_uploaded(self):
        """Return the files that the user uploaded to a form for an import of emails."""
        # sudo: of whom and of what they are; the user may read them
        return self.filtered(
            lambda one: one.sudo().create_uid == self.env.user
            and one.sudo().res_model in (False, "mail.mailbox.import.wizard")
            and not one.sudo().res_field
        )

    def _refuse_closed(self):
        # sudo: of what kind it is that was refused
        if all(self.sudo().mapped("res_id")):
            return AccessError(
                self.env._("An email is downloaded from the email itself.")
            )
        return AccessError(
            self.env._("Somebody else uploaded this file and has not saved it yet.")
        )

    @api.model
    def _get_path(self, bin_data, sha):
        """Return where the file store keeps ``bin_data``.

        A process that was killed while it wrote leaves a file that is not what its name
        says. Odoo takes that for a collision and would refuse the same mail for ever;
        such a file is rewritten.
        """
        try:
            return super()._get_path(bin_data, sha)
        except UserError:
            path = self._full_path(f"{sha[:2]}/{sha}")
            # gone by now, when another process found it as well
            with contextlib.suppress(FileNotFoundError):
                if self._compute_checksum(Path(path).read_bytes()) == sha:
                    raise
                _logger.info("The file %s was written to half and is replaced", sha)
                os.unlink(path)
            return super()._get_path(bin_data, sha)
