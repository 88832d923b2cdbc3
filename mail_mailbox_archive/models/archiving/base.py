from odoo import models
from odoo.tools import SQL

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG

from .ir_module_module import ADD_ON
from .record_detail import DELETED


class Base(models.AbstractModel):
    """A record that is deleted leaves what was archived to it readable."""

    _inherit = "base"

    def unlink(self):
        if not (self.ids and self._holds_archived_mail()):
            return super().unlink()
        # sudo: what is archived stays, whoever deletes the record
        links = self.env["mail.mailbox.link"].sudo()
        farewell = links._take_farewell(self)
        result = super().unlink()
        links._watch_deleted(self)
        # some models deactivate what they are told to delete
        if farewell and (gone := set(self.ids) - set(self.exists().ids)):
            links._lose_all(farewell.of(gone), DELETED)
        return result

    def _holds_archived_mail(self):
        return (
            not self._abstract
            and "mail.mailbox.link" in self.env
            and not self._goes_with_us()
            and self._name
            in self.env["mail.mailbox.record.type"]._get_known_model_names()
        )

    def _goes_with_us(self):
        """Return whether this add-on is being uninstalled: its tables may be gone."""
        if not self.env.context.get(MODULE_UNINSTALL_FLAG):
            return False
        ours = SQL("SELECT state FROM ir_module_module WHERE name = %s", ADD_ON)
        return self.env.execute_query(ours) != [("installed",)]
