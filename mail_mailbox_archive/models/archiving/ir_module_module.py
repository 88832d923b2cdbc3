from odoo import models
from odoo.tools import SQL

ADD_ON = "mail_mailbox_archive"


class IrModuleModule(models.Model):
    """Archived emails outlive the app of the record they were archived to."""

    _inherit = "ir.module.module"

    def module_uninstall(self):
        # before the tables go: afterwards nobody knows what the records were called
        if ADD_ON not in self.mapped("name"):
            # sudo: what is archived stays, whoever uninstalls the app
            links = self.env["mail.mailbox.link"].sudo()
            links._lose_models(self._get_own_models())
        return super().module_uninstall()

    def _get_own_models(self):
        """Return the names of the models that go with these modules."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT model.model FROM ir_model AS model
                  JOIN ir_model_data AS data
                    ON data.model = 'ir.model' AND data.res_id = model.id
              GROUP BY model.id HAVING bool_and(data.module = ANY(%s))
                """,
                self.mapped("name"),
            )
        )
        return [name for (name,) in rows]


class IrModel(models.Model):
    """Archived emails outlive a custom model that somebody deletes."""

    _inherit = "ir.model"

    def unlink(self):
        manual = self.filtered(lambda model: model.state == "manual")
        if manual and "mail.mailbox.link" in self.env:
            # sudo: what is archived stays, whoever deletes the model
            links = self.env["mail.mailbox.link"].sudo()
            links._lose_models(manual.mapped("model"))
        return super().unlink()
