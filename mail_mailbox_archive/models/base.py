from odoo import models

from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG


class Base(models.AbstractModel):
    """A record takes its archive links with it when it is deleted; the mail stays."""

    _inherit = "base"

    def unlink(self):
        ids = self.ids if self._holds_archived_mail() else []
        result = super().unlink()
        if ids:
            # sudo: links go with their record, whoever deletes it
            links = (
                self.env["mail.mailbox.link"]
                .sudo()
                .search([("res_model", "=", self._name), ("res_id", "in", ids)])
            )
            links._remove()
        return result

    def _holds_archived_mail(self):
        # not while an app is uninstalled: our own tables may be gone already, and what
        # is left of others the nightly cleaning removes
        return (
            not self._abstract
            and not self.env.context.get(MODULE_UNINSTALL_FLAG)
            and "mail.mailbox.link" in self.env
            and self._name
            in self.env["mail.mailbox.record.type"]._get_known_model_names()
        )
